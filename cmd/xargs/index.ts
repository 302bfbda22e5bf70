// xargs: a program with the words of standard input as arguments.

import { arg, argBytes, argc } from "../../lib/args";
import { escapeBytes, escapeRead, escapeText } from "../../lib/escape";
import { err } from "../../lib/fmt";
import { linesNext, linesStart, text, textBytes } from "../../lib/lines";
import { option, optionNumber, options, optionText } from "../../lib/options";
import { complain, finish, help, usage } from "../../lib/program";
import { runAdd, runAddMarked, runBegin, runShow, runStart, runUsed, runWait } from "../../lib/run";
import { read } from "../../lib/sys";
import { cstrLength, isSpace } from "../../lib/text";

const USAGE = "xargs [-0] [-r] [-t] [-n COUNT] [-L COUNT] [-d BYTE] [-I MARK] [PROGRAM [ARG ...]]";
const ECHO: usize = memory.data<u8>([0x65, 0x63, 0x68, 0x6f, 0]);
const WORD_BYTES = 4096;
const word: usize = memory.data(4096);
const READ_BYTES = 4096;
const buffer: usize = memory.data(4096);
let first = 1;
let most: i64 = 0; // words for each run; 0: as many as fit
let status = 0;
let count: i64 = 0; // words of the run that is being made
let runs = 0;

export function _start(): void {
  help(
    "xargs [-0] [-r] [-t] [-n COUNT] [-L COUNT] [-d BYTE] [-I MARK] [PROGRAM [ARG ...]]: runs PROGRAM (echo) with the words of its input; -n: so many at a time, -L: those of so many lines, -I: once for each line, in place of MARK, -0 and -d: words end with a NUL or a BYTE, which may be \\n, -t shows what is run, -r runs nothing without a word\n  ls /tmp | xargs -n 1 wc -c\n  seq 3 | xargs -I X echo number X\n  find . -print0 | xargs -0 ls -d",
  );
  first = options("+0rtn:L:d:I:P:", USAGE);
  most = optionNumber("n", 0, USAGE);
  const lines = optionNumber("L", 0, USAGE);
  if ((option("n") && most == 0) || (option("L") && lines == 0)) usage(USAGE);
  const mark = optionText("I");
  if (mark != 0 && load<u8>(mark) == 0) usage(USAGE);
  begin();
  if (option("0") || option("d")) {
    wordsRead(option("0") ? 0 : delimiterRead(optionText("d")), mark);
  } else {
    linesStart(argc());
    let wordy: i64 = 0; // lines that had words
    while (linesNext()) {
      if (mark != 0) {
        // A line is one word; blanks before it and lines without anything else are none.
        const n = wordTake(0, true);
        if (n >= 0) markRun(mark, word, n);
        continue;
      }
      const before = count;
      for (let i = 0; i < textBytes; i = taken) {
        const n = wordTake(i, false);
        if (n >= 0) add(n);
      }
      if (lines == 0 || count == before) continue;
      if (++wordy % lines == 0) next();
    }
  }
  if (mark == 0 && (count > 0 || (runs == 0 && !option("r")))) run();
  finish(status);
}

function begin(): void {
  runStart(first);
  if (first >= argc()) runAdd(ECHO, 4);
  count = 0;
}

/** The byte that -d names, which may be an escape. */
function delimiterRead(p: usize): i32 {
  const n = cstrLength(p);
  if (n <= 1) return load<u8>(p);
  const end = load<u8>(p) == 0x5c ? escapeRead(p + 1, p + n, false) : 0;
  if (end != p + n || escapeBytes != 1) usage(USAGE);
  return load<u8>(escapeText);
}

/** Words that end with a byte. */
function wordsRead(end: i32, mark: usize): void {
  let n = 0;
  let open = false; // bytes have come that no end has followed
  for (let got = read(0, buffer, READ_BYTES); got > 0; got = read(0, buffer, READ_BYTES)) {
    for (let i = 0; i < got; i++) {
      const c: i32 = load<u8>(buffer + i);
      open = c != end;
      if (open) {
        if (n == WORD_BYTES) tooLong();
        store<u8>(word + n++, c);
        continue;
      }
      wordHave(n, mark);
      n = 0;
    }
  }
  if (open) wordHave(n, mark);
}

function wordHave(n: i32, mark: usize): void {
  if (mark != 0) markRun(mark, word, n);
  else add(n);
}

function tooLong(): void {
  wrong("a word is too long");
}

function wrong(sentence: string): void {
  complain();
  err.text(sentence).newline();
  finish(1);
}

let taken = 0; // where the word in the line ends

/**
 * Takes the word at or after i of the line, or all that is behind it; quotes and backslashes keep blanks. Its bytes; -1 when there is none.
 * `taken` is where it ends.
 */
function wordTake(i: i32, toEnd: bool): i32 {
  while (i < textBytes && isSpace(load<u8>(text + i))) i++;
  taken = i;
  if (i >= textBytes) return -1;
  let n = 0;
  let quote: i32 = 0;
  for (; i < textBytes; i++) {
    let c: i32 = load<u8>(text + i);
    if (quote == 0 && isSpace(c) && !toEnd) break;
    if (quote == 0 && (c == 0x22 || c == 0x27)) {
      quote = c;
      continue;
    }
    if (c == quote) {
      quote = 0;
      continue;
    }
    if (c == 0x5c && quote == 0 && i + 1 < textBytes) c = load<u8>(text + ++i);
    if (n == WORD_BYTES) tooLong();
    store<u8>(word + n++, c);
  }
  if (quote != 0) wrong("a quote is not closed; -0 and -d take quotes as they are");
  taken = i;
  return n;
}

/** Adds the word; the program is run when that is as many as it is to get. */
function add(n: i32): void {
  if (!runAdd(word, n)) {
    if (count > 0) next();
    if (!runAdd(word, n)) tooLong();
  }
  if (++count == most) next();
}

function next(): void {
  run();
  begin();
}

/** Runs the program with each MARK in its arguments replaced by a text. */
function markRun(mark: usize, p: usize, n: i32): void {
  runBegin();
  for (let i = first; i < argc(); i++) {
    if (!runAddMarked(arg(i), argBytes(i), mark, cstrLength(mark), p, n)) tooLong();
  }
  run();
}

/** The worst status is the program's own: 123 when a run failed, 126 or 127 when none could be, 124 when one ended all with 255. */
function run(): void {
  if (runUsed() == 0) usage(USAGE);
  runs++;
  if (option("t")) runShow();
  const result = runWait();
  if (result == 126 || result == 127) finish(result);
  if (result == 255) finish(124);
  if (result != 0) status = 123;
}
