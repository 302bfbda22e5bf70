// File: an open file. Descriptors of one or more processes name it and share its offset (a dup, an inherited descriptor).
//
// Invariants
//   O1  refs is the number of descriptors, mounts and calls in progress that name the file; FREE has none.
//   O2  A REMOTE file's handle is not 0 once its open has ended; it is closed by one T_CLOSE, carried by the record itself.
//   O3  One call at a time uses the offset of a file or directory: `user` is its process, 0 none. So two processes that share a file write one
//       after the other. Of a server's device the offset is anybody's: a read that waits there must not keep a write away.
//
// Locks     kernel lock.
// Not here  What the kinds do: dev/files.ts.
import { Errno } from "../../abi/errno";
import { Limit } from "../../abi/layout";
import { FileType, OpenFlag } from "../../abi/syscall";
import { Panic, panic } from "../lib/panic";
import { Vars } from "../lib/vars";
import { Process, ProcessLayout } from "./process";
import { FOREVER, processSleep, wakeAll } from "./sleep";

export const enum FileKind {
  FREE = 0,
  CONSOLE = 1, // node = number of the virtual terminal
  NULL = 2,
  ZERO = 3,
  RANDOM = 4,
  KLOG = 5,
  TEXT = 6, // a = dev/texts.ts TextFile, b = pid
  IMAGE = 7, // a = host offset of the bytes, b = their number
  DIRECTORY = 9, // a, b = the path's bytes and length; node = dev/tree.ts Place
  PIPE_READ = 10, // a = ipc/pipe.ts Pipe
  PIPE_WRITE = 11,
  CHANNEL_CLIENT = 12, // a = ipc/channel.ts Channel
  CHANNEL_SERVER = 13,
  REMOTE = 14, // a = Channel, b = handle, node = agreed payload (0: none)
  BLOCK = 15, // a = dev/partitions.ts Part
  MERGED = 20, // a directory of a union: a = its frame, b = the path's bytes (dev/merged.ts)
  GRANT = 21, // ipc/grant.ts
}

@unmanaged
export class File {
  kind: u32;
  refs: u32;
  flags: u32; // OpenFlag as given
  node: u32;
  a: usize;
  b: u32;
  generation: u32; // REMOTE: the server that gave the handle
  next: usize; // free list, or a channel's list of files to close
  offset: u64;
  user: i32;
  type: u32; // REMOTE: the abi FileType that its server told, 0: it did not
}

export const enum FileTable {
  FILES = 1024,
}

const enum FileVar {
  TABLE = 0x40,
  FREE_LIST = 0x44,
  OPEN = 0x48,
}

export const FILE_TABLE_BYTES: u32 = FileTable.FILES * offsetof<File>();

export function fileInit(table: usize): void {
  store<u32>(Vars.PROC, table, FileVar.TABLE);
  let free: usize = 0;
  for (let i: u32 = FileTable.FILES; i > 0; i--) {
    const file = changetype<File>(table + (i - 1) * offsetof<File>());
    file.next = free;
    free = changetype<usize>(file);
  }
  store<u32>(Vars.PROC, free, FileVar.FREE_LIST);
}

/** How many open files there are of a virtual terminal. */
export function fileConsoles(vt: u32): u32 {
  const table = load<u32>(Vars.PROC, FileVar.TABLE);
  let count: u32 = 0;
  for (let i: u32 = 0; i < <u32>FileTable.FILES; i++) {
    const file = changetype<File>(table + i * offsetof<File>());
    if (file.kind == FileKind.CONSOLE && file.refs != 0 && file.node == vt) count++;
  }
  return count;
}

/** A record with one reference, offset 0, or null when all are in use. */
export function fileCreate(kind: FileKind, flags: u32): File | null {
  const free = load<u32>(Vars.PROC, FileVar.FREE_LIST);
  if (free == 0) return null;
  const file = changetype<File>(free);
  store<u32>(Vars.PROC, file.next, FileVar.FREE_LIST);
  store<u32>(Vars.PROC, fileCount() + 1, FileVar.OPEN);
  memory.fill(free, 0, offsetof<File>());
  file.kind = kind;
  file.flags = flags;
  file.refs = 1;
  return file;
}

/** Gives the record back. The caller has released what the file refers to. */
export function fileFree(file: File): void {
  if (file.kind == FileKind.FREE) panic(Panic.BAD_STATE, changetype<usize>(file));
  file.kind = FileKind.FREE;
  file.refs = 0;
  file.next = load<u32>(Vars.PROC, FileVar.FREE_LIST);
  store<u32>(Vars.PROC, changetype<usize>(file), FileVar.FREE_LIST);
  store<u32>(Vars.PROC, fileCount() - 1, FileVar.OPEN);
}

/** Files open in the whole system. */
export function fileCount(): u32 {
  return load<u32>(Vars.PROC, FileVar.OPEN);
}

export function fileGet(file: File): void {
  file.refs++;
}

/** Takes the offset for a call that may sleep, waiting until no other call uses it. False: the process has been told to end. */
export function fileOffsetTake(process: Process, file: File): bool {
  if (file.kind == FileKind.REMOTE && !isOrdered(file.type)) return true;
  while (file.user != 0) {
    if (!processSleep(changetype<usize>(file), FOREVER)) return false;
  }
  file.user = process.pid;
  return true;
}

export function fileOffsetGive(file: File): void {
  file.user = 0;
  if (file.refs > 1) wakeAll(changetype<usize>(file));
}

function isOrdered(type: u32): bool {
  return type == FileType.FILE || type == FileType.DIRECTORY;
}

export function fileReadable(file: File): bool {
  return (file.flags & OpenFlag.ACCESS) != OpenFlag.WRITE;
}

export function fileWritable(file: File): bool {
  return (file.flags & OpenFlag.ACCESS) != OpenFlag.READ;
}

function fdSlot(process: Process, fd: u32): usize {
  return changetype<usize>(process) + ProcessLayout.FDS + (fd << 2);
}

/** The file of a descriptor, or null. No reference is taken. */
export function fdFile(process: Process, fd: i32): File | null {
  if (<u32>fd >= <u32>Limit.FDS) return null;
  return changetype<File | null>(<usize>load<u32>(fdSlot(process, fd)));
}

/** Puts the file (with the caller's reference) at the lowest free descriptor from `from` on; -EMFILE when there is none. */
export function fdAdd(process: Process, file: File, from: u32): i32 {
  for (let fd = from; fd < <u32>Limit.FDS; fd++) {
    if (load<u32>(fdSlot(process, fd)) != 0) continue;
    fdSet(process, fd, file);
    return <i32>fd;
  }
  return -Errno.EMFILE;
}

/** Puts the file (with the caller's reference) at a free descriptor below Limit.FDS. */
export function fdSet(process: Process, fd: u32, file: File): void {
  store<u32>(fdSlot(process, fd), changetype<usize>(file));
  process.openFiles++;
}

/** Empties the descriptor and returns its file, whose reference is now the caller's; null when it was closed. */
export function fdTake(process: Process, fd: i32): File | null {
  const file = fdFile(process, fd);
  if (file === null) return null;
  store<u32>(fdSlot(process, fd), 0);
  process.openFiles--;
  return file;
}
