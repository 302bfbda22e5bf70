// read: one line of standard input into variables.
//
//   read [-r] [-s] [-p PROMPT] [-n COUNT] [-d BYTE] [-t SECONDS] [-u FD] [NAME ...]     the last NAME gets the rest of the line; without
//   names, REPLY gets all of it
//
// What follows the line stays for others: where the input can seek, a block is read and the rest given back, else it is read byte by byte.

import { FileType, Stat, Whence } from "../../abi/syscall";
import { consoleCooked, consoleRaw, consoleWaiting } from "../../lib/console";
import { err } from "../../lib/fmt";
import { fstat, nanosleep, read, seek } from "../../lib/sys";
import { bytesIndex, cstrLength, isDigit, isSpace, parsedBytes, parseNumber } from "../../lib/text";
import { MILLISECOND, now, SECOND } from "../../lib/time";
import { fdOf } from "./redirect";
import { parameter, separators, separatorsBytes, varComplain, varSet } from "./vars";

const LINE_BYTES = 32768;
const line: usize = memory.data(32768);
const quoted: usize = memory.data(32768); // 1: a backslash was before the byte, so that it separates nothing
const BLOCK_BYTES = 512;
const block: usize = memory.data(512);
const st: usize = memory.data(32, 8);
const REPLY: usize = memory.data<u8>([0x52, 0x45, 0x50, 0x4c, 0x59, 0]);

let fd = 0;
let raw = false;
let delimiter = 10;
let most = 0; // bytes at most
let deadline: i64 = 0; // 0: none
let byKey = false; // from a console, key by key
let echoes = false;
let bytes = 0; // of the line
let ended = false; // the input ended before the line did
let given: i32 = 0; // why nothing is assigned: a status, or 0
const LATE = 142;
const INTERRUPTED = 130;

export function readRun(word: usize, count: i32): i32 {
  fd = fdOf(0);
  raw = false;
  delimiter = 10;
  most = LINE_BYTES - 1;
  deadline = 0;
  let silent = false;
  for (; count > 0 && load<u8>(word) == 0x2d; count--) {
    for (let p = word + 1; load<u8>(p) != 0; p++) {
      const c: i32 = load<u8>(p);
      if (c == 0x72) raw = true;
      else if (c == 0x73) silent = true;
      else if (c != 0x65) {
        // The rest of the word, or the next one, is the value.
        let text = p + 1;
        if (load<u8>(text) == 0 && count > 1) {
          count--;
          text++;
        }
        if (!optionTake(c, text)) return wrong(word);
        word = text;
        break;
      }
    }
    word += cstrLength(word) + 1;
  }
  byKey = (silent || most < LINE_BYTES - 1) && consoleRaw(fd) >= 0;
  echoes = byKey && !silent;
  lineRead();
  if (byKey) {
    consoleCooked(fd);
    if (silent) err.newline();
  }
  if (given != 0) return given;
  if (!split(word, count)) return 1;
  return ended ? 1 : 0;
}

function wrong(word: usize): i32 {
  err.text("sh: read: ").cstr(word).text(": the options are -r -s -p -n -d -t and -u").newline();
  return 2;
}

/** An option with a value. */
function optionTake(c: i32, text: usize): bool {
  const n = cstrLength(text);
  if (c == 0x70) {
    err.cstr(text).flush();
    return true;
  }
  if (c == 0x64) {
    delimiter = load<u8>(text);
    return true;
  }
  const number = parseNumber(text, n);
  if (n == 0 || number < 0) return false;
  if (c == 0x74) {
    // 1.5 is more than a second.
    deadline = now() + number * SECOND + (parsedBytes < n ? SECOND / 2 : 0) + 1;
    return true;
  }
  if (parsedBytes != n) return false;
  if (c == 0x6e || c == 0x4e) most = <i32>min<i64>(number, LINE_BYTES - 1);
  else if (c == 0x75 && number < 10) fd = fdOf(<i32>number);
  else return false;
  return true;
}

