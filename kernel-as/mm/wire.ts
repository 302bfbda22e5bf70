// Wire: pinning pages of a program for a device that will read or write them. A wiring holds one reference to each frame, so that the
// frame outlives an munmap, and marks it: pinned frames are not evicted, not copied on write and not retyped.
//
// A private page is its space's alone before it is pinned. When the space is cloned, the clone gets the copy at once and the space keeps
// the frame, so that a later write of the program and the device still meet: a step for each pinned page, none when nothing is pinned.
//
//   one frame: Wiring, then `count` frame numbers from FRAMES_AT on
//
// Invariants
//   N1  A frame is marked FRAME_PINNED if and only if a wiring names it.
//   N2  Every wiring is on the list of MmVar.WIRINGS; P3 of mm/page.ts counts its references.
//   N3  At most one PTE names a pinned frame of private memory, and it has no COW.
//
// Locks     kernel lock.

import { Access } from "../../abi/mmu";
import { PTE_COW, PTE_FRAME, PTE_P, PTE_RW, pteFrame } from "../arch/pte";
import { Panic, panic } from "../lib/panic";
import { frameDrop, leafDrop } from "./batch";
import { cowCopy, cowOwn } from "./cow";
import { mapFind } from "./entry";
import { entryAllows, FaultResult, faultWalk } from "./fault";
import { FRAME_PINNED } from "./frametype";
import { pageGet, pageOf } from "./page";
import { pmmAlloc, pmmFree } from "./pmm";
import { rmapSetSole } from "./rmap";
import { frameIsPrivate, shareOwn } from "./share";
import { Space } from "./space";
import { ptLeafAt } from "./table";
import { MmVar, mmVar, mmVarSet } from "./vars";

const FRAMES_AT: usize = 16;
/** Pages of one wiring. */
export const WIRE_PAGES_MAX: u32 = 1020;

@unmanaged
export class Wiring {
  next: usize;
  count: u32;
  firstVpn: u32;
  pad: u32;
}

if (offsetof<Wiring>() != 16) ERROR("Wiring is 16 bytes");

/**
 * Makes every page of [va, va + bytes) resident for the access (what the device does) and pins its frame. The wiring, or 0: a page does
 * not allow the access, is device memory, or there is no memory; then nothing is pinned.
 */
export function wirePin(space: Space, va: u32, bytes: u32, access: Access): usize {
  const first = va >> 12;
  const pages: u32 = bytes == 0 ? 0 : ((va + (bytes - 1)) >> 12) - first + 1;
  if (pages == 0 || pages > WIRE_PAGES_MAX || va + (bytes - 1) < va) return 0;
  const pfn = pmmAlloc(true);
  if (pfn == 0) return 0;
  const wiring = changetype<Wiring>((<usize>pfn) << 12);
  wiring.firstVpn = first;
  wiring.next = mmVar(MmVar.WIRINGS);
  mmVarSet(MmVar.WIRINGS, changetype<usize>(wiring));
  for (let i: u32 = 0; i < pages; i++) {
    const frame = pinnable(space, first + i, access);
    if (frame == 0) {
      wireUnpin(changetype<usize>(wiring));
      return 0;
    }
    pageGet(frame);
    pageOf(frame).flags |= FRAME_PINNED;
    store<u32>(slotOf(wiring, i), frame);
    wiring.count = i + 1;
  }
  return changetype<usize>(wiring);
}

/** The frame of page i of a wiring, for the device. */
export function wireFrame(wiring: usize, i: u32): u32 {
  return load<u32>(slotOf(changetype<Wiring>(wiring), i));
}

/** Ends a wiring. Frames that nothing else refers to are free. */
export function wireUnpin(address: usize): void {
  const wiring = changetype<Wiring>(address);
  unlink(wiring);
  for (let i: u32 = 0; i < wiring.count; i++) {
    const pfn = load<u32>(slotOf(wiring, i));
    if (!isWired(pfn)) pageOf(pfn).flags &= ~FRAME_PINNED;
    frameDrop(pfn, -1);
  }
  pmmFree(<u32>(address >> 12));
}

/** True if a device may be using the frame. */
export function frameIsPinned(pfn: u32): bool {
  return (pageOf(pfn).flags & FRAME_PINNED) != 0;
}

/**
 * `clone` has just got the tree of `source`: what is pinned there becomes the source's alone again, and the clone gets copies. False: no
 * memory; the clone is to be destroyed. wireRestore(source) follows in either case.
 */
export function wireSplit(clone: Space, source: Space): bool {
  for (let at = <usize>mmVar(MmVar.WIRINGS); at != 0; at = changetype<Wiring>(at).next) {
    const wiring = changetype<Wiring>(at);
    for (let i: u32 = 0; i < wiring.count; i++) {
      const pfn = load<u32>(slotOf(wiring, i));
      if (
        showsPrivately(clone, wiring.firstVpn + i, pfn) &&
        !giveCopy(clone, wiring.firstVpn + i, pfn)
      )
        return false;
    }
  }
  return true;
}

