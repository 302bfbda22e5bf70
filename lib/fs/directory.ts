// A directory: names and the inodes they stand for, in records that fill its blocks (format.ts).
//
// Its blocks have no checksum, so nothing in them is believed:
//
//   a record that is none      it, and the rest of its block, are lost: not listed, not found, never written into
//   a name without an inode    is not there, and stays so when another inode gets the number (inode.ts, I3)
//   two names of one inode     are two names, whatever the inode's LINKS is: one that is too low lets it go while it still has a name, which
//                              is then not there; one that is too high keeps it for ever. A directory has one name: nothing here adds another

import { Errno } from "../../abi/errno";
import { DirEntry, FileType } from "../../abi/syscall";
import { klog } from "../sys";
import { putDecimal, putLiteral } from "../text";
import { resize, sizeOf } from "./file";
import { Block, Entry, Inode } from "./format";
import { failure, inodeAt, inodeEdit, inodeReference, inodeReferred, inodeTouch } from "./inode";
import { bytesAt, bytesEdit } from "./map";

/** Where the last find() found: block of the directory, and the record's offset in it. */
let foundIndex: u32 = 0;
let foundAt: u32 = 0;

/** The inode of a name, or -ENOENT, -EIO. */
export function find(directory: u32, name: usize, n: u32): i32 {
  const blocks = blocksOf(directory);
  if (blocks < 0) return blocks;
  for (let index: u32 = 0; index < <u32>blocks; index++) {
    const bytes = bytesAt(directory, index);
    if (bytes == 0) return readFailure();
    for (let at: u32 = 0; at < <u32>Block.BYTES; at += lengthAt(bytes, at)) {
      const record = bytes + at;
      const inode = inodeIn(bytes, at);
      if (load<u8>(record, Entry.NAME_BYTES) != n || inode == 0) continue;
      if (memory.compare(record + Entry.NAME, name, n) != 0) continue;
      foundIndex = index;
      foundAt = at;
      return inode;
    }
  }
  return -Errno.ENOENT;
}

/** Adds a name that is not there. 0 or -errno. */
export function add(directory: u32, name: usize, n: u32, inode: u32, type: FileType): i32 {
  const wanted = needed(n);
  const blocks = blocksOf(directory);
  if (blocks < 0) return blocks;
  for (let index: u32 = 0; index < <u32>blocks; index++) {
    const bytes = bytesAt(directory, index);
    if (bytes == 0) return readFailure();
    for (let at: u32 = 0; at < <u32>Block.BYTES; at += lengthAt(bytes, at)) {
      if (isDamaged(bytes, at) || lengthAt(bytes, at) - occupied(bytes + at) < wanted) continue;
      const edited = bytesEdit(directory, index, false, false);
      if (edited == 0) return failure;
      put(edited + at, name, n, inode, type);
      return touch(directory);
    }
  }
  const edited = bytesEdit(directory, <u32>blocks, true, false);
  if (edited == 0) return failure;
  memory.fill(edited, 0, Block.BYTES);
  store<u16>(edited, Block.BYTES, Entry.LENGTH);
  put(edited, name, n, inode, type);
  const at = inodeEdit(directory);
  if (at == 0) return failure;
  store<u64>(at, (<u64>blocks + 1) << Block.SHIFT, Inode.SIZE);
  inodeTouch(at);
  return 0;
}

/** Makes a name that is there stand for another inode. 0 or -errno. */
export function replace(directory: u32, name: usize, n: u32, inode: u32, type: FileType): i32 {
  const old = find(directory, name, n);
  if (old < 0) return old;
  const edited = bytesEdit(directory, foundIndex, false, false);
  if (edited == 0) return failure;
  store<u32>(edited + foundAt, inodeReference(inode));
  store<u8>(edited + foundAt, <u8>type, Entry.TYPE);
  return touch(directory);
}

/** Removes a name. 0 or -errno. */
export function remove(directory: u32, name: usize, n: u32): i32 {
  const old = find(directory, name, n);
  if (old < 0) return old;
  const edited = bytesEdit(directory, foundIndex, false, false);
  if (edited == 0) return failure;
  store<u32>(edited + foundAt, 0);
  let previous: u32 = 0;
  while (previous + lengthAt(edited, previous) < foundAt) previous += lengthAt(edited, previous);
  if (previous < foundAt) {
    const all = lengthAt(edited, previous) + lengthAt(edited, foundAt);
    store<u16>(edited + previous, <u16>all, Entry.LENGTH);
  }
  const r = trim(directory);
  return r < 0 ? r : touch(directory);
}

/** Gives back empty blocks at the directory's end. 0 or -errno. */
function trim(directory: u32): i32 {
  const blocks = blocksOf(directory);
  if (blocks < 0) return blocks;
  let kept = <u32>blocks;
  while (kept > 0) {
    const bytes = bytesAt(directory, kept - 1);
    if (bytes == 0) return readFailure();
    if (load<u32>(bytes) != 0 || load<u16>(bytes, Entry.LENGTH) != Block.BYTES) break;
    kept--;
  }
  return kept == <u32>blocks ? 0 : resize(directory, (<u64>kept) << Block.SHIFT);
}

