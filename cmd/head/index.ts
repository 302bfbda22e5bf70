// head: the first lines of files.

import { OpenFlag } from "../../abi/syscall";
import { arg, argBytes, argc, argIs, argNumber, argValue } from "../../lib/args";
import { openPath } from "../../lib/files";
import { out } from "../../lib/fmt";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { close, read } from "../../lib/sys";
import { parsedBytes, parseNumber } from "../../lib/text";

const BUFFER_BYTES = 4096;
const buffer: usize = memory.data(4096);
const STDIN: usize = memory.data<u8>([0x2d, 0]);

let limit: i64 = 10;
let status = 0;

export function _start(): void {
  help("head [-n LINES] [FILE ...]: the first lines (10) of files or of standard input");
  let i = 1;
  if (argIs(1, "-n")) {
    if (!argNumber(2) || argValue < 0) usage("head [-n LINES] [FILE ...]");
    limit = argValue;
    i = 3;
  } else if (argBytes(1) > 1 && load<u8>(arg(1)) == 0x2d) {
    limit = parseNumber(arg(1) + 1, argBytes(1) - 1);
    if (parsedBytes != argBytes(1) - 1 || limit < 0) usage("head [-n LINES] [FILE ...]");
    i = 2;
  }
  const files = argc() - i;
  if (files == 0) copy(0, STDIN);
  for (; i < argc(); i++) {
    const fd = openPath(arg(i), OpenFlag.READ);
    if (fd < 0) {
      complainErrno(arg(i), fd);
      status = 1;
      continue;
    }
    if (files > 1) out.text("==> ").cstr(arg(i)).text(" <==\n");
    copy(fd, arg(i));
    close(fd);
  }
  finish(status);
}

function copy(fd: i32, name: usize): void {
  let left = limit;
  while (left > 0) {
    const n = read(fd, buffer, BUFFER_BYTES);
    if (n < 0) {
      complainErrno(name, n);
      status = 1;
    }
    if (n <= 0) return;
    for (let i = 0; i < n && left > 0; i++) {
      const c: i32 = load<u8>(buffer + i);
      out.byte(c);
      if (c == 10) left--;
    }
    out.flush();
  }
}
