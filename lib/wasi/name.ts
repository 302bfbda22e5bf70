// Calls on names: path_*.
//
// There are no links here, hard or symbolic: making one answers NOSYS, and reading one finds that the file is none.

import { Errno } from "../../abi/errno";
import { FileType, OpenFlag, Stat } from "../../abi/syscall";
import { close, create, dup, fstat, open, remove, rename, stat } from "../sys";
import { errnoOf } from "./errno";
import { filestatWrite, setTimes, unstableFilestatWrite } from "./file";
import { pathBytes, pathResolve, pathText } from "./path";
import { Right, WasiErrno, WasiFdFlag, WasiFileType, WasiOpenFlag } from "./preview1";
import { FdRecord, fdBind, fdFree, fdRecord, fdRelease, fdSetPath } from "./table";

const STAT = memory.data(32, 8);
const FROM = memory.data(1024, 16); // PATH_CAPACITY

/** Names of descriptors 0, 1 and 2: a length byte, then the bytes. */
const STANDARD_STRIDE: usize = 12;
// biome-ignore format: a name to a row
const STANDARD = memory.data<u8>([
  10, 0x2f, 0x64, 0x65, 0x76, 0x2f, 0x73, 0x74, 0x64, 0x69, 0x6e, 0, // /dev/stdin
  11, 0x2f, 0x64, 0x65, 0x76, 0x2f, 0x73, 0x74, 0x64, 0x6f, 0x75, 0x74, // /dev/stdout
  11, 0x2f, 0x64, 0x65, 0x76, 0x2f, 0x73, 0x74, 0x64, 0x65, 0x72, 0x72, // /dev/stderr
]);

export function path_open(
  dirfd: i32,
  lookup: i32,
  path: usize,
  len: u32,
  flags: i32,
  rights: i64,
  inheriting: i64,
  fdFlags: i32,
  opened: usize,
): i32 {
  const failed = pathResolve(dirfd, path, len);
  if (failed) return failed;
  const fd = fdFree();
  if (fd < 0) return WasiErrno.MFILE;
  const text = pathText();
  const bytes = pathBytes();
  let kfd = open(text, bytes, openFlagsOf(flags, rights, fdFlags));
  if (kfd == -Errno.ENOENT) {
    const standard = standardFd(text, bytes);
    if (standard >= 0) kfd = dup(standard);
  }
  if (kfd < 0) return errnoOf(kfd);
  const unbound = fdBind(fd, kfd);
  if (unbound) {
    close(kfd);
    return unbound;
  }
  const record = fdRecord(fd);
  const isDirectory = load<u8>(record, FdRecord.TYPE) == WasiFileType.DIRECTORY;
  if ((flags & WasiOpenFlag.DIRECTORY) != 0 && !isDirectory) {
    fdRelease(record);
    return WasiErrno.NOTDIR;
  }
  if (isDirectory) {
    fdSetPath(record, text, bytes);
  } else {
    // C libraries learn from the rights how a file was opened.
    store<u64>(record, load<u64>(record, FdRecord.RIGHTS) & <u64>rights, FdRecord.RIGHTS);
  }
  store<u16>(record, fdFlags & WasiFdFlag.ALL, FdRecord.FLAGS);
  store<u32>(record, fdFlags & WasiFdFlag.APPEND, FdRecord.KERNEL_APPENDS);
  store<u32>(opened, fd);
  return WasiErrno.SUCCESS;
}

export function path_filestat_get(dirfd: i32, lookup: i32, path: usize, len: u32, to: usize): i32 {
  const failed = statOf(dirfd, path, len);
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
  const failed = statOf(dirfd, path, len);
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
  const failed = pathResolve(dirfd, path, len);
  if (failed) return failed;
  const kfd = open(pathText(), pathBytes(), OpenFlag.READ);
  if (kfd < 0) return errnoOf(kfd);
  const result = setTimes(kfd, mtim, flags);
  close(kfd);
  return result;
}

