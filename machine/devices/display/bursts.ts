// Bursts: the ring in which the kernel posts ranges of VRAM that were drained (abi/display.ts).
//
// A burst names bytes, not values: the device takes what the aperture holds now. So order does not matter, and ranges that touch or
// overlap become one.

import { DisplayState } from "../../../abi/display.ts";
import type { DeviceOffsets, HostViews } from "../../bus/host.ts";

export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Ranges of the bursts [BURST_TAIL, head), sorted, apart from each other and inside VRAM. Does not advance BURST_TAIL.
 * A head that is further away than the ring is long says that entries were lost: then it is all of VRAM.
 */
export function burstRanges(views: HostViews, offsets: DeviceOffsets, head: number): Range[] {
  const tail = views.load(offsets.display + DisplayState.BURST_TAIL);
  const count = (head - tail) >>> 0;
  if (count > DisplayState.BURST_CAPACITY) return [{ start: 0, end: offsets.vramBytes }];
  const ranges: Range[] = [];
  for (let i = 0; i < count; i++) {
    const slot = (tail + i) & (DisplayState.BURST_CAPACITY - 1);
    const at = offsets.display + DisplayState.BURSTS + slot * 8;
    const start = views.load(at);
    const end = Math.min(start + views.load(at + 4), offsets.vramBytes);
    if (start < end) ranges.push({ start, end });
  }
  return mergeRanges(ranges);
}

export function mergeRanges(ranges: Range[]): Range[] {
  ranges.sort((a, b) => a.start - b.start);
  const merged: Range[] = [];
  for (const range of ranges) {
    const last = merged[merged.length - 1];
    if (last !== undefined && range.start <= last.end) {
      merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, range.end) };
    } else {
      merged.push(range);
    }
  }
  return merged;
}
