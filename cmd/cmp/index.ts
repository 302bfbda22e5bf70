// cmp: the first byte in which two files differ, or all of them.

import { OpenFlag } from "../../abi/syscall";
import { arg, argc, argIs } from "../../lib/args";
import { openPath, readFull } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import { option, options } from "../../lib/options";
import { complain, complainErrno, finish, help, usage } from "../../lib/program";

const USAGE = "cmp [-s | -l] FILE [FILE]";
const STDIN: usize = memory.data<u8>([0x2d, 0]);
const PIECE = 65536;
const left: usize = memory.data(65536);
const right: usize = memory.data(65536);
const TROUBLE = 2;

export function _start(): void {
  help(
    "cmp [-s | -l] FILE [FILE]: the first byte in which two files differ, status 1 if they do; -l: all of them, in octal; -s: says nothing; - or no second file: standard input",
  );
  const i = options("sl", USAGE);
  if (argc() < i + 1 || argc() > i + 2) usage(USAGE);
  const second = argc() > i + 1 ? arg(i + 1) : STDIN;
  finish(compare(arg(i), argIs(i, "-"), second, second == STDIN || load<u16>(second) == 0x2d));
}

/** The status: 0 the same, 1 different, 2 it could not be told. */
function compare(a: usize, aIsInput: bool, b: usize, bIsInput: bool): i32 {
  const fdA = aIsInput ? 0 : openPath(a, OpenFlag.READ);
  if (fdA < 0) return trouble(a, fdA);
  const fdB = bIsInput ? 0 : openPath(b, OpenFlag.READ);
  if (fdB < 0) return trouble(b, fdB);
  if (fdA == fdB) return 0;
  let at: i64 = 0; // bytes that were compared
  let lines: i64 = 1;
  let status = 0;
  for (;;) {
    const n = readFull(fdA, left, PIECE);
    if (n < 0) return trouble(a, n);
    const m = readFull(fdB, right, PIECE);
    if (m < 0) return trouble(b, m);
    const both = min(n, m);
    for (let k = 0; k < both; k++) {
      const x: i32 = load<u8>(left + k);
      const y: i32 = load<u8>(right + k);
      if (x != y) {
        status = 1;
        if (option("s")) return 1;
        if (!option("l")) return differ(a, b, at + k + 1, lines);
        out.dec(at + k + 1);
        octal(x);
        octal(y);
        out.newline();
      }
      if (x == 10) lines++;
    }
    at += both;
    if (n != m)
      return option("s")
        ? 1
        : ended(n < m ? a : b, at, both > 0 && isNewline(both) ? lines - 1 : lines);
    if (n < PIECE) return status;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return TROUBLE;
}

function isNewline(bytes: i32): bool {
  return load<u8>(left + bytes - 1) == 10;
}

function differ(a: usize, b: usize, byte: i64, lines: i64): i32 {
  out
    .cstr(a)
    .byte(0x20)
    .cstr(b)
    .text(" differ: byte ")
    .dec(byte)
    .text(", line ")
    .dec(lines)
    .newline();
  return 1;
}

function ended(name: usize, bytes: i64, lines: i64): i32 {
  complain();
  err.text("EOF on ").cstr(name);
  if (bytes == 0) err.text(" which is empty");
  else err.text(" after byte ").dec(bytes).text(", line ").dec(lines);
  err.newline();
  return 1;
}

function octal(byte: i32): void {
  out.byte(0x20);
  for (let shift = 6; shift >= 0; shift -= 3)
    out.byte(byte >> shift == 0 && shift > 0 ? 0x20 : 0x30 + ((byte >> shift) & 7));
}

function trouble(name: usize, errno: i32): i32 {
  complainErrno(name, errno);
  return TROUBLE;
}
