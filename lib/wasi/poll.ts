// poll_oneoff: waiting for time to pass, or for descriptors.
//
// Descriptors are always ready: a read that has nothing yet waits in fd_read. So with one among the subscriptions nothing waits here;
// with clocks alone the program sleeps until the first of them.

import { Clock, Stat, Whence } from "../../abi/syscall";
import { clock, fstat, nanosleep, seek } from "../sys";
import { clockOf } from "./clock";
import { errnoOf } from "./errno";
import { EventType, Subscription, WasiErrno, WasiEvent, WasiFileType } from "./preview1";
import { FdRecord, fdFile, kfdOf } from "./table";

const STAT = memory.data(32, 8);
/** What each of the kernel's clocks said when poll_oneoff began. */
const NOW = memory.data(24, 8);

const NEVER: u64 = u64.MAX_VALUE;

export function poll_oneoff(subscriptions: usize, events: usize, count: u32, stored: usize): i32 {
  return poll(subscriptions, events, count, stored, Subscription.BYTES, 0);
}

export function unstable_poll_oneoff(
  subscriptions: usize,
  events: usize,
  count: u32,
  stored: usize,
): i32 {
  const shift = Subscription.UNSTABLE_CLOCK_SHIFT;
  return poll(subscriptions, events, count, stored, Subscription.UNSTABLE_BYTES, shift);
}

/** `stride` is the size of a subscription, `shift` how far a clock's fields lie from where preview 1 has them. */
function poll(
  subscriptions: usize,
  events: usize,
  count: u32,
  stored: usize,
  stride: usize,
  shift: usize,
): i32 {
  if (count == 0) return WasiErrno.INVAL;
  store<i64>(NOW, clock(Clock.REALTIME), 0);
  store<i64>(NOW, clock(Clock.MONOTONIC), 8);
  store<i64>(NOW, clock(Clock.PROCESS_CPU), 16);

  let waitNs = NEVER;
  let subscription = subscriptions;
  for (let i: u32 = 0; i < count; i++, subscription += stride) {
    waitNs = min(waitNs, delayOf(subscription, shift));
  }
  if (waitNs > 0) {
    const slept = nanosleep(<i64>min<u64>(waitNs, i64.MAX_VALUE));
    if (slept < 0) return errnoOf(slept);
  }

  let event = events;
  subscription = subscriptions;
  for (let i: u32 = 0; i < count; i++, subscription += stride) {
    if (delayOf(subscription, shift) > waitNs) continue;
    eventWrite(event, subscription, shift);
    event += WasiEvent.BYTES;
  }
  store<u32>(stored, <u32>((event - events) / WasiEvent.BYTES));
  return WasiErrno.SUCCESS;
}

/** Nanoseconds from NOW until the subscription has something to report. Errors are reported at once. */
function delayOf(subscription: usize, shift: usize): u64 {
  if (load<u8>(subscription, Subscription.TYPE) != EventType.CLOCK) return 0;
  const id = clockOf(load<i32>(subscription + shift, Subscription.CLOCK_ID));
  if (id < 0) return 0;
  const timeout = load<u64>(subscription + shift, Subscription.TIMEOUT);
  if ((load<u16>(subscription + shift, Subscription.FLAGS) & 1) == 0) return timeout;
  const now = load<u64>(NOW + <usize>(id << 3));
  return timeout > now ? timeout - now : 0;
}

function eventWrite(event: usize, subscription: usize, shift: usize): void {
  const type = <i32>load<u8>(subscription, Subscription.TYPE);
  memory.fill(event, 0, WasiEvent.BYTES);
  store<u64>(event, load<u64>(subscription), WasiEvent.USERDATA);
  store<u8>(event, type, WasiEvent.TYPE);
  if (type == EventType.CLOCK) {
    const known = clockOf(load<i32>(subscription + shift, Subscription.CLOCK_ID)) >= 0;
    store<u16>(event, known ? WasiErrno.SUCCESS : WasiErrno.INVAL, WasiEvent.ERROR);
    return;
  }
  if (type > EventType.FD_WRITE) {
    store<u16>(event, WasiErrno.INVAL, WasiEvent.ERROR);
    return;
  }
  const record = fdFile(load<i32>(subscription, Subscription.FD));
  if (record == 0) {
    store<u16>(event, WasiErrno.BADF, WasiEvent.ERROR);
    return;
  }
  store<u64>(event, type == EventType.FD_READ ? readableBytes(record) : 1, WasiEvent.NBYTES);
}

/** What is left of a file; of a stream, at least a byte will come. */
function readableBytes(record: usize): u64 {
  if (load<u8>(record, FdRecord.TYPE) != WasiFileType.REGULAR_FILE) return 1;
  const at = seek(kfdOf(record), 0, Whence.CURRENT);
  if (at < 0 || fstat(kfdOf(record), STAT) < 0) return 1;
  const size = load<u64>(STAT, Stat.SIZE);
  return size > <u64>at ? size - <u64>at : 0;
}
