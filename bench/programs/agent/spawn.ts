// The measurements of the agent that start programs.

import { FdMap, OpenFlag } from "../../../abi/syscall";
import { out } from "../../../lib/fmt";
import { close, open, pipe, read, spawn, wait } from "../../../lib/sys";
import { bytesIndex, putLiteral } from "../../../lib/text";
import { now } from "../../../lib/time";

const path: usize = memory.data(16);
const ends: usize = memory.data(8);
const fdmap: usize = memory.data(24);
const byte: usize = memory.data(1);
const status: usize = memory.data(4);

/** n times: spawn to the first byte of the child, which is its first act. Each in ns. */
export function spawnMain(n: i32): void {
  for (let i = 0; i < n; i++) {
    const ns = spawnOnce();
    out.text(" ").dec(ns);
    if (ns < 0) return;
  }
}

function spawnOnce(): i64 {
  const r = pipe(ends);
  if (r < 0) return r;
  pairAt(0, 0);
  pairAt(1, load<i32>(ends, 4));
  pairAt(2, 2);
  const bytes = putLiteral(path, "benchchild");
  const start = now();
  const pid = spawn(path, bytes, path, bytes, fdmap, 3);
  close(load<i32>(ends, 4));
  if (pid < 0) return pid;
  const got = read(load<i32>(ends), byte, 1);
  const ns = now() - start;
  close(load<i32>(ends));
  wait(pid, status);
  return got == 1 && load<i32>(status) == 0 ? ns : -1;
}

/**
 * Runs a program with the words at `words` as its arguments, each after one blank, and the file `input` ("-": none) as standard input.
 * Answers with the ns from spawn to its end, and its status.
 */
export function runProgram(input: usize, inputBytes: i32, words: usize, n: i32): void {
  out.flush();
  let nameBytes = bytesIndex(words, n, 0x20);
  if (nameBytes < 0) nameBytes = n;
  for (let i = 0; i < n; i++) if (load<u8>(words + i) == 0x20) store<u8>(words + i, 0);
  let fd = 0;
  if (load<u8>(input) != 0x2d) fd = open(input, inputBytes, OpenFlag.READ);
  if (fd < 0) {
    out.text("@ ").dec(fd).text(" 0");
    return;
  }
  pairAt(0, fd);
  pairAt(1, 1);
  pairAt(2, 2);
  const start = now();
  const pid = spawn(words, nameBytes, words, n, fdmap, 3);
  if (fd > 0) close(fd);
  if (pid > 0) wait(pid, status);
  const ns = now() - start;
  out
    .newline()
    .text("@ ")
    .dec(pid < 0 ? pid : ns)
    .text(" ")
    .dec(load<i32>(status));
}

function pairAt(child: i32, parent: i32): void {
  store<i32>(fdmap + child * FdMap.BYTES, child, FdMap.CHILD);
  store<i32>(fdmap + child * FdMap.BYTES, parent, FdMap.PARENT);
}
