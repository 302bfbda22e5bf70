// Merged: a directory that several places share, or that has mounts below it. Reading it reads each place in turn, leaves out the names that an
// earlier place has, and ends with the mounts below.
//
// Invariants
//   M1  A MERGED file owns one frame: the directory's normalised path. It holds no place open between two reads.
//   M2  Its offset is the place's index << 32 | the record to go on with there; at the first index without a place, the index of a mount.
//   M3  Whether an earlier place has a name is asked, not remembered: no number of names is too large.
//
// Locks     kernel lock, dropped while a server is asked: nothing of the name space is kept across.
import { Errno } from "../../abi/errno";
import { Tag } from "../../abi/ipc";
import { Frame, Limit } from "../../abi/layout";
import { DirEntry, FileType, OpenFlag } from "../../abi/syscall";
import {
  Mount,
  mountIsBelow,
  mountPath,
  NAMES_NONE,
  NAMES_PLACES,
  namesAt,
  namesCandidate,
  namesCount,
  namesPlace,
} from "../ipc/names";
import { remoteReadMessage } from "../ipc/remote";
import { LINKED, Place } from "../ipc/request";
import { bytesCopy, bytesEqual, bytesFind } from "../lib/bytes";
import { pmmAlloc, pmmFree } from "../mm/pmm";
import { copyError, copyOut } from "../mm/usercopy";
import { File, FileKind, fileCreate } from "../proc/file";
import { Process, ProcessText } from "../proc/process";
import { filePut } from "./files";
import { lookupOpenAt, lookupOpened } from "./lookup";
import { treeReadDirectory } from "./tree";

/** Records read at a time, in the place of the program's path, which is not needed once it runs. */
const RECORDS_BYTES: u32 = Frame.BYTES - ProcessText.PROGRAM;

/** Opens the path of n bytes in PATH as a merged directory. 0: process.opened is the file. -EISDIR, -EEXIST, -ENOMEM, -ENFILE. */
export function mergedOpen(process: Process, n: u32, flags: u32): i32 {
  if ((flags & OpenFlag.ACCESS) != OpenFlag.READ || (flags & OpenFlag.TRUNCATE) != 0)
    return -Errno.EISDIR;
  const frame = pmmAlloc(false);
  if (frame == 0) return -Errno.ENOMEM;
  const file = fileCreate(FileKind.MERGED, flags);
  if (file === null) {
    pmmFree(frame);
    return -Errno.ENFILE;
  }
  file.a = (<usize>frame) << Frame.SHIFT;
  file.b = n;
  bytesCopy(file.a, process.text + ProcessText.PATH, n);
  process.opened = changetype<usize>(file);
  return 0;
}

/** The file is closed: gives its frame back. */
export function mergedClose(file: File): void {
  pmmFree(<u32>(file.a >> Frame.SHIFT));
}

/** Whole records to user memory; the offset moves past them. Bytes, 0 at the end, or -errno. May sleep. */
export function mergedRead(process: Process, file: File, va: u32, n: u32): i32 {
  const records = process.text + ProcessText.PROGRAM;
  let place = <u32>(file.offset >> 32);
  let from = <u32>file.offset;
  while (true) {
    const isPlace =
      place < NAMES_PLACES && namesCandidate(process.names, file.a, file.b, place) != NAMES_NONE;
    const bytes = isPlace
      ? placeRead(process, file, place, from, records)
      : mountsRead(process, file, from, records);
    if (bytes < 0) return bytes;
    if (bytes == 0 && !isPlace) return 0;
    if (bytes == 0) {
      place++;
      from = 0;
      continue;
    }
    let kept: u32 = 0;
    let at: u32 = 0;
    let full = false;
    while (true) {
      const size = recordSize(records, at, bytes);
      if (size == 0) break;
      if (isPlace && hasEarlier(process, file, place, records + at)) {
        at += size;
        from++;
        continue;
      }
      full = kept + size > n;
      if (full) break;
      bytesCopy(records + kept, records + at, size);
      kept += size;
      at += size;
      from = isPlace ? from + 1 : mountNext(records + kept - size);
    }
    if (full && kept == 0) return -Errno.EINVAL;
    if (at == 0) return -Errno.EIO; // a server's answer without one whole record
    const copied = kept == 0 ? 0 : copyOut(process.space!, va, records, kept);
    if (copied != <i32>kept) return copyError(copied);
    file.offset = ((<u64>place) << 32) | from;
    if (kept != 0) return <i32>kept;
  }
}

/** Bytes of the whole record at `at` of `bytes`, 0 none. */
export function recordSize(records: usize, at: u32, bytes: u32): u32 {
  if (at + DirEntry.NAME > bytes) return 0;
  const size = <u32>DirEntry.NAME + load<u8>(records + at, DirEntry.NAME_BYTES);
  return at + size > bytes ? 0 : size;
}

