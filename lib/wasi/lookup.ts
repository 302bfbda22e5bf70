// Looking up the path that pathResolve has left: following a symbolic link as its last name or not, and the names of the standard
// descriptors, by which programs without a better way open them, where the kernel has none.

import { Errno } from "../../abi/errno";
import { FileType, OpenFlag, Stat } from "../../abi/syscall";
import { close, dup, open } from "../sys";
import { errnoOf } from "./errno";
import { pathBytes, pathIsDirectory, pathResolve, pathText } from "./path";
import { WasiErrno, WasiLookup } from "./preview1";
import { statRead } from "./stat";

/** Names of descriptors 0, 1 and 2: a length byte, then the bytes. */
const STANDARD_STRIDE: usize = 12;
// biome-ignore format: a name to a row
const STANDARD = memory.data<u8>([
  10, 0x2f, 0x64, 0x65, 0x76, 0x2f, 0x73, 0x74, 0x64, 0x69, 0x6e, 0, // /dev/stdin
  11, 0x2f, 0x64, 0x65, 0x76, 0x2f, 0x73, 0x74, 0x64, 0x6f, 0x75, 0x74, // /dev/stdout
  11, 0x2f, 0x64, 0x65, 0x76, 0x2f, 0x73, 0x74, 0x64, 0x65, 0x72, 0x72, // /dev/stderr
]);

/** Flags for opening the resolved path with these lookup flags: 0 follows a link as its last name, NOFOLLOW opens the link itself. */
export function lookupFlags(lookup: i32): i32 {
  const follows = (lookup & WasiLookup.SYMLINK_FOLLOW) != 0 || pathIsDirectory();
  return follows ? 0 : OpenFlag.NOFOLLOW;
}

/** Opens the resolved path in the kernel. A kernel descriptor or -errno. */
export function lookupOpen(flags: i32): i32 {
  const kfd = open(pathText(), pathBytes(), flags);
  if (kfd != -Errno.ENOENT) return kfd;
  const standard = standardFd(pathText(), pathBytes());
  return standard < 0 ? kfd : dup(standard);
}

/** The long Stat, at st, of what a path names. A WASI errno. */
export function lookupStat(dirfd: i32, lookup: i32, path: usize, len: u32, st: usize): i32 {
  const failed = pathResolve(dirfd, path, len);
  if (failed) return failed;
  const unread = resolvedStat(lookupFlags(lookup), st);
  if (unread) return unread;
  const isOther = pathIsDirectory() && load<u32>(st, Stat.TYPE) != FileType.DIRECTORY;
  return isOther ? WasiErrno.NOTDIR : WasiErrno.SUCCESS;
}

/** The long Stat, at st, of what has the name: a link is not followed, whatever the path ends in. A WASI errno. */
export function lookupStatItself(dirfd: i32, path: usize, len: u32, st: usize): i32 {
  const failed = pathResolve(dirfd, path, len);
  return failed ? failed : resolvedStat(OpenFlag.NOFOLLOW, st);
}

/**
 * Resolves a path for something new that is no directory. A WASI errno: a path that only a directory could have is refused with what is
 * there: NOENT, EXIST (a directory) or NOTDIR. st: room for a long Stat.
 */
export function lookupNew(dirfd: i32, path: usize, len: u32, st: usize): i32 {
  const failed = pathResolve(dirfd, path, len);
  if (failed || !pathIsDirectory()) return failed;
  const missing = resolvedStat(OpenFlag.NOFOLLOW, st);
  if (missing) return missing;
  return load<u32>(st, Stat.TYPE) == FileType.DIRECTORY ? WasiErrno.EXIST : WasiErrno.NOTDIR;
}

function resolvedStat(flags: i32, st: usize): i32 {
  const kfd = lookupOpen(OpenFlag.READ | flags);
  if (kfd < 0) return errnoOf(kfd);
  const result = statRead(kfd, st);
  close(kfd);
  return result;
}

/** The kernel descriptor of /dev/stdin, stdout or stderr, or -1. */
function standardFd(path: usize, bytes: u32): i32 {
  for (let fd = 0; fd < 3; fd++) {
    const name = STANDARD + <usize>fd * STANDARD_STRIDE;
    if (bytes == <u32>load<u8>(name) && memory.compare(path, name + 1, bytes) == 0) return fd;
  }
  return -1;
}
