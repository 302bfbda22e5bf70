// path_open, and ending the append mode that a file was opened with.

import { OpenFlag, Stat, Whence } from "../../abi/syscall";
import { close, fstat, open, seek } from "../sys";
import { errnoOf } from "./errno";
import { lookupFlags, lookupOpen } from "./lookup";
import { pathBytes, pathIsDirectory, pathResolve, pathText } from "./path";
import { Right, WasiErrno, WasiFdFlag, WasiFileType, WasiOpenFlag } from "./preview1";
import { FdRecord, fdBind, fdFree, fdPath, fdRecord, fdRelease, fdSetPath, kfdOf } from "./table";

const STAT = memory.data(32, 8);
const STAT_AGAIN = memory.data(32, 8);

/** What makes or empties a file. */
const CHANGES = WasiOpenFlag.CREAT | WasiOpenFlag.TRUNC;

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
  const failed = resolve(dirfd, path, len, flags);
  if (failed) return failed;
  const fd = fdFree();
  if (fd < 0) return WasiErrno.MFILE;
  const kfd = lookupOpen(openFlagsOf(flags, rights, fdFlags) | lookupFlags(lookup));
  if (kfd < 0) return errnoOf(kfd);
  const unbound = fdBind(fd, kfd);
  if (unbound) {
    close(kfd);
    return unbound;
  }
  const record = fdRecord(fd);
  const refused = refusal(load<u8>(record, FdRecord.TYPE), flags, rights);
  if (refused) {
    fdRelease(record);
    return refused;
  }
  describe(record, rights, fdFlags);
  store<u32>(opened, fd);
  return WasiErrno.SUCCESS;
}

/**
 * Makes the kernel's descriptor one that does not append by itself: the file is opened anew, and stands where it stood. A WASI errno;
 * NOTSUP: the file no longer has the name by which it was opened.
 */
export function appendEnd(record: usize): i32 {
  if (load<u32>(record, FdRecord.KERNEL_APPENDS) == 0) return WasiErrno.SUCCESS;
  const old = kfdOf(record);
  const bytes = load<u32>(record, FdRecord.PATH_BYTES);
  const kfd = open(fdPath(record), bytes, accessOf(load<u64>(record, FdRecord.RIGHTS)));
  if (kfd < 0) return WasiErrno.NOTSUP;
  const at = seek(old, 0, Whence.CURRENT);
  if (!isSameFile(old, kfd) || at < 0 || seek(kfd, at, Whence.SET) < 0) {
    close(kfd);
    return WasiErrno.NOTSUP;
  }
  store<i32>(record, kfd, FdRecord.KFD);
  store<u32>(record, 0, FdRecord.KERNEL_APPENDS);
  return errnoOf(close(old));
}

/** Resolves the path, and refuses what can be refused before anything is opened. A WASI errno. */
function resolve(dirfd: i32, path: usize, len: u32, flags: i32): i32 {
  const failed = pathResolve(dirfd, path, len);
  if (failed) return failed;
  if ((flags & WasiOpenFlag.DIRECTORY) != 0 && (flags & CHANGES) != 0) return WasiErrno.INVAL;
  if ((flags & WasiOpenFlag.CREAT) != 0 && pathIsDirectory()) return WasiErrno.ISDIR;
  const held = load<u64>(fdRecord(dirfd), FdRecord.RIGHTS);
  const empties = (flags & WasiOpenFlag.TRUNC) != 0;
  return empties && (held & Right.PATH_FILESTAT_SET_SIZE) == 0
    ? WasiErrno.NOTCAPABLE
    : WasiErrno.SUCCESS;
}

function openFlagsOf(flags: i32, rights: i64, fdFlags: i32): i32 {
  if ((flags & WasiOpenFlag.DIRECTORY) != 0 || pathIsDirectory())
    return OpenFlag.READ | OpenFlag.DIRECTORY;
  let result = accessOf(rights);
  if ((flags & WasiOpenFlag.CREAT) != 0) result |= OpenFlag.CREATE;
  if ((flags & WasiOpenFlag.EXCL) != 0) result |= OpenFlag.EXCLUSIVE;
  if ((flags & WasiOpenFlag.TRUNC) != 0) result |= OpenFlag.TRUNCATE;
  if ((fdFlags & WasiFdFlag.APPEND) != 0) result |= OpenFlag.APPEND;
  return result;
}

function accessOf(rights: u64): i32 {
  if ((rights & Right.OPEN_WRITES) == 0) return OpenFlag.READ;
  return (rights & Right.OPEN_READS) != 0 ? OpenFlag.READWRITE : OpenFlag.WRITE;
}

/** Why what was opened, a WasiFileType, is not what was asked for; or 0. */
function refusal(type: i32, flags: i32, rights: u64): i32 {
  if (type == WasiFileType.SYMBOLIC_LINK) return WasiErrno.LOOP;
  if (type == WasiFileType.DIRECTORY)
    return (flags & CHANGES) != 0 || (rights & Right.FD_WRITE) != 0
      ? WasiErrno.ISDIR
      : WasiErrno.SUCCESS;
  const isOther = (flags & WasiOpenFlag.DIRECTORY) != 0 || pathIsDirectory();
  return isOther ? WasiErrno.NOTDIR : WasiErrno.SUCCESS;
}

/** Completes the record of what was opened by the resolved path. */
function describe(record: usize, rights: u64, fdFlags: i32): void {
  const type = load<u8>(record, FdRecord.TYPE);
  const appends = type == WasiFileType.REGULAR_FILE && (fdFlags & WasiFdFlag.APPEND) != 0 ? 1 : 0;
  if (type == WasiFileType.DIRECTORY || appends != 0) fdSetPath(record, pathText(), pathBytes());
  // C libraries learn from the rights how a file was opened. What is not opened for writing can be read, also by programs that ask for no right.
  const asked = (rights & Right.OPEN_WRITES) == 0 ? rights | Right.FD_READ : rights;
  if (type != WasiFileType.DIRECTORY)
    store<u64>(record, load<u64>(record, FdRecord.RIGHTS) & asked, FdRecord.RIGHTS);
  store<u16>(record, fdFlags & WasiFdFlag.ALL, FdRecord.FLAGS);
  store<u32>(record, appends, FdRecord.KERNEL_APPENDS);
}

function isSameFile(a: i32, b: i32): bool {
  if (fstat(a, STAT) < 0 || fstat(b, STAT_AGAIN) < 0) return false;
  return (
    load<u32>(STAT, Stat.TYPE) == load<u32>(STAT_AGAIN, Stat.TYPE) &&
    load<u32>(STAT, Stat.INO) == load<u32>(STAT_AGAIN, Stat.INO)
  );
}
