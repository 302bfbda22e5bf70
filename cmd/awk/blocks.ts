// Blocks: memory that is given back. lib's heap only grows, and awk goes through files that are larger than memory: every text, element
// and table is a block, and a block that is freed waits in the list of its size for the next one.
//
// Invariants
//   B1  The first word of a free block is the next free block of its size.
//   B2  Sizes are multiples of 16 up to SMALL_BYTES, powers of two above.

import { wrong } from "./wrong";

const SMALL_BYTES = 512;
const SMALL_SIZES = 32;
const LARGEST_BYTES = 1 << 28;
const CHUNK_BYTES = 65536;
const PAGE_BYTES = 65536;
const lists: usize = memory.data(256); // the first free block of each size
let chunk: usize = 0; // where blocks that are new are cut from
let chunkEnd: usize = 0;

/** Bytes of the block for so many. */
export function blockRoom(bytes: i32): i32 {
  if (bytes <= SMALL_BYTES) return max((bytes + 15) & ~15, 16);
  return 1 << (32 - clz(bytes - 1));
}

function listOf(bytes: i32): usize {
  if (bytes <= SMALL_BYTES) return lists + (((max(bytes, 1) + 15) >> 4) - 1) * 4;
  return lists + (SMALL_SIZES + 22 - clz(bytes - 1)) * 4;
}

/** A block of at least so many bytes, which are not cleared. Ends the program when there is no memory for it. */
export function blockAlloc(bytes: i32): usize {
  if (bytes < 0 || bytes > LARGEST_BYTES) wrong("a text or an array is larger than 256 MiB");
  const list = listOf(bytes);
  const block = load<usize>(list);
  if (block == 0) return blockNew(blockRoom(bytes));
  store<usize>(list, load<usize>(block));
  return block;
}

/** Gives a block for so many bytes back. */
export function blockFree(block: usize, bytes: i32): void {
  const list = listOf(bytes);
  store<usize>(block, load<usize>(list));
  store<usize>(list, block);
}

function blockNew(room: i32): usize {
  if (room > CHUNK_BYTES / 8) return heapTake(room);
  if (chunk + room > chunkEnd) {
    chunk = heapTake(CHUNK_BYTES);
    chunkEnd = chunk + CHUNK_BYTES;
  }
  const block = chunk;
  chunk += room;
  return block;
}

/** The heap traps where memory ends: whether it does is asked before. */
function heapTake(bytes: i32): usize {
  const end = heap.alloc(0) + bytes + 64;
  const now = <usize>memory.size() * PAGE_BYTES;
  if (end > now && memory.grow(<i32>((end - now) / PAGE_BYTES) + 1) < 0) {
    wrong("there is no memory left");
  }
  return heap.alloc(bytes);
}
