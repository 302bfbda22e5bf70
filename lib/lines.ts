// Lines of files or of standard input, one after another: what grep, sort, cut and the like go through.
//
// Invariants
//   N1  `text` .. `text + textBytes` is the current line without its newline; it stays until the next linesNext().
//
// A line longer than the buffer is given in pieces.

import { OpenFlag } from "../abi/syscall";
import { arg, argc, argIs } from "./args";
import { openPath } from "./files";
import { complainErrno } from "./program";
import { close, read } from "./sys";

const BUFFER_BYTES = 65536;
const buffer: usize = memory.data(65536);
const STDIN: usize = memory.data<u8>([0x2d, 0]);

export let text: usize = 0;
export let textBytes: i32 = 0;
/** The file that the line is from, "-" for standard input. */
export let linesName: usize = 0;
/** A file could not be read, and that was said. */
export let linesFailed = false;

let quiet = false;
let next = 0; // the next argument that is a file
let fd = -1;
let from = 0; // unread bytes: buffer + from .. buffer + filled
let filled = 0;

/** Nothing is said of files that cannot be read. */
export function linesQuiet(): void {
  quiet = true;
}

function failed(errno: i32): void {
  if (!quiet) complainErrno(linesName, errno);
  linesFailed = true;
}

/** The files are the arguments from `first` on; none: standard input. */
export function linesStart(first: i32): void {
  next = first;
  if (first >= argc()) {
    fd = 0;
    linesName = STDIN;
  }
}

/** One file alone, after or in place of the arguments. */
export function linesFile(path: usize): void {
  next = argc();
  linesName = path;
  from = 0;
  filled = 0;
  fd = openPath(path, OpenFlag.READ);
  if (fd < 0) failed(fd);
}

/** Whether linesFile() could open its file. */
export function linesOpen(): bool {
  return fd >= 0;
}

function fileNext(): bool {
  while (next < argc()) {
    linesName = arg(next++);
    fd = argIs(next - 1, "-") ? 0 : openPath(linesName, OpenFlag.READ);
    if (fd >= 0) return true;
    failed(fd);
  }
  return false;
}

/** The rest of the current file is not wanted. */
export function linesSkip(): void {
  if (fd > 0) close(fd);
  fd = -1;
  from = 0;
  filled = 0;
}

/** Moves to the next line; false after the last one of the last file. */
export function linesNext(): bool {
  for (;;) {
    if (fd < 0 && !fileNext()) return false;
    let end = from;
    while (true) {
      while (end < filled && load<u8>(buffer + end) != 10) end++;
      if (end < filled) {
        found(end, end + 1);
        return true;
      }
      if (from > 0) {
        memory.copy(buffer, buffer + from, filled - from);
        filled -= from;
        end -= from;
        from = 0;
      }
      if (filled == BUFFER_BYTES) {
        found(filled, filled);
        return true;
      }
      const n = read(fd, buffer + filled, BUFFER_BYTES - filled);
      if (n <= 0) {
        if (n < 0) failed(n);
        break;
      }
      filled += n;
    }
    if (fd > 0) close(fd);
    fd = -1;
    if (filled > from) {
      found(filled, filled);
      return true;
    }
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return false;
}

function found(end: i32, after: i32): void {
  text = buffer + from;
  textBytes = end - from;
  from = after;
}
