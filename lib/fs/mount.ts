// Mounting and committing: how the tree of blocks and the disk agree.
//
// Invariants
//   M1  The disk holds at every moment at least one valid superblock whose whole tree is intact: a commit first writes all new blocks to
//       places that the last tree does not use, waits until they are durable, and then writes the other superblock.
//   M2  When a superblock could not be written, nobody knows which one counts: from then on nothing is changed (broken).
//   M3  Mounting reads every block but those with bytes once, and no block twice: it takes no longer than the disk is large.

import { Errno } from "../../abi/errno";
import { FileType, SysInfo } from "../../abi/syscall";
import { ctlText } from "../ctl";
import { pread, pwrite, sysinfo } from "../sys";
import {
  blockAt,
  cacheGeneration,
  cacheOpen,
  cacheWrite,
  footerIsGood,
  footerWrite,
} from "./cache";
import { Block, FileLimit, Inode, Kind, Super } from "./format";
import {
  failure,
  inodeAt,
  inodeClaim,
  inodeCreate,
  inodeFree,
  inodeMap,
  inodesOpen,
} from "./inode";
import { cut } from "./map";
import { spaceBlocks, spaceClaim, spaceCommitted, spaceOpen } from "./space";

const LEAST_BLOCKS: u32 = 256;
const MOST_BLOCKS: u32 = 0x100000;
const SLOTS_LEAST: u32 = 512;
const SLOTS_MOST: u32 = 2048;

const supers: usize = memory.data(8192, 8);
const info: usize = memory.data(256, 8);

let disk = -1;
let generation: u64 = 0;
let changed = false;

/** M2 */
export let broken = false;
/** What mounting found worth saying, for the log; "" for nothing. */
export let remark: string = "";

/** An empty file system in memory, of so many blocks at most. 0 or -ENOMEM. */
export function mountMemory(blocks: u32): i32 {
  let r = cacheOpen(-1, blocks, 0);
  if (r == 0) r = spaceOpen(blocks, true);
  return r == 0 ? makeRoot() : r;
}

/**
 * The file system on the disk that `fd` is, of `bytes` bytes; a disk that is all zeros at its start gets an empty one.
 * 0; -EINVAL: it holds something else, or both trees are damaged; -EIO, -ENOMEM.
 */
export function mountDisk(fd: i32, bytes: u64): i32 {
  const blocks = <u32>min<u64>(bytes >> Block.SHIFT, MOST_BLOCKS);
  if (blocks < LEAST_BLOCKS) return -Errno.EINVAL;
  disk = fd;
  sysinfo(info);
  const share = load<u32>(info, SysInfo.TOTAL_FRAMES) >>> 4;
  const r = cacheOpen(fd, blocks, min(max(share, SLOTS_LEAST), SLOTS_MOST));
  if (r < 0) return r;
  if (pread(fd, supers, 2 * Block.BYTES, 0) != 2 * Block.BYTES) return -Errno.EIO;
  const first = generationOf(0, blocks);
  const second = generationOf(1, blocks);
  if (first == 0 && second == 0) {
    if (!isBlank()) return -Errno.EINVAL;
    remark = "made a new file system";
    return format(blocks);
  }
  const newest: u32 = first > second ? 0 : 1;
  if (mountTree(newest, blocks)) return 0;
  const other: u32 = 1 - newest;
  if (generationOf(other, blocks) == 0 || !mountTree(other, blocks)) return -Errno.EINVAL;
  remark = "the newest tree is damaged, the one before it is used";
  return 0;
}

/** Something is about to change. False: it must not. */
export function begin(): bool {
  if (broken) return false;
  changed = true;
  return true;
}

/** Whether anything was changed since the last commit. */
export function isChanged(): bool {
  return changed;
}

/** Makes everything so far durable, all or nothing. 0 or -EIO. In memory there is nothing to do. */
export function commit(): i32 {
  if (!changed || disk < 0) return 0;
  if (broken) return -Errno.EIO;
  let r = cacheWrite();
  if (r == 0) r = flush();
  if (r < 0) return r; // what was written is referred to by nothing: it can be tried again
  const slot = <u32>(generation + 1) & 1;
  const at = supers + slot * Block.BYTES;
  memory.fill(at, 0, Block.BYTES);
  store<u32>(at, Super.MAGIC_VALUE);
  store<u32>(at, Super.VERSION_VALUE, Super.VERSION);
  store<u64>(at, generation + 1, Super.GENERATION);
  store<u32>(at, spaceBlocks(), Super.BLOCKS);
  store<u32>(at, inodeMap(), Super.MAP);
  footerWrite(at, slot, Kind.SUPER);
  const written = pwrite(disk, at, Block.BYTES, (<i64>slot) << Block.SHIFT);
  if (written != Block.BYTES || flush() < 0) {
    broken = true;
    return -Errno.EIO;
  }
  generation++;
  cacheGeneration(generation + 1);
  spaceCommitted();
  changed = false;
  return 0;
}

function flush(): i32 {
  return ctlText(disk, "sync");
}

