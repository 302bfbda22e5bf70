// The flat TLB and the windows of one CPU block (abi/cpu.ts).
//
// Invariants
//   B1  An entry that is not 0 agrees with a present leaf that the fill rules of design 4.2 allow.
//   B2  A TLB page with an entry that is not 0 has its TOUCHED bit set.
//   B3  Every page that a window covers has a valid entry of the window's delta.
//   B4  Another CPU lowers LEN only: a CPU in user mode may read START, LEN and DELTA one after the other. Only the CPU itself, in
//       the kernel, writes START and DELTA.
//
// Locks     kernel lock, or this CPU's own while it reads (arch/lock.ts). `block` and `record` belong to the same CPU.

import { CpuBlock } from "../../abi/cpu";
import { Counter, counterAdd } from "./counters";
import { CpuRecord } from "./percpu";

/** Bytes at the end of a run that a window leaves out, so that a 16-byte access cannot leave the run. */
const WINDOW_SLACK: u32 = 15;
/** Neighbours looked at when a run begins in the middle of valid entries. */
const RUN_SCAN: u32 = 512;
const PAGES: u32 = 0x100000;

/** Which of the two halves of TLB entries and windows: the value is the byte offset inside an entry. */
export const enum Side {
  READ = 0,
  WRITE = 4,
}

// @ts-ignore: decorator
@inline
function slotOf(block: usize, vpn: u32, side: Side): usize {
  return block + CpuBlock.TLB + (<usize>vpn << 3) + side;
}

// @ts-ignore: decorator
@inline
function windowOf(block: usize, side: Side): usize {
  return block + (side == Side.READ ? CpuBlock.READ_START : CpuBlock.WRITE_START);
}

// @ts-ignore: decorator
@inline
function runOf(record: CpuRecord, side: Side): usize {
  return changetype<usize>(record) + (side == Side.READ ? offsetof<CpuRecord>("readRunStart") : offsetof<CpuRecord>("writeRunStart"));
}

/** The entry of a page; 0 invalid. */
// @ts-ignore: decorator
@inline
export function tlbEntry(block: usize, vpn: u32, side: Side): u32 {
  return load<u32>(slotOf(block, vpn, side));
}

/** Host address of va by a valid entry e. */
// @ts-ignore: decorator
@inline
export function tlbHost(e: u32, va: u32): usize {
  return <usize>(va + e + 4095);
}

/** Makes the entry of the page of va lead to the host page at `host`, and lets the window take it in. */
export function tlbFill(block: usize, record: CpuRecord, va: u32, host: usize, side: Side): void {
  const vpn = va >> 12;
  const delta = <u32>host - (vpn << 12);
  const touched = block + CpuBlock.TOUCHED + (<usize>(vpn >> 14) << 2);
  const bit: u32 = 1 << ((vpn >> 9) & 31);
  const bits = load<u32>(touched);
  if (!(bits & bit)) store<u32>(touched, bits | bit);
  store<u32>(slotOf(block, vpn, side), (delta - 4096) | 1);
  record.fills++;
  windowGrow(block, record, vpn, delta, side);
}

/** Takes page vpn, just filled with delta, into the window, or into the run beside it that may become the window. */
function windowGrow(block: usize, record: CpuRecord, vpn: u32, delta: u32, side: Side): void {
  const w = windowOf(block, side);
  const start = load<u32>(w) >> 12;
  const len = load<u32>(w, 4);
  const e = (delta - 4096) | 1;
  if (len != 0 && load<u32>(w, 8) == delta) {
    const pages = (len + WINDOW_SLACK) >> 12;
    if (vpn - start < pages) return;
    if (vpn == start + pages) {
      const more = scanUp(block, vpn + 1, e, side);
      store<u32>(w, ((pages + 1 + more) << 12) - WINDOW_SLACK, 4);
      return;
    }
    if (vpn + 1 == start) {
      const more = scanDown(block, vpn, e, side);
      windowSet(w, vpn - more, pages + 1 + more, delta);
      return;
    }
  }
  const run = runOf(record, side);
  let runStart = load<u32>(run);
  let runPages = load<u32>(run, 4);
  if (runPages != 0 && load<u32>(run, 8) == delta && vpn == runStart + runPages) {
    runPages += 1 + scanUp(block, vpn + 1, e, side);
  } else if (runPages != 0 && load<u32>(run, 8) == delta && vpn + 1 == runStart) {
    const more = scanDown(block, vpn, e, side);
    runStart = vpn - more;
    runPages += 1 + more;
  } else {
    const below = scanDown(block, vpn, e, side);
    runStart = vpn - below;
    runPages = below + 1 + scanUp(block, vpn + 1, e, side);
  }
  if (len == 0 || runPages > (len + WINDOW_SLACK) >> 12) {
    windowSet(w, runStart, runPages, delta);
    store<u32>(run, 0, 4);
    return;
  }
  store<u32>(run, runStart);
  store<u32>(run, runPages, 4);
  store<u32>(run, delta, 8);
}

