// wc: counts lines, words and bytes.

import { OpenFlag } from "../../abi/syscall";
import { arg, argc, argIs } from "../../lib/args";
import { openPath } from "../../lib/files";
import { out } from "../../lib/fmt";
import { option, options } from "../../lib/options";
import { complainErrno, finish, help } from "../../lib/program";
import { close, read } from "../../lib/sys";
import { isSpace } from "../../lib/text";

const BUFFER_BYTES = 16384;
const buffer: usize = memory.data(16384);
const STDIN: usize = memory.data<u8>([0x2d, 0]);

let showLines = false;
let showWords = false;
let showBytes = false;
let lines: i64 = 0;
let words: i64 = 0;
let bytes: i64 = 0;
let totalLines: i64 = 0;
let totalWords: i64 = 0;
let totalBytes: i64 = 0;
let status = 0;

export function _start(): void {
  help("wc [-l] [-w] [-c] [FILE ...]: counts lines, words and bytes");
  let i = options("lwc", "wc [-l] [-w] [-c] [FILE ...]");
  showLines = option("l");
  showWords = option("w");
  showBytes = option("c");
  if (!showLines && !showWords && !showBytes) {
    showLines = true;
    showWords = true;
    showBytes = true;
  }
  const files = argc() - i;
  if (files == 0 && count(0, STDIN)) print(0);
  for (; i < argc(); i++) {
    const fd = argIs(i, "-") ? 0 : openPath(arg(i), OpenFlag.READ);
    if (fd < 0) {
      complainErrno(arg(i), fd);
      status = 1;
      continue;
    }
    if (count(fd, arg(i))) print(arg(i));
    close(fd);
  }
  if (files > 1) {
    lines = totalLines;
    words = totalWords;
    bytes = totalBytes;
    print(0);
  }
  finish(status);
}

function count(fd: i32, name: usize): bool {
  lines = 0;
  words = 0;
  bytes = 0;
  let inWord = false;
  for (;;) {
    const n = read(fd, buffer, BUFFER_BYTES);
    if (n < 0) {
      complainErrno(name, n);
      status = 1;
      return false;
    }
    if (n == 0) break;
    bytes += n;
    for (let i = 0; i < n; i++) {
      const c = load<u8>(buffer + i);
      if (c == 10) lines++;
      const space = isSpace(c);
      if (!space && !inWord) words++;
      inWord = !space;
    }
  }
  totalLines += lines;
  totalWords += words;
  totalBytes += bytes;
  return true;
}

function print(name: usize): void {
  const single = <i32>showLines + <i32>showWords + <i32>showBytes == 1;
  const width = single ? 0 : 8;
  if (showLines) out.dec(lines, width);
  if (showWords) out.dec(words, width);
  if (showBytes) out.dec(bytes, width);
  if (name != 0) out.byte(0x20).cstr(name);
  out.newline();
}
