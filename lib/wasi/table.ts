// The descriptor table: what each WASI descriptor is. 64 records of 32 bytes, and a path for each that needs one.
//
// Invariants
//   D1  A record is FREE, FILE (KFD is an open kernel descriptor) or ROOT (preopened; KFD is open on "/" or -1).
//   D2  0, 1 and 2 are at first the kernel's 0, 1 and 2 where those are open; 3 and 4 are ROOT, named "/" and "." (path.ts says why).
//   D3  The path of a directory, and of a file that KERNEL_APPENDS, is absolute, without a trailing "/": the root's is empty.
//   D4  All state is in memory, none in globals: a copy of the address space is a copy of the library.
//
// Not here  What a path means (path.ts).

import { FileType, Stat } from "../../abi/syscall";
import { close, ctl, fstat, open } from "../sys";
import { errnoOf } from "./errno";
import { Right, WasiErrno, WasiFileType } from "./preview1";

export const enum Fd {
  ROOT = 3,
  CURRENT = 4,
  COUNT = 64,
}

export const enum FdKind {
  FREE = 0,
  FILE = 1,
  ROOT = 2,
}

export const enum FdRecord {
  KIND = 0, // u8 FdKind
  TYPE = 1, // u8 WasiFileType
  FLAGS = 2, // u16 WasiFdFlag
  KFD = 4, // i32
  RIGHTS = 8, // u64
  INHERITING = 16, // u64
  PATH_BYTES = 24, // u32
  KERNEL_APPENDS = 28, // u32, 1: the kernel's descriptor appends by itself
  BYTES = 32,
}

export const PATH_CAPACITY: u32 = 1024;

const TABLE = memory.data(2048, 16); // Fd.COUNT * FdRecord.BYTES
const PATHS = memory.data(65536, 16); // Fd.COUNT * PATH_CAPACITY
const READY = memory.data(8, 8);
const STAT = memory.data(32, 8);
const CTL = memory.data(16, 8);

/** The record of an open descriptor, or 0 (the caller answers BADF). */
export function fdRecord(fd: i32): usize {
  if (load<u32>(READY) == 0) tableInit();
  if (<u32>fd >= <u32>Fd.COUNT) return 0;
  const record = recordAt(fd);
  return load<u8>(record, FdRecord.KIND) != FdKind.FREE ? record : 0;
}

/** The record of a descriptor that is open in the kernel, or 0. Opens "/" for the root. */
export function fdFile(fd: i32): usize {
  const record = fdRecord(fd);
  if (record == 0 || kfdOf(record) >= 0) return record;
  const slash = STAT;
  store<u8>(slash, 0x2f);
  const kfd = open(slash, 1, 0);
  if (kfd < 0) return 0;
  store<i32>(record, kfd, FdRecord.KFD);
  return record;
}

/** The lowest free descriptor, or -1. */
export function fdFree(): i32 {
  if (load<u32>(READY) == 0) tableInit();
  for (let fd = 0; fd < Fd.COUNT; fd++) {
    if (load<u8>(recordAt(fd), FdRecord.KIND) == FdKind.FREE) return fd;
  }
  return -1;
}

/** Makes the free descriptor `fd` stand for `kfd`, whose type it asks the kernel. A WASI errno; the caller closes `kfd` on failure. */
export function fdBind(fd: i32, kfd: i32): i32 {
  const failed = errnoOf(fstat(kfd, STAT));
  if (failed) return failed;
  const type = fileTypeOf(load<u32>(STAT, Stat.TYPE));
  bind(fd, FdKind.FILE, type, kfd);
  return WasiErrno.SUCCESS;
}

/** Closes it in the kernel too. A WASI errno; the descriptor is free afterwards in any case. */
export function fdRelease(record: usize): i32 {
  const kfd = kfdOf(record);
  memory.fill(record, 0, FdRecord.BYTES);
  return kfd >= 0 ? errnoOf(close(kfd)) : WasiErrno.SUCCESS;
}

/** `to` becomes what `from` was, and `from` is free. */
export function fdMove(from: i32, to: i32): void {
  memory.copy(recordAt(to), recordAt(from), FdRecord.BYTES);
  memory.copy(pathAt(to), pathAt(from), PATH_CAPACITY);
  memory.fill(recordAt(from), 0, FdRecord.BYTES);
}

export function kfdOf(record: usize): i32 {
  return load<i32>(record, FdRecord.KFD);
}

/** Where D3 says that there is one; PATH_BYTES long. */
export function fdPath(record: usize): usize {
  return pathAt(<i32>((record - TABLE) / FdRecord.BYTES));
}

/** `path` is absolute and normalised. */
export function fdSetPath(record: usize, path: usize, pathBytes: u32): void {
  const len = pathBytes == 1 ? 0 : pathBytes;
  memory.copy(fdPath(record), path, len);
  store<u32>(record, len, FdRecord.PATH_BYTES);
}

/** The kernel's FileType as WASI's. Pipes and channels have none of their own. */
export function fileTypeOf(type: u32): i32 {
  switch (type) {
    case FileType.FILE:
      return WasiFileType.REGULAR_FILE;
    case FileType.DIRECTORY:
      return WasiFileType.DIRECTORY;
    case FileType.DEVICE:
      return WasiFileType.CHARACTER_DEVICE;
    case FileType.LINK:
      return WasiFileType.SYMBOLIC_LINK;
    default:
      return WasiFileType.UNKNOWN;
  }
}

function tableInit(): void {
  store<u32>(READY, 1);
  for (let fd = 0; fd < Fd.ROOT; fd++) fdBind(fd, fd);
  bind(Fd.ROOT, FdKind.ROOT, WasiFileType.DIRECTORY, -1);
  bind(Fd.CURRENT, FdKind.ROOT, WasiFileType.DIRECTORY, -1);
}

function bind(fd: i32, kind: i32, type: i32, kfd: i32): void {
  const record = recordAt(fd);
  memory.fill(record, 0, FdRecord.BYTES);
  store<u8>(record, kind, FdRecord.KIND);
  store<u8>(record, type, FdRecord.TYPE);
  store<i32>(record, kfd, FdRecord.KFD);
  store<u64>(record, rightsOf(type, kfd), FdRecord.RIGHTS);
  store<u64>(record, type == WasiFileType.DIRECTORY ? Right.INHERIT : 0, FdRecord.INHERITING);
}

function rightsOf(type: i32, kfd: i32): u64 {
  switch (type) {
    case WasiFileType.DIRECTORY:
      return Right.DIRECTORY;
    case WasiFileType.REGULAR_FILE:
      return Right.FILE;
    case WasiFileType.CHARACTER_DEVICE:
      return isTerminal(kfd) ? Right.STREAM : Right.FILE;
    default:
      return Right.STREAM;
  }
}

/** A console is the device that can tell its size. */
function isTerminal(kfd: i32): bool {
  store<u32>(CTL, 0x657a6973); // "size"
  return ctl(kfd, CTL, 4) >= 0;
}

function recordAt(fd: i32): usize {
  return TABLE + <usize>fd * FdRecord.BYTES;
}

function pathAt(fd: i32): usize {
  return PATHS + <usize>fd * PATH_CAPACITY;
}