/** Records of one place, from record `from` on. Bytes; 0 at the end, or when it is no directory there; -errno of a server. */
function placeRead(process: Process, file: File, place: u32, from: u32, records: usize): i32 {
  const error = openIn(process, file, place, 0, 0);
  if (error == -Errno.ENOENT || error == -Errno.EISDIR || error == -Errno.EACCES) return 0;
  if (error == LINKED) return 0; // a link has taken the place of a directory above it
  if (error < 0) return error;
  const there = lookupOpened(process);
  let bytes: i32 = 0;
  if (there.kind == FileKind.DIRECTORY)
    bytes = <i32>treeReadDirectory(there, records, RECORDS_BYTES, from);
  else if (there.kind == FileKind.REMOTE && there.type != FileType.LINK)
    bytes = remoteReadMessage(process, there, Place.KERNEL, records, RECORDS_BYTES, from);
  filePut(there);
  return bytes == -Errno.ENOTDIR ? 0 : bytes;
}

/** True if a place before this one has the record's name. May sleep. */
function hasEarlier(process: Process, file: File, place: u32, record: usize): bool {
  for (let i: u32 = 0; i < place; i++) {
    if (namesCandidate(process.names, file.a, file.b, i) == NAMES_NONE) return false;
    const n = load<u8>(record, DirEntry.NAME_BYTES);
    if (openIn(process, file, i, record + DirEntry.NAME, n) != 0) continue;
    filePut(lookupOpened(process));
    return true;
  }
  return false;
}

/** Opens the directory in place i, or (n not 0) a name in it. 0: lookupOpened(). Else -errno. */
function openIn(process: Process, file: File, i: u32, name: usize, n: u32): i32 {
  const place = namesCandidate(process.names, file.a, file.b, i);
  if (place == NAMES_NONE) return -Errno.ENOENT;
  const path = process.text + ProcessText.SCRATCH;
  let bytes = namesPlace(file.a, file.b, path);
  if (bytes < 0) return bytes;
  if (n > 0) {
    const slash = bytes > 0 && load<u8>(path + bytes - 1) != 47;
    if (bytes + <i32>n + 1 >= <i32>Limit.PATH_BYTES) return -Errno.ENAMETOOLONG;
    if (slash) store<u8>(path + bytes++, 47);
    bytesCopy(path + bytes, name, n);
    bytes += n;
  }
  return lookupOpenAt(process, place, bytes, OpenFlag.READ | OpenFlag.NOFOLLOW, Tag.T_OPEN);
}

/** Records of the mounts below the directory, from mount `from` on; one for each name that no place and no mount before it has. */
function mountsRead(process: Process, file: File, from: u32, records: usize): i32 {
  let used: u32 = 0;
  for (let i = from; i < namesCount(process.names); i++) {
    const mount = namesAt(process.names, i);
    if (!mountIsBelow(mount, file.a, file.b) || mountNameSeen(process, file, i)) continue;
    const name = mountName(mount, file);
    const n = min<u32>(mountNameBytes(mount, file), 255);
    if (used + DirEntry.NAME + n > RECORDS_BYTES) break;
    const record = records + used;
    store<u32>(record, 0, DirEntry.SIZE);
    store<u32>(record, i + 1, DirEntry.INO);
    store<u8>(record, FileType.DIRECTORY, DirEntry.TYPE);
    store<u8>(record, <u8>n, DirEntry.NAME_BYTES);
    bytesCopy(record + DirEntry.NAME, name, n);
    if (!hasEarlier(process, file, NAMES_PLACES, record)) used += DirEntry.NAME + n;
  }
  return used;
}

/** The mount that comes after the one in a record of mountsRead. */
function mountNext(record: usize): u32 {
  return load<u32>(record, DirEntry.INO);
}

function mountNameSeen(process: Process, file: File, index: u32): bool {
  const mount = namesAt(process.names, index);
  const n = mountNameBytes(mount, file);
  for (let i: u32 = 0; i < index; i++) {
    const other = namesAt(process.names, i);
    if (!mountIsBelow(other, file.a, file.b) || mountNameBytes(other, file) != n) continue;
    if (bytesEqual(mountName(other, file), mountName(mount, file), n)) return true;
  }
  return false;
}

/** The part of the mount's path that is a name in the directory. */
function mountName(mount: Mount, file: File): usize {
  return mountPath(mount) + (file.b == 1 ? 1 : file.b + 1);
}

function mountNameBytes(mount: Mount, file: File): u32 {
  const skip = file.b == 1 ? 1 : file.b + 1;
  const left = mount.pathBytes - skip;
  return <u32>bytesFind(mountPath(mount) + skip, left, 47);
}
