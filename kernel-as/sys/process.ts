// System calls about processes. Each is called with the kernel lock held, by the wrapper of its name in entry/calls.ts.

import { Errno } from "../../abi/errno";
import { Frame, Limit } from "../../abi/layout";
import { FdMap, Signal } from "../../abi/syscall";
import { nowNs } from "../arch/io";
import { kernelLock, kernelUnlock } from "../arch/lock";
import { archiveFind } from "../dev/archive";
import { fileCloseAll } from "../dev/files";
import { irqForget } from "../dev/irq";
import { namesPut, namesShare } from "../ipc/names";
import { bytesCopy, bytesFind, literalCopy } from "../lib/bytes";
import { pmmAlloc, pmmFree } from "../mm/pmm";
import { spaceCreate, spaceDestroy, spaceSetOwner } from "../mm/space";
import { copyIn, copyOut } from "../mm/usercopy";
import { cpuRequestMore, cpuSlotsFull, startQueueWake } from "../proc/cpus";
import { processSignal, signalAllowed } from "../proc/end";
import { fdFile, fdSet, fileGet } from "../proc/file";
import { pathNormalise } from "../proc/path";
import {
  currentProcess,
  Process,
  ProcessLayout,
  ProcessState,
  ProcessText,
  processArgvFrame,
  processAt,
  processCreate,
  processFind,
  processFree,
  processIsLive,
  processName,
  processNameBytes,
  processNextOrder,
  processSetName,
} from "../proc/process";
import { FOREVER, processSleep, timeLeft } from "../proc/sleep";
import { wellFormedFdMap } from "./fdmap";

/** Starts the program at a path ("NAME" alone: /bin/NAME). The child's pid, or -errno and nothing has changed. */
export function sysSpawn(
  path: u32,
  pathBytes: u32,
  argv: u32,
  argvBytes: u32,
  fdmap: u32,
  pairs: u32,
): i32 {
  const parent = currentProcess();
  const n = programPath(parent, path, pathBytes);
  if (n < 0) return n;
  if (argvBytes > <u32>Limit.ARGV_BYTES) return -Errno.E2BIG;
  const mapError = wellFormedFdMap(parent, fdmap, pairs);
  if (mapError != 0) return mapError;
  if (archiveFind(parent.text + ProcessText.PATH + 1, n - 1) == 0) return -Errno.ENOENT;
  if (cpuSlotsFull()) return -Errno.EAGAIN;
  const child = processCreate();
  if (child === null) return -Errno.EAGAIN;
  child.parent = parent.pid;
  child.group = parent.group;
  child.uid = parent.uid;
  let error = processFill(
    child,
    parent.text + ProcessText.PATH,
    n,
    parent.text + ProcessText.CWD,
    parent.cwdBytes,
  );
  if (error == 0) error = copyArguments(parent, child, argv, argvBytes);
  if (error != 0) {
    processRelease(child);
    processFree(child);
    return error;
  }
  inheritFiles(parent, child, pairs);
  namesShare(child, parent);
  processQueue(child);
  return child.pid;
}

/** A process's memory: its frame of kernel text, program path, current directory, and an empty space. 0 or -ENOMEM. */
export function processFill(process: Process, path: usize, n: u32, cwd: usize, cwdBytes: u32): i32 {
  const frame = pmmAlloc(true);
  if (frame == 0) return -Errno.ENOMEM;
  process.text = (<usize>frame) << Frame.SHIFT;
  bytesCopy(process.text + ProcessText.PROGRAM, path, n);
  process.programBytes = n;
  bytesCopy(process.text + ProcessText.CWD, cwd, cwdBytes);
  process.cwdBytes = cwdBytes;
  processSetName(process, path, n);
  const space = spaceCreate();
  if (space === null) return -Errno.ENOMEM;
  process.space = space;
  spaceSetOwner(space, process.pid, processName(process), processNameBytes(process));
  return 0;
}

/** Puts a filled process in the start queue and sees to it that a CPU is there to take it. */
export function processQueue(process: Process): void {
  process.spawnOrder = processNextOrder();
  process.startedNs = nowNs();
  irqForget(process);
  startQueueWake(1);
  cpuRequestMore();
}

/** Gives back everything that a process owns except its record. Its space runs on no CPU. */
export function processRelease(process: Process): void {
  fileCloseAll(process);
  namesPut(process);
  const space = process.space;
  process.space = null;
  if (space !== null) spaceDestroy(space);
  for (let i: u32 = 0; i < <u32>ProcessLayout.ARGV_FRAME_COUNT; i++) {
    const slot = processArgvFrame(process, i);
    if (load<u32>(slot) != 0) pmmFree(load<u32>(slot));
    store<u32>(slot, 0);
  }
  if (process.text != 0) pmmFree(<u32>(process.text >> Frame.SHIFT));
  process.text = 0;
}

/** Adds bytes of kernel memory to a process's argument block. False: no memory, or the block is full. */
export function argumentsAppend(process: Process, p: usize, n: u32): bool {
  for (let i: u32 = 0; i < n; i++) {
    if (process.argvBytes >= <u32>Limit.ARGV_BYTES) return false;
    const slot = processArgvFrame(process, process.argvBytes >> Frame.SHIFT);
    if (load<u32>(slot) == 0) store<u32>(slot, pmmAlloc(false));
    if (load<u32>(slot) == 0) return false;
    const at = ((<usize>load<u32>(slot)) << Frame.SHIFT) + (process.argvBytes & (Frame.BYTES - 1));
    store<u8>(at, load<u8>(p + i));
    process.argvBytes++;
  }
  return true;
}

