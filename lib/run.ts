// Running the program that one's own arguments name, for programs such as env, time and xargs.

import { Errno } from "../abi/errno";
import { arg, argBytes, argc } from "./args";
import { environLoad, environValue } from "./environ";
import { errnoText } from "./errno";
import { err, out } from "./fmt";
import { complain } from "./program";
import { spawn, wait } from "./sys";
import { bytesIndex, cstrLength } from "./text";

const ARGV_BYTES = 65536;
const argv: usize = memory.data(65536);
let used = 0;
const status: usize = memory.data(4);
const PATH: usize = memory.data<u8>([0x50, 0x41, 0x54, 0x48]);
const PATH_BYTES = 1024;
const path: usize = memory.data(1024);

/** Begins an empty command line. */
export function runBegin(): void {
  used = 0;
}

/** Begins a command line with the arguments from `first` on. */
export function runStart(first: i32): void {
  used = 0;
  for (let i = first; i < argc(); i++) runAdd(arg(i), argBytes(i));
}

/** Adds one argument; false when the line is full. */
export function runAdd(text: usize, bytes: i32): bool {
  if (used + bytes + 1 > ARGV_BYTES) return false;
  memory.copy(argv + used, text, bytes);
  store<u8>(argv + used + bytes, 0);
  used += bytes + 1;
  return true;
}

const MARK: usize = memory.data<u8>([0x7b, 0x7d, 0]); // {}

/** Adds an argument in which each {} is a text; false when the line is full. */
export function runAddPlaced(text: usize, bytes: i32, place: usize, placeBytes: i32): bool {
  return runAddMarked(text, bytes, MARK, 2, place, placeBytes);
}

/** The same with another mark than {}. */
export function runAddMarked(
  text: usize,
  bytes: i32,
  mark: usize,
  markBytes: i32,
  place: usize,
  placeBytes: i32,
): bool {
  const start = used;
  for (let i = 0; i < bytes; ) {
    const isMark = i + markBytes <= bytes && memory.compare(text + i, mark, markBytes) == 0;
    const n = isMark ? placeBytes : 1;
    if (used + n + 1 > ARGV_BYTES) {
      used = start;
      return false;
    }
    memory.copy(argv + used, isMark ? place : text + i, n);
    used += n;
    i += isMark ? markBytes : 1;
  }
  if (used + 1 > ARGV_BYTES) return false;
  store<u8>(argv + used++, 0);
  return true;
}

/** Bytes of the line so far: for runCut. */
export function runUsed(): i32 {
  return used;
}

/** Takes back what was added after the line had so many bytes. */
export function runCut(bytes: i32): void {
  used = bytes;
}

/** Shows the line on standard error. */
export function runShow(): void {
  out.flush();
  for (let p = argv; p < argv + used; p += cstrLength(p) + 1) {
    if (p > argv) err.byte(0x20);
    err.cstr(p);
  }
  err.newline();
}

/** Starts the program, which a name without a slash has where PATH says; its pid, or -127 or -126 after saying why not. */
export function runSpawn(): i32 {
  out.flush();
  const pid = spawnNamed();
  if (pid >= 0) return pid;
  complain();
  err.cstr(argv).text(": ");
  if (pid == -Errno.ENOENT) err.text("not found").newline();
  else err.text(errnoText(pid)).newline();
  return pid == -Errno.ENOENT ? -127 : -126;
}

function spawnNamed(): i32 {
  const n = cstrLength(argv);
  if (bytesIndex(argv, n, 0x2f) < 0) {
    environLoad();
    let dir = environValue(PATH, 4);
    // The kernel itself looks a name up in /bin.
    while (dir != 0 && load<u8>(dir) != 0) {
      const rest = cstrLength(dir);
      const colon = bytesIndex(dir, rest, 0x3a);
      const pid = spawnIn(dir, colon < 0 ? rest : colon, n);
      if (pid != -Errno.ENOENT) return pid;
      if (colon < 0) return pid;
      dir += colon + 1;
    }
  }
  return spawn(argv, n, argv, used, 0, 0);
}

/** Starts the program of this name, n bytes, in a directory: an empty one is the working directory. */
function spawnIn(dir: usize, bytes: i32, n: i32): i32 {
  if (bytes + n + 2 > PATH_BYTES) return -Errno.ENOENT;
  let at = bytes;
  memory.copy(path, dir, bytes);
  store<u8>(path + at++, bytes == 0 ? 0x2e : 0x2f);
  if (bytes == 0) store<u8>(path + at++, 0x2f);
  memory.copy(path + at, argv, n);
  return spawn(path, at + n, argv, used, 0, 0);
}

/** Starts the program and waits; its status, or 127 or 126. */
export function runWait(): i32 {
  const pid = runSpawn();
  if (pid < 0) return -pid;
  let r = wait(pid, status);
  while (r == -Errno.EINTR) r = wait(pid, status);
  return r < 0 ? 126 : load<i32>(status);
}
