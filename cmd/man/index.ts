// man, apropos: what programs do, from the lines that each of them prints for --help, gathered when the system was built.

import { arg, argBytes, argc, argIs, calledAs } from "../../lib/args";
import { line, lineBytes, lineNext, lineStart, readFile } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import { complain, complainErrno, finish, help, usage } from "../../lib/program";
import { bytesIndex } from "../../lib/text";
import { wrapBytes } from "../../lib/wrap";

const USAGE = "man [NAME ... | -k WORD]";
const TEXT_BYTES = 65536;
const text: usize = memory.data(65537);
const PATH: usize = memory.data<u8>([
  0x2f, 0x73, 0x68, 0x61, 0x72, 0x65, 0x2f, 0x68, 0x65, 0x6c, 0x70, 0,
]);
let textBytes = 0;

export function _start(): void {
  help(
    "man [NAME ... | -k WORD]: what the programs do, or those whose line has WORD in it\n  man grep\n  man -k memory\napropos WORD: the same as man -k WORD",
  );
  textBytes = readFile("/share/help", text, TEXT_BYTES);
  if (textBytes < 0) {
    complainErrno(PATH, textBytes);
    finish(1);
  }
  const apropos = calledAs("apropos");
  if (apropos || argIs(1, "-k")) {
    const word = apropos ? 1 : 2;
    if (argc() != word + 1) usage(apropos ? "apropos WORD" : USAGE);
    if (list(word) > 0) finish(0);
    complain();
    err.cstr(arg(word)).text(": nothing has this word").newline();
    finish(1);
  }
  if (argc() == 1) {
    list(0);
    finish(0);
  }
  let status = 0;
  for (let i = 1; i < argc(); i++) {
    if (show(i)) continue;
    complain();
    err
      .cstr(arg(i))
      .text(": nothing is known about it; try ")
      .cstr(arg(i))
      .text(" --help")
      .newline();
    status = 1;
  }
  finish(status);
}

/** The first line of every program, or of those that have the word; how many. */
function list(word: i32): i32 {
  let count = 0;
  lineStart(text, textBytes);
  while (lineNext()) {
    if (lineBytes == 0 || load<u8>(line) == 0x20) continue;
    if (word != 0 && !has(word)) continue;
    wrapBytes(out, line, lineBytes);
    out.newline();
    count++;
  }
  return count;
}

function has(word: i32): bool {
  const n = argBytes(word);
  for (let i = 0; i + n <= lineBytes; i++) {
    let k = 0;
    while (k < n && lower(load<u8>(line + i + k)) == lower(load<u8>(arg(word) + k))) k++;
    if (k == n) return true;
  }
  return false;
}

function lower(c: i32): i32 {
  return c >= 0x41 && c <= 0x5a ? c + 0x20 : c;
}

/** All lines about a program: its own, and the examples, which are indented. */
function show(name: i32): bool {
  const n = argBytes(name);
  let shown = false;
  let inside = false;
  lineStart(text, textBytes);
  while (lineNext()) {
    if (lineBytes > 0 && load<u8>(line) != 0x20) {
      const space = bytesIndex(line, lineBytes, 0x20);
      const colon = bytesIndex(line, lineBytes, 0x3a);
      const end = space < 0 || (colon >= 0 && colon < space) ? colon : space;
      inside = end == n && memory.compare(line, arg(name), n) == 0;
      shown = shown || inside;
    }
    if (!inside) continue;
    wrapBytes(out, line, lineBytes);
    out.newline();
  }
  return shown;
}
