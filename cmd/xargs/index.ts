// xargs: a program with the words of standard input as arguments.

import { arg, argBytes, argc, argIs, argNumber, argValue } from "../../lib/args";
import { linesNext, linesStart, text, textBytes } from "../../lib/lines";
import { finish, help, usage } from "../../lib/program";
import { runAdd, runStart, runUsed, runWait } from "../../lib/run";
import { isSpace } from "../../lib/text";

const USAGE = "xargs [-n COUNT] [-I MARK] [PROGRAM [ARG ...]]";
const ECHO: usize = memory.data<u8>([0x65, 0x63, 0x68, 0x6f, 0]);
const WORD_BYTES = 4096;
const word: usize = memory.data(4096);
let first = 1;
let most: i64 = 0; // words for each run; 0: as many as fit
let status = 0;
let count: i64 = 0; // words of the run that is being made

export function _start(): void {
  help(
    "xargs [-n COUNT] [-I MARK] [PROGRAM [ARG ...]]: runs PROGRAM (echo) with the words of its input; -I: once for each line, in place of MARK\n  ls /tmp | xargs -n 1 wc -c\n  seq 3 | xargs -I X echo number X",
  );
  let mark = 0;
  for (; first < argc() && load<u8>(arg(first)) == 0x2d; first += 2) {
    if (argIs(first, "-n") && argNumber(first + 1) && argValue > 0) most = argValue;
    else if (argIs(first, "-I") && argBytes(first + 1) > 0) mark = first + 1;
    else usage(USAGE);
  }
  linesStart(argc());
  if (mark != 0) {
    while (linesNext()) lineRun(mark);
    finish(status);
  }
  begin();
  while (linesNext()) {
    for (let i = 0; i < textBytes; ) i = wordTake(i);
  }
  if (count > 0 || most == 0) run();
  finish(status);
}

function begin(): void {
  runStart(first);
  if (first >= argc()) runAdd(ECHO, 4);
  count = 0;
}

/** Takes the word at or after i of the line: quotes and backslashes keep blanks. Returns where it ends. */
function wordTake(i: i32): i32 {
  while (i < textBytes && isSpace(load<u8>(text + i))) i++;
  if (i >= textBytes) return i;
  let n = 0;
  let quote: i32 = 0;
  for (; i < textBytes; i++) {
    let c: i32 = load<u8>(text + i);
    if (quote == 0 && isSpace(c)) break;
    if (quote == 0 && (c == 0x22 || c == 0x27)) {
      quote = c;
      continue;
    }
    if (c == quote) {
      quote = 0;
      continue;
    }
    if (c == 0x5c && quote == 0 && i + 1 < textBytes) c = load<u8>(text + ++i);
    if (n < WORD_BYTES) store<u8>(word + n++, c);
  }
  if (!runAdd(word, n)) {
    run();
    begin();
    runAdd(word, n);
  }
  if (++count == most) {
    run();
    begin();
  }
  return i;
}

/** Runs the program with each MARK in its arguments replaced by the line. */
function lineRun(mark: i32): void {
  runStart(argc());
  for (let i = first; i < argc(); i++) {
    let n = 0;
    let p = arg(i);
    let left = argBytes(i);
    while (left > 0) {
      const at = find(p, left, mark);
      const before = at < 0 ? left : at;
      n = put(n, p, before);
      if (at < 0) break;
      n = put(n, text, textBytes);
      p += at + argBytes(mark);
      left -= at + argBytes(mark);
    }
    runAdd(word, n);
  }
  run();
}

function find(p: usize, n: i32, mark: i32): i32 {
  const m = argBytes(mark);
  for (let i = 0; i + m <= n; i++) if (memory.compare(p + i, arg(mark), m) == 0) return i;
  return -1;
}

function put(n: i32, p: usize, bytes: i32): i32 {
  const part = min(bytes, WORD_BYTES - n);
  memory.copy(word + n, p, part);
  return n + part;
}

/** The worst status is the program's own: 123 when a run failed, 126 or 127 when none could be. */
function run(): void {
  if (runUsed() == 0) usage(USAGE);
  const result = runWait();
  if (result == 126 || result == 127) finish(result);
  if (result != 0) status = 123;
}
