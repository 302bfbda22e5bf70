// The cursor: an offset of the text, never inside a character, and the moves that keys make.

import { isName } from "../../lib/text";
import { cellOf, charAfter, charBefore, charInCell } from "./chars";
import { lineAt, lineCount, lineEnd, lineStart, textByte, textBytes } from "./text";
import { editBreak } from "./undo";

export let cursor: i32 = 0;
/** The line that it is in. */
export let cursorLine: i32 = 0;
/** The cell that Up and Down keep to; -1: the cursor's own. */
let goal = -1;

/** Moves it; the next change is one of its own. */
export function cursorTo(at: i32): void {
  cursorPut(at);
  editBreak();
}

/** Moves it along with a change. */
export function cursorPut(at: i32): void {
  cursor = at;
  cursorLine = lineAt(at);
  goal = -1;
}

/** Up and Down by so many lines. */
export function cursorLines(by: i32): void {
  const cell = goal >= 0 ? goal : cellOf(lineStart(cursorLine), cursor);
  const line = max(min(cursorLine + by, lineCount - 1), 0);
  if (line == cursorLine) return;
  cursorTo(charInCell(lineStart(line), lineEnd(line), cell));
  goal = cell;
}

/** To a line and a column, both counted from 0, or as near as there is. */
export function cursorLineTo(line: i32, column: i32): void {
  line = max(min(line, lineCount - 1), 0);
  let at = lineStart(line);
  for (const end = lineEnd(line); column > 0 && at < end; column--) at = charAfter(at, end);
  cursorTo(at);
}

export function cursorLeft(): void {
  cursorTo(placeBefore());
}

export function cursorRight(): void {
  cursorTo(placeAfter());
}

/** The place before the cursor, with the end of the line before it. */
export function placeBefore(): i32 {
  const start = lineStart(cursorLine);
  return cursor > start ? charBefore(cursor, start) : max(cursor - 1, 0);
}

export function placeAfter(): i32 {
  const end = lineEnd(cursorLine);
  return cursor < end ? charAfter(cursor, end) : min(cursor + 1, textBytes);
}

export function cursorHome(): void {
  cursorTo(lineStart(cursorLine));
}

export function cursorEnd(): void {
  cursorTo(lineEnd(cursorLine));
}

/** To the start of the word before the cursor, or that it is in. */
export function cursorWordLeft(): void {
  let at = cursor;
  while (at > 0 && !isPart(at - 1)) at--;
  while (at > 0 && isPart(at - 1)) at--;
  cursorTo(at);
}

/** To the start of the next word. */
export function cursorWordRight(): void {
  let at = cursor;
  while (at < textBytes && isPart(at)) at++;
  while (at < textBytes && !isPart(at)) at++;
  cursorTo(at);
}

function isPart(at: i32): bool {
  const c = textByte(at);
  return isName(c) || c >= 0x80;
}
