// Patterns: what fbtest draws, as a colour for each pixel. One function, used to draw and to compare.
//
//   bars       white yellow cyan green magenta red blue black, from the left
//   gradient   red, green, blue and grey from dark to bright, one band each
//   grid       a checkerboard of single pixels, with a line of every eighth row and column
//   corners    a frame one pixel wide, and squares: red, green, blue and white, from the top left, clockwise
//   card       bars, gradient and grid one below the other, with the corners over them

import { bytesAre } from "../../lib/text";

export const enum Pattern {
  NONE = 0,
  BARS = 1,
  GRADIENT = 2,
  GRID = 3,
  CORNERS = 4,
  CARD = 5,
  COUNT = 6,
}

const SQUARE = 16;
const BARS: usize = memory.data<u32>([
  0xffffff, 0xffff00, 0x00ffff, 0x00ff00, 0xff00ff, 0xff0000, 0x0000ff, 0x000000,
]);
const NOTHING: u32 = 0xff000000;

export function patternName(pattern: i32): string {
  switch (pattern) {
    case Pattern.BARS:
      return "bars";
    case Pattern.GRADIENT:
      return "gradient";
    case Pattern.GRID:
      return "grid";
    case Pattern.CORNERS:
      return "corners";
    default:
      return "card";
  }
}

/** NONE when there is none of this name. */
export function patternOf(name: usize, bytes: i32): i32 {
  for (let i: i32 = Pattern.BARS; i < Pattern.COUNT; i++)
    if (bytesAre(name, bytes, patternName(i))) return i;
  return Pattern.NONE;
}

/** 0xRRGGBB of a pixel of a picture of this size. */
export function patternColor(pattern: i32, x: i32, y: i32, width: i32, height: i32): u32 {
  switch (pattern) {
    case Pattern.BARS:
      return load<u32>(BARS + ((x * 8) / width) * 4);
    case Pattern.GRADIENT:
      return gradient(x, (y * 4) / height, width);
    case Pattern.GRID:
      return (x & 7) == 0 || (y & 7) == 0 || ((x ^ y) & 1) != 0 ? 0xffffff : 0;
    case Pattern.CORNERS: {
      const c = corner(x, y, width, height);
      return c == NOTHING ? 0x202020 : c;
    }
  }
  const c = corner(x, y, width, height);
  if (c != NOTHING) return c;
  const third = (y * 3) / height;
  if (third == 0) return patternColor(Pattern.BARS, x, y, width, height);
  if (third == 1) return gradient(x, ((y * 3 - height) * 4) / height, width);
  return patternColor(Pattern.GRID, x, y, width, height);
}

/** Band 0 is red, 1 green, 2 blue, 3 grey; 0 at the left edge, 255 at the right one. */
function gradient(x: i32, band: i32, width: i32): u32 {
  const value: u32 = (x * 255) / (width - 1);
  if (band == 3) return value * 0x010101;
  return value << (16 - 8 * band);
}

function corner(x: i32, y: i32, width: i32, height: i32): u32 {
  const left = x < SQUARE;
  const right = x >= width - SQUARE;
  if (y < SQUARE && left) return 0xff0000;
  if (y < SQUARE && right) return 0x00ff00;
  if (y >= height - SQUARE && right) return 0x0000ff;
  if (y >= height - SQUARE && left) return 0xffffff;
  const edge = x == 0 || y == 0 || x == width - 1 || y == height - 1;
  return edge ? 0xffffff : NOTHING;
}
