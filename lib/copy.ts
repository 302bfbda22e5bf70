// Copying, moving and removing files and trees of files, for cp, mv and rm.
//
// Invariants
//   C1  Nothing is copied onto itself or into itself: names are compared as full paths, files also by what stat says of them.
//   C2  A tree is gone through by lib/walk: its limits (depth, length of a path) are the limits here, and are said.

import { Errno } from "../abi/errno";
import { FileType, OpenFlag, Stat } from "../abi/syscall";
import { openPath, writeAll } from "./files";
import { err, out } from "./fmt";
import { complain, complainErrno } from "./program";
import { close, create, getcwd, read, remove, stat, wstat } from "./sys";
import { bytesEqual, cstrLength } from "./text";
import {
  walkBytes,
  walkFailed,
  walkIsFolder,
  walkLeaves,
  walkLeaving,
  walkNext,
  walkPath,
  walkStart,
  walkStat,
} from "./walk";

const SLASH = 0x2f;
const PATH_BYTES = 1024;
const buffer: usize = memory.data(16384);
const st: usize = memory.data(32, 8);
const other: usize = memory.data(32, 8);
const path: usize = memory.data(2100);
const below: usize = memory.data(2100);
const fullFrom: usize = memory.data(2100);
const fullTo: usize = memory.data(2100);

/** -f: a file that cannot be written is removed first. */
export let copyForces = false;
/** -p: the copy has the time of the last change of what it was made from. */
export let copyKeepsTime = false;
/** -v */
export let copyTells = false;
let leaves = false;
let asks = false;

export function copyOptions(forces: bool, keepsTime: bool, tells: bool): void {
  copyForces = forces;
  copyKeepsTime = keepsTime;
  copyTells = tells;
}

/** What becomes of files that are there already: -n leaves them, -i asks. */
export function copyKeeps(leavesThem: bool, asksFirst: bool): void {
  leaves = leavesThem;
  asks = asksFirst;
}

/** Whether a file may be written at this path. */
export function mayReplace(p: usize): bool {
  if ((!leaves && !asks) || !exists(p)) return true;
  return !leaves && agreed(p, "write over ");
}

export function isDirectory(p: usize): bool {
  return stat(p, cstrLength(p), st) >= 0 && load<u32>(st, Stat.TYPE) == FileType.DIRECTORY;
}

export function exists(p: usize): bool {
  return stat(p, cstrLength(p), st) >= 0;
}

/** "NAME: PATH: why" on standard error; false. */
export function refuse(p: usize, why: string): bool {
  complain();
  err.cstr(p).text(": ").text(why).newline();
  return false;
}

/** Takes slashes off the end of an argument. */
export function trimSlashes(p: usize): void {
  for (let n = cstrLength(p); n > 1 && load<u8>(p + n - 1) == SLASH; n--) store<u8>(p + n - 1, 0);
}

/** The last name of a path. */
export function lastName(p: usize): usize {
  let name = p + cstrLength(p);
  while (name > p && load<u8>(name - 1) != SLASH) name--;
  return name;
}

/** The path itself, or for a directory the name of `from` in it; 0 after saying that it is too long. */
export function targetPath(from: usize, to: usize): usize {
  let n = cstrLength(to);
  if (n > PATH_BYTES || cstrLength(from) > PATH_BYTES) {
    refuse(n > PATH_BYTES ? to : from, "path too long");
    return 0;
  }
  if (!isDirectory(to)) return to;
  memory.copy(path, to, n);
  if (n > 0 && load<u8>(path + n - 1) != SLASH) store<u8>(path + n++, SLASH);
  const name = lastName(from);
  memory.copy(path + n, name, cstrLength(name) + 1);
  return path;
}

/** Writes the path from the root, without "." and ".."; its bytes. Paths are at most 1024 bytes long. */
function fullPath(p: usize, to: usize): i32 {
  let n = 0;
  if (load<u8>(p) != SLASH) {
    n = max(getcwd(to, PATH_BYTES), 0);
    if (n > 0 && load<u8>(to + n - 1) == 0) n--;
    if (n == 1) n = 0; // the root
  }
  for (let c = load<u8>(p); c != 0; c = load<u8>(p)) {
    if (c == SLASH) {
      p++;
      continue;
    }
    let end = p;
    while (load<u8>(end) != SLASH && load<u8>(end) != 0) end++;
    const bytes = <i32>(end - p);
    if (bytes == 2 && load<u16>(p) == 0x2e2e) {
      while (n > 0 && load<u8>(to + --n) != SLASH) {}
    } else if (bytes != 1 || load<u8>(p) != 0x2e) {
      store<u8>(to + n, SLASH);
      memory.copy(to + n + 1, p, bytes);
      n += bytes + 1;
    }
    p = end;
  }
  return n;
}

