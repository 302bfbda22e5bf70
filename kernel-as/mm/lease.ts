// Lease: free frames that a CPU may take without the lock: what was free in some words of the allocator's bitmap. A word is 32 adjacent
// frames, which is also what 32 adjacent pages of a run want (mm/reserve.ts). A lease is taken and given back in constant time.
//
//   BITMAP  ...|0000....0000|...          the word is empty while it is leased (frames freed in the meantime may set bits)
//   record     runLeases    word, mask    frames of the run of the space's low region, for the pages of that run only; word w at w mod 4
//              looseLeases  word, mask    frames for any other page, lowest first
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

/** Pairs of a word and its mask in each of the two; at runLeases, then looseLeases. */
const LEASE_WORDS: u32 = 4;
const PAIR_BYTES: usize = 8;
const LEASE_BYTES: usize = LEASE_WORDS * PAIR_BYTES;
const MASK: usize = 4;
/** With fewer free frames than this a lease is of one word. */
const PLENTY_FRAMES: u32 = 8192;
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
  let pfn = want;
  if (want != ANY) {
    const pair = runPair(record, want >> 5);
    const bit: u32 = 1 << (want & 31);
    const mask = load<u32>(pair, MASK);
    if (load<u32>(pair) != want >> 5 || !(mask & bit)) return 0;
    store<u32>(pair, mask & ~bit, MASK);
  } else {
    const pair = loosePair(record);
    if (pair == 0) return 0;
    const mask = load<u32>(pair, MASK);
    store<u32>(pair, mask & (mask - 1), MASK);
    pfn = (load<u32>(pair) << 5) + <u32>ctz(mask);
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
  const free = pageCount(PageState.FREE);
  if (free < FLOOR_FRAMES) return;
  const record = changetype<CpuRecord>(cpuRecord);
  const want = runFrame(slots, vpn);
  if (want == UNDECIDED) return;
  const words = free < PLENTY_FRAMES ? 1 : LEASE_WORDS;
  if (want == ANY) leaseLoose(record, words);
  else leaseRun(record, want >> 5, words);
  store<u64>(LEASED, load<u64>(LEASED) | cpuBit);
}

function leaseLoose(record: CpuRecord, words: u32): void {
  if (loosePair(record) != 0) return;
  let pair = pairsOf(record) + LEASE_BYTES;
  for (let i: u32 = 0; i < words; i++, pair += PAIR_BYTES) {
    const word = pmmWordNext();
    if (word == 0) return;
    store<u32>(pair, word);
    store<u32>(pair, pmmWordTake(word), MASK);
  }
}

/** The word's frames, and those of the words behind it in the same chunk. */
function leaseRun(record: CpuRecord, first: u32, words: u32): void {
  const end = min(first + words, (first | ((CHUNK_FRAMES >> 5) - 1)) + 1);
  for (let word = first; word < end; word++) {
    const pair = runPair(record, word);
    const mask = load<u32>(pair, MASK);
    if (mask != 0 && load<u32>(pair) == word) continue;
    if (mask != 0) pmmWordGive(load<u32>(pair), mask);
    store<u32>(pair, word);
    store<u32>(pair, pmmWordTake(word), MASK);
  }
}

/** The CPU of this slot has no lease any more. True: it had one. */
export function leaseReturn(slot: u32): bool {
  const bit = (<u64>1) << (<u64>slot);
  if (!(load<u64>(LEASED) & bit)) return false;
  store<u64>(LEASED, load<u64>(LEASED) & ~bit);
  const record = cpuRecordOf(slot);
  pageMoveCount(PageState.FREE, PageState.OBJECT, record.leaseTaken);
  record.leaseTaken = 0;
  let had = false;
  const pairs = pairsOf(record);
  for (let pair = pairs; pair < pairs + 2 * LEASE_BYTES; pair += PAIR_BYTES) {
    const mask = load<u32>(pair, MASK);
    if (mask == 0) continue;
    pmmWordGive(load<u32>(pair), mask);
    store<u32>(pair, 0, MASK);
    had = true;
  }
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
  const bit: u32 = 1 << (pfn & 31);
  for (let mask = load<u64>(LEASED); mask != 0; mask &= mask - 1) {
    const pairs = pairsOf(cpuRecordOf(<u32>ctz(mask)));
    for (let pair = pairs; pair < pairs + 2 * LEASE_BYTES; pair += PAIR_BYTES) {
      if (load<u32>(pair) == pfn >> 5 && (load<u32>(pair, MASK) & bit) != 0) return true;
    }
  }
  return false;
}

function pairsOf(record: CpuRecord): usize {
  return changetype<usize>(record) + offsetof<CpuRecord>("runLeases");
}

function runPair(record: CpuRecord, word: u32): usize {
  return pairsOf(record) + <usize>(word & (LEASE_WORDS - 1)) * PAIR_BYTES;
}

/** The first pair for any page that has a frame left, or 0. */
function loosePair(record: CpuRecord): usize {
  const pairs = pairsOf(record) + LEASE_BYTES;
  for (let pair = pairs; pair < pairs + LEASE_BYTES; pair += PAIR_BYTES) {
    if (load<u32>(pair, MASK) != 0) return pair;
  }
  return 0;
}

/** The frame that the run of a space has for page vpn; ANY: it has none and will not; UNDECIDED: its first page is still to come. */
function runFrame(slots: usize, vpn: u32): u32 {
  if (vpn >= <u32>UserPage.MMAP_START) return ANY;
  const mark = load<u16>(slots + ((<usize>(vpn >> 9)) << 1));
  if (mark == 0) return UNDECIDED;
  return mark == CHUNK_BROKEN ? ANY : (<u32>mark - 1) * CHUNK_FRAMES + (vpn & 511);
}
