// Evict: takes a frame away from everybody who shows it, or from nobody.
//
//   what was there                        what every entry that named it says then         where its contents are
//   a page of an image, as in the file    DEMAND                                           in the file
//   private memory                        SWAPPED and the slot; COW as before              in the slot, or on their way there
//   a page of a shared object             DEMAND; the object's index names the slot        in the slot, or on their way there
//
// Invariants
//   T1  All entries of the reverse map change, or none. Nothing else is looked at.
//   T2  Only CPUs whose running space walks to an entry lose the translation. While one of them may still store, nothing is written.
//   T3  Tables that several spaces share change for all of them at once, since what the page shows does not.
//
// Locks     kernel lock. Never called while another part of the kernel relies on a page being there: from mm/reclaim.ts, and for madvise.

import { Limit } from "../../abi/layout";
import { ObjectKind } from "../../abi/syscall";
import { Counter, counterAdd } from "../arch/counters";
import { cpuRecordOf } from "../arch/percpu";
import {
  PTE_A,
  PTE_COW,
  PTE_D,
  PTE_DEMAND,
  PTE_FRAME,
  PTE_P,
  PTE_SWAPPED,
  PTE_WAS_DIRTY,
  pteFrame,
} from "../arch/pte";
import { shootdown } from "../arch/shootdown";
import { Panic, panic } from "../lib/panic";
import { frameFree, frameIsInFlight, frameSettle, leafIsRam } from "./batch";
import { listPut } from "./cachelist";
import { userWaits } from "./futex";
import { imageCacheDrop } from "./imagecache";
import { INDEX_SWAPPED, Obj, objectIndexAt } from "./object";
import { PageFlag, PageIo, PageState, pageOf, pageSetState } from "./page";
import { rmapClear, rmapEntry, rmapRest } from "./rmap";
import { slotAlloc, slotClearFrame, slotGet, slotRefs } from "./slot";
import { Space } from "./space";
import { swapFlush, swapIsLeaving, swapMayWriteOut } from "./swap";
import { ptLeafAt, ptNext, tableAllows, tablePage } from "./table";
import { wantClear } from "./want";

export const enum Evicted {
  NO = 0, // it stays
  FREE = 1, // it is free, or on the clean list
  LATER = 2, // it will be, when it has been written or an access has ended
}

/** True if the frame may be taken away: a program's, but not init's, all of whose references are known, and which no device uses. */
export function evictAllows(pfn: u32): bool {
  const page = pageOf(pfn);
  if (page.state != PageState.OBJECT || page.io != PageIo.NONE) return false;
  if (page.flags & (PageFlag.PINNED | PageFlag.TYPE)) return false;
  const shared = changetype<Obj>(page.owner).kind == ObjectKind.SHARED_ANON;
  let refs: u32 = shared ? 1 : 0;
  for (let word = page.rmap; word != 0; word = rmapRest(word)) {
    if (!tableAllows(rmapEntry(word))) return false;
    refs++;
  }
  return refs == page.refs && !userWaits(pfn);
}

/** Clears A in every entry that names the frame, with its translations. True: it was set in one. */
export function evictAge(pfn: u32): bool {
  let used = false;
  for (let word = pageOf(pfn).rmap; word != 0; word = rmapRest(word)) {
    const at = rmapEntry(word);
    const leaf = load<u64>(at);
    if (!(leaf & PTE_A)) continue;
    store<u64>(at, leaf & ~PTE_A);
    dropTranslations(at);
    used = true;
  }
  return used;
}

