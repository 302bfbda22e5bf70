// Names: paths, and what happens to the tree of directories. Paths are as a server gets them: relative, normalised, "" for the root.

import { Errno } from "../../abi/errno";
import { FileType } from "../../abi/syscall";
import { add, find, isEmpty, remove, replace } from "./directory";
import { FileLimit, Inode } from "./format";
import { failure, inodeAt, inodeCreate, inodeEdit, inodeFree, inodeHandles } from "./inode";
import { cut } from "./map";

const SLASH: u8 = 0x2f;

/** Bytes of the last name of the path that parentOf was asked about. */
let nameAt: usize = 0;
let nameBytes: u32 = 0;

/** The inode of a path, or -errno. */
export function walk(path: usize, n: u32): i32 {
  let inode: i32 = Inode.ROOT;
  for (let at: u32 = 0; at < n; ) {
    const part = partBytes(path + at, n - at);
    const type = typeOf(inode);
    if (type < 0) return type;
    if (type != FileType.DIRECTORY) return -Errno.ENOTDIR;
    if (part > <u32>FileLimit.NAME_BYTES) return -Errno.ENAMETOOLONG;
    inode = find(inode, path + at, part);
    if (inode < 0) return inode;
    at += part + 1;
  }
  return inode;
}

/** FileType of an inode, or -errno. */
export function typeOf(inode: u32): i32 {
  const at = inodeAt(inode);
  return at == 0 ? failure : load<i32>(at);
}

/** Makes a file or directory where there is nothing. Its inode, or -errno. */
export function make(path: usize, n: u32, type: FileType): i32 {
  const parent = parentOf(path, n);
  if (parent < 0) return parent;
  if (nameBytes > <u32>FileLimit.NAME_BYTES) return -Errno.ENAMETOOLONG;
  const inode = inodeCreate(type, type == FileType.DIRECTORY ? 0o777 : 0o666);
  if (inode == 0) return failure;
  const r = add(parent, nameAt, nameBytes, inode, type);
  if (r == 0) return inode;
  inodeFree(inode);
  return r;
}

/** Removes a name. A file that is open stays until it is closed; a directory must be empty. 0 or -errno. */
export function unlink(path: usize, n: u32): i32 {
  if (n == 0) return -Errno.EBUSY;
  const inode = walk(path, n);
  if (inode < 0) return inode;
  const free = canGo(inode);
  if (free < 0) return free;
  const parent = parentOf(path, n);
  if (parent < 0) return parent;
  const r = remove(parent, nameAt, nameBytes);
  return r < 0 ? r : letGo(inode);
}

/** Gives a name to what has another; what had it before goes, all in one step. 0 or -errno. */
export function move(from: usize, fromBytes: u32, to: usize, toBytes: u32): i32 {
  const inode = walk(from, fromBytes);
  if (inode < 0) return inode;
  if (fromBytes == 0 || toBytes == 0) return -Errno.EBUSY;
  const type = typeOf(inode);
  if (isInside(to, toBytes, from, fromBytes)) {
    if (toBytes == fromBytes) return 0;
    return type == FileType.DIRECTORY ? -Errno.EINVAL : -Errno.ENOTDIR;
  }
  const old = walk(to, toBytes);
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

/** The directory of the path's last name, which is then nameAt and nameBytes; or -errno. */
function parentOf(path: usize, n: u32): i32 {
  let start = n;
  while (start > 0 && load<u8>(path + start - 1) != SLASH) start--;
  nameAt = path + start;
  nameBytes = n - start;
  if (nameBytes == 0) return -Errno.EEXIST;
  const parent = start == 0 ? Inode.ROOT : walk(path, start - 1);
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

/** Nothing names the inode any more. */
function letGo(inode: u32): i32 {
  if (inodeHandles(inode, 0) == 0) return dispose(inode);
  const at = inodeEdit(inode);
  if (at == 0) return failure;
  store<u32>(at, 0, Inode.LINKS);
  return 0;
}
