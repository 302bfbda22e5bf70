// sort: lines in order, by merging; at most 4 MiB and 131072 lines, in pages that are used only when needed.

import { err, out } from "../../lib/fmt";
import { linesFailed, linesNext, linesStart, text, textBytes } from "../../lib/lines";
import { option, options, optionText } from "../../lib/options";
import { complain, finish, help, usage } from "../../lib/program";
import { cstrLength, isSpace, parsedBytes, parseNumber } from "../../lib/text";

const USAGE = "sort [-n] [-r] [-u] [-f] [-k FIELD[,FIELD]] [-t BYTE] [FILE ...]";
const POOL_BYTES = 4194304;
const pool: usize = memory.data(4194304);
const LINES = 131072;
const lines: usize = memory.data(524288); // addresses in the pool of {bytes: i32, the line}
const merged: usize = memory.data(524288);

let numeric = false;
let reverse = false;
let unique = false;
let folds = false;
let separator = -1; // -1: blanks
let keyFirst = 0; // 0: the whole line
let keyLast = 0; // 0: to the end of the line

export function _start(): void {
  help(
    "sort [-n] [-r] [-u] [-f] [-k FIELD] [-t BYTE] [FILE ...]: lines in order; -n by number, -r reversed, -u without repeats, -f as if small letters, -k 2: from the second field on, -k 2,2: by it alone; -t: what is between fields\n  ps | sort -n -k 2",
  );
  const i = options("nrufk:t:", USAGE);
  numeric = option("n");
  reverse = option("r");
  unique = option("u");
  folds = option("f");
  if (option("t")) {
    separator = load<u8>(optionText("t"));
    if (separator == 0) usage(USAGE);
  }
  if (option("k")) key(optionText("k"));
  linesStart(i);
  let count = 0;
  let used = 0;
  while (linesNext()) {
    if (count == LINES || used + textBytes + 8 > POOL_BYTES) {
      complain();
      err.text("the input is larger than 4 MiB or 131072 lines").newline();
      finish(1);
    }
    store<usize>(lines + count++ * 4, pool + used);
    store<i32>(pool + used, textBytes);
    memory.copy(pool + used + 4, text, textBytes);
    used = (used + 4 + textBytes + 3) & ~3;
  }
  const sorted = sortAll(count);
  for (let k = 0; k < count; k++) {
    const line = load<usize>(sorted + k * 4);
    if (unique && k > 0 && compare(load<usize>(sorted + (k - 1) * 4), line) == 0) continue;
    out.bytes(line + 4, load<i32>(line)).newline();
  }
  finish(linesFailed ? 1 : 0);
}

/** Merges runs of 1, 2, 4 ... lines; where the result is. Equal lines keep their order. */
function sortAll(count: i32): usize {
  let from = lines;
  let to = merged;
  for (let width = 1; width < count; width *= 2) {
    for (let at = 0; at < count; at += 2 * width) {
      let a = at;
      const aEnd = min(at + width, count);
      let b = aEnd;
      const bEnd = min(at + 2 * width, count);
      for (let k = at; k < bEnd; k++) {
        const left = a < aEnd && (b >= bEnd || inOrder(from + a * 4, from + b * 4));
        store<usize>(to + k * 4, load<usize>(from + (left ? a++ : b++) * 4));
      }
    }
    const swap = from;
    from = to;
    to = swap;
  }
  return from;
}

function inOrder(a: usize, b: usize): bool {
  const order = compare(load<usize>(a), load<usize>(b));
  return reverse ? order >= 0 : order <= 0;
}

/** Reads FIRST[,LAST], with n and r after it. */
function key(p: usize): void {
  const end = p + cstrLength(p);
  keyFirst = <i32>parseNumber(p, <i32>(end - p));
  if (parsedBytes == 0 || keyFirst <= 0) usage(USAGE);
  p += parsedBytes;
  if (load<u8>(p) == 0x2c) {
    keyLast = <i32>parseNumber(p + 1, <i32>(end - p - 1));
    if (parsedBytes == 0 || keyLast <= 0) usage(USAGE);
    p += 1 + parsedBytes;
  }
  for (; p < end; p++) {
    if (load<u8>(p) == 0x6e) numeric = true;
    else if (load<u8>(p) == 0x72) reverse = true;
    else usage(USAGE);
  }
}

let part: usize = 0;
let partBytes = 0;

/** What a line is compared by: part and partBytes. */
function partOf(line: usize): void {
  part = line + 4;
  partBytes = load<i32>(line);
  if (keyFirst == 0) return;
  const end = part + partBytes;
  part = fieldFrom(part, end, keyFirst - 1);
  let last = end;
  if (keyLast >= keyFirst) {
    last = part;
    for (let i = keyFirst; i <= keyLast; i++)
      last = fieldEnd(last, end) + <usize>(i < keyLast && separator >= 0);
    last = min(last, end);
  }
  partBytes = <i32>(last - part);
}

/** Where the field after `skip` others starts. */
function fieldFrom(p: usize, end: usize, skip: i32): usize {
  for (; skip > 0; skip--) p = min(fieldEnd(p, end) + <usize>(separator >= 0), end);
  while (separator < 0 && p < end && isSpace(load<u8>(p))) p++;
  return p;
}

function fieldEnd(p: usize, end: usize): usize {
  if (separator >= 0) {
    while (p < end && <i32>load<u8>(p) != separator) p++;
    return p;
  }
  while (p < end && isSpace(load<u8>(p))) p++;
  while (p < end && !isSpace(load<u8>(p))) p++;
  return p;
}

function compare(a: usize, b: usize): i32 {
  partOf(a);
  const p = part;
  const n = partBytes;
  partOf(b);
  const q = part;
  const m = partBytes;
  if (numeric) {
    const x = number(p, n);
    const y = number(q, m);
    if (x != y || unique) return <i32>(x > y) - <i32>(x < y);
  }
  for (let i = 0; i < min(n, m); i++) {
    const c = lower(load<u8>(p + i));
    const d = lower(load<u8>(q + i));
    if (c != d) return c - d;
  }
  return n - m;
}

function lower(c: i32): i32 {
  return folds && c >= 0x41 && c <= 0x5a ? c + 0x20 : c;
}

function number(p: usize, n: i32): i64 {
  while (n > 0 && isSpace(load<u8>(p))) {
    p++;
    n--;
  }
  return parseNumber(p, n);
}
