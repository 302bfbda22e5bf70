// Process: one record for each process in a fixed table; its address space, files and names hang from here.
//
//   +0     the fields below          +512   fds: Limit.FDS file pointers, 0 is closed
//   +768   ARGV_FRAMES frame numbers of the argument block          +832   REQUEST: the process's message (ipc/request.ts)
// A process also owns one frame of kernel text: current directory, two paths in the making and the program's path.
//
// Invariants
//   R1  FREE if and only if pid is 0; live pids are unique; pid 1 is init.
//   R2  A process on a CPU is EMBRYO (loading), RUNNING, SLEEPING or STOPPED, and cpu is its slot; else cpu is 0 (slot 0 runs none).
//   R3  parent is 0, or the pid of a process that is not FREE; children of an ended process belong to init.
//   R4  A ZOMBIE owns nothing but its record: no space, frame, file or names.
//   R5  While a process sleeps, `signal` is 0, or it has been woken and will see it before it runs program code.
//   R6  A process with `stop` set runs no program code that can be noticed: what it was in the middle of in the kernel may still end.
//
// Locks     kernel lock for everything; EVENT is also a futex that a sleeper waits on without the lock.
// Not here  When a process starts and ends: proc/life.ts. Sleeping: proc/sleep.ts.
import { Frame, Limit } from "../../abi/layout";
import { cpuProcess } from "../arch/percpu";
import { bytesZero } from "../lib/bytes";
import { Panic, panic } from "../lib/panic";
import { Vars } from "../lib/vars";
import { Space } from "../mm/space";

export const enum ProcessState {
  FREE = 0,
  EMBRYO = 1,
  RUNNING = 2,
  SLEEPING = 3,
  ZOMBIE = 4,
  STOPPED = 5, // waits in the kernel, on its way to program code, for the end of its stop
}

/** How a process came to its end. */
export const enum End {
  NONE = 0, // alive
  EXIT = 1,
  FAULT = 2,
  TRAP = 3,
  SIGNAL = 4,
}

/** The program's own fault handler (entry/handler.ts). */
export const enum HandlerState {
  NONE = 0,
  READY = 1,
  RUNNING = 2,
}

export const enum ProcessLayout {
  FDS = 512,
  ARGV_FRAMES = 768, // u32 each
  ARGV_FRAME_COUNT = 16,
  REQUEST = 832,
  REQUEST_BYTES = 192,
  BYTES = 1024,
  NAME_BYTES = 32,
  IRQS = 8,
}

/** Offsets in the process's frame of kernel text. */
export const enum ProcessText {
  CWD = 0,
  PATH = 1024, // normalised path of the call in progress
  SCRATCH = 2048, // as the program gave it; second path of a rename
  PROGRAM = 3072, // absolute path of the program
}

@unmanaged
export class Process {
  state: u32;
  pid: i32;
  parent: i32;
  group: i32;
  uid: u32;
  cpu: u32;
  event: u32; // futex: bumped by whoever wakes the process
  parked: u32; // 1: it waits in the host for its event, so that waking needs a notify
  restless: u32; // 1: its last wait in the host was short
  key: usize; // what it sleeps for, 0: for nothing but its own event
  signal: i32; // it must end with 128 + signal as soon as it can; 0 none
  end: u32; // End
  status: i32; // exit status, once `end` is set
  space: Space | null;
  text: usize; // its frame of kernel text (host offset), 0 none
  names: usize; // ipc/names.ts
  cwdBytes: u32;
  programBytes: u32;
  argvBytes: u32;
  spawnOrder: u32; // position in the start queue
  program: usize; // the File that its program is yet to be read from, with a reference; 0: it is of the kernel's own tree
  execHost: usize; // the program's file, once execOpen has found it
  execBytes: u32;
  execTable: usize; // a table of segments that no image has taken yet, 0 none
  execCount: u32; // its records
  libraryHost: usize; // the WASI library's file, if the program needs it
  libraryBytes: u32;
  execOpened: u32; // which of the two execOpen found last
  faultVa: u32;
  faultAccess: u32;
  faultBits: u32;
  trap: u32; // Trap
  entryStart: u32; // map entry at the fault, 0 and 0: none
  entryEnd: u32;
  entryProt: u32;
  opened: usize; // the File that an open in progress has made
  pathBytes: u32; // of PATH, once a lookup has followed links
  linkFloor: u32; // the first bytes of PATH, in which the place that is being asked has no link
  faultPte: u64;
  startedNs: u64;
  deadlineNs: u64; // when a killed process that does not react is terminated; 0 none
  openFiles: u32;
  waitPid: i32;
  syscalls: u64;
  handler: u32; // HandlerState
  handled: u32; // times the handler was asked
  thrashWindow: u64; // proc/thrash.ts: the window that is counted, waits for pages in it, 1 if it is thrashing
  thrashCount: u32;
  thrashing: u32;
  waitedNs: u64; // asleep for pages and frames (proc/pagewait.ts)
  stop: u32; // the signal that stopped it, 0: it may run
  stopUntold: u32; // 1: its parent has not been told of the stop
  caught: u32; // signals it asks for itself, a bit for each: proc/signal.ts
  pending: u32; // of those, the ones that have come
  environment: usize; // proc/environ.ts
}

