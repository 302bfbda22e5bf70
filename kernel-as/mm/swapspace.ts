// Swapspace: swap space is taken into use, and given up again: then every page in it comes back to memory.
//
// What names a slot is found by looking at every leaf and every index, since there is no reverse map of what is not there: giving up is rare.
//
// Invariants
//   Z1  While the space is given up (SwapState.LEAVING) nothing new is written out, and a page that has come in gives its slot up.
//   Z2  If memory is too small for what is in it, or a page cannot be read, the space stays in use, and nothing is lost.
//
// Locks     kernel lock. Never sleeps.

import { Errno } from "../../abi/errno";
import { UserPage } from "../../abi/layout";
import { Access } from "../../abi/mmu";
import { ObjectKind } from "../../abi/syscall";
import { CpuRecord, cpuRecord } from "../arch/percpu";
import { PTE_SWAPPED } from "../arch/pte";
import { Panic, panic } from "../lib/panic";
import { mapFind } from "./entry";
import { FaultResult } from "./fault";
import { INDEX_SWAPPED, OBJECTS_MAX, Obj, objectAt, objectFrame } from "./object";
import { PageIo, pageOf } from "./page";
import { swapIn } from "./pagein";
import { pmmAlloc, pmmFree, pmmTotalFrames } from "./pmm";
import { SLOTS_MAX, slotClearFrame, slotFrame, slotNext, slotRefs, slotUsed } from "./slot";
import { Space } from "./space";
import { SwapState, swapWantAny } from "./swap";
import { ptLeafAt, ptNext } from "./table";
import { MmVar, mmVar, mmVarSet } from "./vars";
import { Want, wantAcknowledge, wantClear } from "./want";

/** Frames kept for page tables and the kernel: one in 64, within these. */
const RESERVE_MIN: u32 = 16;
const RESERVE_MAX: u32 = 256;
/** Pages on their way in at a time. */
const AHEAD: u32 = 32;

/** What a step of swapLeave came to. */
export const enum Leave {
  DONE = 0,
  WAIT = 1, // mm/want.ts says for what
  STOPPED = 2, // somebody needed the space: it stays in use
}

/** Uses blocks [first, first + blocks) of the disk as swap space. 0; -EBUSY: there is one; -EINVAL: it is too small; -ENOMEM. */
export function swapEnter(first: u32, blocks: u32): i32 {
  if (mmVar(MmVar.SWAP_STATE) != SwapState.OFF) return -Errno.EBUSY;
  if (blocks < 2) return -Errno.EINVAL;
  const root = pmmAlloc(true);
  if (root == 0) return -Errno.ENOMEM;
  mmVarSet(MmVar.SLOT_ROOT, root);
  mmVarSet(MmVar.SLOTS, min(blocks, SLOTS_MAX));
  mmVarSet(MmVar.SLOT_CURSOR, 1);
  mmVarSet(MmVar.SWAP_BLOCK, first);
  mmVarSet(MmVar.SWAP_FAILURES, 0);
  mmVarSet(MmVar.SWAP_STATE, SwapState.ON);
  mmVarSet(MmVar.RESERVE, min(max(pmmTotalFrames() >> 6, RESERVE_MIN), RESERVE_MAX));
  return 0;
}

/** True if there is a swap space, and nobody is giving it up. */
export function swapIsOn(): bool {
  return mmVar(MmVar.SWAP_STATE) == SwapState.ON;
}

/** Begins to give the swap space up. 0; -EINVAL: there is none; -EBUSY: somebody else is at it. */
export function swapLeaveBegin(): i32 {
  const state = mmVar(MmVar.SWAP_STATE);
  if (state != SwapState.ON) return state == SwapState.OFF ? -Errno.EINVAL : -Errno.EBUSY;
  mmVarSet(MmVar.SWAP_STATE, SwapState.LEAVING);
  return 0;
}

