// What is known of a file: the kernel's Stat as a filestat in both layouts, and setting a file's times.
//
// A file's time of access is that of making it, or as it was set: reading does not change it. Its time of change is that of its last write.

import { Clock, Stat } from "../../abi/syscall";
import { clock, fstatx, wstatx } from "../sys";
import { errnoOf } from "./errno";
import { WasiErrno, WasiFilestat, WasiTimeFlag } from "./preview1";
import { fileTypeOf } from "./table";

const STAT = memory.data(48, 8); // Stat.LONG_BYTES

/**
 * Fills in the long Stat at st. What a server does not tell of it is put in: one name, and the time of the last change for the other two.
 * A WASI errno.
 */
export function statRead(kfd: i32, st: usize): i32 {
  const failed = errnoOf(fstatx(kfd, st, Stat.LONG_BYTES));
  if (failed) return failed;
  const changed = load<i64>(st, Stat.MTIME);
  if (load<i64>(st, Stat.ATIME) == 0) store<i64>(st, changed, Stat.ATIME);
  if (load<i64>(st, Stat.CTIME) == 0) store<i64>(st, changed, Stat.CTIME);
  if (load<u32>(st, Stat.LINKS) == 0) store<u32>(st, 1, Stat.LINKS);
  return WasiErrno.SUCCESS;
}

/** A Stat that statRead has filled in, as a filestat. */
export function filestatWrite(to: usize, from: usize): void {
  memory.fill(to, 0, WasiFilestat.BYTES);
  identityWrite(to, from);
  store<u64>(to, load<u32>(from, Stat.LINKS), WasiFilestat.NLINK);
  store<u64>(to, load<u64>(from, Stat.SIZE), WasiFilestat.SIZE);
  timesWrite(to + WasiFilestat.ATIM, from);
}

export function unstableFilestatWrite(to: usize, from: usize): void {
  memory.fill(to, 0, WasiFilestat.UNSTABLE_BYTES);
  identityWrite(to, from);
  store<u32>(to, load<u32>(from, Stat.LINKS), WasiFilestat.UNSTABLE_NLINK);
  store<u64>(to, load<u64>(from, Stat.SIZE), WasiFilestat.UNSTABLE_SIZE);
  timesWrite(to + WasiFilestat.UNSTABLE_ATIM, from);
}

/** Sets the times that the flags (WasiTimeFlag) name, and leaves the other as it was. A WASI errno; PERM: not here. */
export function setTimes(kfd: i32, atim: i64, mtim: i64, flags: i32): i32 {
  if (!areTimeFlags(flags)) return WasiErrno.INVAL;
  if (flags == 0) return WasiErrno.SUCCESS;
  const failed = statRead(kfd, STAT);
  if (failed) return failed;
  const now = clock(Clock.REALTIME);
  if ((flags & WasiTimeFlag.ATIM) != 0) store<i64>(STAT, atim, Stat.ATIME);
  if ((flags & WasiTimeFlag.ATIM_NOW) != 0) store<i64>(STAT, now, Stat.ATIME);
  if ((flags & WasiTimeFlag.MTIM) != 0) store<i64>(STAT, mtim, Stat.MTIME);
  if ((flags & WasiTimeFlag.MTIM_NOW) != 0) store<i64>(STAT, now, Stat.MTIME);
  return errnoOf(wstatx(kfd, STAT, Stat.LONG_BYTES));
}

/** A time can be given or be now, not both. */
function areTimeFlags(flags: i32): bool {
  const bothOfAccess = WasiTimeFlag.ATIM | WasiTimeFlag.ATIM_NOW;
  const bothOfChange = WasiTimeFlag.MTIM | WasiTimeFlag.MTIM_NOW;
  if ((flags & ~WasiTimeFlag.ALL) != 0) return false;
  return (flags & bothOfAccess) != bothOfAccess && (flags & bothOfChange) != bothOfChange;
}

/** What has the same place in both layouts. */
function identityWrite(to: usize, from: usize): void {
  store<u64>(to, 1, WasiFilestat.DEV);
  store<u64>(to, load<u32>(from, Stat.INO), WasiFilestat.INO);
  store<u8>(to, fileTypeOf(load<u32>(from, Stat.TYPE)), WasiFilestat.FILETYPE);
}

/** ATIM, MTIM and CTIM follow each other in both layouts. */
function timesWrite(to: usize, from: usize): void {
  store<u64>(to, load<u64>(from, Stat.ATIME));
  store<u64>(to, load<u64>(from, Stat.MTIME), 8);
  store<u64>(to, load<u64>(from, Stat.CTIME), 16);
}
