// Slot: a page of swap space. The table of slots is made of frames that are taken when the first of their slots is used.
//
//   SLOT_ROOT: 1024 u32 table frames -> table frame: 512 slots {refs, frame}        (2 GiB of swap)
//   frame: 20 bits, and above them what mmCheck has seen, modulo 4096
//   the Page of a table frame: slot counts its slots in use
//
// Invariants
//   L1  refs is the number of entries that name the slot: SWAPPED leaves (in distinct tables) and entries of shared objects' indexes.
//   L2  frame is the frame that the swap cache has for the slot, 0 none; the Page.slot of that frame is the slot.
//   L3  A slot is in use while refs or frame is not 0; SLOTS_USED counts those. Slot 0 is never used.
//   L4  A table frame is there only while one of its slots is in use.
//
// Locks     kernel lock.
// Not here  What is in a frame, and what in the slot (mm/swapcache.ts).

import { Panic, panic } from "../lib/panic";
import { PageIo, pageOf } from "./page";
import { pmmAlloc, pmmFree } from "./pmm";
import { MmVar, mmVar, mmVarSet } from "./vars";

const TABLE_SHIFT: u32 = 9;
const TABLE_SLOTS: u32 = 512;
const FRAME_MASK: u32 = 0xfffff;
const SEEN_ONE: u32 = 0x100000;
/** More swap space than this is not used. */
export const SLOTS_MAX: u32 = 1024 * TABLE_SLOTS;

/** Slots that can be used; 0: there is no swap space. */
export function slotCount(): u32 {
  const n = mmVar(MmVar.SLOTS);
  return n == 0 ? 0 : n - 1;
}

export function slotUsed(): u32 {
  return mmVar(MmVar.SLOTS_USED);
}

/** Entries that name the slot. */
export function slotRefs(slot: u32): u32 {
  return load<u32>(slotAt(slot));
}

/** The frame that the swap cache has for the slot, 0 none. */
export function slotFrame(slot: u32): u32 {
  return load<u32>(slotAt(slot), 4) & FRAME_MASK;
}

/** One entry more names the slot, which is in use. */
export function slotGet(slot: u32): void {
  const at = slotAt(slot);
  if (load<u32>(at) == 0 && slotFrame(slot) == 0) panic(Panic.BAD_REFERENCE, slot);
  store<u32>(at, load<u32>(at) + 1);
}

/** One entry less names the slot. True: none does. A slot that is in no frame either is free now. */
export function slotPutIsLast(slot: u32): bool {
  const at = slotAt(slot);
  const refs = load<u32>(at);
  if (refs == 0) panic(Panic.BAD_REFERENCE, slot);
  store<u32>(at, refs - 1);
  if (refs == 1 && slotFrame(slot) == 0) slotFree(slot);
  return refs == 1;
}

/** A slot for the frame, as near behind the last one as there is; 0: swap space or memory is at its end. */
export function slotAlloc(pfn: u32): u32 {
  const slots = mmVar(MmVar.SLOTS);
  if (slots == 0) return 0;
  let slot = findFree(mmVar(MmVar.SLOT_CURSOR), slots);
  if (slot == 0) slot = findFree(1, mmVar(MmVar.SLOT_CURSOR));
  if (slot == 0) slot = steal(slots);
  if (slot == 0) return 0;
  const root = (<usize>mmVar(MmVar.SLOT_ROOT)) << 12;
  const at = root + ((<usize>(slot >> TABLE_SHIFT)) << 2);
  if (load<u32>(at) == 0) {
    const table = pmmAlloc(true);
    if (table == 0) return 0;
    store<u32>(at, table);
  }
  pageOf(load<u32>(at)).slot++;
  store<u32>(slotAt(slot), pfn, 4);
  pageOf(pfn).slot = slot;
  mmVarSet(MmVar.SLOTS_USED, slotUsed() + 1);
  mmVarSet(MmVar.SLOT_CURSOR, slot + 1 < slots ? slot + 1 : 1);
  return slot;
}

