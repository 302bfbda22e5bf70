// Swap: the requests to the disk that bring pages in and out, and the swap space itself.
//
// Invariants
//   W1  SWAP_IDS has a bit for each request that is not handled yet, SWAP_REQUESTS counts them. Its frames are READING or WRITING.
//   W2  A request is posted when no store to its frames can be in flight, so that what is written is what was there.
//   W3  Nothing waits here: who needs a page that is on its way finds out which word to sleep on (mm/want.ts).
//
// Locks     kernel lock.
// Not here  When a page is brought in (mm/fault.ts, mm/object.ts), what goes out (mm/clock.ts), waiting (proc/pagewait.ts).

import { DiskOp, DiskOwner, DiskRequestState } from "../../abi/disk";
import { Counter, counterAdd } from "../arch/counters";
import {
  diskNextDone,
  diskRelease,
  diskRequestState,
  diskRequestTag,
  diskRequestWord,
  diskSubmit,
} from "../arch/disk";
import { CpuRecord, cpuRecord } from "../arch/percpu";
import { kprint, kprintDec } from "../lib/klog";
import { Vars } from "../lib/vars";
import { listFirst, listPut, listRemove } from "./cachelist";
import { PageIo, PageState, pageOf, pageSetState } from "./page";
import { pmmFree } from "./pmm";
import { slotClearFrame, slotFrame, slotRefs, slotSetFrame } from "./slot";
import { swapFree } from "./swapcache";
import { MmVar, mmVar, mmVarSet } from "./vars";
import { wantAcknowledge, wantLost, wantWord } from "./want";

/** Pages of one write. */
export const SWAP_CLUSTER: u32 = 16;
/** Writes that fail one after the other before no more are tried. */
const FAILURES_MAX: u32 = 8;
/** Looks of the clock that a page which was read in survives before somebody has mapped it. */
const FRESH: u8 = 2;

const TAG_WRITE: u32 = 0x400000;
const TAG_COUNT_SHIFT: u32 = 18;
const TAG_PFN: u32 = 0x3ffff;

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
  if (page.io == PageIo.READING) {
    wantWord(diskRequestWord(page.next), DiskRequestState.QUEUED);
    return 0;
  }
  if (page.io == PageIo.ERROR) {
    swapFree(pfn);
    wantLost();
    return 0;
  }
  if (page.spare != 0) page.spare = 0;
  else counterAdd(Counter.SWAP_HITS, 1);
  return pfn;
}

/** Begins to read a slot that the cache does not have into a frame (as from pmmAlloc), which is the cache's from now on. */
export function swapRead(slot: u32, pfn: u32): void {
  const tag = ((<u32>DiskOwner.SWAP) << DiskOwner.SHIFT) | pfn;
  const id = diskSubmit(DiskOp.READ, mmVar(MmVar.SWAP_BLOCK) + slot, pfn, 1, tag);
  if (id < 0) {
    pmmFree(pfn);
    if (!swapWantAny()) wantAcknowledge(); // files have taken all of the disk's requests
    return;
  }
  const page = pageOf(pfn);
  pageSetState(page, PageState.SWAP);
  page.refs = 0;
  slotSetFrame(slot, pfn);
  page.io = <u8>PageIo.READING;
  page.next = <u32>id;
  page.stale = 0;
  begun(id);
  changetype<CpuRecord>(cpuRecord).told = 0; // the frames that there were have been of use
  counterAdd(Counter.SWAP_INS, 1);
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

/** Posts what is pending, neighbours in memory and on the disk as one request; what the disk has no room for stays pending. */
export function swapFlush(): void {
  for (let first = listFirst(PageIo.PENDING); first != 0; first = listFirst(PageIo.PENDING)) {
    const slot = pageOf(first).slot;
    let n: u32 = 1;
    for (let at = pageOf(first).next; at == first + n && n < SWAP_CLUSTER; at = pageOf(at).next) {
      if (pageOf(at).slot != slot + n) break;
      n++;
    }
    const tag =
      ((<u32>DiskOwner.SWAP) << DiskOwner.SHIFT) | TAG_WRITE | ((n - 1) << TAG_COUNT_SHIFT) | first;
    const id = diskSubmit(DiskOp.WRITE, mmVar(MmVar.SWAP_BLOCK) + slot, first, n, tag);
    if (id < 0) return;
    begun(id);
    for (let i: u32 = 0; i < n; i++) {
      listRemove(first + i);
      pageOf(first + i).io = <u8>PageIo.WRITING;
      pageOf(first + i).stale = 0;
    }
    counterAdd(Counter.SWAP_OUTS, n);
  }
}

/** Handles every request that the disk has finished. */
export function swapPoll(): void {
  if (!swapIsBusy()) return;
  for (let id = diskNextDone(); id >= 0; id = diskNextDone()) {
    const tag = diskRequestTag(id);
    const ok = diskRequestState(id) == DiskRequestState.DONE;
    diskRelease(id);
    ended(id);
    const pfn = tag & TAG_PFN;
    if (!(tag & TAG_WRITE)) {
      readDone(pfn, ok);
      continue;
    }
    const n = ((tag >> TAG_COUNT_SHIFT) & (SWAP_CLUSTER - 1)) + 1;
    if (!ok) writeFailed(pageOf(pfn).slot);
    else mmVarSet(MmVar.SWAP_FAILURES, 0);
    for (let i: u32 = 0; i < n; i++) writeDone(pfn + i, ok);
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

function readDone(pfn: u32, ok: bool): void {
  const page = pageOf(pfn);
  page.next = 0;
  page.io = <u8>(ok ? PageIo.NONE : PageIo.ERROR);
  page.age = FRESH;
  page.spare = 1;
  if (!ok) {
    counterAdd(Counter.SWAP_ERRORS, 1);
    say("swap: read error at slot ", page.slot, "; who touches the page ends\n");
  }
  if (slotRefs(page.slot) == 0) swapFree(pfn);
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
  counterAdd(Counter.SWAP_ERRORS, 1);
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

const IDS: usize = Vars.MM + <usize>MmVar.SWAP_IDS;

function begun(id: i32): void {
  const at = IDS + ((<usize>id >> 5) << 2);
  store<u32>(at, load<u32>(at) | (1 << (id & 31)));
  mmVarSet(MmVar.SWAP_REQUESTS, mmVar(MmVar.SWAP_REQUESTS) + 1);
}

function ended(id: i32): void {
  const at = IDS + ((<usize>id >> 5) << 2);
  store<u32>(at, load<u32>(at) & ~(1 << (id & 31)));
  mmVarSet(MmVar.SWAP_REQUESTS, mmVar(MmVar.SWAP_REQUESTS) - 1);
}