/** Copies the argument block to user memory, at most n bytes; returns its full length. */
export function sysArgs(va: u32, n: u32): i32 {
  const process = currentProcess();
  const total = min(n, process.argvBytes);
  for (let done: u32 = 0; done < total; done += Frame.BYTES) {
    const host = (<usize>load<u32>(processArgvFrame(process, done >> Frame.SHIFT))) << Frame.SHIFT;
    const part = min<u32>(total - done, Frame.BYTES);
    if (copyOut(process.space!, va + done, host, part) != <i32>part) return -Errno.EFAULT;
  }
  return <i32>process.argvBytes;
}

/** Waits for a child to end (pid -1: any). Its pid, with the status stored at va (0: not wanted); 0 when polling; -ECHILD, -EINTR, -EFAULT. */
export function sysWait(pid: i32, va: u32, poll: bool): i32 {
  const process = currentProcess();
  while (true) {
    let children = 0;
    for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
      const child = processAt(i);
      if (child.state == ProcessState.FREE || child.parent != process.pid) continue;
      if (pid != -1 && child.pid != pid) continue;
      children++;
      if (child.state == ProcessState.ZOMBIE) return reap(process, child, va);
    }
    if (children == 0) return -Errno.ECHILD;
    if (poll) return 0;
    if (!processSleep(0, FOREVER)) return -Errno.EINTR;
  }
}

function reap(process: Process, child: Process, va: u32): i32 {
  const status = process.text + ProcessText.SCRATCH;
  store<i32>(status, child.status);
  if (va != 0 && copyOut(process.space!, va, status, 4) != 4) return -Errno.EFAULT;
  const pid = child.pid;
  processFree(child);
  return pid;
}

export function sysKill(pid: i32, signal: i32): i32 {
  if (signal != 0 && signal != Signal.INT && signal != Signal.KILL && signal != Signal.TERM)
    return -Errno.EINVAL;
  const target = processFind(pid);
  if (target === null) return -Errno.ESRCH;
  const error = signalAllowed(currentProcess(), target);
  if (error == 0) processSignal(target, signal);
  return error;
}

/** Group of a process: the caller, one of its children, or any for root. pid 0 is the caller; group 0 is the pid itself. */
export function sysSetgroup(pid: i32, group: i32): i32 {
  const caller = currentProcess();
  const target = pid == 0 ? caller : processFind(pid);
  if (target === null || !processIsLive(target)) return -Errno.ESRCH;
  if (group < 0) return -Errno.EINVAL;
  if (target !== caller && target.parent != caller.pid && caller.uid != 0) return -Errno.EPERM;
  target.group = group == 0 ? target.pid : group;
  return 0;
}

/** Only root may become someone else. */
export function sysSetuid(uid: i32): i32 {
  const process = currentProcess();
  if (uid < 0) return -Errno.EINVAL;
  if (process.uid != 0 && <u32>uid != process.uid) return -Errno.EPERM;
  process.uid = uid;
  return 0;
}

/** Lets whoever waits for the kernel lock go first. */
export function sysYield(): i32 {
  kernelUnlock();
  kernelLock();
  return 0;
}

export function sysNanosleep(ns: i64): i32 {
  if (ns < 0) return -Errno.EINVAL;
  const time = nowNs();
  const end = time + <u64>ns;
  for (let left = ns; left > 0; left = timeLeft(end)) {
    if (!processSleep(0, left)) return -Errno.EINTR;
  }
  return 0;
}

/** The program's absolute path goes to PATH; returns its length or -errno. */
function programPath(process: Process, va: u32, n: u32): i32 {
  if (n == 0) return -Errno.ENOENT;
  if (n >= <u32>Limit.PATH_BYTES) return -Errno.ENAMETOOLONG;
  const given = process.text + ProcessText.SCRATCH;
  const path = process.text + ProcessText.PATH;
  if (copyIn(process.space!, given, va, n) != <i32>n) return -Errno.EFAULT;
  if (bytesFind(given, n, 47) < n) {
    return pathNormalise(path, process.text + ProcessText.CWD, process.cwdBytes, given, n);
  }
  const base = process.text + ProcessText.PROGRAM - 8; // the end of SCRATCH, which a name without "/" does not reach
  if (n > <u32>Limit.PATH_BYTES - 16) return -Errno.ENAMETOOLONG;
  return pathNormalise(path, base, literalCopy(base, "/bin"), given, n);
}

function copyArguments(parent: Process, child: Process, va: u32, n: u32): i32 {
  for (let done: u32 = 0; done < n; done += Frame.BYTES) {
    const frame = pmmAlloc(false);
    if (frame == 0) return -Errno.ENOMEM;
    store<u32>(processArgvFrame(child, done >> Frame.SHIFT), frame);
    const part = min<u32>(n - done, Frame.BYTES);
    if (copyIn(parent.space!, (<usize>frame) << Frame.SHIFT, va + done, part) != <i32>part)
      return -Errno.EFAULT;
  }
  child.argvBytes = n;
  return 0;
}

/** The map was checked and lies in SCRATCH. Without pairs the child gets 0, 1 and 2. */
function inheritFiles(parent: Process, child: Process, pairs: u32): void {
  const map = parent.text + ProcessText.SCRATCH;
  const count: u32 = pairs == 0 ? 3 : pairs;
  for (let i: u32 = 0; i < count; i++) {
    const childFd = pairs == 0 ? i : load<u32>(map + i * FdMap.BYTES, FdMap.CHILD);
    const parentFd = pairs == 0 ? i : load<u32>(map + i * FdMap.BYTES, FdMap.PARENT);
    const file = fdFile(parent, parentFd);
    if (file === null) continue;
    fileGet(file);
    fdSet(child, childFd, file);
  }
}
