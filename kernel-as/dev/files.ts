// Files: what the file calls do for each kind of file.
//
// Calls that may sleep (console, pipes, remote files) drop the kernel lock meanwhile: the caller holds a reference on the file.
//
// Locks     kernel lock.
import { BootBlock } from "../../abi/boot";
import { Errno } from "../../abi/errno";
import { Frame, Limit, PhysAddr } from "../../abi/layout";
import { Access } from "../../abi/mmu";
import { DirEntry, FileType, Stat } from "../../abi/syscall";
import { random32 } from "../arch/io";
import { Channel, channelCloseFile, channelServerClose, channelUnhold } from "../ipc/channel";
import { Pipe, pipeAvailable, pipeClose, pipeRead, pipeWrite } from "../ipc/pipe";
import {
  remoteCtl,
  remoteRead,
  remoteReadMessage,
  remoteReceived,
  remoteStat,
  remoteTruncate,
  remoteWrite,
  remoteWstat,
} from "../ipc/remote";
import { Place } from "../ipc/request";
import { bytesZero, literalEquals } from "../lib/bytes";
import { klogByte, klogHead, klogStart } from "../lib/klog";
import { Panic, panic } from "../lib/panic";
import { textBegin, textEnd, textPosition } from "../lib/text";
import { objectPut } from "../mm/object";
import { copyError, copyIn, copyOut, copyReady } from "../mm/usercopy";
import { File, FileKind, fdTake, fileFree, fileReadable, fileWritable } from "../proc/file";
import { Process, ProcessText } from "../proc/process";
import { blockFlush, blockRead, blockWrite } from "./block";
import { consoleControl, consoleRead, consoleReady, consoleWrite } from "./console";
import { consoleEvent } from "./consolevt";
import { mergedClose, mergedRead, recordSize } from "./merged";
import { partBlocks } from "./partitions";
import { textFilePrint } from "./texts";
import { treeEnded, treeNextRecord, treeReadDirectory } from "./tree";

/** Bytes of the process's kernel text that a read may use at a time. */
const BUFFER_BYTES: u32 = ProcessText.PROGRAM - ProcessText.SCRATCH;
const CTL_BYTES: u32 = 64;

/** Drops a reference; with the last one the file is closed. Never sleeps, never fails. */
export function filePut(file: File): void {
  if (file.refs == 0) panic(Panic.BAD_REFERENCE, changetype<usize>(file));
  file.refs--;
  if (file.refs != 0) return;
  switch (file.kind) {
    case FileKind.CONSOLE:
      consoleEvent();
      break;
    case FileKind.PIPE_READ:
      pipeClose(changetype<Pipe>(file.a), false);
      break;
    case FileKind.PIPE_WRITE:
      pipeClose(changetype<Pipe>(file.a), true);
      break;
    case FileKind.CHANNEL_CLIENT:
      channelUnhold(changetype<Channel>(file.a));
      break;
    case FileKind.CHANNEL_SERVER:
      channelServerClose(changetype<Channel>(file.a));
      break;
    case FileKind.MERGED:
      mergedClose(file);
      break;
    case FileKind.GRANT:
      objectPut(file.a);
      break;
    case FileKind.REMOTE:
      channelCloseFile(changetype<Channel>(file.a), file); // it frees the record when T_CLOSE has been received
      return;
  }
  fileFree(file);
}

/** Closes every descriptor of a process. */
export function fileCloseAll(process: Process): void {
  for (let fd = 0; fd < Limit.FDS; fd++) {
    const file = fdTake(process, fd);
    if (file !== null) filePut(file);
  }
}

/** True for files that have an offset: what pread, pwrite and seek need. */
export function fileSeekable(file: File): bool {
  switch (file.kind) {
    case FileKind.IMAGE:
    case FileKind.TEXT:
    case FileKind.KLOG:
    case FileKind.REMOTE:
    case FileKind.DIRECTORY:
    case FileKind.MERGED:
    case FileKind.BLOCK:
      return true;
    default:
      return false;
  }
}

