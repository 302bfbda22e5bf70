// head: the first lines of files.

import { OpenFlag } from "../../abi/syscall";
import { arg, argc, argIs } from "../../lib/args";
import { openPath } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import { option, optionNumber, options, optionText } from "../../lib/options";
import { complain, complainErrno, finish, help } from "../../lib/program";
import { close, read } from "../../lib/sys";
import { isDigit } from "../../lib/text";

const USAGE = "head [-n LINES | -c BYTES] [-q] [FILE ...]";
const BUFFER_BYTES = 4096;
const buffer: usize = memory.data(4096);
const STDIN: usize = memory.data<u8>([0x2d, 0]);

let limit: i64 = 10;
let byBytes = false;
let status = 0;
const KEPT_BYTES = 1048576;
let kept: usize = 0; // the end so far of what is read, for -n -N

export function _start(): void {
  help(
    "head [-n LINES | -c BYTES] [-q] [FILE ...]: the first lines (10) or bytes of files or of standard input; -5 is -n 5, -n -5: all but the last 5 (at most 1 MiB), -q: no names\n  head -5 /proc/processes",
  );
  let i = options("#n:c:q", USAGE);
  byBytes = option("c");
  const number = optionText(byBytes ? "c" : "n");
  const sign: i32 = number != 0 ? <i32>load<u8>(number) : 0;
  const fromEnd = sign == 0x2d;
  if ((fromEnd || sign == 0x2b) && isDigit(load<u8>(number + 1))) store<u8>(number, 0x30); // the sign as a 0
  limit = optionNumber(byBytes ? "c" : "n", 10, USAGE);
  if (fromEnd) kept = heap.alloc(KEPT_BYTES);
  const files = argc() - i;
  let named = false;
  if (files == 0) copy(0, STDIN);
  for (; i < argc(); i++) {
    const fd = argIs(i, "-") ? 0 : openPath(arg(i), OpenFlag.READ);
    if (fd < 0) {
      complainErrno(arg(i), fd);
      status = 1;
      continue;
    }
    if (files > 1 && !option("q")) {
      if (named) out.newline();
      named = true;
      out.text("==> ").cstr(arg(i)).text(" <==\n");
    }
    copy(fd, arg(i));
    close(fd);
  }
  finish(status);
}

function copy(fd: i32, name: usize): void {
  if (kept != 0) {
    copyButLast(fd, name);
    return;
  }
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

/** All but the last lines or bytes: what is kept is printed when enough has come behind it. */
function copyButLast(fd: i32, name: usize): void {
  let used = 0;
  let units: i64 = 0; // lines, or bytes, in what is kept
  let first = 0; // where what is not printed yet begins
  for (let n = read(fd, kept + used, KEPT_BYTES - used); n != 0; ) {
    if (n < 0) {
      complainErrno(name, n);
      status = 1;
      return;
    }
    for (const end = used + n; used < end; used++) {
      if (!byBytes && load<u8>(kept + used) != 10) continue;
      if (++units <= limit) continue;
      // One line or byte from the front has enough behind it.
      do out.byte(load<u8>(kept + first));
      while (load<u8>(kept + first++) != 10 && !byBytes);
    }
    if (first > KEPT_BYTES / 2) {
      memory.copy(kept, kept + first, used - first);
      used -= first;
      first = 0;
    }
    if (used == KEPT_BYTES) {
      complain();
      err.cstr(name).text(": the lines to leave out are larger than 1 MiB").newline();
      status = 1;
      return;
    }
    n = read(fd, kept + used, KEPT_BYTES - used);
  }
  // A last line without its newline is a line too.
  if (!byBytes && used > first && load<u8>(kept + used - 1) != 10 && limit <= units) {
    while (first < used && load<u8>(kept + first) != 10) out.byte(load<u8>(kept + first++));
    if (first < used) out.newline();
  }
}
