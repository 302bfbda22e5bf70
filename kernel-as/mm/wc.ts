// Write combining: which VRAM pages a CPU may have stored to since its last drain, and the bursts that a drain hands to the display.
//
// Invariants
//   W1  A VRAM frame with a write entry in the CPU's TLB has its bit in the CPU block's WC_SET; wcPages counts the bits.
//   W2  A drain removes those write entries before it posts the bursts, so that a later store is marked again.
//   W3  A CPU in user mode that is drained so that its pages change their type keeps its bits: a store that it has under way is in its own
//       next drain. One that loses its pages loses such a store too.
//   W4  Bursts are posted under the kernel lock; the device takes them without it.
//
// Locks     kernel lock, except wcWait.

import { CpuBlock } from "../../abi/cpu";
import { DisplayState } from "../../abi/display";
import { PhysFrame } from "../../abi/layout";
import { MemType } from "../../abi/pte";
import { ObjectKind } from "../../abi/syscall";
import { Counter, counterAdd } from "../arch/counters";
import { CpuRecord, cpuRecordOf, cpuSlot } from "../arch/percpu";
import { shootdownSettle } from "../arch/shootdown";
import { Side, tlbDropSide } from "../arch/tlb";
import { entryAt, mapFind } from "./entry";
import { Obj } from "./object";
import { rangeFrame, rangeIsDevice, rangeRun } from "./ranges";
import { vramFrame } from "./resource";
import { Space } from "./space";
import { MmVar, mmVar } from "./vars";

/** VRAM frames that the set can name (112 MiB); stores to frames past it get no write entry. */
export const WC_FRAMES: u32 = (CpuBlock.WC_SET_END - CpuBlock.WC_SET) * 8;
/** How long a drain waits for a device that does not answer: rounds of 100 ms. */
const WAIT_ROUNDS = 20;
const WAIT_NS: i64 = 100_000_000;

/** Puts a VRAM frame into this CPU's set: a store to it may follow. */
export function wcMark(pfn: u32): void {
  const record = cpuRecordOf(cpuSlot);
  const frame = vramFrame(pfn);
  const at = record.block + CpuBlock.WC_SET + ((<usize>(frame >> 5)) << 2);
  const bit: u32 = 1 << (frame & 31);
  const word = load<u32>(at);
  if (word & bit) return;
  store<u32>(at, word | bit);
  record.wcPages++;
}

/** Drains the set of the CPU in `slot`. The burst count to hand to wcWait. */
export function wcDrain(slot: u32): u32 {
  return drain(slot, false);
}

/** As wcDrain, but what another CPU may be storing meanwhile is not lost (W3). */
export function wcDrainForRetype(slot: u32): u32 {
  return drain(slot, slot != cpuSlot);
}

function drain(slot: u32, keep: bool): u32 {
  const record = cpuRecordOf(slot);
  if (record.wcPages == 0) return wcHead();
  const base = record.block + CpuBlock.WC_SET;
  const frames = min(mmVar(MmVar.VRAM_FRAMES), WC_FRAMES);
  let frame: u32 = 0;
  while (record.wcPages != 0 && frame < frames) {
    const word = load<u32>(base + ((<usize>(frame >> 5)) << 2)) >> (frame & 31);
    if (word == 0) {
      frame = (frame | 31) + 1;
      continue;
    }
    frame += <u32>ctz(word);
    const first = frame;
    while (frame < frames && isMarked(base, frame)) frame++;
    dropEntries(slot, first, frame - first);
    if (!keep || !shootdownSettle(slot)) unmark(record, base, first, frame);
    wcPost(changetype<Space>(record.space), first << 12, (frame - first) << 12);
  }
  wcWake();
  return wcHead();
}

function isMarked(base: usize, frame: u32): bool {
  return ((load<u32>(base + ((<usize>(frame >> 5)) << 2)) >> (frame & 31)) & 1) != 0;
}

/** Takes frames [first, end), all marked, out of the set. */
function unmark(record: CpuRecord, base: usize, first: u32, end: u32): void {
  for (let frame = first; frame < end; frame++) {
    const at = base + ((<usize>(frame >> 5)) << 2);
    store<u32>(at, load<u32>(at) & ~(1 << (frame & 31)));
  }
  record.wcPages -= end - first;
}

/** Posts one burst of VRAM bytes for a space (null: nobody's). wcWake makes the device look. */
export function wcPost(space: Space | null, offset: u32, length: u32): void {
  counterAdd(Counter.BURSTS, 1);
  counterAdd(Counter.BURST_BYTES, length);
  if (space != null) {
    space.bursts++;
    space.burstBytes += length;
  }
  post(offset, length);
}

/** Posts an uncached store of VRAM: a transaction of its own, which is no burst. */
export function wcPostStore(offset: u32, length: u32): void {
  post(offset, length);
  wcWake();
}

