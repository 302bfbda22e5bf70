// Want: what the operation under way on this CPU lacks. Nothing in mm waits: an operation that lacks a page or a frame fails, having
// undone what it did, and leaves here what would let it succeed. Whoever may sleep then waits (proc/pagewait.ts) and tries again.
//
// Invariants
//   Q1  want is 0, a Want, or the address of a word of a disk request that holds wantValue until the page it moves has come.
//   Q2  An operation that succeeds in spite of a failed allocation clears the want.
//
// Locks     kernel lock. The fields are in the CPU's record.

import { CpuRecord, cpuRecord } from "../arch/percpu";

export const enum Want {
  NONE = 0,
  FRAMES = 1, // frames: reclaim has to find some
  LOST = 2, // a page could not be read back: waiting is of no use
  ACKNOWLEDGE = 3, // another CPU's acknowledgement: look again in a moment
  MIN_WORD = 16, // from here on an address
}

/** The operation failed for want of frames. */
export function wantFrames(): void {
  const record = changetype<CpuRecord>(cpuRecord);
  if (record.want == Want.NONE) record.want = Want.FRAMES;
}

/** The operation failed because what it needs is there when the word at `address` does not hold `value` any more. */
export function wantWord(address: usize, value: u32): void {
  const record = changetype<CpuRecord>(cpuRecord);
  record.want = <u32>address;
  record.wantValue = value;
}

/** The operation failed because the disk failed. */
export function wantLost(): void {
  changetype<CpuRecord>(cpuRecord).want = Want.LOST;
}

/** The operation cannot end before another CPU has entered the kernel. */
export function wantAcknowledge(): void {
  changetype<CpuRecord>(cpuRecord).want = Want.ACKNOWLEDGE;
}

/** True if wantAcknowledge was the last. */
export function isWantingAcknowledge(): bool {
  return changetype<CpuRecord>(cpuRecord).want == Want.ACKNOWLEDGE;
}

/** Nothing is wanted. */
// @ts-ignore: decorator
@inline
export function wantClear(): void {
  changetype<CpuRecord>(cpuRecord).want = Want.NONE;
}

/** True if the operation that just failed may succeed later. */
// @ts-ignore: decorator
@inline
export function isWanting(): bool {
  return changetype<CpuRecord>(cpuRecord).want != Want.NONE;
}
