// System calls about files. Each is called with the kernel lock held, by the wrapper of its name in entry/calls.ts; most may sleep.
import { Errno } from "../../abi/errno";
import { Tag } from "../../abi/ipc";
import { Frame, Limit } from "../../abi/layout";
import { FileType, OpenFlag, Stat, Whence } from "../../abi/syscall";
import {
  fileControl,
  fileEnd,
  filePut,
  fileRead,
  fileReadDirectory,
  fileSeekable,
  fileSetStat,
  fileStat,
  fileTruncate,
  fileWrite,
} from "../dev/files";
import { lookupOpen, lookupOpened, lookupRemove, lookupSymlink } from "../dev/lookup";
import { lookupPair } from "../dev/lookuppair";
import { pipeClose, pipeCreate } from "../ipc/pipe";
import { bytesCopy } from "../lib/bytes";
import { pmmAlloc, pmmFree } from "../mm/pmm";
import { copyError, copyIn, copyOut } from "../mm/usercopy";
import {
  File,
  FileKind,
  fdAdd,
  fdFile,
  fdSet,
  fdTake,
  fileCreate,
  fileGet,
  fileOffsetGive,
  fileOffsetTake,
} from "../proc/file";
import { pathNormalise } from "../proc/path";
import { currentProcess, Process, ProcessText } from "../proc/process";

/** Most bytes of one read or write: a result is an i32. */
const TRANSFER_BYTES: u32 = 0x7ffff000;
const OPEN_FLAGS: u32 =
  OpenFlag.ACCESS |
  OpenFlag.CREATE |
  OpenFlag.EXCLUSIVE |
  OpenFlag.TRUNCATE |
  OpenFlag.APPEND |
  OpenFlag.DIRECTORY |
  OpenFlag.NOFOLLOW;

export function sysOpen(va: u32, pathBytes: u32, flags: u32): i32 {
  const process = currentProcess();
  if ((flags & ~OPEN_FLAGS) != 0 || (flags & OpenFlag.ACCESS) == OpenFlag.ACCESS)
    return -Errno.EINVAL;
  const n = pathArgument(process, va, pathBytes);
  if (n < 0) return n;
  return openDescriptor(process, n, flags);
}

/** As open, for writing, of a file that is made if it is not there. */
export function sysCreate(va: u32, pathBytes: u32, flags: u32): i32 {
  return sysOpen(va, pathBytes, flags | OpenFlag.CREATE);
}

export function sysClose(fd: i32): i32 {
  const file = fdTake(currentProcess(), fd);
  if (file === null) return -Errno.EBADF;
  filePut(file);
  return 0;
}

export function sysRead(fd: i32, va: u32, n: u32): i32 {
  const process = currentProcess();
  const file = fdFile(process, fd);
  if (file === null) return -Errno.EBADF;
  if (!fileSeekable(file)) return fileRead(process, file, va, min(n, TRANSFER_BYTES), 0);
  if (!fileOffsetTake(process, file)) return -Errno.EINTR;
  const result = fileRead(process, file, va, transferBytes(n, file.offset), file.offset);
  if (result > 0) file.offset += <u64>result;
  fileOffsetGive(file);
  return result;
}

export function sysWrite(fd: i32, va: u32, n: u32): i32 {
  const process = currentProcess();
  const file = fdFile(process, fd);
  if (file === null) return -Errno.EBADF;
  if (!fileSeekable(file)) return fileWrite(process, file, va, min(n, TRANSFER_BYTES), 0);
  if (!fileOffsetTake(process, file)) return -Errno.EINTR;
  const result = writeHere(process, file, va, n);
  fileOffsetGive(file);
  return result;
}

/** write where the file stands, or at its end; the offset is the caller's. */
function writeHere(process: Process, file: File, va: u32, n: u32): i32 {
  if ((file.flags & OpenFlag.APPEND) != 0) {
    const end = fileEnd(process, file);
    if (end < 0) return <i32>end;
    file.offset = end;
  }
  const result = writeAt(process, file, va, n, file.offset);
  if (result > 0) file.offset += <u64>result;
  return result;
}

