// The measurement of the agent that keeps two CPUs busy: both fault in their own pages at the same time, and one does it alone.

import { FdMap } from "../../../abi/syscall";
import { close, pipe, read, spawn, wait, write } from "../../../lib/sys";
import { putLiteral } from "../../../lib/text";
import { MILLISECOND, now } from "../../../lib/time";

/** From the request to the start: long enough for both to have woken up. */
const LEAD: i64 = 3 * MILLISECOND;
const path: usize = memory.data(16);
const ends: usize = memory.data(8);
const fdmap: usize = memory.data(24);
const request: usize = memory.data(16, 8);
const answer: usize = memory.data(16, 8);

let toFirst: i32 = -1;
let toSecond: i32 = -1;
let fromFirst: i32 = -1;
let fromSecond: i32 = -1;
let first: i32 = 0;
let second: i32 = 0;

/** Starts both: 0 or -errno. */
export function parallelOpen(): i32 {
  first = start();
  toFirst = to;
  fromFirst = from;
  if (first < 0) return first;
  second = start();
  toSecond = to;
  fromSecond = from;
  return second < 0 ? second : 0;
}

export function parallelClose(): i32 {
  close(toFirst);
  close(toSecond);
  wait(first, 0);
  wait(second, 0);
  close(fromFirst);
  close(fromSecond);
  return 0;
}

/** ns until one has touched so many pages, alone; -1 it failed. */
export function parallelOne(pages: i32): i64 {
  ask(toFirst, now() + LEAD, pages);
  if (!answered(fromFirst)) return -1;
  const ns = load<i64>(answer, 8) - load<i64>(answer);
  write(toFirst, request, 1);
  return ns;
}

/** ns until each of the two has touched so many, from the first start to the last end; -1 one failed. */
export function parallelTwo(pages: i32): i64 {
  const when = now() + LEAD;
  ask(toFirst, when, pages);
  ask(toSecond, when, pages);
  if (!answered(fromFirst)) return -1;
  const begin = load<i64>(answer);
  const end = load<i64>(answer, 8);
  if (!answered(fromSecond)) return -1;
  const ns = max(end, load<i64>(answer, 8)) - min(begin, load<i64>(answer));
  write(toFirst, request, 1);
  write(toSecond, request, 1);
  return ns;
}

let to: i32 = -1;
let from: i32 = -1;

/** A twin with a pipe in and a pipe out: its pid, or -errno; `to` and `from` are this side's ends. */
function start(): i32 {
  let r = pipe(ends);
  if (r < 0) return r;
  const input = load<i32>(ends);
  to = load<i32>(ends, 4);
  r = pipe(ends);
  if (r < 0) return r;
  from = load<i32>(ends);
  const output = load<i32>(ends, 4);
  pairAt(0, input);
  pairAt(1, output);
  pairAt(2, 2);
  const n = putLiteral(path, "benchtwin");
  const pid = spawn(path, n, path, n, fdmap, 3);
  close(input);
  close(output);
  return pid;
}

function ask(fd: i32, when: i64, pages: i32): void {
  store<i64>(request, when);
  store<i64>(request, pages, 8);
  write(fd, request, 16);
}

function answered(fd: i32): bool {
  return read(fd, answer, 16) == 16;
}

function pairAt(child: i32, parent: i32): void {
  store<i32>(fdmap + child * FdMap.BYTES, child, FdMap.CHILD);
  store<i32>(fdmap + child * FdMap.BYTES, parent, FdMap.PARENT);
}
