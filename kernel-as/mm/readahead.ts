// Readahead: what is read beside a page that is wanted. Pages that were written beside each other are probably wanted together, and a request
// costs the disk about the same whatever it moves. So the slots around the wanted one come in the same request, into the swap cache. There
// they wait on the clean list: mapped when they are touched, and the first to go when somebody needs a frame.
//
//   window 8, wanted w            slots  ... | r x r r w r r x | ...      r read too; x passed over: in memory already, or in use by nobody
//
// How many is decided anew at each read from what became of the last ones: with each page that was used the window grows, without any it is
// halved. From 1 it starts again where a read follows the one before in swap space, and at every eighth, to see whether it is time.
//
// Invariants
//   G1  A frame whose page was read ahead and has not been wanted yet (Brought.AHEAD) is in state SWAP, READING or on the clean list.
//   G2  Frames for it are taken from those that are to be had at once, half of them at most, and none while a CPU waits for a frame: so
//       nothing is evicted for a page that nobody has asked for.
//   G3  A request has CLUSTER slots at most, one of them wanted.
//
// Locks     kernel lock.
// Not here  The request (mm/swap.ts).

import { DiskLimit } from "../../abi/disk";
import { Counter, counterAdd } from "../arch/counters";
import { CpuRecord, cpuRecord } from "../arch/percpu";
import { Vars } from "../lib/vars";
import { listFirst } from "./cachelist";
import { Brought, Page, PageFlag, PageIo, pageOf } from "./page";
import { pmmAlloc, pmmAllocAt, pmmFreeFrames, pmmIsLow } from "./pmm";
import { reclaimIsAwaited } from "./reclaim";
import { slotFrame, slotIsKnown, slotRefs } from "./slot";
import { swapFree } from "./swapcache";
import { MmVar, mmVar } from "./vars";

/** Pages of one request at most. */
const CLUSTER: u32 = DiskLimit.FRAMES;
/** The window after one page of the last was used. */
const WINDOW_USED: u32 = 4;
/** A read follows the one before if it is so many slots from it. */
const NEAR: u32 = 8;
/** A window of 1 becomes 2 at one read of so many. */
const PROBE_EVERY: u32 = 8;

/** Scratch for the frames of one request, u32 each, that of the wanted slot in the middle. */
const FRAMES: usize = Vars.MM + <usize>MmVar.FRAME_LIST;

/**
 * Finds frames for slots around `slot`, which the disk is about to read into pfn. The first slot of the request in the low word, their
 * number in the high; aheadFrames has their frames, as from pmmAlloc.
 */
export function aheadGather(slot: u32, pfn: u32): u64 {
  const window = windowNext(slot);
  let budget = min(window - 1, framesToSpare());
  const bottom = slot & ~(window - 1);
  const top = bottom + window;
  store<u32>(aheadFrames(slot, slot), pfn);
  let end = slot + 1;
  for (let at = end; at < top && budget != 0; at++) {
    if (!frameFor(slot, at, pfn)) continue;
    end = at + 1;
    budget--;
  }
  let first = slot;
  for (let at = slot; at > bottom && budget != 0; at--) {
    if (!frameFor(slot, at - 1, pfn)) continue;
    first = at - 1;
    budget--;
  }
  return first | ((<u64>(end - first)) << 32);
}

/** Host address of the frame number of slot `at` of the request that wants `slot`, 0 where one is passed over; the next slot's behind it. */
export function aheadFrames(slot: u32, at: u32): usize {
  return FRAMES + ((<usize>(CLUSTER + at - slot)) << 2);
}

/** Somebody has come for a page of the swap cache. */
export function aheadWanted(page: Page): void {
  if (page.brought != <u8>Brought.AHEAD) return;
  page.brought = <u8>Brought.WANTED;
  changetype<CpuRecord>(cpuRecord).windowUsed++;
  counterAdd(Counter.SWAP_AHEAD_USED, 1);
}

/** Slots around the wanted one that this CPU's next read is to bring, itself too: a power of two. */
function windowNext(slot: u32): u32 {
  const record = changetype<CpuRecord>(cpuRecord);
  const used = record.windowUsed;
  const follows = slot - record.windowSlot + NEAR <= 2 * NEAR;
  const probes = record.windowReads % PROBE_EVERY == PROBE_EVERY - 1;
  let window: u32 = used != 0 ? WINDOW_USED : follows || probes ? 2 : 1;
  while (used != 0 && window < used + 2) window <<= 1;
  window = min(max(window, record.window >> 1), CLUSTER);
  record.windowReads++;
  record.windowUsed = 0;
  record.windowSlot = slot;
  record.window = window;
  return window;
}

/** G2 */
function framesToSpare(): u32 {
  if (reclaimIsAwaited()) return 0;
  const ready = pmmIsLow() ? mmVar(MmVar.CLEAN_COUNT) : pmmFreeFrames() - mmVar(MmVar.RESERVE);
  return ready >> 1;
}

/** Finds a frame for slot `at`. False: it is passed over, since its page is in memory, or nobody has it, or there is no frame. */
function frameFor(slot: u32, at: u32, wanted: u32): bool {
  const away = slotIsKnown(at) && slotRefs(at) != 0 && slotFrame(at) == 0;
  const pfn = away ? frameTake(wanted + at - slot) : 0;
  store<u32>(aheadFrames(slot, at), pfn);
  return pfn != 0;
}

/** A frame, as from pmmAlloc, `beside` if that is free: pages that lay beside each other do so again, where one window covers them. 0: none. */
function frameTake(beside: u32): u32 {
  if (!pmmIsLow()) {
    const pfn = pmmAllocAt(beside, false);
    return pfn != 0 ? pfn : pmmAlloc(false);
  }
  const clean = listFirst(PageIo.CLEAN);
  if (clean == 0 || (pageOf(clean).flags & PageFlag.IN_FLIGHT) != 0) return 0;
  swapFree(clean);
  return pmmAllocAt(clean, false);
}
