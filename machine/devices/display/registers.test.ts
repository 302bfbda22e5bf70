import { describe, expect, it } from "vitest";
import { Dispi, DisplayReg, DisplayState, PixelFormat } from "../../../abi/display.ts";
import { PhysFrame } from "../../../abi/layout.ts";
import { Bus } from "../../bus/bus.ts";
import { type TestMachine, testMachine } from "../testing/testMemory.ts";
import { displayFrame } from "./frame.ts";

const BASE = PhysFrame.DISPLAY_REGS * 4096;
const ENABLED = 0x41;
const NO_CLEAR = 0x80;

class Adapter {
  readonly test: TestMachine;
  readonly bus: Bus;

  constructor(vramBytes?: number) {
    this.test = testMachine(vramBytes);
    this.bus = new Bus(this.test.memory, 0);
  }

  get(register: Dispi): number {
    return this.bus.read(BASE + DisplayReg.DISPI + 2 * register, 2);
  }

  set(register: Dispi, value: number): void {
    this.bus.write(BASE + DisplayReg.DISPI + 2 * register, 2, value);
  }

  mode(width: number, height: number, bpp = 32, enable = ENABLED): void {
    this.set(Dispi.XRES, width);
    this.set(Dispi.YRES, height);
    this.set(Dispi.BPP, bpp);
    this.set(Dispi.ENABLE, enable);
  }

  /** The mode in force, in words. */
  shown(): string {
    const frame = displayFrame(this.test.views, this.test.offsets);
    return frame === null
      ? "off"
      : `${frame.width}x${frame.height} base ${frame.base} stride ${frame.stride}`;
  }

  word(word: DisplayState): number {
    return this.test.views.load(this.test.offsets.display + word);
  }
}

describe("identification", () => {
  it("has the ids of the Bochs adapter and of the extension", () => {
    const adapter = new Adapter();
    expect(adapter.get(Dispi.ID)).toBe(0xb0c5);
    adapter.set(Dispi.ID, 0);
    expect(adapter.get(Dispi.ID)).toBe(0xb0c5);
    expect(adapter.bus.read(BASE + DisplayReg.EXT_ID, 4)).toBe(0x51475055);
    expect(adapter.bus.read(BASE + DisplayReg.VRAM_BYTES, 4)).toBe(adapter.test.offsets.vramBytes);
    expect(adapter.get(Dispi.VIDEO_MEMORY)).toBe(adapter.test.offsets.vramBytes / 65536);
    adapter.set(Dispi.VIDEO_MEMORY, 1);
    expect(adapter.get(Dispi.VIDEO_MEMORY)).toBe(adapter.test.offsets.vramBytes / 65536);
    expect(adapter.bus.read(BASE + 0x400, 4)).toBe(0);
  });
});

describe("modes", () => {
  it.each([
    [320, 200, 32],
    [640, 480, 32],
    [1024, 768, 32],
    [1920, 1080, 32],
  ])("accepts %ix%ix%i", (width, height, bpp) => {
    const adapter = new Adapter();
    adapter.mode(width, height, bpp);
    expect(adapter.shown()).toBe(`${width}x${height} base 0 stride ${width * 4}`);
    expect(adapter.get(Dispi.ENABLE)).toBe(ENABLED);
    expect(adapter.get(Dispi.VIRT_WIDTH)).toBe(width);
    expect(adapter.get(Dispi.VIRT_HEIGHT)).toBe(
      Math.floor(adapter.test.offsets.vramBytes / (width * 4)),
    );
  });

  it.each([
    [319, 200, 32],
    [320, 199, 32],
    [1921, 1080, 32],
    [1920, 1081, 32],
    [640, 480, 24],
    [640, 480, 16],
    [0, 0, 32],
  ])("refuses %ix%ix%i and keeps the mode before", (width, height, bpp) => {
    const adapter = new Adapter();
    adapter.mode(800, 600);
    const generation = adapter.word(DisplayState.GENERATION);
    adapter.mode(width, height, bpp);
    expect(adapter.shown()).toBe("800x600 base 0 stride 3200");
    expect([adapter.get(Dispi.XRES), adapter.get(Dispi.YRES), adapter.get(Dispi.BPP)]).toEqual([
      800, 600, 32,
    ]);
    expect(adapter.word(DisplayState.GENERATION)).toBe(generation);
  });

  it("refuses a mode that does not fit into VRAM, exactly", () => {
    const adapter = new Adapter(800 * 600 * 4);
    adapter.mode(800, 600);
    expect(adapter.shown()).toBe("800x600 base 0 stride 3200");
    adapter.mode(801, 600);
    expect(adapter.shown()).toBe("800x600 base 0 stride 3200");
  });

  it("stays off when the first mode is refused", () => {
    const adapter = new Adapter();
    adapter.mode(10, 10);
    expect(adapter.shown()).toBe("off");
    expect(adapter.get(Dispi.ENABLE)).toBe(0);
  });

  it("does not change the picture until ENABLE is written", () => {
    const adapter = new Adapter();
    adapter.mode(800, 600);
    adapter.set(Dispi.XRES, 1024);
    expect(adapter.shown()).toBe("800x600 base 0 stride 3200");
    expect(adapter.get(Dispi.XRES)).toBe(1024);
  });

  it("disables, and comes back in a later mode", () => {
    const adapter = new Adapter();
    adapter.mode(800, 600);
    adapter.set(Dispi.ENABLE, 0);
    expect(adapter.shown()).toBe("off");
    adapter.mode(640, 480);
    expect(adapter.shown()).toBe("640x480 base 0 stride 2560");
  });

  it("clears VRAM at a mode set unless told not to", () => {
    const adapter = new Adapter();
    const at = adapter.test.offsets.vram + 320 * 200 * 4 - 1;
    adapter.test.views.bytes[at] = 9;
    adapter.test.views.bytes[at + 1] = 9;
    adapter.mode(320, 200, 32, ENABLED | NO_CLEAR);
    expect(adapter.test.views.bytes[at]).toBe(9);
    expect(adapter.word(DisplayState.CLEARS)).toBe(0);
    adapter.set(Dispi.ENABLE, 0);
    adapter.mode(320, 200);
    expect(adapter.test.views.bytes[at]).toBe(0);
    expect(adapter.test.views.bytes[at + 1]).toBe(9);
    expect(adapter.word(DisplayState.CLEARS)).toBe(1);
  });

  it("wakes the device and bumps the generation once for each change", () => {
    const adapter = new Adapter();
    const steps: (() => void)[] = [
      () => adapter.mode(800, 600),
      () => adapter.set(Dispi.VIRT_WIDTH, 1000),
      () => adapter.set(Dispi.X_OFFSET, 10),
      () => adapter.bus.write(BASE + DisplayReg.FORMAT, 4, PixelFormat.RGBX),
      () => adapter.bus.write(BASE + DisplayReg.BYTE_ORDER, 4, 0xbebebebe),
      () => adapter.set(Dispi.ENABLE, 0),
    ];
    for (const [index, step] of steps.entries()) {
      const wake = adapter.word(DisplayState.WAKE);
      step();
      expect(adapter.word(DisplayState.GENERATION)).toBe(index + 1);
      expect(adapter.word(DisplayState.WAKE)).toBe(wake + 1);
    }
  });
});

