// The screen: rows of bytes for the terminal. Only those that differ from what it shows are sent, all in one write.
//
// Invariants
//   R1  shownBytes[r] bytes of row r's copy are what the terminal's row r shows; -1: nobody knows what that is.

import { columns, rows } from "../../lib/console";
import { writeAll } from "../../lib/files";
import { Writer } from "../../lib/fmt";
import { putDecimal, putLiteral } from "../../lib/text";

/** More rows, and columns, are not used. */
const ROWS = 256;
const COLUMNS = 768;
const ROW_BYTES = 4096;
/** Of a row, for what changes the colours, which comes behind the last character. */
const SPARE = 64;

let copies: usize = 0;
let frame: usize = 0;
let frameBytes = 0;
const shownBytes: usize = memory.data(1024);
let shownRow = -1;
let shownColumn = -1;
let inverse = false;

/** The row that is being made. */
export const line: Writer = changetype<Writer>(memory.data(20 + 4096, 8));

line.fd = -1;

export function screenBegin(): void {
  copies = heap.alloc(ROWS * ROW_BYTES);
  frame = heap.alloc(ROWS * ROW_BYTES + 4096);
  screenForget();
}

/** The terminal may show anything. */
export function screenForget(): void {
  for (let r = 0; r < ROWS; r++) store<i32>(shownBytes + r * 4, -1);
  shownRow = -1;
}

export function screenRows(): i32 {
  return min(rows, ROWS);
}

export function screenColumns(): i32 {
  return min(columns, COLUMNS);
}

/** Begins a row. */
export function rowBegin(): void {
  line.used = 0;
  inverse = false;
}

/** What follows is in inverse, or is not. */
export function rowInverse(on: bool): void {
  if (on != inverse) line.text(on ? "\x1b[7m" : "\x1b[m");
  inverse = on;
}

/** Whether there is room for another character: a row of many marks may have none. */
export function rowHasRoom(): bool {
  return line.used < ROW_BYTES - SPARE;
}

/** The row is ready, for row r. `full`: it is as wide as the screen. */
export function rowEnd(r: i32, full: bool): void {
  rowInverse(false);
  if (!full) line.text("\x1b[K");
  const copy = copies + r * ROW_BYTES;
  const n = line.used;
  if (load<i32>(shownBytes + r * 4) == n && memory.compare(copy, line.buffer(), n) == 0) return;
  memory.copy(copy, line.buffer(), n);
  store<i32>(shownBytes + r * 4, n);
  if (frameBytes == 0) put("\x1b[?25l");
  place(r, 0);
  memory.copy(frame + frameBytes, line.buffer(), n);
  frameBytes += n;
}

/** Sends what has changed, with the cursor in a cell. */
export function screenShow(row: i32, column: i32): void {
  const drawn = frameBytes > 0;
  if (!drawn && row == shownRow && column == shownColumn) return;
  place(row, column);
  if (drawn) put("\x1b[?25h");
  writeAll(1, frame, frameBytes);
  frameBytes = 0;
  shownRow = row;
  shownColumn = column;
}

function put(text: string): void {
  frameBytes += putLiteral(frame + frameBytes, text);
}

function place(row: i32, column: i32): void {
  put("\x1b[");
  frameBytes += putDecimal(frame + frameBytes, row + 1);
  put(";");
  frameBytes += putDecimal(frame + frameBytes, column + 1);
  put("H");
}
