// head: the first lines of files.

import { OpenFlag } from "../../abi/syscall";
import { arg, argc, argIs } from "../../lib/args";
import { openPath } from "../../lib/files";
import { out } from "../../lib/fmt";
import { option, optionNumber, options } from "../../lib/options";
import { complainErrno, finish, help } from "../../lib/program";
import { close, read } from "../../lib/sys";

const USAGE = "head [-n LINES | -c BYTES] [-q] [FILE ...]";
const BUFFER_BYTES = 4096;
const buffer: usize = memory.data(4096);
const STDIN: usize = memory.data<u8>([0x2d, 0]);

let limit: i64 = 10;
let byBytes = false;
let status = 0;

export function _start(): void {
  help(
    "head [-n LINES | -c BYTES] [-q] [FILE ...]: the first lines (10) or bytes of files or of standard input; -5 is -n 5, -q: no names\n  head -5 /proc/processes",
  );
  let i = options("#n:c:q", USAGE);
  byBytes = option("c");
  limit = optionNumber(byBytes ? "c" : "n", 10, USAGE);
  const files = argc() - i;
  if (files == 0) copy(0, STDIN);
  for (; i < argc(); i++) {
    const fd = argIs(i, "-") ? 0 : openPath(arg(i), OpenFlag.READ);
    if (fd < 0) {
      complainErrno(arg(i), fd);
      status = 1;
      continue;
    }
    if (files > 1 && !option("q")) out.text("==> ").cstr(arg(i)).text(" <==\n");
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
      if (byBytes || c == 10) left--;
    }
    out.flush();
    if (out.failed != 0) return;
  }
}
