import { describe, expect, it } from "vitest";
import { PixelFormat } from "../../../abi/display.ts";
import type { Frame } from "./frame.ts";
import { copyPixels, pixelsToRgba, rangeRect } from "./pixels.ts";

const FRAME: Frame = {
  width: 4,
  height: 3,
  base: 8,
  stride: 32,
  format: PixelFormat.BGRX,
  bigEndian: false,
};

describe("pixelsToRgba", () => {
  // One pixel of red 1, green 2, blue 3, its unused byte 9, in each of the four layouts.
  it.each([
    ["BGRX little-endian", PixelFormat.BGRX, false, [3, 2, 1, 9]],
    ["BGRX big-endian", PixelFormat.BGRX, true, [9, 1, 2, 3]],
    ["RGBX little-endian", PixelFormat.RGBX, false, [1, 2, 3, 9]],
    ["RGBX big-endian", PixelFormat.RGBX, true, [9, 3, 2, 1]],
  ])("%s", (_, format, bigEndian, bytes) => {
    const frame = { width: 1, height: 1, base: 0, stride: 4, format, bigEndian };
    expect([...copyPixels(new Uint8Array(bytes), frame).data]).toEqual([1, 2, 3, 255]);
  });

  it("honours base and stride, and converts only the rectangle", () => {
    const vram = new Uint8Array(200);
    const at = FRAME.base + 2 * FRAME.stride + 3 * 4;
    vram[at + 2] = 200;
    const out = new Uint8ClampedArray(2 * 2 * 4);
    pixelsToRgba(vram, FRAME, { x: 2, y: 1, width: 2, height: 2 }, out);
    expect([...out]).toEqual([0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255, 200, 0, 0, 255]);
  });
});

describe("rangeRect", () => {
  const row = (y: number): number => FRAME.base + y * FRAME.stride;
  it.each([
    ["before the frame", 0, 8, null],
    ["its first byte", 0, 9, { x: 0, y: 0, width: 1, height: 1 }],
    ["one pixel", row(1) + 4, row(1) + 8, { x: 1, y: 1, width: 1, height: 1 }],
    ["parts of two pixels", row(1) + 7, row(1) + 9, { x: 1, y: 1, width: 2, height: 1 }],
    ["padding between rows", row(1) + 16, row(2), null],
    ["a row's end and padding", row(1) + 12, row(2), { x: 3, y: 1, width: 1, height: 1 }],
    ["two rows", row(0) + 12, row(1) + 1, { x: 0, y: 0, width: 4, height: 2 }],
    ["everything", 0, 4096, { x: 0, y: 0, width: 4, height: 3 }],
    ["after the last pixel", row(2) + 16, 4096, null],
  ])("%s", (_, start, end, expected) => {
    expect(rangeRect(FRAME, start, end)).toEqual(expected);
  });
});
