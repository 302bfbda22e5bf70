// Walking a tree of files: every name below a path, a folder before what is in it, names of one folder in the order of their bytes.
//
// Invariants
//   K1  walkPath is the path of the current file, ended by NUL; it stays until the next walkNext().
//   K2  The names of the folders on the way are on a stack; what does not fit is left out, and said.
//   K3  Symbolic links are not followed unless walkLinks() says so. Then no folder is gone into that is on the way to itself: paths without links
//       are compared. A folder is opened with NOFOLLOW where links are not followed, so that none put into its place meanwhile is.
//   K4  No path is ever shortened: a file whose path is too long, or a folder that is too deep, is said and not gone into.

import { DirEntry, FileType, OpenFlag, Stat } from "../abi/syscall";
import { err } from "./fmt";
import { linkStat } from "./link";
import { Missing, pathCanonical } from "./path";
import { complain, complainErrno } from "./program";
import { close, open, readdir, stat } from "./sys";
import { bytesEqual, cstrLength } from "./text";

/** Which symbolic links are followed. */
export const enum WalkLinks {
  NONE = 0,
  START, // only the path that it begins with
  ALL,
}

const PATH_BYTES = 1024;
export const walkPath: usize = memory.data(1028);
export let walkBytes: i32 = 0;
/** Folders between the start and the current file. */
export let walkDepth: i32 = 0;
export const WALK_DEPTH = 64;
export let walkIsFolder = false;
/** A symbolic link that is not followed, or leads nowhere. */
export let walkIsLink = false;
/** It is the last one of its folder. */
export let walkIsLast = false;
/** Something could not be read, and that was said. */
export let walkFailed = false;
/** abi Stat of the current file. */
export const walkStat: usize = memory.data(32, 8);

const NAMES_BYTES = 262144;
const names: usize = memory.data(262144);
let namesUsed = 0;
const levels: usize = memory.data(1024); // {first name, next name, end, bytes of the folder's path}
const entries: usize = memory.data(4096);
let started = false;
let leaves = false;
let following: WalkLinks = WalkLinks.NONE;
const WAY_BYTES = 1028;
let ways: usize = 0; // for each level the folder's path without links, if links are followed
const way: usize = memory.data(3200);

export function walkLinks(which: WalkLinks): void {
  following = which;
}

/** The folder is shown again, after all that is in it (walkLeaves). */
export let walkLeaving = false;

/** Every folder that was entered is shown a second time when it is left. */
export function walkLeaves(): void {
  leaves = true;
}

/** Begins at a path. False after saying that it is not there. */
export function walkStart(path: usize): bool {
  walkBytes = cstrLength(path);
  walkLeaving = false;
  if (walkBytes > PATH_BYTES) {
    failed(path, "path too long");
    return false;
  }
  memory.copy(walkPath, path, walkBytes);
  while (walkBytes > 1 && load<u8>(walkPath + walkBytes - 1) == 0x2f) walkBytes--;
  store<u8>(walkPath + walkBytes, 0);
  walkDepth = 0;
  namesUsed = 0;
  started = false;
  const r = look(following != WalkLinks.NONE);
  if (r >= 0) return true;
  complainErrno(path, r);
  walkFailed = true;
  return false;
}

/** The next file; false after the last. Goes into the current folder unless `skip`. */
export function walkNext(skip: bool): bool {
  if (!started) {
    started = true;
    walkIsLast = true;
    kindSet(FileType.FILE);
    return true;
  }
  if (walkIsFolder && !skip && !walkLeaving) enter();
  walkLeaving = false;
  while (walkDepth > 0) {
    const level = levels + (walkDepth - 1) * 16;
    const next = load<usize>(level, 4);
    if (next < load<usize>(level, 8)) {
      if (step(level, next)) return true;
      continue;
    }
    namesUsed = <i32>(load<usize>(level) - names);
    walkDepth--;
    if (!leaves) continue;
    walkBytes = load<i32>(level, 12);
    store<u8>(walkPath + walkBytes, 0);
    walkIsFolder = true;
    walkIsLink = false;
    walkLeaving = true;
    return true;
  }
  return false;
}

