// sort: lines in order, by merging; at most 4 MiB and 131072 lines, in pages that are used only when needed.

import { arg, argBytes, argc } from "../../lib/args";
import { err, out } from "../../lib/fmt";
import { linesFailed, linesNext, linesStart, text, textBytes } from "../../lib/lines";
import { complain, finish, help, usage } from "../../lib/program";
import { isSpace, parseNumber } from "../../lib/text";

const POOL_BYTES = 4194304;
const pool: usize = memory.data(4194304);
const LINES = 131072;
const lines: usize = memory.data(524288); // addresses in the pool of {bytes: i32, the line}
const merged: usize = memory.data(524288);

let numeric = false;
let reverse = false;
let unique = false;

export function _start(): void {
  help(
    "sort [-n] [-r] [-u] [FILE ...]: lines in order; -n by number, -r reversed, -u without repeats",
  );
  let i = 1;
  for (; i < argc() && argBytes(i) > 1 && load<u8>(arg(i)) == 0x2d; i++) {
    for (let p = arg(i) + 1; load<u8>(p) != 0; p++) {
      const c = load<u8>(p);
      if (c == 0x6e) numeric = true;
      else if (c == 0x72) reverse = true;
      else if (c == 0x75) unique = true;
      else usage("sort [-n] [-r] [-u] [FILE ...]");
    }
  }
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

function compare(a: usize, b: usize): i32 {
  const n = load<i32>(a);
  const m = load<i32>(b);
  if (numeric) {
    const x = number(a + 4, n);
    const y = number(b + 4, m);
    if (x != y || unique) return <i32>(x > y) - <i32>(x < y);
  }
  const order = memory.compare(a + 4, b + 4, min(n, m));
  return order != 0 ? order : n - m;
}

function number(p: usize, n: i32): i64 {
  while (n > 0 && isSpace(load<u8>(p))) {
    p++;
    n--;
  }
  return parseNumber(p, n);
}
