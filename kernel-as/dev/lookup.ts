// Lookup: what the calls with a path do in a name space: each place where the name may be is asked in turn until one does not say ENOENT.
//
//   open    what is there first, then, with CREATE, a new file in the first place that takes one
//   a server that meets a symbolic link is asked for the path that it stands for (dev/link.ts)
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
  NAMES_KERNEL,
  NAMES_NONE,
  NAMES_PLACES,
  namesBelow,
  namesCandidate,
  namesPlace,
} from "../ipc/names";
import { remoteOpen, remoteOpened, remotePair, remoteRemove, remoteStat } from "../ipc/remote";
import { LINKED } from "../ipc/request";
import { File, FileKind } from "../proc/file";
import { Process, ProcessText } from "../proc/process";
import { filePut } from "./files";
import { LINKS_MAX, linkFloor, linkFollow } from "./link";
import { mergedOpen } from "./merged";
import { treeOpen, treeOpened, treeRemove } from "./tree";

const MAKING: u32 = OpenFlag.CREATE | OpenFlag.EXCLUSIVE;
const ONLY_LOOK: u32 = OpenFlag.READ | OpenFlag.NOFOLLOW;

/** The file that the last successful lookup of this process has opened, with one reference. */
export function lookupOpened(process: Process): File {
  return changetype<File>(process.opened);
}

/**
 * Opens the path of n bytes in PATH. 0: lookupOpened() is the file. Else -errno. PATH, then of process.pathBytes, has no symbolic link any more,
 * but with NOFOLLOW its last name. May sleep.
 */
export function lookupOpen(process: Process, n: u32, flags: u32): i32 {
  // What EXCLUSIVE finds is only looked at: it is not emptied, and may be of any kind.
  const exclusive = (flags & MAKING) == MAKING;
  const result = openFollowed(process, n, exclusive ? ONLY_LOOK : flags & ~MAKING);
  if ((flags & OpenFlag.CREATE) == 0) return result;
  if (result == 0 && exclusive) {
    filePut(lookupOpened(process));
    return -Errno.EEXIST;
  }
  if (result != -Errno.ENOENT) return result;
  const made = createFirst(process, process.pathBytes, flags);
  return made == LINKED ? -Errno.ELOOP : made; // a link has come between the two questions
}

function openFollowed(process: Process, n: u32, flags: u32): i32 {
  process.pathBytes = n;
  for (let links: u32 = 0; links <= LINKS_MAX; links++) {
    const result = openFirst(process, process.pathBytes, flags);
    if (result != LINKED) return result;
    const error = lookupFollow(process);
    if (error < 0) return error;
  }
  return -Errno.ELOOP;
}

/** A server has met a symbolic link in PATH, in the place that namesCandidate found last: PATH is what it stands for. 0 or -errno. */
export function lookupFollow(process: Process): i32 {
  const path = process.text + ProcessText.PATH;
  const n = linkFollow(process, path, process.pathBytes, process.linkFloor);
  if (n < 0) return n;
  process.pathBytes = n;
  return 0;
}

/** Opens what one place (namesCandidate's answer, namesPlace's path of n bytes in SCRATCH) calls so. May sleep. */
export function lookupOpenAt(process: Process, place: usize, n: u32, flags: u32, tag: Tag): i32 {
  const path = process.text + ProcessText.SCRATCH;
  let result: i32 = 0;
  process.linkFloor = linkFloor();
  if (place == NAMES_KERNEL) {
    result = treeOpen(path, n, flags);
    if (result == 0) process.opened = changetype<usize>(treeOpened());
  } else {
    result = remoteOpen(process, changetype<Channel>(place), tag, flags, path, n);
    if (result == 0) process.opened = changetype<usize>(remoteOpened(process));
  }
  return result;
}

/** Removes the first thing of that name: of a symbolic link, itself. */
export function lookupRemove(process: Process, n: u32): i32 {
  process.pathBytes = n;
  for (let links: u32 = 0; links <= LINKS_MAX; links++) {
    const result = removeFirst(process, process.pathBytes);
    if (result != LINKED) return result;
    const error = lookupFollow(process);
    if (error < 0) return error;
  }
  return -Errno.ELOOP;
}

function removeFirst(process: Process, n: u32): i32 {
  const path = process.text + ProcessText.PATH;
  const there = process.text + ProcessText.SCRATCH;
  for (let i: u32 = 0; i < NAMES_PLACES; i++) {
    const place = namesCandidate(process.names, path, n, i);
    if (place == NAMES_NONE) break;
    const bytes = namesPlace(path, n, there);
    if (bytes < 0) return bytes;
    process.linkFloor = linkFloor();
    const result =
      place == NAMES_KERNEL
        ? treeRemove(there, bytes)
        : remoteRemove(process, changetype<Channel>(place), there, bytes);
    if (result != -Errno.ENOENT) return result;
  }
  return namesBelow(process.names, path, n) ? -Errno.EBUSY : -Errno.ENOENT;
}

/** Makes a symbolic link at the path of n bytes in PATH. The target is in a frame, with room for a path behind it. 0 or -errno. May sleep. */
export function lookupSymlink(process: Process, n: u32, target: usize, targetBytes: u32): i32 {
  const there = openFollowed(process, n, ONLY_LOOK);
  if (there == 0) filePut(lookupOpened(process));
  if (there != -Errno.ENOENT) return there == 0 ? -Errno.EEXIST : there;
  const path = process.text + ProcessText.PATH;
  let reason = -Errno.ENOENT;
  for (let i: u32 = 0; i < NAMES_PLACES; i++) {
    const place = namesCandidate(process.names, path, process.pathBytes, i);
    if (place == NAMES_NONE) break;
    const bytes = namesPlace(path, process.pathBytes, target + targetBytes);
    if (bytes < 0) return bytes;
    const result =
      place == NAMES_KERNEL
        ? treeOpen(target + targetBytes, bytes, MAKING) // never makes anything
        : remotePair(
            process,
            changetype<Channel>(place),
            Tag.T_SYMLINK,
            target,
            targetBytes,
            bytes,
          );
    if (result == LINKED) return -Errno.ELOOP; // a link has come between the two questions
    if (!passesOver(result)) return result;
    if (reason == -Errno.ENOENT) reason = result;
  }
  return reason;
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
