// hexdump: bytes as hexadecimal and text, sixteen to a line.

import { OpenFlag, Whence } from "../../abi/syscall";
import { arg, argc, argIs, argNumber, argValue } from "../../lib/args";
import { openPath, readFull } from "../../lib/files";
import { out } from "../../lib/fmt";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { read, seek } from "../../lib/sys";

const USAGE = "hexdump [-s OFFSET] [-n BYTES] [FILE]";
const ROW = 16;
const row: usize = memory.data(16);
const last: usize = memory.data(16);
const STDIN: usize = memory.data<u8>([0x2d, 0]);

export function _start(): void {
  help(
    "hexdump [-s OFFSET] [-n BYTES] [FILE]: bytes as hexadecimal and text; * stands for rows like the one above",
  );
  let offset: i64 = 0;
  let limit: i64 = i64.MAX_VALUE;
  let i = 1;
  for (; i + 1 < argc(); i += 2) {
    if (argIs(i, "-s") && argNumber(i + 1)) offset = argValue;
    else if (argIs(i, "-n") && argNumber(i + 1)) limit = argValue;
    else if (argIs(i, "-C")) i--;
    else break;
  }
  if (argIs(i, "-C")) i++;
  if (argc() > i + 1 || offset < 0 || limit < 0) usage(USAGE);
  const name = argc() > i ? arg(i) : STDIN;
  const fd = argc() > i ? openPath(name, OpenFlag.READ) : 0;
  if (fd < 0) {
    complainErrno(name, fd);
    finish(1);
  }
  if (!skip(fd, offset)) finish(0);
  dump(fd, name, offset, limit);
  finish(0);
}

/** Moves to an offset, by reading where the file cannot seek; false when it ends before. */
function skip(fd: i32, offset: i64): bool {
  if (offset == 0 || seek(fd, offset, Whence.SET) >= 0) return true;
  for (let left = offset; left > 0; ) {
    const n = read(fd, row, left < ROW ? <i32>left : ROW);
    if (n <= 0) return false;
    left -= n;
  }
  return true;
}

function dump(fd: i32, name: usize, offset: i64, limit: i64): void {
  let starred = false;
  let first = true;
  while (limit > 0) {
    const n = readFull(fd, row, limit < ROW ? <i32>limit : ROW);
    if (n < 0) {
      complainErrno(name, n);
      finish(1);
    }
    if (n == 0) break;
    if (!first && n == ROW && memory.compare(row, last, ROW) == 0) {
      if (!starred) out.text("*\n");
      starred = true;
    } else {
      starred = false;
      printRow(offset, n);
    }
    memory.copy(last, row, ROW);
    first = false;
    offset += n;
    limit -= n;
    if (out.failed != 0) return;
  }
  out.hex(offset, 8).newline();
}

function printRow(offset: i64, n: i32): void {
  out.hex(offset, 8).byte(0x20);
  for (let i = 0; i < ROW; i++) {
    if ((i & 7) == 0) out.byte(0x20);
    if (i < n) out.hex(load<u8>(row + i), 2).byte(0x20);
    else out.spaces(3);
  }
  out.text(" |");
  for (let i = 0; i < n; i++) {
    const c: i32 = load<u8>(row + i);
    out.byte(c >= 0x20 && c < 0x7f ? c : 0x2e);
  }
  out.text("|\n");
}
