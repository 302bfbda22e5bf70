// Futex: memory.atomic.wait and notify of programs. Waiters are known by the host address of the word, so that two mappings of one frame
// meet. The kernel decides who wakes: the CPU sleeps on a word of its own record.
//
// Invariants
//   N1  A record's waitHost is not 0 exactly while its CPU is in a program's wait; MmVar.WAITERS counts them.
//   N2  waitEvent is written under the lock: 0 waiting, 1 notified, 2 cancelled. So no wake-up is lost between checking the word and
//       falling asleep.
//
// Locks     kernel lock, except userWaitSleep.

import { Limit } from "../../abi/layout";
import { CpuRecord, cpuRecord, cpuRecordOf } from "../arch/percpu";
import { MmVar, mmVar, mmVarSet } from "./vars";

export const enum WaitResult {
  OK = 0,
  NOT_EQUAL = 1,
  TIMED_OUT = 2,
}

/** Begins a wait of this CPU on the word at host, whose value the caller has compared. */
export function userWaitBegin(host: usize): void {
  const record = changetype<CpuRecord>(cpuRecord);
  record.waitHost = <u32>host;
  store<u32>(eventOf(record), 0);
  mmVarSet(MmVar.WAITERS, mmVar(MmVar.WAITERS) + 1);
}

/** Sleeps until notified, cancelled, or the timeout in ns has passed (negative: never). Call with no lock held. */
export function userWaitSleep(timeout: i64): void {
  atomic.wait<i32>(eventOf(changetype<CpuRecord>(cpuRecord)), 0, timeout);
}

/** Ends the wait. */
export function userWaitEnd(): WaitResult {
  const record = changetype<CpuRecord>(cpuRecord);
  if (record.waitHost != 0) forget(record);
  return load<u32>(eventOf(record)) == 1 ? WaitResult.OK : WaitResult.TIMED_OUT;
}

/** Wakes at most count waiters on the word at host. How many. */
export function userNotify(host: usize, count: u32): u32 {
  let woken: u32 = 0;
  if (mmVar(MmVar.WAITERS) == 0) return 0;
  for (let slot: u32 = 0; slot < <u32>Limit.CPUS && woken < count; slot++) {
    const record = cpuRecordOf(slot);
    if (record.waitHost != <u32>host) continue;
    wake(record, 1);
    woken++;
  }
  return woken;
}

/** True if a program waits on a word in the frame: it is known by its host address, so the frame has to stay. */
export function userWaits(pfn: u32): bool {
  if (mmVar(MmVar.WAITERS) == 0) return false;
  for (let slot: u32 = 0; slot < <u32>Limit.CPUS; slot++) {
    const host = cpuRecordOf(slot).waitHost;
    if (host != 0 && host >> 12 == pfn) return true;
  }
  return false;
}

/** Ends the wait of the program on CPU `slot`, if it is in one: for kill. */
export function userWaitCancel(slot: u32): void {
  const record = cpuRecordOf(slot);
  if (record.waitHost != 0) wake(record, 2);
}

function wake(record: CpuRecord, event: u32): void {
  forget(record);
  atomic.store<u32>(eventOf(record), event);
  atomic.notify(eventOf(record), 1);
}

function forget(record: CpuRecord): void {
  record.waitHost = 0;
  mmVarSet(MmVar.WAITERS, mmVar(MmVar.WAITERS) - 1);
}

// @ts-ignore: decorator
@inline
function eventOf(record: CpuRecord): usize {
  return changetype<usize>(record) + offsetof<CpuRecord>("waitEvent");
}
