// Reserve: which frames the low region of a space (image and heap) gets, so that page v lies in a frame with the same offset from the
// next page's frame: a physically contiguous run, which one TLB window covers.
//
// Invariants
//   R1  A space has one u16 for each 2 MiB of its low region: 0 undecided, CHUNK_BROKEN none, else the chunk reserved for it plus one.
//   R2  Consecutive reservations are consecutive chunks where that is possible.
//
// Locks     kernel lock.

import { UserPage } from "../../abi/layout";
import { leaseReturnAll } from "./lease";
import {
  CHUNK_BROKEN,
  CHUNK_FRAMES,
  chunkFree,
  chunkOwner,
  chunkRelease,
  chunkReserve,
  pmmAllocAt,
  pmmAllocUser,
  pmmIsLow,
} from "./pmm";
import { MmVar, mmVar } from "./vars";

/** A program that starts with at least this many pieces is taken for one whose heap will grow. */
const GROWING_CHUNKS: u32 = 2;

/** 2 MiB pieces of the low region. */
export const RUN_SLOTS: u32 = UserPage.MMAP_START >> 9;

/** A frame (as pmmAlloc) for page vpn of the space whose run slots are at `slots`; wantPages is the size that the region has now. */
export function runAlloc(slots: usize, vpn: u32, wantPages: u32, zero: bool): u32 {
  if (vpn < <u32>UserPage.MMAP_START && !pmmIsLow()) {
    const index = vpn >> 9;
    const slot = slots + ((<usize>index) << 1);
    if (load<u16>(slot) == 0) choose(slots, index, wantPages);
    const mark = load<u16>(slot);
    if (mark != CHUNK_BROKEN) {
      const pfn = pmmAllocAt((<u32>mark - 1) * CHUNK_FRAMES + (vpn & 511), zero);
      if (pfn != 0) return pfn;
    }
  }
  return pmmAllocUser(zero);
}

/** Ends all reservations of a space. */
export function runRelease(slots: usize): void {
  for (let i: u32 = 0; i < RUN_SLOTS; i++) {
    const mark = load<u16>(slots + ((<usize>i) << 1));
    if (mark != 0 && mark != CHUNK_BROKEN) chunkRelease(<u32>mark - 1, 0);
  }
}

function choose(slots: usize, index: u32, wantPages: u32): void {
  // What is only leased is free: the choice must not depend on it.
  leaseReturnAll();
  const slot = slots + ((<usize>index) << 1);
  if (index > 0) {
    const below = load<u16>(slot - 2);
    if (below != 0 && below != CHUNK_BROKEN && available(below)) {
      chunkReserve(below, slot);
      return;
    }
  }
  if (index + 1 < RUN_SLOTS) {
    const above = load<u16>(slot + 2);
    if (above > 1 && above != CHUNK_BROKEN && available(above - 2)) {
      chunkReserve(above - 2, slot);
      return;
    }
  }
  const chunk = newRun(index, wantPages);
  if (chunk < 0) store<u16>(slot, CHUNK_BROKEN);
  else chunkReserve(chunk, slot);
}

function available(chunk: u32): bool {
  return chunk < mmVar(MmVar.CHUNKS) && chunkOwner(chunk) == 0 && chunkFree(chunk) == CHUNK_FRAMES;
}

/**
 * Where a run for piece `index` begins, in the biggest gap of unreserved free chunks. A small program sits at the gap's end, with room
 * to double. One that wants more may grow to many times that: it begins at the gap's start, or, when another run ends there and may grow
 * too, in the gap's middle. -1: no chunk is free as a whole.
 */
function newRun(index: u32, wantPages: u32): i32 {
  const chunks = mmVar(MmVar.CHUNKS);
  let best: u32 = 0;
  let bestEnd: u32 = 0;
  let run: u32 = 0;
  for (let c: u32 = 0; c < chunks; c++) {
    run = available(c) ? run + 1 : 0;
    if (run > best) {
      best = run;
      bestEnd = c + 1;
    }
  }
  if (best == 0) return -1;
  const start = bestEnd - best;
  const want = max<u32>((wantPages + 511) >> 9, index + 1);
  let room = min<u32>(best, want << 1);
  if (want >= GROWING_CHUNKS) {
    const neighbour = start > 0 && chunkOwner(start - 1) != 0;
    room = neighbour ? max(room, best >> 1) : best;
  }
  return <i32>(bestEnd - room) + <i32>min<u32>(index, room - 1);
}
