import { describe, expect, it } from "vitest";
import { PhysFrame } from "../../abi/layout.ts";
import { Irq } from "../../abi/machine.ts";
import { PciConfig, PciId, PciSlot } from "../../abi/pci.ts";
import { RomCard } from "../devices/rom.ts";
import { testMachine } from "../devices/testing/testMemory.ts";
import { Bus } from "./bus.ts";

const ECAM = PhysFrame.ECAM * 4096;
const VRAM = PhysFrame.VRAM * 4096;
const LAPIC = PhysFrame.LAPIC * 4096;
const ALL = 0xffffffff;

function config(slot: number, register: number, fn = 0): number {
  return ECAM + (slot << 15) + (fn << 12) + register;
}

describe("configuration space", () => {
  const test = testMachine();
  const bus = new Bus(test.memory, 0);

  it("shows each device with its ids, class, line and pin", () => {
    const found: string[] = [];
    for (let slot = 0; slot < PciSlot.COUNT; slot++) {
      const vendor = bus.read(config(slot, PciConfig.VENDOR), 2);
      if (vendor === 0xffff) continue;
      const device = bus.read(config(slot, PciConfig.DEVICE), 2);
      const kind = bus.read(config(slot, PciConfig.CLASS), 2);
      const line = bus.read(config(slot, PciConfig.IRQ_LINE), 1);
      const pin = bus.read(config(slot, PciConfig.IRQ_PIN), 1);
      found.push(
        `${slot} ${vendor.toString(16)}:${device.toString(16)} ${kind.toString(16)} line ${line} pin ${pin}`,
      );
    }
    expect(found).toEqual([
      "0 8086:1237 600 line 255 pin 0",
      `2 1234:1111 380 line ${Irq.DISPLAY} pin 1`,
      `3 1b36:3 780 line ${Irq.CONSOLE} pin 1`,
      `4 1b36:e0 580 line ${Irq.ROM} pin 1`,
      `5 1b36:d1 180 line ${Irq.DISK} pin 1`,
    ]);
  });

  it.each([
    ["VRAM", PciSlot.DISPLAY, PciConfig.BAR0, 0xe0000008, 0xff800008],
    ["display registers", PciSlot.DISPLAY, PciConfig.BAR2, 0xfe000000, 0xfffff000],
    ["console registers", PciSlot.CONSOLE, PciConfig.BAR0, 0xfe002000, 0xfffff000],
    ["disk registers", PciSlot.DISK, PciConfig.BAR0, 0xfe001000, 0xfffff000],
    ["ROM", PciSlot.ROM, PciConfig.BAR0, 0xc0000008, 0xf8000008],
    ["no BAR", PciSlot.DISPLAY, 0x14, 0, 0],
  ])("sizes %s by writing all ones", (_, slot, register, start, mask) => {
    const at = config(slot, register);
    expect(bus.read(at, 4)).toBe(start);
    bus.write(at, 4, ALL);
    expect(bus.read(at, 4)).toBe(mask);
    bus.write(at, 4, start);
    expect(bus.read(at, 4)).toBe(start);
  });

  it("keeps read-only registers, and changes only the bytes a narrow store names", () => {
    bus.write(config(PciSlot.DISPLAY, PciConfig.VENDOR), 4, 0);
    expect(bus.read(config(PciSlot.DISPLAY, PciConfig.VENDOR), 4)).toBe(0x11111234);
    bus.write(config(PciSlot.DISPLAY, PciConfig.IRQ_LINE), 4, 0xffffff0b);
    expect(bus.read(config(PciSlot.DISPLAY, PciConfig.IRQ_LINE), 2)).toBe(0x010b);
    bus.write(config(PciSlot.DISPLAY, PciConfig.BAR0 + 3), 1, 0xd0);
    expect(bus.read(config(PciSlot.DISPLAY, PciConfig.BAR0), 4)).toBe(0xd0000008);
    bus.write(config(PciSlot.DISPLAY, PciConfig.BAR0), 4, VRAM);
    bus.write(config(PciSlot.DISPLAY, PciConfig.COMMAND), 2, 0xffff);
    expect(bus.read(config(PciSlot.DISPLAY, PciConfig.COMMAND), 4)).toBe(6);
  });

  it("reads all ones where no function is, and does not count that as unclaimed", () => {
    const before = bus.counters();
    expect(bus.read(config(1, 0), 4)).toBe(ALL);
    expect(bus.read(config(PciSlot.DISPLAY, 0, 1), 4)).toBe(ALL);
    expect(bus.read(config(PciSlot.DISPLAY, 0x100), 2)).toBe(0xffff);
    bus.write(config(1, PciConfig.BAR0), 4, 0);
    expect(bus.counters()).toEqual(before);
  });
});

