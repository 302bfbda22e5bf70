// Batch: the one way to lower a right: change the PTE, invalidate every CPU that runs the space, then let the frame go.
//
// Invariants
//   H1  A frame whose last reference goes here is free only when no access to it can be in flight: at once when the space runs on no
//       CPU or on this one, else when the CPU that ran it acknowledges (it enters the kernel) or stops running the space.
//   H2  So is a frame that lost an earlier reference with an access in flight: IN_FLIGHT frames wait for every CPU that has not
//       acknowledged, one after the other.
//   H3  Only leaves in tables that are the space's own change (mm/share.ts S3).
//
// Locks     kernel lock.

import { Counter, counterAdd } from "../arch/counters";
import { Limit } from "../../abi/layout";
import { CPU_RECORD_BYTES, CpuRecord, cpuRecord, cpuRecordOf } from "../arch/percpu";
import { PT_ENTRIES, PTE_D, PTE_P, PTE_SWAPPED, pteFrame } from "../arch/pte";
import { cpuMustAck, shootdown, shootdownWrites } from "../arch/shootdown";
import { Panic, panic } from "../lib/panic";
import { imageCacheDrop } from "./imagecache";
import { PageFlag, PageIo, PageState, pageOf, pageSetState } from "./page";
import { pagePutIsLast, pmmFree } from "./pmm";
import { rmapRemove, rmapSetSole } from "./rmap";
import { shareIsOwn } from "./share";
import { Space } from "./space";
import { ptClear, ptDropTable, ptEmpty, ptIsLarge, ptLeafAt } from "./table";
import { swapSettled } from "./swap";
import { swapKeeps, swapSlotPut, swapStale } from "./swapcache";
import { MmVar, mmVar, mmVarSet } from "./vars";

/** Unmaps the leaf at `at` (mm/table.ts ptLeafAt) that maps vpn, and drops the reference to its frame. Pages that the leaf mapped. */
export function batchClear(space: Space, vpn: u32, at: usize): u32 {
  const leaf = load<u64>(at);
  if (!shareIsOwn(space, vpn)) panic(Panic.BAD_TABLE, vpn);
  const large = ptIsLarge(space, vpn);
  const pages: u32 = large ? PT_ENTRIES : 1;
  ptClear(space, vpn, at);
  const inFlight = space.slot >= 0 && shootdown(space.slot, large ? vpn & ~511 : vpn, pages);
  if (!large && leafIsRam(leaf)) {
    space.residentPages--;
    leafDrop(leaf, at, inFlight ? space.slot : -1);
  }
  return pages;
}

/** Unmaps the whole shared page table around vpn from this space only. Pages from vpn to its end. */
export function batchDropTable(space: Space, vpn: u32): u32 {
  const base = vpn & ~(PT_ENTRIES - 1);
  const table = (<usize>ptDropTable(space, vpn)) << 12;
  const inFlight = space.slot >= 0 && shootdown(space.slot, base, PT_ENTRIES);
  for (let i: usize = 0; i < 4096; i += 8) {
    const leaf = load<u64>(table + i);
    if (!leafIsRam(leaf)) continue;
    space.residentPages--;
    if (inFlight && leaf & PTE_P) pageOf(pteFrame(leaf)).flags |= <u8>PageFlag.IN_FLIGHT;
  }
  return base + PT_ENTRIES - vpn;
}

/**
 * Unmaps the leaf of vpn from every space that shares its table. The caller drops the translations of each, and keeps the frames until
 * no access to them is in flight. Pages that it mapped.
 */
export function batchClearShared(space: Space, vpn: u32): u32 {
  const pages: u32 = ptIsLarge(space, vpn) ? PT_ENTRIES : 1;
  const at = ptLeafAt(space, vpn);
  const leaf = ptEmpty(at);
  if (pages == 1 && leafIsRam(leaf)) leafDrop(leaf, at, -1);
  return pages;
}

/** Replaces the small leaf at `at` of a present page by one with another frame, whose reference the leaf takes over. */
export function batchReplace(space: Space, vpn: u32, at: usize, leaf: u64): void {
  if (!shareIsOwn(space, vpn)) panic(Panic.BAD_TABLE, vpn);
  const old = load<u64>(at);
  store<u64>(at, leaf);
  const inFlight = space.slot >= 0 && shootdown(space.slot, vpn, 1);
  leafDrop(old, at, inFlight ? space.slot : -1);
  rmapSetSole(pteFrame(leaf), at);
}

/** True if a leaf stands for a page of a program: one with a frame of RAM, in a slot, or to be had through the map. */
// @ts-ignore: decorator
@inline
export function leafIsRam(leaf: u64): bool {
  return leaf & PTE_P ? pteFrame(leaf) < mmVar(MmVar.FRAMES) : leaf != 0;
}

