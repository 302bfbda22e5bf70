// Pmm: the frame allocator. A bitmap of free frames, divided into chunks of 512 frames (2 MiB), with two summaries of one bit for each
// chunk: chunks with a free frame, and of those the ones that nobody has reserved.
//
//   ANY_SUMMARY    1 bit/chunk ----+
//   OPEN_SUMMARY   1 bit/chunk ----+--> BITMAP 512 bits/chunk, CHUNK_FREE u16/chunk, CHUNK_OWNER u32/chunk
//
// Invariants
//   F1  A bit of BITMAP is set if and only if the frame's Page is FREE and no CPU has leased it (mm/lease.ts). Frames past the end and
//       holes never are.
//   F2  CHUNK_FREE is the number of set bits of the chunk; ANY_SUMMARY says whether it is not 0.
//   F3  OPEN_SUMMARY is ANY_SUMMARY without the chunks that have an owner.
//   F4  A reservation is soft: it is broken when no open chunk has a free frame left. CHUNK_OWNER points at the u16 that holds the
//       chunk number plus one, and breaking it writes CHUNK_BROKEN there.
//
// Locks     kernel lock.

import { MemType } from "../../abi/pte";
import { CpuRecord, cpuRecord } from "../arch/percpu";
import { Counter, counterAdd } from "../arch/counters";
import { Panic, panic } from "../lib/panic";
import { Vars } from "../lib/vars";
import { frameSetType } from "./frametype";
import { leaseHas, leaseReturnAll } from "./lease";
import { Brought, PageIo, PageState, pageCount, pageOf, pageSetState } from "./page";
import { MmVar, mmVar, mmVarSet } from "./vars";
import { wantFrames } from "./want";

export const CHUNK_FRAMES: u32 = 512;
export const CHUNK_BROKEN: u16 = 0xffff;
/** 1 GiB of RAM. */
export const CHUNKS_MAX: u32 = 512;
const JUNK: u8 = 0xdb;
const JUNK64: u64 = 0xdbdbdbdb_dbdbdbdb;

/** A frame, WIRED with one reference, zeroed if asked. 0: none is left. */
export function pmmAlloc(zero: bool): u32 {
  let pfn = take();
  if (pfn == 0 && leaseReturnAll()) pfn = take();
  if (pfn == 0) return grantTake(zero);
  claim(pfn, zero);
  return pfn;
}

/** True if the frames that are free are kept for tables and the kernel: a program's page has to wait for a grant (mm/reclaim.ts). */
// @ts-ignore: decorator
@inline
export function pmmIsLow(): bool {
  return pageCount(PageState.FREE) <= mmVar(MmVar.RESERVE);
}

/** A frame for a page of a program, as pmmAlloc: it leaves the reserve alone. 0: none, and it is wanted (mm/want.ts). */
export function pmmAllocUser(zero: bool): u32 {
  return pmmIsLow() ? grantTake(zero) : pmmAlloc(zero);
}

/** As pmmAlloc, but this very frame; 0 if it is not free. */
export function pmmAllocAt(pfn: u32, zero: bool): u32 {
  if (!pmmIsFree(pfn)) {
    if (!leaseHas(pfn)) return 0;
    leaseReturnAll();
  }
  bitClear(pfn);
  claim(pfn, zero);
  return pfn;
}

/** n adjacent frames, each WIRED with one reference, not zeroed; the first, or 0. Open chunks are tried first. */
export function pmmAllocContiguous(n: u32): u32 {
  if (n == 0) return 0;
  let first = findRun(n, true);
  if (first == 0) {
    leaseReturnAll();
    first = findRun(n, false);
  }
  if (first == 0) {
    // What was set aside for this CPU may be neighbours.
    grantRelease(changetype<CpuRecord>(cpuRecord));
    first = findRun(n, false);
  }
  if (first == 0) {
    wantFrames();
    return 0;
  }
  for (let i: u32 = 0; i < n; i++) {
    bitClear(first + i);
    claim(first + i, false);
  }
  return first;
}

/** Frees what pmmAllocContiguous(n) returned. */
export function pmmFreeContiguous(pfn: u32, n: u32): void {
  for (let i: u32 = 0; i < n; i++) pmmFree(pfn + i);
}

