// Swap: the requests to the disk that bring pages in and out, and the swap space itself.
//
// Invariants
//   W1  SWAP_IDS has a bit for each request that is not handled yet, SWAP_REQUESTS counts them. Its frames, one for each slot that is not
//       passed over, are READING or WRITING, and no others; READING counts the former, and next of each is the request.
//   W2  A request is posted when no store to its frames can be in flight, so that what is written is what was there.
//   W3  Nothing waits here: who needs a page that is on its way finds out which word to sleep on (mm/want.ts).
//   W4  A read that fails is tried again for the wanted page alone before that page counts as lost.
//
// Locks     kernel lock.
// Not here  When a page is brought in (mm/fault.ts, mm/object.ts) and what with it (mm/readahead.ts), what goes out (mm/clock.ts), waiting
//           (proc/pagewait.ts).

import { DiskLimit, DiskOp, DiskOwner, DiskRequestState } from "../../abi/disk";
import { Counter, counterAdd } from "../arch/counters";
import {
  diskHasRoom,
  diskNextDone,
  diskRelease,
  diskRequestCount,
  diskRequestFrame,
  diskRequestState,
  diskRequestTag,
  diskRequestWord,
  diskSubmitList,
} from "../arch/disk";
import { CpuRecord, cpuRecord } from "../arch/percpu";
import { kprint, kprintDec } from "../lib/klog";
import { Panic, panic } from "../lib/panic";
import { Vars } from "../lib/vars";
import { listFirst, listPut, listRemove } from "./cachelist";
import { Brought, PageIo, PageState, pageOf, pageSetState } from "./page";
import { pmmFree } from "./pmm";
import { aheadFrames, aheadGather, aheadWanted } from "./readahead";
import { slotClearFrame, slotFrame, slotIsKnown, slotRefs, slotSetFrame } from "./slot";
import { swapFree } from "./swapcache";
import { MmVar, mmVar, mmVarSet } from "./vars";
import { wantAcknowledge, wantLost, wantWord } from "./want";

/** Pages of one request at most. */
const CLUSTER: u32 = DiskLimit.FRAMES;
/** Writes that fail one after the other before no more are tried. */
const FAILURES_MAX: u32 = 8;
/** Looks of the clock that a page which was read in survives before somebody has mapped it. */
const FRESH: u8 = 2;

/** In the tag of a request: it writes; or which of the slots that it reads is wanted. */
const TAG_WRITE: u32 = 0x100;
const TAG_WANTED: u32 = 0xff;

const IDS: usize = Vars.MM + <usize>MmVar.SWAP_IDS;
/** Scratch for the frames of one request, u32 each. */
const FRAMES: usize = Vars.MM + <usize>MmVar.FRAME_LIST;

export const enum SwapState {
  OFF = 0,
  ON = 1,
  LEAVING = 2, // swapoff: nothing is written any more, everything comes in
}

/** True if pages can be written out. */
export function swapMayWriteOut(): bool {
  return mmVar(MmVar.SWAP_STATE) == SwapState.ON && mmVar(MmVar.SWAP_FAILURES) < FAILURES_MAX;
}

/** True while swap space is being given up: what is in memory stays there. */
export function swapIsLeaving(): bool {
  return mmVar(MmVar.SWAP_STATE) == SwapState.LEAVING;
}

/** True if the disk is still to answer. */
export function swapIsBusy(): bool {
  return mmVar(MmVar.SWAP_REQUESTS) != 0;
}

/** The frame that the cache has for a slot, ready to be mapped, or 0: what is wanted says whether it is on its way, or lost. */
export function swapReady(slot: u32): u32 {
  const pfn = slotFrame(slot);
  if (pfn == 0) return 0;
  const page = pageOf(pfn);
  aheadWanted(page);
  if (page.io == PageIo.READING) {
    wantWord(diskRequestWord(page.next), DiskRequestState.QUEUED);
    return 0;
  }
  if (page.io == PageIo.ERROR) {
    swapFree(pfn);
    wantLost();
    return 0;
  }
  return pfn;
}

/**
 * Begins to read a slot that the cache does not have into a frame (as from pmmAlloc), which is the cache's from now on, and slots around it
 * into others (mm/readahead.ts).
 */
