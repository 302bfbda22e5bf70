// The inherited text: what the kernel console had printed when the server took the screen, drawn once on the framebuffer.
//
// Invariants
//   C1  cells holds rows * columns code points (u16); the text's last `rows` rows.
//
// Escape sequences are skipped. Drawing later text is the console server's work.

import { GLYPH_HEIGHT, GLYPH_WIDTH } from "../../lib/font/index";
import { surfaceGlyph } from "../../lib/surface";
import { screen } from "./views";

const COLUMNS_MAX = 256;
const ROWS_MAX = 128;
const cells: usize = memory.data(65536, 8);
const INK: u32 = 0xc8d3e0;
const PAPER: u32 = 0x0b1017;

let columns = 0;
let rows = 0;
let column = 0;
let row = 0;

/** Lays out the text and draws its last screenful. */
export function textDraw(text: usize, bytes: i32): void {
  columns = min(screen.width / GLYPH_WIDTH, COLUMNS_MAX);
  rows = min(screen.height / GLYPH_HEIGHT, ROWS_MAX);
  column = 0;
  row = 0;
  memory.fill(cells, 0, columns * rows * 2);
  layOut(text, bytes);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const c: i32 = load<u16>(cells + (y * columns + x) * 2);
      surfaceGlyph(screen, x * GLYPH_WIDTH, y * GLYPH_HEIGHT, c == 0 ? 0x20 : c, INK, PAPER);
    }
  }
}

function layOut(text: usize, bytes: i32): void {
  for (let i = 0; i < bytes; ) {
    const b: i32 = load<u8>(text + i++);
    if (b == 27) {
      i = escapeEnd(text, i, bytes);
    } else if (b == 10) {
      newRow();
    } else if (b == 13) {
      column = 0;
    } else if (b == 8) {
      if (column > 0) column--;
    } else if (b == 9) {
      column = (column + 8) & ~7;
    } else if (b >= 0x20 && b < 0x7f) {
      put(b);
    } else if (b >= 0xc0) {
      const more = b >= 0xf0 ? 3 : b >= 0xe0 ? 2 : 1;
      let c = b & (0x3f >> more);
      for (let k = 0; k < more && i < bytes && (load<u8>(text + i) & 0xc0) == 0x80; k++) {
        c = (c << 6) | (load<u8>(text + i++) & 0x3f);
      }
      put(c > 0xffff ? 0x3f : c);
    }
  }
}

/** Index after the escape sequence whose ESC is before i. */
function escapeEnd(text: usize, i: i32, bytes: i32): i32 {
  if (i >= bytes) return i;
  if (load<u8>(text + i) != 0x5b) return i + 1;
  for (i++; i < bytes; i++) {
    const c = load<u8>(text + i);
    if (c >= 0x40 && c <= 0x7e) return i + 1;
  }
  return i;
}

function put(c: i32): void {
  if (column >= columns) newRow();
  store<u16>(cells + (row * columns + column) * 2, c);
  column++;
}

function newRow(): void {
  column = 0;
  if (row + 1 < rows) {
    row++;
    return;
  }
  memory.copy(cells, cells + columns * 2, (rows - 1) * columns * 2);
  memory.fill(cells + (rows - 1) * columns * 2, 0, columns * 2);
}