/** Takes a frame that evictAllows away. */
export function evict(pfn: u32): Evicted {
  const page = pageOf(pfn);
  const fromFile = (page.flags & PageFlag.CACHED) != 0;
  if (!fromFile && swapIsLeaving()) return Evicted.NO;
  const write = !fromFile && isDirty(pfn);
  if (write && !newSlot(pfn)) return Evicted.NO;
  const object = changetype<Obj>(page.owner);
  const shared = object.kind == ObjectKind.SHARED_ANON;
  const slot = page.slot;
  const marker: u64 = fromFile || shared ? PTE_DEMAND : PTE_SWAPPED | ((<u64>slot) << 12);
  let inFlight = frameIsInFlight(pfn);
  for (let word = page.rmap; word != 0; word = rmapRest(word)) {
    const at = rmapEntry(word);
    const leaf = load<u64>(at);
    if (pteFrame(leaf) != pfn || !(leaf & PTE_P)) panic(Panic.BAD_TABLE, at);
    const dirty = (leaf & (PTE_D | PTE_WAS_DIRTY)) != 0 ? PTE_WAS_DIRTY : 0;
    store<u64>(at, marker | (leaf & PTE_COW) | dirty);
    if (dropTranslations(at)) inFlight = true;
    if (!fromFile && !shared) slotGet(slot);
    page.refs--;
    counterAdd(Counter.EVICT_MAPPINGS, 1);
  }
  rmapClear(pfn);
  counterAdd(Counter.EVICTIONS, 1);
  if (shared) {
    slotGet(slot);
    store<u32>(objectIndexAt(object, page.link), INDEX_SWAPPED | slot);
    page.refs--;
  }
  page.link = fromFile ? page.link : 0;
  if (inFlight) page.flags |= <u8>PageFlag.IN_FLIGHT;
  return fromFile ? freed(pfn, inFlight) : toCache(pfn, write, inFlight);
}

/** Takes the pages [start, end) of a space away, as far as they may go. Nobody relies on any of them. */
export function evictRange(space: Space, start: u32, end: u32): void {
  for (let vpn = ptNext(space, start, end); vpn < end; vpn = ptNext(space, vpn + 1, end)) {
    const leaf = load<u64>(ptLeafAt(space, vpn));
    if (leaf & PTE_P && leafIsRam(leaf) && evictAllows(pteFrame(leaf))) evict(pteFrame(leaf));
  }
  swapFlush();
  wantClear();
}

/** A page of a file goes: it is read from there again. */
function freed(pfn: u32, inFlight: bool): Evicted {
  imageCacheDrop(pfn);
  counterAdd(Counter.CLEAN_DROPS, 1);
  frameFree(pfn);
  return inFlight ? Evicted.LATER : Evicted.FREE;
}

function toCache(pfn: u32, write: bool, inFlight: bool): Evicted {
  const page = pageOf(pfn);
  pageSetState(page, PageState.SWAP);
  if (write) {
    page.stale = 1;
    if (inFlight) frameSettle(pfn);
    else listPut(pfn, PageIo.PENDING);
    return Evicted.LATER;
  }
  counterAdd(Counter.CLEAN_DROPS, 1);
  if (!inFlight) {
    listPut(pfn, PageIo.CLEAN);
    return Evicted.FREE;
  }
  slotClearFrame(page.slot); // somebody may still read it: the slot alone has the page from now on
  frameFree(pfn);
  return Evicted.LATER;
}

/** True if the frame is not what its slot holds, or has none. */
function isDirty(pfn: u32): bool {
  const page = pageOf(pfn);
  if (page.slot == 0 || page.stale != 0) return true;
  for (let word = page.rmap; word != 0; word = rmapRest(word)) {
    if (load<u64>(rmapEntry(word)) & PTE_D) return true;
  }
  return false;
}

/** A slot for a frame that will be written: a new one beside the last, so that neighbours go out together. False: there is none. */
function newSlot(pfn: u32): bool {
  const page = pageOf(pfn);
  if (!swapMayWriteOut()) return false;
  if (page.slot != 0 && slotRefs(page.slot) != 0) return true;
  if (page.slot != 0) slotClearFrame(page.slot);
  return slotAlloc(pfn) != 0;
}

/** Drops what CPUs hold of the entry at `at`: those whose running space walks to it. True: an access through it may be in flight. */
function dropTranslations(at: usize): bool {
  const vpn = tablePage(at);
  let inFlight = false;
  for (let slot: u32 = 0; slot < <u32>Limit.CPUS; slot++) {
    const space = cpuRecordOf(slot).space;
    if (space == 0 || ptLeafAt(changetype<Space>(space), vpn) != at) continue;
    if (shootdown(slot, vpn, 1)) inFlight = true;
  }
  return inFlight;
}

if (PTE_FRAME >> 12 < 0xfffff) ERROR("a slot does not fit in the frame field");
