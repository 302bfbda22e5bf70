// Open files: fd_read, fd_write and what else works on a descriptor that is not about names.

import { Errno } from "../../abi/errno";
import { FileType, Stat, Whence } from "../../abi/syscall";
import { ctl, pread, pwrite, read, seek, truncate, write } from "../sys";
import { errnoOf } from "./errno";
import { appendEnd } from "./open";
import {
  Iovec,
  Right,
  WasiErrno,
  WasiFdFlag,
  WasiFdstat,
  WasiFileType,
  WasiWhence,
} from "./preview1";
import { filestatWrite, setTimes, statRead, unstableFilestatWrite } from "./stat";
import { FdRecord, fdFile, fdMove, fdRecord, fdRelease, kfdOf } from "./table";

const STAT = memory.data(48, 8); // Stat.LONG_BYTES
const SYNC = memory.data(8, 8);

export function fd_read(fd: i32, iovs: usize, count: u32, nread: usize): i32 {
  const record = fdFile(fd);
  const failed = transferFailure(record, Right.FD_READ);
  if (failed) return failed;
  const isFile = load<u8>(record, FdRecord.TYPE) == WasiFileType.REGULAR_FILE;
  let total: u32 = 0;
  for (let i: u32 = 0; i < count; i++, iovs += Iovec.BYTES) {
    const len = load<u32>(iovs, Iovec.LEN);
    if (len == 0) continue;
    const n = read(kfdOf(record), load<u32>(iovs, Iovec.BUF), len);
    if (n < 0 && total == 0) return errnoOf(n);
    if (n > 0) total += n;
    // Only a file's next read cannot wait for somebody.
    if (<u32>n != len || !isFile) break;
  }
  store<u32>(nread, total);
  return WasiErrno.SUCCESS;
}

export function fd_write(fd: i32, iovs: usize, count: u32, nwritten: usize): i32 {
  const record = fdFile(fd);
  const failed = transferFailure(record, Right.FD_WRITE);
  if (failed) return failed;
  const kfd = kfdOf(record);
  if (appendsHere(record)) seek(kfd, 0, Whence.END);
  let total: u32 = 0;
  for (let i: u32 = 0; i < count; i++, iovs += Iovec.BYTES) {
    const len = load<u32>(iovs, Iovec.LEN);
    if (len == 0) continue;
    const n = write(kfd, load<u32>(iovs, Iovec.BUF), len);
    if (n < 0 && total == 0) return errnoOf(n);
    if (n > 0) total += n;
    if (<u32>n != len) break;
  }
  store<u32>(nwritten, total);
  return WasiErrno.SUCCESS;
}

export function fd_pread(fd: i32, iovs: usize, count: u32, offset: i64, nread: usize): i32 {
  const record = fdFile(fd);
  const failed = transferFailure(record, Right.FD_READ);
  if (failed) return failed;
  let total: u32 = 0;
  for (let i: u32 = 0; i < count; i++, iovs += Iovec.BYTES) {
    const len = load<u32>(iovs, Iovec.LEN);
    if (len == 0) continue;
    const n = pread(kfdOf(record), load<u32>(iovs, Iovec.BUF), len, offset + total);
    if (n < 0 && total == 0) return errnoOf(n);
    if (n > 0) total += n;
    if (<u32>n != len) break;
  }
  store<u32>(nread, total);
  return WasiErrno.SUCCESS;
}

export function fd_pwrite(fd: i32, iovs: usize, count: u32, offset: i64, nwritten: usize): i32 {
  const record = fdFile(fd);
  const failed = transferFailure(record, Right.FD_WRITE);
  if (failed) return failed;
  let total: u32 = 0;
  for (let i: u32 = 0; i < count; i++, iovs += Iovec.BYTES) {
    const len = load<u32>(iovs, Iovec.LEN);
    if (len == 0) continue;
    const n = pwrite(kfdOf(record), load<u32>(iovs, Iovec.BUF), len, offset + total);
    if (n < 0 && total == 0) return errnoOf(n);
    if (n > 0) total += n;
    if (<u32>n != len) break;
  }
  store<u32>(nwritten, total);
  return WasiErrno.SUCCESS;
}

