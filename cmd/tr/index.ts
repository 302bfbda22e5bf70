// tr: replaces, deletes or squeezes bytes.

import { arg, argc } from "../../lib/args";
import { classFound, classHas, classSpan } from "../../lib/classes";
import { escapeBytes, escapeRead, escapeText } from "../../lib/escape";
import { out } from "../../lib/fmt";
import { option, options } from "../../lib/options";
import { finish, help, usage } from "../../lib/program";
import { read } from "../../lib/sys";
import { cstrLength } from "../../lib/text";

const USAGE = "tr [-c] [-d] [-s] [-t] SET [SET]";
const SET_BYTES = 1024;
const buffer: usize = memory.data(16384);
const from: usize = memory.data(1024);
const to: usize = memory.data(1024);
const map: usize = memory.data(256);
const dropped: usize = memory.data(256); // 1: -d drops it
const squeezed: usize = memory.data(256); // 1: -s leaves one of several

export function _start(): void {
  help(
    "tr [-c] [-d] [-s] [-t] SET [SET]: replaces the bytes of the first SET in standard input by those of the second, or its last; -d deletes them, -s leaves one of several, -c: all that are not in it, -t only so many as the second has; a SET is like a-z0-9\\n[:upper:]\n  tr a-z A-Z < FILE\n  tr -d '\\r' < FILE\n  tr -cs '[:alnum:]' '\\n' < FILE",
  );
  const i = options("+cCdst", USAGE);
  const sets = argc() - i;
  const both = option("d") == option("s");
  if (sets < 1 || sets > 2 || (sets == 1 && !option("d") && !option("s"))) usage(USAGE);
  if (sets == 2 && option("d") && !both) usage(USAGE);
  let n = setRead(from, arg(i));
  if (option("c") || option("C")) n = complement(n);
  const m = sets == 2 ? setRead(to, arg(i + 1)) : 0;
  if (option("t")) n = min(n, m);
  for (let c = 0; c < 256; c++) store<u8>(map + c, c);
  if (option("d")) mark(dropped, from, n);
  else if (m > 0) {
    for (let k = 0; k < n; k++) {
      store<u8>(map + load<u8>(from + k), load<u8>(to + min(k, m - 1)));
    }
  } else if (sets == 2) usage(USAGE);
  if (option("s")) {
    if (sets == 2) mark(squeezed, to, m);
    else mark(squeezed, from, n);
  }
  run();
  finish(0);
}

function mark(table: usize, set: usize, n: i32): void {
  for (let k = 0; k < n; k++) store<u8>(table + load<u8>(set + k), 1);
}

function run(): void {
  let last = -1;
  for (let got = read(0, buffer, 16384); got > 0; got = read(0, buffer, 16384)) {
    for (let i = 0; i < got; i++) {
      if (load<u8>(dropped + load<u8>(buffer + i)) != 0) continue;
      const c: i32 = load<u8>(map + load<u8>(buffer + i));
      if (c == last && load<u8>(squeezed + c) != 0) continue;
      out.byte(c);
      last = c;
    }
    out.flush();
    if (out.failed != 0) return;
  }
}

/** The bytes that are not among the first n of `from`, in its place; how many. */
function complement(n: i32): i32 {
  const has: usize = heap.alloc(256);
  memory.fill(has, 0, 256);
  mark(has, from, n);
  let count = 0;
  for (let c = 0; c < 256; c++) if (load<u8>(has + c) == 0) store<u8>(from + count++, c);
  return count;
}

/** Writes the bytes of a set; how many, at most 1024. */
function setRead(at: usize, p: usize): i32 {
  let n = 0;
  const end = p + cstrLength(p);
  while (p < end) {
    const past = classSpan(p, end);
    if (past != 0) {
      for (let c = 0; c < 128 && n < SET_BYTES; c++)
        if (classHas(classFound, c)) store<u8>(at + n++, c);
      p = past;
      continue;
    }
    const low = byteAt(p, end);
    p = behind;
    let high = low;
    if (p + 1 < end && load<u8>(p) == 0x2d) {
      high = byteAt(p + 1, end);
      p = behind;
    }
    if (high < low) usage(USAGE);
    for (let c = low; c <= high && n < SET_BYTES; c++) store<u8>(at + n++, c);
  }
  return n;
}

let behind: usize = 0;

/** A byte of a set, which may be an escape. */
function byteAt(p: usize, end: usize): i32 {
  const past = load<u8>(p) == 0x5c ? escapeRead(p + 1, end, false) : 0;
  behind = past != 0 ? past : p + 1;
  if (past != 0 && escapeBytes == 1) return load<u8>(escapeText);
  if (load<u8>(p) == 0x5c && p + 1 < end && past == 0) {
    behind = p + 2;
    return load<u8>(p + 1);
  }
  return load<u8>(p);
}