/** Frees a frame that nothing refers to any more, whatever its state was. A free, reserved or device frame is a panic. */
export function pmmFree(pfn: u32): void {
  const page = pageOf(pfn);
  if (page.state == PageState.FREE) panic(Panic.DOUBLE_FREE, pfn);
  if (page.state == PageState.RESERVED) panic(Panic.BAD_FRAME, pfn);
  if (page.flags != 0) frameSetType(pfn, MemType.WB);
  page.flags = 0;
  if (mmVar(MmVar.JUNK)) memory.fill((<usize>pfn) << 12, JUNK, 4096);
  pageSetState(page, PageState.FREE);
  page.refs = 0;
  page.owner = 0;
  page.link = 0;
  page.rmap = 0;
  page.slot = 0;
  page.next = 0;
  page.io = <u8>PageIo.NONE;
  page.stale = 0;
  page.age = 0;
  page.brought = <u8>Brought.NONE;
  bitSet(pfn);
}

/** Drops a reference to an OBJECT frame. True: it was the last, and the caller must free or quarantine the frame. */
export function pagePutIsLast(pfn: u32): bool {
  const page = pageOf(pfn);
  if (page.state != PageState.OBJECT || page.refs == 0) panic(Panic.BAD_REFERENCE, pfn);
  page.refs--;
  return page.refs == 0;
}

/** Gives a reserved range of RAM to the allocator. Boot only. */
export function pmmDonate(first: u32, end: u32): void {
  for (let pfn = first; pfn < end; pfn++) {
    const page = pageOf(pfn);
    if (page.state == PageState.RESERVED) {
      pageSetState(page, PageState.FREE);
      bitSet(pfn);
    }
  }
}

export function pmmIsFree(pfn: u32): bool {
  if (pfn >= mmVar(MmVar.FRAMES)) return false;
  const word = load<u32>(<usize>mmVar(MmVar.BITMAP) + ((<usize>(pfn >> 5)) << 2));
  return ((word >> (pfn & 31)) & 1) != 0;
}

/** Debug setting: free frames are filled with junk and checked when they are allocated. Turn it on before anything was freed. */
export function pmmSetJunk(on: bool): void {
  mmVarSet(MmVar.JUNK, on ? 1 : 0);
  if (!on) return;
  const frames = mmVar(MmVar.FRAMES);
  for (let pfn: u32 = 0; pfn < frames; pfn++) {
    if (pmmIsFree(pfn)) memory.fill((<usize>pfn) << 12, JUNK, 4096);
  }
}

export function pmmFreeFrames(): u32 {
  return pageCount(PageState.FREE);
}
export function pmmTableFrames(): u32 {
  return pageCount(PageState.PTABLE);
}
export function pmmObjectFrames(): u32 {
  return pageCount(PageState.OBJECT);
}
export function pmmWiredFrames(): u32 {
  return pageCount(PageState.WIRED);
}
export function pmmReservedFrames(): u32 {
  return pageCount(PageState.RESERVED);
}
/** Frames of RAM that are not reserved. */
export function pmmTotalFrames(): u32 {
  return mmVar(MmVar.FRAMES) - pageCount(PageState.RESERVED);
}

// Words of the bitmap, 32 frames each (mm/lease.ts decides who gets which).

/** The word where pmmAlloc would find the next frame of an open chunk; 0: no open chunk has one (word 0 is never free). */
export function pmmWordNext(): u32 {
  const chunk = summaryFind(MmVar.OPEN_SUMMARY, mmVar(MmVar.HINT));
  if (chunk < 0) return 0;
  let word = (<u32>chunk) << 4;
  while (load<u32>(<usize>mmVar(MmVar.BITMAP) + ((<usize>word) << 2)) == 0) word++;
  return word;
}

/** Takes every free frame of a word out of the bitmap: which those are. They stay FREE. */
export function pmmWordTake(word: u32): u32 {
  const at = <usize>mmVar(MmVar.BITMAP) + ((<usize>word) << 2);
  const mask = load<u32>(at);
  store<u32>(at, 0);
  if (mask != 0) chunkLess(word >> 4, <u32>popcnt(mask));
  return mask;
}

