// Again: how a system call ends, and when it is run again. A call that lacks a page or a frame fails as for a bad address or for memory, having
// undone everything; what it wanted is noted (mm/want.ts). Then this CPU waits, and does the whole call again.
//
// Invariants
//   A1  Only a call that failed is run again: one that did part of its work says how much.
//   A2  What cannot be had is ENOMEM, and what the disk has lost is EIO, whatever the call made of it.
//
// Locks     kernel lock, dropped while waiting.
import { Errno } from "../../abi/errno";
import { CpuRecord, cpuRecord } from "../arch/percpu";
import { slotUsed } from "../mm/slot";
import { copyNear } from "../mm/usercopy";
import { isWanting, Want, wantClear } from "../mm/want";
import { PageWait, pageWait, pageWaitEnd } from "../proc/pagewait";
import { currentProcess } from "../proc/process";
import { kernelLeave } from "./enter";

/** Times that one call is run again for want of frames: more would not help it (it needs adjacent ones). */
const RUNS_FOR_FRAMES: u32 = 64;
/** Bytes of a read or write whose pages are brought in before it begins, so that it is not cut short by them. */
const NEAR_BYTES: u32 = 0x10000;

/** True: the call failed, changing nothing, for want of a page or of frames that have come meanwhile; it is to be run again. */
// @ts-ignore: decorator
@inline
export function again(result: i32): bool {
  return isWanting() && waited(result);
}

function waited(result: i32): bool {
  if (result >= 0 || result < -ERRORS) {
    wantClear();
    return false;
  }
  const record = changetype<CpuRecord>(cpuRecord);
  const frames = record.want == Want.FRAMES;
  if (frames && ++record.reruns > RUNS_FOR_FRAMES) return false;
  switch (pageWait(false)) {
    case PageWait.AGAIN:
      wantClear();
      return true;
    case PageWait.NO_MEMORY:
      record.want = Want.FRAMES;
      return false;
    case PageWait.LOST:
      record.want = Want.LOST;
      return false;
    default:
      wantClear();
      return false;
  }
}

/** The pages of a buffer that were swapped out are there, or one is on its way. False: the call waits for it. */
// @ts-ignore: decorator
@inline
export function near(va: u32, n: u32): bool {
  return slotUsed() == 0 || copyNear(currentProcess().space!, va, min(n, NEAR_BYTES));
}

/** Back to the program with the result; what a call could not get for lack of memory is ENOMEM, for a broken disk EIO. */
export function leave<T>(result: T): T {
  const record = changetype<CpuRecord>(cpuRecord);
  if ((record.want | record.reruns) != 0) {
    if (record.want == Want.FRAMES) result = <T>(-Errno.ENOMEM);
    if (record.want == Want.LOST) result = <T>(-Errno.EIO);
    record.reruns = 0;
    wantClear();
  }
  pageWaitEnd();
  kernelLeave();
  return result;
}

/** Errors are the top values of a result. */
const ERRORS: i32 = 4095;
