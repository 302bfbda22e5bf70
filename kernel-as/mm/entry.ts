// Entry: one range of a space's map: which pages show what, with which rights and memory type.
//
//   entries of a space: a sorted array in adjacent frames, at most ENTRIES_MAX
//
// Invariants
//   E1  Entries are sorted, not empty and do not overlap.
//   E2  Neighbours that mergeable() says may be one are one.
//   E3  An entry holds one reference to its object; a device entry also one to the reservation of its frames (mm/memtype.ts).
//   E4  Several spaces may show one array: the Page.refs of its first frame counts them, its entries count once for E3. It changes only
//       after mapReserve made it the space's own.
//
// Locks     kernel lock.

import { MemType } from "../../abi/pte";
import { ObjectKind, Prot } from "../../abi/syscall";
import { Leaf, patBits } from "../arch/pat";
import { pteRights } from "../arch/pte";
import { Counter, counterAdd } from "../arch/counters";
import { Panic, panic } from "../lib/panic";
import { Obj, objectGet, objectPut } from "./object";
import { pageOf } from "./page";
import { pmmAllocContiguous, pmmFreeContiguous } from "./pmm";
import { rangeIsDevice, rangesFree, rangesGet, rangesJoin } from "./ranges";
import { Space } from "./space";

/** Entries of one map: six frames. More is ENOMEM. */
export const ENTRIES_MAX: u32 = 1024;
const ENTRY_BYTES: u32 = 24;

export const enum EntryFlag {
  SHARED = 1,
  STACK = 2, // grows down to the space's stackLimit
  HEAP = 4, // ends at the break
  HUGE = 8, // 2 MiB leaves where both addresses allow
  GRANTED = 16, // the object came from another process (T_MMAP, a grant)
  READ_ONLY = 32, // granted for reading: mprotect cannot add WRITE
}

@unmanaged
export class Entry {
  /** Pages [start, end). */
  start: u32;
  end: u32;
  /** Address of its Obj, and the object's page that start shows (private anonymous: 0). */
  object: usize;
  offset: u32;
  prot: u8;
  type: u8;
  flags: u16;
  spare: u32;
}

if (offsetof<Entry>() != 24) ERROR("Entry is 24 bytes");

// @ts-ignore: decorator
@inline
export function entryAt(space: Space, i: u32): Entry {
  return changetype<Entry>(space.entries + <usize>(i * ENTRY_BYTES));
}

