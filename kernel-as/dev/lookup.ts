// Lookup: what the calls with a path do in a name space: each place where the name may be is asked in turn until one does not say ENOENT.
//
//   open    what is there first, then, with CREATE, a new file in the first place that takes one
//   a directory that other places share, or that has mounts below it, is opened as a merged one (dev/merged.ts)
//
// The path is in the process's PATH, normalised; the path as a place calls it is made in SCRATCH.
//
// Locks     kernel lock, dropped while a server is asked: nothing of the name space is kept across.
import { Errno } from "../../abi/errno";
import { Tag } from "../../abi/ipc";
import { FileType, OpenFlag, Stat } from "../../abi/syscall";
import { Channel } from "../ipc/channel";
import {
  Mount,
  NAMES_KERNEL,
  NAMES_NONE,
  NAMES_PLACES,
  namesBelow,
  namesCandidate,
  namesFound,
  namesPlace,
} from "../ipc/names";
import { remoteOpen, remoteOpened, remoteRemove, remoteRename, remoteStat } from "../ipc/remote";
import { File, FileKind } from "../proc/file";
import { Process, ProcessText } from "../proc/process";
import { filePut } from "./files";
import { mergedOpen } from "./merged";
import { treeOpen, treeOpened, treeRemove, treeRename } from "./tree";

const MAKING: u32 = OpenFlag.CREATE | OpenFlag.EXCLUSIVE;

/** The file that the last successful lookup of this process has opened, with one reference. */
export function lookupOpened(process: Process): File {
  return changetype<File>(process.opened);
}

/** Opens the path of n bytes in PATH. 0: lookupOpened() is the file. Else -errno. May sleep. */
export function lookupOpen(process: Process, n: u32, flags: u32): i32 {
  // What EXCLUSIVE finds is only looked at: it is not emptied, and may be of any kind.
  const exclusive = (flags & MAKING) == MAKING;
  const result = openFirst(process, n, exclusive ? <u32>OpenFlag.READ : flags & ~MAKING);
  if ((flags & OpenFlag.CREATE) == 0) return result;
  if (result == 0 && exclusive) {
    filePut(lookupOpened(process));
    return -Errno.EEXIST;
  }
  return result != -Errno.ENOENT ? result : createFirst(process, n, flags);
}

/** Opens what one place (namesCandidate's answer, namesPlace's path of n bytes in SCRATCH) calls so. May sleep. */
export function lookupOpenAt(process: Process, place: usize, n: u32, flags: u32, tag: Tag): i32 {
  const path = process.text + ProcessText.SCRATCH;
  let result: i32 = 0;
  if (place == NAMES_KERNEL) {
    result = treeOpen(path, n, flags);
    if (result == 0) process.opened = changetype<usize>(treeOpened());
  } else {
    result = remoteOpen(process, changetype<Channel>(place), tag, flags, path, n);
    if (result == 0) process.opened = changetype<usize>(remoteOpened(process));
  }
  return result;
}

/** Removes the first thing of that name. */
export function lookupRemove(process: Process, n: u32): i32 {
  const path = process.text + ProcessText.PATH;
  const there = process.text + ProcessText.SCRATCH;
  for (let i: u32 = 0; i < NAMES_PLACES; i++) {
    const place = namesCandidate(process.names, path, n, i);
    if (place == NAMES_NONE) break;
    const bytes = namesPlace(path, n, there);
    if (bytes < 0) return bytes;
    const result =
      place == NAMES_KERNEL
        ? treeRemove(there, bytes)
        : remoteRemove(process, changetype<Channel>(place), there, bytes);
    if (result != -Errno.ENOENT) return result;
  }
  return namesBelow(process.names, path, n) ? -Errno.EBUSY : -Errno.ENOENT;
}

/**
 * Renames the path of n bytes in PATH to the normalised path of toBytes at `to`, in the first place that has both: -EXDEV when none has, or
 * when a place that is asked before it has something at `to`, which would hide it. pair: room for both (twice Limit.PATH_BYTES).
 */
