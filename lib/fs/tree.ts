// Names: paths, and what happens to the tree of directories. Paths are as a server gets them: relative, normalised, "" for the root.
//
// Invariants
//   N1  A symbolic link is not followed: a path that goes through one leads to -ELOOP, and linkRest and link.ts say where the client is to go on.
//   N2  Inode.LINKS is the number of names, and an inode goes when it is 0 and nobody has it open. On a damaged disk it may be wrong: it never
//       falls below 0, too high a number keeps the inode, too low a one leaves names that are not there any more (directory.ts). What nothing
//       names any more is freed once, by whoever takes LINKS to 0 or closes it last.
//   N3  -ELOOP of a function of this file means that, and nothing else.
//
// Every function that takes a path returns -ELOOP so, and -ENOTDIR, -ENAMETOOLONG or -EIO where the path cannot be walked.

import { Errno } from "../../abi/errno";
import { LinkAnswer } from "../../abi/ipc";
import { FileType } from "../../abi/syscall";
import { add, find, isEmpty, remove, replace } from "./directory";
import { writeBytes } from "./file";
import { FileLimit, Inode, LinkLimit } from "./format";
import { failure, inodeAt, inodeCreate, inodeEdit, inodeFree, inodeHandles } from "./inode";
import { linkRead } from "./link";
import { cut } from "./map";
import { spaceHasRoom } from "./space";

const SLASH: u8 = 0x2f;

/** Bytes of the last name of the path that parentOf was asked about. */
let nameAt: usize = 0;
let nameBytes: u32 = 0;

/** After -ELOOP: LinkAnswer.REST. */
export let linkRest: u32 = 0;

