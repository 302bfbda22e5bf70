// Ranges: the device frames that an object shows, page by page: one range (DEVICE), or the segments of a list (SG). An entry holds one
// reservation in the memory type table for each segment that it shows, or for the part of it.
//
// Invariants
//   G1  For every entry of a device object and every run of adjacent frames in it there is one reference to the reservation of exactly
//       that run and the entry's type.
//
// Locks     kernel lock.

import { MemType } from "../../abi/pte";
import { ObjectKind } from "../../abi/syscall";
import { memtypeFree, memtypeJoin, memtypeReserve, memtypeSplit } from "./memtype";
import { Obj } from "./object";
import { Sglist, sglistAt } from "./sglist";
import { Space } from "./space";

/** True if the object's pages are device frames, which have no descriptor. */
export function rangeIsDevice(object: Obj): bool {
  return object.kind == ObjectKind.DEVICE || object.kind == ObjectKind.SG;
}

/** The frame that page `page` of a device object shows. */
export function rangeFrame(object: Obj, page: u32): u32 {
  if (object.kind == ObjectKind.DEVICE) return object.first + page;
  const list = changetype<Sglist>(object.table);
  let i: u32 = 0;
  while (i + 1 < list.count && page >= sglistAt(list, i).frames) page -= sglistAt(list, i++).frames;
  return sglistAt(list, i).first + page;
}

/** How many pages from `page` on show adjacent frames, at most limit. */
export function rangeRun(object: Obj, page: u32, limit: u32): u32 {
  if (object.kind == ObjectKind.DEVICE) return limit;
  return min(limit, segmentEnd(object, page) - page);
}

/** Reserves what pages [page, page + pages) show, strictly. 0, or -errno with nothing reserved. */
export function rangesReserve(
  space: Space,
  object: Obj,
  page: u32,
  pages: u32,
  type: MemType,
): i32 {
  const end = page + pages;
  for (let at = page; at < end; ) {
    const n = rangeRun(object, at, end - at);
    const r = memtypeReserve(
      rangeFrame(object, at),
      n,
      type,
      true,
      space.ownerPid,
      space.nameLow,
      space.nameHigh,
    );
    if (r != 0) {
      rangesFree(object, page, at - page, type);
      return r;
    }
    at += n;
  }
  return 0;
}

/** One reference more to each reservation of pages [page, page + pages), which are there. False: one is not. */
export function rangesGet(object: Obj, page: u32, pages: u32, type: MemType): bool {
  const end = page + pages;
  for (let at = page; at < end; ) {
    const n = rangeRun(object, at, end - at);
    if (memtypeReserve(rangeFrame(object, at), n, type, true, 0, 0, 0) != 0) return false;
    at += n;
  }
  return true;
}

/** Gives the reservations of pages [page, page + pages) back. */
export function rangesFree(object: Obj, page: u32, pages: u32, type: MemType): void {
  const end = page + pages;
  for (let at = page; at < end; ) {
    const n = rangeRun(object, at, end - at);
    memtypeFree(rangeFrame(object, at), n, type);
    at += n;
  }
}

/** The entry of pages [page, end) is about to become two that meet at `cut`. */
export function rangesSplit(object: Obj, page: u32, cut: u32, end: u32, type: MemType): void {
  const from = runStart(object, page, cut);
  if (from == cut) return;
  const n = rangeRun(object, from, end - from);
  if (from + n == cut) return;
  memtypeSplit(rangeFrame(object, from), n, rangeFrame(object, cut), type);
}

/** The inverse of rangesSplit. */
export function rangesJoin(object: Obj, page: u32, cut: u32, end: u32, type: MemType): void {
  const from = runStart(object, page, cut);
  if (from == cut) return;
  const n = rangeRun(object, from, end - from);
  if (from + n == cut) return;
  const first = rangeFrame(object, from);
  memtypeJoin(first, rangeFrame(object, cut), first + n, type);
}

/** First page, from `page` on, of the run that page cut - 1 is in. */
function runStart(object: Obj, page: u32, cut: u32): u32 {
  if (object.kind == ObjectKind.DEVICE) return page;
  const list = changetype<Sglist>(object.table);
  let start: u32 = 0;
  for (let i: u32 = 0; i < list.count && start + sglistAt(list, i).frames < cut; i++)
    start += sglistAt(list, i).frames;
  return max(start, page);
}

/** One past the last page of the segment that page is in. */
function segmentEnd(object: Obj, page: u32): u32 {
  const list = changetype<Sglist>(object.table);
  let end: u32 = 0;
  for (let i: u32 = 0; i < list.count; i++) {
    end += sglistAt(list, i).frames;
    if (page < end) break;
  }
  return end;
}
