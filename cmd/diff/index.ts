// diff: the lines in which two files differ, with the fewest changes that make one the other.

import { OpenFlag } from "../../abi/syscall";
import { arg, argc } from "../../lib/args";
import { openPath, readFull } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import { complain, complainErrno, finish, help, usage } from "../../lib/program";
import { close } from "../../lib/sys";

const FILE_BYTES = 1 << 20;
const LINES = 16384;
/** Cells of the table of longest common subsequences. */
const CELLS = 4 << 20;

let firstText: usize = 0;
let firstLines: usize = 0; // {text, bytes} for each
let firstCount = 0;
let secondText: usize = 0;
let secondLines: usize = 0;
let secondCount = 0;

export function _start(): void {
  help(
    "diff FILE1 FILE2: the lines that differ: < those of FILE1, > those of FILE2; status 1 when there are any\n  diff /tmp/a /tmp/b",
  );
  if (argc() != 3) usage("diff FILE1 FILE2");
  firstText = fileRead(arg(1));
  firstLines = linesFind(firstText);
  firstCount = lineCount;
  secondText = fileRead(arg(2));
  secondLines = linesFind(secondText);
  secondCount = lineCount;
  finish(compare() ? 1 : 0);
}

/** The file's bytes, NUL after them; ends the program when it cannot be read. */
function fileRead(path: usize): usize {
  const fd = openPath(path, OpenFlag.READ);
  const text = heap.alloc(FILE_BYTES + 1);
  const n = fd < 0 ? fd : readFull(fd, text, FILE_BYTES);
  if (n < 0) {
    complainErrno(path, n);
    finish(2);
  }
  close(fd);
  if (n == FILE_BYTES) tooLarge();
  store<u8>(text + n, 0);
  textBytes = n;
  return text;
}

let textBytes = 0;
let lineCount = 0;

function linesFind(text: usize): usize {
  const lines = heap.alloc(LINES * 8);
  lineCount = 0;
  for (let p = text; p < text + textBytes; ) {
    let q = p;
    while (q < text + textBytes && load<u8>(q) != 10) q++;
    if (lineCount == LINES) tooLarge();
    store<usize>(lines + lineCount * 8, p);
    store<i32>(lines + lineCount * 8, <i32>(q - p), 4);
    lineCount++;
    p = q + 1;
  }
  return lines;
}

function tooLarge(): void {
  complain();
  err.text("the files are too large, or differ too much").newline();
  finish(2);
}

function same(i: i32, j: i32): bool {
  const a = firstLines + i * 8;
  const b = secondLines + j * 8;
  const n = load<i32>(a, 4);
  return n == load<i32>(b, 4) && memory.compare(load<usize>(a), load<usize>(b), n) == 0;
}

/** True when the files differ. What they have in common at both ends is not looked at again. */
function compare(): bool {
  let start = 0;
  while (start < firstCount && start < secondCount && same(start, start)) start++;
  let m = firstCount;
  let n = secondCount;
  while (m > start && n > start && same(m - 1, n - 1)) {
    m--;
    n--;
  }
  if (m == start && n == start) return false;
  const width = n - start + 1;
  if ((m - start + 1) * width > CELLS) tooLarge();
  const table = heap.alloc((m - start + 1) * width * 2);
  memory.fill(table, 0, (m - start + 1) * width * 2);
  for (let i = m - 1; i >= start; i--) {
    for (let j = n - 1; j >= start; j--) {
      const cell = table + ((i - start) * width + (j - start)) * 2;
      const down: i32 = load<u16>(cell + width * 2);
      const right: i32 = load<u16>(cell + 2);
      const both: i32 = load<u16>(cell + width * 2 + 2);
      store<u16>(cell, same(i, j) ? both + 1 : max(down, right));
    }
  }
  let i = start;
  let j = start;
  while (i < m || j < n) {
    if (i < m && j < n && same(i, j)) {
      i++;
      j++;
      continue;
    }
    const fromI = i;
    const fromJ = j;
    while (i < m || j < n) {
      if (i < m && j < n && same(i, j)) break;
      const cell = table + ((i - start) * width + (j - start)) * 2;
      if (j >= n || (i < m && load<u16>(cell + width * 2) >= load<u16>(cell + 2))) i++;
      else j++;
    }
    show(fromI, i, fromJ, j);
  }
  return true;
}

/** One change: lines [i, iEnd) of the first file became [j, jEnd) of the second. */
function show(i: i32, iEnd: i32, j: i32, jEnd: i32): void {
  range(i, iEnd);
  out.byte(j == jEnd ? 0x64 : i == iEnd ? 0x61 : 0x63);
  range(j, jEnd);
  out.newline();
  for (let k = i; k < iEnd; k++) line(0x3c, firstLines, k);
  if (i < iEnd && j < jEnd) out.text("---").newline();
  for (let k = j; k < jEnd; k++) line(0x3e, secondLines, k);
}

function range(from: i32, to: i32): void {
  if (to <= from + 1) {
    out.dec(to);
    return;
  }
  out
    .dec(from + 1)
    .byte(0x2c)
    .dec(to);
}

function line(mark: i32, lines: usize, k: i32): void {
  out
    .byte(mark)
    .byte(0x20)
    .bytes(load<usize>(lines + k * 8), load<i32>(lines + k * 8, 4))
    .newline();
}
