// Reclaim: where frames come from when none are free. A CPU that needs one queues for it; frames that become free are set aside for the
// first in the queue and not left where a neighbour would take them. An operation may need several at once (a page and the tables on its
// way): one that comes back although it was told that there are enough waits for one more each time, until that is of no use either.
//
//   free > RESERVE        frames are taken as usual
//   free <= RESERVE       what is left is for page tables and the kernel's own; a program's page waits for a grant
//
// A frame that has to be written first is had late. So some are kept ready: while fewer than the stock are in the swap cache, to be had at once or
// as soon as they have been written, the next ones go out, as many as one request takes, before anybody waits for them.
//
// Invariants
//   R1  hungry of a CPU's record is its place in the queue, 0: it does not wait. Until its operation ends it keeps the place (ticket).
//   R2  Frames that are set aside are WIRED. Only the first in the queue gets any, so that nobody waits for what another who waits has.
//   R3  One call looks at STEPS frames at most, and at STOCK_STEPS for the stock. A CPU that has looked at all of RAM twice without finding
//       anything is told so.
//
// Locks     kernel lock. Never sleeps. Called only where nothing in the kernel relies on a page being there.

import { DiskLimit } from "../../abi/disk";
import { Limit } from "../../abi/layout";
import { CpuRecord, cpuRecord, cpuRecordOf } from "../arch/percpu";
import { listFirst } from "./cachelist";
import { clockStep } from "./clock";
import { Evicted } from "./evict";
import { leaseReturnAll } from "./lease";
import { PageIo, PageState, pageCount } from "./page";
import { grantPut, grantRelease, pmmAlloc, pmmFreeFrames, pmmIsLow } from "./pmm";
import { slotCount, slotUsed } from "./slot";
import {
  SwapState,
  swapFlush,
  swapIsLeaving,
  swapMayWriteOut,
  swapPoll,
  swapWantAny,
} from "./swap";
import { swapFree } from "./swapcache";
import { MmVar, mmVar, mmVarSet } from "./vars";
import { Want, wantClear } from "./want";

/** Frames that one call looks at. */
const STEPS: u32 = 4096;
/** Frames that are set aside for one operation: if those are not enough, more would not help it (it needs adjacent ones). */
const FRAMES_MAX: u32 = 64;
/** Pages that one request writes. */
const CLUSTER: u32 = DiskLimit.FRAMES;
/** Frames that are kept ready, fewer where that is more than twice the reserve; and frames that are looked at for it, at one time. */
const STOCK: u32 = 2 * CLUSTER;
const STOCK_STEPS: u32 = 8 * CLUSTER;

export const enum Reclaimed {
  READY = 0, // frames can be had now
  WAIT = 1, // one may be there when what is wanted now has come (mm/want.ts)
  AGAIN = 2, // not yet, but there is more to look at
  NONE = 3, // there is nothing that could be taken away
  USELESS = 4, // there were enough for anything, and still the operation failed
}

/** Sees to it that this CPU gets the frames that the operation which just failed lacks. */
export function reclaim(): Reclaimed {
  const record = changetype<CpuRecord>(cpuRecord);
  wantClear();
  if (pmmIsLow()) leaseReturnAll();
  swapPoll();
  if (record.told != 0) {
    record.told = 0;
    if (++record.more == FRAMES_MAX) {
      reclaimCancel(record);
      return Reclaimed.USELESS;
    }
  }
  if (record.ticket == 0 && !pmmIsLow() && record.more == 0) return ready(record);
  if (!isServed(record)) {
    if (record.ticket == 0) {
      mmVarSet(MmVar.TICKETS, mmVar(MmVar.TICKETS) + 1);
      record.ticket = mmVar(MmVar.TICKETS);
    }
    record.hungry = record.ticket;
    reclaimServe();
  }
  let out: u32 = 0;
  for (let i: u32 = 0; i < STEPS && !isServed(record) && out < CLUSTER; i++) {
    const result = clockStep();
    record.swept++;
    if (result == Evicted.NO) continue;
    record.swept = 0;
    if (result == Evicted.FREE) reclaimServe();
    else out++;
  }
  swapFlush();
  reclaimStock();
  wantClear();
  if (isServed(record)) return ready(record);
  if (swapWantAny()) return Reclaimed.WAIT;
  if (record.swept <= mmVar(MmVar.FRAMES) * 2) return Reclaimed.AGAIN;
  record.swept = 0;
  if (!swapIsLeaving()) return Reclaimed.NONE;
  mmVarSet(MmVar.SWAP_STATE, SwapState.ON); // memory is too small for what is in the swap space: it stays in use
  return Reclaimed.AGAIN;
}

/** Sends the next pages out if few frames are ready. Nobody relies on any of them. */
export function reclaimStock(): void {
  if (!pmmIsLow() || !swapMayWriteOut() || slotUsed() == slotCount()) return;
  const stock = pageCount(PageState.SWAP) - mmVar(MmVar.READING);
  if (stock >= min(STOCK, 2 * mmVar(MmVar.RESERVE))) return;
  let out: u32 = 0;
  for (let i: u32 = 0; i < STOCK_STEPS && out < CLUSTER; i++) {
    if (clockStep() != Evicted.NO) out++;
  }
  swapFlush();
  reclaimServe();
}

/** True if a CPU waits for a frame. */
export function reclaimIsAwaited(): bool {
  return firstHungry() >= 0;
}

/** Frames that can be had go to those who wait, in their order. The reserve is filled up first. */
export function reclaimServe(): void {
  while (true) {
    const slot = firstHungry();
    if (slot < 0 && pmmFreeFrames() >= mmVar(MmVar.RESERVE)) return;
    if (pmmIsLow()) {
      const clean = listFirst(PageIo.CLEAN);
      if (clean == 0) return;
      swapFree(clean);
      continue;
    }
    const record = cpuRecordOf(slot);
    grantPut(record, pmmAlloc(false));
    if (!isServed(record)) continue;
    record.hungry = 0;
    if (record.want >= <u32>Want.MIN_WORD) atomic.notify(<usize>record.want, -1);
  }
}

/** This CPU, or one that is dead, needs no frames any more. */
export function reclaimCancel(record: CpuRecord): void {
  record.hungry = 0;
  record.ticket = 0;
  record.more = 0;
  record.told = 0;
  record.swept = 0;
  record.looks = 0;
  grantRelease(record);
}

/** True if frames will be free, or can be written out, as soon as other CPUs have entered the kernel or the disk has room for a request. */
export function reclaimIsComing(): bool {
  if (mmVar(MmVar.SETTLING) != 0 || pageCount(PageState.QUARANTINE) != 0) return true;
  return listFirst(PageIo.PENDING) != 0;
}

/** True if as many frames are set aside for the CPU of the record as it needs. */
function isServed(record: CpuRecord): bool {
  return record.granted > record.more;
}

function ready(record: CpuRecord): Reclaimed {
  record.told = 1;
  record.swept = 0;
  record.looks = 0;
  return Reclaimed.READY;
}

/** The CPU that has waited longest, or -1. */
function firstHungry(): i32 {
  let first = -1;
  for (let slot: u32 = 0; slot < <u32>Limit.CPUS; slot++) {
    const ticket = cpuRecordOf(slot).hungry;
    if (ticket == 0) continue;
    if (first < 0 || ticket < cpuRecordOf(<u32>first).hungry) first = <i32>slot;
  }
  return first;
}
