// Where a file's bytes lie: block number of each 4 KiB of it, directly in the inode, in a leaf, or in leaves that a double block lists.
// A hole has block 0 and reads as zeros.

import { Errno } from "../../abi/errno";
import { blockAt, blockDirty, blockNew, cacheError } from "./cache";
import { Block, FileLimit, Inode, Kind } from "./format";
import { editAt, fail, inodeAt, inodeEdit } from "./inode";
import { spaceFree, spaceIsFresh, spaceTake } from "./space";

const LEAF_START: u32 = Inode.DIRECTS;
const DOUBLE_START: u32 = LEAF_START + Block.POINTERS;

/** Address of the bytes of the file's block `index`, to be read. 0: a hole (failure 0), or failure. */
export function bytesAt(inode: u32, index: u32): usize {
  fail(0);
  const block = blockOf(inode, index);
  if (block == 0) return 0;
  const at = blockAt(block, Kind.BYTES);
  return at == 0 ? <usize>fail(cacheError) : at;
}

/**
 * Address of the bytes of the file's block `index`, to be changed; `whole`: all of them will be, what they were does not
 * matter; `ofFile`: none of the reserve is for them. 0: failure.
 */
export function bytesEdit(inode: u32, index: u32, whole: bool, ofFile: bool): usize {
  if (index >= <u32>FileLimit.BLOCKS) return fail(-Errno.EFBIG);
  const cell = cellEdit(inode, index);
  if (cell == 0) return 0;
  const old = load<u32>(cell);
  if (old != 0 && spaceIsFresh(old)) {
    const at = blockAt(old, Kind.BYTES);
    if (at == 0) return fail(cacheError);
    blockDirty(old);
    return at;
  }
  const block = spaceTake(ofFile);
  if (block == 0) return fail(-Errno.ENOSPC);
  const from = old == 0 || whole ? <usize>0 : blockAt(old, Kind.BYTES);
  const at = from == 0 && old != 0 && !whole ? <usize>0 : blockNew(block, Kind.BYTES);
  if (at == 0) {
    spaceFree(block);
    return fail(cacheError);
  }
  if (from != 0) memory.copy(at, from, Block.BYTES);
  store<u32>(cell, block);
  if (old != 0) spaceFree(old);
  return at;
}

/** Gives back the file's blocks from `first` on. False: failure, with some of them given back. */
export function cut(inode: u32, first: u32): bool {
  for (let i = first; i < <u32>Inode.DIRECTS; i++) {
    const at = inodeAt(inode);
    if (at == 0) return false;
    if (load<u32>(at + (i << 2), Inode.DIRECT) == 0) continue;
    const cell = inodeEdit(inode);
    if (cell == 0) return false;
    drop(cell + Inode.DIRECT + (i << 2));
  }
  return cutLeaf(inode, first) && cutDouble(inode, first);
}

function cutLeaf(inode: u32, first: u32): bool {
  const at = inodeAt(inode);
  if (at == 0) return false;
  if (load<u32>(at, Inode.LEAF) == 0 || first >= DOUBLE_START) return true;
  const edited = inodeEdit(inode);
  return (
    edited != 0 && cutPointers(edited + Inode.LEAF, first > LEAF_START ? first - LEAF_START : 0)
  );
}

function cutDouble(inode: u32, first: u32): bool {
  const at = inodeAt(inode);
  if (at == 0) return false;
  if (load<u32>(at, Inode.DOUBLE) == 0) return true;
  const edited = inodeEdit(inode);
  if (edited == 0) return false;
  const start = first > DOUBLE_START ? first - DOUBLE_START : 0;
  const double = editAt(edited + Inode.DOUBLE, Kind.DOUBLE);
  if (double == 0) return false;
  for (let i = start / Block.POINTERS; i < <u32>Block.POINTERS; i++) {
    const list = blockAt(double, Kind.DOUBLE);
    if (list == 0) return fail(cacheError) != 0;
    if (load<u32>(list + (i << 2)) == 0) continue;
    const from = i == start / Block.POINTERS ? start % Block.POINTERS : 0;
    if (!cutPointers(list + (i << 2), from)) return false;
  }
  if (start != 0) return true;
  const end = inodeEdit(inode);
  if (end == 0) return false;
  drop(end + Inode.DOUBLE);
  return true;
}

/** Drops the pointers from `first` on in the leaf that `cell` names, and the leaf itself if nothing is left. */
function cutPointers(cell: usize, first: u32): bool {
  const old = load<u32>(cell);
  if (first == 0) {
    const leaf = blockAt(old, Kind.LEAF);
    if (leaf == 0) return fail(cacheError) != 0;
    for (let i: u32 = 0; i < <u32>Block.POINTERS; i++) {
      if (load<u32>(leaf + (i << 2)) != 0) spaceFree(load<u32>(leaf + (i << 2)));
    }
    drop(cell);
    return true;
  }
  const block = editAt(cell, Kind.LEAF);
  if (block == 0) return false;
  const leaf = blockAt(block, Kind.LEAF);
  if (leaf == 0) return fail(cacheError) != 0;
  for (let i = first; i < <u32>Block.POINTERS; i++) drop(leaf + (i << 2));
  return true;
}

function drop(cell: usize): void {
  const block = load<u32>(cell);
  if (block == 0) return;
  store<u32>(cell, 0);
  spaceFree(block);
}

function blockOf(inode: u32, index: u32): u32 {
  const at = inodeAt(inode);
  if (at == 0 || index >= <u32>FileLimit.BLOCKS) return 0;
  if (index < LEAF_START) return load<u32>(at + (index << 2), Inode.DIRECT);
  if (index < DOUBLE_START)
    return pointerOf(load<u32>(at, Inode.LEAF), Kind.LEAF, index - LEAF_START);
  const rest = index - DOUBLE_START;
  const leaf = pointerOf(load<u32>(at, Inode.DOUBLE), Kind.DOUBLE, rest / Block.POINTERS);
  return pointerOf(leaf, Kind.LEAF, rest % Block.POINTERS);
}

function pointerOf(block: u32, kind: Kind, index: u32): u32 {
  if (block == 0) return 0;
  const list = blockAt(block, kind);
  return list == 0 ? fail(cacheError) : load<u32>(list + (index << 2));
}

/** Address of the pointer to the file's block, in a block that may be changed. 0: failure. */
function cellEdit(inode: u32, index: u32): usize {
  const at = inodeEdit(inode);
  if (at == 0) return 0;
  if (index < LEAF_START) return at + Inode.DIRECT + (index << 2);
  if (index < DOUBLE_START) return cellIn(at + Inode.LEAF, Kind.LEAF, index - LEAF_START);
  const rest = index - DOUBLE_START;
  const cell = cellIn(at + Inode.DOUBLE, Kind.DOUBLE, rest / Block.POINTERS);
  return cell == 0 ? 0 : cellIn(cell, Kind.LEAF, rest % Block.POINTERS);
}

function cellIn(pointer: usize, kind: Kind, index: u32): usize {
  const block = editAt(pointer, kind);
  if (block == 0) return 0;
  const list = blockAt(block, kind);
  return list == 0 ? <usize>fail(cacheError) : list + (index << 2);
}
