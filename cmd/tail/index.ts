// tail: the last lines or bytes of files or of standard input; as many as fit 1 MiB. With -f also what is added later.

import { OpenFlag } from "../../abi/syscall";
import { arg, argc, argIs } from "../../lib/args";
import { openPath } from "../../lib/files";
import { out } from "../../lib/fmt";
import { option, optionNumber, options, optionText } from "../../lib/options";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { close, read } from "../../lib/sys";
import { sleepMs } from "../../lib/time";

const USAGE = "tail [-n LINES | -n +LINE | -c BYTES] [-f] [-q] [FILE ...]";
const RING_BYTES = 1048576;
const ring: usize = memory.data(1048576);
const FOLLOW_MS = 200;
const buffer: usize = memory.data(16384);
const STDIN: usize = memory.data<u8>([0x2d, 0]);
let head: u32 = 0; // bytes written ever; the ring keeps the last RING_BYTES
let limit: i64 = 10;
let fromStart = false;
let status = 0;

export function _start(): void {
  help(
    "tail [-n LINES | -n +LINE | -c BYTES] [-f] [-q] [FILE ...]: the last lines (10) or bytes, or those from a line on; -5 is -n 5, -f goes on with what is added to one file, until ^C; -q: no names\n  tail -f /home/log",
  );
  let i = options("#n:c:fq", USAGE);
  const lines = optionText("n");
  fromStart = lines != 0 && load<u8>(lines) == 0x2b;
  if (fromStart) store<u8>(lines, 0x30); // the + as a 0
  limit = optionNumber(option("c") ? "c" : "n", 10, USAGE);
  const files = argc() - i;
  let named = false;
  if (option("f") && files > 1) usage(USAGE);
  if (files == 0) show(0, STDIN);
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
    show(fd, arg(i));
    if (option("f")) follow(fd, arg(i));
    close(fd);
  }
  finish(status);
}

/** Bytes read into the buffer; an error is said and is the end. */
function next(fd: i32, name: usize): i32 {
  const n = read(fd, buffer, 16384);
  if (n >= 0) return n;
  complainErrno(name, n);
  status = 1;
  return 0;
}

function show(fd: i32, name: usize): void {
  head = 0;
  let line: i64 = 1;
  for (let n = next(fd, name); n > 0 && out.failed == 0; n = next(fd, name)) {
    for (let k = 0; k < n; k++) {
      const c: i32 = load<u8>(buffer + k);
      if (!fromStart) store<u8>(ring + (head++ & (RING_BYTES - 1)), c);
      else if (line >= limit) out.byte(c);
      if (c == 10) line++;
    }
  }
  const kept = min(head, RING_BYTES);
  let back: u32 = 0;
  let left = limit;
  // The newline that ends the last line does not begin another.
  if (!option("c") && kept > 0 && at(0) != 10) left--;
  for (; back < kept; back++) {
    if (option("c") ? left-- == 0 : at(back) == 10 && left-- == 0) break;
  }
  if (limit == 0) back = 0;
  while (back > 0) out.byte(at(--back));
}

/** Until a signal ends it, or the reader of its output has gone. */
function follow(fd: i32, name: usize): void {
  while (out.failed == 0 && status == 0) {
    out.flush();
    const n = next(fd, name);
    if (n == 0) sleepMs(FOLLOW_MS);
    else out.bytes(buffer, n);
  }
}

/** The byte that is `back` before the last one. */
function at(back: u32): i32 {
  return load<u8>(ring + ((head - 1 - back) & (RING_BYTES - 1)));
}
