// Exec: a CPU's way through one process: idle, take a process, build its program, run it, tear it down.
//
//   cpuIdle -> execOpen execTable execCommit (each for the program and, if needed, the WASI library) -> userEnter -> userLeave
//                                       \-> execFail
//
// Invariants
//   X1  Teardown happens here only, with no program code on this CPU's stack (or with its Worker gone).
//   X2  Between cpuIdle and userEnter the state is KERNEL and the process EMBRYO: a signal is noticed at the next step.
//
// Locks     these functions take the kernel lock themselves.
import { BootBlock } from "../../abi/boot";
import { CpuBlock, CpuState } from "../../abi/cpu";
import { Errno } from "../../abi/errno";
import { Limit, PhysAddr, UserPage } from "../../abi/layout";
import { MachineWord, PowerState } from "../../abi/machine";
import { kernelLock, kernelLockHeld, kernelUnlock, readerActive } from "../arch/lock";
import { cpuBlock, cpuProcess, cpuSetProcess, cpuSlot, percpuAttach } from "../arch/percpu";
import { archiveFind, recordBytes, recordHost, recordIsOffered } from "../dev/archive";
import { consolePrint } from "../dev/console";
import { screenOwnerEnded } from "../dev/screen";
import { channelServerEnded } from "../ipc/channel";
import { Pipe, pipePut } from "../ipc/pipe";
import { bytesCopy, literalCopy } from "../lib/bytes";
import { kprint, kprintBytes, kprintDec } from "../lib/klog";
import { Panic, panic } from "../lib/panic";
import { Vars } from "../lib/vars";
import { imageTableAlloc, imageTableFree } from "../mm/imagetable";
import { revokeGrantsOf } from "../mm/revoke";
import { spaceActivate, spaceDeactivate, spaceSetImage } from "../mm/space";
import { isWanting, wantClear } from "../mm/want";
import { cpuRequestMore, machineWord, startQueueFirst } from "../proc/cpus";
import { INIT_PID, processMark, processMarkTrap, processOrphan } from "../proc/end";
import { FileKind, fdFile } from "../proc/file";
import { PageWait, pageWait, pageWaitEnd } from "../proc/pagewait";
import {
  currentProcess,
  End,
  Process,
  ProcessState,
  ProcessText,
  processFind,
  processFree,
  processName,
  processNameBytes,
} from "../proc/process";
import { stopWait } from "../proc/signal";
import { processWake } from "../proc/sleep";
import { processRelease } from "../sys/process";
import { cpuPark } from "./enter";
import { reportDeath } from "./report";

const PROGRAM: i32 = 0;
const LIBRARY: i32 = 1;
export const TEXT_BYTES: u32 = 4096;
/** execOpen's answer for a program that execRead reads. */
export const EXEC_READ: i32 = 1;
const STATUS_NOT_FOUND: i32 = 127;
const STATUS_CANNOT_RUN: i32 = 126;
const PAGE_64K_SHIFT: u32 = 16;
/** Pages of 64 KiB that a program's memory may have: image and heap end where the mmap area begins. */
const MEMORY_PAGES_MAX: u32 = <u32>UserPage.MMAP_START >> 4;

/** Texts from the machine, one buffer for each CPU slot. */
export const TEXT_BUFFER_BYTES: u32 = Limit.CPUS * TEXT_BYTES;

const enum ExecVar {
  TEXT_BUFFERS = 0,
}

export function execInit(buffers: usize): void {
  store<u32>(Vars.ENTRY, buffers, ExecVar.TEXT_BUFFERS);
}

/** First call in each Worker. */
export function cpuAttach(slot: u32): void {
  percpuAttach(slot, load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.CPU_BLOCKS));
  atomic.store<u32>(cpuBlock + CpuBlock.PID, 0);
  atomic.store<u32>(cpuBlock + CpuBlock.STATE, slot == 0 ? CpuState.KERNEL : CpuState.IDLE);
  atomic.add<u32>(machineWord(MachineWord.CPUS_ONLINE), 1);
}

/** Sleeps until a process is given to this CPU; returns its pid, or 0 at power off. */
export function cpuIdle(): i32 {
  const block = cpuBlock + CpuBlock.STATE;
  const word = machineWord(MachineWord.START_QUEUE);
  while (true) {
    kernelLock();
    const pid = takeProcess();
    const seen = atomic.load<u32>(word);
    const off = atomic.load<u32>(machineWord(MachineWord.POWER)) != PowerState.RUNNING;
    if (pid == 0) atomic.store<u32>(block, CpuState.IDLE);
    kernelUnlock();
    if (pid != 0 || off) return pid;
    atomic.wait<i32>(word, seen, -1);
  }
}

