// Memory calls that go beyond one mapping: mcache, mmap_sg, mrevoke, mdirty, mmcheck (semantics 1, 2, 3 and 5).
//
// Each function decodes first: every check, nothing changed. Then it performs, and undoes what it did if it must fail.
//
// Locks     kernel lock held on entry and on return.

import { Errno } from "../../abi/errno";
import { MemType } from "../../abi/pte";
import { DirtyBit, ObjectKind, RevokeFlag, SgSegment } from "../../abi/syscall";
import { mmCheck } from "../mm/check";
import { dirtyClear, dirtyOf } from "../mm/dirty";
import { mapFind } from "../mm/entry";
import { mapCovers, mapDeviceCount } from "../mm/map";
import { Obj, objectCreate, objectIsRam } from "../mm/object";
import { rangeIsDevice } from "../mm/ranges";
import { retype } from "../mm/retype";
import { revoke } from "../mm/revoke";
import {
  SEGMENTS_MAX,
  Sglist,
  sglistAppend,
  sglistCreate,
  sglistFree,
  sglistLength,
} from "../mm/sglist";
import { shareOwnRange } from "../mm/share";
import { copyIn, copyOut } from "../mm/usercopy";
import { currentProcess } from "../proc/process";
import {
  deviceFlagsType,
  deviceMap,
  deviceRangeCheck,
  mySpace,
  rangeIsValid,
  SCRATCH,
  SCRATCH_BYTES,
} from "./memory";

/** Changes the memory type of device pages, or of a whole shared object, for every alias: mm/retype.ts. Root only. */
export function sysMcache(addr: u32, len: u32, mode: u32): i32 {
  const known =
    mode == MemType.UC ||
    mode == MemType.UC_MINUS ||
    mode == MemType.WC ||
    mode == MemType.WT ||
    mode == MemType.WB;
  if (!known || !rangeIsValid(addr, len)) return -Errno.EINVAL;
  const space = mySpace();
  const start = addr >> 12;
  const end = (addr + len + 4095) >> 12;
  if (!mapCovers(space, start, end)) return -Errno.ENOMEM;
  if (currentProcess().uid != 0) return -Errno.EACCES;
  return retype(space, start, end, <MemType>mode);
}

/**
 * Maps `count` ranges of devices (SgSegment records at `segments`) one after the other as one object. Root only; flags and errors of a
 * range as for mmap_device, without HUGEPAGE's effect; EFBIG: too many. The address, or -errno.
 */
export function sysMmapSg(segments: u32, count: u32, flags: u32): u32 {
  if (currentProcess().uid != 0) return <u32>-Errno.EACCES;
  const type = deviceFlagsType(flags);
  if (type < 0) return <u32>type;
  if (count == 0) return <u32>-Errno.EINVAL;
  if (count > SEGMENTS_MAX) return <u32>-Errno.EFBIG;
  const space = mySpace();
  if (mapDeviceCount(space) >= space.deviceLimit) return <u32>-Errno.ENOSPC;
  const list = sglistCreate(count);
  if (list == null) return <u32>-Errno.ENOMEM;
  const error = readSegments(list, segments, count, <MemType>type);
  const object = error == 0 ? objectCreate(ObjectKind.SG, <MemType>type) : null;
  if (object == null) {
    sglistFree(list);
    return <u32>(error != 0 ? error : -Errno.ENOMEM);
  }
  object.table = changetype<usize>(list);
  object.pages = <u32>(sglistLength(list) >> 12);
  return deviceMap(space, object, 0);
}

function readSegments(list: Sglist, segments: u32, count: u32, type: MemType): i32 {
  for (let i: u32 = 0; i < count; i++) {
    if (
      copyIn(mySpace(), SCRATCH, segments + i * SgSegment.BYTES, SgSegment.BYTES) != SgSegment.BYTES
    )
      return -Errno.EFAULT;
    const pa = load<u64>(SCRATCH, SgSegment.PA);
    const length = load<u64>(SCRATCH, SgSegment.LENGTH);
    const refused = deviceRangeCheck(pa, length, type);
    if (refused != 0) return refused;
    const error = sglistAppend(list, pa, length);
    if (error != 0) return error;
  }
  return 0;
}

/**
 * Takes back the object mapped at addr, which the caller made (mmap_device, mmap_sg, shared memory): every mapping of it is gone in every
 * process. -EINVAL: no such object there; -EPERM: somebody else's.
 */
export function sysMrevoke(addr: u32, flags: u32): i32 {
  if ((flags & ~(<u32>RevokeFlag.KEEP_OWN)) != 0) return -Errno.EINVAL;
  const space = mySpace();
  const entry = mapFind(space, addr >> 12);
  if (entry == null) return -Errno.EINVAL;
  const object = changetype<Obj>(entry.object);
  if (!rangeIsDevice(object) && object.kind != ObjectKind.SHARED_ANON) return -Errno.EINVAL;
  if (object.owner != <u32>currentProcess().pid) return -Errno.EPERM;
  const keep = flags & RevokeFlag.KEEP_OWN ? space : null;
  return revoke(object, keep, false) ? 0 : -Errno.ENOMEM;
}

/**
 * The A and D bits of [addr, addr + len), all mapped and none of it device memory: one DirtyBit byte for each page at vec (0: not wanted),
 * and then the bits in `clear` are cleared. Nothing is cleared when vec cannot be written (-EFAULT).
 */
export function sysMdirty(addr: u32, len: u32, vec: u32, clear: u32): i32 {
  if (!rangeIsValid(addr, len) || (clear & ~(<u32>DirtyBit.ACCESSED | DirtyBit.DIRTY)) != 0)
    return -Errno.EINVAL;
  const space = mySpace();
  const start = addr >> 12;
  const end = (addr + len + 4095) >> 12;
  if (!mapCovers(space, start, end)) return -Errno.ENOMEM;
  for (let vpn = start; vpn < end; ) {
    const e = mapFind(space, vpn);
    if (e == null || !objectIsRam(changetype<Obj>(e.object))) return -Errno.EINVAL;
    vpn = e.end;
  }
  if (vec != 0) {
    const error = storeBits(start, end, vec);
    if (error != 0) return error;
  }
  if (clear != 0 && !shareOwnRange(space, start, end, false)) return -Errno.ENOMEM;
  if (clear != 0) for (let vpn = start; vpn < end; vpn++) dirtyClear(space, vpn, clear);
  return 0;
}

function storeBits(start: u32, end: u32, vec: u32): i32 {
  const space = mySpace();
  for (let vpn = start; vpn < end; ) {
    const n = min(end - vpn, SCRATCH_BYTES);
    for (let i: u32 = 0; i < n; i++) store<u8>(SCRATCH + i, dirtyOf(space, vpn + i));
    if (copyOut(space, vec + (vpn - start), SCRATCH, n) != <i32>n) return -Errno.EFAULT;
    vpn += n;
  }
  return 0;
}

/** Walks all of memory management: 0, or the number of the broken invariant, which is in the kernel log. Root only. */
export function sysMmcheck(): i32 {
  return currentProcess().uid != 0 ? -Errno.EACCES : mmCheck();
}