/** Reads up to n bytes at offset into user memory at va. Bytes, 0 at the end, or -errno. May sleep. */
export function fileRead(process: Process, file: File, va: u32, n: u32, offset: u64): i32 {
  if (!fileReadable(file)) return -Errno.EBADF;
  switch (file.kind) {
    case FileKind.CONSOLE:
      return consoleRead(process, file.node, va, n);
    case FileKind.NULL:
      return 0;
    case FileKind.ZERO:
      return fill(process, va, n, false);
    case FileKind.RANDOM:
      return fill(process, va, n, true);
    case FileKind.KLOG:
      return readKlog(process, va, n, offset);
    case FileKind.TEXT:
      return readText(process, file, va, n, offset);
    case FileKind.IMAGE:
      return readImage(process, file, va, n, offset);
    case FileKind.DIRECTORY:
    case FileKind.MERGED:
      return -Errno.EISDIR;
    case FileKind.PIPE_READ:
      return pipeRead(process, changetype<Pipe>(file.a), va, n);
    case FileKind.REMOTE:
      if (file.type == FileType.DIRECTORY) return -Errno.EISDIR;
      return remoteRead(process, file, va, n, offset);
    case FileKind.BLOCK:
      return blockRead(process, <u32>file.a, va, n, offset);
    default:
      return -Errno.EINVAL;
  }
}

/** Writes n bytes of user memory at offset. Bytes or -errno. May sleep. */
export function fileWrite(process: Process, file: File, va: u32, n: u32, offset: u64): i32 {
  if (!fileWritable(file)) return -Errno.EBADF;
  switch (file.kind) {
    case FileKind.CONSOLE:
      return consoleWrite(process, file.node, va, n);
    case FileKind.NULL:
    case FileKind.ZERO:
    case FileKind.RANDOM:
      return <i32>min<u32>(n, 0x7fffffff);
    case FileKind.PIPE_WRITE:
      return pipeWrite(process, changetype<Pipe>(file.a), va, n);
    case FileKind.REMOTE:
      return remoteWrite(process, file, va, n, offset);
    case FileKind.BLOCK:
      return blockWrite(process, <u32>file.a, va, n, offset);
    default:
      return -Errno.EINVAL;
  }
}

/** Offset one past the file's last byte, for seek and append; -errno (an i64 below 0) when it has none. May sleep. */
export function fileEnd(process: Process, file: File): i64 {
  const result = fileStat(process, file, process.text + ProcessText.SCRATCH);
  if (result < 0) return result;
  const size = load<i64>(process.text + ProcessText.SCRATCH, Stat.SIZE);
  return size < 0 ? -Errno.EIO : size;
}

/** Fills in a Stat of Stat.LONG_BYTES at dst in kernel memory. 0 or -errno. May sleep. */
export function fileStat(process: Process, file: File, dst: usize): i32 {
  if (file.kind == FileKind.REMOTE) return remoteStat(process, file, dst);
  bytesZero(dst, Stat.LONG_BYTES);
  store<u32>(dst, 1, Stat.LINKS);
  store<i64>(dst, bootWallNs(), Stat.MTIME);
  store<i64>(dst, bootWallNs(), Stat.ATIME);
  store<i64>(dst, bootWallNs(), Stat.CTIME);
  switch (file.kind) {
    case FileKind.IMAGE:
      setStat(dst, FileType.FILE, 0o555, file.b);
      break;
    case FileKind.TEXT:
      textBegin(0, 0, 0);
      textFilePrint(<u32>file.a, file.b);
      setStat(dst, FileType.FILE, 0o444, textPosition());
      break;
    case FileKind.KLOG:
      setStat(dst, FileType.DEVICE, 0o444, klogHead() - klogStart());
      break;
    case FileKind.BLOCK:
      setStat(dst, FileType.DEVICE, 0o600, (<u64>partBlocks(<u32>file.a)) << Frame.SHIFT);
      break;
    case FileKind.DIRECTORY:
    case FileKind.MERGED:
      setStat(dst, FileType.DIRECTORY, 0o555, 0);
      break;
    case FileKind.GRANT:
      setStat(dst, FileType.DEVICE, 0o600, (<u64>file.node) << Frame.SHIFT);
      break;
    case FileKind.PIPE_READ:
    case FileKind.PIPE_WRITE:
      setStat(dst, FileType.PIPE, 0o600, pipeAvailable(changetype<Pipe>(file.a)));
      break;
    case FileKind.CHANNEL_CLIENT:
    case FileKind.CHANNEL_SERVER:
      setStat(dst, FileType.CHANNEL, 0o600, 0);
      break;
    case FileKind.CONSOLE:
      setStat(dst, FileType.DEVICE, 0o666, consoleReady(file.node));
      break;
    default:
      setStat(dst, FileType.DEVICE, 0o666, 0);
  }
  store<u32>(dst, <u32>(file.a ^ file.b ^ (file.node << 8) ^ file.kind), Stat.INO);
  return 0;
}

