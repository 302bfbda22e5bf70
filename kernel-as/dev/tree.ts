// Tree: the names that the kernel itself provides: the root directory, /dev, /proc and the files of the archives.
//
// Locks     kernel lock.
import { Vt } from "../../abi/console";
import { Errno } from "../../abi/errno";
import { Limit } from "../../abi/layout";
import { TextFile } from "../../abi/proc";
import { DirEntry, FileType, OpenFlag } from "../../abi/syscall";
import {
  bytesCopy,
  bytesDecimal,
  bytesFind,
  literalCopy,
  literalEquals,
  literalLength,
  literalStarts,
} from "../lib/bytes";
import { fmtDec } from "../lib/fmt";
import { Vars } from "../lib/vars";
import { File, FileKind, fdFile, fileCreate, fileFree, fileGet } from "../proc/file";
import { currentProcess, ProcessState, processAt, processFind } from "../proc/process";
import {
  archiveCount,
  archiveFind,
  archiveFindDirectory,
  archiveRecord,
  childBytes,
  childSeen,
  recordBytes,
  recordHost,
  recordPathBytes,
} from "./archive";
import { Part, partBlocks, partName } from "./partitions";
import { terminalOf } from "./terminal";
import { processTextName, textFileName } from "./texts";

/** Which directory a DIRECTORY file is. ARCHIVE: a and b are the path in the archive. PROCESS: b is the pid. */
export const enum Directory {
  ROOT = 1,
  DEV = 2,
  PROC = 3,
  PROCESS = 5,
  ARCHIVE = 6,
}

const enum TreeVar {
  OPENED = 0xd0, // the file that treeOpen made
  CURSOR = 0xd4, // readdir in progress: next byte, end, record wanted, record reached
  END = 0xd8,
  WANTED = 0xdc,
  REACHED = 0xe0,
  NUMBER = 0xe4, // scratch for a pid's digits
}

/**
 * The names in /dev: FileKinds from CONSOLE on, in their order; other names of console and random; the virtual terminals with input; the
 * files that the caller has as descriptors 0, 1 and 2.
 */
const enum Device {
  CONSOLE = 0,
  RANDOM = 3,
  TTY = 5,
  URANDOM = 6,
  VT = 7,
  STDIN = 10,
  COUNT = 13,
}

function deviceName(index: u32): string {
  switch (index) {
    case Device.CONSOLE:
      return "console";
    case 1:
      return "null";
    case 2:
      return "zero";
    case Device.RANDOM:
      return "random";
    case 4:
      return "klog";
    case Device.TTY:
      return "tty";
    case Device.URANDOM:
      return "urandom";
    case Device.VT:
      return "vt1";
    case Device.VT + 1:
      return "vt2";
    case Device.VT + 2:
      return "vt3";
    case Device.STDIN:
      return "stdin";
    case Device.STDIN + 1:
      return "stdout";
    default:
      return "stderr";
  }
}

/** The file that the last successful treeOpen made, with one reference. */
export function treeOpened(): File {
  return changetype<File>(load<u32>(Vars.DEV, TreeVar.OPENED));
}

/** Opens the normalised absolute path. 0: treeOpened() is the file. Else -errno. */
export function treeOpen(path: usize, n: u32, flags: u32): i32 {
  if (n == 1) return openDirectory(Directory.ROOT, 0, 0, flags);
  if (literalEquals(path, n, "/dev")) return openDirectory(Directory.DEV, 0, 0, flags);
  if (literalEquals(path, n, "/proc")) return openDirectory(Directory.PROC, 0, 0, flags);
  if (literalStarts(path, n, "/dev/")) return openDevice(path + 5, n - 5, flags);
  if (literalStarts(path, n, "/proc/")) return openProc(path + 6, n - 6, flags);
  return openArchive(path + 1, n - 1, flags);
}

/** True if the tree has the name. */
export function treeHas(path: usize, n: u32): bool {
  if (treeOpen(path, n, OpenFlag.READ) != 0) return false;
  forget(treeOpened());
  return true;
}

/** Nothing here can be removed. */
export function treeRemove(path: usize, n: u32): i32 {
  return exists(path, n);
}

/** Nothing here can be renamed. */
export function treeRename(from: usize, fromBytes: u32): i32 {
  return exists(from, fromBytes);
}

/** -EROFS for something that exists but cannot be changed, -ENOENT for nothing. */
function exists(path: usize, n: u32): i32 {
  const result = treeOpen(path, n, OpenFlag.READ);
  if (result < 0) return result;
  forget(treeOpened());
  return -Errno.EROFS;
}

/** Drops the reference that treeOpen gave. Nothing that it makes holds anything, and what it has only found is held by others too. */
function forget(file: File): void {
  if (file.refs > 1) file.refs--;
  else fileFree(file);
}

function opened(kind: FileKind, flags: u32, a: usize, b: u32, node: u32): i32 {
  const file = fileCreate(kind, flags);
  if (file === null) return -Errno.ENFILE;
  file.a = a;
  file.b = b;
  file.node = node;
  store<u32>(Vars.DEV, changetype<usize>(file), TreeVar.OPENED);
  return 0;
}

