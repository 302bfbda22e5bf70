// Map: changes to the entries of a space and, with them, to its page tables and TLBs.
//
// A change first does all that can fail (room for entries, table splits), and then cannot fail.
//
// Invariants  E1 to E3 of mm/entry.ts hold before and after every function.
//
// Locks     kernel lock.

import { Errno } from "../../abi/errno";
import { UserPage } from "../../abi/layout";
import { MemType } from "../../abi/pte";
import { ObjectKind } from "../../abi/syscall";
import { Leaf, patMask } from "../arch/pat";
import { PT_ENTRIES, PTE_COW, PTE_P, PTE_PS, PTE_RIGHTS, PTE_RW } from "../arch/pte";
import { batchChange, batchClear, batchDropTable } from "./batch";
import {
  Entry,
  EntryFlag,
  entryAt,
  entryClose,
  entryIndex,
  entryJoin,
  entryLeaf,
  entryOpen,
  entryPut,
  mapReserve,
} from "./entry";
import { memtypeRoom } from "./memtype";
import { Obj, objectGet } from "./object";
import { rangeIsDevice, rangesReserve, rangesSplit } from "./ranges";
import { shareOwnRange } from "./share";
import { Space } from "./space";
import { ptIsLarge, ptIsShared, ptLeafAt, ptMap, ptMapLarge, ptMerge, ptNext, ptSplit } from "./table";
import { wcDrain } from "./wc";

/** True if nothing is mapped in [start, end). */
export function mapIsFree(space: Space, start: u32, end: u32): bool {
  const i = entryIndex(space, start);
  return i == space.entryCount || entryAt(space, i).start >= end;
}

/** True if entries cover all of [start, end). */
export function mapCovers(space: Space, start: u32, end: u32): bool {
  let at = start;
  for (let i = entryIndex(space, start); i < space.entryCount && at < end; i++) {
    const e = entryAt(space, i);
    if (e.start > at) return false;
    at = e.end;
  }
  return at >= end;
}

/**
 * Enters [start, end), where nothing is mapped, and takes over the caller's reference to the object. A device range is reserved in the
 * memory type table under the space's owner. On failure (-ENOMEM, -EBUSY) nothing changed and the reference is still the caller's.
 */
export function mapInsert(space: Space, start: u32, end: u32, object: Obj, offset: u32, prot: u32, type: MemType, flags: u32): i32 {
  if (!mapReserve(space, 1)) return -Errno.ENOMEM;
  if (rangeIsDevice(object)) {
    const r = rangesReserve(space, object, offset, end - start, type);
    if (r != 0) return r;
  }
  const i = entryIndex(space, start);
  const e = entryOpen(space, i);
  e.start = start;
  e.end = end;
  e.object = changetype<usize>(object);
  e.offset = object.kind == ObjectKind.ANON ? 0 : offset;
  e.prot = <u8>prot;
  e.type = <u8>type;
  e.flags = <u16>flags;
  entryJoin(space, i);
  if (i > 0) entryJoin(space, i - 1);
  return 0;
}

/** Makes the leaves of a device entry, 2 MiB ones where it is HUGE and both addresses allow. -ENOMEM: the caller removes the entry. */
export function mapDeviceLeaves(space: Space, start: u32, end: u32, first: u32, entry: Entry): i32 {
  const large = (entry.flags & EntryFlag.HUGE) != 0;
  let vpn = start;
  while (vpn < end) {
    const pfn = first + (vpn - start);
    if (large && ((vpn | pfn) & (PT_ENTRIES - 1)) == 0 && vpn + PT_ENTRIES <= end) {
      if (!ptMapLarge(space, vpn, entryLeaf(entry, pfn, Leaf.PAGE_2M))) return -Errno.ENOMEM;
      vpn += PT_ENTRIES;
    } else {
      if (!ptMap(space, vpn, entryLeaf(entry, pfn, Leaf.PAGE_4K))) return -Errno.ENOMEM;
      vpn++;
    }
  }
  return 0;
}