/** The swap cache has the slot in the frame. */
export function slotSetFrame(slot: u32, pfn: u32): void {
  store<u32>(slotAt(slot), pfn, 4);
  pageOf(pfn).slot = slot;
}

/** The swap cache does not have the slot any more; if nothing names it either it is free. */
export function slotClearFrame(slot: u32): void {
  const at = slotAt(slot);
  pageOf(slotFrame(slot)).slot = 0;
  store<u32>(at, 0, 4);
  if (load<u32>(at) == 0) slotFree(slot);
}

/** The first slot in use from `slot` on, 0 none. */
export function slotNext(slot: u32): u32 {
  const slots = mmVar(MmVar.SLOTS);
  while (slot < slots) {
    if (tableOf(slot) == 0) {
      slot = (slot | (TABLE_SLOTS - 1)) + 1;
      continue;
    }
    if (slotRefs(slot) != 0 || slotFrame(slot) != 0) return slot;
    slot++;
  }
  return 0;
}

/** True if there is a table for the slot. */
export function slotIsKnown(slot: u32): bool {
  return slot != 0 && slot < mmVar(MmVar.SLOTS) && tableOf(slot) != 0;
}

/** mmCheck: no entry that names a slot has been seen. */
export function slotClearSeen(): void {
  for (let slot = slotNext(1); slot != 0; slot = slotNext(slot + 1)) {
    const at = slotAt(slot);
    store<u32>(at, load<u32>(at, 4) & FRAME_MASK, 4);
  }
}

/** mmCheck: an entry names the slot. */
export function slotSee(slot: u32): void {
  const at = slotAt(slot);
  store<u32>(at, load<u32>(at, 4) + SEEN_ONE, 4);
}

/** mmCheck: whether as many entries were seen as the slot has refs. */
export function slotSeenAll(slot: u32): bool {
  const at = slotAt(slot);
  return load<u32>(at, 4) >> 20 == (load<u32>(at) & 0xfff);
}

/** mmCheck: slots in use by the table frame of a slot. */
export function slotTableCount(slot: u32): u32 {
  return pageOf(tableOf(slot)).slot;
}

function slotAt(slot: u32): usize {
  const table = tableOf(slot);
  if (slot >= mmVar(MmVar.SLOTS) || table == 0) panic(Panic.BAD_FRAME, slot);
  return ((<usize>table) << 12) + ((<usize>(slot & (TABLE_SLOTS - 1))) << 3);
}

function tableOf(slot: u32): u32 {
  return load<u32>(((<usize>mmVar(MmVar.SLOT_ROOT)) << 12) + ((<usize>(slot >> TABLE_SHIFT)) << 2));
}

function slotFree(slot: u32): void {
  store<u32>(slotAt(slot), 0, 4);
  mmVarSet(MmVar.SLOTS_USED, slotUsed() - 1);
  const table = tableOf(slot);
  const page = pageOf(table);
  page.slot--;
  if (page.slot != 0) return;
  store<u32>(((<usize>mmVar(MmVar.SLOT_ROOT)) << 12) + ((<usize>(slot >> TABLE_SHIFT)) << 2), 0);
  pmmFree(table);
}

/** The first free slot in [from, end), 0 none. Tables that are full cost one step. */
function findFree(from: u32, end: u32): u32 {
  let slot = max<u32>(from, 1);
  while (slot < end) {
    const table = tableOf(slot);
    if (table == 0) return slot;
    if (pageOf(table).slot == TABLE_SLOTS) {
      slot = (slot | (TABLE_SLOTS - 1)) + 1;
      continue;
    }
    if (slotRefs(slot) == 0 && slotFrame(slot) == 0) return slot;
    slot++;
  }
  return 0;
}

/** All slots are in use: one that only the swap cache holds, for a page that is mapped again, is given up. 0: there is none. */
function steal(slots: u32): u32 {
  for (let slot: u32 = 1; slot < slots; slot++) {
    if (slotRefs(slot) != 0 || pageOf(slotFrame(slot)).io != PageIo.NONE) continue;
    slotClearFrame(slot);
    return slot;
  }
  return 0;
}
