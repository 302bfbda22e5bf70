// Wire: pinning pages of a program for a device that will read or write them. A wiring holds one reference to each frame, so that the
// frame outlives an munmap, and marks it: pinned frames are not evicted, not copied on write and not retyped.
//
//   one frame: Wiring, then `count` frame numbers from FRAMES_AT on
//
// Invariants
//   N1  A frame is marked FRAME_PINNED if and only if a wiring names it.
//   N2  Every wiring is on the list of MmVar.WIRINGS; P3 of mm/page.ts counts its references.
//
// Locks     kernel lock.

import { Access } from "../../abi/mmu";
import { pteFrame } from "../arch/pte";
import { frameDrop } from "./batch";
import { faultWalk } from "./fault";
import { FRAME_PINNED } from "./frametype";
import { pageGet, pageOf } from "./page";
import { pmmAlloc, pmmFree } from "./pmm";
import { Space } from "./space";
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
    const leaf = faultWalk(space, (first + i) << 12, access);
    const frame = pteFrame(leaf);
    if (leaf == 0 || frame >= mmVar(MmVar.FRAMES)) {
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