/** Unmaps whatever lies in [start, end). 0, or -ENOMEM with nothing changed. */
export function mapRemove(space: Space, start: u32, end: u32): i32 {
  let i = entryIndex(space, start);
  if (i == space.entryCount || entryAt(space, i).start >= end) return 0;
  if (!shareOwnRange(space, start, end, true) || !splitEdges(space, start, end)) return -Errno.ENOMEM;
  i = entryIndex(space, start);
  while (i < space.entryCount && entryAt(space, i).start < end) {
    const e = entryAt(space, i);
    clearLeaves(space, e.start, e.end);
    entryPut(e);
    entryClose(space, i);
  }
  if (start < space.hint && start >= <u32>UserPage.MMAP_START) space.hint = start;
  return 0;
}

/** Removes the translations of [start, end) and drops their frames; the entries stay. False: no memory, and nothing changed. */
export function mapZap(space: Space, start: u32, end: u32): bool {
  if (!shareOwnRange(space, start, end, true)) return false;
  clearLeaves(space, start, end);
  return true;
}

/** mapZap for tables that are the space's own, or lie in a range that is removed as a whole. WC stores are drained first. */
function clearLeaves(space: Space, start: u32, end: u32): void {
  if (space.slot >= 0) wcDrain(space.slot);
  let vpn = ptNext(space, start, end);
  while (vpn < end) {
    const pages = ptIsShared(space, vpn)
      ? batchDropTable(space, vpn)
      : batchClear(space, vpn, ptLeafAt(space, vpn));
    vpn = ptNext(space, vpn + pages, end);
  }
}

/** Changes the rights of [start, end), all of which is mapped. 0, or -ENOMEM with nothing changed. */
export function mapProtect(space: Space, start: u32, end: u32, prot: u32): i32 {
  if (!shareOwnRange(space, start, end, false) || !splitEdges(space, start, end)) return -Errno.ENOMEM;
  if (space.slot >= 0) wcDrain(space.slot);
  for (let i = entryIndex(space, start); i < space.entryCount && entryAt(space, i).start < end; i++) {
    const e = entryAt(space, i);
    e.prot = <u8>prot;
    relabel(space, e, PTE_RIGHTS);
  }
  settle(space, start, end);
  return 0;
}

/** A free range of pages in the mmap area with (start - phase) a multiple of align; hint is tried first. 0: none. */
export function mapGap(space: Space, pages: u32, hint: u32, align: u32, phase: u32): u32 {
  const low = <u32>UserPage.MMAP_START;
  const high = <u32>UserPage.MMAP_END;
  if (pages > high - low) return 0;
  if (hint >= low && hint <= high - pages && (hint - phase) % align == 0 && mapIsFree(space, hint, hint + pages)) return hint;
  let start = gapFrom(space, space.hint, pages, align, phase);
  if (start == 0 && space.hint > low) start = gapFrom(space, low, pages, align, phase);
  if (start != 0 && align == 1 && pages == 1) space.hint = start;
  return start;
}

/** Entries of distinct device objects: the mappings that Limit.DEVICE_MAPPINGS bounds. */
export function mapDeviceCount(space: Space): u32 {
  let n: u32 = 0;
  for (let i: u32 = 0; i < space.entryCount; i++) {
    const e = entryAt(space, i);
    if (!rangeIsDevice(changetype<Obj>(e.object))) continue;
    let seen = false;
    for (let j: u32 = 0; j < i && !seen; j++) seen = entryAt(space, j).object == e.object;
    if (!seen) n++;
  }
  return n;
}

