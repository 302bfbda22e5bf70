// Batch: the one way to lower a right: change the PTE, invalidate every CPU that runs the space, then let the frame go.
//
// Invariants
//   H1  A frame whose last reference goes here is free only when no access to it can be in flight: at once when the space runs on no
//       CPU or on this one, else when the CPU that ran it acknowledges (it enters the kernel) or stops running the space.
//
// Locks     kernel lock.

import { Counter, counterAdd } from "../arch/counters";
import { CpuRecord, cpuRecord, cpuRecordOf } from "../arch/percpu";
import { PT_ENTRIES, PTE_P, pteFrame } from "../arch/pte";
import { shootdown } from "../arch/shootdown";
import { PageState, pageOf, pageSetState } from "./page";
import { pagePutIsLast, pmmFree } from "./pmm";
import { Space } from "./space";
import { ptClear, ptIsLarge } from "./table";
import { MmVar, mmVar } from "./vars";

/** Unmaps the leaf at `at` (mm/table.ts ptLeafAt) that maps vpn, and drops the reference to its frame. Pages that the leaf mapped. */
export function batchClear(space: Space, vpn: u32, at: usize): u32 {
  const leaf = load<u64>(at);
  const large = ptIsLarge(space, vpn);
  const pages: u32 = large ? PT_ENTRIES : 1;
  ptClear(space, vpn, at);
  const inFlight = space.slot >= 0 && shootdown(space.slot, large ? vpn & ~511 : vpn, pages);
  if (!large && leaf & PTE_P && pteFrame(leaf) < mmVar(MmVar.FRAMES)) {
    space.residentPages--;
    const pfn = pteFrame(leaf);
    if (pagePutIsLast(pfn)) {
      if (inFlight) quarantine(space.slot, pfn);
      else pmmFree(pfn);
    }
  }
  return pages;
}

/** Replaces the leaf at `at` that maps vpn by one with other rights or another type, same frame. Pages that the leaf maps. */
export function batchChange(space: Space, vpn: u32, at: usize, leaf: u64): u32 {
  const large = ptIsLarge(space, vpn);
  const pages: u32 = large ? PT_ENTRIES : 1;
  store<u64>(at, leaf);
  if (space.slot >= 0) shootdown(space.slot, large ? vpn & ~511 : vpn, pages);
  return pages;
}

/** Right after this CPU took the lock on entering the kernel: acknowledges what others invalidated here. */
// @ts-ignore: decorator
@inline
export function shootdownAck(): void {
  if (changetype<CpuRecord>(cpuRecord).ackPending != 0) quarantineRelease(changetype<CpuRecord>(cpuRecord));
}

/** The CPU of this record can have no access in flight any more: its quarantined frames are free. */
export function quarantineRelease(record: CpuRecord): void {
  record.ackPending = 0;
  let pfn = record.quarantine;
  record.quarantine = 0;
  while (pfn != 0) {
    const next = pageOf(pfn).link;
    pmmFree(pfn);
    pfn = next;
  }
}

function quarantine(slot: u32, pfn: u32): void {
  const record = cpuRecordOf(slot);
  const page = pageOf(pfn);
  pageSetState(page, PageState.QUARANTINE);
  page.link = record.quarantine;
  record.quarantine = pfn;
  counterAdd(Counter.QUARANTINED, 1);
}