/** C1. A file may have two full paths (bind): then number, size and time of the last change agree. */
export function isSame(from: usize, to: usize): bool {
  if (bytesEqual(fullFrom, fullPath(from, fullFrom), fullTo, fullPath(to, fullTo))) return true;
  if (stat(from, cstrLength(from), st) < 0 || stat(to, cstrLength(to), other) < 0) return false;
  return load<u64>(st, Stat.MTIME) != 0 && memory.compare(st, other, Stat.RESERVED) == 0;
}

/** Whether `to` is a path below the directory `from`. */
export function isInside(from: usize, to: usize): bool {
  const n = fullPath(from, fullFrom);
  const m = fullPath(to, fullTo);
  return m > n && load<u8>(fullTo + n) == SLASH && memory.compare(fullFrom, fullTo, n) == 0;
}

/** Copies bytes; false after saying what is wrong. */
export function copyFile(from: usize, to: usize): bool {
  const source = openPath(from, OpenFlag.READ);
  if (source < 0) {
    complainErrno(from, source);
    return false;
  }
  const flags = OpenFlag.WRITE | OpenFlag.CREATE | OpenFlag.TRUNCATE;
  let target = openPath(to, flags);
  if (target < 0 && copyForces && remove(to, cstrLength(to)) >= 0) target = openPath(to, flags);
  if (target < 0) {
    complainErrno(to, target);
    close(source);
    return false;
  }
  const good = copyBytes(source, from, target, to);
  if (good && copyKeepsTime && stat(from, cstrLength(from), st) >= 0) wstat(target, st);
  close(source);
  close(target);
  if (good) tell(from, to);
  return good;
}

function copyBytes(source: i32, from: usize, target: i32, to: usize): bool {
  for (;;) {
    const n = read(source, buffer, 16384);
    if (n < 0) complainErrno(from, n);
    if (n <= 0) return n == 0;
    const written = writeAll(target, buffer, n);
    if (written >= 0) continue;
    complainErrno(to, written);
    return false;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return false;
}

/** Says "FROM -> TO" when asked to. */
export function tell(from: usize, to: usize): void {
  if (copyTells) out.cstr(from).text(" -> ").cstr(to).newline();
}

/** Copies a directory and all that is in it, files as mayReplace() wants it; false after saying what is wrong. */
export function copyTree(from: usize, to: usize): bool {
  const n = cstrLength(to);
  const prefix = cstrLength(from);
  if (!walkStart(from)) return false;
  memory.copy(below, to, n);
  let good = true;
  let skip = false;
  while (walkNext(skip)) {
    skip = true;
    const rest = walkBytes - prefix;
    if (n + rest > PATH_BYTES) {
      good = refuse(walkPath, "the path of its copy is too long");
      continue;
    }
    memory.copy(below + n, walkPath + prefix, rest + 1);
    if (walkIsFolder) {
      skip = !makeDirectory(below);
      if (!skip) tell(walkPath, below);
      else good = false;
    } else if (load<u32>(walkStat, Stat.TYPE) != FileType.FILE) {
      good = refuse(walkPath, "not a file or directory");
    } else if (mayReplace(below) && !copyFile(walkPath, below)) good = false;
  }
  return good && !walkFailed;
}

/** True when it is there, from now on or already. */
export function makeDirectory(p: usize): bool {
  if (isDirectory(p)) return true;
  const fd = create(p, cstrLength(p), OpenFlag.DIRECTORY | OpenFlag.EXCLUSIVE);
  if (fd < 0) complainErrno(p, fd);
  else close(fd);
  return fd >= 0;
}

/** Removes a file, or a directory after all that is in it; false after saying what is wrong. `asks` is called before each. */
export function removeTree(from: usize, tells: bool, asks: bool): bool {
  if (!walkStart(from)) return false;
  walkLeaves();
  let good = true;
  while (walkNext(false)) {
    if (walkIsFolder && !walkLeaving) continue;
    if (asks && !agreed(walkPath, "remove ")) {
      good = false;
      continue;
    }
    const r = remove(walkPath, walkBytes);
    if (r >= 0 && tells) out.text("removed ").cstr(walkPath).newline();
    if (r >= 0) continue;
    // What is left in a directory has been said already.
    if (r != -Errno.ENOTEMPTY || (good && !walkFailed)) complainErrno(walkPath, r);
    good = false;
  }
  return good && !walkFailed;
}

const answer: usize = memory.data(4);

/** Asks on standard error whether it may do that to a file; true for a line that starts with y. */
export function agreed(p: usize, what: string): bool {
  out.flush();
  err.text(what).cstr(p).text("? ").flush();
  let yes = false;
  for (let i = 0; read(0, answer, 1) == 1 && load<u8>(answer) != 10; i++) {
    if (i == 0) yes = (load<u8>(answer) | 0x20) == 0x79;
  }
  return yes;
}
