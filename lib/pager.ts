// A pager: a text on the whole console, a screen at a time. Lines longer than the screen is wide are cut; Left and Right move along them.

import { OpenFlag } from "../abi/syscall";
import { arg, argc, argIs } from "./args";
import { columns, rows } from "./console";
import { openPath, writeAll } from "./files";
import { err, out } from "./fmt";
import { fullscreenBegin, fullscreenEnd, fullscreenKey, Key } from "./fullscreen";
import { regexFind } from "./match";
import { complain, complainErrno, finish } from "./program";
import { Regex, RegexFlag, regexCompile, regexError } from "./regex";
import { close, read } from "./sys";

const TEXT_BYTES = 16 << 20;
const PART_BYTES = 65536;
const TAB = 8;
let text: usize = 0;
let textBytes: usize = 0;
let room: usize = 0; // bytes from `text` on that are ours
let lines: usize = 0; // offsets where lines begin
let lineCount = 0;
let top = 0; // the first line on the screen
let left = 0; // cells that are to the left of the screen
const query: usize = memory.data(128);
let queryBytes = 0;
let said: string = "";

/** Shows the files that the arguments from `first` on name, or standard input. Ends the program. */
export function pagerRun(first: i32): void {
  if (first >= argc()) take(0, 0);
  for (let i = first; i < argc(); i++) {
    const fd = argIs(i, "-") ? 0 : openPath(arg(i), OpenFlag.READ);
    if (fd < 0) {
      complainErrno(arg(i), fd);
      finish(1);
    }
    take(arg(i), fd);
    if (fd > 0) close(fd);
  }
  linesFind();
  // The keys come from the console that the text goes to; standard input may be the text.
  if (!fullscreenBegin(1)) {
    writeAll(1, text, <i32>textBytes);
    finish(0);
  }
  keysRun();
  fullscreenEnd();
  finish(0);
}

/** Adds all of a file. The heap only grows at its end, so the parts lie one after another. */
function take(name: usize, fd: i32): void {
  for (;;) {
    if (textBytes + PART_BYTES > room) {
      const part = heap.alloc(PART_BYTES);
      if (text == 0) text = part;
      room = part + PART_BYTES - text;
    }
    const n = read(fd, text + textBytes, PART_BYTES);
    if (n < 0) {
      complainErrno(name == 0 ? DASH : name, n);
      finish(1);
    }
    if (n == 0) return;
    textBytes += n;
    if (<i32>textBytes <= TEXT_BYTES - PART_BYTES) continue;
    complain();
    err.text("only the first 16 MiB are shown").newline();
    return;
  }
}

const DASH: usize = memory.data<u8>([0x2d, 0]);

function linesFind(): void {
  for (let i: usize = 0; i < textBytes; i++) if (load<u8>(text + i) == 10) lineCount++;
  if (textBytes > 0 && load<u8>(text + textBytes - 1) != 10) lineCount++;
  lines = heap.alloc((lineCount + 1) * 4);
  let n = 0;
  for (let i: usize = 0; i < textBytes; ) {
    store<u32>(lines + n++ * 4, <u32>i);
    while (i < textBytes && load<u8>(text + i) != 10) i++;
    i++;
  }
  store<u32>(lines + lineCount * 4, <u32>textBytes + 1);
}

function lineAt(i: i32): usize {
  return text + load<u32>(lines + i * 4);
}

function lineBytes(i: i32): i32 {
  const end = min(load<u32>(lines + i * 4 + 4) - 1, <u32>textBytes);
  return <i32>(end - load<u32>(lines + i * 4));
}

function shown(): i32 {
  return max(rows - 1, 1);
}