/** Takes the oldest process of the start queue. Those that were killed while they waited are torn down instead. */
function takeProcess(): i32 {
  if (atomic.load<u32>(machineWord(MachineWord.POWER)) != PowerState.RUNNING) return 0;
  while (true) {
    const process = startQueueFirst();
    if (process === null) return 0;
    atomic.store<u32>(cpuBlock + CpuBlock.STATE, CpuState.KERNEL);
    process.cpu = cpuSlot;
    if (process.signal != 0) {
      processMark(process, End.SIGNAL, 128 + process.signal);
      processTeardown(process, 0, 0);
      continue;
    }
    cpuSetProcess(changetype<usize>(process));
    atomic.store<u32>(cpuBlock + CpuBlock.PID, process.pid);
    spaceActivate(process.space!, cpuBlock, cpuSlot);
    cpuRequestMore(); // the machine starts few Workers at a time and drops requests beyond: whoever is left asks again
    return process.pid;
  }
}

/**
 * Finds the file of the process's program (0) or of the WASI library (1). 0, -ENOENT, EXEC_READ, or -EAGAIN: the host has to fetch the program
 * first; execFile is then the host offset of its record (abi/rom.ts).
 */
export function execOpen(which: i32): i32 {
  kernelLock();
  const process = currentProcess();
  if (which == PROGRAM && process.program != 0) {
    kernelUnlock();
    return EXEC_READ;
  }
  const path = process.text + ProcessText.PATH;
  let n: u32 = 0;
  if (which == LIBRARY) {
    n = literalCopy(path, "lib/wasi.wasm");
  } else {
    n = process.programBytes - 1;
    bytesCopy(path, process.text + ProcessText.PROGRAM + 1, n);
  }
  const record = archiveFind(path, n);
  let result = -Errno.ENOENT;
  if (record != 0) {
    result = 0;
    process.execOpened = which;
    if (which == LIBRARY) {
      process.libraryHost = recordHost(record);
      process.libraryBytes = recordBytes(record);
    } else if (recordIsOffered(record)) {
      process.execHost = record;
      result = -Errno.EAGAIN;
    } else {
      process.execHost = recordHost(record);
      process.execBytes = recordBytes(record);
    }
  }
  kernelUnlock();
  return result;
}

/** Host offset of the bytes of the file that execOpen found last. */
export function execFile(): usize {
  const process = currentProcess();
  return process.execOpened == LIBRARY ? process.libraryHost : process.execHost;
}

export function execFileBytes(): u32 {
  const process = currentProcess();
  return process.execOpened == LIBRARY ? process.libraryBytes : process.execBytes;
}

/** A file's bytes never move and their place is never used again: it is the key of their content. */
export function execKey(): u32 {
  return <u32>execFile();
}

/** Host offset of room for `count` segment records, 0: no memory. */
export function execTable(count: u32): usize {
  kernelLock();
  const process = currentProcess();
  dropTable(process);
  wantClear();
  process.execTable = imageTableAlloc(count);
  while (process.execTable == 0 && isWanting() && pageWait(false) == PageWait.AGAIN) {
    wantClear();
    process.execTable = imageTableAlloc(count);
  }
  pageWaitEnd();
  process.execCount = count;
  const table = process.execTable;
  kernelUnlock();
  return table;
}

/** Builds the image from the table just filled. 0 or -errno. */
export function execCommit(which: i32, minPages: u32, maxPages: u32, count: u32): i32 {
  kernelLock();
  const result = commit(currentProcess(), which, minPages, maxPages, count);
  kernelUnlock();
  return result;
}

function commit(process: Process, which: i32, minPages: u32, maxPages: u32, count: u32): i32 {
  if (process.signal != 0) return -Errno.EINTR;
  if (which != PROGRAM && which != LIBRARY) return -Errno.EINVAL;
  if (count != process.execCount) return -Errno.EINVAL;
  const limit = which == LIBRARY ? <u32>UserPage.STACK_START >> 4 : MEMORY_PAGES_MAX;
  if (minPages > limit) return -Errno.ENOMEM;
  const maxBytes = maxPages > limit ? 0xffffffff : maxPages << PAGE_64K_SHIFT;
  const file = which == LIBRARY ? process.libraryHost : process.execHost;
  const table = process.execTable;
  process.execTable = 0; // the image's now, also when it fails
  return spaceSetImage(
    process.space!,
    which,
    table,
    count,
    file,
    minPages << PAGE_64K_SHIFT,
    maxBytes,
  );
}

/** Host offset of this CPU's buffer for texts from the machine. */
export function textBuffer(): usize {
  return load<u32>(Vars.ENTRY, ExecVar.TEXT_BUFFERS) + cpuSlot * TEXT_BYTES;
}