/** Puts frames of a word, which are FREE, back into the bitmap. */
export function pmmWordGive(word: u32, mask: u32): void {
  const at = <usize>mmVar(MmVar.BITMAP) + ((<usize>word) << 2);
  store<u32>(at, load<u32>(at) | mask);
  chunkMore(word >> 4, <u32>popcnt(mask));
}

// Chunk reservations (mm/reserve.ts decides who gets which).

export function chunkFree(chunk: u32): u32 {
  return load<u16>(<usize>mmVar(MmVar.CHUNK_FREE) + ((<usize>chunk) << 1));
}

export function chunkOwner(chunk: u32): usize {
  return load<u32>(<usize>mmVar(MmVar.CHUNK_OWNER) + ((<usize>chunk) << 2));
}

/** Reserves an open chunk: the u16 at `slot` becomes the chunk number plus one. */
export function chunkReserve(chunk: u32, slot: usize): void {
  if (chunkOwner(chunk) != 0) panic(Panic.BAD_STATE, chunk);
  store<u32>(<usize>mmVar(MmVar.CHUNK_OWNER) + ((<usize>chunk) << 2), slot);
  store<u16>(slot, <u16>(chunk + 1));
  summarySet(MmVar.OPEN_SUMMARY, chunk, false);
}

/** Ends a reservation and leaves `mark` in its slot. */
export function chunkRelease(chunk: u32, mark: u16): void {
  const slot = chunkOwner(chunk);
  if (slot == 0) panic(Panic.BAD_STATE, chunk);
  store<u16>(slot, mark);
  store<u32>(<usize>mmVar(MmVar.CHUNK_OWNER) + ((<usize>chunk) << 2), 0);
  summarySet(MmVar.OPEN_SUMMARY, chunk, chunkFree(chunk) != 0);
  if (chunk < mmVar(MmVar.HINT)) mmVarSet(MmVar.HINT, chunk);
}

/** Sets a frame (as from pmmAlloc) aside for the CPU of the record. */
export function grantPut(record: CpuRecord, pfn: u32): void {
  pageOf(pfn).next = record.grant;
  record.grant = pfn;
  record.granted++;
}

/** Frees every frame that was set aside for the CPU of the record. */
export function grantRelease(record: CpuRecord): void {
  let pfn = record.grant;
  record.grant = 0;
  record.granted = 0;
  while (pfn != 0) {
    const next = pageOf(pfn).next;
    pmmFree(pfn);
    pfn = next;
  }
}

/** A frame that reclaim has set aside for this CPU; 0: none, and one is wanted. */
function grantTake(zero: bool): u32 {
  const record = changetype<CpuRecord>(cpuRecord);
  const pfn = record.grant;
  if (pfn == 0) {
    wantFrames();
    return 0;
  }
  const page = pageOf(pfn);
  record.grant = page.next;
  record.granted--;
  page.next = 0;
  if (zero) memory.fill((<usize>pfn) << 12, 0, 4096);
  return pfn;
}

/** One free frame out of the bitmap, or 0. */
function take(): u32 {
  let chunk = summaryFind(MmVar.OPEN_SUMMARY, mmVar(MmVar.HINT));
  if (chunk < 0) {
    chunk = summaryFind(MmVar.ANY_SUMMARY, 0);
    if (chunk < 0) return 0;
    chunkRelease(chunk, CHUNK_BROKEN);
  }
  mmVarSet(MmVar.HINT, chunk);
  const words = <usize>mmVar(MmVar.BITMAP) + ((<usize>chunk) << 6);
  for (let i: u32 = 0; i < 16; i++) {
    const word = load<u32>(words + (i << 2));
    if (word != 0) {
      counterAdd(Counter.FRAME_STEPS, i + 1);
      const pfn = <u32>chunk * CHUNK_FRAMES + (i << 5) + <u32>ctz(word);
      bitClear(pfn);
      return pfn;
    }
  }
  panic(Panic.BAD_STATE, chunk);
  return 0;
}