/** The source of wireSplit, whose clone is gone or has its copies, may write its pinned pages in place again (N3). */
export function wireRestore(source: Space): void {
  for (let at = <usize>mmVar(MmVar.WIRINGS); at != 0; at = changetype<Wiring>(at).next) {
    const wiring = changetype<Wiring>(at);
    for (let i: u32 = 0; i < wiring.count; i++) {
      const vpn = wiring.firstVpn + i;
      if (!showsPrivately(source, vpn, load<u32>(slotOf(wiring, i)))) continue;
      // The clone has copied the tables, or is gone: what is left has one sharer, and making that writable takes no memory.
      if (!shareOwn(source, vpn, 1)) panic(Panic.BAD_TABLE, vpn);
      const leafAt = ptLeafAt(source, vpn);
      store<u64>(leafAt, ownLeaf(source, vpn, load<u64>(leafAt)));
    }
  }
}

/** Pins on a frame: references of its descriptor that no PTE holds. */
export function framePins(pfn: u32): u32 {
  if (!frameIsPinned(pfn)) return 0;
  let n: u32 = 0;
  for (let at = <usize>mmVar(MmVar.WIRINGS); at != 0; at = changetype<Wiring>(at).next) {
    const wiring = changetype<Wiring>(at);
    for (let i: u32 = 0; i < wiring.count; i++) n += load<u32>(slotOf(wiring, i)) == pfn ? 1 : 0;
  }
  return n;
}

/** mmCheck: counts the references that wirings hold. */
export function wireCountSeen(): void {
  for (let at = <usize>mmVar(MmVar.WIRINGS); at != 0; at = changetype<Wiring>(at).next) {
    const wiring = changetype<Wiring>(at);
    for (let i: u32 = 0; i < wiring.count; i++) pageOf(load<u32>(slotOf(wiring, i))).seen++;
  }
}

function slotOf(wiring: Wiring, i: u32): usize {
  return changetype<usize>(wiring) + FRAMES_AT + ((<usize>i) << 2);
}

/** The frame of page vpn, resident for the access and, if private, the space's alone; 0: not allowed, a device, or no memory. */
function pinnable(space: Space, vpn: u32, access: Access): u32 {
  const leaf = faultWalk(space, vpn << 12, access);
  const frame = pteFrame(leaf);
  if (leaf == 0 || frame >= mmVar(MmVar.FRAMES)) return 0;
  if (!frameIsPrivate(frame)) return frame;
  const entry = mapFind(space, vpn);
  const writable = entry != null && entryAllows(entry, Access.WRITE);
  if (cowOwn(space, vpn, writable) != FaultResult.OK) return 0;
  return pteFrame(load<u64>(ptLeafAt(space, vpn)));
}

function showsPrivately(space: Space, vpn: u32, pfn: u32): bool {
  const at = ptLeafAt(space, vpn);
  return (
    at != 0 && (load<u64>(at) & PTE_P) != 0 && pteFrame(load<u64>(at)) == pfn && frameIsPrivate(pfn)
  );
}

/** Page vpn of a clone becomes a copy of the pinned frame that it shows. False: no memory. */
function giveCopy(clone: Space, vpn: u32, pfn: u32): bool {
  const copy = cowCopy(clone, vpn, pfn);
  if (copy == 0) return false;
  if (!shareOwn(clone, vpn, 1)) {
    frameDrop(copy, -1);
    return false;
  }
  // The clone runs on no CPU: nobody has a translation of its leaf.
  const at = ptLeafAt(clone, vpn);
  const old = load<u64>(at);
  store<u64>(at, (ownLeaf(clone, vpn, old) & ~PTE_FRAME) | ((<u64>copy) << 12));
  leafDrop(old, at, -1);
  rmapSetSole(copy, at);
  return true;
}

/** A leaf without COW, writable if its entry is. */
function ownLeaf(space: Space, vpn: u32, leaf: u64): u64 {
  const entry = mapFind(space, vpn);
  const rights = entry != null && entryAllows(entry, Access.WRITE) ? PTE_RW : 0;
  return (leaf & ~(PTE_COW | PTE_RW)) | rights;
}

function isWired(pfn: u32): bool {
  for (let at = <usize>mmVar(MmVar.WIRINGS); at != 0; at = changetype<Wiring>(at).next) {
    const wiring = changetype<Wiring>(at);
    for (let i: u32 = 0; i < wiring.count; i++)
      if (load<u32>(slotOf(wiring, i)) == pfn) return true;
  }
  return false;
}

function unlink(wiring: Wiring): void {
  const address = changetype<usize>(wiring);
  if (mmVar(MmVar.WIRINGS) == address) {
    mmVarSet(MmVar.WIRINGS, wiring.next);
    return;
  }
  let at = <usize>mmVar(MmVar.WIRINGS);
  while (changetype<Wiring>(at).next != address) at = changetype<Wiring>(at).next;
  changetype<Wiring>(at).next = wiring.next;
}
