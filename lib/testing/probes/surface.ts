// Draws what lib/surface.test.ts expects, in memory, and prints it.

import { PixelFormat } from "../../../abi/display";
import { out } from "../../fmt";
import { glyphOf } from "../../font/index";
import { finish } from "../../program";
import { colorPixel, surfaceFill, surfaceGlyph, surfaceNew } from "../../surface";

const WIDTH = 12;
const HEIGHT = 18;
const STRIDE = 56; // two pixels more than the width
const pixels: usize = memory.data(1200, 8);

export function _start(): void {
  const s = surfaceNew();
  s.base = pixels + 64;
  s.width = WIDTH;
  s.height = HEIGHT;
  s.strideBytes = STRIDE;
  s.format = PixelFormat.BGRX;
  out
    .hex(colorPixel(PixelFormat.BGRX, 0x112233), 8)
    .byte(0x20)
    .hex(colorPixel(PixelFormat.RGBX, 0x112233), 8)
    .newline();
  surfaceFill(s, -3, -3, 5, 5, 1); // clipped at the corner
  surfaceFill(s, 3, 1, 4, 2, 2); // odd start, even width
  surfaceFill(s, 10, 16, 100, 100, 3); // clipped at the other corner
  surfaceFill(s, 5, 5, -2, 4, 4); // nothing
  surfaceFill(s, 0x7fffffff, 0, 4, 4, 5); // nothing, without wrapping
  show(s.base, 4);
  surfaceFill(s, 0, 0, WIDTH, HEIGHT, 0);
  surfaceGlyph(s, 2, 1, 0x41, 1, 0);
  surfaceGlyph(s, 5, 0, 0x42, 1, 0); // does not fit: nothing is drawn
  for (let y = 0; y < 16; y++) {
    const bits: i32 = load<u8>(glyphOf(0x41) + y);
    for (let x = 0; x < 8; x++) {
      const drawn = load<u32>(s.base + (y + 1) * STRIDE + (x + 2) * 4) != 0;
      if (drawn != ((bits & (0x80 >> x)) != 0)) out.text("glyph differs\n");
    }
  }
  let ink = 0;
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) ink += load<u32>(s.base + y * STRIDE + x * 4);
  out.text(ink > 10 ? "glyph drawn" : "glyph missing").newline();
  let outside = 0;
  for (let i = 0; i < 64; i++) outside += load<u8>(pixels + i);
  for (let y = 0; y < HEIGHT; y++)
    for (let x = WIDTH * 4; x < STRIDE; x++) outside += load<u8>(s.base + y * STRIDE + x);
  for (let i = 64 + STRIDE * HEIGHT; i < 1200; i++) outside += load<u8>(pixels + i);
  out.text("outside ").dec(outside).newline();
  finish(0);
}

function show(base: usize, rows: i32): void {
  for (let y = 0; y < HEIGHT; y++) {
    if (y >= rows && y < HEIGHT - 3) continue;
    for (let x = 0; x < WIDTH; x++) out.dec(load<u32>(base + y * STRIDE + x * 4));
    out.newline();
  }
}
