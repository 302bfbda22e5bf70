// Ramfs: the files of /tmp, in frames of RAM. Flat: names have no slash. A file has one frame that lists its frames, so at most
// RAM_FILE_BYTES; a hole is a frame number 0 and reads as zeros.
//
// Invariants
//   T1  A node is used while it has a name or an open file. Removed files keep their bytes until they are closed.
//   T2  Bytes past the size, up to the end of its last frame, are zero.
//
// Locks     kernel lock.
import { Errno } from "../../abi/errno";
import { Frame } from "../../abi/layout";
import { nowNs } from "../arch/io";
import { bytesCopy, bytesEqual, bytesZero } from "../lib/bytes";
import { Vars } from "../lib/vars";
import { pmmAlloc, pmmFree } from "../mm/pmm";
import { Space } from "../mm/space";
import { copyIn, copyOut } from "../mm/usercopy";

const RAM_FILES: u32 = 64;
const RAM_FILE_FRAMES: u32 = Frame.BYTES / 4;
const RAM_FILE_BYTES: u32 = RAM_FILE_FRAMES * Frame.BYTES;
const NODE_BYTES: u32 = 128;
const NAME_OFFSET: usize = 32;
export const RAM_NAME_BYTES: u32 = NODE_BYTES - <u32>NAME_OFFSET;

@unmanaged
export class RamFile {
  used: u32;
  open: u32; // files that refer to it
  index: u32; // frame of frame numbers, 0 while it is empty
  size: u32;
  nameBytes: u32; // 0: removed
  changedNs: u64;
}

const RAMFS_TABLE: usize = Vars.DEV + 0xa0;
export const RAMFS_TABLE_BYTES: u32 = RAM_FILES * NODE_BYTES;

export function ramfsInit(table: usize): void {
  store<u32>(RAMFS_TABLE, table);
}

/** The node with this index, or null: free or removed. */
export function ramfsAt(index: u32): RamFile | null {
  if (index >= RAM_FILES) return null;
  const node = nodeAt(index);
  return node.used != 0 && node.nameBytes != 0 ? node : null;
}

export const RAMFS_NODES: u32 = RAM_FILES;

export function ramfsName(node: RamFile): usize {
  return changetype<usize>(node) + NAME_OFFSET;
}

export function ramfsFind(name: usize, n: u32): RamFile | null {
  for (let i: u32 = 0; i < RAM_FILES; i++) {
    const node = ramfsAt(i);
    if (node !== null && node.nameBytes == n && bytesEqual(ramfsName(node), name, n)) return node;
  }
  return null;
}

/** A new empty file, or null: all nodes are in use. The name has 1..RAM_NAME_BYTES bytes and is not taken. */
export function ramfsCreate(name: usize, n: u32): RamFile | null {
  for (let i: u32 = 0; i < RAM_FILES; i++) {
    const node = nodeAt(i);
    if (node.used != 0) continue;
    bytesZero(changetype<usize>(node), NODE_BYTES);
    node.used = 1;
    node.nameBytes = n;
    node.changedNs = nowNs();
    bytesCopy(ramfsName(node), name, n);
    return node;
  }
  return null;
}

export function ramfsOpen(node: RamFile): void {
  node.open++;
}

export function ramfsClose(node: RamFile): void {
  node.open--;
  freeIfUnused(node);
}

export function ramfsRemove(node: RamFile): void {
  node.nameBytes = 0;
  freeIfUnused(node);
}

/** Gives the file another name of 1..RAM_NAME_BYTES bytes; a file that has it is removed. */
export function ramfsRename(node: RamFile, name: usize, n: u32): void {
  const other = ramfsFind(name, n);
  if (other === node) return;
  if (other !== null) ramfsRemove(other);
  node.nameBytes = n;
  bytesCopy(ramfsName(node), name, n);
}

/** Copies up to n bytes at offset to user memory: bytes, 0 at the end, -EFAULT. */
export function ramfsRead(node: RamFile, space: Space, va: u32, n: u32, offset: u64): i32 {
  if (offset >= node.size) return 0;
  const total = min(n, node.size - <u32>offset);
  let done: u32 = 0;
  while (done < total) {
    const at = <u32>offset + done;
    const part = min<u32>(total - done, Frame.BYTES - (at & (Frame.BYTES - 1)));
    const host = byteAt(node, at, false);
    const copied =
      host == 0 ? copyZeros(space, va + done, part) : copyOut(space, va + done, host, part);
    if (copied <= 0) break;
    done += <u32>copied;
    if (<u32>copied < part) break;
  }
  return done == 0 && total > 0 ? -Errno.EFAULT : <i32>done;
}