export function swapRead(slot: u32, pfn: u32): void {
  if (!diskHasRoom()) {
    pmmFree(pfn);
    if (!swapWantAny()) wantAcknowledge(); // files have taken all of the disk's requests
    return;
  }
  const run = aheadGather(slot, pfn);
  const first = <u32>run;
  const n = <u32>(run >> 32);
  const id = begin(DiskOp.READ, first, aheadFrames(slot, first), n, slot - first);
  for (let i: u32 = 0; i < n; i++) {
    const frame = diskRequestFrame(id, i);
    if (first + i == slot) readInto(slot, frame, id, Brought.WANTED);
    else if (frame != 0) readInto(first + i, frame, id, Brought.AHEAD);
  }
  changetype<CpuRecord>(cpuRecord).told = 0; // the frames that there were have been of use
  wantWord(diskRequestWord(id), DiskRequestState.QUEUED);
}

/** What is wanted comes when the disk has done something. False: it has nothing to do. */
export function swapWantAny(): bool {
  for (let i: usize = 0; i < 32; i += 4) {
    const bits = load<u32>(IDS + i);
    if (bits == 0) continue;
    wantWord(diskRequestWord(<i32>((i << 3) + <usize>ctz(bits))), DiskRequestState.QUEUED);
    return true;
  }
  return false;
}

/** Posts what is pending, neighbours in swap space as one request; what the disk has no room for stays pending. */
export function swapFlush(): void {
  for (let pfn = listFirst(PageIo.PENDING); pfn != 0; pfn = listFirst(PageIo.PENDING)) {
    if (!diskHasRoom()) return;
    let first = pageOf(pfn).slot;
    let end = first + 1;
    while (end - first < CLUSTER && isPending(end)) end++;
    while (end - first < CLUSTER && isPending(first - 1)) first--;
    for (let slot = first; slot < end; slot++) {
      const page = pageOf(slotFrame(slot));
      listRemove(slotFrame(slot));
      page.io = <u8>PageIo.WRITING;
      page.stale = 0;
      store<u32>(FRAMES + ((<usize>(slot - first)) << 2), slotFrame(slot));
    }
    begin(DiskOp.WRITE, first, FRAMES, end - first, TAG_WRITE);
    counterAdd(Counter.SWAP_OUTS, end - first);
  }
}

/** Handles every request that the disk has finished. */
export function swapPoll(): void {
  if (!swapIsBusy()) return;
  for (let id = diskNextDone(); id >= 0; id = diskNextDone()) {
    const tag = diskRequestTag(id);
    const ok = diskRequestState(id) == DiskRequestState.DONE;
    const n = diskRequestCount(id);
    for (let i: u32 = 0; i < n; i++)
      store<u32>(FRAMES + ((<usize>i) << 2), diskRequestFrame(id, i));
    diskRelease(id);
    ended(id);
    if (!ok) counterAdd(Counter.SWAP_ERRORS, 1);
    if (tag & TAG_WRITE) writesDone(n, ok);
    else readsDone(n, tag & TAG_WANTED, ok);
  }
  swapFlush();
}

/** No store to a frame that is to be written can be in flight any more (mm/batch.ts). */
export function swapSettled(pfn: u32): void {
  const page = pageOf(pfn);
  mmVarSet(MmVar.SETTLING, mmVar(MmVar.SETTLING) - 1);
  page.io = <u8>PageIo.NONE;
  page.next = 0;
  if (page.state != PageState.SWAP) {
    if (slotRefs(page.slot) == 0) slotClearFrame(page.slot); // mapped again meanwhile: it is stale
    return;
  }
  if (slotRefs(page.slot) == 0) swapFree(pfn);
  else listPut(pfn, PageIo.PENDING);
}

/** The frames of one read have come, or not. One that was read for the sake of another must not harm it: that one is read again, alone. */
function readsDone(n: u32, wanted: u32, ok: bool): void {
  for (let i: u32 = 0; i < n; i++) {
    const pfn = load<u32>(FRAMES + ((<usize>i) << 2));
    if (pfn == 0) continue;
    const page = pageOf(pfn);
    mmVarSet(MmVar.READING, mmVar(MmVar.READING) - 1);
    page.next = 0;
    page.io = <u8>PageIo.NONE;
    if (slotRefs(page.slot) == 0) swapFree(pfn);
    else if (ok) readDone(pfn);
    else if (n == 1) readFailed(pfn);
    else if (i != wanted) swapFree(pfn);
    else {
      const id = begin(DiskOp.READ, page.slot, FRAMES + ((<usize>i) << 2), 1, 0);
      readInto(page.slot, pfn, id, Brought.WANTED);
    }
  }
}

