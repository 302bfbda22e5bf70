import { describe, expect, it } from "vitest";
import { Dispi, DisplayBackend, DisplayReg, DisplayState } from "../../../abi/display.ts";
import { PhysFrame } from "../../../abi/layout.ts";
import { Irq } from "../../../abi/machine.ts";
import { Bus } from "../../bus/bus.ts";
import { postBurst, type TestMachine, testMachine } from "../testing/testMemory.ts";
import { BufferScanout } from "./buffer.ts";
import { burstRanges, mergeRanges } from "./bursts.ts";
import { DisplayDevice } from "./device.ts";

const REGISTERS = PhysFrame.DISPLAY_REGS * 4096;
const WIDTH = 320;
const HEIGHT = 200;

/** Animation frames that happen when the test says so. */
class ManualFrames {
  #callback: (() => void) | undefined;

  request(callback: () => void): void {
    this.#callback = callback;
  }

  tick(): boolean {
    const callback = this.#callback;
    this.#callback = undefined;
    callback?.();
    return callback !== undefined;
  }
}

class Screen {
  readonly test: TestMachine = testMachine();
  readonly bus = new Bus(this.test.memory, 0);
  readonly frames = new ManualFrames();
  readonly scanout = new BufferScanout(this.test.offsets.vramBytes);
  readonly device = new DisplayDevice(this.test.memory, this.test.offsets, this.scanout, {
    frames: this.frames,
  });

  mode(enable = 0x41): void {
    this.bus.write(REGISTERS + DisplayReg.DISPI + 2 * Dispi.XRES, 4, WIDTH | (HEIGHT << 16));
    this.bus.write(REGISTERS + DisplayReg.DISPI + 2 * Dispi.ENABLE, 2, enable);
  }

  /** Stores a pixel without draining it. */
  store(index: number, value: number): void {
    this.test.views.store(this.test.offsets.vram + index * 4, value);
  }

  word(word: DisplayState): number {
    return this.test.views.load(this.test.offsets.display + word);
  }

  /** Red, green and blue of pixel `index` after the pending animation frame. */
  seen(index: number): number[] | undefined {
    this.device.step();
    this.frames.tick();
    const picture = this.scanout.pixels();
    return picture && [...picture.data.subarray(index * 4, index * 4 + 3)];
  }
}

describe("bursts", () => {
  it.each([
    [
      "neighbours",
      [
        [0, 4],
        [4, 8],
      ],
      [[0, 8]],
    ],
    [
      "out of order",
      [
        [8, 12],
        [0, 4],
        [4, 8],
      ],
      [[0, 12]],
    ],
    [
      "overlap and containment",
      [
        [0, 100],
        [10, 20],
        [90, 110],
      ],
      [[0, 110]],
    ],
    [
      "a gap stays a gap",
      [
        [5, 8],
        [0, 4],
      ],
      [
        [0, 4],
        [5, 8],
      ],
    ],
    ["nothing", [], []],
  ])("merges %s", (_, input, expected) => {
    const ranges = input.map(([start = 0, end = 0]) => ({ start, end }));
    expect(mergeRanges(ranges).map(({ start, end }) => [start, end])).toEqual(expected);
  });

  it("wraps around the ring and the u32 counters", () => {
    const { test } = new Screen();
    const state = test.offsets.display;
    const start = 0xfffffffe;
    test.views.store(state + DisplayState.BURST_HEAD, start);
    test.views.store(state + DisplayState.BURST_TAIL, start);
    for (let i = 0; i < 4; i++) postBurst(test, i * 8, 4);
    const head = test.views.load(state + DisplayState.BURST_HEAD);
    expect(head).toBe(2);
    expect(burstRanges(test.views, test.offsets, head).map((range) => range.start)).toEqual([
      0, 8, 16, 24,
    ]);
  });

  it("takes a full ring, and all of VRAM when the ring was overrun", () => {
    const screen = new Screen();
    for (let i = 0; i < DisplayState.BURST_CAPACITY; i++) postBurst(screen.test, i * 8, 4);
    screen.device.step();
    expect(screen.word(DisplayState.UPLOADS)).toBe(DisplayState.BURST_CAPACITY);
    expect(screen.word(DisplayState.UPLOAD_BYTES)).toBe(DisplayState.BURST_CAPACITY * 4);
    const register = (offset: DisplayReg): number => screen.bus.read(REGISTERS + offset, 4);
    expect(register(DisplayReg.UPLOADS)).toBe(DisplayState.BURST_CAPACITY);
    expect(register(DisplayReg.UPLOAD_BYTES_LOW)).toBe(DisplayState.BURST_CAPACITY * 4);
    expect(register(DisplayReg.UPLOAD_BYTES_HIGH)).toBe(0);
    for (let i = 0; i <= DisplayState.BURST_CAPACITY; i++) postBurst(screen.test, 0, 4);
    screen.device.step();
    expect(screen.word(DisplayState.UPLOADS)).toBe(DisplayState.BURST_CAPACITY + 1);
    expect(screen.word(DisplayState.BURST_TAIL)).toBe(screen.word(DisplayState.BURST_HEAD));
  });

  it("keeps a burst inside VRAM", () => {
    const screen = new Screen();
    postBurst(screen.test, screen.test.offsets.vramBytes - 4, 4096);
    postBurst(screen.test, 0xfffffff0, 0x20);
    screen.device.step();
    expect(screen.word(DisplayState.UPLOAD_BYTES)).toBe(4);
    expect(screen.word(DisplayState.BURST_TAIL)).toBe(2);
  });
});