function gapFrom(space: Space, from: u32, pages: u32, align: u32, phase: u32): u32 {
  let at = aligned(from, align, phase);
  for (let i = entryIndex(space, at); i < space.entryCount; i++) {
    const e = entryAt(space, i);
    if (e.start >= at + pages) break;
    at = aligned(max(at, e.end), align, phase);
  }
  return at + pages <= <u32>UserPage.MMAP_END ? at : 0;
}

// @ts-ignore: decorator
@inline
function aligned(at: u32, align: u32, phase: u32): u32 {
  const rest = (at - phase) % align;
  return rest == 0 ? at : at + (align - rest);
}

/** Makes start and end boundaries of entries and of leaves. False: no memory; at most some entries and leaves were split. */
export function splitEdges(space: Space, start: u32, end: u32): bool {
  const cuts: u32 = (isInside(space, start) ? 1 : 0) + (isInside(space, end) ? 1 : 0);
  if (!mapReserve(space, cuts) || (cuts != 0 && !memtypeRoom(cuts * 2))) return false;
  if (!ptSplit(space, start) || !ptSplit(space, end)) {
    ptMerge(space, start);
    return false;
  }
  splitEntry(space, start);
  splitEntry(space, end);
  return true;
}

function isInside(space: Space, vpn: u32): bool {
  const i = entryIndex(space, vpn);
  return i < space.entryCount && entryAt(space, i).start < vpn;
}

function splitEntry(space: Space, vpn: u32): void {
  const i = entryIndex(space, vpn);
  if (i == space.entryCount || entryAt(space, i).start >= vpn) return;
  const low = entryOpen(space, i);
  const high = entryAt(space, i + 1);
  memory.copy(changetype<usize>(low), changetype<usize>(high), offsetof<Entry>());
  const object = changetype<Obj>(high.object);
  objectGet(object);
  low.end = vpn;
  high.start = vpn;
  if (object.kind != ObjectKind.ANON) high.offset += vpn - low.start;
  if (rangeIsDevice(object)) {
    rangesSplit(object, low.offset, high.offset, low.offset + (high.end - low.start), <MemType>low.type);
  }
}

/** Joins what may be one around [start, end): entries, and the leaves of HUGE device entries. */
export function settle(space: Space, start: u32, end: u32): void {
  let i = entryIndex(space, start);
  if (i > 0) i--;
  while (i < space.entryCount && entryAt(space, i).start <= end) {
    if (!entryJoin(space, i)) i++;
  }
  settleLeaves(space, start);
  if ((start ^ (end - 1)) >> 9 != 0) settleLeaves(space, end - 1);
}

function settleLeaves(space: Space, vpn: u32): void {
  const i = entryIndex(space, vpn & ~(PT_ENTRIES - 1));
  if (i == space.entryCount) return;
  const e = entryAt(space, i);
  const base = vpn & ~(PT_ENTRIES - 1);
  if (!(e.flags & EntryFlag.HUGE) || e.start > base || e.end < base + PT_ENTRIES) return;
  ptMerge(space, vpn);
}

/** Rewrites the leaves of an entry after its rights (mask PTE_RIGHTS) or type (mask 0) changed. */
export function relabel(space: Space, e: Entry, mask: u64): void {
  let vpn = ptNext(space, e.start, e.end);
  while (vpn < e.end) {
    const at = ptLeafAt(space, vpn);
    const old = load<u64>(at);
    if (!(old & PTE_P)) {
      // Its rights are the entry's when it comes back.
      vpn = ptNext(space, vpn + 1, e.end);
      continue;
    }
    const size = ptIsLarge(space, vpn) ? Leaf.PAGE_2M : Leaf.PAGE_4K;
    const change = mask == 0 ? patMask(size) : mask;
    let leaf = (old & ~change) | (entryLeaf(e, 0, size) & change);
    if (size == Leaf.PAGE_2M) leaf |= PTE_PS;
    if (leaf & PTE_COW) leaf &= ~PTE_RW;
    vpn = ptNext(space, vpn + batchChange(space, vpn, at, leaf), e.end);
  }
}
