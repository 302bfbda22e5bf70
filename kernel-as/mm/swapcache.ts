// Swapcache: frames that hold what a slot of swap space holds, or will hold, or held. It is where a page is between memory and disk, and
// where everybody who shows a page finds the one frame of it.
//
//   mapped, dirty --evict--> SETTLING -> PENDING -> WRITING --> CLEAN --> free, the slot alone has it
//        ^  ^  ^                 |          |          |          |           |
//        |  +--+-----------------+----------+----------+----------+           |  touched
//        +------------------------------------------ READING <----------------+
//
// Invariants
//   K1  A frame with a slot is in state OBJECT (mapped again, or an index has it) or SWAP (nobody has it).
//   K2  What a slot that has refs stands for is in the slot, unless its frame is `stale`: then it is in the frame alone.
//   K3  A frame whose slot has no refs holds what the slot holds unless it is `stale` or an entry that names it has D.
//   K4  A frame that is mapped writable is the slot's only user: refs is 0.
//
// Locks     kernel lock.
// Not here  I/O (mm/swap.ts); which pages go (mm/clock.ts) and how (mm/evict.ts).

import { Counter, counterAdd } from "../arch/counters";
import { frameFree } from "./batch";
import { listPut, listRemove } from "./cachelist";
import { Brought, PageFlag, PageIo, PageState, pageOf, pageSetState } from "./page";
import { slotClearFrame, slotFrame, slotPutIsLast, slotRefs } from "./slot";

/** An unmapped frame of the cache is about to be mapped for `owner` with one reference. */
export function swapTake(pfn: u32, owner: usize): void {
  const page = pageOf(pfn);
  if (page.io == PageIo.CLEAN || page.io == PageIo.PENDING) listRemove(pfn);
  if (page.brought == <u8>Brought.NONE) counterAdd(Counter.SWAP_HITS, 1);
  page.brought = <u8>Brought.NONE;
  page.owner = owner;
  if (page.state == PageState.SWAP) pageSetState(page, PageState.OBJECT);
  page.refs++;
}

/** An entry that named the slot is gone. */
export function swapSlotPut(slot: u32): void {
  const pfn = slotFrame(slot);
  if (!slotPutIsLast(slot) || pfn == 0) return;
  const page = pageOf(pfn);
  if (page.state == PageState.SWAP) swapDiscard(pfn);
  else if (page.stale != 0 && page.io == PageIo.NONE) slotClearFrame(slot);
}

/** A frame of the cache that nobody has and whose slot nobody names goes; at once, or when the disk or a CPU is done with it. */
export function swapDiscard(pfn: u32): void {
  const page = pageOf(pfn);
  if (page.io == PageIo.CLEAN || page.io == PageIo.PENDING) listRemove(pfn);
  if (page.io == PageIo.NONE || page.io == PageIo.ERROR) swapFree(pfn);
}

/** Frees an unmapped frame; its slot stays in use if it has refs. */
export function swapFree(pfn: u32): void {
  const page = pageOf(pfn);
  if (page.io == PageIo.CLEAN) listRemove(pfn);
  slotClearFrame(page.slot);
  frameFree(pfn);
}

/** The last reference to a frame with a slot is gone. True: the cache keeps the frame, or somebody is not done with it; else the caller frees it. */
export function swapKeeps(pfn: u32): bool {
  const page = pageOf(pfn);
  const named = slotRefs(page.slot) != 0;
  const busy = page.io != PageIo.NONE;
  if (!busy && (!named || (page.stale == 0 && (page.flags & PageFlag.IN_FLIGHT) != 0))) {
    slotClearFrame(page.slot);
    return false;
  }
  pageSetState(page, PageState.SWAP);
  if (!busy && page.stale == 0) listPut(pfn, PageIo.CLEAN);
  return true;
}

/** The frame has changed, or will, in a way that no D bit tells: its slot does not hold it any more. */
export function swapStale(pfn: u32): void {
  const page = pageOf(pfn);
  if (page.slot == 0) return;
  page.stale = 1;
  if (page.io == PageIo.NONE && slotRefs(page.slot) == 0) slotClearFrame(page.slot);
}

/** True if the only owner of a frame may write to it where it is: nobody else needs what it holds. Gives the slot to those who do. */
export function swapMayWrite(pfn: u32): bool {
  const page = pageOf(pfn);
  if (page.slot == 0 || slotRefs(page.slot) == 0) return true;
  if (page.stale != 0 || page.io != PageIo.NONE) return false;
  slotClearFrame(page.slot);
  return true;
}
