// Characters of the text: where they begin and end, and how many cells each takes on the screen.
//
//   a tab             blanks up to the next eighth cell
//   a control         ^X, in inverse
//   no character      a byte that is no UTF-8, or a control of Latin-1: ?, in inverse
//   a combining mark  none: it stands on the one before, and the cursor passes both at once

import { UTF8_STRAY, utf8At, utf8Before, utf8Bytes } from "../../lib/utf8";
import { codeWidth } from "../../lib/width";
import { textByte, textBytes } from "./text";

export const TAB_CELLS: i32 = 8;
const LONGEST = 4;
const few: usize = memory.data(4);

/** Bytes of the character that charAt found. */
export let charBytes: i32 = 1;

/** The number of the character at an offset before `end`; UTF8_STRAY and more: it is none. */
export function charAt(at: i32, end: i32): i32 {
  const first = textByte(at);
  charBytes = 1;
  if (first < 0x80) return first;
  const n = min(end - at, LONGEST);
  for (let i = 0; i < n; i++) store<u8>(few + i, textByte(at + i));
  const code = utf8At(few, few + n);
  charBytes = utf8Bytes;
  return code;
}

/** Whether it is shown as a sign in inverse. */
export function charIsOdd(code: i32): bool {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code >= UTF8_STRAY;
}

/** Cells of a character in a cell of its line. */
export function charCells(code: i32, cell: i32): i32 {
  if (code == 9) return TAB_CELLS - (cell % TAB_CELLS);
  if (code < 0x20 || code == 0x7f) return 2;
  return charIsOdd(code) ? 1 : codeWidth(code);
}

/** The offset behind the character at an offset, and behind the marks on it. */
export function charAfter(at: i32, end: i32): i32 {
  if (at >= end) return end;
  charAt(at, end);
  at += charBytes;
  while (at < end && charCells(charAt(at, end), 0) == 0) at += charBytes;
  return at;
}

/** The offset of the character before an offset, with the marks on it. */
export function charBefore(at: i32, start: i32): i32 {
  while (at > start) {
    const n = min(at - start, LONGEST);
    for (let i = 0; i < n; i++) store<u8>(few + i, textByte(at - n + i));
    at -= <i32>(few + n - utf8Before(few + n, few));
    if (charCells(charAt(at, min(at + LONGEST, textBytes)), 0) != 0) break;
  }
  return at;
}

/** The cell in which an offset of the line that begins at `start` is. */
export function cellOf(start: i32, at: i32): i32 {
  let cell = 0;
  while (start < at) {
    const code = charAt(start, at);
    cell += charCells(code, cell);
    start += charBytes;
  }
  return cell;
}

/** The offset of the character in a cell of the line from `start` to `end`; `end` when it is shorter. */
export function charInCell(start: i32, end: i32, cell: i32): i32 {
  let here = 0;
  while (start < end) {
    const after = charAfter(start, end);
    here += charCells(charAt(start, end), here);
    if (here > cell) break;
    start = after;
  }
  return start;
}
