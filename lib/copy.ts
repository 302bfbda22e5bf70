// Copying, moving and removing files and trees of files, for cp, mv and rm.
//
// Invariants
//   C1  Nothing is copied onto itself or into itself: names are compared as full paths, files also by what stat says of them.
//   C2  Removing never follows a symbolic link, and nothing is copied through one that is in the way inside of a tree.
//   C3  A tree is gone through by lib/walk: its limits (depth, length of a path) are the limits here, and are said.

import { Errno } from "../abi/errno";
import { FileType, OpenFlag, Stat } from "../abi/syscall";
import { openPath, writeAll } from "./files";
import { err, out } from "./fmt";
import {
  isDangling,
  isLink,
  isThere,
  leadsToDirectory,
  linkRead,
  linkStat,
  longStat,
  meansTarget,
  statSame,
  typeOf,
} from "./link";
import { Missing, pathCanonical, pathFull } from "./path";
import { complain, complainErrno } from "./program";
import { close, create, fstatx, read, remove, stat, symlink, wstatx } from "./sys";
import { bytesEqual, cstrLength } from "./text";
import {
  WalkLinks,
  walkBytes,
  walkDepth,
  walkFailed,
  walkIsFolder,
  walkIsLink,
  walkLeaves,
  walkLeaving,
  walkLinks,
  walkNext,
  walkPath,
  walkStart,
  walkStat,
} from "./walk";

const SLASH = 0x2f;
const PATH_BYTES = 1024;
const buffer: usize = memory.data(16384);
const st: usize = memory.data(48, 8);
const other: usize = memory.data(32, 8);
const path: usize = memory.data(2100);
const below: usize = memory.data(2100);
const fullFrom: usize = memory.data(3200);
const fullTo: usize = memory.data(3200);
const target: usize = memory.data(1024);

/** -f: a file that cannot be written is removed first. */
export let copyForces = false;
/** -p: the copy has the times of what it was made from. */
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

/** Whether a file may be written at this path, or a link made. */
export function mayReplace(p: usize): bool {
  if ((!leaves && !asks) || !isThere(p)) return true;
  return !leaves && agreed(p, "write over ");
}

