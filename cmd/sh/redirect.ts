// The descriptors of one command: what its 0 to 9 will be, as descriptors of the shell. Redirections apply from left to right.
//
// Invariants
//   R1  Every descriptor that the shell opened for a command is in `opened` and closed by fdsClose().
//   R2  What the shell itself has as 0, 1 and 2 are these; as 3 to 9 it has the descriptors in `own`, -1: none. They have other numbers,
//       since 3 to 9 may be what the shell reads its text from.
//   R3  fdsInstall() makes the command's descriptors the shell's, for a compound command or a function; fdsRestore() of what it returned
//       makes them what they were. `saves` holds what they were, newest last.
//
// Not here: pipes; exec.ts makes them and passes their ends to fdsReset().

import { Errno } from "../../abi/errno";
import { FdMap, FileType, OpenFlag, Stat } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { openPath, writeAll } from "../../lib/files";
import { err } from "../../lib/fmt";
import { close, dup, dup2, fstat, getpid, pipe, remove, stat } from "../../lib/sys";
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
import { noclobber } from "./options";

const CHILD_FDS = 10;
const STANDARD = 3;
const CLOSED: i32 = -1;
const fds: usize = memory.data(40);
const own: usize = memory.data(40);
const opened: usize = memory.data(256);
let openedCount = 0;
const OPENED_MAX = 64;
const SAVES = 2048;
const saves: usize = memory.data(16384); // {descriptor of a command, what was there}
let saveCount = 0;
const st: usize = memory.data(32, 8);

/** The fdmap for spawn after fdMapBuild(). */
export const fdMap: usize = memory.data(80);

/** Before the shell opens anything: what it was started with is its own. */
export function fdsBegin(): void {
  for (let fd = STANDARD; fd < CHILD_FDS; fd++) {
    store<i32>(own + fd * 4, fstat(fd, st) >= 0 ? fd : CLOSED);
  }
}

export function fdsReset(input: i32, output: i32): void {
  store<i32>(fds, input);
  store<i32>(fds + 4, output);
  store<i32>(fds + 8, 2);
  for (let fd = STANDARD; fd < CHILD_FDS; fd++) store<i32>(fds + fd * 4, load<i32>(own + fd * 4));
  openedCount = 0;
}

/** The shell's descriptor behind the command's fd; -1: closed. */
export function fdOf(fd: i32): i32 {
  return load<i32>(fds + fd * 4);
}

/** The shell's descriptor behind its own fd; -1: closed. */
export function fdOwn(fd: i32): i32 {
  return fd < STANDARD ? fd : load<i32>(own + fd * 4);
}

