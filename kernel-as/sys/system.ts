// System calls about the machine: time, chance, counts, the log, the screen, interrupts, power.
// Each is called with the kernel lock held, by the wrapper of its name in entry/calls.ts.
import { CpuState } from "../../abi/cpu";
import { Errno } from "../../abi/errno";
import { Clock, SysInfo } from "../../abi/syscall";
import { Counter, counterGet } from "../arch/counters";
import { nowNs, random32 } from "../arch/io";
import { kernelLock, kernelUnlock } from "../arch/lock";
import { consoleFetch, consoleWait } from "../dev/consolewatch";
import { bootWallNs } from "../dev/files";
import { irqWait } from "../dev/irq";
import { screenDriver, screenRelease, screenShow, screenTake } from "../dev/screen";
import { channelCount } from "../ipc/channel";
import { pipeCount } from "../ipc/pipe";
import { bytesZero } from "../lib/bytes";
import { kprintBytes } from "../lib/klog";
import { Panic, panic } from "../lib/panic";
import { memtypeCount } from "../mm/memtype";
import { objectCount } from "../mm/object";
import {
  pmmFreeFrames,
  pmmObjectFrames,
  pmmReservedFrames,
  pmmTableFrames,
  pmmTotalFrames,
  pmmWiredFrames,
} from "../mm/pmm";
import { slotCount, slotUsed } from "../mm/slot";
import { copyIn, copyOut } from "../mm/usercopy";
import { isWanting } from "../mm/want";
import { cpuCount, cpuOnlineCount, powerHalt } from "../proc/cpus";
import { fileCount } from "../proc/file";
import { PageWait, pageWait, pageWaitEnd } from "../proc/pagewait";
import { currentProcess, ProcessText, processCount } from "../proc/process";
import { FOREVER, processSleep } from "../proc/sleep";

const LOG_BYTES: u32 = 1024;
/** After so many random bytes others may have the lock; a power of two. */
const RANDOM_BYTES: u32 = 0x10000;

/** Nanoseconds; -EINVAL for an unknown clock. */
export function sysClock(id: i32): i64 {
  switch (id) {
    case Clock.REALTIME:
      return bootWallNs() + <i64>nowNs();
    case Clock.MONOTONIC:
      return <i64>nowNs();
    case Clock.PROCESS_CPU:
      return <i64>(nowNs() - currentProcess().startedNs);
    default:
      return -Errno.EINVAL;
  }
}

/** Fills all n bytes with random ones; n, or -EFAULT. May sleep: for pages, and to let others have the lock. */
export function sysRandom(va: u32, n: u32): i32 {
  const process = currentProcess();
  if (n > 0x7fffffff) return -Errno.EINVAL;
  const buffer = process.text + ProcessText.SCRATCH;
  for (let done: u32 = 0; done < n; ) {
    const part = min<u32>(n - done, LOG_BYTES);
    for (let i: u32 = 0; i < part; i += 4) store<u32>(buffer + i, random32());
    const copied = copyOut(process.space!, va + done, buffer, part);
    if (copied > 0) {
      done += copied;
      pageWaitEnd();
    }
    if (copied != <i32>part) {
      const error = isWanting() ? waitError(pageWait(false)) : -Errno.EFAULT;
      if (error != 0) return error;
    } else if ((done & (RANDOM_BYTES - 1)) == 0) {
      kernelUnlock();
      kernelLock();
      if (process.signal != 0) return -Errno.EINTR;
    }
  }
  return <i32>n;
}

/** What a wait for a page means for a call that goes on where it is: 0, or -errno. */
function waitError(wait: PageWait): i32 {
  switch (wait) {
    case PageWait.AGAIN:
      return 0;
    case PageWait.NO_MEMORY:
      return -Errno.ENOMEM;
    case PageWait.LOST:
      return -Errno.EIO;
    default:
      return -Errno.EINTR;
  }
}

/** Adds text to the kernel log, at most LOG_BYTES of it; root only. Bytes taken. */
export function sysKlog(va: u32, n: u32): i32 {
  const process = currentProcess();
  if (process.uid != 0) return -Errno.EPERM;
  const line = process.text + ProcessText.SCRATCH;
  const kept = min(n, LOG_BYTES);
  if (kept == 0) return 0;
  if (copyIn(process.space!, line, va, kept) != <i32>kept) return -Errno.EFAULT;
  kprintBytes(line, kept);
  return <i32>kept;
}

export function sysConsoleTake(va: u32, n: u32): i32 {
  const process = currentProcess();
  return process.uid != 0 ? -Errno.EPERM : screenTake(process, va, n);
}

export function sysConsoleRelease(): i32 {
  return screenRelease(currentProcess());
}

export function sysConsoleShow(columns: u32, rows: u32): i32 {
  return screenShow(currentProcess(), columns, rows);
}

