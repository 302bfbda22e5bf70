// Dirty: the accessed and dirty bits of a range, as a garbage collector, an emulator or a debugger wants them.
//
// D survives eviction; A is shared with the clock (mm/clock.ts), which clears it too.
//
// Clearing a bit drops the page's translations: a TLB entry stands for "A is set" (and a write entry for "D is set"), so as long as one
// is there the MMU would not set the bit again, and the page would look untouched while it is in use.
//
// Locks     kernel lock.
// Not here  Who may ask for which range, and where the answer goes (sys/memtype.ts).

import { DirtyBit } from "../../abi/syscall";
import { PTE_A, PTE_D, PTE_P, PTE_WAS_DIRTY, pteFrame } from "../arch/pte";
import { batchChange } from "./batch";
import { Space } from "./space";
import { swapStale } from "./swapcache";
import { ptLeafAt } from "./table";

/** DirtyBit of page vpn. */
export function dirtyOf(space: Space, vpn: u32): u8 {
  const at = ptLeafAt(space, vpn);
  if (at == 0) return 0;
  const leaf = load<u64>(at);
  let bits: u32 = leaf & PTE_P ? DirtyBit.RESIDENT : 0;
  if (leaf & PTE_P && leaf & PTE_A) bits |= DirtyBit.ACCESSED;
  if (leaf & PTE_WAS_DIRTY || (leaf & PTE_P && leaf & PTE_D)) bits |= DirtyBit.DIRTY;
  return <u8>bits;
}

/** Clears A, D or both (DirtyBit) of page vpn, a 4 KiB page, and its translations. */
export function dirtyClear(space: Space, vpn: u32, bits: u32): void {
  const at = ptLeafAt(space, vpn);
  if (at == 0) return;
  const leaf = load<u64>(at);
  let mask: u64 = bits & DirtyBit.DIRTY ? PTE_WAS_DIRTY : 0;
  if (leaf & PTE_P)
    mask |= (bits & DirtyBit.ACCESSED ? PTE_A : 0) | (bits & DirtyBit.DIRTY ? PTE_D : 0);
  if ((leaf & mask) == 0) return;
  // The swap cache knows by D that a frame is not what its slot holds.
  if (leaf & mask & PTE_D) swapStale(pteFrame(leaf));
  batchChange(space, vpn, at, leaf & ~mask);
}
