// Memtype: the table of reserved physical ranges and the one memory type that each has, so that no page is mapped with two.
//
// Invariants
//   Y1  Ranges that overlap have the same type.
//   Y2  Every device entry of every map holds one reference to the reservation of exactly its range and type (mm/map.ts).
//   Y3  A reservation with no references is not in the table.
//
// Locks     kernel lock.

import { Errno } from "../../abi/errno";
import { MemType } from "../../abi/pte";
import { kprint, kprintBytes, kprintDec, kprintHex } from "../lib/klog";
import { Panic, panic } from "../lib/panic";
import { bootAlloc } from "./early";
import { frameType } from "./frametype";
import { MmVar, mmVar, mmVarSet } from "./vars";

export const MEMTYPES_MAX: u32 = 512;
export const OWNER_BYTES: usize = 16;

@unmanaged
export class Reservation {
  first: u32;
  frames: u32;
  refs: u32;
  type: u32;
  /** Who reserved it first: pid (0: the kernel) and NUL-padded name. */
  ownerPid: u32;
  pad: u32;
  nameLow: u64;
  nameHigh: u64;
}

if (offsetof<Reservation>() != 40) ERROR("Reservation is 40 bytes");

export function memtypeBoot(): void {
  mmVarSet(MmVar.MEMTYPES, bootAlloc(MEMTYPES_MAX * 40 + <u32>OWNER_BYTES));
}

/** Ranges reserved. */
export function memtypeCount(): u32 {
  return mmVar(MmVar.MEMTYPE_COUNT);
}

/** Reservation i of memtypeCount(), in no order. */
// @ts-ignore: decorator
@inline
export function memtypeAt(i: u32): Reservation {
  return changetype<Reservation>(<usize>mmVar(MmVar.MEMTYPES) + <usize>i * 40);
}

/**
 * Reserves frames [first, first + frames) with a type for an owner. strict: another type in force there is -EBUSY, and the log names both;
 * otherwise the range takes the type in force where that is a safe stand-in, and the result is MEMTYPE_OTHER plus it. -ENOMEM: the table is full; -EINVAL: the
 * range mixes RAM and devices.
 */
export function memtypeReserve(first: u32, frames: u32, type: MemType, strict: bool, ownerPid: u32, nameLow: u64, nameHigh: u64): i32 {
  const ram = mmVar(MmVar.FRAMES);
  if (frames == 0 || (first < ram && first + frames > ram)) return -Errno.EINVAL;
  const count = memtypeCount();
  let granted: i32 = -1;
  for (let i: u32 = 0; i < count; i++) {
    const r = memtypeAt(i);
    if (first >= r.first + r.frames || r.first >= first + frames) continue;
    if (<i32>r.type == type && (granted < 0 || granted == type)) {
      granted = type;
      continue;
    }
    if (strict || !standsIn(<MemType>r.type, type) || (granted >= 0 && granted != <i32>r.type)) {
      logConflict(r, first, frames, type, ownerPid, nameLow, nameHigh);
      return -Errno.EBUSY;
    }
    granted = r.type;
  }
  if (granted < 0) granted = type;
  const same = find(first, frames, <u32>granted);
  if (same != null) {
    same.refs++;
    return granted == type ? 0 : granted + MEMTYPE_OTHER;
  }
  if (count == MEMTYPES_MAX) return -Errno.ENOMEM;
  const r = memtypeAt(count);
  r.first = first;
  r.frames = frames;
  r.refs = 1;
  r.type = granted;
  r.ownerPid = ownerPid;
  r.nameLow = nameLow;
  r.nameHigh = nameHigh;
  mmVarSet(MmVar.MEMTYPE_COUNT, count + 1);
  return granted == type ? 0 : granted + MEMTYPE_OTHER;
}

/** A flexible request that got another type returns this plus the type. */
export const MEMTYPE_OTHER: i32 = 0x100;

/** Gives one reference back: exactly a reserved range, or the end of one (which then shrinks, if nobody shares it); else -EINVAL. */
export function memtypeFree(first: u32, frames: u32, type: MemType): i32 {
  const exact = find(first, frames, type);
  if (exact != null) {
    exact.refs--;
    if (exact.refs == 0) drop(exact);
    return 0;
  }
  const count = memtypeCount();
  for (let i: u32 = 0; i < count; i++) {
    const r = memtypeAt(i);
    if (<i32>r.type != type || r.refs != 1) continue;
    if (r.first < first && r.first + r.frames == first + frames) {
      r.frames = first - r.first;
      return 0;
    }
  }
  return -Errno.EINVAL;
}

/** One reference to [first, first + frames) becomes one to each part. The caller has checked memtypeRoom(2). */
export function memtypeSplit(first: u32, frames: u32, at: u32, type: MemType): void {
  const whole = find(first, frames, type);
  if (whole == null) {
    panic(Panic.BAD_REFERENCE, first);
    return;
  }
  const pid = whole.ownerPid;
  const low = whole.nameLow;
  const high = whole.nameHigh;
  memtypeFree(first, frames, type);
  memtypeReserve(first, at - first, type, true, pid, low, high);
  memtypeReserve(at, first + frames - at, type, true, pid, low, high);
}