/** The program cannot run: "NAME: TEXT" on its standard error, and it ends. The CPU is idle again. */
export function execFail(errno: i32, textBytes: u32): void {
  kernelLock();
  const process = currentProcess();
  if (process.signal != 0) {
    processMark(process, End.SIGNAL, 128 + process.signal);
  } else {
    printFailure(process, min(textBytes, TEXT_BYTES));
    processMark(process, End.EXIT, errno == Errno.ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN);
  }
  leave(process, 0);
}

/** Right before the program is called. Does not return to a process that has been told to end. */
export function userEnter(): void {
  kernelLock();
  const process = currentProcess();
  process.state = ProcessState.RUNNING;
  stopWait(process);
  if (process.signal != 0) {
    processMark(process, End.SIGNAL, 128 + process.signal);
    kernelUnlock();
    unreachable();
  }
  kernelUnlock();
  atomic.store<u32>(cpuBlock + CpuBlock.STATE, CpuState.USER);
}

/**
 * The program's code is no longer on the stack. kind 0: it returned, with `status`; else a Trap, with the engine's call stack in the
 * text buffer. What the kernel itself already knows about the end comes first.
 */
export function userLeave(kind: i32, status: i32, textBytes: u32): void {
  if (kernelLockHeld() || readerActive()) panic(Panic.KERNEL_FAULT, kind);
  const old = atomic.cmpxchg<u32>(cpuBlock + CpuBlock.STATE, CpuState.USER, CpuState.KERNEL);
  if (old == CpuState.DOOMED) cpuPark();
  const process = changetype<Process>(cpuProcess);
  if (old == CpuState.KERNEL && process.end == End.NONE) panic(Panic.KERNEL_FAULT, kind);
  kernelLock();
  if (process.signal != 0) processMark(process, End.SIGNAL, 128 + process.signal);
  else if (kind == 0) processMark(process, End.EXIT, status & 0xff);
  else processMarkTrap(process, kind);
  leave(process, min(textBytes, TEXT_BYTES));
}

function leave(process: Process, textBytes: u32): void {
  processTeardown(process, textBuffer(), textBytes);
  cpuSetProcess(0);
  atomic.store<u32>(cpuBlock + CpuBlock.PID, 0);
  kernelUnlock();
}

/**
 * Ends a process that is marked: report, files, names, channels, memory; it becomes a zombie and its parent is woken. The text is the
 * call stack for a report. Lock: held.
 */
export function processTeardown(process: Process, stack: usize, stackBytes: u32): void {
  reportDeath(process, stack, stackBytes);
  screenOwnerEnded(process);
  const space = process.space;
  if (space !== null && space.slot >= 0) spaceDeactivate(space);
  revokeGrantsOf(<u32>process.pid);
  dropTable(process);
  processRelease(process);
  channelServerEnded(process.pid);
  processOrphan(process.pid);
  process.state = ProcessState.ZOMBIE;
  process.stop = 0;
  process.stopUntold = 0;
  process.cpu = 0;
  process.deadlineNs = 0;
  if (process.pid == INIT_PID) initEnded(process);
  const parent = processFind(process.parent);
  if (parent === null) processFree(process);
  else processWake(parent);
}

function initEnded(process: Process): void {
  if (atomic.load<u32>(machineWord(MachineWord.POWER)) != PowerState.RUNNING) return;
  kprint("init has ended with status ");
  kprintDec(process.status);
  kprint("\n");
  panic(Panic.INIT_DIED, process.status);
}

function dropTable(process: Process): void {
  if (process.execTable == 0) return;
  imageTableFree(process.execTable, process.execCount);
  process.execTable = 0;
}

/** "NAME: TEXT" to the console or pipe that is the process's standard error; whatever else that is, to the log. */
function printFailure(process: Process, textBytes: u32): void {
  const line = process.text + ProcessText.SCRATCH;
  const room = <u32>(ProcessText.PROGRAM - ProcessText.SCRATCH) - 1;
  let n = processNameBytes(process);
  bytesCopy(line, processName(process), n);
  n += literalCopy(line + n, ": ");
  const kept = min(textBytes, room - n);
  bytesCopy(line + n, textBuffer(), kept);
  n += kept;
  n += literalCopy(line + n, "\n");
  const file = fdFile(process, 2);
  if (file !== null && file.kind == FileKind.CONSOLE) consolePrint(file.node, line, n);
  else if (file !== null && file.kind == FileKind.PIPE_WRITE)
    pipePut(changetype<Pipe>(file.a), line, n);
  else kprintBytes(line, n);
}