/** The inode of a path, or -errno. A link among its names ends it (-ELOOP), as the last name only if `follows`. */
export function walk(path: usize, n: u32, follows: bool): i32 {
  let inode: i32 = Inode.ROOT;
  for (let at: u32 = 0; ; ) {
    const type = typeOf(inode);
    if (type < 0) return type;
    const isLast = at >= n;
    if (type == FileType.LINK && (!isLast || follows)) return stop(inode, n - (at - 1));
    if (isLast) return inode;
    if (type != FileType.DIRECTORY) return -Errno.ENOTDIR;
    const part = partBytes(path + at, n - at);
    if (part > <u32>FileLimit.NAME_BYTES) return -Errno.ENAMETOOLONG;
    inode = find(inode, path + at, part);
    if (inode < 0) return inode;
    at += part + 1;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}

/** FileType of an inode, or -errno. */
export function typeOf(inode: u32): i32 {
  const at = inodeAt(inode);
  return at == 0 ? failure : load<i32>(at);
}

/** Makes a file, directory or link with these bytes, one block of them at most, where there is nothing. Its inode, or -errno. */
export function make(path: usize, n: u32, type: FileType, bytes: usize, count: u32): i32 {
  const parent = parentOf(path, n);
  if (parent < 0) return parent;
  if (nameBytes > <u32>FileLimit.NAME_BYTES) return -Errno.ENAMETOOLONG;
  const inode = inodeCreate(type, type == FileType.FILE ? 0o666 : 0o777);
  if (inode == 0) return failure;
  let r = writeBytes(inode, bytes, count, 0);
  if (r >= 0) r = add(parent, nameAt, nameBytes, inode, type);
  if (r == 0) return inode;
  dispose(inode);
  return r;
}

/** Makes a link to a good target where there is nothing (-EEXIST). 0 or -errno. */
export function makeLink(target: usize, targetBytes: u32, path: usize, n: u32): i32 {
  const there = walk(path, n, false);
  if (there != -Errno.ENOENT) return there < 0 ? there : -Errno.EEXIST;
  return min(make(path, n, FileType.LINK, target, targetBytes), 0);
}

/** Gives another name to a file or link: -EPERM for a directory, -EEXIST, -EMLINK: it has all that it may have. 0 or -errno. */
export function addName(from: usize, fromBytes: u32, to: usize, toBytes: u32): i32 {
  const inode = walk(from, fromBytes, false);
  if (inode < 0) return inode;
  const type = typeOf(inode);
  if (type < 0 || type == FileType.DIRECTORY) return type < 0 ? type : -Errno.EPERM;
  const there = walkSecond(to, toBytes);
  if (there != -Errno.ENOENT) return there < 0 ? there : -Errno.EEXIST;
  const parent = parentOf(to, toBytes);
  if (parent < 0) return parent;
  if (nameBytes > <u32>FileLimit.NAME_BYTES) return -Errno.ENAMETOOLONG;
  if (!spaceHasRoom()) return -Errno.ENOSPC;
  let r = countNames(inode, 1);
  if (r < 0) return r;
  r = add(parent, nameAt, nameBytes, inode, type);
  // Too high a count only keeps what nobody needs: it is lowered when the name is certainly not there.
  if (r < 0 && find(parent, nameAt, nameBytes) == -Errno.ENOENT) countNames(inode, -1);
  return r < 0 ? r : 0;
}

/** Removes a name. A file goes with its last one, or when it is closed then; a directory must be empty. 0 or -errno. */
export function unlink(path: usize, n: u32): i32 {
  if (n == 0) return -Errno.EBUSY;
  const inode = walk(path, n, false);
  if (inode < 0) return inode;
  const free = canGo(inode);
  if (free < 0) return free;
  const parent = parentOf(path, n);
  if (parent < 0) return parent;
  const r = remove(parent, nameAt, nameBytes);
  return r < 0 ? r : letGo(inode);
}

/** Gives a name to what has another; what had it before loses it, all in one step. Two names of one file both stay. 0 or -errno. */
export function move(from: usize, fromBytes: u32, to: usize, toBytes: u32): i32 {
  const inode = walk(from, fromBytes, false);
  if (inode < 0) return inode;
  if (fromBytes == 0 || toBytes == 0) return -Errno.EBUSY;
  const type = typeOf(inode);
  const old = walkSecond(to, toBytes);
  if (old == -Errno.ELOOP) return old;
  if (isInside(to, toBytes, from, fromBytes)) {
    if (toBytes == fromBytes) return 0;
    return type == FileType.DIRECTORY ? -Errno.EINVAL : -Errno.ENOTDIR;
  }
  if (old < 0 && old != -Errno.ENOENT) return old;
  if (old == inode) return 0;
  if (old > 0) {
    const r = mayReplace(type, old);
    if (r < 0) return r;
  }
  const parent = parentOf(to, toBytes);
  if (parent < 0) return parent;
  if (nameBytes > <u32>FileLimit.NAME_BYTES) return -Errno.ENAMETOOLONG;
  let r =
    old > 0
      ? replace(parent, nameAt, nameBytes, inode, type)
      : add(parent, nameAt, nameBytes, inode, type);
  if (r < 0) return r;
  const oldParent = parentOf(from, fromBytes);
  r = oldParent < 0 ? oldParent : remove(oldParent, nameAt, nameBytes);
  if (r < 0) return r;
  return old > 0 ? letGo(old) : 0;
}

/** Frees an inode that nothing names and nobody has open any more. 0 or -errno. */
export function dispose(inode: u32): i32 {
  return cut(inode, 0) && inodeFree(inode) ? 0 : failure;
}

/** A walk has come to a link, with so many bytes of the path behind its name. */
function stop(link: u32, rest: u32): i32 {
  linkRest = rest;
  const r = linkRead(link);
  return r < 0 ? r : -Errno.ELOOP;
}

/** The second of two paths, whose last name is not followed. */
function walkSecond(path: usize, n: u32): i32 {
  const inode = walk(path, n, false);
  if (inode == -Errno.ELOOP) linkRest |= <u32>LinkAnswer.SECOND;
  return inode;
}

/** The directory of the path's last name, which is then nameAt and nameBytes; or -errno. The path was walked: no link is among its parents. */
function parentOf(path: usize, n: u32): i32 {
  let start = n;
  while (start > 0 && load<u8>(path + start - 1) != SLASH) start--;
  nameAt = path + start;
  nameBytes = n - start;
  if (nameBytes == 0) return -Errno.EEXIST;
  const parent = start == 0 ? Inode.ROOT : walk(path, start - 1, true);
  if (parent < 0) return parent;
  const type = typeOf(parent);
  if (type < 0) return type;
  return type == FileType.DIRECTORY ? parent : -Errno.ENOTDIR;
}

function partBytes(path: usize, n: u32): u32 {
  let part: u32 = 0;
  while (part < n && load<u8>(path + part) != SLASH) part++;
  return part;
}

/** True if the path is the directory at `top` or lies in it. */
function isInside(path: usize, n: u32, top: usize, topBytes: u32): bool {
  if (n < topBytes || memory.compare(path, top, topBytes) != 0) return false;
  return n == topBytes || load<u8>(path + topBytes) == SLASH;
}

/** 0 for a file or an empty directory; or -errno. */
function canGo(inode: u32): i32 {
  const type = typeOf(inode);
  if (type != FileType.DIRECTORY) return min(type, 0);
  const empty = isEmpty(inode);
  return empty == 0 ? -Errno.ENOTEMPTY : min(empty, 0);
}

function mayReplace(type: i32, old: u32): i32 {
  if (type < 0) return type;
  const oldType = typeOf(old);
  if (oldType < 0) return oldType;
  if (type == FileType.DIRECTORY && oldType != FileType.DIRECTORY) return -Errno.ENOTDIR;
  if (type != FileType.DIRECTORY && oldType == FileType.DIRECTORY) return -Errno.EISDIR;
  return canGo(old);
}

/** The inode has one name less. 0 or -errno. */
function letGo(inode: u32): i32 {
  const left = countNames(inode, -1);
  return left == 0 && inodeHandles(inode, 0) == 0 ? dispose(inode) : min(left, 0);
}

/** One name more, or (-1) one less: how many there are then, -EMLINK: no more, or -errno. */
function countNames(inode: u32, change: i32): i32 {
  const at = inodeAt(inode);
  if (at == 0) return failure;
  const names = load<u32>(at, Inode.LINKS);
  if (change > 0 && names >= <u32>LinkLimit.NAMES) return -Errno.EMLINK;
  const edited = inodeEdit(inode);
  if (edited == 0) return failure;
  const next = change > 0 || names > 0 ? names + change : 0;
  store<u32>(edited, next, Inode.LINKS);
  return <i32>min<u32>(next, LinkLimit.NAMES);
}
