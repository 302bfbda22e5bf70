// The line editor: reads one line from a raw console, key by key.
//
// Keys: left right home end up down backspace delete ^A ^B ^D ^E ^F ^H ^K ^L ^N ^P ^R ^T ^U ^W ^Y ^C, Alt+B Alt+F Alt+D, Ctrl+Left
// Ctrl+Right, Tab (complete; twice: list), Enter. Up and down go through the lines that begin as what was typed does.
//
// Not here: the line and how it is drawn (line.ts), what Tab finds (complete.ts), ^R (search.ts).

import { Errno } from "../../abi/errno";
import { Signal } from "../../abi/syscall";
import { columns, consoleCooked, consoleRaw, consoleSize } from "../../lib/console";
import { out } from "../../lib/fmt";
import { read } from "../../lib/sys";
import { cstrLength } from "../../lib/text";
import { completeFind, completeShow, insertBytes, insertText, matchCount } from "./complete";
import { historyAt, historyLast, historyNext, historyPrevious } from "./history";
import {
  after,
  before,
  cursor,
  cursorTo,
  cut,
  editLine,
  insert,
  LINE_BYTES,
  lineBegin,
  lineClear,
  lineDrawHere,
  lineEnd,
  lineResized,
  nameEnd,
  nameStart,
  remove,
  replace,
  transpose,
  used,
  wordStart,
  yank,
} from "./line";
import { historySearch } from "./search";
import { signalsPoll, signalTaken } from "./signals";

export const enum Edit {
  LINE = 0, // a line is in editLine, editBytes (without newline)
  END = 1, // ^D on an empty line, or the input is closed
  CANCEL = 2, // ^C
}

export let editBytes: i32 = 0;

const key: usize = memory.data(4);
/** What was being typed before the first step into the history: the lines shown begin with it. */
const draft: usize = memory.data(4096);
let draftBytes = 0;
let shown: usize = 0; // the history line on display, 0: the draft
let lastKey = 0;

/** Reads a line after a prompt, the one for the first line of a command or for others. The console is raw meanwhile and cooked afterwards. */
export function editRead(first: bool): i32 {
  shown = 0;
  lastKey = 0;
  consoleRaw(0);
  consoleSize(0);
  lineBegin(first);
  const result = keysRead();
  consoleCooked(0);
  editBytes = used;
  return result;
}

/** The next key, or -1 at the end of the input. A change of the terminal's size is seen to on the way. */
export function keyRead(): i32 {
  out.flush();
  for (;;) {
    const n = read(0, key, 1);
    if (n == 1) return load<u8>(key);
    if (n != -Errno.EINTR) return -1;
    signalsPoll();
    signalTaken(Signal.TSTP);
    if (signalTaken(Signal.WINCH)) {
      lineResized();
      out.flush();
    }
    if (signalTaken(Signal.INT)) return 3;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return -1;
}

function keysRead(): i32 {
  for (;;) {
    let c = keyRead();
    if (c == 18) c = historySearch();
    const previous = lastKey;
    lastKey = c;
    switch (c) {
      case -1:
        out.text("\r\n").flush();
        return Edit.END;
      case 13:
      case 10:
        lineEnd("");
        return Edit.LINE;
      case 3:
        lineEnd("^C");
        lineClear();
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
      case 9:
        complete(previous == 9);
        break;
      case 11:
        cut(cursor, used);
        break;
      case 12:
        out.text("\x1b[H\x1b[2J");
        lineDrawHere();
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
        yank();
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

/** The rest of an escape sequence: ESC [ x, ESC [ n ; m x, ESC O x, and ESC with a letter for Alt. */
function escape(): void {
  let c = keyRead();
  switch (c) {
    case 0x62:
      cursorTo(nameStart());
      return;
    case 0x66:
      cursorTo(nameEnd());
      return;
    case 0x64:
      cut(cursor, nameEnd());
      return;
    case 0x7f:
      cut(nameStart(), cursor);
      return;
  }
  if (c != 0x5b && c != 0x4f) return;
  c = keyRead();
  let number = 0;
  let modified = false;
  while ((c >= 0x30 && c <= 0x39) || c == 0x3b) {
    if (c == 0x3b) modified = true;
    else if (!modified) number = number * 10 + c - 0x30;
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
      cursorTo(modified ? nameEnd() : after(cursor));
      break;
    case 0x44:
      cursorTo(modified ? nameStart() : before(cursor));
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

/** Tab: what all candidates have in common is typed; a second Tab shows them. */
function complete(again: bool): void {
  completeFind(editLine, cursor);
  if (insertBytes > 0) {
    insert(insertText, insertBytes);
    return;
  }
  if (matchCount < 2 || !again) {
    out.byte(7);
    return;
  }
  const at = cursor;
  lineEnd("");
  completeShow(columns);
  lineDrawHere();
  cursorTo(at);
}

/** True when a history line begins as the draft does. */
function matches(line: usize): bool {
  const text = historyAt(line);
  return cstrLength(text) >= draftBytes && memory.compare(text, draft, draftBytes) == 0;
}

function historyStep(up: bool): void {
  if (shown == 0) {
    memory.copy(draft, editLine, used);
    draftBytes = used;
  }
  let line: usize;
  if (up) {
    line = shown == 0 ? historyLast() : historyPrevious(shown);
    while (line != 0 && !matches(line)) line = historyPrevious(line);
    if (line == 0) return;
  } else {
    if (shown == 0) return;
    line = historyNext(shown);
    while (line != 0 && !matches(line)) line = historyNext(line);
  }
  shown = line;
  if (line == 0) replace(draft, draftBytes);
  else replace(historyAt(line), min(cstrLength(historyAt(line)), LINE_BYTES - 1));
}

/** A line was changed by hand or found otherwise: the next step into the history starts anew. */
export function historyForget(): void {
  shown = 0;
}