/** The space stays in use after all. */
export function swapLeaveStop(): void {
  if (mmVar(MmVar.SWAP_STATE) == SwapState.LEAVING) mmVarSet(MmVar.SWAP_STATE, SwapState.ON);
}

/** Brings in as much as can be, and gives the space up when nothing is left in it. */
export function swapLeave(): Leave {
  wantClear();
  if (mmVar(MmVar.SWAP_STATE) != SwapState.LEAVING) return Leave.STOPPED;
  let ahead: u32 = 0;
  for (
    let at = <usize>mmVar(MmVar.SPACES);
    at != 0 && ahead < AHEAD;
    at = changetype<Space>(at).next
  ) {
    ahead += bringSpace(changetype<Space>(at), AHEAD - ahead);
    if (changetype<CpuRecord>(cpuRecord).want == Want.FRAMES) return Leave.WAIT;
    if (changetype<CpuRecord>(cpuRecord).want == Want.LOST) return Leave.WAIT;
  }
  for (let i: u32 = 0; i < OBJECTS_MAX && ahead < AHEAD; i++) {
    const object = objectAt(i);
    if (object.kind != ObjectKind.SHARED_ANON || object.index == 0) continue;
    ahead += bringObject(object, AHEAD - ahead);
    if (changetype<CpuRecord>(cpuRecord).want == Want.FRAMES) return Leave.WAIT;
    if (changetype<CpuRecord>(cpuRecord).want == Want.LOST) return Leave.WAIT;
  }
  if (ahead != 0) return Leave.WAIT;
  return finish();
}

/** Brings pages of a space in, or begins to: how many were not there. */
function bringSpace(space: Space, most: u32): u32 {
  const end = <u32>UserPage.STACK_TOP;
  let n: u32 = 0;
  for (let vpn = ptNext(space, 0, end); vpn < end && n < most; vpn = ptNext(space, vpn + 1, end)) {
    if (!(load<u64>(ptLeafAt(space, vpn)) & PTE_SWAPPED)) continue;
    const entry = mapFind(space, vpn);
    if (entry == null) panic(Panic.BAD_STATE, vpn);
    if (swapIn(space, entry!, vpn, Access.READ) != FaultResult.WAIT) continue;
    n++;
    const want = changetype<CpuRecord>(cpuRecord).want;
    if (want == Want.FRAMES || want == Want.LOST) break;
  }
  return n;
}

function bringObject(object: Obj, most: u32): u32 {
  let n: u32 = 0;
  const index = (<usize>object.index) << 12;
  for (let i: u32 = 0; i < 1024; i++) {
    const leaf = load<u32>(index + ((<usize>i) << 2));
    for (let j: u32 = 0; leaf != 0 && j < 1024 && n < most; j++) {
      if (!(load<u32>(((<usize>leaf) << 12) + ((<usize>j) << 2)) & INDEX_SWAPPED)) continue;
      if (objectFrame(object, (i << 10) | j) != 0) continue;
      n++;
      const want = changetype<CpuRecord>(cpuRecord).want;
      if (want == Want.FRAMES || want == Want.LOST) return n;
    }
  }
  return n;
}

/** Nothing names a slot any more: frames give theirs up. The disk may still be writing what it was told to. */
function finish(): Leave {
  for (let slot = slotNext(1); slot != 0; slot = slotNext(slot + 1)) {
    const page = pageOf(slotFrame(slot));
    if (slotRefs(slot) != 0) panic(Panic.BAD_STATE, slot);
    if (page.io == PageIo.NONE) slotClearFrame(slot);
  }
  if (slotUsed() != 0) {
    if (!swapWantAny()) wantAcknowledge();
    return Leave.WAIT;
  }
  pmmFree(mmVar(MmVar.SLOT_ROOT));
  mmVarSet(MmVar.SLOT_ROOT, 0);
  mmVarSet(MmVar.SLOTS, 0);
  mmVarSet(MmVar.RESERVE, 0);
  mmVarSet(MmVar.SWAP_STATE, SwapState.OFF);
  return Leave.DONE;
}
