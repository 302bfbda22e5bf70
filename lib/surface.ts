// A surface: 32-bit pixels in memory. Drawing is clipped to it; nothing is shown before surfacePresent().
//
// Invariants
//   F1  A pixel (x, y) is at base + y * strideBytes + x * 4, and 0 <= x < width, 0 <= y < height.
//   F2  strideBytes >= width * 4.
//
// Colours are 0xRRGGBB; colorPixel() turns one into the pixel of the surface's format.

import { PixelFormat } from "../abi/display";
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphOf } from "./font/index";
import { sfence } from "./sys";

@unmanaged
export class Surface {
  base: usize;
  width: i32;
  height: i32;
  strideBytes: i32;
  format: i32;
}

/** A surface that is not anywhere yet. */
export function surfaceNew(): Surface {
  return changetype<Surface>(heap.alloc(offsetof<Surface>()));
}

/** The pixel for 0xRRGGBB. BGRX keeps it as it is; RGBX has red in the lowest byte. */
export function colorPixel(format: i32, color: u32): u32 {
  if (format == PixelFormat.BGRX) return color & 0xffffff;
  return ((color >> 16) & 0xff) | (color & 0xff00) | ((color & 0xff) << 16);
}

/** Fills a rectangle; the part outside the surface is left out. */
export function surfaceFill(s: Surface, x: i32, y: i32, width: i32, height: i32, color: u32): void {
  const left = x < 0 ? 0 : x;
  const top = y < 0 ? 0 : y;
  const right = x + width > s.width ? s.width : x + width;
  const bottom = y + height > s.height ? s.height : y + height;
  if (left >= right) return;
  const pixel = <u64>colorPixel(s.format, color);
  const pair = (pixel << 32) | pixel;
  for (let row = top; row < bottom; row++) {
    let p = s.base + row * s.strideBytes + left * 4;
    const end = s.base + row * s.strideBytes + right * 4;
    if (p & 4) {
      store<u32>(p, <u32>pixel);
      p += 4;
    }
    for (; p + 8 <= end; p += 8) store<u64>(p, pair);
    if (p < end) store<u32>(p, <u32>pixel);
  }
}

/** Draws one character in a cell of 8 by 16 pixels, its background too. A cell that is not wholly inside is left out. */
export function surfaceGlyph(
  s: Surface,
  x: i32,
  y: i32,
  codePoint: i32,
  ink: u32,
  paper: u32,
): void {
  if (x < 0 || y < 0 || x + GLYPH_WIDTH > s.width || y + GLYPH_HEIGHT > s.height) return;
  const glyph = glyphOf(codePoint);
  const on = colorPixel(s.format, ink);
  const off = colorPixel(s.format, paper);
  let p = s.base + y * s.strideBytes + x * 4;
  for (let row = 0; row < GLYPH_HEIGHT; row++) {
    const bits: i32 = load<u8>(glyph + row);
    for (let i = 0; i < GLYPH_WIDTH; i++) {
      store<u32>(p + i * 4, bits & (0x80 >> i) ? on : off);
    }
    p += s.strideBytes;
  }
}

/** Draws a literal from a cell on; returns the x after it. */
export function surfaceText(s: Surface, x: i32, y: i32, text: string, ink: u32, paper: u32): i32 {
  for (let i = 0; i < text.length; i++) {
    surfaceGlyph(s, x, y, text.charCodeAt(i), ink, paper);
    x += GLYPH_WIDTH;
  }
  return x;
}

/** The same for ASCII bytes in memory. */
export function surfaceBytes(
  s: Surface,
  x: i32,
  y: i32,
  text: usize,
  bytes: i32,
  ink: u32,
  paper: u32,
): i32 {
  for (let i = 0; i < bytes; i++) {
    surfaceGlyph(s, x, y, load<u8>(text + i), ink, paper);
    x += GLYPH_WIDTH;
  }
  return x;
}

/** Makes everything drawn so far visible: drains the write-combining buffers once. */
export function surfacePresent(): void {
  sfence();
}
