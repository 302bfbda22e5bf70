// Reclaim: where frames come from when none are free. A CPU that needs one queues for it; frames that become free are set aside for the
// first in the queue and not left where a neighbour would take them.
//
//   free > RESERVE        frames are taken as usual
//   free <= RESERVE       what is left is for page tables and the kernel's own; a program's page waits for a grant
//
// Invariants
//   R1  hungry of a CPU's record is its place in the queue, 0: it does not wait. It has a grant or a place, not both.
//   R2  A grant is one WIRED frame.
//   R3  One call looks at STEPS frames at most. A CPU that has looked at all of RAM twice without finding anything is told so.
//
// Locks     kernel lock. Never sleeps. Called only where nothing in the kernel relies on a page being there.

import { Limit } from "../../abi/layout";
import { CpuRecord, cpuRecord, cpuRecordOf } from "../arch/percpu";
import { listFirst } from "./cachelist";
import { clockStep } from "./clock";
import { Evicted } from "./evict";
import { leaseReturnAll } from "./lease";
import { PageIo } from "./page";
import { pmmAlloc, pmmFree, pmmFreeFrames, pmmIsLow } from "./pmm";
import { SWAP_CLUSTER, SwapState, swapFlush, swapIsLeaving, swapPoll, swapWantAny } from "./swap";
import { swapFree } from "./swapcache";
import { MmVar, mmVar, mmVarSet } from "./vars";
import { Want, wantClear } from "./want";

/** Frames that one call looks at. */
const STEPS: u32 = 4096;

export const enum Reclaimed {
  READY = 0, // a frame can be had now
  WAIT = 1, // one may be there when what is wanted now has come (mm/want.ts)
  AGAIN = 2, // not yet, but there is more to look at
  NONE = 3, // there is nothing that could be taken away
}

/** Sees to it that this CPU gets a frame. */
export function reclaim(): Reclaimed {
  const record = changetype<CpuRecord>(cpuRecord);
  wantClear();
  if (pmmIsLow()) leaseReturnAll();
  swapPoll();
  if (record.grant == 0 && !pmmIsLow()) {
    record.hungry = 0;
    record.swept = 0;
    return Reclaimed.READY;
  }
  if (record.grant == 0 && record.hungry == 0) {
    mmVarSet(MmVar.TICKETS, mmVar(MmVar.TICKETS) + 1);
    record.hungry = mmVar(MmVar.TICKETS);
  }
  reclaimServe();
  let out: u32 = 0;
  for (let i: u32 = 0; i < STEPS && record.grant == 0 && out < SWAP_CLUSTER; i++) {
    const result = clockStep();
    record.swept++;
    if (result == Evicted.NO) continue;
    record.swept = 0;
    if (result == Evicted.FREE) reclaimServe();
    else out++;
  }
  swapFlush();
  wantClear();
  if (record.grant != 0) {
    record.swept = 0;
    return Reclaimed.READY;
  }
  if (swapWantAny()) return Reclaimed.WAIT;
  if (record.swept <= mmVar(MmVar.FRAMES) * 2) return Reclaimed.AGAIN;
  record.swept = 0;
  if (!swapIsLeaving()) return Reclaimed.NONE;
  mmVarSet(MmVar.SWAP_STATE, SwapState.ON); // memory is too small for what is in the swap space: it stays in use
  return Reclaimed.AGAIN;
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
    record.grant = pmmAlloc(false);
    record.hungry = 0;
    if (record.want >= <u32>Want.MIN_WORD) atomic.notify(<usize>record.want, -1);
  }
}

/** This CPU, or one that is dead, needs no frame any more. */
export function reclaimCancel(record: CpuRecord): void {
  const pfn = record.grant;
  record.grant = 0;
  record.hungry = 0;
  record.swept = 0;
  if (pfn != 0) pmmFree(pfn);
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
