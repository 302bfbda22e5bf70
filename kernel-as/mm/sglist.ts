// Sglist: a list of physical ranges (scatter/gather), in the order in which they are to be seen.
//
//   one frame: Sglist, then `max` segments {first frame u32, frames u32} from SEGMENTS_AT on
//
// Invariants
//   S1  0 <= count <= max <= SEGMENTS_MAX; every segment has at least one frame; bases and lengths are whole pages.
//   S2  Neighbours that follow each other physically are one segment.
//   S3  A list with more than one reference never changes.
//   S4  A call that fails leaves every list as it was.
//
// Errors are -EINVAL (no such segment, nothing to do, not whole pages), -EFBIG (too many segments), -ENOMEM, -EBUSY (shared).
//
// Locks     kernel lock.

import { Errno } from "../../abi/errno";
import { Panic, panic } from "../lib/panic";
import { pmmAlloc, pmmFree } from "./pmm";

const SEGMENTS_AT: usize = 16;
/** As many as fit behind the header. */
export const SEGMENTS_MAX: u32 = 510;
/** Physical addresses have 44 bits here: a frame number is 32 bits. */
const PHYSICAL_END: u64 = 1 << 44;

@unmanaged
export class Sglist {
  refs: u32;
  count: u32;
  max: u32;
  pad: u32;
}

@unmanaged
export class Segment {
  first: u32;
  frames: u32;
}

if (offsetof<Sglist>() != 16) ERROR("Sglist is 16 bytes");

/** An empty list with room for max segments and one reference, or null: no memory, or max is out of range. */
export function sglistCreate(max: u32): Sglist | null {
  if (max == 0 || max > SEGMENTS_MAX) return null;
  const pfn = pmmAlloc(true);
  if (pfn == 0) return null;
  const list = changetype<Sglist>((<usize>pfn) << 12);
  list.refs = 1;
  list.max = max;
  return list;
}

/** Segment i of list.count. */
export function sglistAt(list: Sglist, i: u32): Segment {
  return changetype<Segment>(changetype<usize>(list) + SEGMENTS_AT + ((<usize>i) << 3));
}

export function sglistCount(list: Sglist): u32 {
  return list.count;
}

/** Bytes of all segments. */
export function sglistLength(list: Sglist): u64 {
  let frames: u64 = 0;
  for (let i: u32 = 0; i < list.count; i++) frames += sglistAt(list, i).frames;
  return frames << 12;
}

/** Adds a range at the end. 0, or -errno with the list unchanged. */
export function sglistAppend(list: Sglist, pa: u64, bytes: u64): i32 {
  if (list.refs > 1) return -Errno.EBUSY;
  if (bytes == 0 || ((pa | bytes) & 4095) != 0) return -Errno.EINVAL;
  if (pa >= PHYSICAL_END || bytes > PHYSICAL_END - pa) return -Errno.EINVAL;
  return append(list, <u32>(pa >> 12), <u32>(bytes >> 12)) ? 0 : -Errno.EFBIG;
}

/** Moves all segments of second to the end of first; second is empty afterwards. 0, or -errno with both unchanged. */
export function sglistJoin(first: Sglist, second: Sglist): i32 {
  if (first == second) return -Errno.EINVAL;
  if (first.refs > 1 || second.refs > 1) return -Errno.EBUSY;
  if (second.count == 0) return 0;
  const merges: u32 =
    first.count != 0 && follows(sglistAt(first, first.count - 1), sglistAt(second, 0).first)
      ? 1
      : 0;
  if (first.count + second.count - merges > first.max) return -Errno.EFBIG;
  for (let i: u32 = 0; i < second.count; i++)
    append(first, sglistAt(second, i).first, sglistAt(second, i).frames);
  second.count = 0;
  return 0;
}

/** A new list of bytes [offset, offset + bytes) of a list, which may be shared; its address is stored at host address out. 0 or -errno. */
export function sglistSlice(list: Sglist, offset: u64, bytes: u64, out: usize): i32 {
  if (bytes == 0 || ((offset | bytes) & 4095) != 0) return -Errno.EINVAL;
  const length = sglistLength(list);
  if (offset >= length || bytes > length - offset) return -Errno.EINVAL;
  const slice = sglistCreate(SEGMENTS_MAX);
  if (slice == null) return -Errno.ENOMEM;
  copyPart(slice, list, <u32>(offset >> 12), <u32>(bytes >> 12));
  slice.max = slice.count;
  store<u32>(out, <u32>changetype<usize>(slice));
  return 0;
}

/** The first `bytes` of a list become a new list, whose address is stored at out; the list keeps the rest. 0 or -errno. */
export function sglistSplit(list: Sglist, bytes: u64, out: usize): i32 {
  if (list.refs > 1) return -Errno.EBUSY;
  const length = sglistLength(list);
  const error = sglistSlice(list, 0, bytes, out);
  if (error != 0) return error;
  const rest = length - bytes;
  const whole = sglistCreate(SEGMENTS_MAX);
  if (whole == null) {
    sglistFree(changetype<Sglist>(<usize>load<u32>(out)));
    return -Errno.ENOMEM;
  }
  if (rest != 0) copyPart(whole, list, <u32>(bytes >> 12), <u32>(rest >> 12));
  list.count = whole.count;
  memory.copy(
    changetype<usize>(list) + SEGMENTS_AT,
    changetype<usize>(whole) + SEGMENTS_AT,
    (<usize>whole.count) << 3,
  );
  sglistFree(whole);
  return 0;
}

/** One more reference: the list cannot be changed until all but one are gone. */
export function sglistHold(list: Sglist): void {
  if (list.refs == 0 || list.refs == u32.MAX_VALUE)
    panic(Panic.BAD_REFERENCE, changetype<usize>(list));
  list.refs++;
}

/** Drops a reference; the last one frees the list. */
export function sglistFree(list: Sglist): void {
  if (list.refs == 0) panic(Panic.BAD_REFERENCE, changetype<usize>(list));
  list.refs--;
  if (list.refs == 0) pmmFree(<u32>(changetype<usize>(list) >> 12));
}

function follows(last: Segment, first: u32): bool {
  return last.first + last.frames == first;
}

function append(list: Sglist, first: u32, frames: u32): bool {
  if (list.count != 0) {
    const last = sglistAt(list, list.count - 1);
    if (follows(last, first)) {
      last.frames += frames;
      return true;
    }
  }
  if (list.count == list.max) return false;
  const segment = sglistAt(list, list.count++);
  segment.first = first;
  segment.frames = frames;
  return true;
}

/** Appends frames [skip, skip + frames) of a list, which has them. */
function copyPart(to: Sglist, from: Sglist, skip: u32, frames: u32): void {
  for (let i: u32 = 0; i < from.count && frames != 0; i++) {
    const segment = sglistAt(from, i);
    if (skip >= segment.frames) {
      skip -= segment.frames;
      continue;
    }
    const part = min(segment.frames - skip, frames);
    append(to, segment.first + skip, part);
    frames -= part;
    skip = 0;
  }
}
