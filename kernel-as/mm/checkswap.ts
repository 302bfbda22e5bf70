// Checkswap: the part of mmCheck that walks reverse maps, slots and the swap cache. What names slots and frames has been counted before.
//
// Locks     kernel lock.

import { DiskState } from "../../abi/disk";
import { diskRequestBlock, diskRequestCount, diskRequestFrame } from "../arch/disk";
import { Vars } from "../lib/vars";
import { broken, Check } from "./check";
import { Brought, PageIo, PageState, pageOf } from "./page";
import { rmapCount } from "./rmap";
import {
  slotFrame,
  slotIsKnown,
  slotNext,
  slotRefs,
  slotSeenAll,
  slotTableCount,
  slotUsed,
} from "./slot";
import { MmVar, mmVar } from "./vars";

/** 0, or the broken invariant. leaves: how many leaves name frames, each of which is in its frame's reverse map. */
export function checkSwap(leaves: u32): i32 {
  const frames = mmVar(MmVar.FRAMES);
  let mapped: u32 = 0;
  let clean: u32 = 0;
  let pending: u32 = 0;
  let settling: u32 = 0;
  let reading: u32 = 0;
  let writing: u32 = 0;
  for (let pfn: u32 = 0; pfn < frames; pfn++) {
    const page = pageOf(pfn);
    const cached = page.state == PageState.SWAP;
    if (page.state == PageState.OBJECT) mapped += rmapCount(pfn);
    if (!cached && page.state != PageState.OBJECT) continue;
    if (page.io == PageIo.CLEAN) clean++;
    if (page.io == PageIo.PENDING) pending++;
    if (page.io == PageIo.SETTLING) settling++;
    if (page.io == PageIo.READING) reading++;
    if (page.io == PageIo.WRITING) writing++;
    if (page.brought != <u8>Brought.NONE && !cached) return broken(Check.G1_AHEAD, pfn);
    if (page.brought == <u8>Brought.AHEAD && page.io != PageIo.READING && page.io != PageIo.CLEAN)
      return broken(Check.G1_AHEAD, pfn);
    if (
      !cached &&
      (page.io == PageIo.CLEAN || page.io == PageIo.PENDING || page.io == PageIo.READING)
    )
      return broken(Check.K1_CACHE_STATE, pfn);
    if (cached && (page.slot == 0 || page.refs != 0 || page.rmap != 0))
      return broken(Check.K1_CACHE_STATE, pfn);
    if (page.slot == 0) continue;
    if (!slotIsKnown(page.slot) || slotFrame(page.slot) != pfn)
      return broken(Check.L2_SLOT_FRAME, pfn);
    if (page.io == PageIo.CLEAN && page.stale != 0) return broken(Check.K3_CACHE_DIRTY, pfn);
  }
  if (mapped != leaves) return broken(Check.B1_REVERSE_MAP, mapped);
  if (clean != listLength(MmVar.CLEAN_HEAD, PageIo.CLEAN)) return broken(Check.V1_LIST, clean);
  if (clean != mmVar(MmVar.CLEAN_COUNT)) return broken(Check.V1_LIST, clean);
  if (pending != listLength(MmVar.PENDING_HEAD, PageIo.PENDING))
    return broken(Check.V1_LIST, pending);
  if (settling != mmVar(MmVar.SETTLING)) return broken(Check.V1_LIST, settling);
  if (reading != mmVar(MmVar.READING)) return broken(Check.W1_REQUESTS, reading);
  const bad = checkRequests(reading + writing);
  return bad != 0 ? bad : checkSlots();
}

function checkSlots(): i32 {
  let used: u32 = 0;
  let table: u32 = 0;
  let inTable: u32 = 0;
  let known: u32 = 0;
  for (let slot = slotNext(1); slot != 0; slot = slotNext(slot + 1)) {
    used++;
    if (!slotSeenAll(slot)) return broken(Check.L1_SLOT_REFS, slot);
    const frame = slotFrame(slot);
    if (frame != 0 && pageOf(frame).slot != slot) return broken(Check.L2_SLOT_FRAME, slot);
    if (slotRefs(slot) == 0 && frame == 0) return broken(Check.L3_SLOT_COUNT, slot);
    if (slot >> 9 != table || inTable == 0) {
      if (inTable != known) return broken(Check.L3_SLOT_COUNT, table);
      table = slot >> 9;
      inTable = 0;
      known = slotTableCount(slot);
    }
    inTable++;
  }
  return inTable == known && used == slotUsed() ? 0 : broken(Check.L3_SLOT_COUNT, used);
}

/** W1: the requests under way have just these `moving` frames, each with its slot. */
function checkRequests(moving: u32): i32 {
  let requests: u32 = 0;
  let frames: u32 = 0;
  for (let id: u32 = 0; id < <u32>DiskState.CAPACITY; id++) {
    const word = load<u32>(Vars.MM + <usize>MmVar.SWAP_IDS + ((<usize>(id >> 5)) << 2));
    if (!((word >> (id & 31)) & 1)) continue;
    requests++;
    const n = diskRequestCount(id);
    for (let i: u32 = 0; i < n; i++) {
      const pfn = diskRequestFrame(id, i);
      if (pfn == 0) continue;
      const page = pageOf(pfn);
      const reading = page.io == PageIo.READING;
      frames++;
      if (page.slot != diskRequestBlock(id) + i - mmVar(MmVar.SWAP_BLOCK))
        return broken(Check.W1_REQUESTS, pfn);
      if (reading ? page.next != id : page.io != PageIo.WRITING)
        return broken(Check.W1_REQUESTS, pfn);
    }
  }
  if (requests != mmVar(MmVar.SWAP_REQUESTS)) return broken(Check.W1_REQUESTS, requests);
  return frames == moving ? 0 : broken(Check.W1_REQUESTS, frames);
}

/** Frames on a list whose marks and links agree; u32.MAX_VALUE: they do not. */
function listLength(head: MmVar, io: PageIo): u32 {
  let n: u32 = 0;
  let last: u32 = 0;
  for (let pfn = mmVar(head); pfn != 0; pfn = pageOf(pfn).next) {
    if (<PageIo>pageOf(pfn).io != io || pageOf(pfn).link != last) return u32.MAX_VALUE;
    last = pfn;
    n++;
  }
  return mmVar(<MmVar>(head + 4)) == last ? n : u32.MAX_VALUE;
}