describe("panning", () => {
  it("moves inside the virtual screen only", () => {
    const adapter = new Adapter();
    adapter.mode(640, 480);
    adapter.set(Dispi.VIRT_WIDTH, 639);
    expect(adapter.get(Dispi.VIRT_WIDTH)).toBe(640);
    adapter.set(Dispi.VIRT_WIDTH, 700);
    adapter.set(Dispi.X_OFFSET, 60);
    adapter.set(Dispi.Y_OFFSET, 5);
    expect(adapter.shown()).toBe(`640x480 base ${5 * 2800 + 240} stride 2800`);
    adapter.set(Dispi.X_OFFSET, 61);
    adapter.set(Dispi.VIRT_WIDTH, 699);
    adapter.set(Dispi.Y_OFFSET, adapter.get(Dispi.VIRT_HEIGHT) - 479);
    expect(adapter.shown()).toBe(`640x480 base ${5 * 2800 + 240} stride 2800`);
    adapter.set(Dispi.Y_OFFSET, adapter.get(Dispi.VIRT_HEIGHT) - 480);
    expect(adapter.get(Dispi.Y_OFFSET)).toBe(adapter.get(Dispi.VIRT_HEIGHT) - 480);
    adapter.mode(800, 600);
    expect(adapter.shown()).toBe("800x600 base 0 stride 3200");
  });
});

describe("widths and other registers", () => {
  it("takes 32-bit and 8-bit accesses to the 16-bit registers", () => {
    const adapter = new Adapter();
    adapter.bus.write(BASE + DisplayReg.DISPI + 2 * Dispi.YRES, 4, (32 << 16) | 600);
    expect(adapter.get(Dispi.YRES)).toBe(600);
    expect(adapter.get(Dispi.BPP)).toBe(32);
    expect(adapter.bus.read(BASE + DisplayReg.DISPI + 2 * Dispi.YRES, 4)).toBe((32 << 16) | 600);
    adapter.bus.write(BASE + DisplayReg.DISPI + 2 * Dispi.XRES, 1, 0x20);
    adapter.bus.write(BASE + DisplayReg.DISPI + 2 * Dispi.XRES + 1, 1, 0x03);
    expect(adapter.get(Dispi.XRES)).toBe(800);
  });

  it("ignores byte orders and formats that do not exist", () => {
    const adapter = new Adapter();
    adapter.bus.write(BASE + DisplayReg.BYTE_ORDER, 4, 0x12345678);
    adapter.bus.write(BASE + DisplayReg.FORMAT, 4, 2);
    expect(adapter.bus.read(BASE + DisplayReg.BYTE_ORDER, 4)).toBe(0x1e1e1e1e);
    expect(adapter.bus.read(BASE + DisplayReg.FORMAT, 4)).toBe(PixelFormat.BGRX);
  });

  it("clears interrupt status bits by writing ones", () => {
    const adapter = new Adapter();
    const status = adapter.test.offsets.display + DisplayState.IRQ_STATUS;
    adapter.test.views.store(status, 1);
    adapter.bus.write(BASE + DisplayReg.IRQ_STATUS, 4, 0);
    expect(adapter.bus.read(BASE + DisplayReg.IRQ_STATUS, 4)).toBe(1);
    adapter.bus.write(BASE + DisplayReg.IRQ_STATUS, 1, 1);
    expect(adapter.bus.read(BASE + DisplayReg.IRQ_STATUS, 4)).toBe(0);
  });

  it("never describes a picture outside VRAM, whatever the state page holds", () => {
    const adapter = new Adapter();
    adapter.mode(800, 600);
    adapter.test.views.store(
      adapter.test.offsets.display + DisplayState.DISPI + 4 * Dispi.Y_OFFSET,
      0xffff,
    );
    expect(adapter.shown()).toBe("off");
  });
});
