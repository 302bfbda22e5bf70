// Pagein: a page that was written out comes back to who touches it.
//
// The page's entry names a slot. The swap cache has a frame for it, or gets one and the disk fills it; then the entry names that frame, with
// the rights of the map entry and COW as it was kept. It stays in the table that has it, shared or not, since nothing else shows.
//
// Invariants  K1 to K4 of mm/swapcache.ts.
//
// Locks     kernel lock. Never sleeps.

import { Access } from "../../abi/mmu";
import { counterFault } from "../arch/counters";
import { Leaf } from "../arch/pat";
import { PTE_A, PTE_COW, PTE_RW, PTE_WAS_DIRTY, pteFrame } from "../arch/pte";
import { cowResolve } from "./cow";
import { Entry, entryLeaf } from "./entry";
import { FaultResult } from "./fault";
import { Brought, pageOf } from "./page";
import { runAlloc } from "./reserve";
import { rmapAdd, rmapNeedsNode, rmapReserve } from "./rmap";
import { shareOwn } from "./share";
import { slotFrame } from "./slot";
import { RUN_SLOTS_AT, Space } from "./space";
import { swapRead, swapReady } from "./swap";
import { swapSlotPut, swapTake } from "./swapcache";
import { ptLeafAt } from "./table";

/** Makes page vpn, whose leaf is SWAPPED and whose entry allows the access, present. */
export function swapIn(space: Space, entry: Entry, vpn: u32, access: Access): FaultResult {
  const slot = pteFrame(load<u64>(ptLeafAt(space, vpn)));
  if (slotFrame(slot) == 0) {
    const want = (space.brk + 4095) >> 12;
    const spare = runAlloc(changetype<usize>(space) + RUN_SLOTS_AT, vpn, want, false);
    if (spare != 0) swapRead(slot, spare);
    return FaultResult.WAIT;
  }
  const pfn = swapReady(slot);
  if (pfn == 0) return FaultResult.WAIT;
  if (access == Access.WRITE && !shareOwn(space, vpn, 1)) return FaultResult.WAIT;
  if (rmapNeedsNode(pfn) && !rmapReserve(1)) return FaultResult.WAIT;
  const at = ptLeafAt(space, vpn);
  const old = load<u64>(at);
  let leaf = entryLeaf(entry, pfn, Leaf.PAGE_4K) | PTE_A | (old & (PTE_WAS_DIRTY | PTE_COW));
  if (leaf & PTE_COW) leaf &= ~PTE_RW;
  if (pageOf(pfn).brought != <u8>Brought.NONE) space.pagedIn++;
  swapTake(pfn, entry.object);
  rmapAdd(pfn, at);
  store<u64>(at, leaf);
  swapSlotPut(slot);
  counterFault();
  space.faults++;
  return access == Access.WRITE && !(leaf & PTE_RW) ? cowResolve(space, vpn) : FaultResult.OK;
}
