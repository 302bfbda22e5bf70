// Page: a page of the program that this CPU runs is made to work for an access, or the program ends. For all ways of entry/fault.ts.
//
// Invariants
//   U1  A store changes nothing unless every page that it touches allows it.
//   U2  Fill rules (design 4.2): a read entry for WB, WT and WC; a write entry for WB and WC, when D is set; none for UC.
//
// Locks     kernel lock; pageLocked and what calls it drop it while a handler runs or a page is awaited: changes() tells.

import { UserPage } from "../../abi/layout";
import { Access, Trap } from "../../abi/mmu";
import { FaultBit, MemType } from "../../abi/pte";
import { walkEntry } from "../arch/paging";
import { CpuRecord, cpuBlock, cpuProcess, cpuRecord, cpuSpace } from "../arch/percpu";
import { pteFrame } from "../arch/pte";
import { Side, tlbFill } from "../arch/tlb";
import { mapFind } from "../mm/entry";
import { entryAllows, faultWalk } from "../mm/fault";
import { isVram, vramFrame } from "../mm/resource";
import { entryIsGone } from "../mm/revoke";
import { Space } from "../mm/space";
import { isWanting } from "../mm/want";
import { WC_FRAMES, wcMark } from "../mm/wc";
import { ENTRY_GONE, ENTRY_LOST, ENTRY_NO_MEMORY, processCheckSignal, processFault, processTrap } from "../proc/end";
import { PageWait, pageWait, pageWaitEnd, pageWaits } from "../proc/pagewait";
import { Process } from "../proc/process";
import { handlerAsk, handlerCount } from "./handler";
import { hostOf, isCached, typeOf } from "./uncached";

/** With so many rounds in which one page cost another, memory is too small to hold them beside each other. */
const ROUNDS_MAX: u32 = 100;

/** The space of the program that this CPU runs. */
// @ts-ignore: decorator
@inline
export function mySpace(): Space {
  return changetype<Space>(cpuSpace);
}

/** Every page of [va, va + n), which may be more than RAM holds, allows the access: else the program ends here. */
export function allowLocked(va: u32, n: u32, access: Access): void {
  const last = va + (n - 1);
  if (last < va) faultLocked(0xfffff000, access, 0);
  const end = (last >> 12) + 1;
  for (let page = va >> 12; page < end; ) {
    const entry = mapFind(mySpace(), page);
    if (entry != null && entryAllows(entry, access) && !entryIsGone(entry)) {
      page = entry.end;
      continue;
    }
    // A stack that grows, or the program's handler, or the end. Either changes the map: all pages are looked at again, so that U1 holds.
    const asked = changes();
    pageLocked(page == va >> 12 ? va : page << 12, access);
    page = asked == changes() ? page + 1 : va >> 12;
  }
}

/**
 * A bulk operation of no bytes at va: past the end of memory the program ends, as by the specification. Memory ends at the break, or where
 * a mapping does; the stack's region counts as mapped, down to its limit.
 */
export function emptyLocked(va: u32): void {
  const space = mySpace();
  if (va <= space.brk) return;
  const page = va >> 12;
  if (mapFind(space, page) != null || mapFind(space, (va - 1) >> 12) != null) return;
  if (page >= space.stackLimit && page < <u32>UserPage.STACK_TOP) return;
  processTrap(Trap.MEMORY_BOUNDS);
}

/** The few pages of [va, va + n) allow the access and are there, all at once: else the program ends here. */
export function reachLocked(va: u32, n: u32, access: Access): void {
  const last = va + (n - 1);
  if (last < va) faultLocked(0xfffff000, access, 0);
  let rounds: u32 = 0;
  for (let page = va >> 12; page <= last >> 12; ) {
    const asked = changes();
    const waits = pageWaits();
    pageLocked(page == va >> 12 ? va : page << 12, access);
    // The handler, or a wait for memory, may have taken away what was there: all pages are looked at again, so that U1 holds.
    if (waits != pageWaits()) patientLocked(++rounds, va, access);
    page = asked == changes() ? page + 1 : va >> 12;
  }
}

