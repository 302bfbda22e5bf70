// Blocks in memory. Of a file system that is only in memory these are all there are; of one on a disk, the ones used last.
//
// Invariants
//   C1  The address of a block stays good while at most RECENT others are asked for: callers keep few addresses, for a short time.
//   C2  A dirty block may be written at any time: it is one that nothing on the disk refers to yet (space.ts).
//   C3  A block with a footer that comes from the disk is checked before anybody sees it.

import { Errno } from "../../abi/errno";
import { Advice, MapFlag, Prot } from "../../abi/syscall";
import { isError, madvise, mmap, pread, pwrite } from "../sys";
import { crc32 } from "./crc";
import { Block, Footer, Kind } from "./format";

const RECENT: u32 = 64;
const SLOT_BYTES: u32 = 16;
/** Blocks that go to the disk in one write. */
const RUN: u32 = 128;

const enum Slot {
  BLOCK = 0, // 0: unused (block 0 is a superblock, which is never cached)
  TICK = 4, // when it was asked for last
  KIND = 8,
  DIRTY = 12,
}

let disk = -1;
let base: usize = 0; // of the blocks: by number in memory, by slot with a disk
let slots: u32 = 0;
let slotTable: usize = 0;
let slotOf: usize = 0; // for each block: its slot + 1, 0: not in memory
let order: usize = 0; // dirty blocks, sorted, while they are written
let staging: usize = 0;
let tick: u32 = 0;
let hand: u32 = 0;
let dirtyCount: u32 = 0;
let generation: u32 = 0;

/** Why the last function that returned 0 did. */
export let cacheError: i32 = 0;

/** Room of so many bytes that takes no memory before it is used; 0: no address space. */
export function reserve(bytes: usize): usize {
  const at = mmap(0, bytes, Prot.READ | Prot.WRITE, MapFlag.PRIVATE | MapFlag.ANONYMOUS, -1, 0);
  return isError(at) ? 0 : at;
}

/** fd -1: all `blocks` blocks are in memory. Else `count` of them at a time. 0 or -ENOMEM. */
export function cacheOpen(fd: i32, blocks: u32, count: u32): i32 {
  disk = fd;
  slots = fd < 0 ? blocks : count;
  base = reserve((<usize>slots) << Block.SHIFT);
  if (base == 0) return -Errno.ENOMEM;
  if (fd < 0) return 0;
  slotTable = reserve(<usize>slots * SLOT_BYTES);
  order = reserve(<usize>slots * 4);
  slotOf = reserve(<usize>blocks * 4);
  staging = reserve((<usize>RUN) << Block.SHIFT);
  return slotTable == 0 || order == 0 || slotOf == 0 || staging == 0 ? -Errno.ENOMEM : 0;
}

/** What footers written from now on say. */
export function cacheGeneration(value: u64): void {
  generation = <u32>value;
}

/** The block's bytes, 0: cacheError. To change them, blockDirty() first. */
export function blockAt(block: u32, kind: Kind): usize {
  if (disk < 0) return base + ((<usize>block) << Block.SHIFT);
  const known = load<u32>(slotOf + (block << 2));
  if (known != 0) {
    store<u32>(slotAt(known - 1), ++tick, Slot.TICK);
    return bytesOf(known - 1);
  }
  const slot = take(block, kind);
  if (slot < 0) return 0;
  const at = bytesOf(slot);
  const n = pread(disk, at, Block.BYTES, (<i64>block) << Block.SHIFT);
  if (n == Block.BYTES && (kind == Kind.BYTES || footerIsGood(at, block, kind))) return at;
  cacheError = n < 0 ? n : -Errno.EIO;
  blockForget(block);
  return 0;
}

/** A block that has just been allocated: zeros, and dirty. 0: cacheError. */
export function blockNew(block: u32, kind: Kind): usize {
  if (disk < 0) return base + ((<usize>block) << Block.SHIFT); // never used, or given back by blockForget: the kernel gives zeros
  const known = load<u32>(slotOf + (block << 2));
  const slot = known != 0 ? <i32>(known - 1) : take(block, kind);
  if (slot < 0) return 0;
  store<u32>(slotAt(slot), kind, Slot.KIND);
  blockDirty(block);
  memory.fill(bytesOf(slot), 0, Block.BYTES);
  return bytesOf(slot);
}

/** The block, which is in memory, is about to be changed. */
export function blockDirty(block: u32): void {
  if (disk < 0) return;
  const slot = slotAt(load<u32>(slotOf + (block << 2)) - 1);
  if (load<u32>(slot, Slot.DIRTY) != 0) return;
  store<u32>(slot, 1, Slot.DIRTY);
  dirtyCount++;
}