describe("BARs", () => {
  it("moves with the base, and is closed by the COMMAND register", () => {
    const test = testMachine();
    const bus = new Bus(test.memory, 0);
    const other = new Bus(test.memory, 1);
    bus.write(VRAM + 4, 4, 0x11223344);
    bus.write(config(PciSlot.DISPLAY, PciConfig.BAR0), 4, 0xd0000000);
    expect(other.read(0xd0000004, 4)).toBe(0x11223344);
    expect(other.read(VRAM + 4, 4)).toBe(ALL);
    expect(other.counters().unclaimedReads).toBe(1);
    bus.write(config(PciSlot.DISPLAY, PciConfig.COMMAND), 2, 0);
    expect(other.read(0xd0000004, 4)).toBe(ALL);
    expect(other.read(PhysFrame.DISPLAY_REGS * 4096 + 0x800, 4)).toBe(ALL);
    bus.write(config(PciSlot.DISPLAY, PciConfig.COMMAND), 2, 2);
    expect(other.read(0xd0000004, 4)).toBe(0x11223344);
  });

  it("reaches VRAM with every width and alignment, up to its last byte", () => {
    const test = testMachine();
    const bus = new Bus(test.memory, 0);
    bus.write(VRAM, 4, 0x04030201);
    bus.write(VRAM + 4, 2, 0x10605);
    bus.write(VRAM + 6, 1, 0x107);
    expect([...test.views.bytes.subarray(test.offsets.vram, test.offsets.vram + 8)]).toEqual([
      1, 2, 3, 4, 5, 6, 7, 0,
    ]);
    expect(bus.read(VRAM + 1, 4)).toBe(0x05040302);
    expect(bus.read(VRAM + 3, 2)).toBe(0x0504);
    bus.write(VRAM + 5, 4, 0xaabbccdd | 0);
    expect(bus.read(VRAM + 5, 4)).toBe(0xaabbccdd);
    expect(bus.read(VRAM + 4, 1)).toBe(5);
    const end = VRAM + test.offsets.vramBytes;
    bus.write(end - 4, 4, 0x55667788);
    expect(bus.read(end - 4, 4)).toBe(0x55667788);
    expect(bus.read(end - 2, 4)).toBe(ALL);
    expect(bus.counters()).toEqual({ unclaimedReads: 1, unclaimedWrites: 0 });
  });

  it("takes a physical address as the signed number that wasm passes", () => {
    const test = testMachine();
    const bus = new Bus(test.memory, 0);
    bus.write(VRAM | 0, 4, -2);
    expect(bus.read(VRAM | 0, 4)).toBe(0xfffffffe);
  });

  it("does not claim the part of the window that a VRAM of no power of two lacks", () => {
    const test = testMachine(3 * 0x100000);
    const bus = new Bus(test.memory, 0);
    bus.write(config(PciSlot.DISPLAY, PciConfig.BAR0), 4, ALL);
    expect(bus.read(config(PciSlot.DISPLAY, PciConfig.BAR0), 4)).toBe(0xffc00008);
    bus.write(config(PciSlot.DISPLAY, PciConfig.BAR0), 4, VRAM);
    expect(bus.read(VRAM + 3 * 0x100000 - 4, 4)).toBe(0);
    expect(bus.read(VRAM + 3 * 0x100000, 4)).toBe(ALL);
  });

  it("shows files of the ROM card and drops stores to it", () => {
    const test = testMachine();
    const bus = new Bus(test.memory, 0);
    const card = new RomCard(test.memory, test.offsets.rom, test.offsets.machine);
    card.add("bin/x", new Uint8Array([0x51, 0x52, 0x53, 0x54]));
    const at = PhysFrame.ROM * 4096 + (card.files()[0]?.offset ?? 0);
    bus.write(at, 4, 0);
    expect(bus.read(at, 4)).toBe(0x54535251);
    expect(bus.counters()).toEqual({ unclaimedReads: 0, unclaimedWrites: 0 });
  });
});

describe("other addresses", () => {
  const test = testMachine();

  it("shows every CPU its own local APIC page", () => {
    for (const slot of [0, 5, 63]) {
      const bus = new Bus(test.memory, slot);
      expect(bus.read(LAPIC + 0x20, 4)).toBe((slot << 24) >>> 0);
      expect(bus.read(LAPIC + 0x23, 1)).toBe(slot);
      expect(bus.read(LAPIC + 0x30, 4)).toBe(0x00050014);
      bus.write(LAPIC + 0x20, 4, 0);
      expect(bus.read(LAPIC + 0x20, 4)).toBe((slot << 24) >>> 0);
    }
  });

  it("identifies the console", () => {
    const bus = new Bus(test.memory, 0);
    expect(bus.read(PhysFrame.CONSOLE_REGS * 4096, 4)).toBe(0x4e4f4351);
    expect(PciId.CONSOLE_DEVICE).toBe(3);
  });

  it("counts unclaimed accesses for all CPUs together", () => {
    const first = new Bus(test.memory, 0);
    const second = new Bus(test.memory, 1);
    const before = first.counters();
    expect(first.read(0xfe003000, 1)).toBe(0xff);
    expect(second.read(0xfe003003, 2)).toBe(0xffff);
    expect(second.read(0xb0100000, 4)).toBe(ALL);
    second.write(0xfe003000, 4, 1);
    expect(second.read(0xfffffffe, 4)).toBe(ALL);
    expect(first.counters().unclaimedReads - before.unclaimedReads).toBe(4);
    expect(first.counters().unclaimedWrites - before.unclaimedWrites).toBe(1);
  });

  it("goes on after the memory has grown", () => {
    const bus = new Bus(test.memory, 0);
    bus.write(VRAM, 4, 77);
    test.memory.grow(1);
    expect(bus.read(VRAM, 4)).toBe(77);
  });
});
