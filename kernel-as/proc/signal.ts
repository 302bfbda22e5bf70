// Signal: what a signal does to a process. There are no handlers: a signal ends, stops or continues, or it is kept for a program that asks.
//
//   INT TERM KILL (and any other)  end              TSTP TTIN TTOU STOP  stop, until CONT            CHLD URG WINCH  nothing
//   A program can catch INT, TERM, TSTP, CONT and WINCH: such a signal becomes a bit that it takes with sigtake. A wait that has no
//   end of its own (console, pipe, wait, nanosleep) returns EINTR when one comes.
//
// Invariants
//   G1  A stop counts from when it is marked: a sleeper sleeps on and does not get back to program code; a CPU in program code gets
//       no further than its next access to memory, and what it computes until then nobody can see.
//   G2  A process ends although it is stopped: `signal` is looked at first.
//   G3  The console's readers are its foreground group, or the group that chose it (dev/console.ts); anyone else is stopped.
//
// Locks     kernel lock.
import { Limit } from "../../abi/layout";
import { Signal } from "../../abi/syscall";
import { cpuInterrupt } from "../arch/shootdown";
import { INIT_PID, processCheckSignal, processKill } from "./end";
import {
  currentProcess,
  End,
  Process,
  ProcessState,
  processAt,
  processFind,
  processIsLive,
} from "./process";
import { FOREVER, processSleepStopped, processWake } from "./sleep";

/** Signals are below this. */
const SIGNALS: i32 = 32;

/** What a program may catch. */
const CATCHABLE: u32 =
  (1 << Signal.INT) |
  (1 << Signal.TERM) |
  (1 << Signal.TSTP) |
  (1 << Signal.CONT) |
  (1 << Signal.WINCH);

/** True for the numbers that kill takes. */
export function signalIsKnown(signal: i32): bool {
  return signal >= 0 && signal < SIGNALS;
}

/** Sends a signal to a process that the sender may signal. 0 only asks. */
export function signalSend(process: Process, signal: i32): void {
  if (signal == 0 || !processIsLive(process) || process.end != End.NONE) return;
  if (signal == Signal.CONT) processContinue(process);
  if ((process.caught & (1 << signal)) != 0) {
    process.pending |= 1 << signal;
    processWake(process);
    return;
  }
  switch (signal) {
    case Signal.CONT:
    case Signal.CHLD:
    case Signal.URG:
    case Signal.WINCH:
      return;
    case Signal.STOP:
    case Signal.TSTP:
    case Signal.TTIN:
    case Signal.TTOU:
      processStop(process, signal);
      return;
  }
  processKill(process, signal);
}

/** signalSend for every process of a group but init; returns how many there were. */
export function groupSignal(group: i32, signal: i32): i32 {
  let count = 0;
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    const process = processAt(i);
    if (process.group != group || !processIsLive(process) || process.pid == INIT_PID) continue;
    signalSend(process, signal);
    count++;
  }
  return count;
}

/** True when no process of the group can run: there is none, or all are stopped. */
export function groupIsIdle(group: i32): bool {
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    const process = processAt(i);
    if (process.group == group && process.stop == 0 && processIsLive(process)) return false;
  }
  return true;
}

/** Which signals the process takes itself from now on; those it no longer takes are forgotten. Returns the bits it took so far. */
export function signalCatch(process: Process, mask: u32): u32 {
  const old = process.caught;
  process.caught = mask & CATCHABLE;
  process.pending &= process.caught;
  return old;
}

/** The caught signals that have come since the last call. */
export function signalTake(process: Process): u32 {
  const pending = process.pending;
  process.pending = 0;
  return pending;
}

/** Marks a process stopped (G1) and tells its parent. */
function processStop(process: Process, signal: i32): void {
  if (process.stop != 0 || process.signal != 0) return;
  process.stop = signal;
  process.stopUntold = 1;
  const parent = processFind(process.parent);
  if (parent !== null) processWake(parent);
  if (process.state != ProcessState.RUNNING || process.cpu == 0) return;
  cpuInterrupt(process.cpu);
}

function processContinue(process: Process): void {
  if (process.stop == 0) return;
  process.stop = 0;
  process.stopUntold = 0;
  processWake(process);
}

/** The group has the console now: its processes that wanted to read go on. */
export function groupContinueReaders(group: i32): void {
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    const process = processAt(i);
    if (process.group == group && process.stop == Signal.TTIN) processContinue(process);
  }
}

/** The current process waits out its stop. It may have been told to end when this returns. */
export function stopWait(process: Process): void {
  while (process.stop != 0 && process.signal == 0) processSleepStopped(FOREVER);
}

/** On the way to program code: a process that was told to end does, one that is stopped waits. Returns when it may go on. */
export function processAttend(process: Process): void {
  stopWait(process);
  if (process.signal != 0) processCheckSignal(process);
}

/** Stops the current process, which did in the background what only the foreground may. False: it must end instead of going on. */
export function stopSelf(signal: i32): bool {
  const process = currentProcess();
  processStop(process, signal);
  stopWait(process);
  return process.signal == 0;
}
