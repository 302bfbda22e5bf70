// The picture: title, text, what is said or asked, hints. A short screen leaves out the hints, then the title.

import { cstrLength } from "../../lib/text";
import { utf8At, utf8Bytes } from "../../lib/utf8";
import { answer, answerAt, answerBytes } from "./answer";
import { cellOf, charAt, charBytes, charCells, charIsOdd } from "./chars";
import { cursor, cursorLine } from "./cursor";
import { fileIsDos, fileIsFixed, fileIsNew, fileName } from "./file";
import { helpRow } from "./help";
import { HINTS, hintKey, hintText } from "./hints";
import { Mode, mode, note, question } from "./message";
import {
  line,
  rowBegin,
  rowEnd,
  rowHasRoom,
  rowInverse,
  screenColumns,
  screenForget,
  screenRows,
  screenShow,
} from "./screen";
import { lineCount, lineEnd, lineStart, textByte } from "./text";
import { isModified } from "./undo";

const HINT_CELLS = 12;
/** The first line on the screen. */
let top = 0;
let drawnRows = 0;
let drawnColumns = 0;

/** Rows of text on the screen. */
export function textRows(): i32 {
  return max(screenRows() - titleRows() - noteRows() - hintRows(), 1);
}

function titleRows(): i32 {
  return screenRows() >= 4 ? 1 : 0;
}

function noteRows(): i32 {
  return screenRows() >= 2 ? 1 : 0;
}

function hintRows(): i32 {
  return screenRows() >= 8 ? 2 : 0;
}

/** Moves the text on the screen by so many lines. */
export function drawScroll(by: i32): void {
  top = max(min(top + by, lineCount - 1), 0);
}

/** Shows what has changed. */
export function draw(): void {
  if (screenRows() != drawnRows || screenColumns() != drawnColumns) screenForget();
  drawnRows = screenRows();
  drawnColumns = screenColumns();
  follow();
  if (titleRows() > 0) title();
  const cell = cellOf(lineStart(cursorLine), cursor);
  const left = leftOf(cell);
  for (let r = 0; r < textRows(); r++) {
    if (mode == Mode.HELP) plainRow(titleRows() + r, r);
    else textRow(titleRows() + r, top + r, top + r == cursorLine ? left : 0);
  }
  const noteRow = titleRows() + textRows();
  let row = titleRows() + cursorLine - top;
  let column = cell - left;
  if (mode == Mode.LINE || mode == Mode.CHOICE) {
    row = noteRows() > 0 ? noteRow : 0;
    column = questionRow(row);
  } else if (noteRows() > 0) said(noteRow);
  if (mode == Mode.HELP) {
    row = noteRow;
    column = 0;
  }
  if (hintRows() > 0) hints(noteRow + 1);
  screenShow(min(row, screenRows() - 1), min(column, screenColumns() - 1));
}

/** The cursor's line is on the screen: at its edge when it has moved a little, else in the middle. */
function follow(): void {
  const n = textRows();
  if (cursorLine >= top && cursorLine < top + n) return;
  if (cursorLine < top) top = top - cursorLine <= n ? cursorLine : cursorLine - n / 2;
  else top = cursorLine - top < 2 * n ? cursorLine - n + 1 : cursorLine - n / 2;
  top = max(top, 0);
}

/** Cells of the cursor's line that are to the left of the screen when the cursor is in a cell. */
function leftOf(cell: i32): i32 {
  const width = screenColumns();
  if (cell + 2 < width || width < 3) return 0;
  if (width <= 8) return cell - width + 2;
  return cell - 6 - ((cell - 6) % (width - 8));
}

function title(): void {
  const width = screenColumns();
  rowBegin();
  rowInverse(true);
  let cells = text(width >= 60 ? "  edit  " : " ", width);
  const state = isModified()
    ? "Modified "
    : fileIsNew
      ? "New file "
      : fileIsFixed
        ? "Read-only "
        : fileIsDos
          ? "DOS lines "
          : "";
  const room = max(width - cells - state.length - 1, 0);
  const n = cstrLength(fileName);
  if (mode == Mode.HELP) cells += text("Help", room);
  else if (n == 0) cells += text("no name yet", room);
  else {
    const all = cellsOf(fileName, n);
    if (all <= room) cells += bytes(fileName, n, 0, room, true);
    else if (room > 3)
      cells += text("...", room) + bytes(fileName, n, all - room + 3, room - 3, true);
  }
  line.spaces(width - cells - state.length);
  text(state, state.length);
  rowEnd(0, true);
}