function keysRun(): void {
  for (;;) {
    top = max(min(top, lineCount - shown()), 0);
    draw();
    said = "";
    const page = max(shown() - 1, 1);
    switch (fullscreenKey(-1)) {
      case 0x71:
      case 0x51:
      case Key.QUIT:
        return;
      case 0x20:
      case 0x66:
      case 6:
      case Key.PAGE_DOWN:
        top += page;
        break;
      case 0x62:
      case 2:
      case Key.PAGE_UP:
        top -= page;
        break;
      case 0x6a:
      case 13:
      case 10:
      case Key.DOWN:
        top++;
        break;
      case 0x6b:
      case Key.UP:
        top--;
        break;
      case 0x64:
      case 4:
        top += page / 2;
        break;
      case 0x75:
      case 21:
        top -= page / 2;
        break;
      case 0x67:
      case 0x3c:
      case Key.HOME:
        top = 0;
        left = 0;
        break;
      case 0x47:
      case 0x3e:
      case Key.END:
        top = lineCount;
        break;
      case Key.RIGHT:
        left += columns / 2;
        break;
      case Key.LEFT:
        left = max(left - columns / 2, 0);
        break;
      case 0x2f:
        if (queryRead()) search(top, 1);
        break;
      case 0x6e:
        search(top + 1, 1);
        break;
      case 0x4e:
        search(top - 1, -1);
        break;
      case 0x68:
      case 0x3f:
        said = "q quit  Space b page  j k line  g G ends  /text n N search  arrows";
        break;
    }
  }
}

/** Reads what to search for on the last row; false when that was given up. */
function queryRead(): bool {
  let n = 0;
  for (;;) {
    out.text("\x1b[").dec(rows).text(";1H\x1b[K/").bytes(query, n);
    const c = fullscreenKey(-1);
    if (c == 13 || c == 10) break;
    if (c == 27 || c == Key.QUIT) return false;
    if (c == Key.REDRAW) draw();
    else if ((c == 127 || c == 8) && n == 0) return false;
    else if (c == 127 || c == 8) n--;
    else if (c >= 0x20 && c < 256 && n < 127) store<u8>(query + n++, c);
  }
  if (n > 0) queryBytes = n;
  return queryBytes > 0;
}

function search(from: i32, step: i32): void {
  if (queryBytes == 0) {
    said = "type / and what to search for";
    return;
  }
  // Without a capital in it, either case is found.
  let how = RegexFlag.EXTENDED | RegexFlag.FOLD;
  for (let i = 0; i < queryBytes; i++) {
    const c = load<u8>(query + i);
    if (c >= 0x41 && c <= 0x5a) how &= ~RegexFlag.FOLD;
  }
  const regex: Regex | null = regexCompile(query, queryBytes, how);
  if (regex == null) {
    said = regexError;
    return;
  }
  for (let i = from; i >= 0 && i < lineCount; i += step) {
    if (!regexFind(regex, lineAt(i), lineBytes(i), 0)) continue;
    top = i;
    return;
  }
  said = step > 0 ? "no line below has it" : "no line above has it";
}

function draw(): void {
  out.text("\x1b[H");
  for (let row = 0; row < shown(); row++) {
    if (top + row < lineCount) drawLine(top + row);
    else out.byte(0x7e);
    out.text("\x1b[K\r\n");
  }
  out.text("\x1b[7m");
  if (said.length > 0) out.text(said);
  else status();
  out.text("\x1b[m\x1b[K");
}

function status(): void {
  const last = min(top + shown(), lineCount);
  out
    .text("lines ")
    .dec(min(top + 1, lineCount))
    .byte(0x2d)
    .dec(last)
    .text(" of ")
    .dec(lineCount);
  if (last == lineCount) out.text(" (end)");
  if (left > 0) out.text(" from column ").dec(left + 1);
  out.text("  h help  q quit");
}

/** The part of a line that is on the screen: tabs are blanks, control characters are shown as ^X. */
function drawLine(i: i32): void {
  const p = lineAt(i);
  const n = lineBytes(i);
  let cell = 0;
  for (let k = 0; k < n && cell < left + columns; k++) {
    const c: i32 = load<u8>(p + k);
    if (c == 9) {
      do put(cell++, 0x20);
      while (cell % TAB != 0);
    } else if (c < 0x20 || c == 127) {
      put(cell++, 0x5e);
      put(cell++, c ^ 0x40);
    } else if ((c & 0xc0) == 0x80) {
      if (cell > left && cell <= left + columns) out.byte(c);
    } else put(cell++, c);
  }
}

function put(cell: i32, c: i32): void {
  if (cell >= left && cell < left + columns) out.byte(c);
}
