// The descriptors of one command: what its 0 to 9 will be, as descriptors of the shell. Redirections apply from left to right.
//
// Invariants
//   R1  Every descriptor that the shell opened for a command is in `opened` and closed by fdsClose().
//
// Not here: pipes; exec.ts makes them and passes their ends to fdsReset().

import { Errno } from "../../abi/errno";
import { FdMap, OpenFlag } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { openPath, writeAll } from "../../lib/files";
import { err } from "../../lib/fmt";
import { close, dup, dup2, getpid, pipe, remove } from "../../lib/sys";
import { cstrLength, isDigit, putDecimal, putLiteral } from "../../lib/text";
import { HereFlag, Node, NodeKind, Redirect } from "./ast";
import {
  expandGood,
  expandLines,
  expandReset,
  expandWord,
  fieldCount,
  fields,
  fieldsUsed,
} from "./expand";

const CHILD_FDS = 10;
const fds: usize = memory.data(40);
const opened: usize = memory.data(256);
let openedCount = 0;
const OPENED_MAX = 64;

/** The fdmap for spawn after fdMapBuild(). */
export const fdMap: usize = memory.data(80);

export function fdsReset(input: i32, output: i32): void {
  for (let fd = 0; fd < CHILD_FDS; fd++) store<i32>(fds + fd * 4, -1);
  store<i32>(fds, input);
  store<i32>(fds + 4, output);
  store<i32>(fds + 8, 2);
  openedCount = 0;
}

/** The shell's descriptor behind the command's fd; -1: closed. */
export function fdOf(fd: i32): i32 {
  return load<i32>(fds + fd * 4);
}

/** Applies every redirection of a command; false after saying what is wrong. Uses the expander's fields. */
export function redirectAll(command: Node): bool {
  const first = command.kind == NodeKind.SIMPLE ? command.first : command.redirects;
  for (let node: Node | null = first; node != null; node = node!.next) {
    if (node.kind == NodeKind.REDIRECT && !redirect(node)) return false;
  }
  return true;
}

function redirect(node: Node): bool {
  const target = node.first!;
  if (node.operator == Redirect.HERE) return here(node);
  expandReset();
  expandWord(target.text, target.bytes, false);
  if (!expandGood()) {
    err.text("sh: bad file name in ").bytes(node.text, node.bytes).newline();
    return false;
  }
  if (fieldCount != 1) return false;
  if (node.operator == Redirect.COPY) return copy(node.flags);
  let flags: i32 = OpenFlag.READ;
  if (node.operator == Redirect.WRITE) flags = OpenFlag.WRITE | OpenFlag.CREATE | OpenFlag.TRUNCATE;
  if (node.operator == Redirect.APPEND) flags = OpenFlag.WRITE | OpenFlag.CREATE | OpenFlag.APPEND;
  const fd = openPath(fields, flags);
  if (fd < 0) {
    err.text("sh: ").cstr(fields).text(": ").text(errnoText(fd)).newline();
    return false;
  }
  return place(node.flags, fd);
}

function place(fd: i32, from: i32): bool {
  if (openedCount < OPENED_MAX) store<i32>(opened + 4 * openedCount++, from);
  store<i32>(fds + fd * 4, from);
  return true;
}

const PIPE_BYTES = 4096; // as much as a pipe takes without a reader
const path: usize = memory.data(40);

/** A here-document is a pipe that already holds its lines; a long one is a file of /tmp that has lost its name. */
function here(node: Node): bool {
  const lines = node.second!;
  expandReset();
  const quoted = (lines.flags & HereFlag.QUOTED) != 0;
  expandLines(lines.text, lines.bytes, !quoted, (lines.flags & HereFlag.TABS) != 0);
  const n = fieldsUsed - 1;
  let r = expandGood() ? 0 : -Errno.EINVAL;
  let from = -1;
  if (r == 0 && n <= PIPE_BYTES) {
    r = pipe(path);
    if (r >= 0) {
      from = load<i32>(path);
      if (n > 0) r = writeAll(load<i32>(path, 4), fields, n);
      close(load<i32>(path, 4));
    }
  } else if (r == 0) {
    let k = putLiteral(path, "/tmp/.here");
    k += putDecimal(path + k, getpid());
    store<u8>(path + k, 0);
    const to = openPath(path, OpenFlag.WRITE | OpenFlag.CREATE | OpenFlag.TRUNCATE);
    r = to < 0 ? to : writeAll(to, fields, n);
    if (to >= 0) close(to);
    if (r >= 0) from = openPath(path, OpenFlag.READ);
    if (from < 0) r = from;
    remove(path, k);
  }
  if (from >= 0) place(node.flags, from);
  if (r >= 0) return true;
  err.text("sh: here-document: ").text(errnoText(r)).newline();
  return false;
}

/** The shell's own 0, 1 and 2 become the command's, for a compound command or a function; fdsRestore(what this returns) undoes it. */
export function fdsInstall(): i32 {
  let saved = 0;
  for (let fd = 0; fd < 3; fd++) {
    const from = fdOf(fd);
    // Sources first: one may be a descriptor that is about to be replaced.
    store<i32>(sources + fd * 4, from >= 0 && from != fd ? dup(from) : from);
  }
  for (let fd = 0; fd < 3; fd++) {
    const from = load<i32>(sources + fd * 4);
    if (from == fd) continue;
    // 8 bits for each saved descriptor plus one; 255: it was closed.
    const copy = dup(fd);
    saved |= (copy < 0 ? 255 : copy + 1) << (fd * 8);
    if (from < 0) close(fd);
    else {
      dup2(from, fd);
      close(from);
    }
  }
  fdsClose();
  return saved;
}

/** What fdsInstall() made stays: the descriptors that it kept are closed. */
export function fdsKeep(saved: i32): void {
  for (let fd = 0; fd < 3; fd++) {
    const kept = (saved >> (fd * 8)) & 255;
    if (kept != 0 && kept != 255) close(kept - 1);
  }
}

export function fdsRestore(saved: i32): void {
  for (let fd = 0; fd < 3; fd++) {
    const kept = (saved >> (fd * 8)) & 255;
    if (kept == 0) continue;
    if (kept == 255) close(fd);
    else {
      dup2(kept - 1, fd);
      close(kept - 1);
    }
  }
}

const sources: usize = memory.data(12);

/** `N>&M` and `N>&-`; M is in the fields. */
function copy(fd: i32): bool {
  const c: i32 = load<u8>(fields);
  if (cstrLength(fields) == 1 && c == 0x2d) {
    store<i32>(fds + fd * 4, -1);
    return true;
  }
  const from = isDigit(c) && cstrLength(fields) == 1 ? fdOf(c - 0x30) : -1;
  if (from < 0) {
    err.text("sh: ").cstr(fields).text(": not an open descriptor").newline();
    return false;
  }
  store<i32>(fds + fd * 4, from);
  return true;
}

/** Writes the fdmap; returns its count. */
export function fdMapBuild(): i32 {
  let n = 0;
  for (let fd = 0; fd < CHILD_FDS; fd++) {
    if (fdOf(fd) < 0) continue;
    store<i32>(fdMap + n * FdMap.BYTES, fd, FdMap.CHILD);
    store<i32>(fdMap + n * FdMap.BYTES, fdOf(fd), FdMap.PARENT);
    n++;
  }
  return n;
}

/** Closes what redirections opened. */
export function fdsClose(): void {
  for (let i = 0; i < openedCount; i++) close(load<i32>(opened + i * 4));
  openedCount = 0;
}
