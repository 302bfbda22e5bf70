// System calls about processes. Each is called with the kernel lock held, by the wrapper of its name in entry/calls.ts.

import { Errno } from "../../abi/errno";
import { Frame, Limit } from "../../abi/layout";
import { FdMap, WaitFlag, WaitStatus } from "../../abi/syscall";
import { nowNs } from "../arch/io";
import { kernelLock, kernelUnlock } from "../arch/lock";
import { fileCloseAll, filePut } from "../dev/files";
import { irqForget } from "../dev/irq";
import { lookupOpened } from "../dev/lookup";
import { namesPut, namesShare } from "../ipc/names";
import { bytesCopy, bytesFind, literalCopy } from "../lib/bytes";
import { pmmAlloc, pmmFree } from "../mm/pmm";
import { spaceCreate, spaceDestroy, spaceSetOwner } from "../mm/space";
import { copyIn, copyOut } from "../mm/usercopy";
import { cpuRequestMore, cpuSlotsFull, startQueueWake } from "../proc/cpus";
import { INIT_PID, signalAllowed } from "../proc/end";
import {
  ENVIRON_BYTES,
  environBlockPut,
  environBlockText,
  environBytes,
  environCreate,
  environPut,
  environShare,
  environText,
} from "../proc/environ";
import { File, fdFile, fdSet, fileGet } from "../proc/file";
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
import { signalCatch, signalIsKnown, signalSend, signalTake } from "../proc/signal";
import { FOREVER, processSleepCatching, timeLeft } from "../proc/sleep";
import { wellFormedFdMap } from "./fdmap";
import { programFind, programPut } from "./program";

/** Starts the program at a path ("NAME" alone: /bin/NAME). The child's pid, or -errno and nothing has changed. A server is asked only for its own files. */
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
  const found = programFind(parent, n);
  if (found < 0) return found;
  const program = found == 0 ? lookupOpened(parent) : null;
  const result = spawnFound(
    parent,
    found == 0 ? parent.pathBytes : found,
    program,
    argv,
    argvBytes,
    fdmap,
    pairs,
  );
  if (result < 0 && program !== null) filePut(program);
  return result;
}

/** The program's path of n bytes is in PATH; its file, if a server keeps it, becomes the child's. */
function spawnFound(
  parent: Process,
  n: u32,
  program: File | null,
  argv: u32,
  argvBytes: u32,
  fdmap: u32,
  pairs: u32,
): i32 {
  const mapError = wellFormedFdMap(parent, fdmap, pairs);
  if (mapError != 0) return mapError;
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
  child.program = changetype<usize>(program);
  inheritFiles(parent, child, pairs);
  namesShare(child, parent);
  environShare(child, parent);
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
  programPut(process);
  namesPut(process);
  environPut(process);
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

/**
 * Waits for a child to end, or to stop if WaitFlag.STOPS is given (pid -1: any). Its pid, with the status stored at va (0: not wanted);
 * 0 when polling; -ECHILD, -EINTR, -EFAULT. A stop is told once.
 */
export function sysWait(pid: i32, va: u32, flags: u32): i32 {
  const process = currentProcess();
  while (true) {
    let children = 0;
    for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
      const child = processAt(i);
      if (child.state == ProcessState.FREE || child.parent != process.pid) continue;
      if (pid != -1 && child.pid != pid) continue;
      children++;
      if (child.state == ProcessState.ZOMBIE) return reap(process, child, va);
      if ((flags & WaitFlag.STOPS) != 0 && child.stopUntold != 0)
        return tellStop(process, child, va);
    }
    if (children == 0) return -Errno.ECHILD;
    if ((flags & WaitFlag.POLL) != 0) return 0;
    if (!processSleepCatching(0, FOREVER)) return -Errno.EINTR;
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

function tellStop(process: Process, child: Process, va: u32): i32 {
  const status = process.text + ProcessText.SCRATCH;
  store<i32>(status, WaitStatus.STOPPED + child.stop);
  if (va != 0 && copyOut(process.space!, va, status, 4) != 4) return -Errno.EFAULT;
  child.stopUntold = 0;
  return child.pid;
}

/**
 * pid 0: every process of the caller's group that it may signal; below -1: of group -pid; -1: every other one. -ESRCH when there is none.
 */
export function sysKill(pid: i32, signal: i32): i32 {
  if (!signalIsKnown(signal)) return -Errno.EINVAL;
  if (pid == -1) return killAll(0, signal);
  if (pid <= 0) return killAll(pid == 0 ? currentProcess().group : -pid, signal);
  const target = processFind(pid);
  if (target === null) return -Errno.ESRCH;
  const error = signalAllowed(currentProcess(), target);
  if (error == 0) signalSend(target, signal);
  return error;
}

/** group 0: of any group, but not the caller and init. */
function killAll(group: i32, signal: i32): i32 {
  let error = -Errno.ESRCH;
  for (let i: u32 = 0; i < <u32>Limit.PROCESSES; i++) {
    const target = processAt(i);
    if (!processIsLive(target)) continue;
    if (group != 0 ? target.group != group : target === currentProcess() || target.pid == INIT_PID)
      continue;
    if (signalAllowed(currentProcess(), target) != 0) {
      if (error != 0) error = -Errno.EPERM;
      continue;
    }
    signalSend(target, signal);
    error = 0;
  }
  return error;
}

/** Which signals this process takes itself (a bit for each); returns the old ones. */
export function sysSigcatch(mask: u32): i32 {
  return <i32>signalCatch(currentProcess(), mask);
}

/** The caught signals that have come since the last call, a bit for each. */
export function sysSigtake(): i32 {
  return <i32>signalTake(currentProcess());
}

/** Copies the environment (NAME=VALUE strings, each ended by NUL) to user memory, at most n bytes; returns its full length. */
export function sysEnviron(va: u32, n: u32): i32 {
  const process = currentProcess();
  const bytes = environBytes(process);
  const part = min(n, bytes);
  if (part > 0 && copyOut(process.space!, va, environText(process), part) != <i32>part)
    return -Errno.EFAULT;
  return <i32>bytes;
}

/** Replaces the environment of this process, which its children get. -E2BIG, -ENOMEM, -EFAULT, -EINVAL: the last byte is no NUL. */
export function sysSetenviron(va: u32, n: u32): i32 {
  const process = currentProcess();
  if (n > ENVIRON_BYTES) return -Errno.E2BIG;
  const block = environCreate(n);
  if (block == 0) return -Errno.ENOMEM;
  let error = 0;
  if (n > 0) {
    const text = environBlockText(block);
    if (copyIn(process.space!, text, va, n) != <i32>n) error = -Errno.EFAULT;
    else if (load<u8>(text + n - 1) != 0) error = -Errno.EINVAL;
  }
  if (error != 0) {
    environBlockPut(block);
    return error;
  }
  environPut(process);
  process.environment = block;
  return 0;
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
    if (!processSleepCatching(0, left)) return -Errno.EINTR;
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
