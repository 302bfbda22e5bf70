// Symbolic links: what one is itself, and where it leads to.
//
// The kernel follows links. Whoever wants to see one opens it with NOFOLLOW, which is done here and in what goes through trees (lib/walk).

import { Errno } from "../abi/errno";
import { FileType, OpenFlag, Stat } from "../abi/syscall";
import { readFull } from "./files";
import { Writer } from "./fmt";
import { close, fstat, fstatx, open, stat } from "./sys";
import { bytesIndex, cstrIs, cstrLength } from "./text";

/** Room for the longest target and its NUL. */
export const TARGET_BYTES = 1024;
const st: usize = memory.data(32, 8);
const target: usize = memory.data(1024);

/** stat of the name itself: a symbolic link as the last one is not followed. Fills an abi Stat; -errno. */
export function linkStat(path: usize, bytes: i32, to: usize): i32 {
  const fd = open(path, bytes, OpenFlag.READ | OpenFlag.NOFOLLOW);
  if (fd < 0) return fd;
  const r = fstat(fd, to);
  close(fd);
  return r;
}

/** stat, or linkStat, to Stat.LONG_BYTES; -errno. */
export function longStat(path: usize, bytes: i32, follows: bool, to: usize): i32 {
  const fd = open(path, bytes, follows ? OpenFlag.READ : OpenFlag.READ | OpenFlag.NOFOLLOW);
  if (fd < 0) return fd;
  const r = fstatx(fd, to, Stat.LONG_BYTES);
  close(fd);
  return r;
}

/**
 * Copies the target of a link, with a NUL behind it: TARGET_BYTES of room. Its bytes; EINVAL: the name is no link. EIO: a target that none can
 * have, because it is empty, too long or has a NUL in it.
 */
export function linkRead(path: usize, bytes: i32, to: usize): i32 {
  const fd = open(path, bytes, OpenFlag.READ | OpenFlag.NOFOLLOW);
  if (fd < 0) return fd;
  let r = fstat(fd, st);
  // Reading something else could wait.
  if (r >= 0 && load<u32>(st, Stat.TYPE) != FileType.LINK) r = -Errno.EINVAL;
  if (r >= 0) r = readFull(fd, to, TARGET_BYTES);
  close(fd);
  if (r < 0) return r;
  if (r == 0 || r == TARGET_BYTES || bytesIndex(to, r, 0) >= 0) return -Errno.EIO;
  store<u8>(to + r, 0);
  return r;
}

/** The abi FileType of the name itself, 0: there is none. */
export function typeOf(path: usize): i32 {
  return linkStat(path, cstrLength(path), st) < 0 ? 0 : load<u32>(st, Stat.TYPE);
}

/** Whether there is such a name, be it a link that leads nowhere. */
export function isThere(path: usize): bool {
  return typeOf(path) != 0;
}

export function isLink(path: usize): bool {
  return typeOf(path) == FileType.LINK;
}

/** Whether the path leads to a directory. */
export function leadsToDirectory(path: usize, bytes: i32): bool {
  return stat(path, bytes, st) >= 0 && load<u32>(st, Stat.TYPE) == FileType.DIRECTORY;
}

/** A link that leads to nothing. */
export function isDangling(path: usize): bool {
  return isLink(path) && stat(path, cstrLength(path), st) == -Errno.ENOENT;
}

/** Whether a path is what a link leads to, even for who takes links as they are: "link/", and what ends in "." or "..". */
export function meansTarget(path: usize): bool {
  const n = cstrLength(path);
  let name = path + n;
  while (name > path && load<u8>(name - 1) != 0x2f) name--;
  if (load<u8>(name) == 0) return n > 1;
  return cstrIs(name, ".") || cstrIs(name, "..");
}

/** Writes " -> TARGET"; nothing when it cannot be read. */
export function putTarget(to: Writer, path: usize, bytes: i32): void {
  const n = linkRead(path, bytes, target);
  if (n > 0) to.text(" -> ").bytes(target, n);
}

/** Whether two abi Stats are of one file: number, size and time of the last change agree. File systems number their files by themselves. */
export function statSame(one: usize, other: usize): bool {
  return memory.compare(one, other, Stat.LINKS) == 0;
}
