// Handler: a program's own answer to its bad accesses. A program that exports
//
//   __fault(address: i32, access: i32, bits: i32): i32      access: abi Access; bits: the page-fault error code
//
// is asked before it is ended. 0: the program ends as if it had no handler. Anything else: the access is tried again.
//
// The handler is called from inside the kernel's answer to the access, in the program's thread, as ordinary program code: the state is
// USER, the lock is free, it may make system calls and touch memory, and it can be killed. The kernel's frames below it hold nothing.
//
// Invariants
//   H1  A bad access inside the handler ends the program: it is not asked again before it has answered.
//   H2  After the handler ran nothing that the kernel knew about the map is true any more: callers begin again.
//   H3  A handler that never answers (it exits, traps, or throws past the access) leaves no lock and no kernel state behind; one that threw
//       is still RUNNING, so that the next bad access ends the program.

import { userFault } from "../arch/io";
import { cpuProcess } from "../arch/percpu";
import { HandlerState, Process } from "../proc/process";
import { kernelEnter, kernelLeave } from "./enter";

/** Right after the program was instantiated, in its thread: it has a handler, or none. */
export function userHandler(present: i32): void {
  const state = present != 0 ? HandlerState.READY : HandlerState.NONE;
  changetype<Process>(cpuProcess).handler = state;
}

/** Asks the program's handler. True: try again (H2). False: there is none, it is running, or it said no. Lock: dropped while it runs. */
export function handlerAsk(va: u32, access: u32, bits: u32): bool {
  const process = changetype<Process>(cpuProcess);
  if (process.handler != HandlerState.READY) return false;
  process.handler = HandlerState.RUNNING;
  process.handled++;
  kernelLeave();
  const again = userFault(va, access, bits);
  kernelEnter();
  process.handler = HandlerState.READY;
  return again != 0;
}

/** How often this process's handler was asked: if it grew, the map may have changed. */
export function handlerCount(): u32 {
  return changetype<Process>(cpuProcess).handled;
}
