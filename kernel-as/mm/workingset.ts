// Workingset: what a space has in memory and what of it is in use. A page belongs to the working set if its A bit is set, or was at one of the
// clock's last 8 looks at its frame (Page.age, mm/clock.ts): in use within the last eight turns of the hand. While memory is plenty the hand
// stands still, and everything that was touched belongs to it.
//
// Locks     kernel lock.

import { UserPage } from "../../abi/layout";
import { PTE_A, PTE_P, PTE_SWAPPED, pteFrame } from "../arch/pte";
import { Vars } from "../lib/vars";
import { leafIsRam } from "./batch";
import { pageOf } from "./page";
import { Space } from "./space";
import { ptLeafAt, ptNext } from "./table";

/** What workingSetOf has found, in pages. */
@unmanaged
export class Pages {
  resident: u32;
  swapped: u32;
  used: u32;
}

/** In the page of mm's variables, where nothing else is. */
const FOUND: usize = Vars.MM + 0xf80;

/** Counts the pages of a space, walking all of its tables. The result is good until the next call. */
export function workingSetOf(space: Space): Pages {
  const found = changetype<Pages>(FOUND);
  found.resident = 0;
  found.swapped = 0;
  found.used = 0;
  const end = <u32>UserPage.STACK_TOP;
  for (let vpn = ptNext(space, 0, end); vpn < end; vpn = ptNext(space, vpn + 1, end)) {
    const leaf = load<u64>(ptLeafAt(space, vpn));
    if (leaf & PTE_SWAPPED) found.swapped++;
    if (!(leaf & PTE_P) || !leafIsRam(leaf)) continue;
    found.resident++;
    if (leaf & PTE_A || pageOf(pteFrame(leaf)).age != 0) found.used++;
  }
  return found;
}
