// The descriptors of one command: what its 0 to 9 will be, as descriptors of the shell. Redirections apply from left to right.
//
// Invariants
//   R1  Every descriptor that the shell opened for a command is in `opened` and closed by fdsClose().
//
// Not here: pipes; exec.ts makes them and passes their ends to fdsReset().

import { FdMap, OpenFlag } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { openPath } from "../../lib/files";
import { err } from "../../lib/fmt";
import { close } from "../../lib/sys";
import { cstrLength, isDigit } from "../../lib/text";
import { Node, NodeKind, Redirect } from "./ast";
import { expandReset, expandWord, fieldCount, fields } from "./expand";

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

/** Applies every redirection of a SIMPLE node; false after saying what is wrong. Uses the expander's fields. */
export function redirectAll(command: Node): bool {
  for (let node: Node | null = command.first; node != null; node = node!.next) {
    if (node.kind == NodeKind.REDIRECT && !redirect(node)) return false;
  }
  return true;
}

function redirect(node: Node): bool {
  const target = node.first!;
  expandReset();
  expandWord(target.text, target.bytes, false);
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
  if (openedCount < OPENED_MAX) store<i32>(opened + 4 * openedCount++, fd);
  store<i32>(fds + node.flags * 4, fd);
  return true;
}

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
