// Which blocks are in use. The disk holds no list of them: mounting finds out (mount.ts).
//
// Invariants
//   S1  A block that the tree on the disk refers to is never changed and not allocated again before a commit that no longer refers to it
//       is durable: freeing it only puts it on the list of those to come (LATER).
//   S2  A block allocated since the last commit (FRESH) may be changed in place and freed at once.
//   S3  The last RESERVE blocks hold no file's bytes: a full file system can always remove.

import { Errno } from "../../abi/errno";
import { SysInfo } from "../../abi/syscall";
import { sysinfo } from "../sys";
import { blockForget, reserve } from "./cache";
import { Block } from "./format";

const RESERVE: u32 = 64;
/** Frames that a file system in memory leaves to everybody else. */
const FRAMES_LEFT: u32 = 1024;
/** Blocks taken between two looks at how much memory is left. */
const LOOK: u32 = 32;

const info: usize = memory.data(256, 8);
let blocks: u32 = 0;
let used: usize = 0; // bitmaps
let fresh: usize = 0;
let later: usize = 0;
let free: u32 = 0;
let laterCount: u32 = 0;
let next: u32 = Block.FIRST;
let inMemory = false;
let untilLook: u32 = 0;

/** All blocks are free but the superblocks. 0 or -ENOMEM. */
export function spaceOpen(count: u32, memoryOnly: bool): i32 {
  const bytes = (<usize>((count + 31) >>> 5)) << 2;
  if (used == 0) {
    used = reserve(bytes);
    fresh = reserve(bytes);
    later = reserve(bytes);
  }
  if (used == 0 || fresh == 0 || later == 0) return -Errno.ENOMEM;
  memory.fill(used, 0, bytes);
  memory.fill(fresh, 0, bytes);
  memory.fill(later, 0, bytes);
  blocks = count;
  inMemory = memoryOnly;
  free = count - Block.FIRST;
  laterCount = 0;
  for (let i: u32 = 0; i < <u32>Block.FIRST; i++) set(used, i);
  for (let i = count; i < ((count + 31) & ~31); i++) set(used, i);
  return 0;
}

/** For mounting: false if the block is out of range or in use already. */
export function spaceClaim(block: u32): bool {
  if (block < <u32>Block.FIRST || block >= blocks || has(used, block)) return false;
  set(used, block);
  free--;
  return true;
}

/** A free block, fresh from now on; 0: there is none for that. */
export function spaceTake(forBytes: bool): u32 {
  if (free == 0 || (forBytes && free <= RESERVE)) return 0;
  if (inMemory && forBytes && !memoryIsLeft()) return 0;
  while (true) {
    const word = load<u32>(used + ((next >>> 5) << 2)) | ((1 << (next & 31)) - 1);
    if (word != 0xffffffff) {
      const block = (next & ~31) + <u32>ctz(~word);
      set(used, block);
      set(fresh, block);
      free--;
      next = block + 1 == blocks ? Block.FIRST : block + 1;
      return block;
    }
    next = (next | 31) + 1;
    if (next >= blocks) next = 0; // bits before `next` in the first word are seen on the second round
  }
}

/** The block is not referred to any more. */
export function spaceFree(block: u32): void {
  if (has(fresh, block)) {
    clear(fresh, block);
    clear(used, block);
    free++;
    blockForget(block);
    if (inMemory && block < next) next = block; // low blocks first: what maps them is there already
    return;
  }
  set(later, block);
  laterCount++;
}

export function spaceIsFresh(block: u32): bool {
  return has(fresh, block);
}

/** A commit is durable: what the tree before it referred to, and this one does not, is free. */
export function spaceCommitted(): void {
  for (let at: usize = 0, end = (<usize>((blocks + 31) >>> 5)) << 2; at < end; at += 4) {
    const gone = load<u32>(later + at);
    if (gone != 0) {
      for (let bits = gone; bits != 0; bits &= bits - 1)
        blockForget(<u32>(at << 3) + <u32>ctz(bits));
      store<u32>(used + at, load<u32>(used + at) & ~gone);
      store<u32>(later + at, 0);
    }
    store<u32>(fresh + at, 0);
  }
  free += laterCount;
  laterCount = 0;
}

/** True if names may still become more: they take what is not for them alone. */
export function spaceHasRoom(): bool {
  return free > RESERVE && (!inMemory || memoryIsLeft());
}

/** Blocks that files could still take. */
export function spaceLeft(): u32 {
  return free > RESERVE ? free - RESERVE : 0;
}

/** Blocks that a commit would free. */
export function spaceLater(): u32 {
  return laterCount;
}

export function spaceBlocks(): u32 {
  return blocks;
}

/** A page that cannot be had ends the program that stores to it: so ask before. */
function memoryIsLeft(): bool {
  if (untilLook-- != 0) return true;
  sysinfo(info);
  untilLook = LOOK;
  if (load<u32>(info, SysInfo.FREE_FRAMES) > FRAMES_LEFT) return true;
  untilLook = 0;
  return false;
}

function has(map: usize, block: u32): bool {
  return (load<u32>(map + ((block >>> 5) << 2)) & (1 << (block & 31))) != 0;
}

function set(map: usize, block: u32): void {
  const at = map + ((block >>> 5) << 2);
  store<u32>(at, load<u32>(at) | (1 << (block & 31)));
}

function clear(map: usize, block: u32): void {
  const at = map + ((block >>> 5) << 2);
  store<u32>(at, load<u32>(at) & ~(1 << (block & 31)));
}