/** 1: no names. 0, or -errno: -EIO, there were some that are lost. */
export function isEmpty(directory: u32): i32 {
  const blocks = blocksOf(directory);
  if (blocks < 0) return blocks;
  let lost = false;
  for (let index: u32 = 0; index < <u32>blocks; index++) {
    const bytes = bytesAt(directory, index);
    if (bytes == 0) return readFailure();
    for (let at: u32 = 0; at < <u32>Block.BYTES; at += lengthAt(bytes, at)) {
      if (isDamaged(bytes, at)) lost = true;
      else if (inodeIn(bytes, at) != 0) return 0;
    }
  }
  return lost ? -Errno.EIO : 1;
}

/** Whole DirEntry records from name number `first` on: their bytes, 0 at the end, or -errno. */
export function list(directory: u32, to: usize, room: u32, first: u64): i32 {
  const blocks = blocksOf(directory);
  if (blocks < 0) return blocks;
  let number: u64 = 0;
  let used: u32 = 0;
  for (let index: u32 = 0; index < <u32>blocks; index++) {
    for (let at: u32 = 0; at < <u32>Block.BYTES; ) {
      const bytes = bytesAt(directory, index); // again: reading an inode may have cost it its place in memory
      if (bytes == 0) return readFailure();
      const record = bytes + at;
      const inode = inodeIn(bytes, at);
      if (isDamaged(bytes, at)) tell(directory);
      at += lengthAt(bytes, at);
      if (inode == 0 || number++ < first) continue;
      const n: u32 = load<u8>(record, Entry.NAME_BYTES);
      if (used + DirEntry.NAME + n > room) return used == 0 ? -Errno.EINVAL : <i32>used;
      listed(to + used, record, n, inode);
      used += DirEntry.NAME + n;
    }
  }
  return <i32>used;
}

function listed(to: usize, record: usize, n: u32, inode: u32): void {
  store<u32>(to, inode, DirEntry.INO);
  store<u8>(to, load<u8>(record, Entry.TYPE), DirEntry.TYPE);
  store<u8>(to, <u8>n, DirEntry.NAME_BYTES);
  memory.copy(to + DirEntry.NAME, record + Entry.NAME, n);
  const isDirectory = load<u8>(record, Entry.TYPE) == FileType.DIRECTORY;
  const at = isDirectory ? <usize>0 : inodeAt(inode);
  const size = at == 0 ? 0 : load<u64>(at, Inode.SIZE);
  store<u32>(to, <u32>min<u64>(size, 0xffffffff), DirEntry.SIZE);
}

function blocksOf(directory: u32): i32 {
  const size = sizeOf(directory);
  return size < 0 ? <i32>size : <i32>(size >> Block.SHIFT);
}

/** True if no record can be at `at` of the block at `bytes`. */
function isDamaged(bytes: usize, at: u32): bool {
  const left = <u32>Block.BYTES - at;
  if (left < <u32>Entry.NAME) return true;
  const length: u32 = load<u16>(bytes + at, Entry.LENGTH);
  return (
    length < <u32>Entry.NAME || (length & 3) != 0 || length > left || occupied(bytes + at) > length
  );
}

/** Length of the record at `at`; of what is none, all the rest of the block. */
function lengthAt(bytes: usize, at: u32): u32 {
  return isDamaged(bytes, at) ? <u32>Block.BYTES - at : <u32>load<u16>(bytes + at, Entry.LENGTH);
}

/** The inode of the name at `at`, 0: there is no name, or none that counts. */
function inodeIn(bytes: usize, at: u32): u32 {
  return isDamaged(bytes, at) ? 0 : inodeReferred(load<u32>(bytes + at));
}

/** Says in the log, once for a directory, that names in it are lost. */
function tell(directory: u32): void {
  if (told == directory) return;
  told = directory;
  let n = putLiteral(line, "files: directory ");
  n += putDecimal(line + n, directory);
  n += putLiteral(line + n, " is damaged; names in it are lost\n");
  klog(line, n);
}

const line: usize = memory.data(80);
let told: u32 = 0;

/** Bytes of the record that its own name takes. */
function occupied(record: usize): u32 {
  return load<u32>(record) == 0 ? 0 : needed(load<u8>(record, Entry.NAME_BYTES));
}

function needed(n: u32): u32 {
  return (Entry.NAME + n + 3) & ~3;
}

/** Puts a name into a record with room for it: behind the one that it has, if any. */
function put(record: usize, name: usize, n: u32, inode: u32, type: FileType): void {
  const own = occupied(record);
  const length: u32 = load<u16>(record, Entry.LENGTH);
  if (own != 0) store<u16>(record, <u16>own, Entry.LENGTH);
  const at = record + own;
  store<u32>(at, inodeReference(inode));
  store<u16>(at, <u16>(length - own), Entry.LENGTH);
  store<u8>(at, <u8>n, Entry.NAME_BYTES);
  store<u8>(at, <u8>type, Entry.TYPE);
  memory.copy(at + Entry.NAME, name, n);
}

function touch(directory: u32): i32 {
  const at = inodeEdit(directory);
  if (at == 0) return failure;
  inodeTouch(at);
  return 0;
}

/** A directory has no holes. */
function readFailure(): i32 {
  return failure != 0 ? failure : -Errno.EIO;
}
