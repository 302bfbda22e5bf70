// The program's arguments and environment: args_*, environ_*.
//
// Both are blocks of NUL-terminated strings, which the kernel keeps. PATH, HOME, TERM, PWD and USER are added to an environment without them.

import { args, environ, getuid } from "../sys";
import { errnoOf } from "./errno";
import { cwdRead, cwdText } from "./path";
import { WasiErrno } from "./preview1";

const ARGS = memory.data(65552, 16); // Limit.ARGV_BYTES, and room for a last NUL
const ARGS_CAPACITY: u32 = 65552;
const ENVIRON = memory.data(18432, 16); // the kernel's block, a path and four short lines
const GIVEN_CAPACITY: i32 = 16376;

export function args_sizes_get(count: usize, bytes: usize): i32 {
  const n = argsRead();
  if (n < 0) return errnoOf(n);
  store<u32>(count, stringsIn(ARGS, n));
  store<u32>(bytes, n);
  return WasiErrno.SUCCESS;
}

export function args_get(argv: usize, buf: usize): i32 {
  const n = argsRead();
  if (n < 0) return errnoOf(n);
  blockCopy(argv, buf, ARGS, n);
  return WasiErrno.SUCCESS;
}

export function environ_sizes_get(count: usize, bytes: usize): i32 {
  const n = environBuild();
  store<u32>(count, stringsIn(ENVIRON, n));
  store<u32>(bytes, n);
  return WasiErrno.SUCCESS;
}

export function environ_get(environ: usize, buf: usize): i32 {
  blockCopy(environ, buf, ENVIRON, environBuild());
  return WasiErrno.SUCCESS;
}

/** Length of the block, its last string ended by a NUL; or -errno. */
function argsRead(): i32 {
  const n = args(ARGS, ARGS_CAPACITY - 1);
  if (n <= 0) return n;
  const bytes = min(<u32>n, ARGS_CAPACITY - 1);
  if (load<u8>(ARGS + bytes - 1) == 0) return bytes;
  store<u8>(ARGS + bytes, 0);
  return bytes + 1;
}

function environBuild(): i32 {
  const given = ENVIRON + max(min(environ(ENVIRON, GIVEN_CAPACITY), GIVEN_CAPACITY), 0);
  let at = putMissing(given, given, changetype<usize>("PATH=/bin\0"));
  at = putMissing(at, given, changetype<usize>("HOME=/home\0"));
  at = putMissing(at, given, changetype<usize>("TERM=xterm-256color\0"));
  at = putMissing(at, given, changetype<usize>(getuid() == 0 ? "USER=root\0" : "USER=user\0"));
  const pwd = putMissing(at, given, changetype<usize>("PWD="));
  if (pwd == at) return <i32>(at - ENVIRON);
  at = pwd;
  const cwdBytes = cwdRead();
  if (cwdBytes > 0) {
    memory.copy(at, cwdText(), cwdBytes);
    at += cwdBytes;
  } else {
    store<u8>(at++, 0x2f);
  }
  store<u8>(at++, 0);
  return <i32>(at - ENVIRON);
}

/** Writes the literal NAME=... at `at` unless the environment up to `given` has NAME; the address after what it wrote. */
function putMissing(at: usize, given: usize, literal: usize): usize {
  const end = putText(at, literal);
  let bytes: usize = 0;
  while (load<u8>(at + bytes) != 0x3d) bytes++;
  bytes++;
  let start = true;
  for (let p = ENVIRON; p < given; p++) {
    if (start && p + bytes <= given && memory.compare(p, at, bytes) == 0) return at;
    start = load<u8>(p) == 0;
  }
  return end;
}

/**
 * Writes an ASCII literal, given by its address, and returns the address after what it wrote. The compiler keeps a literal's size in
 * bytes just below it. (A parameter of type string would bring the collector's shadow stack in.)
 */
function putText(to: usize, from: usize): usize {
  const n = <usize>load<u32>(from - 4) >> 1;
  for (let i: usize = 0; i < n; i++) store<u8>(to + i, load<u16>(from + (i << 1)));
  return to + n;
}

function stringsIn(block: usize, bytes: i32): u32 {
  let count: u32 = 0;
  for (let i = 0; i < bytes; i++) {
    if (load<u8>(block + i) == 0) count++;
  }
  return count;
}

/** Copies the block to `buf` and the address of each string in it to `pointers`. */
function blockCopy(pointers: usize, buf: usize, block: usize, bytes: i32): void {
  let start = true;
  for (let i = 0; i < bytes; i++) {
    if (start) {
      store<u32>(pointers, <u32>(buf + i));
      pointers += 4;
    }
    const byte = load<u8>(block + i);
    store<u8>(buf + i, byte);
    start = byte == 0;
  }
}