/** The effective leaf of va for an access, resolved and in the TLB where the fill rules allow. Ends the program if it must. */
export function pageLocked(va: u32, access: Access): u64 {
  let leaf = faultWalk(mySpace(), va, access);
  if (leaf == 0) {
    do {
      if (isWanting()) waitLocked(va, access);
      else refuseLocked(va, access, changetype<CpuRecord>(cpuRecord).walkError);
      leaf = faultWalk(mySpace(), va, access);
    } while (leaf == 0);
    pageWaitEnd();
  }
  const type = typeOf(leaf);
  if (type == MemType.UC || type == MemType.UC_MINUS || type == MemType.WP) return leaf;
  const page = hostOf(leaf, va & ~4095);
  if (page == 0) return leaf;
  const record = changetype<CpuRecord>(cpuRecord);
  if (access == Access.READ) {
    tlbFill(cpuBlock, record, va, page, Side.READ);
    return leaf;
  }
  if (type == MemType.WT) return leaf;
  const pfn = pteFrame(leaf);
  if (isVram(pfn)) {
    if (vramFrame(pfn) >= WC_FRAMES) return leaf;
    wcMark(pfn);
  }
  tlbFill(cpuBlock, record, va, page, Side.WRITE);
  return leaf;
}

/** The program's access lacks a page or a frame: waits until it is worth trying again, or ends the program. Lock: dropped meanwhile. */
function waitLocked(va: u32, access: Access): void {
  const result = pageWait(true);
  if (result == PageWait.AGAIN) return;
  pageWaitEnd();
  processCheckSignal(changetype<Process>(cpuProcess));
  endLocked(va, access, 0, result == PageWait.LOST ? ENTRY_LOST : ENTRY_NO_MEMORY);
}

/** Ends the program if its access, which needs several pages at once, has waited for one of them in so many rounds. */
export function patientLocked(rounds: u32, va: u32, access: Access): void {
  if (rounds > ROUNDS_MAX) endLocked(va, access, 0, ENTRY_NO_MEMORY);
}

/** Times the lock was dropped since the program's access began, by its handler or to wait. */
export function changes(): u32 {
  return handlerCount() + pageWaits();
}

/** Host address of va if its leaf is memory that loads and stores may use directly, else 0. */
export function cachedLocked(va: u32, access: Access): usize {
  const leaf = pageLocked(va, access);
  if (!isCached(leaf) || (access == Access.WRITE && typeOf(leaf) == MemType.WT)) return 0;
  if (access == Access.WRITE && isVram(pteFrame(leaf)) && vramFrame(pteFrame(leaf)) >= WC_FRAMES) return 0;
  return hostOf(leaf, va);
}

/** The program's access is not allowed: its handler repairs that, or it ends. Returns when the access is to be tried again. */
function refuseLocked(va: u32, access: Access, error: u32): void {
  const bits = error | FaultBit.U | (access == Access.WRITE ? FaultBit.W : 0);
  if (!handlerAsk(va, access, bits)) faultLocked(va, access, error);
}

/** The program's access is not allowed: it ends, with a report. Never returns. */
export function faultLocked(va: u32, access: Access, error: u32): void {
  endLocked(va, access, error, 0);
}

/** As faultLocked, with a reason (ENTRY_ of proc/end.ts). */
function endLocked(va: u32, access: Access, error: u32, reason: u32): void {
  const space = mySpace();
  const record = changetype<CpuRecord>(cpuRecord);
  record.cr2 = va;
  const entry = mapFind(space, va >> 12);
  const pte = load<u64>(walkEntry(space.root, va));
  const start = entry == null ? 0 : entry.start << 12;
  const end = entry == null ? 0 : entry.end << 12;
  const bits = error | FaultBit.U | (access == Access.WRITE ? FaultBit.W : 0);
  let prot: u32 = reason | (entry == null ? 0 : entry.prot);
  if (entry != null && entryIsGone(entry)) prot |= ENTRY_GONE;
  processFault(va, access, bits, start, end, prot, pte);
}
