// What the keys do.

import { fullscreenPasted, Key } from "../../lib/fullscreen";
import { parsedBytes, parseNumber } from "../../lib/text";
import { answer, answerBytes } from "./answer";
import { charAfter } from "./chars";
import {
  cursor,
  cursorEnd,
  cursorHome,
  cursorLeft,
  cursorLine,
  cursorLines,
  cursorLineTo,
  cursorPut,
  cursorRight,
  cursorTo,
  cursorWordLeft,
  cursorWordRight,
  placeAfter,
  placeBefore,
} from "./cursor";
import { copyLine, cutLine, paste } from "./cut";
import { drawScroll, textRows } from "./draw";
import { helpScroll } from "./help";
import { keyNext, pasteDrop } from "./input";
import { ask, Mode, modeSet, say, sayNothing } from "./message";
import { promptLine } from "./prompt";
import { screenForget } from "./screen";
import { search, searchNext } from "./search";
import { lineCount, lineEnd, lineStart, textBytes } from "./text";
import { editBreak, editInsert, editRedo, editRemove, editUndo } from "./undo";
import { leave, save, saveAs } from "./write";

const byte: usize = memory.data(4);
const PASTE_BYTES = 65536;
const SLASH = 0x2f;
let pasted: usize = 0;
const NO_ROOM: string = "No room: a text has 16 MiB and 2097152 lines at most";

/** Until ^X. */
export function keysRun(): void {
  let last = 0;
  for (;;) {
    const key = keyNext(true);
    if (key == Key.NONE) continue;
    sayNothing();
    if (key == 24 && leave()) return;
    perform(key, key == last);
    last = key;
  }
}

/** `again`: the key before was the same. */
function perform(key: i32, again: bool): void {
  if (key >= 0x20 && key < 256 && key != 127) {
    store<u8>(byte, key);
    type(1);
    return;
  }
  if (key >= Key.ALT) alt(key - Key.ALT, again);
  else if (key >= 256) named(key);
  else control(key, again);
}

function named(key: i32): void {
  switch (key) {
    case Key.UP:
      return cursorLines(-1);
    case Key.DOWN:
      return cursorLines(1);
    case Key.LEFT:
      return cursorLeft();
    case Key.RIGHT:
      return cursorRight();
    case Key.HOME:
      return cursorHome();
    case Key.END:
      return cursorEnd();
    case Key.PAGE_UP:
      return page(-1);
    case Key.PAGE_DOWN:
      return page(1);
    case Key.WORD_LEFT:
      return cursorWordLeft();
    case Key.WORD_RIGHT:
      return cursorWordRight();
    case Key.TOP:
      return cursorTo(0);
    case Key.BOTTOM:
      return cursorTo(textBytes);
    case Key.DELETE:
      return removeAfter();
    case Key.PASTE:
      return pasteTyped();
    case Key.QUIT:
      return position();
  }
}

/** ^@ to ^_, and Backspace. */
function control(key: i32, again: bool): void {
  switch (key) {
    case 1:
      return cursorHome();
    case 2:
      return cursorLeft();
    case 4:
      return removeAfter();
    case 5:
      return cursorEnd();
    case 6:
    case 23:
      return search();
    case 7:
      return help();
    case 8:
    case 127:
      return removeBefore();
    case 9:
      store<u8>(byte, 9);
      return type(1);
    case 10:
    case 13:
      return enter();
    case 11:
      return cutLine(again);
    case 12:
      return screenForget();
    case 14:
      return cursorLines(1);
    case 15:
      saveAs();
      return;
    case 16:
      return cursorLines(-1);
    case 19:
      save();
      return;
    case 21:
      return paste();
    case 22:
      return page(1);
    case 25:
      return page(-1);
    case 31:
      return goTo();
    case 24:
    case 27:
      return;
  }
  say("^")
    .byte(key ^ 0x40)
    .text(" does nothing here; ^G shows the keys");
}

function alt(key: i32, again: bool): void {
  switch (key | 0x20) {
    case 0x75:
      return undo();
    case 0x65:
      return redo();
    case 0x67:
      return goTo();
    case 0x77:
      return searchNext();
    case 0x62:
      return cursorWordLeft();
    case 0x66:
      return cursorWordRight();
  }
  switch (key) {
    case 0x36:
      return copyLine(again);
    case 0x5c:
    case 0x7c:
      return cursorTo(0);
    case 0x2f:
    case 0x3f:
      return cursorTo(textBytes);
  }
  if (key > 0x20 && key < 127) say("Esc ").byte(key).text(" does nothing here; ^G shows the keys");
}

