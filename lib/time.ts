// Time: monotonic nanoseconds, sleeping, and pacing at a rate.

import { Clock } from "../abi/syscall";
import { clock, nanosleep } from "./sys";

export const SECOND: i64 = 1000000000;
export const MILLISECOND: i64 = 1000000;

export function now(): i64 {
  return clock(Clock.MONOTONIC);
}

export function sleepMs(ms: i32): void {
  nanosleep(<i64>ms * MILLISECOND);
}

let nextTick: i64 = 0;

/** Sleeps until the next multiple of `period` since the first call. A late caller is not made to catch up. */
export function pace(period: i64): void {
  const t = now();
  if (nextTick == 0 || t > nextTick + period) nextTick = t;
  nextTick += period;
  if (nextTick > t) nanosleep(nextTick - t);
}
