// The lines typed so far, newest last: NUL-terminated strings in one buffer, the oldest ones dropped when it is full.
//
// Invariants
//   H1  The buffer holds whole lines, each ended by NUL; historyUsed is the end of the newest.

import { OpenFlag, Stat, Whence } from "../../abi/syscall";
import { ctlText } from "../../lib/ctl";
import { openPath, readFull, writeAll } from "../../lib/files";
import { close, fstat, seek } from "../../lib/sys";
import { putLiteral } from "../../lib/text";
import { parameter, value, valueBytes } from "./vars";

const HISTORY_BYTES = 16384;
const buffer: usize = memory.data(16384);
let used = 0;

/** Adds a line unless it is empty, only blanks, or the same as the newest. */
export function historyAdd(text: usize, bytes: i32): void {
  while (bytes > 0 && load<u8>(text + bytes - 1) <= 0x20) bytes--;
  if (bytes == 0 || bytes + 1 > HISTORY_BYTES) return;
  const newest = historyLast();
  if (newest != 0 && length(newest) == bytes && memory.compare(newest, text, bytes) == 0) return;
  while (used + bytes + 1 > HISTORY_BYTES) {
    const first = length(buffer) + 1;
    memory.copy(buffer, buffer + first, used - first);
    used -= first;
  }
  memory.copy(buffer + used, text, bytes);
  used += bytes;
  store<u8>(buffer + used++, 0);
}

/** Forgets all lines; the file stays as it is. */
export function historyClear(): void {
  used = 0;
}

/** The oldest line, or 0. A line is named by its address, until the next historyAdd. */
export function historyFirst(): usize {
  return used > 0 ? buffer : 0;
}

export function historyLast(): usize {
  return historyPrevious(buffer + used);
}

export function historyNext(line: usize): usize {
  const next = line + length(line) + 1;
  return next < buffer + used ? next : 0;
}

/** The line before one (or before the end of the buffer), or 0. */
export function historyPrevious(line: usize): usize {
  if (line <= buffer) return 0;
  let p = line - 1;
  while (p > buffer && load<u8>(p - 1) != 0) p--;
  return p;
}

/** The text of a line. */
export function historyAt(line: usize): usize {
  return line;
}

function length(p: usize): i32 {
  let q = p;
  while (load<u8>(q) != 0) q++;
  return <i32>(q - p);
}

// The file of earlier sessions: one line for each command, in $HOME.

const FILE_BYTES = 8192;
const path: usize = memory.data(1100);
const text: usize = memory.data(8192);
let file = -1;

/** If there is a file $HOME/.sh_history, takes in its last lines and adds to it from now on. Who wants one makes it: touch ~/.sh_history. */
export function historyLoad(): void {
  parameter(HOME, 4);
  if (valueBytes < 2 || valueBytes > 1024) return;
  memory.copy(path, value, valueBytes);
  const n = valueBytes + putLiteral(path + valueBytes, "/.sh_history");
  store<u8>(path + n, 0);
  const fd = openPath(path, OpenFlag.READ);
  if (fd >= 0) {
    if (fstat(fd, st) >= 0 && <i64>load<u64>(st, Stat.SIZE) > FILE_BYTES) {
      seek(fd, <i64>load<u64>(st, Stat.SIZE) - FILE_BYTES, Whence.SET);
    }
    linesAdd(max(readFull(fd, text, FILE_BYTES), 0));
    close(fd);
  }
  file = openPath(path, OpenFlag.WRITE | OpenFlag.APPEND);
}

function linesAdd(n: i32): void {
  for (let from = 0; from < n; ) {
    let to = from;
    while (to < n && load<u8>(text + to) != 10) to++;
    historyAdd(text + from, to - from);
    from = to + 1;
  }
}

/** Adds a line that was typed, to the file too. */
export function historyType(line: usize, bytes: i32): void {
  const newest = historyLast();
  historyAdd(line, bytes);
  if (file < 0 || historyLast() == newest || bytes + 1 > FILE_BYTES) return;
  memory.copy(text, line, bytes);
  store<u8>(text + bytes, 10);
  if (writeAll(file, text, bytes + 1) < 0) {
    close(file);
    file = -1;
    return;
  }
  // The page may be closed at any moment. A server that keeps files knows this text; others have nothing to do.
  ctlText(file, "sync");
}

const HOME: usize = memory.data<u8>([0x48, 0x4f, 0x4d, 0x45]);
const st: usize = memory.data(32, 8);
