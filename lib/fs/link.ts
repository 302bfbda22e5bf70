// Symbolic links: inodes whose bytes are a path, the target. Nothing here follows one.
//
// What is on the disk is not believed: an inode of type LINK whose bytes are no target (targetCheck) is a damaged link. It can be removed and
// renamed, and has names like any other; whoever asks where it leads gets -EIO.

import { Errno } from "../../abi/errno";
import { readBytes, sizeOf } from "./file";
import { LinkLimit } from "./format";

/** What the last linkRead() has read. */
export const linkTarget: usize = memory.data(1024);
export let linkBytes: u32 = 0;

if (LinkLimit.TARGET_BYTES > 1024) ERROR("a target is longer than its room");

/** Reads a link's target to linkTarget. 0, or -EIO: it is damaged or cannot be read. */
export function linkRead(inode: u32): i32 {
  linkBytes = 0;
  const size = sizeOf(inode);
  if (size <= 0) return size < 0 ? <i32>size : -Errno.EIO;
  if (size > LinkLimit.TARGET_BYTES) return -Errno.EIO;
  const n = readBytes(inode, linkTarget, <u32>size, 0);
  if (n != <i32>size) return n < 0 ? n : -Errno.EIO;
  if (targetCheck(linkTarget, n) < 0) return -Errno.EIO;
  linkBytes = n;
  return 0;
}

/** 0 for a text that a link may have as its target; -ENOENT: none, -ENAMETOOLONG, -EINVAL: a byte 0. */
export function targetCheck(target: usize, n: u32): i32 {
  if (n == 0) return -Errno.ENOENT;
  if (n > <u32>LinkLimit.TARGET_BYTES) return -Errno.ENAMETOOLONG;
  for (let i: u32 = 0; i < n; i++) {
    if (load<u8>(target + i) == 0) return -Errno.EINVAL;
  }
  return 0;
}
