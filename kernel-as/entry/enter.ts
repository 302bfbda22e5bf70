// Enter: the way from program code into the kernel and back. A program's call into the kernel is a direct wasm call in its own
// thread, so entering is a matter of the CPU's state word and the kernel lock.
//
// Invariants
//   E1  Between kernelEnter and kernelLeave the state is KERNEL and the lock is held, except while asleep. (entry/quick.ts: the state
//       is KERNEL and the CPU reads.)
//   E2  A CPU that finds itself DOOMED touches nothing more: its Worker is about to be terminated.
//   E3  A process that has been told to end, or is stopped, never gets back to program code through kernelLeave.
import { CpuBlock, CpuState } from "../../abi/cpu";
import { Counter, counterAdd } from "../arch/counters";
import { stackProbe } from "../arch/io";
import { kernelLock, kernelUnlock } from "../arch/lock";
import { cpuBlock, cpuProcess } from "../arch/percpu";
import { shootdownAck } from "../mm/batch";
import { wantClear } from "../mm/want";
import { Process } from "../proc/process";
import { processAttend } from "../proc/signal";

/** Enters the kernel from program code. Traps, with nothing changed, when too little engine stack is left. */
export function kernelEnter(): void {
  kernelEnterState();
  kernelEnterLocked();
}

/** The first half of kernelEnter: the state is KERNEL. */
// @ts-ignore: decorator
@inline
export function kernelEnterState(): void {
  stackProbe();
  if (
    atomic.cmpxchg<u32>(cpuBlock + CpuBlock.STATE, CpuState.USER, CpuState.KERNEL) != CpuState.USER
  )
    cpuPark();
}

/** The second half: the lock is held, and what others invalidated here is acknowledged. */
// @ts-ignore: decorator
@inline
export function kernelEnterLocked(): void {
  kernelLock();
  shootdownAck();
}

/** Back to program code; a process that has been told to end ends here instead, and one that is stopped waits. */
export function kernelLeave(): void {
  const process = changetype<Process>(cpuProcess);
  if ((process.signal | process.stop) != 0) processAttend(process);
  kernelUnlock();
  atomic.store<u32>(cpuBlock + CpuBlock.STATE, CpuState.USER);
}

/** kernelEnter for a system call: it is counted. */
export function callEnter(): void {
  kernelEnter();
  const process = changetype<Process>(cpuProcess);
  wantClear();
  process.syscalls++;
  counterAdd(Counter.SYSCALLS, 1);
}

/** Waits to be terminated. */
export function cpuPark(): void {
  while (true) atomic.wait<i32>(cpuBlock + CpuBlock.STATE, CpuState.DOOMED, -1);
}
