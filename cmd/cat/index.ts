// cat: copies files, or standard input, to standard output.

import { OpenFlag } from "../../abi/syscall";
import { arg, argc, argIs } from "../../lib/args";
import { openPath, writeAll } from "../../lib/files";
import { out } from "../../lib/fmt";
import { option, options } from "../../lib/options";
import { complainErrno, finish, help } from "../../lib/program";
import { close, read } from "../../lib/sys";

const BUFFER_BYTES = 16384;
const buffer: usize = memory.data(16384);
const STDIN: usize = memory.data<u8>([0x2d, 0]);
const STDOUT: usize = memory.data<u8>([0x6f, 0x75, 0x74, 0x70, 0x75, 0x74, 0]);

let status = 0;

export function _start(): void {
  help("cat [-n] [FILE ...]: prints files; - or nothing: standard input; -n numbers the lines");
  let i = options("nu", "cat [-n] [FILE ...]");
  if (i >= argc()) copy(0, STDIN);
  for (; i < argc(); i++) {
    if (argIs(i, "-")) {
      copy(0, STDIN);
      continue;
    }
    const fd = openPath(arg(i), OpenFlag.READ);
    if (fd < 0) {
      complainErrno(arg(i), fd);
      status = 1;
      continue;
    }
    copy(fd, arg(i));
    close(fd);
  }
  finish(status);
}

function copy(fd: i32, name: usize): void {
  for (;;) {
    const n = read(fd, buffer, BUFFER_BYTES);
    if (n == 0) return;
    if (n < 0) {
      complainErrno(name, n);
      status = 1;
      return;
    }
    if (option("n")) {
      number(n);
      continue;
    }
    const written = writeAll(1, buffer, n);
    if (written < 0) {
      complainErrno(STDOUT, written);
      finish(1);
    }
  }
}

let lines = 0;
let lineBegins = true;

/** Writes the bytes with a number before each line. */
function number(n: i32): void {
  for (let i = 0; i < n; i++) {
    const c: i32 = load<u8>(buffer + i);
    if (lineBegins) out.dec(++lines, 6).spaces(2);
    out.byte(c);
    lineBegins = c == 10;
  }
  out.flush();
  if (out.failed != 0) finish(1);
}