function post(offset: u32, length: u32): void {
  const display = <usize>mmVar(MmVar.DISPLAY_HOST);
  if (display == 0) return;
  const head = load<u32>(display, DisplayState.BURST_HEAD);
  if (
    head - atomic.load<u32>(display, DisplayState.BURST_TAIL) >=
    <u32>DisplayState.BURST_CAPACITY
  ) {
    wcWake();
    if (atomic.load<u32>(display, DisplayState.DEVICE_READY) != 0) {
      wcWait(wcRoom());
    }
    if (
      head - atomic.load<u32>(display, DisplayState.BURST_TAIL) >=
      <u32>DisplayState.BURST_CAPACITY
    ) {
      // Nobody consumes: the newest burst grows to all of VRAM, so that whoever comes sees every byte.
      const last =
        display + DisplayState.BURSTS + ((<usize>((head - 1) % DisplayState.BURST_CAPACITY)) << 3);
      store<u32>(last, 0);
      store<u32>(last, mmVar(MmVar.VRAM_FRAMES) << 12, 4);
      return;
    }
  }
  const at = display + DisplayState.BURSTS + ((<usize>(head % DisplayState.BURST_CAPACITY)) << 3);
  store<u32>(at, offset);
  store<u32>(at, length, 4);
  atomic.store<u32>(display + DisplayState.BURST_HEAD, head + 1);
}

/** Wakes the device after bursts were posted. */
export function wcWake(): void {
  const display = <usize>mmVar(MmVar.DISPLAY_HOST);
  if (display == 0) return;
  atomic.add<u32>(display + DisplayState.WAKE, 1);
  atomic.notify(display + DisplayState.WAKE, -1);
}

/** Sleeps until the device has consumed the first `head` bursts. Call with no lock held. */
export function wcWait(head: u32): void {
  const display = <usize>mmVar(MmVar.DISPLAY_HOST);
  if (display == 0) return;
  for (let i = 0; i < WAIT_ROUNDS; i++) {
    if (atomic.load<u32>(display, DisplayState.DEVICE_READY) == 0) return;
    const tail = atomic.load<u32>(display, DisplayState.BURST_TAIL);
    if (<i32>(tail - head) >= 0) return;
    atomic.wait<i32>(display + DisplayState.BURST_TAIL, <i32>tail, WAIT_NS);
  }
}

/** True if the device has bursts before `head` to consume still. */
export function wcPending(head: u32): bool {
  const display = <usize>mmVar(MmVar.DISPLAY_HOST);
  if (display == 0 || atomic.load<u32>(display, DisplayState.DEVICE_READY) == 0) return false;
  return <i32>(atomic.load<u32>(display, DisplayState.BURST_TAIL) - head) < 0;
}

/** Offset in VRAM of the n bytes that a space has at va, or -1: not all in one write-combined mapping of VRAM. */
export function wcOffset(space: Space, va: u32, n: u32): i64 {
  const entry = mapFind(space, va >> 12);
  if (entry == null || entry.type != <u8>MemType.WC || (va + (n - 1)) >> 12 >= entry.end) return -1;
  const object = changetype<Obj>(entry.object);
  if (object.kind != ObjectKind.DEVICE) return -1;
  const frame = rangeFrame(object, entry.offset + ((va >> 12) - entry.start));
  const vram = frame - PhysFrame.VRAM;
  return vram < mmVar(MmVar.VRAM_FRAMES) ? ((<i64>vram) << 12) | (va & 4095) : -1;
}

/** The bursts that the display must have taken before there is room for one more: what to hand to wcWait. */
export function wcRoom(): u32 {
  return wcHead() - DisplayState.BURST_CAPACITY + 1;
}

/** Bursts posted so far: what to hand to wcWait. */
export function wcHead(): u32 {
  const display = <usize>mmVar(MmVar.DISPLAY_HOST);
  return display == 0 ? 0 : load<u32>(display, DisplayState.BURST_HEAD);
}

/** Removes the write entries that lead to VRAM frames [first, first + count): every mapping of them in the CPU's space. */
function dropEntries(slot: u32, first: u32, count: u32): void {
  const record = cpuRecordOf(slot);
  if (record.space == 0) return;
  const space = changetype<Space>(record.space);
  for (let i: u32 = 0; i < space.entryCount; i++) {
    const entry = entryAt(space, i);
    const object = changetype<Obj>(entry.object);
    if (!rangeIsDevice(object) || entry.type == MemType.UC) continue;
    for (let at = entry.start; at < entry.end; ) {
      const page = entry.offset + (at - entry.start);
      const n = rangeRun(object, page, entry.end - at);
      const frame = rangeFrame(object, page) - PhysFrame.VRAM;
      const from = max<i64>(<i64>first, <i64>(<i32>frame));
      const to = min<i64>(<i64>(first + count), <i64>(<i32>frame) + n);
      if (from < to) {
        const vpn = at + <u32>(from - <i64>(<i32>frame));
        tlbDropSide(record.block, record, vpn, <u32>(to - from), Side.WRITE, slot == cpuSlot);
      }
      at += n;
    }
  }
}
