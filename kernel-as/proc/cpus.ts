// Cpus: which CPU runs which process. A process waits in the start queue as an EMBRYO without a CPU; an idle CPU takes the oldest.
//
// Invariants
//   U1  START_QUEUE changes after every change that could let an idle CPU go on, so a CPU that read it before it looked cannot miss one.
//   U2  A CPU block's STATE is changed with atomics only; IDLE -> KERNEL by its own CPU when it takes a process.
//
// Locks     kernel lock, except cpuState.
import { BootBlock } from "../../abi/boot";
import { CpuBlock, CpuState } from "../../abi/cpu";
import { Limit, PhysAddr } from "../../abi/layout";
import { MachineRequest, MachineWord, PowerState } from "../../abi/machine";
import { request } from "../arch/io";
import { Process, ProcessState, processAt, processIsLive } from "./process";

/** Idle CPUs that should be ready so that spawn does not wait for a Worker to start. */
const READY_CPUS: i32 = 2;

/** Host offset of a word of the machine control page. */
export function machineWord(word: MachineWord): usize {
  return load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.MACHINE_HOST) + word;
}

/** Host offset of the block of CPU `slot`. Blocks past CPUS_ONLINE may lie beyond the end of memory. */
export function cpuBlockAt(slot: u32): usize {
  return load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.CPU_BLOCKS) + slot * CpuBlock.BYTES;
}

/** True if the block of CPU `slot` is backed by memory: the machine adds one block for each CPU that it starts. */
export function cpuExists(slot: u32): bool {
  return <u64>cpuBlockAt(slot) + CpuBlock.BYTES <= (<u64>memory.size()) << 16;
}

export function cpuState(slot: u32): CpuState {
  return cpuExists(slot) ? atomic.load<u32>(cpuBlockAt(slot) + CpuBlock.STATE) : CpuState.OFFLINE;
}

/** CPUs in a state, of those that run processes. */
export function cpuCount(state: CpuState): i32 {
  let count = 0;
  for (let slot: u32 = 1; slot < <u32>Limit.CPUS && cpuExists(slot); slot++) {
    if (cpuState(slot) == state) count++;
  }
  return count;
}

/** CPUs that have attached and not been terminated, slot 0 included. */
export function cpuOnlineCount(): i32 {
  let count = 0;
  for (let slot: u32 = 0; slot < <u32>Limit.CPUS && cpuExists(slot); slot++) {
    if (cpuState(slot) != CpuState.OFFLINE) count++;
  }
  return count;
}

/** The oldest process that waits for a CPU, or null. */
export function startQueueFirst(): Process | null {
  let first: Process | null = null;
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    const process = processAt(i);
    if (process.state != ProcessState.EMBRYO || process.cpu != 0) continue;
    if (first === null || process.spawnOrder < first.spawnOrder) first = process;
  }
  return first;
}

/** Wakes idle CPUs: count of them, or all with -1. */
export function startQueueWake(count: i32): void {
  const word = machineWord(MachineWord.START_QUEUE);
  atomic.add<u32>(word, 1);
  atomic.notify(word, count);
}

/** Asks the machine for another CPU when fewer than READY_CPUS would be idle once the queue is empty. */
export function cpuRequestMore(): void {
  let queued = 0;
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    const process = processAt(i);
    if (process.state == ProcessState.EMBRYO && process.cpu == 0) queued++;
  }
  if (cpuCount(CpuState.IDLE) - queued < READY_CPUS) request(MachineRequest.NEED_CPU, 0, 0);
}

/** True if every CPU slot would be taken by a live process: no more can be started. */
export function cpuSlotsFull(): bool {
  let live = 0;
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    if (processIsLive(processAt(i))) live++;
  }
  return live >= Limit.CPUS - 1;
}

/** Wakes the kernel thread: a deadline may have changed, or the machine is to be halted. */
export function kernelThreadWake(): void {
  const word = machineWord(MachineWord.EVENT);
  atomic.add<u32>(word, 1);
  atomic.notify(word, -1);
}

/** Starts the end of the machine with an exit code: the kernel thread tells the host and sends idle CPUs home. */
export function powerHalt(code: i32): void {
  atomic.store<i32>(machineWord(MachineWord.EXIT_CODE), code);
  atomic.store<u32>(machineWord(MachineWord.POWER), PowerState.HALTED);
  atomic.notify(machineWord(MachineWord.POWER), -1);
  kernelThreadWake();
}
