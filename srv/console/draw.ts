// Draw: a terminal's cells as pixels. Only cells that differ from what is on the screen are drawn, and only their rectangle is sent to the
// display: a typed character costs one system call and some hundred bytes.
//
// Invariants
//   D1  shadow holds what each cell of the screen shows; after drawReset() it holds nothing that a cell could be.
//
// Bold is printed twice, a pixel apart, and in the bright one of the eight colours. A character that the font lacks is a hollow box.

import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphFind } from "../../lib/font/index";
import { framebufferFlush } from "../../lib/framebuffer";
import { colorPixel, Surface, surfaceFill } from "../../lib/surface";
import { Cell, CellFlag, Color } from "./cell";
import { CELLS_MAX, cellAt, cellWidth } from "./cells";
import { Terminal } from "./terminal";

const INK: u32 = 0xc8d3e0;
const PAPER: u32 = 0x0b1017;
/** The 16 colours, then the steps of the 256 colour cube. */
const COLORS: usize = memory.data<u32>([
  0x1c2430, 0xe5534b, 0x57ab5a, 0xc69026, 0x539bf5, 0xb083f0, 0x39c5cf, 0xadbac7, 0x768390,
  0xff938a, 0x6bc46d, 0xdaaa3f, 0x6cb6ff, 0xdcbdfb, 0x56d4dd, 0xffffff,
]);
const STEPS: usize = memory.data<u8>([0, 95, 135, 175, 215, 255]);

/** 16 bytes for each cell: code, ink and paper as they are on the screen, flags. */
const shadow: usize = heap.alloc(CELLS_MAX * Cell.BYTES);
/** Pixels of two neighbours for two bits of a glyph. */
const pairs: usize = memory.data(32, 8);
const NOTHING: u8 = 0xff;
const SCALE_MAX = 4;

/** Each pixel of a glyph is so many pixels wide and high. */
let scale = 1;
let columns = 0;
let rows = 0;
let left = 0;
let top = 0;
let right = 0;
let bottom = 0;

/**
 * Chooses the largest glyphs with which a terminal fits, give or take a tenth of its rows: a phone's few columns fill the screen. True when
 * they are not those of before.
 */
export function drawScale(s: Surface, wantedColumns: i32, wantedRows: i32): bool {
  let best = 1;
  for (let n = 2; n <= SCALE_MAX; n++) {
    const fits = s.width / (GLYPH_WIDTH * n) >= wantedColumns;
    if (fits && (s.height / (GLYPH_HEIGHT * n)) * 10 >= wantedRows * 9) best = n;
  }
  const changed = best != scale;
  scale = best;
  return changed;
}

/** How many cells a surface has room for. */
export function drawColumns(s: Surface): i32 {
  return s.width / (GLYPH_WIDTH * scale);
}

export function drawRows(s: Surface): i32 {
  return s.height / (GLYPH_HEIGHT * scale);
}

/** From now on the screen shows so many cells, as far as it has room for them, and nothing yet: all of it is cleared. */
export function drawReset(s: Surface, newColumns: i32, newRows: i32): void {
  columns = min(newColumns, drawColumns(s));
  rows = min(newRows, drawRows(s));
  memory.fill(shadow, NOTHING, columns * rows * Cell.BYTES);
  surfaceFill(s, 0, 0, s.width, s.height, PAPER);
  framebufferFlush(s, 0, 0, s.width, s.height);
}

/** Draws what differs, the cursor too, and shows it. */
export function drawTerminal(s: Surface, t: Terminal): void {
  const b = t.buffer;
  const cursorX = t.hidden ? -1 : min(b.x, b.columns - 1);
  left = columns;
  top = rows;
  right = 0;
  bottom = 0;
  const across = min(columns, b.columns);
  const down = min(rows, b.rows);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      cellDraw(s, x, y, cellAt(b, x, y), x == cursorX && y == b.y);
    }
  }
  if (right == 0) return;
  framebufferFlush(
    s,
    left * GLYPH_WIDTH * scale,
    top * GLYPH_HEIGHT * scale,
    (right - left) * GLYPH_WIDTH * scale,
    (bottom - top) * GLYPH_HEIGHT * scale,
  );
}

function cellDraw(s: Surface, x: i32, y: i32, cell: usize, isCursor: bool): void {
  let flags = load<u32>(cell, Cell.FLAGS);
  if (isCursor) flags ^= CellFlag.INVERSE;
  const seen = shadow + (y * columns + x) * Cell.BYTES;
  const code = load<u64>(cell);
  const rest = <u64>load<u32>(cell, Cell.PAPER) | ((<u64>flags) << 32);
  if (load<u64>(seen) == code && load<u64>(seen, 8) == rest) return;
  store<u64>(seen, code);
  store<u64>(seen, rest, 8);
  if (x < left) left = x;
  if (y < top) top = y;
  if (x >= right) right = x + 1;
  if (y >= bottom) bottom = y + 1;
  glyphDraw(s, x, y, cell, flags);
}

