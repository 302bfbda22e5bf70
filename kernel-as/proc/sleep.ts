// Sleep: how a process waits in the kernel, and how it is woken.
//
// A process's event word counts wake-ups. Conditions change, and the word is bumped, under the kernel lock only; a sleeper reads the
// word before it drops the lock. So a wake-up between the unlock and the wait makes the wait return at once: none is lost.
//
// Invariants
//   S1  Nobody sleeps with the kernel lock.
//   S2  processSleep may return without cause: callers test their condition again.
import { Limit } from "../../abi/layout";
import { nowNs } from "../arch/io";
import { kernelLock, kernelUnlock } from "../arch/lock";
import { currentProcess, Process, ProcessState, processAt } from "./process";

/**
 * Loads of the event word before a sleeper goes to the host, when an answer is likely: about 8 us, what parking and being woken cost. A
 * server or a client that is awake answers in less than a microsecond; and one that was parked is back in this time, so that two
 * that talk to each other find their way out of parking by turns.
 */
const ANSWER_SPINS: u32 = 20000;
/** A sleep in the host that was shorter has been ended by somebody who is at work: what comes next is likely to come at once. */
const SHORT_NS: u64 = 50_000;

export const FOREVER: i64 = -1;

/**
 * Sleeps until the process is woken, key is signalled (wakeAll), or timeoutNs has passed (FOREVER: never).
 * Returns false if the process has been told to end: the caller undoes its waiting and returns -EINTR.
 * Called and returns with the kernel lock; drops it in between.
 */
export function processSleep(key: usize, timeoutNs: i64): bool {
  return sleep(key, timeoutNs, 0, ProcessState.SLEEPING);
}

/**
 * processSleep for a wait without an end of its own: a caught signal that has come ends it too. False: the caller undoes its waiting
 * and returns -EINTR.
 */
export function processSleepCatching(key: usize, timeoutNs: i64): bool {
  const process = currentProcess();
  if (process.pending != 0) return false;
  return sleep(key, timeoutNs, 0, ProcessState.SLEEPING) && process.pending == 0;
}

/** Sleeps as a stopped process, until something wakes it. */
export function processSleepStopped(timeoutNs: i64): void {
  sleep(0, timeoutNs, 0, ProcessState.STOPPED);
}

/** processSleep for the other side of a message, which is awake and likely to come at once, or not. */
export function processSleepBriefly(key: usize, awake: bool): bool {
  return sleep(key, FOREVER, awake ? ANSWER_SPINS : 0, ProcessState.SLEEPING);
}

function sleep(key: usize, timeoutNs: i64, spinsMax: u32, state: ProcessState): bool {
  const process = currentProcess();
  if (process.signal != 0) return false;
  const event = process.event;
  const address = changetype<usize>(process) + offsetof<Process>("event");
  process.key = key;
  process.state = state;
  kernelUnlock();
  let spins = spinsMax;
  while (spins > 0 && atomic.load<u32>(address) == event) spins--;
  if (spins == 0) {
    const began = nowNs();
    // Either the waker sees `parked` and notifies, or it bumped the event before, and the wait returns at once.
    atomic.store<u32>(parkedWord(process), 1);
    atomic.wait<i32>(address, event, timeoutNs);
    atomic.store<u32>(parkedWord(process), 0);
    process.restless = nowNs() - began < SHORT_NS ? 1 : 0;
  }
  kernelLock();
  process.key = 0;
  process.state = ProcessState.RUNNING;
  return process.signal == 0;
}

/** Wakes one process, whether it sleeps now or is about to. True: the host had to be asked. */
export function processWake(process: Process): bool {
  const address = changetype<usize>(process) + offsetof<Process>("event");
  atomic.add<u32>(address, 1);
  if (atomic.load<u32>(parkedWord(process)) == 0) return false;
  atomic.notify(address, -1);
  return true;
}

function parkedWord(process: Process): usize {
  return changetype<usize>(process) + offsetof<Process>("parked");
}

/** Wakes every process that sleeps for this key. True: the host had to be asked for one of them. */
export function wakeAll(key: usize): bool {
  let asked = false;
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    const process = processAt(i);
    if (process.state == ProcessState.SLEEPING && process.key == key && processWake(process))
      asked = true;
  }
  return asked;
}

/** Time left until a deadline (ns since power on), at least 0: what processSleep takes. */
export function timeLeft(deadlineNs: u64): i64 {
  const time = nowNs();
  return time >= deadlineNs ? 0 : <i64>(deadlineNs - time);
}

/**
 * Sleeps while the host's futex word at `address` holds `expected`: for what a device tells without an interrupt. A process that has
 * been told to end is noticed within HOST_WAIT_NS. Otherwise as processSleep.
 */
export function processSleepOnHost(address: usize, expected: u32): bool {
  const process = currentProcess();
  if (process.signal != 0) return false;
  process.state = ProcessState.SLEEPING;
  kernelUnlock();
  atomic.wait<i32>(address, expected, HOST_WAIT_NS);
  kernelLock();
  process.state = ProcessState.RUNNING;
  return process.signal == 0;
}

const HOST_WAIT_NS: i64 = 20_000_000;

/**
 * Sleeps while the futex word at `address` holds `expected` (address 0: for a moment), even if the process has been told to end: for a
 * device that works on memory of this call, and always finishes. May return without cause.
 * Called and returns with the kernel lock; drops it in between.
 */
export function processSleepOnDevice(address: usize, expected: u32): void {
  const process = currentProcess();
  process.state = ProcessState.SLEEPING;
  kernelUnlock();
  let spins = address == 0 ? 0 : ANSWER_SPINS;
  while (spins > 0 && atomic.load<u32>(address) == expected) spins--;
  if (address == 0) atomic.wait<i32>(idleWord(process), 0, DEVICE_PAUSE_NS);
  else if (spins == 0) atomic.wait<i32>(address, expected, -1);
  kernelLock();
  process.state = ProcessState.RUNNING;
}

const DEVICE_PAUSE_NS: i64 = 1_000_000;

/** A word that is 0 whenever its process does not sleep in sleep(), and that nobody notifies. */
function idleWord(process: Process): usize {
  return parkedWord(process);
}
