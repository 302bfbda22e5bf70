// Thrash: a process that reads its pages back faster than it can be using them takes the disk and the memory of everybody else.
//
// Its page-ins are counted in windows of 100 ticks of 10 ms. With the 50th in one window it is thrashing, and the log says so once; until a
// window passes with fewer, it pauses for a tick after every 16th, but only while another process has faulted pages in, or waits for
// memory, in the same window: a program that is alone with a memory too small for it is slowed down by nothing but the disk.
//
// Locks     kernel lock, dropped in the pause.

import { Limit } from "../../abi/layout";
import { Counter, counterAdd } from "../arch/counters";
import { nowNs } from "../arch/io";
import { CpuRecord, cpuRecord } from "../arch/percpu";
import { kprint, kprintBytes, kprintDec } from "../lib/klog";
import { sleepOn } from "./pagewait";
import { Process, processAt, processIsLive, processName, processNameBytes } from "./process";

const TICK_NS: i64 = 10_000_000;
const WINDOW_TICKS: u64 = 100;
/** Page-ins in one window that are too many. */
const PAGE_INS: u32 = 50;
/** One pause for so many of them. */
const PAUSE_EVERY: u32 = 16;

/** What the process has waited for was not for itself: it does not count. */
export function thrashForget(process: Process): void {
  process.thrashCount = 0;
}

/** The process has waited for a page. Pauses it if it is thrashing at others' cost. */
export function thrashPause(process: Process): void {
  const window = nowNs() / <u64>TICK_NS / WINDOW_TICKS;
  if (process.thrashWindow != window) {
    const gap = window - process.thrashWindow;
    if (gap > 1 || process.thrashCount < PAGE_INS) process.thrashing = 0;
    process.thrashWindow = window;
    process.thrashCount = 0;
  }
  process.thrashCount++;
  if (process.thrashCount == PAGE_INS && process.thrashing == 0) begin(process);
  if (process.thrashing == 0 || process.thrashCount % PAUSE_EVERY != 0 || !others(process, window))
    return;
  counterAdd(Counter.THROTTLES, 1);
  const record = changetype<CpuRecord>(cpuRecord);
  const word = changetype<usize>(record) + offsetof<CpuRecord>("waits");
  sleepOn(process, word, record.waits, TICK_NS);
}

function begin(process: Process): void {
  process.thrashing = 1;
  kprint("thrash: pid ");
  kprintDec(process.pid);
  kprint(" ");
  kprintBytes(processName(process), processNameBytes(process));
  kprint(
    " reads 50 pages in a second back from swap: it is slowed down while others need memory\n",
  );
}

/** True if another process has waited for a page in this window. */
function others(process: Process, window: u64): bool {
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    const other = processAt(i);
    if (other === process || !processIsLive(other)) continue;
    if (other.thrashWindow == window && other.thrashCount != 0) return true;
  }
  return false;
}
