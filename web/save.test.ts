import { expect, test } from "vitest";
import { tarHeader } from "./save.ts";

test("tarHeader: fields and checksum of POSIX ustar", () => {
  const block = tarHeader("ram.bin", 64 * 2 ** 20);
  const text = (from: number, to: number): string =>
    String.fromCharCode(...block.subarray(from, to));
  expect(block.length).toBe(512);
  expect(text(0, 8)).toBe("ram.bin\0");
  expect(text(124, 136)).toBe("00400000000\0");
  expect(text(257, 265)).toBe("ustar\x0000");
  let sum = 0;
  block.forEach((byte, at) => {
    sum += at >= 148 && at < 156 ? 0x20 : byte;
  });
  expect(text(148, 156)).toBe(`${sum.toString(8).padStart(6, "0")}\0 `);
});