function readDone(pfn: u32): void {
  const page = pageOf(pfn);
  page.age = FRESH;
  if (page.brought == <u8>Brought.AHEAD) listPut(pfn, PageIo.CLEAN);
}

function readFailed(pfn: u32): void {
  const page = pageOf(pfn);
  page.io = <u8>PageIo.ERROR;
  say("swap: read error at slot ", page.slot, "; who touches the page ends\n");
}

function writesDone(n: u32, ok: bool): void {
  const first = pageOf(load<u32>(FRAMES));
  if (!ok) writeFailed(first.slot);
  else mmVarSet(MmVar.SWAP_FAILURES, 0);
  for (let i: u32 = 0; i < n; i++) writeDone(load<u32>(FRAMES + ((<usize>i) << 2)), ok);
}

function writeDone(pfn: u32, ok: bool): void {
  const page = pageOf(pfn);
  const named = slotRefs(page.slot) != 0;
  page.io = <u8>PageIo.NONE;
  if (!ok) page.stale = 1;
  if (page.state == PageState.SWAP) {
    if (!named) swapFree(pfn);
    else if (page.stale == 0) listPut(pfn, PageIo.CLEAN);
  } else if (!named && page.stale != 0) {
    slotClearFrame(page.slot);
  }
}

/** Said for the first of a row of failures, and when no more writes are tried. */
function writeFailed(slot: u32): void {
  const n = mmVar(MmVar.SWAP_FAILURES) + 1;
  mmVarSet(MmVar.SWAP_FAILURES, n);
  if (n == 1) say("swap: write error at slot ", slot, "; its pages stay in memory\n");
  if (n == FAILURES_MAX) say("swap: ", n, " writes failed: nothing is written any more\n");
}

function say(before: string, n: u32, after: string): void {
  kprint(before);
  kprintDec(n);
  kprint(after);
}

/** True if the slot's page is to be written. */
function isPending(slot: u32): bool {
  if (!slotIsKnown(slot)) return false;
  const pfn = slotFrame(slot);
  return pfn != 0 && pageOf(pfn).io == PageIo.PENDING;
}

/** Posts a request for the frames, n u32 at `frames`, which the disk has room for. Its number. */
function begin(op: DiskOp, slot: u32, frames: usize, n: u32, mark: u32): i32 {
  const tag = ((<u32>DiskOwner.SWAP) << DiskOwner.SHIFT) | mark;
  const id = diskSubmitList(op, mmVar(MmVar.SWAP_BLOCK) + slot, frames, n, tag);
  if (id < 0) panic(Panic.BAD_STATE, slot);
  const at = IDS + ((<usize>id >> 5) << 2);
  store<u32>(at, load<u32>(at) | (1 << (id & 31)));
  mmVarSet(MmVar.SWAP_REQUESTS, mmVar(MmVar.SWAP_REQUESTS) + 1);
  counterAdd(op == DiskOp.READ ? Counter.SWAP_READS : Counter.SWAP_WRITES, 1);
  return id;
}

/** The cache has a frame for the slot, which request `id` fills. */
function readInto(slot: u32, pfn: u32, id: i32, brought: Brought): void {
  const page = pageOf(pfn);
  if (page.state != PageState.SWAP) pageSetState(page, PageState.SWAP);
  page.refs = 0;
  slotSetFrame(slot, pfn);
  page.io = <u8>PageIo.READING;
  page.next = <u32>id;
  page.stale = 0;
  page.brought = <u8>brought;
  mmVarSet(MmVar.READING, mmVar(MmVar.READING) + 1);
  counterAdd(Counter.SWAP_INS, 1);
  if (brought == Brought.AHEAD) counterAdd(Counter.SWAP_AHEAD, 1);
}

function ended(id: i32): void {
  const at = IDS + ((<usize>id >> 5) << 2);
  store<u32>(at, load<u32>(at) & ~(1 << (id & 31)));
  mmVarSet(MmVar.SWAP_REQUESTS, mmVar(MmVar.SWAP_REQUESTS) - 1);
}