const enum ProcVar {
  TABLE = 0,
  LAST_PID = 4,
  SPAWNED = 8, // processes ever put in the start queue
  COUNT = 12, // processes that are not FREE
}

const NAME_OFFSET: usize = 320; // u32 length, then the bytes
const IRQ_SEEN_OFFSET: usize = 400;

if (offsetof<Process>() > 320) ERROR("Process's fields run into its name");

/** Bytes of kernel memory that the table needs. */
export const PROCESS_TABLE_BYTES: u32 = Limit.PROCESSES * ProcessLayout.BYTES;

export function processInit(table: usize): void {
  store<u32>(Vars.PROC, table, ProcVar.TABLE);
}

export function processAt(index: u32): Process {
  return changetype<Process>(load<u32>(Vars.PROC, ProcVar.TABLE) + index * ProcessLayout.BYTES);
}

/** The process that this CPU runs: there is one wherever a system call or a fault is handled. */
export function currentProcess(): Process {
  return changetype<Process>(cpuProcess);
}

/** The process with this pid, zombies too, or null. */
export function processFind(pid: i32): Process | null {
  if (pid <= 0) return null;
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    if (processAt(i).pid == pid) return processAt(i);
  }
  return null;
}

/** The process that CPU `slot` runs or loads, or null. */
export function processOnCpu(slot: u32): Process | null {
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    const process = processAt(i);
    if (process.cpu == slot && slot != 0 && processIsLive(process)) return process;
  }
  return null;
}

export function processIsLive(process: Process): bool {
  return process.state != ProcessState.FREE && process.state != ProcessState.ZOMBIE;
}

/** A fresh record in state EMBRYO with a new pid and nothing else, or null when the table is full. */
export function processCreate(): Process | null {
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    const process = processAt(i);
    if (process.state != ProcessState.FREE) continue;
    const event = process.event; // a late notify for the previous owner must not look like none at all
    bytesZero(changetype<usize>(process), ProcessLayout.BYTES);
    process.event = event;
    process.pid = nextPid();
    process.state = ProcessState.EMBRYO;
    store<u32>(Vars.PROC, load<u32>(Vars.PROC, ProcVar.COUNT) + 1, ProcVar.COUNT);
    return process;
  }
  return null;
}

/** Gives the record of a process that owns nothing any more back to the table. */
export function processFree(process: Process): void {
  if (process.space !== null || process.text != 0 || process.openFiles != 0) {
    panic(Panic.BAD_STATE, process.pid);
  }
  process.pid = 0;
  process.state = ProcessState.FREE;
  store<u32>(Vars.PROC, load<u32>(Vars.PROC, ProcVar.COUNT) - 1, ProcVar.COUNT);
}

export function processCount(): u32 {
  return load<u32>(Vars.PROC, ProcVar.COUNT);
}

export function processLiveCount(): u32 {
  let count: u32 = 0;
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    if (processIsLive(processAt(i))) count++;
  }
  return count;
}

/** The next place in the start queue. */
export function processNextOrder(): u32 {
  const order = load<u32>(Vars.PROC, ProcVar.SPAWNED) + 1;
  store<u32>(Vars.PROC, order, ProcVar.SPAWNED);
  return order;
}

/** Sets the name shown in lists and reports: the last component of the n bytes at path, shortened. */
export function processSetName(process: Process, path: usize, n: u32): void {
  let start: u32 = 0;
  for (let i: u32 = 0; i < n; i++) {
    if (load<u8>(path + i) == 47) start = i + 1;
  }
  let bytes = n - start;
  if (bytes > <u32>ProcessLayout.NAME_BYTES) bytes = ProcessLayout.NAME_BYTES;
  store<u32>(changetype<usize>(process) + NAME_OFFSET, bytes);
  memory.copy(processName(process), path + start, bytes);
}

export function processName(process: Process): usize {
  return changetype<usize>(process) + NAME_OFFSET + 4;
}

export function processNameBytes(process: Process): u32 {
  return load<u32>(changetype<usize>(process) + NAME_OFFSET);
}

/** Address of the count of device interrupts `irq` that irq_wait has already reported to the process. */
export function processIrqSeen(process: Process, irq: u32): usize {
  return changetype<usize>(process) + IRQ_SEEN_OFFSET + (irq << 2);
}

export function processArgvFrame(process: Process, index: u32): usize {
  return changetype<usize>(process) + ProcessLayout.ARGV_FRAMES + (index << 2);
}

/** pids grow and wrap to 2 (1 stays init's); one that is in use is skipped. */
function nextPid(): i32 {
  let pid = load<i32>(Vars.PROC, ProcVar.LAST_PID);
  do {
    pid = pid == PID_MAX ? 2 : pid + 1;
  } while (processFind(pid) !== null);
  store<i32>(Vars.PROC, pid, ProcVar.LAST_PID);
  return pid;
}

const PID_MAX: i32 = 999999;

if (ProcessLayout.ARGV_FRAME_COUNT * Frame.BYTES != Limit.ARGV_BYTES) {
  ERROR("the argument block's frames do not hold Limit.ARGV_BYTES");
}
if (ProcessLayout.FDS + Limit.FDS * 4 != ProcessLayout.ARGV_FRAMES) {
  ERROR("the fd table does not end where the argument frames start");
}
