// Tabletext: what /proc/PID/pt says: the leaves of a space's page tables as they are in memory, a line for each run.
//
// Locks     kernel lock.

import { UserPage } from "../../abi/layout";
import { PAT_VALUE, patIndex2M, patIndex4K, patType } from "../arch/pat";
import {
  PT_ENTRIES,
  PTE_A,
  PTE_COW,
  PTE_D,
  PTE_DEMAND,
  PTE_FRAME,
  PTE_FRAME_2M,
  PTE_NX,
  PTE_P,
  PTE_PAT_2M,
  PTE_PAT_4K,
  PTE_PCD,
  PTE_PWT,
  PTE_RW,
  PTE_SWAPPED,
  PTE_US,
  PTE_WAS_DIRTY,
  pteFrame,
} from "../arch/pte";
import { text, textDec, textHex } from "../lib/text";
import { memtypeName } from "./memtype";
import { Space } from "./space";
import { ptIsLarge, ptLeafAt, ptNext, ptOwnLeafAt } from "./table";

/** Runs that are told; a last line says that there are more. 64 KiB hold them all. */
const MAX_RUNS: u32 = 640;
const END: u32 = UserPage.STACK_TOP;

/**
 * A heading, and one line for each run of leaves that differ in their frames only: "START-END LEAVES SIZE ENTRY BITS TYPE". ENTRY is the first
 * of them, as it is. SHARED: a table on the way is not this space's own, so a write is decided by RW there. What is not present and not 0 is
 * SWAPPED or DEMAND (abi/pte.ts).
 */
export function spaceTablesText(space: Space): void {
  text("RANGE LEAVES SIZE ENTRY BITS\n");
  let runs: u32 = 0;
  for (let vpn = ptNext(space, 0, END); vpn < END; ) {
    if (runs++ == MAX_RUNS) {
      text("more\n");
      return;
    }
    vpn = printRun(space, vpn);
  }
}

/** Prints the run that begins at vpn, where there is a leaf; the next page with a leaf, or END. */
function printRun(space: Space, first: u32): u32 {
  const large = ptIsLarge(space, first);
  const pages: u32 = large ? PT_ENTRIES : 1;
  const mask = ~(large ? PTE_FRAME_2M : PTE_FRAME);
  let at = ptLeafAt(space, first);
  const entry = load<u64>(at);
  const own = ptOwnLeafAt(space, first) != 0;
  let vpn = first + pages;
  while (vpn < END) {
    // Inside a page table the next leaf is the next entry.
    at += 8;
    if (large || (vpn & (PT_ENTRIES - 1)) == 0) {
      if (ptNext(space, vpn, END) != vpn || ptIsLarge(space, vpn) != large) break;
      if (!large && (ptOwnLeafAt(space, vpn) != 0) != own) break;
      at = ptLeafAt(space, vpn);
    }
    if (((load<u64>(at) ^ entry) & mask) != 0) break;
    vpn += pages;
  }
  textHex((<u64>first) << 12, 8);
  text("-");
  textHex((<u64>vpn) << 12, 8);
  text(" ");
  textDec((vpn - first) / pages);
  text(large ? " 2M " : " 4K ");
  textHex(entry, 16);
  if (entry & PTE_P) printBits(entry, large);
  else if (entry & PTE_SWAPPED) printSlot(entry);
  else if (entry & PTE_DEMAND) text(" DEMAND");
  bit(entry, PTE_COW, " COW");
  bit(entry, PTE_WAS_DIRTY, " WAS_DIRTY");
  if (!large && !own) text(" SHARED");
  if (entry & PTE_P) {
    text(" ");
    text(memtypeName(patType(PAT_VALUE, large ? patIndex2M(entry) : patIndex4K(entry))));
  }
  text("\n");
  return ptNext(space, vpn, END);
}

function printBits(entry: u64, large: bool): void {
  text(" P");
  bit(entry, PTE_RW, " RW");
  bit(entry, PTE_US, " US");
  bit(entry, PTE_PWT, " PWT");
  bit(entry, PTE_PCD, " PCD");
  bit(entry, PTE_A, " A");
  bit(entry, PTE_D, " D");
  bit(entry, large ? PTE_PAT_2M : PTE_PAT_4K, " PAT");
  bit(entry, PTE_NX, " NX");
}

function printSlot(entry: u64): void {
  text(" SWAPPED slot ");
  textDec(pteFrame(entry));
}

function bit(entry: u64, mask: u64, name: string): void {
  if (entry & mask) text(name);
}