/** Root only, as is consoleFetch: what others type is seen there. */
export function sysConsoleWait(va: u32, timeoutNs: i64): i32 {
  const process = currentProcess();
  return process.uid != 0 ? -Errno.EPERM : consoleWait(process, va, timeoutNs);
}

export function sysConsoleFetch(vt: u32, position: u32, va: u32, n: u32): i32 {
  const process = currentProcess();
  if (process.uid != 0) return -Errno.EPERM;
  return n > 0x7fffffff ? -Errno.EINVAL : consoleFetch(process, vt, position, va, n);
}

export function sysDisplayClaim(generation: u32): i32 {
  const process = currentProcess();
  return process.uid != 0 ? -Errno.EPERM : screenDriver(process, generation);
}

export function sysIrqWait(irq: u32): i32 {
  const process = currentProcess();
  return process.uid != 0 ? -Errno.EPERM : irqWait(process, irq);
}

/** Root only. Does not come back: the caller is still there, asleep, when an inspector looks. */
export function sysShutdown(code: i32): i32 {
  if (currentProcess().uid != 0) return -Errno.EPERM;
  powerHalt(code & 0xff);
  while (processSleep(0, FOREVER)) {}
  return -Errno.EINTR;
}

/** Root only: what a person sees when the kernel panics. Does not come back. */
export function sysPanic(): i32 {
  const process = currentProcess();
  if (process.uid != 0) return -Errno.EPERM;
  panic(Panic.ASKED, process.pid);
  return 0;
}

/** Fills in a SysInfo. */
export function sysSysinfo(va: u32): i32 {
  const process = currentProcess();
  const info = process.text + ProcessText.SCRATCH;
  bytesZero(info, SysInfo.BYTES);
  store<u32>(info, pmmFreeFrames(), SysInfo.FREE_FRAMES);
  store<u32>(info, pmmTableFrames(), SysInfo.PTABLE_FRAMES);
  store<u32>(info, pmmObjectFrames(), SysInfo.OBJECT_FRAMES);
  store<u32>(info, slotUsed(), SysInfo.SWAP_SLOTS_USED);
  store<u32>(info, slotCount(), SysInfo.SWAP_SLOTS);
  store<u32>(info, channelCount(), SysInfo.CHANNELS);
  store<u32>(info, objectCount(), SysInfo.OBJECTS);
  store<u32>(info, memtypeCount(), SysInfo.MEMTYPE_RANGES);
  store<u32>(info, fileCount(), SysInfo.OPEN_FILES);
  store<u32>(info, pipeCount(), SysInfo.PIPES);
  store<u32>(info, processCount(), SysInfo.PROCESSES);
  store<u32>(info, pmmTotalFrames(), SysInfo.TOTAL_FRAMES);
  store<u32>(info, pmmWiredFrames(), SysInfo.WIRED_FRAMES);
  store<u32>(info, pmmReservedFrames(), SysInfo.RESERVED_FRAMES);
  store<u32>(info, cpuOnlineCount(), SysInfo.CPUS);
  store<u32>(info, cpuCount(CpuState.IDLE), SysInfo.CPUS_IDLE);
  store<u64>(info, nowNs(), SysInfo.UPTIME_NS);
  store<u64>(info, counterGet(Counter.FAULTS), SysInfo.FAULTS);
  store<u64>(info, counterGet(Counter.TLB_FILLS), SysInfo.TLB_FILLS);
  store<u64>(info, counterGet(Counter.TLB_FLUSHES), SysInfo.TLB_FLUSHES);
  store<u64>(info, counterGet(Counter.SYSCALLS), SysInfo.SYSCALLS);
  store<u64>(info, counterGet(Counter.SHOOTDOWNS), SysInfo.SHOOTDOWNS);
  store<u64>(info, counterGet(Counter.BUS_READS), SysInfo.BUS_READS);
  store<u64>(info, counterGet(Counter.BUS_WRITES), SysInfo.BUS_WRITES);
  store<u64>(info, counterGet(Counter.BUS_UNCLAIMED), SysInfo.BUS_UNCLAIMED);
  store<u64>(info, counterGet(Counter.BURSTS), SysInfo.BURSTS);
  store<u64>(info, counterGet(Counter.BURST_BYTES), SysInfo.BURST_BYTES);
  store<u64>(info, counterGet(Counter.UC_READS), SysInfo.UC_READS);
  store<u64>(info, counterGet(Counter.UC_WRITES), SysInfo.UC_WRITES);
  const space = process.space!;
  store<u64>(info, space.bursts, SysInfo.OWN_BURSTS);
  store<u64>(info, space.burstBytes, SysInfo.OWN_BURST_BYTES);
  store<u64>(info, space.ucReads, SysInfo.OWN_UC_READS);
  store<u64>(info, space.ucWrites, SysInfo.OWN_UC_WRITES);
  return copyOut(space, va, info, SysInfo.BYTES) == SysInfo.BYTES ? 0 : -Errno.EFAULT;
}
