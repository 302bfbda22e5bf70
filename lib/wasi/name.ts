// Calls on names: path_*, but for path_open (open.ts).
//
// The kernel never sees the "/" at the end of a path: what it means for each call is decided here.

import { Errno } from "../../abi/errno";
import { FileType, OpenFlag, Stat } from "../../abi/syscall";
import { close, create, link, read, remove, rename, symlink } from "../sys";
import { errnoOf } from "./errno";
import { lookupFlags, lookupNew, lookupOpen, lookupStat, lookupStatItself } from "./lookup";
import { pathBytes, pathIsDirectory, pathResolve, pathText } from "./path";
import { WasiErrno, WasiLookup } from "./preview1";
import { filestatWrite, setTimes, statRead, unstableFilestatWrite } from "./stat";

const STAT = memory.data(48, 8); // Stat.LONG_BYTES
const FROM = memory.data(1024, 16); // PATH_CAPACITY

const SLASH: u8 = 0x2f;

export function path_filestat_get(dirfd: i32, lookup: i32, path: usize, len: u32, to: usize): i32 {
  const failed = lookupStat(dirfd, lookup, path, len, STAT);
  if (failed) return failed;
  filestatWrite(to, STAT);
  return WasiErrno.SUCCESS;
}

export function unstable_path_filestat_get(
  dirfd: i32,
  lookup: i32,
  path: usize,
  len: u32,
  to: usize,
): i32 {
  const failed = lookupStat(dirfd, lookup, path, len, STAT);
  if (failed) return failed;
  unstableFilestatWrite(to, STAT);
  return WasiErrno.SUCCESS;
}

export function path_filestat_set_times(
  dirfd: i32,
  lookup: i32,
  path: usize,
  len: u32,
  atim: i64,
  mtim: i64,
  flags: i32,
): i32 {
  const kfd = openChecked(dirfd, lookup, path, len);
  if (kfd < 0) return -kfd;
  const result = setTimes(kfd, atim, mtim, flags);
  close(kfd);
  return result;
}

export function path_create_directory(dirfd: i32, path: usize, len: u32): i32 {
  const failed = lookupStatItself(dirfd, path, len, STAT);
  if (failed == WasiErrno.SUCCESS) return WasiErrno.EXIST;
  if (failed != WasiErrno.NOENT) return failed;
  const kfd = create(pathText(), pathBytes(), OpenFlag.DIRECTORY | OpenFlag.EXCLUSIVE);
  return kfd < 0 ? errnoOf(kfd) : errnoOf(close(kfd));
}

/** A symbolic link is removed itself. */
export function path_unlink_file(dirfd: i32, path: usize, len: u32): i32 {
  const failed = lookupStatItself(dirfd, path, len, STAT);
  if (failed) return failed;
  if (isDirectory()) return WasiErrno.ISDIR;
  if (pathIsDirectory()) return WasiErrno.NOTDIR;
  return errnoOf(remove(pathText(), pathBytes()));
}

/** NOTDIR: also a symbolic link to a directory. */
export function path_remove_directory(dirfd: i32, path: usize, len: u32): i32 {
  const failed = lookupStatItself(dirfd, path, len, STAT);
  if (failed) return failed;
  if (!isDirectory()) return WasiErrno.NOTDIR;
  return errnoOf(remove(pathText(), pathBytes()));
}

/** Symbolic links are renamed and replaced themselves. */
export function path_rename(
  dirfd: i32,
  path: usize,
  len: u32,
  newDirfd: i32,
  newPath: usize,
  newLen: u32,
): i32 {
  const failed = lookupStatItself(dirfd, path, len, STAT);
  if (failed) return failed;
  const fromIsDirectory = pathIsDirectory();
  const fromBytes = keepFrom();
  const newFailed = pathResolve(newDirfd, newPath, newLen);
  if (newFailed) return newFailed;
  if ((fromIsDirectory || pathIsDirectory()) && !isDirectory()) return WasiErrno.NOTDIR;
  return errnoOf(rename(FROM, fromBytes, pathText(), pathBytes()));
}

/** A symbolic link gets a second name itself. INVAL: it was to be followed. */
export function path_link(
  dirfd: i32,
  lookup: i32,
  path: usize,
  len: u32,
  newDirfd: i32,
  newPath: usize,
  newLen: u32,
): i32 {
  const failed = lookupStatItself(dirfd, path, len, STAT);
  if (failed) return failed;
  const isLink = load<u32>(STAT, Stat.TYPE) == FileType.LINK;
  if (isLink && (lookup & WasiLookup.SYMLINK_FOLLOW) != 0) return WasiErrno.INVAL;
  if (pathIsDirectory() && !isDirectory()) return WasiErrno.NOTDIR;
  const fromBytes = keepFrom();
  const newFailed = lookupNew(newDirfd, newPath, newLen, STAT);
  if (newFailed) return newFailed;
  return errnoOf(link(FROM, fromBytes, pathText(), pathBytes()));
}

/** The target is kept as it is. PERM: it is absolute, which no runtime lets a program make. */
export function path_symlink(
  target: usize,
  targetLen: u32,
  dirfd: i32,
  path: usize,
  len: u32,
): i32 {
  if (targetLen > 0 && load<u8>(target) == SLASH) return WasiErrno.PERM;
  const failed = lookupNew(dirfd, path, len, STAT);
  if (failed) return failed;
  return errnoOf(symlink(target, targetLen, pathText(), pathBytes()));
}

/** As much of a symbolic link's target as fits the buffer. INVAL: it is no link. */
export function path_readlink(
  dirfd: i32,
  path: usize,
  len: u32,
  buf: usize,
  bufBytes: u32,
  used: usize,
): i32 {
  const kfd = openChecked(dirfd, 0, path, len);
  if (kfd < 0) return -kfd;
  let n = -Errno.EINVAL;
  if (load<u32>(STAT, Stat.TYPE) == FileType.LINK) n = bufBytes > 0 ? read(kfd, buf, bufBytes) : 0;
  close(kfd);
  if (n < 0) return errnoOf(n);
  store<u32>(used, n);
  return WasiErrno.SUCCESS;
}

/** Opens what a path names, for reading; its long Stat is then at STAT. A kernel descriptor, or a WASI errno as a negative number. */
function openChecked(dirfd: i32, lookup: i32, path: usize, len: u32): i32 {
  const failed = pathResolve(dirfd, path, len);
  if (failed) return -failed;
  const kfd = lookupOpen(OpenFlag.READ | lookupFlags(lookup));
  if (kfd < 0) return -errnoOf(kfd);
  let refused = statRead(kfd, STAT);
  if (refused == WasiErrno.SUCCESS && pathIsDirectory() && !isDirectory())
    refused = WasiErrno.NOTDIR;
  if (refused == WasiErrno.SUCCESS) return kfd;
  close(kfd);
  return -refused;
}

/** Of what STAT describes. */
function isDirectory(): bool {
  return load<u32>(STAT, Stat.TYPE) == FileType.DIRECTORY;
}

/** The resolved path, kept at FROM while another one is resolved; its length. */
function keepFrom(): u32 {
  memory.copy(FROM, pathText(), pathBytes());
  return pathBytes();
}