function wantsWrite(flags: u32): bool {
  return (flags & OpenFlag.ACCESS) != OpenFlag.READ || (flags & OpenFlag.TRUNCATE) != 0;
}

/** Flags for a name that is not there, in a place where nothing can be made. */
function missing(flags: u32): i32 {
  return (flags & OpenFlag.CREATE) != 0 ? -Errno.EROFS : -Errno.ENOENT;
}

/** Flags for a file that is there: 0 or -errno. */
function fileFlagsError(flags: u32): i32 {
  if ((flags & OpenFlag.DIRECTORY) != 0) return -Errno.ENOTDIR;
  const exclusive = OpenFlag.CREATE | OpenFlag.EXCLUSIVE;
  return (flags & exclusive) == exclusive ? -Errno.EEXIST : 0;
}

function openDirectory(which: Directory, path: usize, b: u32, flags: u32): i32 {
  if ((flags & (OpenFlag.CREATE | OpenFlag.EXCLUSIVE)) == (OpenFlag.CREATE | OpenFlag.EXCLUSIVE))
    return -Errno.EEXIST;
  if (wantsWrite(flags)) return -Errno.EISDIR;
  return opened(FileKind.DIRECTORY, flags, path, b, which);
}

function openDevice(name: usize, n: u32, flags: u32): i32 {
  for (let i: u32 = 0; i < <u32>Device.COUNT; i++) {
    if (literalEquals(name, n, deviceName(i))) return openDeviceAt(i, flags);
  }
  for (let part: u32 = 0; part < <u32>Part.COUNT; part++) {
    if (partBlocks(part) == 0 || !literalEquals(name, n, partName(part))) continue;
    const error = fileFlagsError(flags);
    if (error != 0) return error;
    return currentProcess().uid != 0 ? -Errno.EACCES : opened(FileKind.BLOCK, flags, part, 0, 0);
  }
  return missing(flags);
}

function openDeviceAt(device: u32, flags: u32): i32 {
  const error = fileFlagsError(flags);
  if (error != 0) return error;
  if (device >= <u32>Device.STDIN) return openAgain(device - Device.STDIN);
  if (device >= <u32>Device.VT)
    return opened(FileKind.CONSOLE, flags, 0, 0, device - Device.VT + Vt.FIRST);
  if (device == Device.CONSOLE || device == Device.TTY)
    return opened(FileKind.CONSOLE, flags, 0, 0, terminalOf(currentProcess()));
  const kind = device == Device.URANDOM ? <u32>Device.RANDOM : device;
  return opened(FileKind.CONSOLE + kind, flags, 0, 0, 0);
}

/** The caller's open file `fd` itself, with its position and its rights, as dup gives it. */
function openAgain(fd: i32): i32 {
  const file = fdFile(currentProcess(), fd);
  if (file === null) return -Errno.ENOENT;
  fileGet(file);
  store<u32>(Vars.DEV, changetype<usize>(file), TreeVar.OPENED);
  return 0;
}

function openProc(name: usize, n: u32, flags: u32): i32 {
  for (let i: u32 = 0; literalLength(textFileName(i)) != 0; i++) {
    if (literalEquals(name, n, textFileName(i))) return openText(i + 1, 0, flags);
  }
  const digits = <u32>bytesFind(name, n, 47);
  const isSelf = literalEquals(name, digits, "self");
  const pid = isSelf ? currentProcess().pid : bytesDecimal(name, digits);
  if (pid <= 0 || processFind(pid) === null) return missing(flags);
  if (digits == n) return openDirectory(Directory.PROCESS, 0, pid, flags);
  const rest = name + digits + 1;
  const restBytes = n - digits - 1;
  for (let i: u32 = 0; literalLength(processTextName(i)) != 0; i++) {
    if (literalEquals(rest, restBytes, processTextName(i)))
      return openText(TextFile.MAPS + i, pid, flags);
  }
  return missing(flags);
}

function openText(which: u32, pid: i32, flags: u32): i32 {
  const error = fileFlagsError(flags);
  if (error != 0) return error;
  if (wantsWrite(flags) || !mayReadText(which, pid)) return -Errno.EACCES;
  return opened(FileKind.TEXT, flags, which, pid, 0);
}

/** The whole check is root's to ask for, as by mmcheck; page tables are root's and their user's to read, as by pagequery. */
function mayReadText(which: u32, pid: i32): bool {
  const uid = currentProcess().uid;
  if (uid == 0) return true;
  if (which == TextFile.MMCHECK) return false;
  if (which != TextFile.TABLES) return true;
  const process = processFind(pid);
  return process !== null && process.uid == uid;
}

