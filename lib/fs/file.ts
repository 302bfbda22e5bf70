// A file's bytes, by inode: read, write, size.

import { Errno } from "../../abi/errno";
import { Block, FileLimit, Inode } from "./format";
import { failure, inodeAt, inodeEdit, inodeTouch } from "./inode";
import { bytesAt, bytesEdit, cut } from "./map";

/** Bytes of the file or directory, or -errno. */
export function sizeOf(inode: u32): i64 {
  const at = inodeAt(inode);
  return at == 0 ? failure : load<i64>(at, Inode.SIZE);
}

/** Copies up to n bytes at offset to `to`: bytes, 0 at the end, or -errno. */
export function readBytes(inode: u32, to: usize, n: u32, offset: u64): i32 {
  const size = sizeOf(inode);
  if (size < 0) return <i32>size;
  if (offset >= <u64>size) return 0;
  const total = <u32>min<u64>(n, <u64>size - offset);
  let done: u32 = 0;
  while (done < total) {
    const at = offset + done;
    const inside = <u32>at & Block.MASK;
    const part = min<u32>(total - done, Block.BYTES - inside);
    const bytes = bytesAt(inode, <u32>(at >> Block.SHIFT));
    if (bytes != 0) memory.copy(to + done, bytes + inside, part);
    else if (failure == 0) memory.fill(to + done, 0, part);
    else return done > 0 ? <i32>done : failure;
    done += part;
  }
  return <i32>done;
}

/** Copies n bytes to offset, growing the file: bytes (fewer when the file system is full), or -errno. */
export function writeBytes(inode: u32, from: usize, n: u32, offset: u64): i32 {
  const size = sizeOf(inode);
  if (size < 0) return <i32>size;
  const limit = (<u64>FileLimit.BLOCKS) << Block.SHIFT;
  if (offset >= limit && n > 0) return -Errno.EFBIG;
  const total = <u32>min<u64>(n, limit - offset);
  let done: u32 = 0;
  while (done < total) {
    const at = offset + done;
    const inside = <u32>at & Block.MASK;
    const part = min<u32>(total - done, Block.BYTES - inside);
    const bytes = bytesEdit(inode, <u32>(at >> Block.SHIFT), part == Block.BYTES, true);
    if (bytes == 0) break;
    memory.copy(bytes + inside, from + done, part);
    done += part;
  }
  if (done == 0) return total == 0 ? 0 : failure;
  const edited = inodeEdit(inode);
  if (edited == 0) return failure;
  if (offset + done > <u64>size) store<u64>(edited, offset + done, Inode.SIZE);
  inodeTouch(edited);
  return <i32>done;
}

/** Sets the size: blocks past it go, bytes that were never written are zeros. 0 or -errno. */
export function resize(inode: u32, size: u64): i32 {
  const old = sizeOf(inode);
  if (old < 0) return <i32>old;
  if (size > (<u64>FileLimit.BLOCKS) << Block.SHIFT) return -Errno.EFBIG;
  if (size < <u64>old) {
    if (!cut(inode, <u32>((size + Block.MASK) >> Block.SHIFT))) return failure;
    const inside = <u32>size & Block.MASK;
    if (inside != 0) {
      const index = <u32>(size >> Block.SHIFT);
      const is = bytesAt(inode, index);
      if (is == 0 && failure != 0) return failure;
      if (is != 0) {
        const bytes = bytesEdit(inode, index, false, true);
        if (bytes == 0) return failure;
        memory.fill(bytes + inside, 0, Block.BYTES - inside);
      }
    }
  }
  const edited = inodeEdit(inode);
  if (edited == 0) return failure;
  store<u64>(edited, size, Inode.SIZE);
  inodeTouch(edited);
  return 0;
}