/** Applies every redirection of a command; false after saying what is wrong. Uses the expander's fields. */
export function redirectAll(command: Node): bool {
  const isSimple = command.kind == NodeKind.SIMPLE;
  for (let node: Node | null = command.first; isSimple && node != null; node = node!.next) {
    if (node.kind == NodeKind.REDIRECT && !redirect(node)) return false;
  }
  for (let node: Node | null = command.redirects; node != null; node = node!.next) {
    if (!redirect(node)) return false;
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
  if (node.operator == Redirect.STRING) {
    store<u8>(fields + fieldsUsed - 1, 10);
    return textPlace(node.flags, fieldsUsed);
  }
  if (node.operator == Redirect.WRITE && noclobber && isFile()) {
    err.text("sh: ").cstr(fields).text(": ").text(errnoText(Errno.EEXIST)).newline();
    return false;
  }
  const fd = openPath(fields, flagsOf(node.operator));
  if (fd < 0) {
    err.text("sh: ").cstr(fields).text(": ").text(errnoText(fd)).newline();
    return false;
  }
  const both = node.operator == Redirect.BOTH || node.operator == Redirect.BOTH_APPEND;
  if (both) store<i32>(fds + 8, fd);
  return place(node.flags, fd);
}

function isFile(): bool {
  return stat(fields, cstrLength(fields), st) >= 0 && load<u32>(st, Stat.TYPE) == FileType.FILE;
}

function flagsOf(operator: i32): i32 {
  switch (operator) {
    case Redirect.READ:
      return OpenFlag.READ;
    case Redirect.READ_WRITE:
      return OpenFlag.READWRITE | OpenFlag.CREATE;
    case Redirect.APPEND:
    case Redirect.BOTH_APPEND:
      return OpenFlag.WRITE | OpenFlag.CREATE | OpenFlag.APPEND;
  }
  return OpenFlag.WRITE | OpenFlag.CREATE | OpenFlag.TRUNCATE;
}

function place(fd: i32, from: i32): bool {
  if (openedCount < OPENED_MAX) store<i32>(opened + 4 * openedCount++, from);
  store<i32>(fds + fd * 4, from);
  return true;
}

const PIPE_BYTES = 4096; // as much as a pipe takes without a reader
const path: usize = memory.data(40);

function here(node: Node): bool {
  const lines = node.second!;
  expandReset();
  const quoted = (lines.flags & HereFlag.QUOTED) != 0;
  expandLines(lines.text, lines.bytes, !quoted, (lines.flags & HereFlag.TABS) != 0);
  if (expandGood()) return textPlace(node.flags, fieldsUsed - 1);
  err.text("sh: here-document: ").text(errnoText(Errno.EINVAL)).newline();
  return false;
}

/** The first n bytes of the fields become what fd reads: a pipe that already holds them, or a file of /tmp that has lost its name. */
function textPlace(fd: i32, n: i32): bool {
  let r = 0;
  let from = -1;
  if (n <= PIPE_BYTES) {
    r = pipe(path);
    if (r >= 0) {
      from = load<i32>(path);
      if (n > 0) r = writeAll(load<i32>(path, 4), fields, n);
      close(load<i32>(path, 4));
    }
  } else {
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
  if (from >= 0) place(fd, from);
  if (r >= 0) return true;
  err.text("sh: here-document: ").text(errnoText(r)).newline();
  return false;
}

function save(fd: i32, was: i32): void {
  if (saveCount == SAVES) return; // nested far deeper than commands can be
  store<i32>(saves + saveCount * 8, fd);
  store<i32>(saves + saveCount++ * 8, was, 4);
}

/** R3. */
export function fdsInstall(): i32 {
  const mark = saveCount;
  for (let fd = 0; fd < CHILD_FDS; fd++) {
    const from = fdOf(fd);
    // Sources first: one may be a descriptor that is about to be replaced.
    const same = from == (fd < STANDARD ? fd : load<i32>(own + fd * 4));
    store<i32>(sources + fd * 4, same ? SAME : from >= 0 ? dup(from) : CLOSED);
  }
  for (let fd = 0; fd < CHILD_FDS; fd++) {
    const from = load<i32>(sources + fd * 4);
    if (from == SAME) continue;
    if (fd >= STANDARD) {
      save(fd, load<i32>(own + fd * 4));
      store<i32>(own + fd * 4, from);
      continue;
    }
    save(fd, dup(fd));
    if (from < 0) close(fd);
    else {
      dup2(from, fd);
      close(from);
    }
  }
  fdsClose();
  return mark;
}

const sources: usize = memory.data(40);
const SAME: i32 = -2;

/** What fdsInstall() made stays. */
export function fdsKeep(mark: i32): void {
  while (saveCount > mark) {
    const was = load<i32>(saves + --saveCount * 8, 4);
    if (was >= 0) close(was);
  }
}

export function fdsRestore(mark: i32): void {
  while (saveCount > mark) {
    const fd = load<i32>(saves + --saveCount * 8);
    const was = load<i32>(saves + saveCount * 8, 4);
    if (fd >= STANDARD) {
      if (load<i32>(own + fd * 4) >= 0) close(load<i32>(own + fd * 4));
      store<i32>(own + fd * 4, was);
    } else if (was < 0) close(fd);
    else {
      dup2(was, fd);
      close(was);
    }
  }
}

/** `N>&M` and `N>&-`; M is in the fields. */
function copy(fd: i32): bool {
  const c: i32 = load<u8>(fields);
  if (cstrLength(fields) == 1 && c == 0x2d) {
    store<i32>(fds + fd * 4, CLOSED);
    return true;
  }
  const from = isDigit(c) && cstrLength(fields) == 1 ? fdOf(c - 0x30) : CLOSED;
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