function writeAt(process: Process, file: File, va: u32, n: u32, offset: u64): i32 {
  const part = transferBytes(n, offset);
  return part == 0 && n != 0 ? -Errno.EFBIG : fileWrite(process, file, va, part, offset);
}

/** Bytes of n that one read or write at an offset may move: what follows it fits an i64. */
function transferBytes(n: u32, offset: u64): u32 {
  return <u32>min<u64>(min(n, TRANSFER_BYTES), <u64>i64.MAX_VALUE - offset);
}

export function sysPread(fd: i32, va: u32, n: u32, offset: i64): i32 {
  const process = currentProcess();
  const file = fdFile(process, fd);
  if (file === null) return -Errno.EBADF;
  if (!fileSeekable(file)) return -Errno.ESPIPE;
  if (offset < 0) return -Errno.EINVAL;
  return fileRead(process, file, va, transferBytes(n, offset), offset);
}

export function sysPwrite(fd: i32, va: u32, n: u32, offset: i64): i32 {
  const process = currentProcess();
  const file = fdFile(process, fd);
  if (file === null) return -Errno.EBADF;
  if (!fileSeekable(file)) return -Errno.ESPIPE;
  return offset < 0 ? -Errno.EINVAL : writeAt(process, file, va, n, offset);
}

export function sysSeek(fd: i32, offset: i64, whence: i32): i64 {
  const process = currentProcess();
  const file = fdFile(process, fd);
  if (file === null) return -Errno.EBADF;
  if (!fileSeekable(file)) return -Errno.ESPIPE;
  if (!fileOffsetTake(process, file)) return -Errno.EINTR;
  const at = seekTarget(process, file, offset, whence);
  if (at >= 0) file.offset = at;
  fileOffsetGive(file);
  return at;
}

/** The new offset, or -errno. May sleep. */
function seekTarget(process: Process, file: File, offset: i64, whence: i32): i64 {
  let base: i64 = 0;
  if (whence == Whence.CURRENT) base = <i64>file.offset;
  else if (whence == Whence.END) base = fileEnd(process, file);
  else if (whence != Whence.SET) return -Errno.EINVAL;
  if (base < 0) return base;
  if (offset > i64.MAX_VALUE - base) return -Errno.EOVERFLOW;
  return base + offset < 0 ? -Errno.EINVAL : base + offset;
}

export function sysStat(va: u32, pathBytes: u32, st: u32): i32 {
  const process = currentProcess();
  const n = pathArgument(process, va, pathBytes);
  if (n < 0) return n;
  const error = lookupOpen(process, n, OpenFlag.READ);
  if (error < 0) return error;
  const file = lookupOpened(process);
  const result = copyStat(process, file, st, Stat.BYTES);
  filePut(file);
  return result;
}

export function sysFstat(fd: i32, st: u32): i32 {
  return sysFstatx(fd, st, Stat.BYTES);
}

/** The first `bytes` of a Stat: Stat.BYTES or Stat.LONG_BYTES, else -EINVAL. */
export function sysFstatx(fd: i32, st: u32, bytes: u32): i32 {
  const process = currentProcess();
  const file = fdFile(process, fd);
  if (file === null) return -Errno.EBADF;
  return isStatSize(bytes) ? copyStat(process, file, st, bytes) : -Errno.EINVAL;
}

function isStatSize(bytes: u32): bool {
  return bytes == Stat.BYTES || bytes == Stat.LONG_BYTES;
}

export function sysReaddir(fd: i32, va: u32, n: u32): i32 {
  const process = currentProcess();
  const file = fdFile(process, fd);
  if (file === null) return -Errno.EBADF;
  if (!fileOffsetTake(process, file)) return -Errno.EINTR;
  const result = fileReadDirectory(process, file, va, n);
  fileOffsetGive(file);
  return result;
}

export function sysCtl(fd: i32, va: u32, n: u32): i32 {
  const process = currentProcess();
  const file = fdFile(process, fd);
  return file === null ? -Errno.EBADF : fileControl(process, file, va, n);
}

