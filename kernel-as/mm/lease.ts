// Lease: free frames that a CPU may take without the lock: what was free in one word of the allocator's bitmap, so at most 32 adjacent
// frames, which is also what 32 adjacent pages of a run want (mm/reserve.ts). A lease is taken and given back in constant time.
//
//   BITMAP  ...|0000....0000|...     the word is empty while it is leased (frames freed in the meantime may set bits)
//   record     runMask 1110..        frames of the run of the space's low region, for the pages of that run only
//              looseMask 0111..      frames for any other page, lowest first
//
// Invariants
//   K1  A leased frame is FREE and its bit in the bitmap is clear. It is in one mask of one CPU. It counts as free.
//   K2  leaseTaken of a record is how many frames became OBJECT since the counts of states last heard of it (leaseCount adds it up).
//   K3  LEASED has the bit of every CPU with a lease or something taken.
//   K4  A CPU has leases only while it runs a space: spaceDeactivate returns them. When no other frame is free all are returned.
//
// Locks     kernel lock, which excludes those that read; leaseTake: this CPU's own while it reads (arch/lock.ts).

import { UserPage } from "../../abi/layout";
import { CpuRecord, cpuBit, cpuRecord, cpuRecordOf } from "../arch/percpu";
import { Panic, panic } from "../lib/panic";
import { Vars } from "../lib/vars";
import { PageState, pageCount, pageMoveCount, pageOf } from "./page";
import {
  CHUNK_BROKEN,
  CHUNK_FRAMES,
  pmmCheckJunk,
  pmmWordGive,
  pmmWordNext,
  pmmWordTake,
} from "./pmm";
import { MmVar, mmVar } from "./vars";

const WORD_FRAMES: u32 = 32;
/** With fewer free frames than this nobody leases: what is left goes where it is asked for. */
const FLOOR_FRAMES: u32 = 256;
/** Answers of runFrame: numbers of frames that are never free. */
const ANY: u32 = 0;
const UNDECIDED: u32 = 1;
const LEASED: usize = Vars.MM + MmVar.LEASED;

/** A frame for page vpn of the space that this CPU runs, whose run slots are at `slots`: OBJECT, one reference, not zeroed. 0: take the lock. */
export function leaseTake(slots: usize, vpn: u32): u32 {
  const record = changetype<CpuRecord>(cpuRecord);
  const want = runFrame(slots, vpn);
  if (want == UNDECIDED) return 0;
  let pfn: u32;
  if (want != ANY) {
    const bit: u32 = 1 << (want & 31);
    if (record.runWord != want >> 5 || !(record.runMask & bit)) return 0;
    record.runMask &= ~bit;
    pfn = want;
  } else {
    const mask = record.looseMask;
    if (mask == 0) return 0;
    record.looseMask = mask & (mask - 1);
    pfn = (record.looseWord << 5) + <u32>ctz(mask);
  }
  const page = pageOf(pfn);
  if (page.state != PageState.FREE || page.refs != 0) panic(Panic.BAD_STATE, pfn);
  if (mmVar(MmVar.JUNK)) pmmCheckJunk(pfn);
  page.state = <u8>PageState.OBJECT;
  page.refs = 1;
  record.leaseTaken++;
  return pfn;
}

/** This CPU has just got page vpn of its space the slow way: it leases what the pages around it will want. */
export function leaseAhead(slots: usize, vpn: u32): void {
  if (pageCount(PageState.FREE) < FLOOR_FRAMES) return;
  const record = changetype<CpuRecord>(cpuRecord);
  const want = runFrame(slots, vpn);
  if (want == UNDECIDED) return;
  if (want == ANY) {
    if (record.looseMask != 0) return;
    record.looseWord = pmmWordNext();
    if (record.looseWord != 0) record.looseMask = pmmWordTake(record.looseWord);
  } else {
    const word = want >> 5;
    if (record.runMask != 0 && record.runWord == word) return;
    if (record.runMask != 0) pmmWordGive(record.runWord, record.runMask);
    record.runWord = word;
    record.runMask = pmmWordTake(word);
  }
  store<u64>(LEASED, load<u64>(LEASED) | cpuBit);
}

/** The CPU of this slot has no lease any more. True: it had one. */
export function leaseReturn(slot: u32): bool {
  const bit = (<u64>1) << (<u64>slot);
  if (!(load<u64>(LEASED) & bit)) return false;
  store<u64>(LEASED, load<u64>(LEASED) & ~bit);
  const record = cpuRecordOf(slot);
  const had = (record.runMask | record.looseMask) != 0;
  pageMoveCount(PageState.FREE, PageState.OBJECT, record.leaseTaken);
  record.leaseTaken = 0;
  if (record.runMask != 0) pmmWordGive(record.runWord, record.runMask);
  if (record.looseMask != 0) pmmWordGive(record.looseWord, record.looseMask);
  record.runMask = 0;
  record.looseMask = 0;
  return had;
}

/** Returns every lease. True: there was one, so that there are more frames in the bitmap now. */
export function leaseReturnAll(): bool {
  let had = false;
  for (let mask = load<u64>(LEASED); mask != 0; mask &= mask - 1) {
    if (leaseReturn(<u32>ctz(mask))) had = true;
  }
  return had;
}

/** Frames that became OBJECT and are still counted as FREE. */
export function leaseCount(): u32 {
  let sum: u32 = 0;
  for (let mask = load<u64>(LEASED); mask != 0; mask &= mask - 1) {
    sum += cpuRecordOf(<u32>ctz(mask)).leaseTaken;
  }
  return sum;
}

/** True if a frame is leased to some CPU. */
export function leaseHas(pfn: u32): bool {
  const word = pfn / WORD_FRAMES;
  const bit: u32 = 1 << (pfn & 31);
  for (let mask = load<u64>(LEASED); mask != 0; mask &= mask - 1) {
    const record = cpuRecordOf(<u32>ctz(mask));
    if (record.runWord == word && (record.runMask & bit) != 0) return true;
    if (record.looseWord == word && (record.looseMask & bit) != 0) return true;
  }
  return false;
}

/** The frame that the run of a space has for page vpn; ANY: it has none and will not; UNDECIDED: its first page is still to come. */
function runFrame(slots: usize, vpn: u32): u32 {
  if (vpn >= <u32>UserPage.MMAP_START) return ANY;
  const mark = load<u16>(slots + ((<usize>(vpn >> 9)) << 1));
  if (mark == 0) return UNDECIDED;
  return mark == CHUNK_BROKEN ? ANY : (<u32>mark - 1) * CHUNK_FRAMES + (vpn & 511);
}
