// Paths: from the root, and without symbolic links.
//
// ".." takes away the name before it, as text, wherever that leads: the kernel does the same.

import { Errno } from "../abi/errno";
import { FileType, Stat } from "../abi/syscall";
import { linkRead, linkStat } from "./link";
import { getcwd } from "./sys";
import { cstrLength } from "./text";

const SLASH = 0x2f;
export const PATH_BYTES = 1024;
/** Symbolic links that are followed for one path. */
const LINKS_MAX = 40;
const joined: usize = memory.data(3200); // a folder, a target and the rest of the path
const target: usize = memory.data(1024);
const st: usize = memory.data(32, 8);

/** What of a path need not be there. */
export const enum Missing {
  NONE = 0,
  LAST,
  ALL,
}

/**
 * Writes a path of at most PATH_BYTES, or one from the root of any length, without "." and ".."; its bytes, 0 for the root. No NUL. Room: one
 * byte more than the path has, and PATH_BYTES for the working directory.
 */
export function pathFull(p: usize, to: usize): i32 {
  let n = 0;
  if (load<u8>(p) != SLASH) {
    n = max(getcwd(to, PATH_BYTES), 0);
    if (n > 0 && load<u8>(to + n - 1) == 0) n--;
    if (n == 1) n = 0; // the root
  }
  for (let c = load<u8>(p); c != 0; c = load<u8>(p)) {
    if (c == SLASH) {
      p++;
      continue;
    }
    let end = p;
    while (load<u8>(end) != SLASH && load<u8>(end) != 0) end++;
    const bytes = <i32>(end - p);
    if (bytes == 2 && load<u16>(p) == 0x2e2e) {
      while (n > 0 && load<u8>(to + --n) != SLASH) {}
    } else if (bytes != 1 || load<u8>(p) != 0x2e) {
      store<u8>(to + n, SLASH);
      memory.copy(to + n + 1, p, bytes);
      n += bytes + 1;
    }
    p = end;
  }
  return n;
}

/**
 * Writes the path from the root that has no symbolic link in it, ended by NUL; its bytes. Room: 3200. -errno: ENOENT for what has to be there,
 * ELOOP after 40 links, ENAMETOOLONG.
 */
export function pathCanonical(path: usize, to: usize, missing: Missing): i32 {
  const given = cstrLength(path);
  if (given == 0) return -Errno.ENOENT;
  if (given > PATH_BYTES) return -Errno.ENAMETOOLONG;
  let n = pathFull(path, to);
  let links = 0;
  for (let at = 0; at < n; ) {
    if (n > PATH_BYTES) return -Errno.ENAMETOOLONG;
    let end = at + 1;
    while (end < n && load<u8>(to + end) != SLASH) end++;
    const r = linkStat(to, end, st);
    if (r < 0 && !mayMiss(r, missing, end == n)) return r;
    if (r < 0 || load<u32>(st, Stat.TYPE) != FileType.LINK) {
      at = end;
      continue;
    }
    if (++links > LINKS_MAX) return -Errno.ELOOP;
    n = follow(to, at, end, n);
    if (n < 0) return n;
    at = 0; // ".." may have gone back
  }
  if (n == 0) store<u8>(to + n++, SLASH);
  store<u8>(to + n, 0);
  return n;
}

function mayMiss(errno: i32, missing: Missing, last: bool): bool {
  if (missing == Missing.ALL) return errno == -Errno.ENOENT || errno == -Errno.ENOTDIR;
  return missing == Missing.LAST && last && errno == -Errno.ENOENT;
}

/** Puts the target of the link that is the name from `at` to `end` in its place; the path's bytes or -errno. */
function follow(to: usize, at: i32, end: i32, n: i32): i32 {
  const bytes = linkRead(to, end, target);
  if (bytes < 0) return bytes;
  let used = 0;
  if (load<u8>(target) != SLASH) {
    memory.copy(joined, to, at);
    store<u8>(joined + at, SLASH);
    used = at + 1;
  }
  memory.copy(joined + used, target, bytes);
  used += bytes;
  memory.copy(joined + used, to + end, n - end);
  store<u8>(joined + used + n - end, 0);
  return pathFull(joined, to);
}
