// Time, randomness and the process itself: clock_*, random_get, sched_yield, proc_*.

import { Clock } from "../../abi/syscall";
import { clock, exit, getpid, kill, random, yieldCpu } from "../sys";
import { errnoOf } from "./errno";
import { WasiClock, WasiErrno } from "./preview1";

/** What browsers promise of their finest clock in an isolated page is 5 us; the wall clock's offset is known to 1 ms. */
const RESOLUTION_NS: u64 = 5000;

/** The kernel's clock for a WASI one, or -1. A process has one thread. */
export function clockOf(id: i32): i32 {
  if (<u32>id >= <u32>WasiClock.COUNT) return -1;
  if (id == WasiClock.REALTIME) return Clock.REALTIME;
  return id == WasiClock.MONOTONIC ? Clock.MONOTONIC : Clock.PROCESS_CPU;
}

export function clock_res_get(id: i32, resolution: usize): i32 {
  if (clockOf(id) < 0) return WasiErrno.INVAL;
  store<u64>(resolution, RESOLUTION_NS);
  return WasiErrno.SUCCESS;
}

export function clock_time_get(id: i32, precision: i64, time: usize): i32 {
  const kernelClock = clockOf(id);
  if (kernelClock < 0) return WasiErrno.INVAL;
  const now = clock(kernelClock);
  if (now < 0) return errnoOf(<i32>now);
  store<i64>(time, now);
  return WasiErrno.SUCCESS;
}

/** One system call fills at most this much. */
const CHUNK_BYTES: u32 = 1 << 20;

export function random_get(buf: usize, len: u32): i32 {
  let done: u32 = 0;
  while (done < len) {
    const n = random(buf + done, <i32>min<u32>(len - done, CHUNK_BYTES));
    if (n < 0) return errnoOf(n);
    if (n == 0) return WasiErrno.IO;
    done += n;
  }
  return WasiErrno.SUCCESS;
}

export function sched_yield(): i32 {
  return errnoOf(yieldCpu());
}

export function proc_exit(code: i32): void {
  exit(code);
}

/** WASI numbers signals as Linux does up to TERM, 15. */
export function proc_raise(signal: i32): i32 {
  if (signal == 0) return WasiErrno.SUCCESS;
  return errnoOf(kill(getpid(), signal));
}
