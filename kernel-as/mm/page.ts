// Page: one 32-byte descriptor for every frame of RAM, indexed by frame number.
//
// Invariants
//   P1  A frame is in exactly one state; pageCount says how many frames are in each.
//   P2  FREE if and only if the frame's bit in the allocator's bitmap is set or it is leased to a CPU (mm/lease.ts); then refs is 0.
//   P3  OBJECT: refs is the number of present PTEs that name the frame, plus one if a shared object's index holds it, plus pins.
//       A reference in a table that several spaces share counts once. rmap names those PTEs (mm/rmap.ts).
//   P4  PTABLE: refs is the number of entries of the table that are not 0 (of a root, in its user half), link its sharers (mm/share.ts).
//       owner is 0 for the kernel's; a page table's is the first page that it maps plus 1, or plus 3 if its pages stay in memory; of
//       other tables of spaces 1.
//   P5  Device frames have no Page: pageOf() of one is a panic.
//
// Locks     kernel lock.
// Not here  Which frames are free (mm/pmm.ts).

import { Panic, panic } from "../lib/panic";
import { leaseCount } from "./lease";
import { MmVar, mmVar, mmVarSet } from "./vars";

export const enum PageState {
  RESERVED = 0, // holes, low memory, kernel tables, boot modules
  FREE = 1,
  WIRED = 2, // the kernel's own, one owner
  OBJECT = 3, // memory of programs
  PTABLE = 4,
  QUARANTINE = 5, // waits for a CPU's acknowledgement, then free
  SWAP = 6, // in the swap cache and mapped by nobody (mm/swapcache.ts)
  COUNT = 7,
}

export const enum PageFlag {
  IN_FLIGHT = 1, // a reference went while an access through it could be in flight (mm/batch.ts H2)
  CACHED = 2, // in the index of its image (mm/imagecache.ts); link is the page there
  TYPE = 0x70, // memory type (mm/frametype.ts)
  PINNED = 0x80, // a device may be using it (mm/wire.ts)
}

@unmanaged
export class Page {
  state: u8;
  flags: u8;
  /** Scratch of mmCheck: references found, modulo 65536. */
  seen: u16;
  refs: u32;
  /** PTABLE: see P4. OBJECT, SWAP: the object that gave the frame out. */
  owner: usize;
  /** PTABLE: sharers. OBJECT: page in its image (CACHED) or shared object. On a list of mm/cachelist.ts: the frame before. */
  link: u32;
  /** OBJECT: the PTEs that name the frame (mm/rmap.ts), 0 none. */
  rmap: u32;
  /** OBJECT, SWAP: the slot that the swap cache has it under, 0 none. */
  slot: u32;
  /** QUARANTINE and SETTLING, lists of mm/cachelist.ts: the frame behind. READING: the disk request. */
  next: u32;
  /** PageIo. */
  io: u8;
  /** 1: what is in the frame is nowhere else, whatever D bits say. */
  stale: u8;
  /** Whether it was accessed in each of the clock's last 8 looks, the last in bit 7 (mm/clock.ts). */
  age: u8;
  /** Brought: why it was read, until it is mapped. */
  brought: u8;
}

/** Why a frame of the swap cache that nobody has mapped yet was read. */
export const enum Brought {
  NONE = 0, // it was not: it has not left memory
  WANTED = 1,
  AHEAD = 2, // beside one that was (mm/readahead.ts)
}

/** What the disk has to do with a frame that has a slot. */
export const enum PageIo {
  NONE = 0,
  READING = 1, // its contents are on their way in
  SETTLING = 2, // unmapped to be written; a store may still be in flight (mm/batch.ts)
  PENDING = 3, // on the list of what is to be written
  WRITING = 4, // its contents are on their way out
  CLEAN = 5, // on the list of frames that can be had at once
  ERROR = 6, // its contents could not be read
}

if (offsetof<Page>() != 32) ERROR("Page is 32 bytes");

/** The descriptor of a frame of RAM. A device frame, or one past the end, is a panic. */
// @ts-ignore: decorator
@inline
export function pageOf(pfn: u32): Page {
  if (pfn >= mmVar(MmVar.FRAMES)) panic(Panic.BAD_FRAME, pfn);
  return changetype<Page>(<usize>mmVar(MmVar.PAGES) + (<usize>pfn << 5));
}

/** Frames in a state. */
export function pageCount(state: PageState): u32 {
  const count = mmVar(<MmVar>(MmVar.COUNTS + (state << 2)));
  if (state == PageState.FREE) return count - leaseCount();
  return state == PageState.OBJECT ? count + leaseCount() : count;
}

/** n frames have moved from one state to another: the counts follow. */
export function pageMoveCount(from: PageState, to: PageState, n: u32): void {
  const less = <MmVar>(MmVar.COUNTS + (from << 2));
  mmVarSet(less, mmVar(less) - n);
  const more = <MmVar>(MmVar.COUNTS + (to << 2));
  mmVarSet(more, mmVar(more) + n);
}

/** Moves a frame to another state and keeps the counts. */
export function pageSetState(page: Page, state: PageState): void {
  pageMoveCount(page.state, state, 1);
  page.state = <u8>state;
}

/** Takes a reference to an OBJECT frame. */
export function pageGet(pfn: u32): void {
  const page = pageOf(pfn);
  if (page.state != PageState.OBJECT || page.refs == u32.MAX_VALUE) panic(Panic.BAD_REFERENCE, pfn);
  page.refs++;
}