/** Copies n bytes from user memory to offset, growing the file: bytes (short when memory runs out), -EFBIG, -ENOSPC, -EFAULT. */
export function ramfsWrite(node: RamFile, space: Space, va: u32, n: u32, offset: u64): i32 {
  if (offset >= RAM_FILE_BYTES) return n == 0 ? 0 : -Errno.EFBIG;
  const total = min(n, RAM_FILE_BYTES - <u32>offset);
  let done: u32 = 0;
  let error: i32 = 0;
  while (done < total) {
    const at = <u32>offset + done;
    const part = min<u32>(total - done, Frame.BYTES - (at & (Frame.BYTES - 1)));
    const host = byteAt(node, at, true);
    if (host == 0) {
      error = -Errno.ENOSPC;
      break;
    }
    const copied = copyIn(space, host, va + done, part);
    if (copied <= 0) {
      error = -Errno.EFAULT;
      break;
    }
    done += <u32>copied;
    if (at + <u32>copied > node.size) node.size = at + <u32>copied;
    if (<u32>copied < part) break;
  }
  if (done > 0) node.changedNs = nowNs();
  return done > 0 ? <i32>done : error;
}

/** Sets the size; frames past it go, bytes before it that were never written are zero. 0 or -EFBIG. */
export function ramfsTruncate(node: RamFile, size: u64): i32 {
  if (size > RAM_FILE_BYTES) return -Errno.EFBIG;
  if (node.index != 0 && size < node.size) {
    const first = (<u32>size + Frame.BYTES - 1) >> Frame.SHIFT;
    for (let i = first; i < RAM_FILE_FRAMES; i++) freeFrame(node, i);
    const host = byteAt(node, <u32>size, false);
    const used = <u32>size & (Frame.BYTES - 1);
    if (host != 0 && used != 0) bytesZero(host, Frame.BYTES - used);
  }
  node.size = <u32>size;
  node.changedNs = nowNs();
  if (size == 0 && node.index != 0) {
    pmmFree(node.index);
    node.index = 0;
  }
  return 0;
}

function nodeAt(index: u32): RamFile {
  return changetype<RamFile>(load<u32>(RAMFS_TABLE) + index * NODE_BYTES);
}

/** Host offset of a byte, 0 when there is no frame for it (and none could be had, with allocate). */
function byteAt(node: RamFile, at: u32, allocate: bool): usize {
  if (at >= RAM_FILE_BYTES) return 0;
  if (node.index == 0) {
    if (!allocate) return 0;
    node.index = pmmAlloc(true);
    if (node.index == 0) return 0;
  }
  const slot = ((<usize>node.index) << Frame.SHIFT) + ((at >> Frame.SHIFT) << 2);
  if (load<u32>(slot) == 0) {
    if (!allocate) return 0;
    store<u32>(slot, pmmAlloc(true));
    if (load<u32>(slot) == 0) return 0;
  }
  return ((<usize>load<u32>(slot)) << Frame.SHIFT) + (at & (Frame.BYTES - 1));
}

function freeFrame(node: RamFile, index: u32): void {
  const slot = ((<usize>node.index) << Frame.SHIFT) + (index << 2);
  if (load<u32>(slot) == 0) return;
  pmmFree(load<u32>(slot));
  store<u32>(slot, 0);
}

function freeIfUnused(node: RamFile): void {
  if (node.open != 0 || node.nameBytes != 0) return;
  ramfsTruncate(node, 0);
  node.used = 0;
}

/** Zeros come from a run of the kernel's static area that nothing writes. */
function copyZeros(space: Space, va: u32, n: u32): i32 {
  return copyOut(space, va, ZEROS, n);
}

/** The page of zeros at physical address 0: never mapped and never written. */
const ZEROS: usize = 0;

if (offsetof<RamFile>() > NAME_OFFSET) ERROR("RamFile's fields run into its name");
