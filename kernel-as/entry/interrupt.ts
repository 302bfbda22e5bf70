// Interrupt: the kernel thread, CPU 0 after boot. It sleeps on MachineWord.EVENT until the machine tells it something, another CPU
// wants a process terminated in time, or the power goes off. It never polls.
//
// Locks     takes the kernel lock for each round.
import { CpuBlock, CpuState } from "../../abi/cpu";
import { Limit } from "../../abi/layout";
import { Irq, MachineRequest, MachineWord, PowerState } from "../../abi/machine";
import { Signal } from "../../abi/syscall";
import { diskAcknowledge } from "../arch/disk";
import { request } from "../arch/io";
import { kernelLock, kernelUnlock } from "../arch/lock";
import { cpuInterrupt } from "../arch/shootdown";
import { consoleInterrupt } from "../dev/console";
import { irqRaise } from "../dev/irq";
import { Panic, panic } from "../lib/panic";
import { reclaimServe } from "../mm/reclaim";
import { swapPoll } from "../mm/swap";
import { cpuBlockAt, cpuExists, cpuRequestMore, machineWord } from "../proc/cpus";
import { killOverdue, processMark } from "../proc/end";
import { End, processOnCpu } from "../proc/process";
import { processTeardown } from "./exec";

/** Runs until power off; returns the exit code. */
export function kernelThread(): i32 {
  const event = machineWord(MachineWord.EVENT);
  while (true) {
    const seen = atomic.load<u32>(event);
    kernelLock();
    interruptHandle();
    const wait = killOverdue();
    const off = atomic.load<u32>(machineWord(MachineWord.POWER)) != PowerState.RUNNING;
    kernelUnlock();
    if (off) return powerOff();
    atomic.wait<i32>(event, seen, wait);
  }
}

/** One round without sleeping, for a host that drives the kernel thread itself. */
export function interruptPoll(): void {
  kernelLock();
  interruptHandle();
  killOverdue();
  kernelUnlock();
}

/** Takes every pending interrupt. Lock: held. */
export function interruptHandle(): void {
  const pending = atomic.xchg<u32>(machineWord(MachineWord.PENDING_IRQS), 0);
  if (pending == 0) return;
  if ((pending & (1 << Irq.CONSOLE)) != 0) consoleInterrupt();
  if ((pending & (1 << Irq.CPU_DEAD)) != 0) cpuDeadHandle();
  if ((pending & (1 << Irq.DISK)) != 0) diskHandle();
  for (let irq: u32 = 0; irq <= <u32>Irq.TIMER; irq++) {
    if ((pending & (1 << irq)) != 0) irqRaise(irq);
  }
}

/** What the disk has finished and nobody waits for: frames that were written can be had, and go to those who need them. */
function diskHandle(): void {
  diskAcknowledge();
  swapPoll();
  reclaimServe();
}

function cpuDeadHandle(): void {
  const low = atomic.xchg<u32>(machineWord(MachineWord.DEAD_CPUS_LOW), 0);
  const high = atomic.xchg<u32>(machineWord(MachineWord.DEAD_CPUS_HIGH), 0);
  for (let bits = <u64>low | ((<u64>high) << 32); bits != 0; bits &= bits - 1) {
    cpuReap(<u32>ctz(bits));
  }
  cpuRequestMore();
}

/** The Worker of a CPU is gone: its process, if it had one, ends. A Worker lost in the kernel takes the machine with it. */
function cpuReap(slot: u32): void {
  const state = cpuBlockAt(slot) + CpuBlock.STATE;
  const old = atomic.load<u32>(state);
  const process = processOnCpu(slot);
  if (old == CpuState.KERNEL && process !== null) panic(Panic.BAD_STATE, slot);
  atomic.store<u32>(state, CpuState.OFFLINE);
  atomic.store<u32>(cpuBlockAt(slot) + CpuBlock.PID, 0);
  atomic.sub<u32>(machineWord(MachineWord.CPUS_ONLINE), 1);
  if (process === null) return;
  processMark(process, End.SIGNAL, 128 + (process.signal != 0 ? process.signal : Signal.KILL));
  processTeardown(process, 0, 0);
}

/**
 * Stops the world: the lock is kept, so no CPU gets through the kernel any more, and TLBs are empty, so none gets past its next access.
 * What an inspector then sees does not change under its eyes.
 */
function powerOff(): i32 {
  const code = atomic.load<i32>(machineWord(MachineWord.EXIT_CODE));
  kernelLock();
  for (let slot: u32 = 1; slot < <u32>Limit.CPUS; slot++) {
    if (cpuExists(slot)) cpuInterrupt(slot);
  }
  request(MachineRequest.HALTED, code, 0);
  return code;
}
