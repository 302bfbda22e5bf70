// Cow: the first write to a page whose frame others may have too.
//
// Invariants
//   C1  A frame that is written has one reference, or belongs to a shared object or a device.
//   C2  The last owner of a frame writes to it without a copy.
//
// Locks     kernel lock.
// Not here  The marks and the tables (mm/share.ts).

import { Counter, counterAdd, counterFault } from "../arch/counters";
import { PTE_A, PTE_COW, PTE_D, PTE_FRAME, PTE_RW, pteFrame } from "../arch/pte";
import { batchReplace, frameIsInFlight } from "./batch";
import { FaultResult } from "./fault";
import { imageCacheDrop } from "./imagecache";
import { PageFlag, PageState, pageOf, pageSetState } from "./page";
import { runAlloc } from "./reserve";
import { shareOwn } from "./share";
import { RUN_SLOTS_AT, Space } from "./space";
import { swapMayWrite } from "./swapcache";
import { ptLeafAt } from "./table";

/** Makes a write to page vpn possible, which is present and whose entry allows it. BAD: the leaf itself does not. */
export function cowResolve(space: Space, vpn: u32): FaultResult {
  const result = cowOwn(space, vpn, true);
  if (result != FaultResult.OK) return result;
  counterFault();
  space.faults++;
  return load<u64>(ptLeafAt(space, vpn)) & PTE_RW ? FaultResult.OK : FaultResult.BAD;
}

/** Makes page vpn, which is present in private memory, and the tables on its way the space's alone. WAIT: no memory, and nobody sees a change. */
export function cowOwn(space: Space, vpn: u32, writable: bool): FaultResult {
  if (!shareOwn(space, vpn, 1)) return FaultResult.WAIT;
  const at = ptLeafAt(space, vpn);
  const leaf = load<u64>(at);
  if (!(leaf & PTE_COW)) return FaultResult.OK;
  const rights = writable ? PTE_RW : 0;
  const pfn = pteFrame(leaf);
  const page = pageOf(pfn);
  if (page.refs == 1 && !frameIsInFlight(pfn) && swapMayWrite(pfn)) {
    if (page.flags & PageFlag.CACHED) imageCacheDrop(pfn);
    // A right is raised: no translation of the page is wrong.
    store<u64>(at, (leaf & ~PTE_COW) | rights);
    return FaultResult.OK;
  }
  const copy = cowCopy(space, vpn, pfn);
  if (copy == 0) return FaultResult.WAIT;
  const bits = (leaf & ~(PTE_COW | PTE_FRAME)) | rights | PTE_A | PTE_D;
  batchReplace(space, vpn, at, ((<u64>copy) << 12) | bits);
  return FaultResult.OK;
}

/** A frame of its own for page vpn with the bytes of pfn, one reference; 0: no memory. */
export function cowCopy(space: Space, vpn: u32, pfn: u32): u32 {
  const copy = runAlloc(
    changetype<usize>(space) + RUN_SLOTS_AT,
    vpn,
    (space.brk + 4095) >> 12,
    false,
  );
  if (copy == 0) return 0;
  memory.copy((<usize>copy) << 12, (<usize>pfn) << 12, 4096);
  const page = pageOf(copy);
  pageSetState(page, PageState.OBJECT);
  page.owner = pageOf(pfn).owner;
  counterAdd(Counter.PAGE_COPIES, 1);
  return copy;
}
