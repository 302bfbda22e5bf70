// Pagewait: a process waits for a page to come in from the disk, or for a frame to become free, and then does again what failed.
//
// The word it sleeps on belongs to the disk's request: the device itself stores the result there and notifies it, so that a fault is served
// by the program's own thread and waits for no other CPU.
//
// Invariants
//   P1  The lock is dropped while asleep: whatever the caller knew of maps, leaves and frames before is not true any more.
//   P2  A process that has been told to end stops waiting.
//
// Locks     kernel lock, dropped while asleep.

import { nowNs } from "../arch/io";
import { kernelLock, kernelUnlock } from "../arch/lock";
import { CpuRecord, cpuRecord, cpuRecordOf } from "../arch/percpu";
import { Reclaimed, reclaim, reclaimCancel, reclaimIsComing, reclaimStock } from "../mm/reclaim";
import { swapPoll } from "../mm/swap";
import { Want, wantClear } from "../mm/want";
import { oomRelieve } from "./oom";
import { currentProcess, Process, ProcessState } from "./process";
import { thrashPause } from "./thrash";

export const enum PageWait {
  AGAIN = 0, // try again: it may work now
  NO_MEMORY = 1, // there is none, nor will there be
  LOST = 2, // a page could not be read back
  ENDED = 3, // the process has been told to end
}

/** How long a wait for another CPU's acknowledgement, or for a process's end, lasts before a new look. */
const LOOK_NS: i64 = 1_000_000;
/** Looks before what is on its way counts as not coming: as long as a program that was killed may compute on (proc/end.ts). */
const LOOKS_MAX: u32 = 50;

/** Waits for what the operation that just failed wanted. mayEnd: another process may be ended for its memory (proc/oom.ts). */
export function pageWait(mayEnd: bool): PageWait {
  const record = changetype<CpuRecord>(cpuRecord);
  const process = currentProcess();
  record.waits++;
  if (process.signal != 0) {
    reclaimCancel(record);
    return PageWait.ENDED;
  }
  if (record.want == Want.LOST) return PageWait.LOST;
  if (record.want == Want.FRAMES) {
    let result = reclaim();
    while (result == Reclaimed.AGAIN) {
      kernelUnlock();
      kernelLock();
      if (process.signal != 0) {
        reclaimCancel(record);
        return PageWait.ENDED;
      }
      result = reclaim();
    }
    if (result == Reclaimed.READY) return PageWait.AGAIN;
    if (result == Reclaimed.USELESS) return PageWait.NO_MEMORY;
    if (result == Reclaimed.NONE) {
      // What another CPU has not acknowledged, or the disk has no room for, may come soon; a program that computes may also never let it come.
      if (record.looks < LOOKS_MAX && reclaimIsComing()) record.looks++;
      else if (!mayEnd || !oomRelieve(process)) {
        reclaimCancel(record);
        return PageWait.NO_MEMORY;
      }
      sleepOn(process, changetype<usize>(record) + offsetof<CpuRecord>("waits"), record.waits, LOOK_NS);
      return process.signal == 0 ? PageWait.AGAIN : PageWait.ENDED;
    }
  }
  record.told = 0; // what it was told may not be true any more when it wakes
  if (record.want == Want.ACKNOWLEDGE)
    sleepOn(process, changetype<usize>(record) + offsetof<CpuRecord>("waits"), record.waits, LOOK_NS);
  else if (record.want >= <u32>Want.MIN_WORD) {
    reclaimStock();
    sleepOn(process, record.want, record.wantValue, -1);
  }
  thrashPause(process);
  return PageWait.AGAIN;
}

/** The wait, if there was one, is over, whatever came of it: frames that were set aside and not needed are free again. */
// @ts-ignore: decorator
@inline
export function pageWaitEnd(): void {
  const record = changetype<CpuRecord>(cpuRecord);
  if ((record.ticket | record.told) != 0) reclaimCancel(record);
}

/** Times this CPU waited: if it grew, the lock was dropped. */
// @ts-ignore: decorator
@inline
export function pageWaits(): u32 {
  return changetype<CpuRecord>(cpuRecord).waits;
}

/** A process on CPU `slot` that waits for a page has been told to end: it looks at once. */
export function pageWaitCancel(slot: u32): void {
  const want = cpuRecordOf(slot).want;
  if (want >= <u32>Want.MIN_WORD) atomic.notify(<usize>want, -1);
}

/** Sleeps while the word holds the value, at most ns (negative: for ever). */
export function sleepOn(process: Process, word: usize, value: u32, ns: i64): void {
  const state = process.state;
  const start = nowNs();
  process.state = ProcessState.SLEEPING;
  kernelUnlock();
  atomic.wait<i32>(word, value, ns);
  kernelLock();
  process.waitedNs += nowNs() - start;
  process.state = state;
  wantClear();
  swapPoll();
}
