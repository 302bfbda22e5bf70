// Cells: the text of one screenful, and what edits it. Editing follows what @xterm/xterm does, cell for cell: both show the same stream.
//
// Invariants
//   G1  A buffer has rows * columns cells, row after row; 0 <= top < bottom < rows, unless there is one row only.
//   G2  x may be columns: the last cell of a row was written and the next character wraps.

import { Cell, Color } from "./cell";

export const COLUMNS_MAX = 512;
/** More than 1920 by 1200 pixels have. */
export const CELLS_MAX = 20480;

@unmanaged
export class Buffer {
  cells: usize;
  columns: i32;
  rows: i32;
  x: i32;
  y: i32;
  top: i32; // first and last row of the scrolling region
  bottom: i32;
  scrolled: i32; // rows that have left at the top: a saved cursor goes with its text
  savedX: i32;
  savedRow: i32; // scrolled + y
  savedInk: u32;
  savedPaper: u32;
  savedFlags: u32;
  savedCharset: i32;
  tabs: usize; // a byte for each column: 1 is a stop
}

/** An empty buffer with room for CELLS_MAX cells; memory is used for those it has. */
export function bufferNew(): Buffer {
  const b = changetype<Buffer>(heap.alloc(offsetof<Buffer>()));
  memory.fill(changetype<usize>(b), 0, offsetof<Buffer>());
  b.cells = heap.alloc(CELLS_MAX * Cell.BYTES);
  b.tabs = heap.alloc(COLUMNS_MAX);
  return b;
}

/** A size within sizeColumns() and sizeRows(); the cells are as new. */
export function bufferStart(b: Buffer, columns: i32, rows: i32): void {
  b.columns = columns;
  b.rows = rows;
  b.savedX = 0;
  b.savedRow = 0;
  b.savedInk = Color.DEFAULT;
  b.savedPaper = Color.DEFAULT;
  b.savedFlags = 0;
  b.savedCharset = 0;
  bufferClear(b, Color.DEFAULT);
}

/** The nearest number of columns that there can be. */
export function sizeColumns(columns: i32): i32 {
  return min(max(columns, 2), COLUMNS_MAX);
}

/** The nearest number of rows that there can be beside so many columns. */
export function sizeRows(rows: i32, columns: i32): i32 {
  return min(max(rows, 1), CELLS_MAX / columns);
}

/** Blank cells, the cursor at the start, no region, tab stops every eight columns. What was saved stays. */
export function bufferClear(b: Buffer, paper: u32): void {
  b.x = 0;
  b.y = 0;
  b.top = 0;
  b.bottom = b.rows - 1;
  b.scrolled = 0;
  for (let i = 0; i < b.columns; i++) store<u8>(b.tabs + i, i % 8 == 0 ? 1 : 0);
  rowsErase(b, 0, b.rows, paper);
}

export function cellAt(b: Buffer, x: i32, y: i32): usize {
  return b.cells + (y * b.columns + x) * Cell.BYTES;
}

export function cellSet(
  cell: usize,
  code: i32,
  width: i32,
  ink: u32,
  paper: u32,
  flags: u32,
): void {
  store<u32>(cell, code | (width << Cell.WIDTH_SHIFT));
  store<u32>(cell, ink, Cell.INK);
  store<u32>(cell, paper, Cell.PAPER);
  store<u32>(cell, flags, Cell.FLAGS);
}

export function cellWidth(cell: usize): i32 {
  return load<u32>(cell) >> Cell.WIDTH_SHIFT;
}

/** A blank cell as erasing leaves it: the paper stays coloured. */
export function cellErase(cell: usize, paper: u32): void {
  cellSet(cell, 0, 1, Color.DEFAULT, paper, 0);
}

/** Erases cells [from, to) of a row; a wide character that is cut loses its other half. */
export function rowErase(b: Buffer, y: i32, from: i32, to: i32, paper: u32): void {
  if (from > 0 && cellWidth(cellAt(b, from - 1, y)) == 2) cellErase(cellAt(b, from - 1, y), paper);
  if (to > 0 && to < b.columns && cellWidth(cellAt(b, to - 1, y)) == 2)
    cellErase(cellAt(b, to, y), paper);
  const end = min(to, b.columns);
  for (let x = from; x < end; x++) cellErase(cellAt(b, x, y), paper);
}

/** Blank rows [from, to). */
export function rowsErase(b: Buffer, from: i32, to: i32, paper: u32): void {
  for (let y = from; y < to; y++) {
    for (let x = 0; x < b.columns; x++) cellErase(cellAt(b, x, y), paper);
  }
}

/** Inserts n cells at x; what is pushed over the end of the row is lost. */
export function rowInsert(
  b: Buffer,
  y: i32,
  x: i32,
  n: i32,
  ink: u32,
  paper: u32,
  flags: u32,
): void {
  if (x > 0 && cellWidth(cellAt(b, x - 1, y)) == 2)
    cellSet(cellAt(b, x - 1, y), 0, 1, ink, paper, flags);
  const kept = max(0, b.columns - x - n);
  if (kept > 0) memory.copy(cellAt(b, x + n, y), cellAt(b, x, y), kept * Cell.BYTES);
  for (let i = x; i < b.columns - kept; i++) cellSet(cellAt(b, i, y), 0, 1, ink, paper, flags);
  const last = cellAt(b, b.columns - 1, y);
  if (cellWidth(last) == 2) cellSet(last, 0, 1, ink, paper, flags);
}

/** Deletes n cells at x; the row is filled up with blanks. */
export function rowDelete(b: Buffer, y: i32, x: i32, n: i32, paper: u32): void {
  const kept = max(0, b.columns - x - n);
  if (kept > 0) memory.copy(cellAt(b, x, y), cellAt(b, x + n, y), kept * Cell.BYTES);
  for (let i = x + kept; i < b.columns; i++) cellErase(cellAt(b, i, y), paper);
  if (x > 0 && cellWidth(cellAt(b, x - 1, y)) == 2) cellErase(cellAt(b, x - 1, y), paper);
  const first = cellAt(b, x, y);
  if (load<u32>(first) == 0) cellErase(first, paper);
}

/** Moves rows [from, to] up by n; blank rows come in at the bottom. */
export function rowsUp(b: Buffer, from: i32, to: i32, n: i32, paper: u32): void {
  const count = min(n, to - from + 1);
  const rowBytes = b.columns * Cell.BYTES;
  memory.copy(cellAt(b, 0, from), cellAt(b, 0, from + count), (to - from + 1 - count) * rowBytes);
  rowsErase(b, to + 1 - count, to + 1, paper);
}

/** Moves rows [from, to] down by n; blank rows come in at the top. */
export function rowsDown(b: Buffer, from: i32, to: i32, n: i32, paper: u32): void {
  const count = min(n, to - from + 1);
  const rowBytes = b.columns * Cell.BYTES;
  memory.copy(cellAt(b, 0, from + count), cellAt(b, 0, from), (to - from + 1 - count) * rowBytes);
  rowsErase(b, from, from + count, paper);
}