/**
 * Whole directory records from the file's offset on, to user memory; the offset moves past them. Bytes, 0 at the end, or -errno: EINVAL,
 * there is no room for the next one. May sleep.
 */
export function fileReadDirectory(process: Process, file: File, va: u32, n: u32): i32 {
  if (file.kind == FileKind.REMOTE) return readRemoteDirectory(process, file, va, n);
  if (file.kind == FileKind.MERGED) return mergedRead(process, file, va, n);
  if (file.kind != FileKind.DIRECTORY) return -Errno.ENOTDIR;
  const buffer = process.text + ProcessText.SCRATCH;
  const first = <u32>min<u64>(file.offset, u32.MAX_VALUE);
  const bytes = treeReadDirectory(file, buffer, min(n, BUFFER_BYTES), first);
  if (bytes == 0) return treeEnded() ? 0 : -Errno.EINVAL;
  const next = treeNextRecord();
  const copied = copyOut(process.space!, va, buffer, bytes);
  if (copied != <i32>bytes) return copyError(copied);
  file.offset = next;
  return <i32>bytes;
}

/** fileReadDirectory of a server's directory. What is not records is EIO. */
function readRemoteDirectory(process: Process, file: File, va: u32, n: u32): i32 {
  if (file.type != 0 && file.type != FileType.DIRECTORY) return -Errno.ENOTDIR;
  if (n < LONGEST_RECORD) return readRemoteRecords(process, file, va, n);
  const bytes = remoteReadMessage(process, file, Place.USER, va, n, file.offset);
  if (bytes <= 0) return bytes;
  // The records are counted where they are now: they may have been swapped out again. Then all of it is done again.
  if (!copyReady(process.space!, va, bytes, Access.READ)) return -Errno.EFAULT;
  const records = countRecords(process, va, bytes);
  if (records < 0) return -Errno.EIO;
  file.offset += <u64>records;
  return bytes;
}

/** readRemoteDirectory into less room than any record needs: a server would take that for the end. */
function readRemoteRecords(process: Process, file: File, va: u32, n: u32): i32 {
  const records = process.text + ProcessText.PROGRAM;
  const bytes = remoteReadMessage(
    process,
    file,
    Place.KERNEL,
    records,
    LONGEST_RECORD,
    file.offset,
  );
  if (bytes <= 0) return bytes;
  let kept: u32 = 0;
  let count: u64 = 0;
  while (true) {
    const size = recordSize(records, kept, bytes);
    if (size == 0 || kept + size > n) break;
    kept += size;
    count++;
  }
  if (kept == 0) return recordSize(records, 0, bytes) == 0 ? -Errno.EIO : -Errno.EINVAL;
  const copied = copyOut(process.space!, va, records, kept);
  if (copied != <i32>kept) return copyError(copied);
  file.offset += count;
  return <i32>kept;
}

/** Room for any directory record. */
const LONGEST_RECORD: u32 = DirEntry.NAME + 255;

/** Sends a control text. The answer overwrites it. Bytes of the answer or -errno. May sleep. */
export function fileControl(process: Process, file: File, va: u32, n: u32): i32 {
  if (file.kind == FileKind.REMOTE) {
    const result = remoteCtl(process, file, va, n, null);
    const grant = remoteReceived(process); // the caller has no place for one
    if (grant !== null) filePut(grant);
    return result;
  }
  if (file.kind != FileKind.CONSOLE && file.kind != FileKind.BLOCK) return -Errno.ENOTTY;
  if (n == 0 || n > CTL_BYTES) return -Errno.EINVAL;
  const buffer = process.text + ProcessText.SCRATCH;
  let copied = copyIn(process.space!, buffer, va, n);
  if (copied != <i32>n) return copyError(copied);
  if (file.kind == FileKind.BLOCK)
    return literalEquals(buffer, n, "sync") ? blockFlush() : -Errno.EINVAL;
  const bytes = consoleControl(process, file.node, buffer, n);
  if (bytes <= 0) return bytes;
  const kept = min<u32>(bytes, n);
  if (!copyReady(process.space!, va, kept, Access.WRITE)) return -Errno.EFAULT;
  copied = copyOut(process.space!, va, buffer, kept);
  return copied == <i32>kept ? copied : copyError(copied);
}