function claim(pfn: u32, zero: bool): void {
  const page = pageOf(pfn);
  if (page.state != PageState.FREE || page.refs != 0) panic(Panic.BAD_STATE, pfn);
  if (mmVar(MmVar.JUNK)) pmmCheckJunk(pfn);
  pageSetState(page, PageState.WIRED);
  page.refs = 1;
  if (zero) memory.fill((<usize>pfn) << 12, 0, 4096);
}

/** With junk on: the frame has not been written to while it was free. */
export function pmmCheckJunk(pfn: u32): void {
  const at = (<usize>pfn) << 12;
  for (let i: usize = 0; i < 4096; i += 8) {
    if (load<u64>(at + i) != JUNK64) panic(Panic.JUNK, pfn);
  }
}

function findRun(n: u32, openOnly: bool): u32 {
  const frames = mmVar(MmVar.FRAMES);
  let run: u32 = 0;
  let pfn: u32 = 0;
  while (pfn < frames) {
    const chunk = pfn >> 9;
    if ((pfn & 511) == 0 && (chunkFree(chunk) == 0 || (openOnly && chunkOwner(chunk) != 0))) {
      run = 0;
      pfn += CHUNK_FRAMES;
      continue;
    }
    run = pmmIsFree(pfn) ? run + 1 : 0;
    pfn++;
    if (run == n) return pfn - n;
  }
  return 0;
}

function bitSet(pfn: u32): void {
  const at = <usize>mmVar(MmVar.BITMAP) + ((<usize>(pfn >> 5)) << 2);
  store<u32>(at, load<u32>(at) | (1 << (pfn & 31)));
  chunkMore(pfn >> 9, 1);
}

function bitClear(pfn: u32): void {
  const at = <usize>mmVar(MmVar.BITMAP) + ((<usize>(pfn >> 5)) << 2);
  store<u32>(at, load<u32>(at) & ~(1 << (pfn & 31)));
  chunkLess(pfn >> 9, 1);
}

/** `more` bits of a chunk were set. */
function chunkMore(chunk: u32, more: u32): void {
  const free = <usize>mmVar(MmVar.CHUNK_FREE) + ((<usize>chunk) << 1);
  const n = load<u16>(free);
  store<u16>(free, <u16>(n + more));
  const open = chunkOwner(chunk) == 0;
  // The lowest frames go first: those that were in use before. The host has backed them; one never touched costs its page fault too.
  if (open && chunk < mmVar(MmVar.HINT)) mmVarSet(MmVar.HINT, chunk);
  if (n != 0) return;
  summarySet(MmVar.ANY_SUMMARY, chunk, true);
  if (open) summarySet(MmVar.OPEN_SUMMARY, chunk, true);
}

/** `less` bits of a chunk were cleared. */
function chunkLess(chunk: u32, less: u32): void {
  const free = <usize>mmVar(MmVar.CHUNK_FREE) + ((<usize>chunk) << 1);
  const n = load<u16>(free) - less;
  store<u16>(free, <u16>n);
  if (n != 0) return;
  summarySet(MmVar.ANY_SUMMARY, chunk, false);
  summarySet(MmVar.OPEN_SUMMARY, chunk, false);
}

function summarySet(which: MmVar, chunk: u32, on: bool): void {
  const at = Vars.MM + <usize>which + ((<usize>(chunk >> 5)) << 2);
  const bit: u32 = 1 << (chunk & 31);
  store<u32>(at, on ? load<u32>(at) | bit : load<u32>(at) & ~bit);
}

/** First chunk at or after hint whose bit is set, else the first of all, else -1. */
function summaryFind(which: MmVar, hint: u32): i32 {
  const base = Vars.MM + <usize>which;
  const words = CHUNKS_MAX >> 5;
  const from = hint >> 5;
  for (let i: u32 = 0; i <= words; i++) {
    const index = (from + i) & (words - 1);
    let word = load<u32>(base + (index << 2));
    if (i == 0) word &= ~0 << (hint & 31);
    counterAdd(Counter.FRAME_STEPS, 1);
    if (word != 0) return <i32>((index << 5) + <u32>ctz(word));
  }
  return -1;
}
