// Inspect: a look at the machine from outside, for dumps and tests. Nothing here changes anything.

import { CpuState } from "../../abi/cpu";
import { Frame, Limit } from "../../abi/layout";
import { MachineWord, PowerState } from "../../abi/machine";
import { TextFile } from "../../abi/proc";
import { kernelLock, kernelUnlock } from "../arch/lock";
import { walk } from "../arch/paging";
import { cpuRecordOf, percpuObserve } from "../arch/percpu";
import { textFilePrint } from "../dev/texts";
import { textBegin, textEnd } from "../lib/text";
import { mmCheck } from "../mm/check";
import { cpuState, machineWord } from "../proc/cpus";
import { processName, processNameBytes, processOnCpu } from "../proc/process";

/** One record of inspectCpus. */
export const enum InspectCpu {
  SLOT = 0,
  PID = 4,
  CR3 = 8,
  STATE = 12,
  NAME_BYTES = 16,
  NAME = 20, // 32 bytes
  BYTES = 64,
}

/** Fills records of the CPUs that run a process, at host offset dst (room for Limit.CPUS of them). Their count. */
export function inspectCpus(dst: usize): u32 {
  const running = inspectEnter();
  let count: u32 = 0;
  for (let slot: u32 = 1; slot < <u32>Limit.CPUS; slot++) {
    if (cpuState(slot) == CpuState.OFFLINE) continue;
    const process = processOnCpu(slot);
    if (process === null || process.space === null) continue;
    const at = dst + count * InspectCpu.BYTES;
    store<u32>(at, slot, InspectCpu.SLOT);
    store<u32>(at, process.pid, InspectCpu.PID);
    store<u32>(at, process.space!.root << Frame.SHIFT, InspectCpu.CR3);
    store<u32>(at, cpuState(slot), InspectCpu.STATE);
    store<u32>(at, processNameBytes(process), InspectCpu.NAME_BYTES);
    memory.copy(at + InspectCpu.NAME, processName(process), processNameBytes(process));
    count++;
  }
  if (running) kernelUnlock();
  return count;
}

/**
 * A file of /proc, or with its pid of /proc/PID: what it says from `offset` on, at most `room` bytes, to host offset dst. Its bytes, 0 at
 * the end. Not MOUNTS, which is the caller's, nor UPTIME, which asks the host.
 */
export function inspectText(which: TextFile, pid: i32, offset: u32, dst: usize, room: u32): u32 {
  const running = inspectEnter();
  textBegin(dst, offset, room);
  textFilePrint(which, pid);
  const bytes = textEnd();
  if (running) kernelUnlock();
  return bytes;
}

/** mmCheck under the lock: 0, or the number of the broken invariant, which is logged by name. */
export function inspectCheck(): i32 {
  const running = inspectEnter();
  const result = mmCheck();
  if (running) kernelUnlock();
  return result;
}

/**
 * The kernel's own walk of va below the root table at frame `root`, as a supervisor's read: the effective 4 KiB leaf, or 0. Sets A bits, as
 * any walk does: for use on a copy of RAM.
 */
export function inspectWalk(root: u32, va: u64): u64 {
  percpuObserve();
  return walk(root, va, false, false);
}

/** IA32_PAT of CPU 0. */
export function inspectPat(): u64 {
  return cpuRecordOf(0).pat;
}

/** Takes the lock while the machine runs; once it is off the kernel thread keeps it for ever and nothing changes. True if taken. */
function inspectEnter(): bool {
  percpuObserve();
  if (atomic.load<u32>(machineWord(MachineWord.POWER)) != PowerState.RUNNING) return false;
  kernelLock();
  return true;
}