/** What the small leaf, which was at `at`, named has one reference less. slot as for frameDrop. */
export function leafDrop(leaf: u64, at: usize, slot: i32): void {
  if (leaf & PTE_SWAPPED) {
    swapSlotPut(pteFrame(leaf));
    return;
  }
  if (!(leaf & PTE_P)) return;
  const pfn = pteFrame(leaf);
  rmapRemove(pfn, at);
  if (leaf & PTE_D) swapStale(pfn);
  frameDrop(pfn, slot);
}

/** No CPU writes through what it looked up of this space before: an entry above has lost RW. True: a store may still be in flight. */
export function batchProtect(space: Space): bool {
  return space.slot >= 0 && shootdownWrites(space.slot);
}

/** This CPU, or none, runs the space: it has no translation of it any more. */
export function batchFlush(space: Space): void {
  if (space.slot >= 0) shootdown(space.slot, 0, 0x100000);
}

/** Replaces the leaf at `at` that maps vpn by one with other rights or another type, same frame. Pages that the leaf maps. */
export function batchChange(space: Space, vpn: u32, at: usize, leaf: u64): u32 {
  if (!shareIsOwn(space, vpn)) panic(Panic.BAD_TABLE, vpn);
  const large = ptIsLarge(space, vpn);
  const pages: u32 = large ? PT_ENTRIES : 1;
  store<u64>(at, leaf);
  if (space.slot >= 0) shootdown(space.slot, large ? vpn & ~511 : vpn, pages);
  return pages;
}

/**
 * Right after this CPU took the lock on its way in from program code: acknowledges what others invalidated here. Nowhere else is there
 * anything to acknowledge, since ackPending is only set while the state is USER; a program that ends without entering leaves it to
 * spaceDeactivate.
 */
// @ts-ignore: decorator
@inline
export function shootdownAck(): void {
  if (cpuMustAck()) quarantineRelease(changetype<CpuRecord>(cpuRecord));
}

/** The CPU of this record can have no access in flight any more: its quarantined frames are free. */
export function quarantineRelease(record: CpuRecord): void {
  const slot = <u32>((changetype<usize>(record) - changetype<usize>(cpuRecordOf(0))) / CPU_RECORD_BYTES);
  record.ackPending = 0;
  record.carries = 0;
  let pfn = record.quarantine;
  record.quarantine = 0;
  while (pfn != 0) {
    const next = pageOf(pfn).next;
    freeFrom(slot + 1, pfn);
    pfn = next;
  }
}

/** Drops a reference to an OBJECT frame. The last frees it, or quarantines it. slot: CPU with an access through it in flight, or -1. */
export function frameDrop(pfn: u32, slot: i32): void {
  const page = pageOf(pfn);
  if (slot >= 0) page.flags |= <u8>PageFlag.IN_FLIGHT;
  if (!pagePutIsLast(pfn)) return;
  if (page.flags & PageFlag.CACHED) imageCacheDrop(pfn);
  if (page.slot != 0 && swapKeeps(pfn)) return;
  frameFree(pfn);
}

/** Frees a frame without references, once no access to it can be in flight. */
export function frameFree(pfn: u32): void {
  if (pageOf(pfn).flags & PageFlag.IN_FLIGHT) freeFrom(0, pfn);
  else pmmFree(pfn);
}

/** A frame that is to be written (IN_FLIGHT, state SWAP) is SETTLING until no store to it can be in flight. */
export function frameSettle(pfn: u32): void {
  pageOf(pfn).io = <u8>PageIo.SETTLING;
  mmVarSet(MmVar.SETTLING, mmVar(MmVar.SETTLING) + 1);
  freeFrom(0, pfn);
}

/** True if a CPU may still use a frame through a translation that is gone. */
export function frameIsInFlight(pfn: u32): bool {
  if (!(pageOf(pfn).flags & PageFlag.IN_FLIGHT)) return false;
  for (let slot: u32 = 0; slot < <u32>Limit.CPUS; slot++) {
    if (cpuRecordOf(slot).ackPending != 0) return true;
  }
  return false;
}

/**
 * Frees a frame with no references, or lets a SETTLING one be written, once every CPU from `slot` on has acknowledged. Those below need not be asked: what they have not
 * acknowledged now was dropped after the frame's last reference.
 */
function freeFrom(slot: u32, pfn: u32): void {
  for (; slot < <u32>Limit.CPUS; slot++) {
    if (cpuRecordOf(slot).ackPending == 0) continue;
    quarantine(slot, pfn);
    return;
  }
  const page = pageOf(pfn);
  if (page.io != PageIo.SETTLING) {
    pmmFree(pfn);
    return;
  }
  page.flags &= ~(<u8>PageFlag.IN_FLIGHT);
  swapSettled(pfn);
}

function quarantine(slot: u32, pfn: u32): void {
  const record = cpuRecordOf(slot);
  const page = pageOf(pfn);
  if (page.io != PageIo.SETTLING) pageSetState(page, PageState.QUARANTINE);
  page.next = record.quarantine;
  record.quarantine = pfn;
  counterAdd(Counter.QUARANTINED, 1);
}
