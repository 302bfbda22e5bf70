// Event counters of the whole machine, u64 each. Every one is added to under the kernel lock, except FAULTS and TLB_FILLS: those are
// counted by each CPU in its own record, because they also happen without the lock (mm/quick.ts), and summed when they are read.

import { Limit } from "../../abi/layout";
import { Vars } from "../lib/vars";
import { CpuRecord, cpuRecord, cpuRecordOf } from "./percpu";

export const enum Counter {
  FAULTS = 0,
  TLB_FILLS = 1,
  TLB_FLUSHES = 2,
  SYSCALLS = 3,
  SHOOTDOWNS = 4,
  BUS_READS = 5,
  BUS_WRITES = 6,
  BUS_UNCLAIMED = 7,
  BURSTS = 8,
  BURST_BYTES = 9,
  SPLITS = 10,
  MERGES = 11,
  QUARANTINED = 12,
  // What clones and writes after them cost (mm/share.ts): entries, tables and pages copied, references taken and dropped.
  PTE_COPIES = 16,
  TABLE_COPIES = 17,
  PAGE_COPIES = 18,
  REFERENCE_OPS = 19,
  // Swap and replacement (mm/swap.ts, mm/evict.ts, mm/clock.ts): pages read and written, found in the swap cache, failed; frames looked at by the
  // clock; frames evicted and the entries that named them; frames dropped without a write; programs slowed down and ended for memory.
  SWAP_INS = 20,
  SWAP_OUTS = 21,
  SWAP_HITS = 22,
  SWAP_ERRORS = 23,
  CLOCK_STEPS = 24,
  EVICTIONS = 25,
  EVICT_MAPPINGS = 26,
  CLEAN_DROPS = 27,
  THROTTLES = 28,
  OOM_ENDS = 29,
  // Words of bitmaps and summaries that the frame allocator looked at (mm/pmm.ts).
  FRAME_STEPS = 30,
  // Requests of swap to the disk; pages that were read ahead (mm/readahead.ts), and those of them that somebody came for.
  SWAP_READS = 31,
  SWAP_WRITES = 32,
  SWAP_AHEAD = 33,
  SWAP_AHEAD_USED = 34,
  COUNT = 35,
}

const COUNTERS: usize = Vars.ARCH + 0x100;

// @ts-ignore: decorator
@inline
export function counterAdd(which: Counter, n: u64): void {
  const at = COUNTERS + (<usize>which << 3);
  store<u64>(at, load<u64>(at) + n);
}

/** One page fault that this CPU resolved. */
// @ts-ignore: decorator
@inline
export function counterFault(): void {
  changetype<CpuRecord>(cpuRecord).faults++;
}

export function counterGet(which: Counter): u64 {
  if (which != Counter.FAULTS && which != Counter.TLB_FILLS) return load<u64>(COUNTERS + (<usize>which << 3));
  let sum: u64 = 0;
  for (let slot: u32 = 0; slot < <u32>Limit.CPUS; slot++) {
    sum += which == Counter.FAULTS ? cpuRecordOf(slot).faults : cpuRecordOf(slot).fills;
  }
  return sum;
}