/** Index of the first entry that ends after vpn, or entryCount. */
export function entryIndex(space: Space, vpn: u32): u32 {
  let low: u32 = 0;
  let high = space.entryCount;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (entryAt(space, middle).end <= vpn) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The entry that covers vpn, or null. */
export function mapFind(space: Space, vpn: u32): Entry | null {
  const last = space.lastEntry;
  if (last < space.entryCount) {
    const e = entryAt(space, last);
    if (vpn >= e.start && vpn < e.end) return e;
  }
  const i = entryIndex(space, vpn);
  if (i == space.entryCount) return null;
  const e = entryAt(space, i);
  if (vpn < e.start) return null;
  space.lastEntry = i;
  return e;
}

/** The leaf for page vpn of the entry if its frame were pfn. */
export function entryLeaf(entry: Entry, pfn: u32, leaf: Leaf): u64 {
  const prot = entry.prot;
  return (
    ((<u64>pfn) << 12) |
    pteRights((prot & Prot.READ) != 0, (prot & Prot.WRITE) != 0, (prot & Prot.EXEC) != 0) |
    patBits(<MemType>entry.type, leaf)
  );
}

/** Before entries change: the array is the space's own, with room for `more`. False: no memory, or more than ENTRIES_MAX. */
export function mapReserve(space: Space, more: u32): bool {
  if (space.frozen != 0) panic(Panic.BAD_STATE, changetype<usize>(space));
  const need = space.entryCount + more;
  if (need > ENTRIES_MAX) return false;
  const shared = entriesAreShared(space);
  const fits = need * ENTRY_BYTES <= space.entryFrames << 12;
  if (!shared && fits) return true;
  const doubled = max<u32>((need * ENTRY_BYTES + 4095) >> 12, min<u32>(6, space.entryFrames << 1));
  const frames = fits ? space.entryFrames : doubled;
  const first = pmmAllocContiguous(frames);
  if (first == 0) return false;
  const at = <usize>first << 12;
  memory.copy(at, space.entries, space.entryCount * ENTRY_BYTES);
  if (shared) entriesCopied(space);
  else if (space.entryFrames != 0) pmmFreeContiguous(<u32>(space.entries >> 12), space.entryFrames);
  space.entries = at;
  space.entryFrames = frames;
  return true;
}

/** The entries of `space`, which has none, become those of `source`: one reference. */
export function entriesShare(space: Space, source: Space): void {
  space.entries = source.entries;
  space.entryCount = source.entryCount;
  space.entryFrames = source.entryFrames;
  space.lastEntry = source.lastEntry;
  pageOf(<u32>(source.entries >> 12)).refs++;
  counterAdd(Counter.REFERENCE_OPS, 1);
}

/** Takes the entries from a space whose leaves are gone: the last one that shows the array drops what it holds. */
export function entriesPut(space: Space): void {
  const page = pageOf(<u32>(space.entries >> 12));
  counterAdd(Counter.REFERENCE_OPS, 1);
  if (page.refs > 1) {
    page.refs--;
  } else {
    for (let i: u32 = 0; i < space.entryCount; i++) entryPut(entryAt(space, i));
    pmmFreeContiguous(<u32>(space.entries >> 12), space.entryFrames);
  }
  space.entries = 0;
  space.entryCount = 0;
  space.entryFrames = 0;
}

/** Drops what an entry holds (E3). */
export function entryPut(e: Entry): void {
  const object = changetype<Obj>(e.object);
  if (rangeIsDevice(object)) rangesFree(object, e.offset, e.end - e.start, <MemType>e.type);
  objectPut(changetype<usize>(object));
}

/** Takes what a copy of an entry holds (E3). The reservation is there: it is counted once more. */
function entryGet(e: Entry): void {
  const object = changetype<Obj>(e.object);
  objectGet(object);
  if (!rangeIsDevice(object)) return;
  if (!rangesGet(object, e.offset, e.end - e.start, <MemType>e.type)) panic(Panic.BAD_REFERENCE, object.first);
}

function entriesAreShared(space: Space): bool {
  return space.entryFrames != 0 && pageOf(<u32>(space.entries >> 12)).refs > 1;
}

/** The space leaves a shared array, whose entries it has copied. */
function entriesCopied(space: Space): void {
  pageOf(<u32>(space.entries >> 12)).refs--;
  for (let i: u32 = 0; i < space.entryCount; i++) entryGet(entryAt(space, i));
  counterAdd(Counter.REFERENCE_OPS, 1 + space.entryCount);
}

/** Opens a gap for one entry at index i; room was reserved. */
export function entryOpen(space: Space, i: u32): Entry {
  const at = changetype<usize>(entryAt(space, i));
  memory.copy(at + ENTRY_BYTES, at, (space.entryCount - i) * ENTRY_BYTES);
  memory.fill(at, 0, ENTRY_BYTES);
  space.entryCount++;
  return changetype<Entry>(at);
}

/** Closes the gap of entry i, whose references are gone. */
export function entryClose(space: Space, i: u32): void {
  const at = changetype<usize>(entryAt(space, i));
  space.entryCount--;
  memory.copy(at, at + ENTRY_BYTES, (space.entryCount - i) * ENTRY_BYTES);
}

/** Joins entry i with the one after it if they may be one. True: it did. */
export function entryJoin(space: Space, i: u32): bool {
  if (i + 1 >= space.entryCount) return false;
  const a = entryAt(space, i);
  const b = entryAt(space, i + 1);
  if (!mergeable(a, b)) return false;
  const object = changetype<Obj>(a.object);
  if (rangeIsDevice(object)) {
    const pages = b.end - a.start;
    rangesJoin(object, a.offset, b.offset, a.offset + pages, <MemType>a.type);
  }
  a.end = b.end;
  a.flags |= b.flags;
  entryClose(space, i + 1);
  objectPut(changetype<usize>(object));
  return true;
}

/** E2: same object at following offsets, same rights, type and flags. Never what was revoked. */
export function mergeable(a: Entry, b: Entry): bool {
  if (a.end != b.start || a.object != b.object || a.prot != b.prot || a.type != b.type || a.flags != b.flags) return false;
  const kind = changetype<Obj>(a.object).kind;
  if (kind == ObjectKind.GONE) return false; // mm/revoke.ts K2
  return kind == ObjectKind.ANON || a.offset + (a.end - a.start) == b.offset;
}
