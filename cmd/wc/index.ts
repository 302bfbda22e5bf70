// wc: counts lines, words, characters and bytes.

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
const TOTAL: usize = memory.data<u8>([0x74, 0x6f, 0x74, 0x61, 0x6c, 0]);
const STDIN: usize = memory.data<u8>([0x2d, 0]);

let showLines = false;
let showWords = false;
let showBytes = false;
let showCharacters = false;
let showLongest = false;
let lines: i64 = 0;
let words: i64 = 0;
let bytes: i64 = 0;
let characters: i64 = 0;
let longest: i64 = 0;
let totalLines: i64 = 0;
let totalWords: i64 = 0;
let totalBytes: i64 = 0;
let totalCharacters: i64 = 0;
let longestOfAll: i64 = 0;
let status = 0;

export function _start(): void {
  help(
    "wc [-l] [-w] [-m] [-c] [-L] [FILE ...]: counts lines, words, characters (-m) and bytes; -L: cells of the longest line",
  );
  let i = options("lwcmL", "wc [-l] [-w] [-m] [-c] [-L] [FILE ...]");
  showLines = option("l");
  showWords = option("w");
  showBytes = option("c");
  showCharacters = option("m");
  showLongest = option("L");
  if (columns() == 0) {
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
    characters = totalCharacters;
    longest = longestOfAll;
    print(TOTAL);
  }
  finish(status);
}

function count(fd: i32, name: usize): bool {
  lines = 0;
  words = 0;
  bytes = 0;
  characters = 0;
  longest = 0;
  let line: i64 = 0;
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
      if ((c & 0xc0) != 0x80) {
        characters++;
        line++;
      }
      if (c == 9) line = ((line + 7) / 8) * 8;
      if (c == 10) {
        lines++;
        longest = max(longest, line - 1);
        line = 0;
      }
      const space = isSpace(c);
      if (!space && !inWord) words++;
      inWord = !space;
    }
  }
  longest = max(longest, line);
  longestOfAll = max(longestOfAll, longest);
  totalCharacters += characters;
  totalLines += lines;
  totalWords += words;
  totalBytes += bytes;
  return true;
}

/** How many numbers are shown. */
function columns(): i32 {
  return <i32>showLines + <i32>showWords + <i32>showBytes + <i32>showCharacters + <i32>showLongest;
}

function print(name: usize): void {
  const width = columns() == 1 ? 0 : 8;
  if (showLines) out.dec(lines, width);
  if (showWords) out.dec(words, width);
  if (showCharacters) out.dec(characters, width);
  if (showBytes) out.dec(bytes, width);
  if (showLongest) out.dec(longest, width);
  if (name != 0) out.byte(0x20).cstr(name);
  out.newline();
}