export function path_create_directory(dirfd: i32, path: usize, len: u32): i32 {
  const failed = statOf(dirfd, path, len);
  if (failed == WasiErrno.SUCCESS) return WasiErrno.EXIST;
  if (failed != WasiErrno.NOENT) return failed;
  const kfd = create(pathText(), pathBytes(), OpenFlag.DIRECTORY | OpenFlag.EXCLUSIVE);
  return kfd < 0 ? errnoOf(kfd) : errnoOf(close(kfd));
}

export function path_unlink_file(dirfd: i32, path: usize, len: u32): i32 {
  const failed = statOf(dirfd, path, len);
  if (failed) return failed;
  if (load<u32>(STAT, Stat.TYPE) == FileType.DIRECTORY) return WasiErrno.ISDIR;
  return errnoOf(remove(pathText(), pathBytes()));
}

export function path_remove_directory(dirfd: i32, path: usize, len: u32): i32 {
  const failed = statOf(dirfd, path, len);
  if (failed) return failed;
  if (load<u32>(STAT, Stat.TYPE) != FileType.DIRECTORY) return WasiErrno.NOTDIR;
  return errnoOf(remove(pathText(), pathBytes()));
}

export function path_rename(
  dirfd: i32,
  path: usize,
  len: u32,
  newDirfd: i32,
  newPath: usize,
  newLen: u32,
): i32 {
  const failed = statOf(dirfd, path, len);
  if (failed) return failed;
  const fromBytes = pathBytes();
  memory.copy(FROM, pathText(), fromBytes);
  const newFailed = pathResolve(newDirfd, newPath, newLen);
  if (newFailed) return newFailed;
  return errnoOf(rename(FROM, fromBytes, pathText(), pathBytes()));
}

export function path_link(
  dirfd: i32,
  lookup: i32,
  path: usize,
  len: u32,
  newDirfd: i32,
  newPath: usize,
  newLen: u32,
): i32 {
  const failed = statOf(dirfd, path, len);
  return failed ? failed : WasiErrno.NOSYS;
}

export function path_symlink(
  target: usize,
  targetLen: u32,
  dirfd: i32,
  path: usize,
  len: u32,
): i32 {
  const failed = pathResolve(dirfd, path, len);
  return failed ? failed : WasiErrno.NOSYS;
}

export function path_readlink(
  dirfd: i32,
  path: usize,
  len: u32,
  buf: usize,
  bufBytes: u32,
  used: usize,
): i32 {
  const failed = statOf(dirfd, path, len);
  return failed ? failed : WasiErrno.INVAL;
}

/** Stat of the path. */
function statOf(dirfd: i32, path: usize, len: u32): i32 {
  const failed = pathResolve(dirfd, path, len);
  if (failed) return failed;
  const result = stat(pathText(), pathBytes(), STAT);
  if (result != -Errno.ENOENT) return errnoOf(result);
  const standard = standardFd(pathText(), pathBytes());
  return standard < 0 ? WasiErrno.NOENT : errnoOf(fstat(standard, STAT));
}

/** The kernel descriptor of /dev/stdin, stdout or stderr, names by which programs without a better way open them; else -1. */
function standardFd(path: usize, bytes: u32): i32 {
  for (let fd = 0; fd < 3; fd++) {
    const name = STANDARD + <usize>fd * STANDARD_STRIDE;
    if (bytes == <u32>load<u8>(name) && memory.compare(path, name + 1, bytes) == 0) return fd;
  }
  return -1;
}

function openFlagsOf(flags: i32, rights: i64, fdFlags: i32): u32 {
  let result: u32 = OpenFlag.READ;
  if ((rights & Right.OPEN_WRITES) != 0) {
    result = (rights & Right.OPEN_READS) != 0 ? OpenFlag.READWRITE : OpenFlag.WRITE;
  }
  if ((flags & WasiOpenFlag.DIRECTORY) != 0) result = OpenFlag.READ | OpenFlag.DIRECTORY;
  if ((flags & WasiOpenFlag.CREAT) != 0) result |= OpenFlag.CREATE;
  if ((flags & WasiOpenFlag.EXCL) != 0) result |= OpenFlag.EXCLUSIVE;
  if ((flags & WasiOpenFlag.TRUNC) != 0) result |= OpenFlag.TRUNCATE;
  if ((fdFlags & WasiFdFlag.APPEND) != 0) result |= OpenFlag.APPEND;
  return result;
}
