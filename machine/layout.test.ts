import { expect, test } from "vitest";
import { PhysFrame } from "../abi/layout.ts";
import { hostLayout, memoryPages, parseRamBytes, ramMinimumBytes } from "./layout.ts";

test("no device lies at its physical address, and nothing overlaps", () => {
  for (const ram of [20484 * 1024, 64 << 20, (256 << 20) + 4096, 1 << 30]) {
    const layout = hostLayout(ram);
    const starts = [
      layout.machine,
      layout.console,
      layout.display,
      layout.pci,
      layout.disk,
      layout.vram,
      layout.rom,
      layout.cpuBlocks,
    ];
    expect([...starts].sort((a, b) => a - b)).toEqual(starts);
    expect(layout.machine).toBeGreaterThanOrEqual(ram);
    expect(layout.vram).not.toBe(PhysFrame.VRAM * 4096);
    expect(memoryPages(layout, 64)).toBeLessThanOrEqual(65536);
  }
});

test("sizes of RAM are read, and refused with a sentence", () => {
  expect(parseRamBytes("64M")).toBe(64 << 20);
  expect(parseRamBytes("20484K")).toBe(20484 * 1024);
  expect(parseRamBytes("1G")).toBe(2 ** 30);
  expect(() => parseRamBytes("2G")).toThrow(/limit of 1 GiB/);
  expect(() => parseRamBytes("65537")).toThrow(/multiple of 4 KiB/);
  expect(() => parseRamBytes("much")).toThrow(/is not a size/);
  expect(ramMinimumBytes(1 << 20)).toBeLessThanOrEqual(20 << 20);
});
