// Program: the file that a path names when it is to be run: one of the kernel's own tree, whatever is mounted over it, or one that a server
// keeps.
//
// Locks     kernel lock, dropped while a server is asked.
import { Errno } from "../../abi/errno";
import { Tag } from "../../abi/ipc";
import { FileType, OpenFlag, Stat } from "../../abi/syscall";
import { archiveFind } from "../dev/archive";
import { filePut, fileStat } from "../dev/files";
import { LINKS_MAX } from "../dev/link";
import { lookupFollow, lookupOpenAt, lookupOpened } from "../dev/lookup";
import { treeHas } from "../dev/tree";
import {
  NAMES_KERNEL,
  NAMES_NONE,
  NAMES_PLACES,
  namesBelow,
  namesCandidate,
  namesPlace,
} from "../ipc/names";
import { LINKED } from "../ipc/request";
import { bytesCopy } from "../lib/bytes";
import { File } from "../proc/file";
import { Process, ProcessText } from "../proc/process";

/**
 * Looks for the path of n bytes in PATH. Above 0: PATH is now the path of that length in the kernel's own tree. 0: lookupOpened() is the file of
 * a server, with a reference, and PATH, of process.pathBytes, its path without links. -ENOENT, -EACCES (it is no regular file), or what the server said. May sleep.
 */
export function programFind(process: Process, n: u32): i32 {
  process.pathBytes = n;
  for (let links: u32 = 0; links <= LINKS_MAX; links++) {
    const result = findFirst(process, process.pathBytes);
    if (result != LINKED) return result;
    const error = lookupFollow(process);
    if (error < 0) return error;
  }
  return -Errno.ELOOP;
}

function findFirst(process: Process, n: u32): i32 {
  const path = process.text + ProcessText.PATH;
  const there = process.text + ProcessText.SCRATCH;
  if (archiveFind(path + 1, n - 1) != 0) return <i32>n;
  for (let i: u32 = 0; i < NAMES_PLACES; i++) {
    const place = namesCandidate(process.names, path, n, i);
    if (place == NAMES_NONE) break;
    const bytes = namesPlace(path, n, there);
    if (bytes < 0) return bytes;
    if (place == NAMES_KERNEL) {
      if (archiveFind(there + 1, bytes - 1) != 0) {
        bytesCopy(path, there, bytes);
        return bytes;
      }
      if (treeHas(there, bytes)) return -Errno.EACCES;
      continue;
    }
    const result = lookupOpenAt(process, place, bytes, OpenFlag.READ, Tag.T_OPEN);
    if (result == 0) return keepRegular(process);
    if (result != -Errno.ENOENT) return result;
  }
  return namesBelow(process.names, path, n) ? -Errno.EACCES : -Errno.ENOENT;
}

/** 0: what was opened is a regular file. Else it is closed: -errno. */
function keepRegular(process: Process): i32 {
  const file = lookupOpened(process);
  let type = file.type;
  let result: i32 = 0;
  if (type == 0) {
    const st = process.text + ProcessText.SCRATCH;
    result = fileStat(process, file, st);
    type = load<u32>(st, Stat.TYPE);
  }
  if (result == 0 && type != FileType.FILE) result = -Errno.EACCES;
  if (result != 0) filePut(file);
  return result;
}

/** Closes the file that a process was yet to be read from. */
export function programPut(process: Process): void {
  const program = process.program;
  process.program = 0;
  if (program != 0) filePut(changetype<File>(program));
}
