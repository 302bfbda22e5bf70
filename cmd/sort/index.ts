// sort: lines in order, by merging; at most 4 MiB and 131072 lines, in pages that are used only when needed.

import { OpenFlag } from "../../abi/syscall";
import { openPath } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import { linesFailed, linesName, linesNext, linesStart, text, textBytes } from "../../lib/lines";
import { option, options, optionText } from "../../lib/options";
import { complain, complainErrno, finish, help, usage } from "../../lib/program";
import { random } from "../../lib/sys";
import { cstrLength } from "../../lib/text";
import { compareLines, comparesEqual, keyAdd, keysOwn, separatorSet } from "./keys";

export const USAGE = "sort [-nghVRrufbsmc] [-k FIELD[,FIELD]] [-t BYTE] [-o FILE] [FILE ...]";
const POOL_BYTES = 4194304;
const pool: usize = memory.data(4194304);
const LINES = 131072;
const lines: usize = memory.data(524288); // addresses in the pool of {bytes: i32, the line}
const merged: usize = memory.data(524288);

export function _start(): void {
  help(
    "sort [-nghVRrufbsmc] [-k FIELD[,FIELD]] [-t BYTE] [-o FILE] [FILE ...]: lines in order; -n by number, -g with exponents too, -h by sizes like 2K and 1.5M, -V by numbers in names, -R in no order, -r reversed, -u without repeats, -f as if small letters, -b without leading blanks, -k 2: from the second field on, -k 2,2n: by it alone, as a number, several -k one after another; -t: what is between fields, -o: the file to write, -s leaves what is equal in order, -m: files that are in order already, -c only says whether it is in order\n  ps | sort -n -k 2\n  du -h /bin/* | sort -h",
  );
  const i = options("nhVRrufbsgmck;t:o:", USAGE);
  const separator = optionText("t");
  if (separator != 0) {
    if (cstrLength(separator) != 1) usage(USAGE);
    separatorSet(load<u8>(separator));
  }
  keysOwn();
  for (let p = optionText("k"); p != 0 && load<u8>(p) != 0; p = keyAdd(p)) {}
  linesStart(i);
  if (option("c")) {
    ordered();
    finish(linesFailed ? 2 : 0);
  }
  let count = linesRead();
  const sorted = sortAll(count);
  if (option("u")) count = differing(sorted, count);
  if (option("R")) shuffle(sorted, count);
  if (option("o")) outputOpen(optionText("o"));
  for (let k = 0; k < count; k++) {
    const line = load<usize>(sorted + k * 4);
    out.bytes(line + 4, load<i32>(line)).newline();
  }
  finish(linesFailed ? 2 : 0);
}

/** All lines, into the pool; how many. */
function linesRead(): i32 {
  let count = 0;
  let used = 0;
  while (linesNext()) {
    if (count == LINES || used + textBytes + 8 > POOL_BYTES) {
      complain();
      err.text("the input is larger than 4 MiB or 131072 lines").newline();
      finish(2);
    }
    store<usize>(lines + count++ * 4, pool + used);
    used = keep(used);
  }
  return count;
}

/** Puts the current line at an offset of the pool; the offset behind it. */
function keep(used: i32): i32 {
  store<i32>(pool + used, textBytes);
  memory.copy(pool + used + 4, text, textBytes);
  return (used + 4 + textBytes + 3) & ~3;
}

/** -o: standard output is another file from now on; the input has been read, so it may be the same one. */
function outputOpen(path: usize): void {
  const fd = openPath(path, OpenFlag.WRITE | OpenFlag.CREATE | OpenFlag.TRUNCATE);
  if (fd < 0) {
    complainErrno(path, fd);
    finish(2);
  }
  out.fd = fd;
}

/** -c: ends the program with 1 at the first line that is not in order. */
function ordered(): void {
  let number = 0;
  let from = 0; // the line before is in one half of the pool, the new one in the other
  while (linesNext()) {
    const to = from == 0 ? POOL_BYTES / 2 : 0;
    keep(to);
    const order = number++ == 0 ? 0 : compareLines(pool + from, pool + to);
    if (order > 0 || (order == 0 && number > 1 && option("u"))) {
      complain();
      err.cstr(linesName).byte(0x3a).dec(number).text(": not in order: ");
      err.bytes(text, textBytes).newline();
      finish(1);
    }
    from = to;
  }
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
  return compareLines(load<usize>(a), load<usize>(b)) <= 0;
}

/** Keeps the first of those that are equal by their keys; how many that leaves. */
function differing(sorted: usize, count: i32): i32 {
  let kept = 0;
  for (let k = 0; k < count; k++) {
    const line = load<usize>(sorted + k * 4);
    if (kept > 0 && comparesEqual(load<usize>(sorted + (kept - 1) * 4), line)) continue;
    store<usize>(sorted + kept++ * 4, line);
  }
  return kept;
}

const number: usize = memory.data(8);

/** -R: each place gets one of the lines that have none yet. */
function shuffle(at: usize, count: i32): void {
  for (let i = count - 1; i > 0; i--) {
    random(number, 4);
    const k = <i32>(load<u32>(number) % <u32>(i + 1));
    const line = load<usize>(at + i * 4);
    store<usize>(at + i * 4, load<usize>(at + k * 4));
    store<usize>(at + k * 4, line);
  }
}