export function sysTruncate(fd: i32, size: i64): i32 {
  const process = currentProcess();
  const file = fdFile(process, fd);
  if (file === null) return -Errno.EBADF;
  return size < 0 ? -Errno.EINVAL : fileTruncate(process, file, size);
}

/** Sets the time of the file's last change to that in the Stat. */
export function sysWstat(fd: i32, va: u32): i32 {
  return sysWstatx(fd, va, Stat.BYTES);
}

/** With Stat.LONG_BYTES also the other time that can be set. */
export function sysWstatx(fd: i32, va: u32, bytes: u32): i32 {
  const process = currentProcess();
  const file = fdFile(process, fd);
  if (file === null) return -Errno.EBADF;
  if (!isStatSize(bytes)) return -Errno.EINVAL;
  const st = process.text + ProcessText.SCRATCH;
  const copied = copyIn(process.space!, st, va, bytes);
  if (copied != <i32>bytes) return copyError(copied);
  return fileSetStat(process, file, st, bytes);
}

export function sysRemove(va: u32, pathBytes: u32): i32 {
  const process = currentProcess();
  const n = pathArgument(process, va, pathBytes);
  return n < 0 ? n : lookupRemove(process, n);
}

/** Renames in the first place that has the old name; the new one must be there too: -EXDEV. */
export function sysRename(fromVa: u32, fromBytes: u32, toVa: u32, toBytes: u32): i32 {
  return callPair(Tag.T_RENAME, fromVa, fromBytes, toVa, toBytes);
}

/** Another name for a file, in the place that has the old one; a symbolic link gets it itself. */
export function sysLink(fromVa: u32, fromBytes: u32, toVa: u32, toBytes: u32): i32 {
  return callPair(Tag.T_LINK, fromVa, fromBytes, toVa, toBytes);
}

/** Makes a symbolic link in the first place that takes one. -EEXIST: the name is taken. */
export function sysSymlink(targetVa: u32, targetBytes: u32, va: u32, pathBytes: u32): i32 {
  const process = currentProcess();
  if (targetBytes == 0) return -Errno.ENOENT;
  if (targetBytes >= <u32>Limit.PATH_BYTES) return -Errno.ENAMETOOLONG;
  const n = pathArgument(process, va, pathBytes);
  if (n < 0) return n;
  const frame = pmmAlloc(false);
  if (frame == 0) return -Errno.ENOMEM;
  const target = (<usize>frame) << Frame.SHIFT;
  const copied = copyIn(process.space!, target, targetVa, targetBytes);
  const result =
    copied == <i32>targetBytes ? lookupSymlink(process, n, target, targetBytes) : copyError(copied);
  pmmFree(frame);
  return result;
}

function callPair(tag: Tag, fromVa: u32, fromBytes: u32, toVa: u32, toBytes: u32): i32 {
  const process = currentProcess();
  const to = pathArgument(process, toVa, toBytes);
  if (to < 0) return to;
  // The second path, and both as a server calls them, while this process waits for it.
  const frame = pmmAlloc(false);
  if (frame == 0) return -Errno.ENOMEM;
  const saved = (<usize>frame) << Frame.SHIFT;
  bytesCopy(saved, process.text + ProcessText.PATH, to);
  const from = pathArgument(process, fromVa, fromBytes);
  const result =
    from < 0 ? from : lookupPair(process, tag, from, saved, to, saved + Limit.PATH_BYTES);
  pmmFree(frame);
  return result;
}

export function sysDup(fd: i32): i32 {
  const process = currentProcess();
  const file = fdFile(process, fd);
  if (file === null) return -Errno.EBADF;
  const copy = fdAdd(process, file, 0);
  if (copy >= 0) fileGet(file);
  return copy;
}

export function sysDup2(from: i32, to: i32): i32 {
  const process = currentProcess();
  const file = fdFile(process, from);
  if (file === null || <u32>to >= <u32>Limit.FDS) return -Errno.EBADF;
  if (from == to) return to;
  fileGet(file);
  const old = fdTake(process, to);
  fdSet(process, to, file);
  if (old !== null) filePut(old);
  return to;
}

