// End: how a process comes to its end. Three steps, so that nothing is torn down under running code:
//   1  marked, here, with the first cause (exit, fault, trap, signal); later causes are ignored;
//   2  its CPU leaves program code: `unreachable` in its own kernel call, or the Worker is terminated;
//   3  torn down in entry/exec.ts, with no program code on any stack.
//
// A killed process that computes without entering the kernel is interrupted through its TLB; if it touches no memory either, the
// kernel thread terminates its Worker after PATIENCE_NS. The state word decides the race: only USER can become DOOMED.
//
// Locks     kernel lock; functions that never return drop it.
import { CpuBlock, CpuState } from "../../abi/cpu";
import { Errno } from "../../abi/errno";
import { Limit } from "../../abi/layout";
import { MachineRequest } from "../../abi/machine";
import { Trap } from "../../abi/mmu";
import { Signal } from "../../abi/syscall";
import { nowNs, request } from "../arch/io";
import { kernelUnlock } from "../arch/lock";
import { cpuInterrupt } from "../arch/shootdown";
import { userWaitCancel } from "../mm/futex";
import { cpuBlockAt, kernelThreadWake, startQueueWake } from "./cpus";
import { pageWaitCancel } from "./pagewait";
import {
  currentProcess,
  End,
  Process,
  ProcessState,
  processAt,
  processFind,
  processIsLive,
} from "./process";
import { processWake } from "./sleep";

/** In the entryProt of processFault: what the entry showed was revoked. */
export const ENTRY_GONE: u32 = 0x80;
/** There was no memory for the page; it could not be read back from swap. */
export const ENTRY_NO_MEMORY: u32 = 0x40;
export const ENTRY_LOST: u32 = 0x20;
const PATIENCE_NS: u64 = 50_000_000;

/** Pid of init, the parent of orphans. */
export const INIT_PID: i32 = 1;

/** Marks the current process ended with an exit code 0..255 and leaves program code. Never returns. Drops the lock. */
export function processExit(code: i32): void {
  processMark(currentProcess(), End.EXIT, code & 0xff);
  leaveProgram();
}

/**
 * The current process's access is not allowed: it ends with 128 + SEGV. The facts are kept for the report, which is printed when its
 * call stack is known. entryStart and entryEnd are the map entry at va (0 and 0: none). Never returns. Drops the lock.
 */
export function processFault(
  va: u32,
  access: u32,
  errorBits: u32,
  entryStart: u32,
  entryEnd: u32,
  entryProt: u32,
  pte: u64,
): void {
  const process = currentProcess();
  if (process.end == End.NONE) {
    process.faultVa = va;
    process.faultAccess = access;
    process.faultBits = errorBits;
    process.entryStart = entryStart;
    process.entryEnd = entryEnd;
    process.entryProt = entryProt;
    process.faultPte = pte;
  }
  processMark(process, End.FAULT, 128 + Signal.SEGV);
  leaveProgram();
}

/** The current process's code trapped. Never returns. Drops the lock. */
export function processTrap(kind: Trap): void {
  processMarkTrap(currentProcess(), kind);
  leaveProgram();
}

/** Records a trap of code that has already been left. */
export function processMarkTrap(process: Process, kind: Trap): void {
  if (process.end == End.NONE) process.trap = kind;
  processMark(process, End.TRAP, trapStatus(kind));
}

/** Records the first cause of a process's end. */
export function processMark(process: Process, end: End, status: i32): void {
  if (process.end != End.NONE) return;
  process.end = end;
  process.status = status;
}

/** If the current process has been told to end, it does. Else returns. */
export function processCheckSignal(process: Process): void {
  if (process.signal == 0) return;
  processMark(process, End.SIGNAL, 128 + process.signal);
  leaveProgram();
}

/** Tells a process to end with 128 + signal. */
export function processKill(process: Process, signal: i32): void {
  if (!processIsLive(process) || process.signal != 0 || process.end != End.NONE) return;
  process.signal = signal;
  processWake(process);
  if (process.cpu != 0) pageWaitCancel(process.cpu);
  if (process.state == ProcessState.EMBRYO && process.cpu == 0) {
    // An idle CPU takes it from the queue and tears it down: teardown has one place.
    startQueueWake(1);
    return;
  }
  if (process.state != ProcessState.RUNNING || process.cpu == 0) return;
  userWaitCancel(process.cpu);
  cpuInterrupt(process.cpu);
  process.deadlineNs = nowNs() + PATIENCE_NS;
  kernelThreadWake();
}

/**
 * The kernel thread's part: processes past their deadline are terminated if they are in program code, and looked at again soon if
 * they are in the kernel. Returns ns until the next deadline, -1 when there is none.
 */
export function killOverdue(): i64 {
  const time = nowNs();
  let wait: i64 = -1;
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    const process = processAt(i);
    if (!processIsLive(process) || process.deadlineNs == 0) continue;
    if (time >= process.deadlineNs) terminateOrExtend(process, time);
    if (process.deadlineNs == 0) continue;
    const left = <i64>(process.deadlineNs - time);
    if (wait < 0 || left < wait) wait = left;
  }
  return wait;
}

function terminateOrExtend(process: Process, time: u64): void {
  const state = cpuBlockAt(process.cpu) + CpuBlock.STATE;
  if (atomic.cmpxchg<u32>(state, CpuState.USER, CpuState.DOOMED) == CpuState.USER) {
    process.deadlineNs = 0;
    request(MachineRequest.TERMINATE, process.cpu, 0);
    return;
  }
  // In the kernel: it ends on its way out. It may also have slipped back before it saw the mark, so it is interrupted again.
  if (process.end != End.NONE) {
    process.deadlineNs = 0;
    return;
  }
  cpuInterrupt(process.cpu);
  process.deadlineNs = time + PATIENCE_NS;
}

/** Whether the caller may signal the process: root, or the same user; nobody signals init. 0, or -EPERM. */
export function signalAllowed(caller: Process, target: Process): i32 {
  if (target.pid == INIT_PID) return -Errno.EPERM;
  return caller.uid == 0 || caller.uid == target.uid ? 0 : -Errno.EPERM;
}

/** Children of an ended process become init's; init is woken, since some may have ended already. */
export function processOrphan(pid: i32): void {
  const init = processFind(INIT_PID);
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    const process = processAt(i);
    if (process.state == ProcessState.FREE || process.parent != pid) continue;
    process.parent = init === null ? 0 : INIT_PID;
  }
  if (init !== null) processWake(init);
}

function trapStatus(kind: Trap): i32 {
  switch (kind) {
    case Trap.OFFSET_OVERFLOW:
    case Trap.SEGMENT_BOUNDS:
    case Trap.MEMORY_BOUNDS:
      return 128 + Signal.SEGV;
    case Trap.DIVIDE_BY_ZERO:
    case Trap.INTEGER_OVERFLOW:
    case Trap.INVALID_CONVERSION:
      return 128 + Signal.FPE;
    default:
      return 128 + Signal.ILL;
  }
}

function leaveProgram(): void {
  kernelUnlock();
  unreachable();
}
