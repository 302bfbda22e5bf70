// tee: copies standard input to standard output and to files.

import { OpenFlag } from "../../abi/syscall";
import { arg, argc } from "../../lib/args";
import { openPath, writeAll } from "../../lib/files";
import { option, options } from "../../lib/options";
import { complainErrno, finish, help } from "../../lib/program";
import { read } from "../../lib/sys";

const FILES = 16;
const fds: usize = memory.data(64);
const buffer: usize = memory.data(16384);

export function _start(): void {
  help(
    "tee [-a] [FILE ...]: copies its input to its output and to at most 16 files; -a adds to them",
  );
  let i = options("a", "tee [-a] [FILE ...]");
  const mode = option("a") ? OpenFlag.APPEND : OpenFlag.TRUNCATE;
  let count = 0;
  let status = 0;
  for (; i < argc() && count < FILES; i++) {
    const fd = openPath(arg(i), OpenFlag.WRITE | OpenFlag.CREATE | mode);
    if (fd < 0) {
      complainErrno(arg(i), fd);
      status = 1;
    } else store<i32>(fds + count++ * 4, fd);
  }
  for (let n = read(0, buffer, 16384); n > 0; n = read(0, buffer, 16384)) {
    if (writeAll(1, buffer, n) < 0) status = 1;
    for (let k = 0; k < count; k++) if (writeAll(load<i32>(fds + k * 4), buffer, n) < 0) status = 1;
  }
  finish(status);
}