export function fd_seek(fd: i32, offset: i64, whence: i32, position: usize): i32 {
  let kernelWhence = -1;
  if (whence == WasiWhence.SET) kernelWhence = Whence.SET;
  if (whence == WasiWhence.CUR) kernelWhence = Whence.CURRENT;
  if (whence == WasiWhence.END) kernelWhence = Whence.END;
  return seekTo(fd, offset, kernelWhence, position);
}

export function unstable_fd_seek(fd: i32, offset: i64, whence: i32, position: usize): i32 {
  let kernelWhence = -1;
  if (whence == WasiWhence.UNSTABLE_SET) kernelWhence = Whence.SET;
  if (whence == WasiWhence.UNSTABLE_CUR) kernelWhence = Whence.CURRENT;
  if (whence == WasiWhence.UNSTABLE_END) kernelWhence = Whence.END;
  return seekTo(fd, offset, kernelWhence, position);
}

export function fd_tell(fd: i32, position: usize): i32 {
  return seekTo(fd, 0, Whence.CURRENT, position);
}

export function fd_close(fd: i32): i32 {
  const record = fdRecord(fd);
  return record == 0 ? WasiErrno.BADF : fdRelease(record);
}

/** `to` is closed and becomes `from`; both must be open. */
export function fd_renumber(from: i32, to: i32): i32 {
  if (fdRecord(from) == 0) return WasiErrno.BADF;
  const target = fdRecord(to);
  if (target == 0) return WasiErrno.BADF;
  if (from == to) return WasiErrno.SUCCESS;
  const failed = fdRelease(target);
  fdMove(from, to);
  return failed;
}

export function fd_fdstat_get(fd: i32, stat: usize): i32 {
  const record = fdRecord(fd);
  if (record == 0) return WasiErrno.BADF;
  memory.fill(stat, 0, WasiFdstat.BYTES);
  store<u8>(stat, load<u8>(record, FdRecord.TYPE), WasiFdstat.FILETYPE);
  store<u16>(stat, load<u16>(record, FdRecord.FLAGS), WasiFdstat.FLAGS);
  store<u64>(stat, load<u64>(record, FdRecord.RIGHTS), WasiFdstat.RIGHTS_BASE);
  store<u64>(stat, load<u64>(record, FdRecord.INHERITING), WasiFdstat.RIGHTS_INHERITING);
  return WasiErrno.SUCCESS;
}

/**
 * APPEND is obeyed by fd_write. Every write is in the file when it returns, so the SYNC flags hold; reads wait even with NONBLOCK. NOTSUP:
 * APPEND cannot be taken away, because the file was opened with it and has lost its name.
 */
export function fd_fdstat_set_flags(fd: i32, flags: i32): i32 {
  const record = fdRecord(fd);
  if (record == 0) return WasiErrno.BADF;
  if ((flags & ~WasiFdFlag.ALL) != 0) return WasiErrno.INVAL;
  const failed = (flags & WasiFdFlag.APPEND) == 0 ? appendEnd(record) : WasiErrno.SUCCESS;
  if (failed) return failed;
  store<u16>(record, flags, FdRecord.FLAGS);
  return WasiErrno.SUCCESS;
}

/** Rights can only be given up. Those to read, write and empty a file are checked; the kernel decides about everything else. */
export function fd_fdstat_set_rights(fd: i32, base: i64, inheriting: i64): i32 {
  const record = fdRecord(fd);
  if (record == 0) return WasiErrno.BADF;
  if ((<u64>base & ~load<u64>(record, FdRecord.RIGHTS)) != 0) return WasiErrno.NOTCAPABLE;
  if ((<u64>inheriting & ~load<u64>(record, FdRecord.INHERITING)) != 0) return WasiErrno.NOTCAPABLE;
  store<u64>(record, base, FdRecord.RIGHTS);
  store<u64>(record, inheriting, FdRecord.INHERITING);
  return WasiErrno.SUCCESS;
}