/** Sets the size. 0 or -errno. May sleep. */
export function fileTruncate(process: Process, file: File, size: u64): i32 {
  if (!fileWritable(file)) return -Errno.EBADF;
  if (file.kind == FileKind.REMOTE) return remoteTruncate(process, file, size);
  return -Errno.EINVAL;
}

/** Sets what can be set of the Stat at st in kernel memory: the time of the last change. 0 or -errno. May sleep. */
export function fileSetStat(process: Process, file: File, st: usize, bytes: u32): i32 {
  return file.kind == FileKind.REMOTE ? remoteWstat(process, file, st, bytes) : -Errno.EPERM;
}

/** Real time when the machine was switched on, ns since 1970. */
export function bootWallNs(): i64 {
  return load<i64>(PhysAddr.BOOT_BLOCK, BootBlock.WALL_NS);
}

function setStat(dst: usize, type: FileType, mode: u32, size: u64): void {
  store<u32>(dst, type, Stat.TYPE);
  store<u32>(dst, mode, Stat.MODE);
  store<u64>(dst, size, Stat.SIZE);
}

/** Zeros or random bytes, all n of them. */
function fill(process: Process, va: u32, n: u32, random: bool): i32 {
  const buffer = process.text + ProcessText.SCRATCH;
  bytesZero(buffer, BUFFER_BYTES);
  const total = min<u32>(n, FILL_BYTES);
  let done: u32 = 0;
  while (done < total) {
    const part = min(total - done, BUFFER_BYTES);
    for (let i: u32 = 0; random && i < part; i += 4) store<u32>(buffer + i, random32());
    const copied = copyOut(process.space!, va + done, buffer, part);
    if (copied <= 0) return done > 0 ? <i32>done : -Errno.EFAULT;
    done += <u32>copied;
    if (<u32>copied < part) break;
  }
  return <i32>done;
}

/** Most bytes of one read of an endless device: the lock is held meanwhile. */
const FILL_BYTES: u32 = 64 * Frame.BYTES;

/** The log from its start; offset counts from the oldest byte that is still held when the reader began at 0. */
function readKlog(process: Process, va: u32, n: u32, offset: u64): i32 {
  const head = klogHead();
  let at = klogStart();
  if (offset >= <u64>(head - at)) return 0;
  at += <u32>offset;
  const buffer = process.text + ProcessText.SCRATCH;
  const count = min(min(n, head - at), BUFFER_BYTES);
  for (let i: u32 = 0; i < count; i++) store<u8>(buffer + i, klogByte(at + i));
  return copyOut(process.space!, va, buffer, count);
}

function readText(process: Process, file: File, va: u32, n: u32, offset: u64): i32 {
  const buffer = process.text + ProcessText.SCRATCH;
  textBegin(buffer, offset, min(n, BUFFER_BYTES));
  textFilePrint(<u32>file.a, file.b);
  const count = textEnd();
  return count == 0 ? 0 : copyOut(process.space!, va, buffer, count);
}

function readImage(process: Process, file: File, va: u32, n: u32, offset: u64): i32 {
  if (offset >= file.b || n == 0) return 0;
  return copyOut(process.space!, va, file.a + <usize>offset, min(n, file.b - <u32>offset));
}

/** Records in a server's answer of `bytes` bytes that now lies in user memory; -1: it is not whole records. */
function countRecords(process: Process, va: u32, bytes: i32): i32 {
  const head = process.text + ProcessText.SCRATCH;
  let count = 0;
  let at: u32 = 0;
  while (at + DirEntry.NAME <= <u32>bytes) {
    if (copyIn(process.space!, head, va + at, DirEntry.NAME) != DirEntry.NAME) break;
    at += DirEntry.NAME + load<u8>(head, DirEntry.NAME_BYTES);
    count++;
  }
  return at == <u32>bytes ? count : -1;
}