/** Puts n bytes of `byte` in. */
function type(n: i32): void {
  if (editInsert(cursor, byte, n, cursor)) cursorPut(cursor + n);
  else say(NO_ROOM);
}

/** A line's end is taken back by itself. */
function enter(): void {
  editBreak();
  store<u8>(byte, 10);
  type(1);
  editBreak();
}

function removeBefore(): void {
  const from = placeBefore();
  const old = cursor;
  editRemove(from, old - from, old);
  cursorPut(from);
}

function removeAfter(): void {
  editRemove(cursor, placeAfter() - cursor, cursor);
  cursorPut(cursor);
}

/** What the terminal's own paste brings; one change, however long. */
function pasteTyped(): void {
  if (pasted == 0) pasted = heap.alloc(PASTE_BYTES);
  editBreak();
  let fits = true;
  let carriage = false;
  for (let more = true; more; ) {
    let n = 0;
    while (n < PASTE_BYTES) {
      const c = fullscreenPasted();
      more = c >= 0;
      if (!more) break;
      if (c != 10 || !carriage) store<u8>(pasted + n++, c == 13 ? 10 : c);
      carriage = c == 13;
    }
    if (fits) fits = editInsert(cursor, pasted, n, cursor);
    if (fits) cursorPut(cursor + n);
  }
  editBreak();
  if (!fits) say(NO_ROOM);
}

function undo(): void {
  const at = editUndo();
  if (at < 0) say("Nothing to undo");
  else cursorTo(at);
}

function redo(): void {
  const at = editRedo();
  if (at < 0) say("Nothing to redo");
  else cursorTo(at);
}

function page(by: i32): void {
  const n = max(textRows() - 2, 1) * by;
  drawScroll(n);
  cursorLines(n);
}

function goTo(): void {
  ask("Line, column: ");
  if (!promptLine(answer, 0) || answerBytes == 0) return;
  const line = parseNumber(answer, answerBytes);
  let used = parsedBytes;
  const isLine = used > 0;
  let column: i64 = 1;
  while (used < answerBytes && (load<u8>(answer + used) == 0x2c || load<u8>(answer + used) == 0x20))
    used++;
  if (used < answerBytes) {
    column = parseNumber(answer + used, answerBytes - used);
    if (parsedBytes != answerBytes - used) column = 0;
  }
  if (!isLine || line < 1 || column < 1) {
    say("No line: ").bytes(answer, answerBytes);
    return;
  }
  cursorLineTo(<i32>min<i64>(line, i32.MAX_VALUE) - 1, <i32>min<i64>(column, i32.MAX_VALUE) - 1);
}

/** ^C */
function position(): void {
  const start = lineStart(cursorLine);
  const end = lineEnd(cursorLine);
  const percent = textBytes == 0 ? 100 : <i32>((<i64>cursor * 100) / textBytes);
  // No longer than a telephone's screen is wide, for texts of its size.
  say("line ")
    .dec(cursorLine + 1)
    .byte(SLASH)
    .dec(lineCount)
    .text(", col ")
    .dec(characters(start, cursor) + 1)
    .byte(SLASH)
    .dec(characters(start, end) + 1)
    .text(", byte ")
    .dec(cursor)
    .byte(SLASH)
    .dec(textBytes)
    .text(" (")
    .dec(percent)
    .text("%)");
}

function characters(at: i32, end: i32): i32 {
  let n = 0;
  for (; at < end; n++) at = charAfter(at, end);
  return n;
}

/** ^G */
function help(): void {
  modeSet(Mode.HELP);
  for (;;) {
    helpScroll(0, textRows());
    const key = keyNext(true);
    if (key == Key.UP || key == 16) helpScroll(-1, textRows());
    else if (key == Key.DOWN || key == 13 || key == 14) helpScroll(1, textRows());
    else if (key == Key.PAGE_UP || key == 25) helpScroll(-textRows(), textRows());
    else if (key == Key.PAGE_DOWN || key == 0x20 || key == 22) helpScroll(textRows(), textRows());
    else if (key == 12) screenForget();
    else if (key == Key.PASTE) pasteDrop();
    else if (key != Key.NONE) break;
  }
  modeSet(Mode.EDIT);
}