export function fd_filestat_get(fd: i32, stat: usize): i32 {
  const failed = statOf(fd);
  if (failed) return failed;
  filestatWrite(stat, STAT);
  return WasiErrno.SUCCESS;
}

export function unstable_fd_filestat_get(fd: i32, stat: usize): i32 {
  const failed = statOf(fd);
  if (failed) return failed;
  unstableFilestatWrite(stat, STAT);
  return WasiErrno.SUCCESS;
}

export function fd_filestat_set_size(fd: i32, size: i64): i32 {
  const record = fdFile(fd);
  if (record == 0) return WasiErrno.BADF;
  return size < 0 ? WasiErrno.INVAL : errnoOf(truncate(kfdOf(record), size));
}

export function fd_filestat_set_times(fd: i32, atim: i64, mtim: i64, flags: i32): i32 {
  const record = fdFile(fd);
  return record == 0 ? WasiErrno.BADF : setTimes(kfdOf(record), atim, mtim, flags);
}

/** Makes a file at least offset + len long. */
export function fd_allocate(fd: i32, offset: i64, len: i64): i32 {
  if (offset < 0 || len <= 0 || offset + len < 0) return WasiErrno.INVAL;
  const failed = statOf(fd);
  if (failed) return failed;
  const type = load<u32>(STAT, Stat.TYPE);
  if (type == FileType.DIRECTORY) return WasiErrno.ISDIR;
  if (type != FileType.FILE) return WasiErrno.SPIPE;
  if (<u64>(offset + len) <= load<u64>(STAT, Stat.SIZE)) return WasiErrno.SUCCESS;
  return errnoOf(truncate(kfdOf(fdRecord(fd)), offset + len));
}

export function fd_advise(fd: i32, offset: i64, len: i64, advice: i32): i32 {
  if (fdRecord(fd) == 0) return WasiErrno.BADF;
  return <u32>advice > 5 ? WasiErrno.INVAL : WasiErrno.SUCCESS;
}

/** What was written is durable, where a file can be. One that knows of no such thing is as durable as it gets. */
export function fd_sync(fd: i32): i32 {
  const record = fdFile(fd);
  if (record == 0) return WasiErrno.BADF;
  store<u32>(SYNC, 0x636e7973); // "sync"
  const result = ctl(kfdOf(record), SYNC, 4);
  const isUnknown = result == -Errno.ENOTTY || result == -Errno.EINVAL;
  return result < 0 && !isUnknown ? errnoOf(result) : WasiErrno.SUCCESS;
}

export function fd_datasync(fd: i32): i32 {
  return fd_sync(fd);
}

/** Why a descriptor's record (0: there is none) cannot be read or written, as the right says; or 0. */
function transferFailure(record: usize, right: u64): i32 {
  if (record == 0) return WasiErrno.BADF;
  if (load<u8>(record, FdRecord.TYPE) == WasiFileType.DIRECTORY) return WasiErrno.ISDIR;
  return (load<u64>(record, FdRecord.RIGHTS) & right) == 0 ? WasiErrno.BADF : WasiErrno.SUCCESS;
}

function statOf(fd: i32): i32 {
  const record = fdFile(fd);
  return record == 0 ? WasiErrno.BADF : statRead(kfdOf(record), STAT);
}

function seekTo(fd: i32, offset: i64, whence: i32, position: usize): i32 {
  const record = fdFile(fd);
  if (record == 0) return WasiErrno.BADF;
  if (whence < 0) return WasiErrno.INVAL;
  if (load<u8>(record, FdRecord.TYPE) == WasiFileType.DIRECTORY) return WasiErrno.ISDIR;
  const at = seek(kfdOf(record), offset, whence);
  if (at < 0) return errnoOf(<i32>at);
  store<i64>(position, at);
  return WasiErrno.SUCCESS;
}

/** APPEND was asked for after the file was opened, so the kernel does not know. */
function appendsHere(record: usize): bool {
  if ((load<u16>(record, FdRecord.FLAGS) & WasiFdFlag.APPEND) == 0) return false;
  return load<u32>(record, FdRecord.KERNEL_APPENDS) == 0;
}