function format(blocks: u32): i32 {
  let r = spaceOpen(blocks, false);
  cacheGeneration(1);
  if (r == 0) r = makeRoot();
  return r == 0 ? commit() : r;
}

function makeRoot(): i32 {
  changed = true;
  const r = inodesOpen(0);
  if (r < 0) return r;
  return inodeCreate(FileType.DIRECTORY, 0o777) == Inode.ROOT ? 0 : failure;
}

/** Of the superblock in a slot, 0: it is none. */
function generationOf(slot: u32, blocks: u32): u64 {
  const at = supers + slot * Block.BYTES;
  if (!footerIsGood(at, slot, Kind.SUPER)) return 0;
  if (load<u32>(at) != <u32>Super.MAGIC_VALUE) return 0;
  const version = load<u32>(at, Super.VERSION);
  if (version < <u32>Super.VERSION_FIRST || version > <u32>Super.VERSION_VALUE) return 0;
  if (load<u32>(at, Super.BLOCKS) > blocks) return 0;
  return load<u64>(at, Super.GENERATION);
}

function isBlank(): bool {
  for (let at: usize = 0; at < 2 * Block.BYTES; at += 8) {
    if (load<u64>(supers + at) != 0) return false;
  }
  return true;
}

/** Takes the tree of a superblock if it is intact: every block of it is where it should be and in use once. */
function mountTree(slot: u32, blocks: u32): bool {
  const at = supers + slot * Block.BYTES;
  generation = load<u64>(at, Super.GENERATION);
  cacheGeneration(generation + 1);
  const map = load<u32>(at, Super.MAP);
  if (spaceOpen(blocks, false) < 0 || inodesOpen(map) < 0) return false;
  changed = false;
  if (!spaceClaim(map)) return false;
  for (let i: u32 = 0; i < <u32>Block.POINTERS; i++) {
    const list = blockAt(map, Kind.MAP); // each time: other blocks may have taken its place in memory
    if (list == 0) return false;
    const table = load<u32>(list + (i << 2));
    if (table != 0 && !claimTable(i, table)) return false;
  }
  const root = inodeAt(Inode.ROOT);
  if (root == 0 || load<u32>(root) != FileType.DIRECTORY) return false;
  return freeOrphans();
}

function claimTable(index: u32, table: u32): bool {
  if (!spaceClaim(table)) return false;
  for (let i: u32 = 0; i < <u32>Inode.PER_BLOCK; i++) {
    const list = blockAt(table, Kind.TABLE);
    if (list == 0) return false;
    const inode = list + i * Inode.BYTES;
    if (load<u32>(inode) == 0) continue;
    if (!mayBe(inode)) return false;
    inodeClaim(index * Inode.PER_BLOCK + i, inode);
    for (let k: usize = 0; k < <usize>Inode.DIRECTS; k++) {
      if (!claimed(load<u32>(inode + (k << 2), Inode.DIRECT))) return false;
    }
    const leaf = load<u32>(inode, Inode.LEAF);
    const double = load<u32>(inode, Inode.DOUBLE);
    if (leaf != 0 && !claimLeaf(leaf)) return false;
    if (double != 0 && !claimDouble(double)) return false;
  }
  return true;
}

/** True if the fields of an inode in use are such as this file system writes. */
function mayBe(inode: usize): bool {
  const type = load<u32>(inode);
  if (type != FileType.FILE && type != FileType.DIRECTORY && type != FileType.LINK) return false;
  return load<u64>(inode, Inode.SIZE) <= (<u64>FileLimit.BLOCKS) << Block.SHIFT;
}

function claimed(block: u32): bool {
  return block == 0 || spaceClaim(block);
}

function claimLeaf(leaf: u32): bool {
  if (!spaceClaim(leaf)) return false;
  const list = blockAt(leaf, Kind.LEAF);
  if (list == 0) return false;
  for (let i: usize = 0; i < <usize>Block.POINTERS; i++) {
    if (!claimed(load<u32>(list + (i << 2)))) return false;
  }
  return true;
}

function claimDouble(double: u32): bool {
  if (!spaceClaim(double)) return false;
  for (let i: usize = 0; i < <usize>Block.POINTERS; i++) {
    const list = blockAt(double, Kind.DOUBLE);
    if (list == 0) return false;
    const leaf = load<u32>(list + (i << 2));
    if (leaf != 0 && !claimLeaf(leaf)) return false;
  }
  return true;
}

/** Files that were removed while somebody had them open, when the power went. */
function freeOrphans(): bool {
  for (let inode: u32 = Inode.ROOT; inode < <u32>Inode.COUNT; inode++) {
    const index = inode / Inode.PER_BLOCK;
    const list = blockAt(inodeMap(), Kind.MAP);
    if (list == 0) return false;
    if (load<u32>(list + (index << 2)) == 0) {
      inode = (index + 1) * Inode.PER_BLOCK - 1;
      continue;
    }
    const at = inodeAt(inode);
    if (at == 0) return false;
    if (load<u32>(at) == 0 || load<u32>(at, Inode.LINKS) != 0) continue;
    changed = true;
    if (!cut(inode, 0) || !inodeFree(inode)) return false;
  }
  return true;
}
