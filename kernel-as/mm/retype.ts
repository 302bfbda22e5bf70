// Retype: another memory type for pages, for every alias at once: every process's leaves, the kernel's own, and the reservation table.
//
//   1 decide    all device, or exactly one whole shared object; nobody refuses (kernel registers, pinned frames)
//   2 prepare   entries, reservations and 2 MiB leaves of every alias are split at the edges; a reservation that still reaches out of
//               the range has no alias to split: somebody holds it without a mapping, and refuses
//   3 perform   drain WC, table, entries, leaves (each with its shootdown), kernel mappings; then what may be one is joined again
//
// RAM can be retyped where it is shared memory: the type belongs to the object and to its frames (mm/frametype.ts). Private memory is
// copied and evicted as WB, so it is refused.
//
// Locks     kernel lock.

import { Errno } from "../../abi/errno";
import { MemType } from "../../abi/pte";
import { ObjectKind } from "../../abi/syscall";
import { Entry, entryAt, entryIndex, mapReserve } from "./entry";
import { FRAME_PINNED, frameSetType, kernelDeviceSet } from "./frametype";
import { relabel, settle, splitEdges } from "./map";
import { memtypeMayRetype, memtypeRetype } from "./memtype";
import { Obj, objectPeek } from "./object";
import { pageOf } from "./page";
import { rangeFrame, rangeIsDevice, rangeRun } from "./ranges";
import { resourceFind } from "./resource";
import { shareOwnRange } from "./share";
import { Space } from "./space";
import { MmVar, mmVar } from "./vars";
import { wcDrainForRetype } from "./wc";

const enum Step {
  DECIDE = 0,
  PREPARE = 1,
  CONFIRM = 2,
  PERFORM = 3,
  SETTLE = 4,
}

/** Gives pages [start, end) of a space, all mapped, another type. 0, -EINVAL, -EBUSY or -ENOMEM with nothing changed. */
export function retype(space: Space, start: u32, end: u32, type: MemType): i32 {
  const first = entryAt(space, entryIndex(space, start));
  const object = changetype<Obj>(first.object);
  if (object.kind == ObjectKind.SHARED_ANON) return retypeShared(space, start, end, object, type);
  const decided = eachRun(space, start, end, type, Step.DECIDE);
  if (decided != 0) return decided;
  let error = eachRun(space, start, end, type, Step.PREPARE);
  if (error == 0) error = eachRun(space, start, end, type, Step.CONFIRM);
  if (error == 0) {
    for (let at = <usize>mmVar(MmVar.SPACES); at != 0; at = changetype<Space>(at).next) {
      if (changetype<Space>(at).slot >= 0) wcDrainForRetype(changetype<Space>(at).slot);
    }
    eachRun(space, start, end, type, Step.PERFORM);
  }
  eachRun(space, start, end, type, Step.SETTLE);
  return error;
}

/** Does a step for each run of adjacent device frames that pages [start, end) show. The first error, or 0. */
function eachRun(space: Space, start: u32, end: u32, type: MemType, step: Step): i32 {
  for (let vpn = start; vpn < end; ) {
    const e = entryAt(space, entryIndex(space, vpn));
    const object = changetype<Obj>(e.object);
    if (!rangeIsDevice(object)) return -Errno.EINVAL;
    const page = e.offset + (vpn - e.start);
    const n = rangeRun(object, page, min(e.end, end) - vpn);
    const frame = rangeFrame(object, page);
    const error =
      step == Step.DECIDE || step == Step.CONFIRM
        ? decide(space, frame, n, type, step == Step.CONFIRM)
        : eachAlias(frame, n, type, step);
    if (error != 0) return error;
    vpn += n;
  }
  return 0;
}

function decide(space: Space, first: u32, frames: u32, type: MemType, whole: bool): i32 {
  if (type == MemType.WB || type == MemType.WT) {
    const resource = resourceFind(first, frames);
    if (resource == null || resource.cacheable == 0) return -Errno.EINVAL;
  }
  return memtypeMayRetype(
    first,
    frames,
    type,
    whole,
    space.ownerPid,
    space.nameLow,
    space.nameHigh,
  );
}

/** A step for one physical run, in every space that shows any of it. */
function eachAlias(first: u32, frames: u32, type: MemType, step: Step): i32 {
  if (step == Step.PERFORM) {
    memtypeRetype(first, frames, type);
    kernelDeviceSet(first, frames, type);
  }
  for (let at = <usize>mmVar(MmVar.SPACES); at != 0; at = changetype<Space>(at).next) {
    const space = changetype<Space>(at);
    const frozen = space.frozen;
    space.frozen = 0; // the type of a frame is not a matter of contents
    const done = eachPiece(space, first, frames, type, step);
    space.frozen = frozen;
    if (!done) return -Errno.ENOMEM;
  }
  return 0;
}

