// Files: open by name, write all, read a whole file, read line by line.

import { OpenFlag } from "../abi/syscall";
import { close, open, read, write } from "./sys";
import { cstrLength, putLiteral } from "./text";

/** Opens a NUL-terminated path; a descriptor or -errno. */
export function openPath(path: usize, flags: i32): i32 {
  return open(path, cstrLength(path), flags);
}

/** Opens a path that is a literal. */
export function openLiteral(path: string, flags: i32): i32 {
  return open(pathBuffer, putLiteral(pathBuffer, path), flags);
}

/** Writes all n bytes; n or -errno. */
export function writeAll(fd: i32, p: usize, n: i32): i32 {
  let done = 0;
  while (done < n) {
    const count = write(fd, p + done, n - done);
    if (count <= 0) return count == 0 ? -5 : count;
    done += count;
  }
  return n;
}

/** Reads until the buffer is full or the file ends; bytes read or -errno when nothing was. */
export function readFull(fd: i32, p: usize, n: i32): i32 {
  let done = 0;
  while (done < n) {
    const count = read(fd, p + done, n - done);
    if (count < 0) return done > 0 ? done : count;
    if (count == 0) break;
    done += count;
  }
  return done;
}

/** Reads a whole file of at most `max` bytes into the buffer and puts a NUL after it; bytes or -errno. Room for max + 1. */
export function readFile(path: string, p: usize, max: i32): i32 {
  const fd = openLiteral(path, OpenFlag.READ);
  if (fd < 0) return fd;
  const n = readFull(fd, p, max);
  close(fd);
  if (n >= 0) store<u8>(p + n, 0);
  return n;
}

/** A line without its newline: `line` and `lineBytes` after lineNext() returned true. */
export let line: usize = 0;
export let lineBytes: i32 = 0;

let cursor: usize = 0;
let textEnd: usize = 0;

/** Starts going through the lines of a text in memory. */
export function lineStart(text: usize, n: i32): void {
  cursor = text;
  textEnd = text + n;
}

/** The next line; false at the end. */
export function lineNext(): bool {
  if (cursor >= textEnd) return false;
  line = cursor;
  while (cursor < textEnd && load<u8>(cursor) != 10) cursor++;
  lineBytes = <i32>(cursor - line);
  cursor++;
  return true;
}

const pathBuffer: usize = memory.data(256);