describe("the picture", () => {
  it("shows what was drained and nothing that was only stored", () => {
    const screen = new Screen();
    expect(screen.seen(0)).toBeUndefined();
    screen.mode();
    screen.store(0, 0xff0000);
    screen.store(1, 0x00ff00);
    expect(screen.seen(0)).toEqual([0, 0, 0]);
    postBurst(screen.test, 0, 4);
    expect(screen.seen(0)).toEqual([255, 0, 0]);
    expect(screen.seen(1)).toEqual([0, 0, 0]);
  });

  it("does not show stores that come after the burst was taken", () => {
    const screen = new Screen();
    screen.mode();
    screen.store(0, 0x111111);
    postBurst(screen.test, 0, 4);
    screen.device.step();
    screen.store(0, 0x222222);
    expect(screen.seen(0)).toEqual([0x11, 0x11, 0x11]);
  });

  it("presents once per animation frame, and only when something changed", () => {
    const screen = new Screen();
    screen.mode();
    screen.seen(0);
    const presented = screen.word(DisplayState.PRESENTED);
    for (let i = 0; i < 5; i++) {
      postBurst(screen.test, i * 4, 4);
      screen.device.step();
    }
    expect(screen.frames.tick()).toBe(true);
    expect(screen.word(DisplayState.PRESENTED)).toBe(presented + 1);
    screen.device.step();
    expect(screen.frames.tick()).toBe(false);
    screen.bus.write(REGISTERS + DisplayReg.DOORBELL, 4, 1);
    screen.device.step();
    expect(screen.frames.tick()).toBe(true);
    expect(screen.word(DisplayState.PRESENTED)).toBe(presented + 2);
  });

  it("is cleared by a mode set before bursts that follow it", () => {
    const screen = new Screen();
    screen.mode();
    screen.store(0, 0xff);
    screen.store(1, 0xff);
    postBurst(screen.test, 0, 8);
    expect(screen.seen(0)).toEqual([0, 0, 255]);
    screen.bus.write(REGISTERS + DisplayReg.DISPI + 2 * Dispi.ENABLE, 2, 0);
    screen.mode();
    screen.store(1, 0xff00);
    postBurst(screen.test, 4, 4);
    expect(screen.seen(0)).toEqual([0, 0, 0]);
    expect(screen.seen(1)).toEqual([0, 255, 0]);
  });

  it("goes on with another backend, filled from the aperture", () => {
    const screen = new Screen();
    screen.mode();
    screen.store(3, 0x123456);
    postBurst(screen.test, 12, 4);
    screen.seen(3);
    const next = new BufferScanout(screen.test.offsets.vramBytes);
    screen.device.replaceScanout(next);
    screen.device.presentNow();
    expect([...(next.pixels()?.data.subarray(12, 15) ?? [])]).toEqual([0x12, 0x34, 0x56]);
    expect(screen.word(DisplayState.BACKEND)).toBe(DisplayBackend.BUFFER);
  });
});

describe("vblank", () => {
  it("counts and interrupts only while it is unmasked", () => {
    const screen = new Screen();
    screen.device.step();
    screen.frames.tick();
    expect(screen.word(DisplayState.VBLANK)).toBe(0);
    screen.bus.write(REGISTERS + DisplayReg.IRQ_MASK, 4, 1);
    screen.device.step();
    const presented = screen.word(DisplayState.PRESENTED);
    screen.frames.tick();
    screen.frames.tick();
    expect(screen.word(DisplayState.PRESENTED)).toBe(presented);
    expect(screen.bus.read(REGISTERS + DisplayReg.VBLANK, 4)).toBe(2);
    expect(screen.bus.read(REGISTERS + DisplayReg.IRQ_STATUS, 4)).toBe(1);
    expect(screen.test.pendingIrqs()).toBe(1 << Irq.DISPLAY);
    screen.bus.write(REGISTERS + DisplayReg.IRQ_MASK, 4, 0);
    screen.frames.tick();
    expect(screen.frames.tick()).toBe(false);
    expect(screen.word(DisplayState.VBLANK)).toBe(2);
  });
});

describe("run", () => {
  it("sleeps on WAKE, takes bursts and stops", async () => {
    const screen = new Screen();
    const ended = screen.device.run();
    expect(screen.word(DisplayState.DEVICE_READY)).toBe(1);
    const words = screen.test.views.words;
    const tail = (screen.test.offsets.display + DisplayState.BURST_TAIL) >> 2;
    const taken = Atomics.waitAsync(words, tail, 0);
    postBurst(screen.test, 0, 4);
    await taken.value;
    expect(screen.word(DisplayState.BURST_TAIL)).toBe(1);
    screen.device.stop();
    await ended;
    expect(screen.word(DisplayState.DEVICE_READY)).toBe(0);
  });
});
