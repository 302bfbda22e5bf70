// LookupPair: what the calls with two paths, rename and link, do in a name space. Both names must be in one place, which is asked once.
//
// Locks     kernel lock, dropped while a server is asked: nothing of the name space is kept across.
import { Errno } from "../../abi/errno";
import { Tag } from "../../abi/ipc";
import { OpenFlag } from "../../abi/syscall";
import { Channel } from "../ipc/channel";
import {
  Mount,
  NAMES_KERNEL,
  NAMES_NONE,
  NAMES_PLACES,
  namesCandidate,
  namesFound,
  namesPlace,
} from "../ipc/names";
import { remotePair } from "../ipc/remote";
import { LINKED } from "../ipc/request";
import { Process, ProcessText } from "../proc/process";
import { filePut } from "./files";
import { LINKS_MAX, linkFloor, linkFollow, linkIsSecond } from "./link";
import { lookupFollow, lookupOpenAt, lookupOpened } from "./lookup";
import { treeRename } from "./tree";

/**
 * Renames (T_RENAME) or links (T_LINK) the path of n bytes in PATH to the normalised path of `bytes` at `to` (room for Limit.PATH_BYTES), in the
 * first place that has both: -EXDEV when none has, or when a place that is asked before it has something at `to`, which would hide it. pair:
 * room for both.
 */
export function lookupPair(
  process: Process,
  tag: Tag,
  n: u32,
  to: usize,
  bytes: u32,
  pair: usize,
): i32 {
  let second = bytes;
  process.pathBytes = n;
  for (let links: u32 = 0; links <= LINKS_MAX; links++) {
    const result = pairFirst(process, tag, to, second, pair);
    if (result != LINKED) return result;
    if (!linkIsSecond(process)) {
      const error = lookupFollow(process);
      if (error < 0) return error;
      continue;
    }
    const followed = linkFollow(process, to, second, process.linkFloor);
    if (followed < 0) return followed;
    second = followed;
  }
  return -Errno.ELOOP;
}

function pairFirst(process: Process, tag: Tag, to: usize, toBytes: u32, pair: usize): i32 {
  const path = process.text + ProcessText.PATH;
  const n = process.pathBytes;
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
    process.linkFloor = linkFloor(); // of both: they are shown by one mount
    result =
      place == NAMES_KERNEL
        ? treeRename(pair, fromBytes)
        : remotePair(process, changetype<Channel>(place), tag, pair, fromBytes, bytes);
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
    if (lookupOpenAt(process, place, bytes, OpenFlag.READ | OpenFlag.NOFOLLOW, Tag.T_OPEN) != 0)
      continue;
    filePut(lookupOpened(process));
    return true;
  }
  return false;
}