/** A row of the text: line i from a cell on, with < and > where it goes on. */
function textRow(r: i32, i: i32, left: i32): void {
  rowBegin();
  if (i >= lineCount) {
    rowEnd(r, false);
    return;
  }
  const end = lineEnd(i);
  const right = left + screenColumns();
  const over = reaches(lineStart(i), end, right + 1);
  const low = left > 0 ? left + 1 : 0;
  const high = over ? right - 1 : right;
  if (left > 0) mark(0x3c);
  let cell = 0;
  for (let at = lineStart(i); at < end && cell < high && rowHasRoom(); at += charBytes) {
    const code = charAt(at, end);
    const cells = charCells(code, cell);
    if (cell >= low && cell + cells <= high && code != 9) {
      if (charIsOdd(code)) odd(code, false);
      else if (cells > 0 || cell > low)
        for (let k = 0; k < charBytes; k++) line.byte(textByte(at + k));
    } else for (let k = cell; k < cell + cells; k++) if (k >= low && k < high) line.byte(0x20);
    cell += cells;
  }
  if (over) mark(0x3e);
  rowEnd(r, over || cell >= right);
}

/** Whether a line has at least so many cells. */
function reaches(at: i32, end: i32, cells: i32): bool {
  let cell = 0;
  for (; at < end && cell < cells; at += charBytes) cell += charCells(charAt(at, end), cell);
  return cell >= cells;
}

function mark(c: i32): void {
  rowInverse(true);
  line.byte(c);
  rowInverse(false);
}

/** A control character, or what is no character. */
function odd(code: i32, base: bool): void {
  rowInverse(!base);
  if (code < 0x20 || code == 0x7f) line.byte(0x5e).byte(code ^ 0x40);
  else line.byte(0x3f);
  rowInverse(base);
}

function plainRow(r: i32, i: i32): void {
  rowBegin();
  const n = helpRow(i);
  text(n, screenColumns());
  rowEnd(r, n.length >= screenColumns());
}

function said(r: i32): void {
  rowBegin();
  const n = note.used;
  const width = screenColumns();
  if (n > 0) {
    const cells = min(cellsOf(note.buffer(), n), width);
    const framed = cells + 4 <= width;
    line.spaces((width - cells - (framed ? 4 : 0)) / 2);
    rowInverse(true);
    if (framed) line.text("[ ");
    bytes(note.buffer(), n, 0, width, true);
    if (framed) line.text(" ]");
    rowEnd(r, !framed || cells + 4 == width);
    return;
  }
  rowEnd(r, false);
}

/** The question, and the line that is typed; the column of the cursor. */
function questionRow(r: i32): i32 {
  const width = screenColumns();
  rowBegin();
  rowInverse(true);
  const asked = cellsOf(question.buffer(), question.used);
  // A long question leaves a third of the row to the answer: its end counts.
  const shown = min(asked, mode == Mode.LINE ? max(width - width / 3, 1) : width - 1);
  let cells = bytes(question.buffer(), question.used, asked - shown, shown, true);
  let column = cells;
  if (mode == Mode.LINE) {
    const before = cellsOf(answer, answerAt);
    const skip = max(before - (width - cells - 1), 0);
    column = cells + before - skip;
    cells += bytes(answer, answerBytes, skip, width - cells, true);
  }
  line.spaces(width - cells);
  rowEnd(r, true);
  return column;
}

/** Two rows of keys and what they do, as many as fit. */
function hints(r: i32): void {
  const width = screenColumns();
  const pairs = max(min(width / HINT_CELLS, HINTS / 2), 1);
  for (let row = 0; row < 2; row++) {
    rowBegin();
    let cells = 0;
    for (let i = 0; i < pairs; i++) {
      const key = hintKey(mode, i * 2 + row);
      if (key.length == 0) break;
      line.spaces((i * width) / pairs - cells);
      cells = (i * width) / pairs;
      const room = ((i + 1) * width) / pairs - cells - 1;
      rowInverse(true);
      const used = text(key, room);
      rowInverse(false);
      cells += used;
      if (used + 1 >= room) continue;
      line.byte(0x20);
      cells += 1 + text(hintText(mode, i * 2 + row), room - used - 1);
    }
    rowEnd(r + row, false);
  }
}

/** A literal of ASCII, as much of it as there is room for; its cells. */
function text(s: string, room: i32): i32 {
  const n = min(s.length, max(room, 0));
  for (let i = 0; i < n; i++) line.byte(s.charCodeAt(i));
  return n;
}

/** Cells of n bytes in one row of the editor's own: a tab is one there. */
function cellsOf(p: usize, n: i32): i32 {
  let cells = 0;
  for (const end = p + n; p < end; p += utf8Bytes) cells += ownCells(utf8At(p, end));
  return cells;
}

function ownCells(code: i32): i32 {
  return code == 9 ? 2 : charCells(code, 0);
}

/** Bytes without the first `skip` cells, in at most `room` cells; the cells they took. */
function bytes(p: usize, n: i32, skip: i32, room: i32, base: bool): i32 {
  let cell = 0;
  for (const end = p + n; p < end && rowHasRoom(); p += utf8Bytes) {
    const code = utf8At(p, end);
    const cells = ownCells(code);
    if (cell + cells > skip + room) break;
    if (cell >= skip) {
      if (charIsOdd(code)) odd(code, base);
      else for (let k = 0; k < utf8Bytes; k++) line.byte(load<u8>(p + k));
    } else for (let k = max(cell, skip); k < cell + cells; k++) line.byte(0x20);
    cell += cells;
  }
  return max(cell - skip, 0);
}