function glyphDraw(s: Surface, x: i32, y: i32, cell: usize, flags: u32): void {
  let ink = inkOf(load<u32>(cell, Cell.INK), flags);
  let paper = colorOf(load<u32>(cell, Cell.PAPER), PAPER);
  if (flags & CellFlag.INVERSE) {
    const swapped = ink;
    ink = paper;
    paper = swapped;
  }
  if (flags & CellFlag.DIM) ink = ((ink >> 1) & 0x7f7f7f) + ((paper >> 1) & 0x7f7f7f);
  if (flags & CellFlag.INVISIBLE) ink = paper;
  const on = colorPixel(s.format, ink);
  const off = colorPixel(s.format, paper);
  pairsFill(on, off);
  const code: i32 = load<u32>(cell) & Cell.CODE_MASK;
  const width = cellWidth(cell);
  const glyph: usize = width == 1 && code != 0 ? glyphFind(code) : 0;
  const isBox = width != 1 || (code != 0 && glyph == 0);
  let p = s.base + (y * GLYPH_HEIGHT * s.strideBytes + x * GLYPH_WIDTH * 4) * scale;
  for (let row = 0; row < GLYPH_HEIGHT; row++) {
    let bits: i32 = isBox ? boxRow(row, width) : glyph != 0 ? <i32>load<u8>(glyph + row) : 0;
    if (flags & CellFlag.BOLD) bits |= bits >> 1;
    if (flags & CellFlag.ITALIC) bits = row < 8 ? bits >> 1 : bits;
    if (row == 14 && (flags & CellFlag.UNDERLINE) != 0) bits = 0xff;
    if (row == 8 && (flags & CellFlag.STRIKE) != 0) bits = 0xff;
    if (row == 0 && (flags & CellFlag.OVERLINE) != 0) bits = 0xff;
    if (scale > 1) {
      rowScaled(s, p, bits, on, off);
      p += s.strideBytes * scale;
      continue;
    }
    store<u64>(p, load<u64>(pairs + ((bits >> 6) & 3) * 8));
    store<u64>(p, load<u64>(pairs + ((bits >> 4) & 3) * 8), 8);
    store<u64>(p, load<u64>(pairs + ((bits >> 2) & 3) * 8), 16);
    store<u64>(p, load<u64>(pairs + (bits & 3) * 8), 24);
    p += s.strideBytes;
  }
}

/** One row of a glyph, every pixel of it scale times wide and high. */
function rowScaled(s: Surface, at: usize, bits: i32, on: u32, off: u32): void {
  for (let line = 0; line < scale; line++) {
    let p = at + line * s.strideBytes;
    for (let mask = 0x80; mask != 0; mask >>= 1) {
      const pixel = (bits & mask) != 0 ? on : off;
      for (let i = 0; i < scale; i++) {
        store<u32>(p, pixel);
        p += 4;
      }
    }
  }
}

function pairsFill(on: u32, off: u32): void {
  for (let i = 0; i < 4; i++) {
    store<u32>(pairs + i * 8, i & 2 ? on : off);
    store<u32>(pairs + i * 8, i & 1 ? on : off, 4);
  }
}

/** A hollow box, of one cell or, for a wide character, its left (width 2) or right half (width 0). */
function boxRow(row: i32, width: i32): i32 {
  if (row < 2 || row > 12) return 0;
  const edge = row == 2 || row == 12;
  if (width == 2) return edge ? 0x7f : 0x40;
  if (width == 0) return edge ? 0xfe : 0x02;
  return edge ? 0x7e : 0x42;
}

/** Bold text in one of the first eight colours is in the bright one. */
function inkOf(color: u32, flags: u32): u32 {
  if ((flags & CellFlag.BOLD) != 0 && color >= <u32>Color.INDEXED && color < <u32>Color.INDEXED + 8)
    return colorOf(color + 8, INK);
  return colorOf(color, INK);
}

/** 0xRRGGBB of a cell's colour. */
function colorOf(color: u32, normal: u32): u32 {
  if (color == Color.DEFAULT) return normal;
  if (color >= <u32>Color.DIRECT) return color & 0xffffff;
  const index = color & 0xff;
  if (index < 16) return load<u32>(COLORS + index * 4);
  if (index >= 232) return (8 + (index - 232) * 10) * 0x10101;
  const cube = index - 16;
  return (
    ((<u32>load<u8>(STEPS + cube / 36)) << 16) |
    ((<u32>load<u8>(STEPS + ((cube / 6) % 6))) << 8) |
    <u32>load<u8>(STEPS + (cube % 6))
  );
}
