// Inodes: what the file system knows of a file, a directory or a symbolic link, by number. They lie in tables, which the inode map lists.
//
// Invariants
//   I1  A block that is referred to is edited through edit(): in place while it is fresh, else as a copy whose number goes to the referrer.
//   I2  `taken` says which numbers are in use; `opened` how many handles each has.
//   I3  A name stands for the inode that it was made for, or for nothing: it holds the number and the inode's AGE, and a number gets another
//       AGE each time that it becomes free (again the same after Reference.AGES times). LINKS, which may be too low on a disk that is
//       damaged, is never a reason to take a name for that of the number's next inode.

import { Errno } from "../../abi/errno";
import { Clock, FileType } from "../../abi/syscall";
import { clock } from "../sys";
import { blockAt, blockDirty, blockNew, cacheError, reserve } from "./cache";
import { Block, Inode, Kind, Reference } from "./format";
import { spaceFree, spaceIsFresh, spaceTake } from "./space";

let map: u32 = 0; // block of the inode map
let taken: usize = 0; // a byte for each inode
let opened: usize = 0; // u32 for each inode
let ages: usize = 0; // u32 for each inode in use: its AGE
let hint: u32 = Inode.ROOT;
let count: u32 = 0;

if (Inode.COUNT > Reference.NUMBER_MASK) ERROR("a reference has no room for an inode's number");

/** Why the last function of this file or of map.ts that returned 0 did: -errno. */
export let failure: i32 = 0;

export function fail(errno: i32): u32 {
  failure = errno;
  return 0;
}

export function inodesOpen(mapBlock: u32): i32 {
  if (taken == 0) taken = reserve(Inode.COUNT);
  if (opened == 0) opened = reserve(Inode.COUNT * 4);
  if (ages == 0) ages = reserve(Inode.COUNT * 4);
  if (taken == 0 || opened == 0 || ages == 0) return -Errno.ENOMEM;
  memory.fill(taken, 0, Inode.COUNT);
  map = mapBlock;
  count = 0;
  hint = Inode.ROOT;
  return 0;
}

export function inodeMap(): u32 {
  return map;
}

/** Inodes in use. */
export function inodeCount(): u32 {
  return count;
}

/** What a name of the inode, which is in use, holds. */
export function inodeReference(inode: u32): u32 {
  return (load<u32>(ages + (inode << 2)) << Reference.NUMBER_BITS) | inode;
}

/** The inode that a name stands for, 0: none that is in use. */
export function inodeReferred(reference: u32): u32 {
  const inode = reference & Reference.NUMBER_MASK;
  if (inode >= <u32>Inode.COUNT || load<u8>(taken + inode) == 0) return 0;
  return inodeReference(inode) == reference ? inode : 0;
}

/** The number is in use, for the inode at `at`. */
export function inodeClaim(inode: u32, at: usize): void {
  store<u8>(taken + inode, 1);
  store<u32>(ages + (inode << 2), ageAt(at));
  count++;
}

/** The inode's bytes, to be read; 0: failure. */
export function inodeAt(inode: u32): usize {
  const list = blockAt(map, Kind.MAP);
  if (list == 0) return fail(cacheError);
  const table = load<u32>(list + ((inode / Inode.PER_BLOCK) << 2));
  if (table == 0) return fail(-Errno.EIO);
  const at = blockAt(table, Kind.TABLE);
  return at == 0 ? <usize>fail(cacheError) : at + (inode % Inode.PER_BLOCK) * Inode.BYTES;
}

/** The inode's bytes, to be changed; 0: failure. */
export function inodeEdit(inode: u32): usize {
  const newMap = edit(map, Kind.MAP);
  if (newMap == 0) return 0;
  map = newMap;
  const list = blockAt(map, Kind.MAP);
  if (list == 0) return fail(cacheError);
  const cell = list + ((inode / Inode.PER_BLOCK) << 2);
  const table = editAt(cell, Kind.TABLE);
  if (table == 0) return 0;
  const at = blockAt(table, Kind.TABLE);
  return at == 0 ? <usize>fail(cacheError) : at + (inode % Inode.PER_BLOCK) * Inode.BYTES;
}

/** A new inode with one name; 0: failure. */
export function inodeCreate(type: FileType, mode: u32): u32 {
  for (let inode = hint; inode < <u32>Inode.COUNT; inode++) {
    if (load<u8>(taken + inode) != 0) continue;
    const at = inodeEdit(inode);
    if (at == 0) return 0;
    const now = clock(Clock.REALTIME);
    inodeClear(at, ageAt(at));
    store<u32>(at, type);
    store<u32>(at, mode, Inode.MODE);
    store<i64>(at, now, Inode.MTIME);
    store<i64>(at, now, Inode.ATIME);
    store<u32>(at, 1, Inode.LINKS);
    inodeClaim(inode, at);
    hint = inode + 1;
    return inode;
  }
  return fail(-Errno.ENOSPC);
}

/** Frees the number; the inode has no blocks any more. False: failure. */
export function inodeFree(inode: u32): bool {
  const at = inodeEdit(inode);
  if (at == 0) return false;
  inodeClear(at, (ageAt(at) + 1) & (Reference.AGES - 1));
  store<u8>(taken + inode, 0);
  count--;
  if (inode < hint) hint = inode;
  return true;
}

export function inodeTouch(at: usize): void {
  store<i64>(at, clock(Clock.REALTIME), Inode.MTIME);
}

/** One more handle, or (-1) one less; how many there are. */
export function inodeHandles(inode: u32, change: i32): u32 {
  const at = opened + (inode << 2);
  store<u32>(at, load<u32>(at) + change);
  return load<u32>(at);
}

/** True for a number that somebody has open. */
export function inodeIsOpen(inode: u32): bool {
  return inode < <u32>Inode.COUNT && load<u32>(opened + (inode << 2)) != 0;
}

function inodeClear(at: usize, age: u32): void {
  memory.fill(at, 0, Inode.BYTES);
  store<u32>(at, age, Inode.AGE);
}

function ageAt(at: usize): u32 {
  return load<u32>(at, Inode.AGE) & (Reference.AGES - 1);
}

/** Makes the block that the pointer at `cell` (in a block that may be changed) names one that may be changed, or a new one. 0: failure. */
export function editAt(cell: usize, kind: Kind): u32 {
  const old = load<u32>(cell);
  const block = edit(old, kind);
  if (block != 0 && block != old) store<u32>(cell, block);
  return block;
}

/** The number of a block with the same content that may be changed: itself, a copy, or for 0 a block of zeros. 0: failure. */
function edit(old: u32, kind: Kind): u32 {
  if (old != 0 && spaceIsFresh(old)) {
    if (blockAt(old, kind) == 0) return fail(cacheError);
    blockDirty(old);
    return old;
  }
  const block = spaceTake(false);
  if (block == 0) return fail(-Errno.ENOSPC);
  const at = blockNew(block, kind);
  const from = old == 0 ? <usize>0 : blockAt(old, kind);
  if (at == 0 || (old != 0 && from == 0)) {
    spaceFree(block);
    return fail(cacheError);
  }
  if (old == 0) return block;
  memory.copy(at, from, Block.BYTES);
  spaceFree(old);
  return block;
}
