// The line editor: reads one line from a raw console, with cursor keys, history and the usual control keys.
//
// Invariants
//   L1  0 <= cursor <= used < LINE_BYTES, and cursor is never inside a UTF-8 sequence.
//   L2  drawnRow is the row of the cursor on the screen, counted from the prompt's row.
//
// Keys: left right home end up down backspace delete ^A ^B ^D ^E ^F ^H ^K ^L ^N ^P ^R ^T ^U ^W ^C, Enter.
// A line longer than the terminal is wide wraps; every character is one cell wide.

import { columns, consoleCooked, consoleRaw, consoleSize } from "../../lib/console";
import { out } from "../../lib/fmt";
import { read } from "../../lib/sys";
import { cstrLength } from "../../lib/text";
import { historyAt, historyLast, historyNext, historyPrevious } from "./history";

export const enum Edit {
  LINE = 0, // a line is in editLine, editBytes (without newline)
  END = 1, // ^D on an empty line, or the input is closed
  CANCEL = 2, // ^C
}

const LINE_BYTES = 4096;
export const editLine: usize = memory.data(4096);
export let editBytes: i32 = 0;

const key: usize = memory.data(4);
/** What was being typed before the first step into the history. */
const draft: usize = memory.data(4096);
let draftBytes = 0;
let shown: usize = 0; // the history line on display, 0: the draft
const killed: usize = memory.data(4096); // last text cut, for ^Y
let killedBytes = 0;

let used = 0;
let cursor = 0;
let prompt: string = "";
let drawnRow = 0;
const query: usize = memory.data(128);

/** Reads a line after a prompt. The console is raw meanwhile and cooked afterwards. */
export function editRead(promptText: string): i32 {
  prompt = promptText;
  used = 0;
  cursor = 0;
  drawnRow = 0;
  shown = 0;
  consoleRaw(0);
  consoleSize(0);
  out.text(prompt).flush();
  const result = keysRead();
  consoleCooked(0);
  editBytes = used;
  return result;
}

function keyRead(): i32 {
  out.flush();
  return read(0, key, 1) == 1 ? <i32>load<u8>(key) : -1;
}

