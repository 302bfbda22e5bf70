// Pixels: from bytes of VRAM to RGBA, and from byte ranges to the rectangles of a frame that they touch. Pure.

import { colourOffsets, type Frame, PIXEL_BYTES } from "./frame.ts";
import type { Picture } from "./scanout.ts";

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export function wholeRect(frame: Frame): Rect {
  return { x: 0, y: 0, width: frame.width, height: frame.height };
}

/** Converts `rect` of `frame` into `out`, rect.width * rect.height * 4 bytes; opaque. `vram` starts at VRAM offset 0. */
export function pixelsToRgba(
  vram: Uint8Array,
  frame: Frame,
  rect: Rect,
  out: Uint8Array | Uint8ClampedArray,
): void {
  const { red, green, blue } = colourOffsets(frame);
  let to = 0;
  for (let y = rect.y; y < rect.y + rect.height; y++) {
    let from = frame.base + y * frame.stride + rect.x * PIXEL_BYTES;
    for (let x = 0; x < rect.width; x++) {
      out[to] = vram[from + red] ?? 0;
      out[to + 1] = vram[from + green] ?? 0;
      out[to + 2] = vram[from + blue] ?? 0;
      out[to + 3] = 255;
      to += 4;
      from += PIXEL_BYTES;
    }
  }
}

/** All of `frame` as a picture. */
export function copyPixels(vram: Uint8Array, frame: Frame): Picture {
  const data = new Uint8Array(frame.width * frame.height * 4);
  pixelsToRgba(vram, frame, wholeRect(frame), data);
  return { width: frame.width, height: frame.height, data };
}

/** The smallest rectangle of `frame` that shows VRAM bytes [start, end): part of one row, or whole rows. null: none of them is visible. */
export function rangeRect(frame: Frame, start: number, end: number): Rect | null {
  const visibleEnd = frame.base + (frame.height - 1) * frame.stride + frame.width * PIXEL_BYTES;
  const first = Math.max(start, frame.base) - frame.base;
  const last = Math.min(end, visibleEnd) - frame.base - 1;
  if (first > last) return null;
  const y = Math.floor(first / frame.stride);
  const bottom = Math.floor(last / frame.stride);
  if (y !== bottom) return { x: 0, y, width: frame.width, height: bottom - y + 1 };
  const x = Math.floor((first - y * frame.stride) / PIXEL_BYTES);
  const right = Math.min(frame.width - 1, Math.floor((last - y * frame.stride) / PIXEL_BYTES));
  return x > right ? null : { x, y, width: right - x + 1, height: 1 };
}
