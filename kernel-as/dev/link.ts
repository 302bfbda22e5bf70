// Link: what becomes of a path that meets a symbolic link. The server that has the link answers with its target (abi/ipc.ts R_LINK); the
// target takes the place of the link's name, by text and in the caller's name space, and the call asks for the new path.
//
//   /home/a/link/rest    link -> ../b    gives /home/b/rest         link -> /tmp    gives /tmp/rest
//
// Locks     kernel lock.
import { Errno } from "../../abi/errno";
import { LinkAnswer } from "../../abi/ipc";
import { Limit } from "../../abi/layout";
import { namesFound } from "../ipc/names";
import { requestAnswer, requestOf } from "../ipc/request";
import { bytesCopy } from "../lib/bytes";
import { pathNormalise } from "../proc/path";
import { Process, ProcessText } from "../proc/process";

/** So many links are followed for one path; one more is ELOOP. */
export const LINKS_MAX: u32 = 40;
const SLASH: u8 = 0x2f;

/** Bytes at the beginning of a path that name the mount which namesCandidate found last: no link of its server is among them. */
export function linkFloor(): u32 {
  const mount = namesFound();
  return mount === null ? 0 : mount.pathBytes;
}

/** True if the link that was met is in the second path of the request. */
export function linkIsSecond(process: Process): bool {
  return (linkWord(process) & LinkAnswer.SECOND) != 0;
}

/**
 * Rewrites the path of n bytes at `path` (room for Limit.PATH_BYTES), whose first `floor` bytes have no link, by the answer that the process's
 * request has had. Its new length, or -ENAMETOOLONG; -EIO: the server speaks of what is not in the path.
 */
export function linkFollow(process: Process, path: usize, n: u32, floor: u32): i32 {
  const rest = linkWord(process) & ~LinkAnswer.SECOND;
  const target = process.text + ProcessText.SCRATCH;
  const bytes = load<u32>(requestAnswer(requestOf(process)), 4);
  if (floor >= n || rest >= n - floor) return -Errno.EIO;
  const end = n - rest;
  if (rest != 0 && load<u8>(path + end) != SLASH) return -Errno.EIO;
  if (bytes + rest >= <u32>Limit.PATH_BYTES) return -Errno.ENAMETOOLONG;
  bytesCopy(target + bytes, path + end, rest);
  let name = end;
  while (name > 0 && load<u8>(path + name - 1) != SLASH) name--;
  return pathNormalise(path, path, name > 0 ? name - 1 : 0, target, bytes + rest);
}

function linkWord(process: Process): u32 {
  return load<u32>(requestAnswer(requestOf(process)));
}