function keysRead(): i32 {
  for (;;) {
    let c = keyRead();
    if (c == 18) c = historySearch();
    switch (c) {
      case -1:
        out.text("\r\n").flush();
        return Edit.END;
      case 13:
      case 10:
        cursorTo(used);
        out.text("\r\n").flush();
        return Edit.LINE;
      case 3:
        cursorTo(used);
        out.text("^C\r\n").flush();
        used = 0;
        return Edit.CANCEL;
      case 4:
        if (used == 0) {
          out.text("\r\n").flush();
          return Edit.END;
        }
        if (cursor < used) remove(cursor, after(cursor));
        break;
      case 1:
        cursorTo(0);
        break;
      case 2:
        cursorTo(before(cursor));
        break;
      case 5:
        cursorTo(used);
        break;
      case 6:
        cursorTo(after(cursor));
        break;
      case 8:
      case 127:
        remove(before(cursor), cursor);
        break;
      case 11:
        cut(cursor, used);
        break;
      case 12:
        out.text("\x1b[H\x1b[2J");
        drawnRow = 0;
        draw();
        break;
      case 14:
        historyStep(false);
        break;
      case 16:
        historyStep(true);
        break;
      case 20:
        transpose();
        break;
      case 21:
        cut(0, cursor);
        break;
      case 23:
        cut(wordStart(), cursor);
        break;
      case 25:
        insert(killed, killedBytes);
        break;
      case 27:
        escape();
        break;
      default:
        if (c >= 0x20) {
          store<u8>(key, c);
          insert(key, 1);
        }
    }
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return Edit.END;
}

/** The rest of an escape sequence: ESC [ x, ESC [ n ~, ESC O x. */
function escape(): void {
  let c = keyRead();
  if (c != 0x5b && c != 0x4f) return;
  c = keyRead();
  let number = 0;
  while ((c >= 0x30 && c <= 0x39) || c == 0x3b) {
    number = c == 0x3b ? 0 : number * 10 + c - 0x30;
    c = keyRead();
  }
  switch (c) {
    case 0x41:
      historyStep(true);
      break;
    case 0x42:
      historyStep(false);
      break;
    case 0x43:
      cursorTo(after(cursor));
      break;
    case 0x44:
      cursorTo(before(cursor));
      break;
    case 0x48:
      cursorTo(0);
      break;
    case 0x46:
      cursorTo(used);
      break;
    case 0x7e:
      if (number == 1 || number == 7) cursorTo(0);
      else if (number == 4 || number == 8) cursorTo(used);
      else if (number == 3 && cursor < used) remove(cursor, after(cursor));
      break;
  }
}

function insert(text: usize, bytes: i32): void {
  if (used + bytes >= LINE_BYTES) return;
  memory.copy(editLine + cursor + bytes, editLine + cursor, used - cursor);
  memory.copy(editLine + cursor, text, bytes);
  used += bytes;
  cursor += bytes;
  // At the end of a line that stays within its row, printing what was typed is enough.
  const column = (prompt.length + cells(0, cursor)) % columns;
  if (cursor == used && column != 0 && cells(cursor - bytes, cursor) <= column) {
    out.bytes(text, bytes);
    return;
  }
  draw();
}

function remove(from: i32, to: i32): void {
  if (from >= to) return;
  memory.copy(editLine + from, editLine + to, used - to);
  used -= to - from;
  if (cursor >= to) cursor -= to - from;
  else if (cursor > from) cursor = from;
  draw();
}

function cut(from: i32, to: i32): void {
  if (from >= to) return;
  memory.copy(killed, editLine + from, to - from);
  killedBytes = to - from;
  remove(from, to);
}

function transpose(): void {
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
function before(at: i32): i32 {
  if (at > 0) at--;
  while (at > 0 && (load<u8>(editLine + at) & 0xc0) == 0x80) at--;
  return at;
}

function after(at: i32): i32 {
  if (at < used) at++;
  while (at < used && (load<u8>(editLine + at) & 0xc0) == 0x80) at++;
  return at;
}

function wordStart(): i32 {
  let at = cursor;
  while (at > 0 && load<u8>(editLine + at - 1) == 0x20) at--;
  while (at > 0 && load<u8>(editLine + at - 1) != 0x20) at--;
  return at;
}

/** Characters between two positions. */
function cells(from: i32, to: i32): i32 {
  let n = 0;
  for (let i = from; i < to; i++) if ((load<u8>(editLine + i) & 0xc0) != 0x80) n++;
  return n;
}

/** Draws prompt and line anew, from the prompt's row on. */
function draw(): void {
  if (drawnRow > 0) out.text("\x1b[").dec(drawnRow).byte(0x41);
  out.text("\r\x1b[J").text(prompt).bytes(editLine, used);
  const total = prompt.length + cells(0, used);
  // A full row leaves the terminal's cursor beyond its last column: step to the next row.
  if (total % columns == 0 && total > 0) out.text("\r\n");
  drawnRow = total / columns;
  place();
}

function cursorTo(at: i32): void {
  if (at == cursor) return;
  cursor = at;
  place();
}

/** Moves the terminal's cursor from row drawnRow to the cell of `cursor`. */
function place(): void {
  const cell = prompt.length + cells(0, cursor);
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

function historyStep(up: bool): void {
  let line: usize;
  if (up) {
    line = shown == 0 ? historyLast() : historyPrevious(shown);
    if (line == 0) return;
    if (shown == 0) {
      memory.copy(draft, editLine, used);
      draftBytes = used;
    }
  } else {
    if (shown == 0) return;
    line = historyNext(shown);
  }
  shown = line;
  if (line == 0) replace(draft, draftBytes);
  else replace(historyAt(line), cstrLength(historyAt(line)));
}

function replace(text: usize, bytes: i32): void {
  if (bytes >= LINE_BYTES) bytes = LINE_BYTES - 1;
  memory.copy(editLine, text, bytes);
  used = bytes;
  cursor = bytes;
  draw();
}

/** ^R: shows the newest line that holds what is typed; ^R again goes further back. Returns the key that ended it. */
function historySearch(): i32 {
  const linePrompt = prompt;
  prompt = "(search) ";
  let bytes = 0;
  let from = historyLast();
  replace(query, 0);
  for (;;) {
    const c = keyRead();
    if (c == 18) {
      const next = from == 0 ? <usize>0 : searchFrom(historyPrevious(from), bytes);
      if (next != 0) from = next;
    } else if (c == 8 || c == 127) {
      if (bytes > 0) bytes--;
      from = searchFrom(historyLast(), bytes);
    } else if (c >= 0x20) {
      if (bytes < 127) store<u8>(query + bytes++, c);
      from = searchFrom(from, bytes);
    } else {
      prompt = linePrompt;
      draw();
      return c == 7 ? 0 : c;
    }
    if (from != 0 && bytes > 0) replace(historyAt(from), cstrLength(historyAt(from)));
    else replace(query, bytes);
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}

function searchFrom(line: usize, bytes: i32): usize {
  for (; line != 0; line = historyPrevious(line)) {
    const n = cstrLength(line);
    for (let i = 0; i + bytes <= n; i++)
      if (memory.compare(line + i, query, bytes) == 0) return line;
  }
  return 0;
}