function openArchive(path: usize, n: u32, flags: u32): i32 {
  const record = archiveFind(path, n);
  if (record != 0) {
    const error = fileFlagsError(flags);
    if (error != 0) return error;
    if (wantsWrite(flags)) return -Errno.EROFS;
    return opened(FileKind.IMAGE, flags, recordHost(record), recordBytes(record), 0);
  }
  const inside = archiveFindDirectory(path, n);
  if (inside == 0) return hasParent(path, n) ? missing(flags) : -Errno.ENOENT;
  return openDirectory(Directory.ARCHIVE, inside, n, flags);
}

/** True if the directory that a path would lie in is one of the archives'. */
function hasParent(path: usize, n: u32): bool {
  let parent = n;
  while (parent > 0 && load<u8>(path + parent - 1) != 47) parent--;
  return parent == 0 || archiveFindDirectory(path, parent - 1) != 0;
}

/**
 * Writes DirEntry records of a DIRECTORY file, from record number `first` on, to dst (room bytes, at least one longest record).
 * Returns the bytes; treeNextRecord() is the number of the record after the last one written.
 */
export function treeReadDirectory(file: File, dst: usize, room: u32, first: u32): u32 {
  store<u32>(Vars.DEV, dst, TreeVar.CURSOR);
  store<u32>(Vars.DEV, dst + room, TreeVar.END);
  store<u32>(Vars.DEV, first, TreeVar.WANTED);
  store<u32>(Vars.DEV, 0, TreeVar.REACHED);
  switch (file.node) {
    case Directory.ROOT:
      listArchive(0, 0);
      emitLiteral("dev", FileType.DIRECTORY);
      emitLiteral("proc", FileType.DIRECTORY);
      break;
    case Directory.DEV:
      for (let i: u32 = 0; i < <u32>Device.COUNT; i++) emitLiteral(deviceName(i), FileType.DEVICE);
      for (let part: u32 = 0; part < <u32>Part.COUNT; part++) {
        if (partBlocks(part) != 0) emitLiteral(partName(part), FileType.DEVICE);
      }
      break;
    case Directory.PROC:
      for (let i: u32 = 0; literalLength(textFileName(i)) != 0; i++)
        emitLiteral(textFileName(i), FileType.FILE);
      emitLiteral("self", FileType.DIRECTORY);
      listProcesses();
      break;
    case Directory.PROCESS:
      for (let i: u32 = 0; literalLength(processTextName(i)) != 0; i++)
        emitLiteral(processTextName(i), FileType.FILE);
      break;
    case Directory.ARCHIVE:
      listArchive(file.a, file.b);
      break;
  }
  return load<u32>(Vars.DEV, TreeVar.CURSOR) - <u32>dst;
}

/** True if the last treeReadDirectory came to the end: else a record did not fit. */
export function treeEnded(): bool {
  return load<u32>(Vars.DEV, TreeVar.REACHED) <= load<u32>(Vars.DEV, TreeVar.WANTED);
}

/** Record number at which the next treeReadDirectory goes on. */
export function treeNextRecord(): u32 {
  return load<u32>(Vars.DEV, TreeVar.WANTED);
}

function listArchive(directory: usize, n: u32): void {
  const start: u32 = n == 0 ? 0 : n + 1;
  for (let i: u32 = 0; i < archiveCount(); i++) {
    const record = archiveRecord(i);
    const bytes = childBytes(record, directory, n);
    if (bytes == 0 || childSeen(i, directory, n, record + start, bytes)) continue;
    const isFile = start + bytes == recordPathBytes(record);
    emit(
      record + start,
      bytes,
      isFile ? recordBytes(record) : 0,
      isFile ? FileType.FILE : FileType.DIRECTORY,
    );
  }
}

function listProcesses(): void {
  const number = Vars.DEV + TreeVar.NUMBER;
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    const process = processAt(i);
    if (process.state == ProcessState.FREE) continue;
    emit(number, fmtDec(number, process.pid), 0, FileType.DIRECTORY);
  }
}

function emitLiteral(name: string, type: FileType): void {
  const buffer = Vars.DEV + TreeVar.NUMBER;
  emit(buffer, literalCopy(buffer, name), 0, type);
}

/** Adds one record if it is wanted and fits; once one does not fit, none after it is taken. */
function emit(name: usize, n: u32, size: u32, type: FileType): void {
  const number = load<u32>(Vars.DEV, TreeVar.REACHED);
  store<u32>(Vars.DEV, number + 1, TreeVar.REACHED);
  if (number != load<u32>(Vars.DEV, TreeVar.WANTED)) return;
  const at = load<u32>(Vars.DEV, TreeVar.CURSOR);
  if (at + DirEntry.NAME + n > load<u32>(Vars.DEV, TreeVar.END)) return;
  store<u32>(at, size, DirEntry.SIZE);
  store<u32>(at, number + 1, DirEntry.INO);
  store<u8>(at, <u8>type, DirEntry.TYPE);
  store<u8>(at, <u8>n, DirEntry.NAME_BYTES);
  bytesCopy(at + DirEntry.NAME, name, n);
  store<u32>(Vars.DEV, at + DirEntry.NAME + n, TreeVar.CURSOR);
  store<u32>(Vars.DEV, number + 1, TreeVar.WANTED);
}