export function lookupRename(process: Process, n: u32, to: usize, toBytes: u32, pair: usize): i32 {
  const path = process.text + ProcessText.PATH;
  let result = -Errno.EXDEV;
  for (let i: u32 = 0; i < NAMES_PLACES; i++) {
    if (namesCandidate(process.names, path, n, i) == NAMES_NONE) break;
    if (isHidden(process, to, toBytes, namesFound())) return -Errno.EXDEV;
    const place = namesCandidate(process.names, path, n, i); // again: others may have been asked
    if (place == NAMES_NONE) break;
    const mount = namesFound();
    const fromBytes = namesPlace(path, n, pair);
    if (fromBytes < 0) return fromBytes;
    if (!findPlace(process, to, toBytes, mount)) continue;
    const bytes = namesPlace(to, toBytes, pair + fromBytes);
    if (bytes < 0) return bytes;
    result =
      place == NAMES_KERNEL
        ? treeRename(pair, fromBytes)
        : remoteRename(process, changetype<Channel>(place), pair, fromBytes, bytes);
    if (result != -Errno.ENOENT) return result;
  }
  return result;
}

/** True if the path has a place that is shown by this mount: namesPlace() then speaks of it. */
function findPlace(process: Process, path: usize, n: u32, mount: Mount | null): bool {
  for (let i: u32 = 0; i < NAMES_PLACES; i++) {
    if (namesCandidate(process.names, path, n, i) == NAMES_NONE) return false;
    if (namesFound() === mount) return true;
  }
  return false;
}

/** True if a place that is asked before the one shown by this mount has the path. May sleep. */
function isHidden(process: Process, path: usize, n: u32, mount: Mount | null): bool {
  for (let i: u32 = 0; i < NAMES_PLACES; i++) {
    const place = namesCandidate(process.names, path, n, i);
    if (place == NAMES_NONE || namesFound() === mount) break;
    const bytes = namesPlace(path, n, process.text + ProcessText.SCRATCH);
    if (bytes < 0) continue;
    if (lookupOpenAt(process, place, bytes, OpenFlag.READ, Tag.T_OPEN) != 0) continue;
    filePut(lookupOpened(process));
    return true;
  }
  return false;
}

function openFirst(process: Process, n: u32, flags: u32): i32 {
  const path = process.text + ProcessText.PATH;
  for (let i: u32 = 0; i < NAMES_PLACES; i++) {
    const place = namesCandidate(process.names, path, n, i);
    if (place == NAMES_NONE) break;
    const bytes = namesPlace(path, n, process.text + ProcessText.SCRATCH);
    if (bytes < 0) return bytes;
    const result = lookupOpenAt(process, place, bytes, flags, Tag.T_OPEN);
    if (result == 0) return merge(process, n, i, flags);
    if (result != -Errno.ENOENT) return result;
  }
  return namesBelow(process.names, path, n) ? mergedOpen(process, n, flags) : -Errno.ENOENT;
}

/** What was opened in place `index` is opened as a merged directory if it is one. */
function merge(process: Process, n: u32, index: u32, flags: u32): i32 {
  const path = process.text + ProcessText.PATH;
  const alone =
    namesCandidate(process.names, path, n, index + 1) == NAMES_NONE &&
    !namesBelow(process.names, path, n);
  const file = lookupOpened(process);
  if (alone || !isDirectory(process, file)) return 0;
  filePut(file);
  return mergedOpen(process, n, flags);
}

function isDirectory(process: Process, file: File): bool {
  if (file.kind != FileKind.REMOTE) return file.kind == FileKind.DIRECTORY;
  if (file.type != 0) return file.type == FileType.DIRECTORY;
  const st = process.text + ProcessText.SCRATCH;
  return remoteStat(process, file, st) == 0 && load<u32>(st, Stat.TYPE) == FileType.DIRECTORY;
}

/** A place that cannot hold a new file is passed over; its reason is what remains when no other place takes it. */
function createFirst(process: Process, n: u32, flags: u32): i32 {
  const path = process.text + ProcessText.PATH;
  let reason = -Errno.ENOENT;
  for (let i: u32 = 0; i < NAMES_PLACES; i++) {
    const place = namesCandidate(process.names, path, n, i);
    if (place == NAMES_NONE) break;
    const bytes = namesPlace(path, n, process.text + ProcessText.SCRATCH);
    if (bytes < 0) return bytes;
    const result = lookupOpenAt(process, place, bytes, flags, Tag.T_CREATE);
    if (!passesOver(result)) return result;
    if (reason == -Errno.ENOENT) reason = result;
  }
  return reason;
}

function passesOver(result: i32): bool {
  return (
    result == -Errno.ENOENT ||
    result == -Errno.EROFS ||
    result == -Errno.EACCES ||
    result == -Errno.EPERM ||
    result == -Errno.ENOSYS
  );
}
