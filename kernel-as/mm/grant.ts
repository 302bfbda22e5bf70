// Grant: an object that one space maps, mapped in another (T_MMAP).
//
// Locks     kernel lock.

import { Errno } from "../../abi/errno";
import { UserPage } from "../../abi/layout";
import { MemType } from "../../abi/pte";
import { MapFlag, ObjectKind } from "../../abi/syscall";
import { Vars } from "../lib/vars";
import { EntryFlag, entryAt, entryIndex, mapFind } from "./entry";
import { mapDeviceCount, mapDeviceLeaves, mapGap, mapInsert, mapIsFree, mapRemove } from "./map";
import { Obj, objectGet, objectPut } from "./object";
import { rangeFrame, rangeIsDevice, rangeRun } from "./ranges";
import { Space } from "./space";
import { MmVar } from "./vars";

/** The object at va that another space may map (device, list or shared anonymous), with a reference for the caller; 0 none. */
export function objectGetAt(space: Space, va: u32): usize {
  const entry = mapFind(space, va >> 12);
  if (entry == null) return 0;
  const object = changetype<Obj>(entry.object);
  if (!objectGrantable(object)) return 0;
  objectGet(object);
  store<u64>(
    Vars.MM + <usize>MmVar.GRANT_OFFSET,
    ((<u64>(entry.offset + ((va >> 12) - entry.start))) << 12) | (va & 4095),
  );
  return changetype<usize>(object);
}

/** True for what several spaces may map: device, list, shared anonymous memory. */
export function objectGrantable(object: Obj): bool {
  return rangeIsDevice(object) || object.kind == ObjectKind.SHARED_ANON;
}

/** Byte offset in the object of the address that the last objectGetAt was asked for. */
export function objectGetOffset(): u64 {
  return load<u64>(Vars.MM + <usize>MmVar.GRANT_OFFSET);
}

/**
 * Maps len bytes of an object from offset on (a multiple of 4096), with its default memory type; takes its own reference. addr is a hint,
 * or the place with MapFlag.FIXED or FIXED_NOREPLACE. The address, or -errno: EINVAL, ENXIO (past the object), ENOSPC (device mappings),
 * EEXIST, EBUSY (memory type), ENOMEM. readOnly: WRITE can never be added. Nothing changed on failure, except that FIXED has unmapped
 * the range.
 */
export function mapObject(
  space: Space,
  addr: u32,
  len: u32,
  prot: u32,
  flags: u32,
  object: usize,
  offset: u64,
  readOnly: bool,
): u32 {
  const o = changetype<Obj>(object);
  if (len == 0 || len > 0xc0000000 || (offset & 4095) != 0 || offset >> 44 != 0)
    return <u32>-Errno.EINVAL;
  const pages = (len + 4095) >> 12;
  const first = <u32>(offset >> 12);
  if (o.pages != 0 && (first >= o.pages || pages > o.pages - first)) return <u32>-Errno.ENXIO;
  const device = o.kind == ObjectKind.DEVICE;
  if (rangeIsDevice(o) && mapDeviceCount(space) >= space.deviceLimit) return <u32>-Errno.ENOSPC;
  const start = mapPlace(space, addr, pages, flags, device ? 512 : 1, device ? o.first + first : 0);
  if (start >= 0xfffff000) return start;
  const entryFlags =
    EntryFlag.SHARED |
    EntryFlag.GRANTED |
    (readOnly ? EntryFlag.READ_ONLY : 0) |
    (device ? EntryFlag.HUGE : 0);
  objectGet(o);
  let error = mapInsert(
    space,
    start,
    start + pages,
    o,
    first,
    prot & 7,
    <MemType>o.type,
    entryFlags,
  );
  if (error != 0) {
    objectPut(object);
    return <u32>error;
  }
  if (rangeIsDevice(o)) error = mapDeviceFill(space, start, pages);
  return error != 0 ? <u32>error : start << 12;
}

/** True if some page of [start, end) was granted for reading only. */
export function mapReadOnly(space: Space, start: u32, end: u32): bool {
  for (let i = entryIndex(space, start); i < space.entryCount; i++) {
    const e = entryAt(space, i);
    if (e.start >= end) break;
    if (e.flags & EntryFlag.READ_ONLY) return true;
  }
  return false;
}

/** Makes the leaves of the device entry that begins at page start; removes the entry when there is no memory for tables. */
export function mapDeviceFill(space: Space, start: u32, pages: u32): i32 {
  const entry = mapFind(space, start);
  if (entry == null) return -Errno.EINVAL;
  const object = changetype<Obj>(entry.object);
  const end = start + pages;
  let error = 0;
  for (let at = start; at < end && error == 0; ) {
    const page = entry.offset + (at - entry.start);
    const n = rangeRun(object, page, end - at);
    error = mapDeviceLeaves(space, at, at + n, rangeFrame(object, page), entry);
    at += n;
  }
  if (error != 0) mapRemove(space, start, start + pages);
  return error;
}

/**
 * The first page of a place for pages: with FIXED what was there is unmapped, with FIXED_NOREPLACE it must be free (EEXIST), else a gap,
 * at the hint addr if that is free. Fixed places lie between the null page and the stack area. -errno in the top 4095 values.
 */
export function mapPlace(
  space: Space,
  addr: u32,
  pages: u32,
  flags: u32,
  align: u32,
  phase: u32,
): u32 {
  const start = addr >> 12;
  if (flags & (MapFlag.FIXED | MapFlag.FIXED_NOREPLACE)) {
    const end = start + pages;
    if ((addr & 4095) != 0 || start == 0 || end > <u32>UserPage.MMAP_END) return <u32>-Errno.EINVAL;
    if (flags & MapFlag.FIXED_NOREPLACE)
      return mapIsFree(space, start, end) ? start : <u32>-Errno.EEXIST;
    const error = mapRemove(space, start, end);
    return error != 0 ? <u32>error : start;
  }
  const gap = mapGap(space, pages, start, align, phase);
  return gap == 0 ? <u32>-Errno.ENOMEM : gap;
}
