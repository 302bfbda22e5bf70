// Inspect: a look at the machine from outside, for dumps and tests. Nothing here changes anything.

import { CpuState } from "../../abi/cpu";
import { Frame, Limit } from "../../abi/layout";
import { MachineWord, PowerState } from "../../abi/machine";
import { kernelLock, kernelUnlock } from "../arch/lock";
import { cpuRecordOf, percpuObserve } from "../arch/percpu";
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

/** mmCheck under the lock: 0, or the number of the broken invariant, which is logged by name. */
export function inspectCheck(): i32 {
  const running = inspectEnter();
  const result = mmCheck();
  if (running) kernelUnlock();
  return result;
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
