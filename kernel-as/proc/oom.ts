// Oom: what happens when there are neither frames nor swap slots left, nor anything that could be dropped.
//
//   a system call that needs memory     ENOMEM; nobody ends
//   a program's access that needs it    the process with the most pages, in memory and swapped out together, ends: the one that asked, if it is
//                                       the largest, with a report; else the largest is killed and the one that asked goes on when it is gone
//
// init never ends for this. Of equals the youngest ends.
//
// Locks     kernel lock.

import { Limit } from "../../abi/layout";
import { Signal } from "../../abi/syscall";
import { Counter, counterAdd } from "../arch/counters";
import { kprint, kprintBytes, kprintDec } from "../lib/klog";
import { INIT_PID, processKill } from "./end";
import {
  End,
  Process,
  ProcessState,
  processAt,
  processIsLive,
  processName,
  processNameBytes,
} from "./process";

/** Has memory been made, or will it be, by another process's end? False: the process itself is the largest. */
export function oomRelieve(process: Process): bool {
  const victim = largest();
  if (victim === null || victim === process) return false;
  if (victim.signal != 0 || victim.end != End.NONE) return true; // on its way
  counterAdd(Counter.OOM_ENDS, 1);
  kprint("out of memory: pid ");
  kprintDec(victim.pid);
  kprint(" ");
  kprintBytes(processName(victim), processNameBytes(victim));
  kprint(" ends, which has the most pages: ");
  kprintDec(processPages(victim));
  kprint("\n");
  processKill(victim, Signal.KILL);
  return true;
}

/** Pages of programs that a process has, in memory or swapped out. */
export function processPages(process: Process): u32 {
  const space = process.space;
  return space === null ? 0 : space.residentPages;
}

function largest(): Process | null {
  let found: Process | null = null;
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    const process = processAt(i);
    if (!processIsLive(process) || process.pid == INIT_PID) continue;
    if (process.state == ProcessState.EMBRYO || processPages(process) == 0) continue;
    if (found !== null && !exceeds(process, found)) continue;
    found = process;
  }
  return found;
}

function exceeds(a: Process, b: Process): bool {
  const more = processPages(a);
  const less = processPages(b);
  return more > less || (more == less && a.spawnOrder > b.spawnOrder);
}
