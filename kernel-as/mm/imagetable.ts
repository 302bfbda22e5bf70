// Segment tables of images: count records {va u32, fileOffset u32, length u32} in adjacent frames, sorted by va, not overlapping.
//
// Locks     kernel lock.

import { pmmAllocContiguous, pmmFreeContiguous } from "./pmm";

export const RECORD_BYTES: u32 = 12;
/** Engines allow 100,000 data segments, which make up to twice as many records where they overlap. */
export const RECORDS_MAX: u32 = 262144;

@unmanaged
export class Segment {
  va: u32;
  file: u32;
  length: u32;
}

// @ts-ignore: decorator
@inline
export function segmentAt(table: usize, i: u32): Segment {
  return changetype<Segment>(table + <usize>(i * RECORD_BYTES));
}

/** Host address of room for count records (one frame at least); 0: no memory, or too many. */
export function imageTableAlloc(count: u32): usize {
  if (count > RECORDS_MAX) return 0;
  return <usize>pmmAllocContiguous(framesOf(count)) << 12;
}

/** Gives back a table that spaceSetImage has not taken. */
export function imageTableFree(table: usize, count: u32): void {
  if (table != 0) pmmFreeContiguous(<u32>(table >> 12), framesOf(count));
}

/** True if the records are sorted, do not overlap and end by limit. */
export function imageTableValid(table: usize, count: u32, limit: u32): bool {
  let end: u32 = 0;
  for (let i: u32 = 0; i < count; i++) {
    const s = segmentAt(table, i);
    if (s.va < end || s.length > limit - min(s.va, limit)) return false;
    end = s.va + s.length;
  }
  return true;
}

/** True if a segment has bytes of the page at va. */
export function imageHas(table: usize, count: u32, va: u32): bool {
  const i = segmentAfter(table, count, va);
  return i < count && segmentAt(table, i).va < va + 4096;
}

/** Copies what the segments have for the page at va into the zeroed page at host. */
export function imageFill(table: usize, count: u32, file: usize, va: u32, host: usize): void {
  const stop = va + 4096;
  for (let i = segmentAfter(table, count, va); i < count; i++) {
    const s = segmentAt(table, i);
    if (s.va >= stop) return;
    const from = max(s.va, va);
    const to = min(s.va + s.length, stop);
    memory.copy(host + <usize>(from - va), file + <usize>(s.file + (from - s.va)), <usize>(to - from));
  }
}

/** The first segment that ends after va, or count. */
function segmentAfter(table: usize, count: u32, va: u32): u32 {
  let low: u32 = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const s = segmentAt(table, middle);
    if (s.va + s.length <= va) low = middle + 1;
    else high = middle;
  }
  return low;
}

function framesOf(count: u32): u32 {
  return max<u32>(1, (count * RECORD_BYTES + 4095) >> 12);
}
