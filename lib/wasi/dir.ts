// Directories: fd_readdir, and the preopened directories, "/" and ".".
//
// A cookie is a position in a directory: 0 is ".", 1 is "..", and n + 2 is the kernel's record n.

import { DirEntry, Stat, Whence } from "../../abi/syscall";
import { fstat, readdir, seek } from "../sys";
import { errnoOf } from "./errno";
import { WasiDirent, WasiErrno, WasiFileType, WasiPrestat } from "./preview1";
import { Fd, FdKind, FdRecord, fdFile, fdRecord, fileTypeOf, kfdOf } from "./table";

const RECORDS = memory.data(2048, 16);
const RECORDS_CAPACITY: u32 = 2048;
const STAT = memory.data(32, 8);
const HEADER = memory.data(24, 8);
const DOTS = memory.data<u8>([0x2e, 0x2e]);

const FIRST_RECORD: i64 = 2;

export function fd_prestat_get(fd: i32, prestat: usize): i32 {
  if (!isPreopened(fd)) return WasiErrno.BADF;
  store<u32>(prestat, 0, WasiPrestat.TAG);
  store<u32>(prestat, 1, WasiPrestat.NAME_LENGTH);
  return WasiErrno.SUCCESS;
}

export function fd_prestat_dir_name(fd: i32, path: usize, len: u32): i32 {
  if (!isPreopened(fd)) return WasiErrno.BADF;
  if (len < 1) return WasiErrno.NAMETOOLONG;
  store<u8>(path, fd == Fd.CURRENT ? 0x2e : 0x2f);
  return WasiErrno.SUCCESS;
}

/**
 * Entries from `cookie` on. They fill the buffer; the last may be cut off, and *used is then `bufBytes`: the caller asks for more with
 * the last cookie it could read whole.
 */
export function fd_readdir(fd: i32, buf: usize, bufBytes: u32, cookie: i64, used: usize): i32 {
  const record = fdFile(fd);
  if (record == 0) return WasiErrno.BADF;
  if (load<u8>(record, FdRecord.TYPE) != WasiFileType.DIRECTORY) return WasiErrno.NOTDIR;
  if (cookie < 0) return WasiErrno.INVAL;
  const kfd = kfdOf(record);
  let at: u32 = 0;
  let next = cookie;
  if (next < FIRST_RECORD) {
    const failed = errnoOf(fstat(kfd, STAT));
    if (failed) return failed;
    while (next < FIRST_RECORD && at < bufBytes) {
      next++;
      at = put(
        buf,
        bufBytes,
        at,
        next,
        load<u32>(STAT, Stat.INO),
        WasiFileType.DIRECTORY,
        DOTS,
        <u32>next,
      );
    }
  }
  if (at < bufBytes) {
    const sought = seek(kfd, next - FIRST_RECORD, Whence.SET);
    if (sought < 0) return errnoOf(<i32>sought);
  }
  while (at < bufBytes) {
    const n = readdir(kfd, RECORDS, RECORDS_CAPACITY);
    if (n < 0) return errnoOf(n);
    if (n == 0) break;
    const end = RECORDS + <usize>n;
    let entry = RECORDS;
    while (entry < end && at < bufBytes) {
      const nameBytes = <u32>load<u8>(entry, DirEntry.NAME_BYTES);
      const type = fileTypeOf(load<u8>(entry, DirEntry.TYPE));
      next++;
      at = put(
        buf,
        bufBytes,
        at,
        next,
        load<u32>(entry, DirEntry.INO),
        type,
        entry + DirEntry.NAME,
        nameBytes,
      );
      entry += DirEntry.NAME + nameBytes;
    }
  }
  store<u32>(used, at);
  return WasiErrno.SUCCESS;
}

/** Appends one entry, as much of it as fits, and returns how many bytes of the buffer are now used. */
function put(
  buf: usize,
  bufBytes: u32,
  at: u32,
  next: i64,
  ino: u32,
  type: i32,
  name: usize,
  nameBytes: u32,
): u32 {
  memory.fill(HEADER, 0, WasiDirent.BYTES);
  store<i64>(HEADER, next, WasiDirent.NEXT);
  store<u64>(HEADER, ino, WasiDirent.INO);
  store<u32>(HEADER, nameBytes, WasiDirent.NAMLEN);
  store<u8>(HEADER, type, WasiDirent.TYPE);
  const headerBytes = min(<u32>WasiDirent.BYTES, bufBytes - at);
  memory.copy(buf + at, HEADER, headerBytes);
  const used = at + headerBytes;
  const copied = min(nameBytes, bufBytes - used);
  memory.copy(buf + used, name, copied);
  return used + copied;
}

function isPreopened(fd: i32): bool {
  const record = fdRecord(fd);
  return record != 0 && load<u8>(record, FdRecord.KIND) == FdKind.ROOT;
}