/** Makes a name the current file; false after saying that its path is too long. */
function step(level: usize, name: usize): bool {
  const n = cstrLength(name + 1);
  store<usize>(level, name + n + 2, 4);
  walkIsLast = name + n + 2 >= load<usize>(level, 8);
  walkBytes = load<i32>(level, 12);
  if (load<u8>(walkPath + walkBytes - 1) != 0x2f) store<u8>(walkPath + walkBytes++, 0x2f);
  if (walkBytes + n > PATH_BYTES) {
    store<u8>(walkPath + walkBytes, 0);
    failed(walkPath, "path too long for what is in it");
    return false;
  }
  memory.copy(walkPath + walkBytes, name + 1, n);
  walkBytes += n;
  store<u8>(walkPath + walkBytes, 0);
  if (look(following == WalkLinks.ALL) < 0) memory.fill(walkStat, 0, Stat.BYTES);
  kindSet(load<u8>(name));
  return true;
}

/** Fills walkStat; -errno. A link that leads nowhere is a link even if all are followed. */
function look(follows: bool): i32 {
  if (follows) {
    const r = stat(walkPath, walkBytes, walkStat);
    if (r >= 0 || following != WalkLinks.ALL) return r;
  }
  return linkStat(walkPath, walkBytes, walkStat);
}

/** What the current file is, by walkStat; by what its folder says of it, where that is empty. */
function kindSet(listed: u32): void {
  const known = load<u32>(walkStat, Stat.TYPE);
  const type = known != 0 ? known : listed;
  walkIsFolder = type == FileType.DIRECTORY;
  walkIsLink = type == FileType.LINK;
}

function failed(path: usize, why: string): void {
  complain();
  err.cstr(path).text(": ").text(why).newline();
  walkFailed = true;
}

/** Puts the names of the current folder on the stack. */
function enter(): void {
  if (walkDepth == WALK_DEPTH) {
    failed(walkPath, "more than 64 folders deep");
    return;
  }
  const follows = following == WalkLinks.ALL || (following == WalkLinks.START && walkDepth == 0);
  if (following == WalkLinks.ALL && !isNew()) return;
  const flags = OpenFlag.READ | OpenFlag.DIRECTORY;
  const fd = open(walkPath, walkBytes, follows ? flags : flags | OpenFlag.NOFOLLOW);
  if (fd < 0) {
    complainErrno(walkPath, fd);
    walkFailed = true;
    return;
  }
  const first = names + namesUsed;
  for (let n = readdir(fd, entries, 4096); n > 0; n = readdir(fd, entries, 4096)) {
    for (let at = 0; at < n; ) {
      const bytes: i32 = load<u8>(entries + at, DirEntry.NAME_BYTES);
      add(first, entries + at + DirEntry.NAME, bytes, load<u8>(entries + at, DirEntry.TYPE));
      at += DirEntry.NAME + bytes;
    }
  }
  close(fd);
  const level = levels + walkDepth++ * 16;
  store<usize>(level, first);
  store<usize>(level, first, 4);
  store<usize>(level, names + namesUsed, 8);
  store<i32>(level, walkBytes, 12);
}

/** K3: whether the current folder is none of those on the way to it; false after saying so. */
function isNew(): bool {
  if (ways == 0) ways = heap.alloc(WALK_DEPTH * WAY_BYTES);
  const n = pathCanonical(walkPath, way, Missing.NONE);
  if (n < 0) {
    complainErrno(walkPath, n);
    walkFailed = true;
    return false;
  }
  for (let i = 0; i < walkDepth; i++) {
    const one = ways + i * WAY_BYTES;
    if (!bytesEqual(one, cstrLength(one), way, n)) continue;
    failed(walkPath, "leads back to a directory that it is in");
    return false;
  }
  memory.copy(ways + walkDepth * WAY_BYTES, way, n + 1);
  return true;
}

/** Inserts {type, name, NUL} where it belongs among the names from `first` on. */
function add(first: usize, name: usize, bytes: i32, type: u8): void {
  const isDots = bytes <= 2 && load<u8>(name) == 0x2e && (bytes == 1 || load<u8>(name + 1) == 0x2e);
  if (isDots) return;
  if (namesUsed + bytes + 2 > NAMES_BYTES) {
    if (!walkFailed) failed(walkPath, "too many names");
    return;
  }
  const end = names + namesUsed;
  let at = first;
  while (at < end && before(at + 1, name, bytes)) at += cstrLength(at + 1) + 2;
  memory.copy(at + bytes + 2, at, end - at);
  store<u8>(at, type);
  memory.copy(at + 1, name, bytes);
  store<u8>(at + 1 + bytes, 0);
  namesUsed += bytes + 2;
}

function before(one: usize, name: usize, bytes: i32): bool {
  for (let i = 0; i < bytes; i++) {
    const a = load<u8>(one + i);
    const b = load<u8>(name + i);
    if (a != b) return a < b;
  }
  return false;
}