/** The block is free: its bytes need not be kept. */
export function blockForget(block: u32): void {
  if (disk < 0) {
    madvise(base + ((<usize>block) << Block.SHIFT), Block.BYTES, Advice.DONTNEED);
    return;
  }
  const known = load<u32>(slotOf + (block << 2));
  if (known == 0) return;
  const slot = slotAt(known - 1);
  if (load<u32>(slot, Slot.DIRTY) != 0) dirtyCount--;
  memory.fill(slot, 0, SLOT_BYTES);
  store<u32>(slotOf + (block << 2), 0);
}

/** Blocks changed and not yet written. */
export function cacheDirty(): u32 {
  return dirtyCount;
}

/** Writes every dirty block, neighbours together. 0 or -errno: some are still dirty. */
export function cacheWrite(): i32 {
  if (dirtyCount == 0) return 0;
  let n: u32 = 0;
  for (let i: u32 = 0; i < slots; i++) {
    const slot = slotAt(i);
    if (load<u32>(slot, Slot.DIRTY) == 0) continue;
    store<u32>(order + (n++ << 2), load<u32>(slot));
  }
  sort(order, n);
  for (let i: u32 = 0; i < n; ) {
    const first = load<u32>(order + (i << 2));
    let run: u32 = 0;
    while (i + run < n && run < RUN && load<u32>(order + ((i + run) << 2)) == first + run) {
      stage(first + run, run);
      run++;
    }
    const bytes = <i32>(run << Block.SHIFT);
    const done = pwrite(disk, staging, bytes, (<i64>first) << Block.SHIFT);
    if (done != bytes) return done < 0 ? done : -Errno.EIO;
    for (let k: u32 = 0; k < run; k++) clean(first + k);
    i += run;
  }
  return 0;
}

/** Ends a block of this kind with its footer. */
export function footerWrite(at: usize, block: u32, kind: Kind): void {
  store<u32>(at, kind, Footer.KIND);
  store<u32>(at, block, Footer.BLOCK);
  store<u32>(at, generation, Footer.GENERATION);
  store<u32>(at, crc32(at, Footer.CRC), Footer.CRC);
}

export function footerIsGood(at: usize, block: u32, kind: Kind): bool {
  if (load<u32>(at, Footer.KIND) != <u32>kind || load<u32>(at, Footer.BLOCK) != block) return false;
  return load<u32>(at, Footer.CRC) == crc32(at, Footer.CRC);
}

function slotAt(slot: u32): usize {
  return slotTable + slot * SLOT_BYTES;
}

function bytesOf(slot: u32): usize {
  return base + ((<usize>slot) << Block.SHIFT);
}

/** A slot for the block, whose bytes are whatever was there. -1: cacheError. */
function take(block: u32, kind: Kind): i32 {
  const slot = victim();
  if (slot < 0) return -1;
  const at = slotAt(slot);
  const old = load<u32>(at);
  if (old != 0) blockForget(old);
  store<u32>(at, block);
  store<u32>(at, ++tick, Slot.TICK);
  store<u32>(at, kind, Slot.KIND);
  store<u32>(slotOf + (block << 2), slot + 1);
  return slot;
}

/** A slot that is unused, or whose clean block was not asked for lately. The dirty ones are all written when such a one is due. */
function victim(): i32 {
  for (let age = slots >>> 1; ; age = age > RECENT * 2 ? age >>> 1 : RECENT) {
    for (let i: u32 = 0; i < slots; i++) {
      const slot = hand;
      hand = hand + 1 == slots ? 0 : hand + 1;
      const at = slotAt(slot);
      if (load<u32>(at) == 0) return slot;
      if (tick - load<u32>(at, Slot.TICK) <= age) continue;
      if (load<u32>(at, Slot.DIRTY) != 0) {
        cacheError = cacheWrite();
        if (cacheError < 0) return -1;
      }
      return slot;
    }
    if (age == RECENT) break;
  }
  cacheError = -Errno.ENOMEM;
  return -1;
}

function stage(block: u32, index: u32): void {
  const known = load<u32>(slotOf + (block << 2)) - 1;
  const kind = load<u32>(slotAt(known), Slot.KIND);
  const from = bytesOf(known);
  if (kind != Kind.BYTES) footerWrite(from, block, kind);
  memory.copy(staging + ((<usize>index) << Block.SHIFT), from, Block.BYTES);
}

function clean(block: u32): void {
  store<u32>(slotAt(load<u32>(slotOf + (block << 2)) - 1), 0, Slot.DIRTY);
  dirtyCount--;
}

/** Shell sort: blocks are allocated in rising order, so little is out of place. */
function sort(at: usize, n: u32): void {
  for (let gap = n >>> 1; gap > 0; gap >>>= 1) {
    for (let i = gap; i < n; i++) {
      const value = load<u32>(at + (i << 2));
      let k = i;
      while (k >= gap && load<u32>(at + ((k - gap) << 2)) > value) {
        store<u32>(at + (k << 2), load<u32>(at + ((k - gap) << 2)));
        k -= gap;
      }
      store<u32>(at + (k << 2), value);
    }
  }
}
