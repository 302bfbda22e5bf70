// The line being typed: its bytes, the cursor, and how both stand on the terminal.
//
// Invariants
//   L1  0 <= cursor <= used < LINE_BYTES, and cursor is never inside a UTF-8 sequence.
//   L2  drawnRow is the row of the cursor on the screen, counted from the prompt's row.
//
// A line longer than the terminal is wide wraps; every character is one cell wide.

import { columns, consoleSize } from "../../lib/console";
import { out } from "../../lib/fmt";
import { isName } from "../../lib/text";
import { promptBytes, promptCells, promptMake, promptText } from "./prompt";

export const LINE_BYTES = 4096;
export const editLine: usize = memory.data(4096);
export let used: i32 = 0;
export let cursor: i32 = 0;
let drawnRow = 0;
const killed: usize = memory.data(4096); // last text cut, for ^Y
let killedBytes = 0;
/** A text before the line in place of the prompt, while the history is searched. */
let note: usize = 0;
let noteBytes = 0;

/** Begins an empty line after the prompt for the first line of a command, or for another one. */
export function lineBegin(first: bool): void {
  promptMake(first);
  used = 0;
  cursor = 0;
  drawnRow = 0;
  noteBytes = 0;
  out.bytes(promptText, promptBytes).flush();
}

/** The line is over: the cursor goes behind it, and to the next row. */
export function lineEnd(mark: string): void {
  cursorTo(used);
  out.text(mark).text("\r\n").flush();
}

export function lineClear(): void {
  used = 0;
  cursor = 0;
}

/** The cursor is in the first column of an empty row: prompt and line are drawn there. */
export function lineDrawHere(): void {
  drawnRow = 0;
  draw();
}

/** The terminal has another size. How it wrapped what was there is its own affair: the line is drawn below. */
export function lineResized(): void {
  consoleSize(0);
  draw();
}

/** What stands in place of the prompt; 0 bytes: the prompt. */
export function lineNote(text: usize, bytes: i32): void {
  note = text;
  noteBytes = bytes;
}

function cellsBefore(): i32 {
  return noteBytes > 0 ? noteBytes : promptCells;
}

export function insert(text: usize, bytes: i32): void {
  if (used + bytes >= LINE_BYTES) return;
  memory.copy(editLine + cursor + bytes, editLine + cursor, used - cursor);
  memory.copy(editLine + cursor, text, bytes);
  used += bytes;
  cursor += bytes;
  // At the end of a line that stays within its row, printing what was typed is enough.
  const column = (cellsBefore() + cells(0, cursor)) % columns;
  if (cursor == used && column != 0 && cells(cursor - bytes, cursor) <= column) {
    out.bytes(text, bytes);
    return;
  }
  draw();
}

export function remove(from: i32, to: i32): void {
  if (from >= to) return;
  memory.copy(editLine + from, editLine + to, used - to);
  used -= to - from;
  if (cursor >= to) cursor -= to - from;
  else if (cursor > from) cursor = from;
  draw();
}

export function cut(from: i32, to: i32): void {
  if (from >= to) return;
  memory.copy(killed, editLine + from, to - from);
  killedBytes = to - from;
  remove(from, to);
}

export function transpose(): void {
  if (used < 2 || cursor == 0) return;
  const at = cursor == used ? cursor - 1 : cursor;
  const c = load<u8>(editLine + at);
  const d = load<u8>(editLine + at - 1);
  if ((c | d) & 0x80) return;
  store<u8>(editLine + at, d);
  store<u8>(editLine + at - 1, c);
  cursor = at + 1;
  draw();
}

/** Index of the character before or after a position. */
export function before(at: i32): i32 {
  if (at > 0) at--;
  while (at > 0 && (load<u8>(editLine + at) & 0xc0) == 0x80) at--;
  return at;
}

export function after(at: i32): i32 {
  if (at < used) at++;
  while (at < used && (load<u8>(editLine + at) & 0xc0) == 0x80) at++;
  return at;
}

export function wordStart(): i32 {
  let at = cursor;
  while (at > 0 && load<u8>(editLine + at - 1) == 0x20) at--;
  while (at > 0 && load<u8>(editLine + at - 1) != 0x20) at--;
  return at;
}

/** Start of the word of letters and digits before the cursor, for Alt+B and Ctrl+Left. */
export function nameStart(): i32 {
  let at = cursor;
  while (at > 0 && !isPart(load<u8>(editLine + at - 1))) at--;
  while (at > 0 && isPart(load<u8>(editLine + at - 1))) at--;
  return at;
}

/** End of the word after the cursor, for Alt+F and Ctrl+Right. */
export function nameEnd(): i32 {
  let at = cursor;
  while (at < used && !isPart(load<u8>(editLine + at))) at++;
  while (at < used && isPart(load<u8>(editLine + at))) at++;
  return at;
}

function isPart(c: i32): bool {
  return isName(c) || c >= 0x80;
}

export function yank(): void {
  insert(killed, killedBytes);
}

/** Characters between two positions. */
function cells(from: i32, to: i32): i32 {
  let n = 0;
  for (let i = from; i < to; i++) if ((load<u8>(editLine + i) & 0xc0) != 0x80) n++;
  return n;
}

/** Draws prompt and line anew, from the prompt's row on. */
export function draw(): void {
  if (drawnRow > 0) out.text("\x1b[").dec(drawnRow).byte(0x41);
  out.text("\r\x1b[J");
  if (noteBytes > 0) out.bytes(note, noteBytes);
  else out.bytes(promptText, promptBytes);
  out.bytes(editLine, used);
  const total = cellsBefore() + cells(0, used);
  // A full row leaves the terminal's cursor beyond its last column: step to the next row.
  if (total % columns == 0 && total > 0) out.text("\r\n");
  drawnRow = total / columns;
  place();
}

export function cursorTo(at: i32): void {
  if (at == cursor) return;
  cursor = at;
  place();
}

/** Moves the terminal's cursor from row drawnRow to the cell of `cursor`. */
function place(): void {
  const cell = cellsBefore() + cells(0, cursor);
  const row = cell / columns;
  if (row < drawnRow)
    out
      .text("\x1b[")
      .dec(drawnRow - row)
      .byte(0x41);
  if (row > drawnRow)
    out
      .text("\x1b[")
      .dec(row - drawnRow)
      .byte(0x42);
  out.byte(13);
  if (cell % columns > 0)
    out
      .text("\x1b[")
      .dec(cell % columns)
      .byte(0x43);
  drawnRow = row;
}

/** Makes a text the line, the cursor behind it. */
export function replace(text: usize, bytes: i32): void {
  if (bytes >= LINE_BYTES) bytes = LINE_BYTES - 1;
  memory.copy(editLine, text, bytes);
  used = bytes;
  cursor = bytes;
  draw();
}
