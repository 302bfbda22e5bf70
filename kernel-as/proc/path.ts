// Path: absolute, normalised names: "/" alone, or "/a/b" without "//", ".", ".." and without a slash at the end.
import { Errno } from "../../abi/errno";
import { Limit } from "../../abi/layout";
import { bytesCopy, bytesEqual } from "../lib/bytes";

const SLASH: u8 = 47;
const DOT: u8 = 46;

/**
 * Writes to dst (Limit.PATH_BYTES) the absolute form of the n bytes at src, relative to the normalised path of baseBytes at base.
 * ".." of the root is the root. Returns the length, or -ENOENT for an empty path, -EINVAL for a NUL in it, -ENAMETOOLONG.
 */
export function pathNormalise(dst: usize, base: usize, baseBytes: u32, src: usize, n: u32): i32 {
  if (n == 0) return -Errno.ENOENT;
  let length: u32 = 0;
  if (load<u8>(src) != SLASH && baseBytes > 1) {
    bytesCopy(dst, base, baseBytes);
    length = baseBytes;
  }
  let at: u32 = 0;
  while (at < n) {
    const start = at;
    while (at < n && load<u8>(src + at) != SLASH) {
      if (load<u8>(src + at) == 0) return -Errno.EINVAL;
      at++;
    }
    const part = at - start;
    at++;
    if (part == 0 || (part == 1 && load<u8>(src + start) == DOT)) continue;
    if (part == 2 && load<u8>(src + start) == DOT && load<u8>(src + start + 1) == DOT) {
      length = parentLength(dst, length);
      continue;
    }
    if (length + 1 + part >= <u32>Limit.PATH_BYTES) return -Errno.ENAMETOOLONG;
    store<u8>(dst + length, SLASH);
    bytesCopy(dst + length + 1, src + start, part);
    length += 1 + part;
  }
  if (length == 0) {
    store<u8>(dst, SLASH);
    length = 1;
  }
  return <i32>length;
}

/** True if prefix is path or one of its parents: the match ends at a path boundary. "/" is a prefix of everything. */
export function pathHasPrefix(path: usize, n: u32, prefix: usize, prefixBytes: u32): bool {
  if (prefixBytes == 1) return true;
  if (n < prefixBytes || !bytesEqual(path, prefix, prefixBytes)) return false;
  return n == prefixBytes || load<u8>(path + prefixBytes) == SLASH;
}

/** Offset in path of what follows a prefix, past the slash: n when nothing follows. */
export function pathRest(n: u32, prefixBytes: u32): u32 {
  if (prefixBytes == 1) return 1;
  return n == prefixBytes ? n : prefixBytes + 1;
}

/** Length of the path's parent: 0 stands for the root while a path is being built. */
function parentLength(path: usize, n: u32): u32 {
  let length = n;
  while (length > 0) {
    length--;
    if (load<u8>(path + length) == SLASH) break;
  }
  return length;
}