/** The inverse of memtypeSplit. */
export function memtypeJoin(first: u32, at: u32, end: u32, type: MemType): void {
  const part = find(first, at - first, type);
  if (part == null) {
    panic(Panic.BAD_REFERENCE, first);
    return;
  }
  const pid = part.ownerPid;
  const low = part.nameLow;
  const high = part.nameHigh;
  memtypeFree(first, at - first, type);
  memtypeFree(at, end - at, type);
  memtypeReserve(first, end - first, type, true, pid, low, high);
}

/** True if n more reservations fit. */
export function memtypeRoom(n: u32): bool {
  return memtypeCount() + n <= MEMTYPES_MAX;
}

/** The type in force for a frame: that of a frame of RAM, what is reserved of a device, else UC-. */
export function memtypeOf(pfn: u32): MemType {
  if (pfn < mmVar(MmVar.FRAMES)) return frameType(pfn);
  const count = memtypeCount();
  for (let i: u32 = 0; i < count; i++) {
    const r = memtypeAt(i);
    if (pfn - r.first < r.frames) return <MemType>r.type;
  }
  return MemType.UC_MINUS;
}

/**
 * Whether everything reserved in [first, first + frames) may become another type: 0, or -EBUSY, and the log names both owners. The
 * kernel can use its registers only uncached. whole: a reservation that reaches out of the range is refused too.
 */
export function memtypeMayRetype(
  first: u32,
  frames: u32,
  to: MemType,
  whole: bool,
  pid: u32,
  nameLow: u64,
  nameHigh: u64,
): i32 {
  const count = memtypeCount();
  for (let i: u32 = 0; i < count; i++) {
    const r = memtypeAt(i);
    if (first >= r.first + r.frames || r.first >= first + frames) continue;
    const inside = r.first >= first && r.first + r.frames <= first + frames;
    const uncached = to == MemType.UC || to == MemType.UC_MINUS;
    if (r.ownerPid == 0 ? inside && uncached : inside || !whole) continue;
    logConflict(r, first, frames, to, pid, nameLow, nameHigh);
    return -Errno.EBUSY;
  }
  return 0;
}

/** Changes the type of every reservation in [first, first + frames). memtypeMayRetype has said that it may. */
export function memtypeRetype(first: u32, frames: u32, to: MemType): void {
  const count = memtypeCount();
  for (let i: u32 = 0; i < count; i++) {
    const r = memtypeAt(i);
    if (first < r.first + r.frames && r.first < first + frames) r.type = to;
  }
}

/** May a mapping that asked for `want` use a range that is `have`? Speculation and ordering may only get stricter. */
function standsIn(have: MemType, want: MemType): bool {
  if (want == MemType.WB) return have == MemType.WB || have == MemType.WT;
  if (want == MemType.WC) return have != MemType.WB;
  if (want == MemType.UC || want == MemType.UC_MINUS) return have == MemType.UC || have == MemType.UC_MINUS;
  return have == want;
}

function find(first: u32, frames: u32, type: u32): Reservation | null {
  const count = memtypeCount();
  for (let i: u32 = 0; i < count; i++) {
    const r = memtypeAt(i);
    if (r.first == first && r.frames == frames && r.type == type) return r;
  }
  return null;
}

function drop(r: Reservation): void {
  const last = memtypeCount() - 1;
  memory.copy(changetype<usize>(r), changetype<usize>(memtypeAt(last)), 40);
  mmVarSet(MmVar.MEMTYPE_COUNT, last);
}

/** `memtype: grind (12) asks for UC at 0xe0000000-0xe0001000, gpu (2) has 0xe0000000-0xe2000000 as WC`. */
function logConflict(r: Reservation, first: u32, frames: u32, type: MemType, pid: u32, nameLow: u64, nameHigh: u64): void {
  kprint("memtype: ");
  logOwner(pid, nameLow, nameHigh);
  kprint(" asks for ");
  kprint(memtypeName(type));
  kprint(" at ");
  logRange(first, frames);
  kprint(", ");
  logOwner(r.ownerPid, r.nameLow, r.nameHigh);
  kprint(" has ");
  logRange(r.first, r.frames);
  kprint(" as ");
  kprint(memtypeName(<MemType>r.type));
  kprint("\n");
}

function logRange(first: u32, frames: u32): void {
  kprintHex(<u64>first << 12, 8);
  kprint("-");
  kprintHex((<u64>first + frames) << 12, 8);
}

function logOwner(pid: u32, low: u64, high: u64): void {
  const at = <usize>mmVar(MmVar.MEMTYPES) + <usize>MEMTYPES_MAX * 40;
  store<u64>(at, low);
  store<u64>(at, high, 8);
  let n: usize = 0;
  while (n < OWNER_BYTES && load<u8>(at + n) != 0) n++;
  kprintBytes(at, n);
  kprint(" (");
  kprintDec(pid);
  kprint(")");
}

export function memtypeName(type: MemType): string {
  switch (type) {
    case MemType.UC: return "UC";
    case MemType.WC: return "WC";
    case MemType.WT: return "WT";
    case MemType.WP: return "WP";
    case MemType.WB: return "WB";
    default: return "UC-";
  }
}