/** A step for one physical run in one space. False: no memory. */
function eachPiece(space: Space, first: u32, frames: u32, type: MemType, step: Step): bool {
  for (let alias = aliasNext(space, 0, first, frames); alias != 0; ) {
    const from = <u32>(alias >> 32);
    const to = <u32>alias;
    if (step == Step.PREPARE && !shareOwnRange(space, from, to, false)) return false;
    if (step == Step.PREPARE && !splitEdges(space, from, to)) return false;
    if (step == Step.PERFORM) label(space, from, to, type);
    if (step == Step.SETTLE) settle(space, from, to);
    alias = aliasNext(space, to, first, frames);
  }
  return true;
}

/** The first pages at or after vpn that show adjacent frames of [first, first + frames): start << 32 | end; 0 none. */
function aliasNext(space: Space, vpn: u32, first: u32, frames: u32): u64 {
  for (let i = entryIndex(space, vpn); i < space.entryCount; i++) {
    const e = entryAt(space, i);
    const object = changetype<Obj>(e.object);
    if (!rangeIsDevice(object)) continue;
    for (let at = max(vpn, e.start); at < e.end; ) {
      const page = e.offset + (at - e.start);
      const n = rangeRun(object, page, e.end - at);
      const frame = rangeFrame(object, page);
      const low = max(frame, first);
      const high = min(frame + n, first + frames);
      if (low < high) return ((<u64>(at + (low - frame))) << 32) | <u64>(at + (high - frame));
      at += n;
    }
  }
  return 0;
}

/** Entries and leaves of [start, end) take the type; the edges are boundaries of both. */
function label(space: Space, start: u32, end: u32, type: MemType): void {
  for (
    let i = entryIndex(space, start);
    i < space.entryCount && entryAt(space, i).start < end;
    i++
  ) {
    const e = entryAt(space, i);
    e.type = <u8>type;
    relabel(space, e, 0);
  }
}

/** The whole of one shared object, in order, else -EINVAL. */
function retypeShared(space: Space, start: u32, end: u32, object: Obj, type: MemType): i32 {
  let page: u32 = 0;
  for (let vpn = start; vpn < end; ) {
    const e: Entry = entryAt(space, entryIndex(space, vpn));
    if (e.object != changetype<usize>(object) || e.offset + (vpn - e.start) != page)
      return -Errno.EINVAL;
    page += min(e.end, end) - vpn;
    vpn = e.end;
  }
  if (page != object.pages) return -Errno.EINVAL;
  for (let i: u32 = 0; i < object.pages; i++) {
    const pfn = objectPeek(object, i);
    if (pfn != 0 && pageOf(pfn).flags & FRAME_PINNED) return -Errno.EBUSY;
  }
  for (let at = <usize>mmVar(MmVar.SPACES); at != 0; at = changetype<Space>(at).next) {
    const frozen = changetype<Space>(at).frozen;
    changetype<Space>(at).frozen = 0;
    const owned = ownObject(changetype<Space>(at), object);
    changetype<Space>(at).frozen = frozen;
    if (!owned) return -Errno.ENOMEM;
  }
  const old = <MemType>object.type;
  for (let i: u32 = 0; i < object.pages; i++) {
    const pfn = objectPeek(object, i);
    if (pfn == 0 || frameSetType(pfn, type)) continue;
    // Back to what they were: WB needs no table, and every other type has its table already.
    for (let j: u32 = 0; j < i; j++)
      if (objectPeek(object, j) != 0) frameSetType(objectPeek(object, j), old);
    return -Errno.ENOMEM;
  }
  object.type = <u8>type;
  for (let at = <usize>mmVar(MmVar.SPACES); at != 0; at = changetype<Space>(at).next)
    labelObject(changetype<Space>(at), object, type);
  return 0;
}

/** Entries and tables where a space shows the object become its own. False: no memory. */
function ownObject(space: Space, object: Obj): bool {
  for (let i: u32 = 0; i < space.entryCount; i++) {
    if (entryAt(space, i).object != changetype<usize>(object)) continue;
    if (!mapReserve(space, 0)) return false;
    if (!shareOwnRange(space, entryAt(space, i).start, entryAt(space, i).end, false)) return false;
  }
  return true;
}

function labelObject(space: Space, object: Obj, type: MemType): void {
  for (let i: u32 = 0; i < space.entryCount; i++) {
    const e = entryAt(space, i);
    if (e.object != changetype<usize>(object)) continue;
    e.type = <u8>type;
    relabel(space, e, 0);
  }
}