export function isDirectory(p: usize): bool {
  return leadsToDirectory(p, cstrLength(p));
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

/** C1. A file may have two full paths (bind). `itself`: a symbolic link is another file than what it leads to. */
export function isSame(from: usize, to: usize, itself: bool): bool {
  if (bytesEqual(fullFrom, pathFull(from, fullFrom), fullTo, pathFull(to, fullTo))) return true;
  if (itself) {
    if (linkStat(from, cstrLength(from), st) < 0) return false;
    if (linkStat(to, cstrLength(to), other) < 0) return false;
  } else if (stat(from, cstrLength(from), st) < 0 || stat(to, cstrLength(to), other) < 0)
    return false;
  return load<u64>(st, Stat.MTIME) != 0 && statSame(st, other);
}

/** Whether copying would write over what is copied. `asLink`: a symbolic link is copied as one. */
export function isOver(from: usize, to: usize, asLink: bool): bool {
  return isThere(to) && isThere(from) && isSame(from, to, asLink && isLink(to));
}

/** Whether `to` is a path below the directory `from`, or that itself, wherever links on the way lead. */
export function isInside(from: usize, to: usize): bool {
  let n = pathCanonical(from, fullFrom, Missing.ALL);
  let m = pathCanonical(to, fullTo, Missing.ALL);
  if (n < 0 || m < 0) {
    n = pathFull(from, fullFrom);
    m = pathFull(to, fullTo);
  }
  if (m < n || memory.compare(fullFrom, fullTo, n) != 0) return false;
  return m == n || n <= 1 || load<u8>(fullTo + n) == SLASH;
}

/** Copies bytes; false after saying what is wrong. */
export function copyFile(from: usize, to: usize): bool {
  const source = openPath(from, OpenFlag.READ);
  if (source < 0) {
    complainErrno(from, source);
    return false;
  }
  if (isDangling(to)) {
    close(source);
    return refuse(to, "is a symbolic link that leads nowhere: it is not written through");
  }
  const flags = OpenFlag.WRITE | OpenFlag.CREATE | OpenFlag.TRUNCATE;
  let copy = openPath(to, flags);
  if (copy < 0 && copyForces && remove(to, cstrLength(to)) >= 0) copy = openPath(to, flags);
  if (copy < 0) {
    complainErrno(to, copy);
    close(source);
    return false;
  }
  const good = copyBytes(source, from, copy, to);
  if (good && copyKeepsTime && fstatx(source, st, Stat.LONG_BYTES) >= 0)
    wstatx(copy, st, Stat.LONG_BYTES);
  close(source);
  close(copy);
  if (good) tell(from, to);
  return good;
}

function copyBytes(source: i32, from: usize, copy: i32, to: usize): bool {
  for (;;) {
    const n = read(source, buffer, 16384);
    if (n < 0) complainErrno(from, n);
    if (n <= 0) return n == 0;
    const written = writeAll(copy, buffer, n);
    if (written >= 0) continue;
    complainErrno(to, written);
    return false;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return false;
}

/** Makes a link with the same target, in the place of a file or link that is there; false after saying what is wrong. */
export function copyLink(from: usize, to: usize): bool {
  const n = linkRead(from, cstrLength(from), target);
  if (n < 0) {
    complainErrno(from, n);
    return false;
  }
  let r = symlink(target, n, to, cstrLength(to));
  if (r == -Errno.EEXIST && typeOf(to) != FileType.DIRECTORY && remove(to, cstrLength(to)) >= 0)
    r = symlink(target, n, to, cstrLength(to));
  if (r < 0) {
    complainErrno(to, r);
    return false;
  }
  if (copyKeepsTime) linkTimes(from, to);
  tell(from, to);
  return true;
}

/** Gives a link the times of another, where its file system keeps them. */
function linkTimes(from: usize, to: usize): void {
  if (longStat(from, cstrLength(from), false, st) < 0) return;
  const fd = openPath(to, OpenFlag.READ | OpenFlag.NOFOLLOW);
  if (fd < 0) return;
  wstatx(fd, st, Stat.LONG_BYTES);
  close(fd);
}

/** Says "FROM -> TO" when asked to. */
export function tell(from: usize, to: usize): void {
  if (copyTells) out.cstr(from).text(" -> ").cstr(to).newline();
}

/** Copies a directory and all that is in it, files as mayReplace() wants it; links that are not followed as links. False: said why. */
export function copyTree(from: usize, to: usize, links: WalkLinks): bool {
  const n = cstrLength(to);
  const prefix = cstrLength(from);
  walkLinks(links);
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
      skip = !copyFolder(to, links);
      if (skip) good = false;
    } else if (!copyOther(links)) good = false;
  }
  return good && !walkFailed;
}

/** The walk's current folder at `below`, in the copy `top`. */
function copyFolder(top: usize, links: WalkLinks): bool {
  if (links == WalkLinks.ALL && walkDepth > 0 && isInside(walkPath, top))
    return refuse(walkPath, "a directory cannot be copied into itself");
  if (!meansTarget(below) && isLink(below))
    return refuse(below, "is a symbolic link: nothing is copied through it");
  if (!makeDirectory(below)) return false;
  tell(walkPath, below);
  return true;
}

/** The walk's current file or link. */
function copyOther(links: WalkLinks): bool {
  if (walkIsLink && links == WalkLinks.ALL) {
    complainErrno(walkPath, -Errno.ENOENT);
    return false;
  }
  if (!walkIsLink && load<u32>(walkStat, Stat.TYPE) != FileType.FILE)
    return refuse(walkPath, "not a file or directory");
  if (!mayReplace(below)) return true;
  if (isOver(walkPath, below, walkIsLink)) return refuse(below, "is the same file");
  return walkIsLink ? copyLink(walkPath, below) : copyFile(walkPath, below);
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
  walkLinks(WalkLinks.NONE);
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