/** Stores {read end, write end}. */
export function sysPipe(va: u32): i32 {
  const pipe = pipeCreate();
  if (pipe === null) return -Errno.ENFILE;
  const process = currentProcess();
  const reader = fileCreate(FileKind.PIPE_READ, OpenFlag.READ);
  const writer = fileCreate(FileKind.PIPE_WRITE, OpenFlag.WRITE);
  if (reader !== null) reader.a = changetype<usize>(pipe);
  else pipeClose(pipe, false);
  if (writer !== null) writer.a = changetype<usize>(pipe);
  else pipeClose(pipe, true);
  return descriptorPair(process, reader, writer, va);
}

export function sysChdir(va: u32, pathBytes: u32): i32 {
  const process = currentProcess();
  const n = pathArgument(process, va, pathBytes);
  if (n < 0) return n;
  const error = lookupOpen(process, n, OpenFlag.READ);
  if (error < 0) return error;
  const file = lookupOpened(process);
  const st = process.text + ProcessText.SCRATCH;
  const result = fileStat(process, file, st);
  const isDirectory = result == 0 && load<u32>(st, Stat.TYPE) == FileType.DIRECTORY;
  filePut(file);
  if (result < 0) return result;
  if (!isDirectory) return -Errno.ENOTDIR;
  bytesCopy(process.text + ProcessText.CWD, process.text + ProcessText.PATH, process.pathBytes);
  process.cwdBytes = process.pathBytes;
  return 0;
}

export function sysGetcwd(va: u32, n: u32): i32 {
  const process = currentProcess();
  const bytes = process.cwdBytes;
  if (n < bytes) return -Errno.ERANGE;
  const copied = copyOut(process.space!, va, process.text + ProcessText.CWD, bytes);
  return copied == <i32>bytes ? copied : copyError(copied);
}

/** Puts two files (null: could not be made) at the lowest descriptors and stores both numbers at va; undoes everything on failure. */
export function descriptorPair(
  process: Process,
  first: File | null,
  second: File | null,
  va: u32,
): i32 {
  let error: i32 = first === null || second === null ? -Errno.ENFILE : 0;
  const pair = process.text + ProcessText.SCRATCH;
  store<i32>(pair, -1);
  store<i32>(pair, -1, 4);
  if (error == 0) {
    store<i32>(pair, fdAdd(process, first!, 0));
    if (load<i32>(pair) >= 0) store<i32>(pair, fdAdd(process, second!, 0), 4);
    if (load<i32>(pair, 4) < 0) error = -Errno.EMFILE;
  }
  if (error == 0) {
    const copied = copyOut(process.space!, va, pair, 8);
    if (copied != 8) error = copyError(copied);
  }
  if (error == 0) return 0;
  if (load<i32>(pair) >= 0) fdTake(process, load<i32>(pair));
  if (load<i32>(pair, 4) >= 0) fdTake(process, load<i32>(pair, 4));
  if (first !== null) filePut(first);
  if (second !== null) filePut(second);
  return error;
}

/** Copies a path argument and leaves its absolute form in PATH. Its length or -errno. */
export function pathArgument(process: Process, va: u32, n: u32): i32 {
  if (n >= <u32>Limit.PATH_BYTES) return -Errno.ENAMETOOLONG;
  const given = process.text + ProcessText.SCRATCH;
  const copied = n == 0 ? 0 : copyIn(process.space!, given, va, n);
  if (copied != <i32>n) return copyError(copied);
  return pathNormalise(
    process.text + ProcessText.PATH,
    process.text + ProcessText.CWD,
    process.cwdBytes,
    given,
    n,
  );
}

function openDescriptor(process: Process, n: u32, flags: u32): i32 {
  const error = lookupOpen(process, n, flags);
  if (error < 0) return error;
  const file = lookupOpened(process);
  const fd = fdAdd(process, file, 0);
  if (fd < 0) filePut(file);
  return fd;
}

function copyStat(process: Process, file: File, va: u32, bytes: u32): i32 {
  const st = process.text + ProcessText.SCRATCH;
  const error = fileStat(process, file, st);
  if (error < 0) return error;
  const copied = copyOut(process.space!, va, st, bytes);
  return copied == <i32>bytes ? 0 : copyError(copied);
}