/** Pages from vpn upwards whose entry is e. */
function scanUp(block: usize, vpn: u32, e: u32, side: Side): u32 {
  let n: u32 = 0;
  while (n < RUN_SCAN && vpn + n < PAGES && tlbEntry(block, vpn + n, side) == e) n++;
  return n;
}

/** Pages below vpn, downwards, whose entry is e. */
function scanDown(block: usize, vpn: u32, e: u32, side: Side): u32 {
  let n: u32 = 0;
  while (n < RUN_SCAN && n < vpn && tlbEntry(block, vpn - 1 - n, side) == e) n++;
  return n;
}

function windowSet(w: usize, start: u32, pages: u32, delta: u32): void {
  store<u32>(w, 0, 4);
  store<u32>(w, start << 12);
  store<u32>(w, delta, 8);
  store<u32>(w, (pages << 12) - WINDOW_SLACK, 4);
}

/** Drops the entries of one side for the pages [vpn, vpn + pages). `own`: the CPU is this one, in the kernel. */
export function tlbDropSide(block: usize, record: CpuRecord, vpn: u32, pages: u32, side: Side, own: bool): void {
  windowDrop(block, record, vpn, pages, side, own);
  const end = vpn + pages;
  let at = vpn;
  while (at < end) {
    const word = load<u32>(block + CpuBlock.TOUCHED + (<usize>(at >> 14) << 2));
    const next = min<u32>((at | 511) + 1, end);
    if (word & (1 << ((at >> 9) & 31))) {
      for (let p = at; p < next; p++) store<u32>(slotOf(block, p, side), 0);
    }
    at = next;
  }
}

/** Drops both sides for the pages [vpn, vpn + pages). */
export function tlbDrop(block: usize, record: CpuRecord, vpn: u32, pages: u32, own: bool): void {
  tlbDropSide(block, record, vpn, pages, Side.READ, own);
  tlbDropSide(block, record, vpn, pages, Side.WRITE, own);
}

/** Takes the pages [vpn, vpn + pages) out of the window (the bigger rest stays) and out of the run beside it. */
function windowDrop(block: usize, record: CpuRecord, vpn: u32, pages: u32, side: Side, own: bool): void {
  store<u32>(runOf(record, side), 0, 4);
  const w = windowOf(block, side);
  const len = load<u32>(w, 4);
  if (len == 0) return;
  if (!own) {
    store<u32>(w, 0, 4);
    return;
  }
  const start = load<u32>(w) >> 12;
  const end = start + ((len + WINDOW_SLACK) >> 12);
  const stop = vpn + pages;
  if (stop <= start || vpn >= end) return;
  const below = vpn > start ? vpn - start : 0;
  const above = end > stop ? end - stop : 0;
  const delta = load<u32>(w, 8);
  if (below == 0 && above == 0) store<u32>(w, 0, 4);
  else if (below >= above) windowSet(w, start, below, delta);
  else windowSet(w, stop, above, delta);
}

/** Drops everything. Costs what was touched. */
export function tlbFlush(block: usize, record: CpuRecord): void {
  store<u32>(block, 0, CpuBlock.READ_LEN);
  store<u32>(block, 0, CpuBlock.WRITE_LEN);
  record.readRunPages = 0;
  record.writeRunPages = 0;
  for (let word: u32 = 0; word < 64; word++) {
    const at = block + CpuBlock.TOUCHED + (<usize>word << 2);
    let bits = load<u32>(at);
    if (bits == 0) continue;
    store<u32>(at, 0);
    while (bits != 0) {
      const page = (word << 5) + <u32>ctz(bits);
      memory.fill(block + CpuBlock.TLB + (<usize>page << 12), 0, 4096);
      bits &= bits - 1;
    }
  }
  counterAdd(Counter.TLB_FLUSHES, 1);
}

/** Host address of [va, va + size) if valid entries of one run or page already lead there, 0 otherwise. Needs no lock on its own CPU. */
// @ts-ignore: decorator
@inline
export function tlbLookup(block: usize, va: u32, size: u32, side: Side): usize {
  const w = windowOf(block, side);
  const start = load<u32>(w);
  const len = load<u32>(w, 4);
  if (len != 0 && va - start < len && size <= len - (va - start)) return <usize>(va + load<u32>(w, 8));
  const e = tlbEntry(block, va >> 12, side);
  if (e == 0 || (va & 4095) + size > 4096) return 0;
  return tlbHost(e, va);
}