/** One line into `value` and `valueBytes`, as for `select`; false at the end of the input. */
export function replyRead(): bool {
  fd = 0;
  raw = true;
  delimiter = 10;
  most = LINE_BYTES - 1;
  deadline = 0;
  byKey = false;
  lineRead();
  varSet(REPLY, 5, line, bytes);
  parameter(REPLY, 5);
  return !ended || bytes > 0;
}

function lineRead(): void {
  bytes = 0;
  ended = true;
  given = 0;
  const isFile =
    fstat(fd, st) >= 0 &&
    load<u32>(st, Stat.TYPE) == FileType.FILE &&
    seek(fd, 0, Whence.CURRENT) >= 0;
  let escaped = false;
  while (bytes < most) {
    if (deadline != 0 && !isFile && !waits()) {
      given = LATE;
      return;
    }
    const n = read(fd, block, isFile ? BLOCK_BYTES : 1);
    if (n <= 0) return;
    for (let i = 0; i < n; i++) {
      const c = byKey ? keyTake(load<u8>(block + i)) : <i32>load<u8>(block + i);
      if (given != 0) return;
      const ends = c == delimiter && !escaped;
      if (ends) ended = false;
      else if (escaped && c == 10) escaped = false;
      else if (!raw && !escaped && c == 0x5c) escaped = true;
      else if (c != 0 || delimiter == 0) {
        store<u8>(line + bytes, c);
        store<u8>(quoted + bytes++, escaped ? 1 : 0);
        escaped = false;
      }
      if (!ends && bytes < most) continue;
      if (isFile && i + 1 < n) seek(fd, <i64>(i + 1 - n), Whence.CURRENT);
      if (!ends) ended = false;
      return;
    }
  }
  ended = false;
}

/** What a key stands for: Enter ends the line, backspace takes a byte back and is then nothing. */
function keyTake(c: i32): i32 {
  if (c == 3) given = INTERRUPTED;
  const erases = c == 8 || c == 127;
  if (erases && bytes > 0) bytes--;
  if (echoes && (c >= 0x20 || c == 13)) {
    if (erases) err.text("\b \b").flush();
    else err.byte(c == 13 ? 10 : c).flush();
  }
  return c == 13 ? 10 : erases ? 0 : c;
}

/** Waits for input until the time is over; false: it is. */
function waits(): bool {
  while (consoleWaiting(fd) == 0) {
    if (now() >= deadline) return false;
    nanosleep(20 * MILLISECOND);
  }
  return true;
}

function isSeparator(i: i32): bool {
  if (load<u8>(quoted + i) != 0) return false;
  return bytesIndex(separators(), separatorsBytes(), load<u8>(line + i)) >= 0;
}

function isBlank(i: i32): bool {
  return isSeparator(i) && isSpace(load<u8>(line + i));
}

/** Gives the names their parts of the line. */
function split(word: usize, count: i32): bool {
  if (count <= 0) return assign(REPLY, 0, bytes);
  let at = 0;
  let end = bytes;
  while (at < end && isBlank(at)) at++;
  for (; count > 1; count--) {
    const from = at;
    while (at < end && !isSeparator(at)) at++;
    if (!assign(word, from, at)) return false;
    // Blanks, one other separator, and blanks.
    while (at < end && isBlank(at)) at++;
    if (at < end && isSeparator(at)) at++;
    while (at < end && isBlank(at)) at++;
    word += cstrLength(word) + 1;
  }
  while (end > at && isBlank(end - 1)) end--;
  // A separator that ends the last field and nothing else is not part of it.
  if (end > at && isSeparator(end - 1) && isLone(at, end - 1)) end--;
  return assign(word, at, end);
}

/** No other separator is between the two. */
function isLone(from: i32, to: i32): bool {
  for (let i = from; i < to; i++) if (isSeparator(i) && !isBlank(i)) return false;
  return true;
}

function assign(word: usize, from: i32, to: i32): bool {
  const n = cstrLength(word);
  if (n == 0 || isDigit(load<u8>(word))) {
    err.text("sh: read: ").cstr(word).text(": not a name").newline();
    return false;
  }
  if (varSet(word, n, line + from, to - from)) return true;
  varComplain(word, n);
  return false;
}
