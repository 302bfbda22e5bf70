// Calls: the system calls as programs import them (module "sys", names without "sys_"). Each enters the kernel, does the call of
// sys/ under the kernel lock, and leaves. A call that failed because a page was not there, or no frame, is run again when it is: it has undone
// everything, as for a bad address. getpid, getppid and getuid read one word of this process and do not enter.
import { CpuBlock } from "../../abi/cpu";
import { Errno } from "../../abi/errno";
import { CpuRecord, cpuBlock, cpuRecord } from "../arch/percpu";
import { slotUsed } from "../mm/slot";
import { copyNear } from "../mm/usercopy";
import { isWanting, Want, wantClear } from "../mm/want";
import { processExit } from "../proc/end";
import { PageWait, pageWait, pageWaitEnd } from "../proc/pagewait";
import { currentProcess } from "../proc/process";
import * as file from "../sys/file";
import * as ipc from "../sys/ipc";
import { sysSetlimit } from "../sys/limit";
import * as mem from "../sys/memory";
import * as types from "../sys/memtype";
import { sysMmap } from "../sys/mmap";
import * as names from "../sys/names";
import * as process from "../sys/process";
import * as swap from "../sys/swap";
import * as system from "../sys/system";
import { callEnter, kernelLeave } from "./enter";

/** Times that one call is run again for want of frames: more would not help it (it needs adjacent ones). */
const RUNS_FOR_FRAMES: u32 = 64;
/** Bytes of a read or write whose pages are brought in before it begins, so that it is not cut short by them. */
const NEAR_BYTES: u32 = 0x10000;

/** True: the call failed, changing nothing, for want of a page or of frames that have come meanwhile; it is to be run again. */
// @ts-ignore: decorator
@inline
function again(result: i32): bool {
  return isWanting() && waited(result);
}

function waited(result: i32): bool {
  if (result >= 0 || result < -ERRORS) {
    wantClear();
    return false;
  }
  const record = changetype<CpuRecord>(cpuRecord);
  const frames = record.want == Want.FRAMES;
  if (frames && ++record.reruns > RUNS_FOR_FRAMES) return false;
  switch (pageWait(false)) {
    case PageWait.AGAIN:
      wantClear();
      return true;
    case PageWait.NO_MEMORY:
      record.want = Want.FRAMES;
      return false;
    case PageWait.LOST:
      record.want = Want.LOST;
      return false;
    default:
      wantClear();
      return false;
  }
}

/** The pages of a buffer that were swapped out are there, or one is on its way. False: the call waits for it. */
// @ts-ignore: decorator
@inline
function near(va: u32, n: u32): bool {
  return slotUsed() == 0 || copyNear(currentProcess().space!, va, min(n, NEAR_BYTES));
}

/** Back to the program with the result; what a call could not get for lack of memory is ENOMEM, for a broken disk EIO. */
function leave<T>(result: T): T {
  const record = changetype<CpuRecord>(cpuRecord);
  if ((record.want | record.reruns) != 0) {
    if (record.want == Want.FRAMES) result = <T>(-Errno.ENOMEM);
    if (record.want == Want.LOST) result = <T>(-Errno.EIO);
    record.reruns = 0;
    wantClear();
  }
  pageWaitEnd();
  kernelLeave();
  return result;
}

/** Errors are the top values of a result. */
const ERRORS: i32 = 4095;

export function sys_getpid(): i32 {
  return load<i32>(cpuBlock, CpuBlock.PID);
}

export function sys_exit(code: i32): void {
  callEnter();
  processExit(code);
}

export function sys_bind(from: u32, fromBytes: u32, to: u32, toBytes: u32, flags: u32): i32 {
  callEnter();
  return leave(names.sysBind(from, fromBytes, to, toBytes, flags));
}

export function sys_newns(flags: u32): i32 {
  callEnter();
  return leave(names.sysNewns(flags));
}

export function sys_getppid(): i32 {
  return currentProcess().parent;
}

export function sys_getuid(): i32 {
  return <i32>currentProcess().uid;
}

export function sys_setuid(uid: i32): i32 {
  callEnter();
  let r: i32;
  do r = process.sysSetuid(uid);
  while (again(<i32>r));
  return leave(r);
}

export function sys_yield(): i32 {
  callEnter();
  let r: i32;
  do r = process.sysYield();
  while (again(<i32>r));
  return leave(r);
}

export function sys_kill(pid: i32, signal: i32): i32 {
  callEnter();
  let r: i32;
  do r = process.sysKill(pid, signal);
  while (again(<i32>r));
  return leave(r);
}

export function sys_wait(pid: i32, status: u32): i32 {
  callEnter();
  let r: i32;
  do r = process.sysWait(pid, status, false);
  while (again(<i32>r));
  return leave(r);
}

export function sys_waitpoll(pid: i32, status: u32): i32 {
  callEnter();
  let r: i32;
  do r = process.sysWait(pid, status, true);
  while (again(<i32>r));
  return leave(r);
}

export function sys_nanosleep(ns: i64): i32 {
  callEnter();
  let r: i32;
  do r = process.sysNanosleep(ns);
  while (again(<i32>r));
  return leave(r);
}

export function sys_spawn(
  path: u32,
  pathBytes: u32,
  argv: u32,
  argvBytes: u32,
  fdmap: u32,
  n: u32,
): i32 {
  callEnter();
  let r: i32;
  do r = process.sysSpawn(path, pathBytes, argv, argvBytes, fdmap, n);
  while (again(<i32>r));
  return leave(r);
}

export function sys_args(buffer: u32, n: u32): i32 {
  callEnter();
  let r: i32;
  do r = process.sysArgs(buffer, n);
  while (again(<i32>r));
  return leave(r);
}

export function sys_setgroup(pid: i32, group: i32): i32 {
  callEnter();
  let r: i32;
  do r = process.sysSetgroup(pid, group);
  while (again(<i32>r));
  return leave(r);
}

export function sys_open(path: u32, pathBytes: u32, flags: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysOpen(path, pathBytes, flags);
  while (again(<i32>r));
  return leave(r);
}

export function sys_create(path: u32, pathBytes: u32, flags: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysCreate(path, pathBytes, flags);
  while (again(<i32>r));
  return leave(r);
}

export function sys_close(fd: i32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysClose(fd);
  while (again(<i32>r));
  return leave(r);
}

export function sys_read(fd: i32, buffer: u32, n: u32): i32 {
  callEnter();
  let r: i32;
  do r = near(buffer, n) ? file.sysRead(fd, buffer, n) : -Errno.EFAULT;
  while (again(<i32>r));
  return leave(r);
}

export function sys_write(fd: i32, buffer: u32, n: u32): i32 {
  callEnter();
  let r: i32;
  do r = near(buffer, n) ? file.sysWrite(fd, buffer, n) : -Errno.EFAULT;
  while (again(<i32>r));
  return leave(r);
}

export function sys_pread(fd: i32, buffer: u32, n: u32, offset: i64): i32 {
  callEnter();
  let r: i32;
  do r = near(buffer, n) ? file.sysPread(fd, buffer, n, offset) : -Errno.EFAULT;
  while (again(<i32>r));
  return leave(r);
}

export function sys_pwrite(fd: i32, buffer: u32, n: u32, offset: i64): i32 {
  callEnter();
  let r: i32;
  do r = near(buffer, n) ? file.sysPwrite(fd, buffer, n, offset) : -Errno.EFAULT;
  while (again(<i32>r));
  return leave(r);
}

export function sys_seek(fd: i32, offset: i64, whence: i32): i64 {
  callEnter();
  let r: i64;
  do r = file.sysSeek(fd, offset, whence);
  while (again(<i32>r));
  return leave(r);
}

export function sys_stat(path: u32, pathBytes: u32, st: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysStat(path, pathBytes, st);
  while (again(<i32>r));
  return leave(r);
}

export function sys_fstat(fd: i32, st: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysFstat(fd, st);
  while (again(<i32>r));
  return leave(r);
}

export function sys_readdir(fd: i32, buffer: u32, n: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysReaddir(fd, buffer, n);
  while (again(<i32>r));
  return leave(r);
}

export function sys_ctl(fd: i32, buffer: u32, n: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysCtl(fd, buffer, n);
  while (again(<i32>r));
  return leave(r);
}

export function sys_truncate(fd: i32, size: i64): i32 {
  callEnter();
  let r: i32;
  do r = file.sysTruncate(fd, size);
  while (again(<i32>r));
  return leave(r);
}

export function sys_wstat(fd: i32, st: u32): i32 {
  callEnter();
  return leave(file.sysWstat(fd, st));
}

export function sys_remove(path: u32, pathBytes: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysRemove(path, pathBytes);
  while (again(<i32>r));
  return leave(r);
}

export function sys_rename(from: u32, fromBytes: u32, to: u32, toBytes: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysRename(from, fromBytes, to, toBytes);
  while (again(<i32>r));
  return leave(r);
}

export function sys_dup(fd: i32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysDup(fd);
  while (again(<i32>r));
  return leave(r);
}

export function sys_dup2(from: i32, to: i32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysDup2(from, to);
  while (again(<i32>r));
  return leave(r);
}

export function sys_pipe(fds: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysPipe(fds);
  while (again(<i32>r));
  return leave(r);
}

export function sys_chdir(path: u32, pathBytes: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysChdir(path, pathBytes);
  while (again(<i32>r));
  return leave(r);
}

export function sys_getcwd(buffer: u32, n: u32): i32 {
  callEnter();
  let r: i32;
  do r = file.sysGetcwd(buffer, n);
  while (again(<i32>r));
  return leave(r);
}

export function sys_mount(fd: i32, path: u32, pathBytes: u32, flags: u32): i32 {
  callEnter();
  let r: i32;
  do r = names.sysMount(fd, path, pathBytes, flags);
  while (again(<i32>r));
  return leave(r);
}

export function sys_unmount(path: u32, pathBytes: u32): i32 {
  callEnter();
  let r: i32;
  do r = names.sysUnmount(path, pathBytes);
  while (again(<i32>r));
  return leave(r);
}

export function sys_ipc_pair(fds: u32): i32 {
  callEnter();
  let r: i32;
  do r = ipc.sysIpcPair(fds);
  while (again(<i32>r));
  return leave(r);
}

export function sys_ipc_recv(fd: i32, message: u32): i32 {
  callEnter();
  let r: i32;
  do r = ipc.sysIpcRecv(fd, message);
  while (again(<i32>r));
  return leave(r);
}

export function sys_ipc_reply(fd: i32, message: u32): i32 {
  callEnter();
  let r: i32;
  do r = ipc.sysIpcReply(fd, message);
  while (again(<i32>r));
  return leave(r);
}

export function sys_ipc_take(fd: i32): i32 {
  callEnter();
  let r: i32;
  do r = ipc.sysIpcTake(fd);
  while (again(<i32>r));
  return leave(r);
}

export function sys_ipc_give(fd: i32, grant: i32): i32 {
  callEnter();
  return leave(ipc.sysIpcGive(fd, grant));
}

export function sys_ipc_client(fd: i32, info: u32): i32 {
  callEnter();
  let r: i32;
  do r = ipc.sysIpcClient(fd, info);
  while (again(<i32>r));
  return leave(r);
}

export function sys_ipc_down(fd: i32): i32 {
  callEnter();
  return leave(ipc.sysIpcDown(fd));
}

export function sys_ipc_wait(fd: i32, want: u32, ns: i64): i32 {
  callEnter();
  return leave(ipc.sysIpcWait(fd, want, ns));
}

export function sys_grant(addr: u32, len: u32, rights: u32): i32 {
  callEnter();
  let r: i32;
  do r = ipc.sysGrant(addr, len, rights);
  while (again(<i32>r));
  return leave(r);
}

export function sys_ctl_grant(fd: i32, buffer: u32, n: u32, handle: u32): i32 {
  callEnter();
  let r: i32;
  do r = ipc.sysCtlGrant(fd, buffer, n, handle);
  while (again(<i32>r));
  return leave(r);
}

export function sys_brk(addr: u32): u32 {
  callEnter();
  let r: u32;
  do r = mem.sysBrk(addr);
  while (again(<i32>r));
  return leave(r);
}

export function sys_mmap(addr: u32, len: u32, prot: u32, flags: u32, fd: i32, offset: i64): u32 {
  callEnter();
  let r: u32;
  do r = sysMmap(addr, len, prot, flags, fd, offset);
  while (again(<i32>r));
  return leave(r);
}

export function sys_munmap(addr: u32, len: u32): i32 {
  callEnter();
  let r: i32;
  do r = mem.sysMunmap(addr, len);
  while (again(<i32>r));
  return leave(r);
}

export function sys_mprotect(addr: u32, len: u32, prot: u32): i32 {
  callEnter();
  let r: i32;
  do r = mem.sysMprotect(addr, len, prot);
  while (again(<i32>r));
  return leave(r);
}

export function sys_mcache(addr: u32, len: u32, mode: u32): i32 {
  callEnter();
  let r: i32;
  do r = types.sysMcache(addr, len, mode);
  while (again(<i32>r));
  return leave(r);
}

export function sys_mmap_sg(segments: u32, count: u32, flags: u32): u32 {
  callEnter();
  let r: u32;
  do r = types.sysMmapSg(segments, count, flags);
  while (again(<i32>r));
  return leave(r);
}

export function sys_mrevoke(addr: u32, flags: u32): i32 {
  callEnter();
  let r: i32;
  do r = types.sysMrevoke(addr, flags);
  while (again(<i32>r));
  return leave(r);
}

export function sys_mdirty(addr: u32, len: u32, vec: u32, clear: u32): i32 {
  callEnter();
  let r: i32;
  do r = types.sysMdirty(addr, len, vec, clear);
  while (again(<i32>r));
  return leave(r);
}

export function sys_mmcheck(): i32 {
  callEnter();
  let r: i32;
  do r = types.sysMmcheck();
  while (again(<i32>r));
  return leave(r);
}

export function sys_setlimit(which: u32, value: i32): i32 {
  callEnter();
  return leave(sysSetlimit(which, value));
}

export function sys_mmap_device(phys: u64, size: u64, flags: u32): u32 {
  callEnter();
  let r: u32;
  do r = mem.sysMmapDevice(phys, size, flags);
  while (again(<i32>r));
  return leave(r);
}

export function sys_mflush(addr: u32, rowBytes: u32, rows: u32, strideBytes: u32): i32 {
  callEnter();
  return leave(mem.sysMflush(addr, rowBytes, rows, strideBytes));
}

export function sys_irq_bind(fd: i32, irq: u32): i32 {
  callEnter();
  return leave(ipc.sysIrqBind(fd, irq));
}

export function sys_sfence(): i32 {
  callEnter();
  let r: i32;
  do r = mem.sysSfence();
  while (again(<i32>r));
  return leave(r);
}

export function sys_madvise(addr: u32, len: u32, advice: u32): i32 {
  callEnter();
  let r: i32;
  do r = mem.sysMadvise(addr, len, advice);
  while (again(<i32>r));
  return leave(r);
}

export function sys_mincore(addr: u32, len: u32, vec: u32): i32 {
  callEnter();
  let r: i32;
  do r = mem.sysMincore(addr, len, vec);
  while (again(<i32>r));
  return leave(r);
}

export function sys_pagequery(pid: i32, addr: u32, info: u32): i32 {
  callEnter();
  let r: i32;
  do r = mem.sysPagequery(pid, addr, info);
  while (again(<i32>r));
  return leave(r);
}

export function sys_clock(id: i32): i64 {
  callEnter();
  let r: i64;
  do r = system.sysClock(id);
  while (again(<i32>r));
  return leave(r);
}

export function sys_random(buffer: u32, n: u32): i32 {
  callEnter();
  let r: i32;
  do r = system.sysRandom(buffer, n);
  while (again(<i32>r));
  return leave(r);
}

export function sys_console_take(buffer: u32, n: u32): i32 {
  callEnter();
  let r: i32;
  do r = system.sysConsoleTake(buffer, n);
  while (again(<i32>r));
  return leave(r);
}

export function sys_console_release(): i32 {
  callEnter();
  let r: i32;
  do r = system.sysConsoleRelease();
  while (again(<i32>r));
  return leave(r);
}

export function sys_console_show(columns: u32, rows: u32): i32 {
  callEnter();
  return leave(system.sysConsoleShow(columns, rows));
}

export function sys_console_wait(info: u32, timeoutNs: i64): i32 {
  callEnter();
  return leave(system.sysConsoleWait(info, timeoutNs));
}

export function sys_console_fetch(vt: u32, position: u32, buffer: u32, n: u32): i32 {
  callEnter();
  return leave(system.sysConsoleFetch(vt, position, buffer, n));
}

export function sys_display_claim(generation: u32): i32 {
  callEnter();
  return leave(system.sysDisplayClaim(generation));
}

export function sys_irq_wait(irq: u32): i32 {
  callEnter();
  let r: i32;
  do r = system.sysIrqWait(irq);
  while (again(<i32>r));
  return leave(r);
}

export function sys_sysinfo(info: u32): i32 {
  callEnter();
  let r: i32;
  do r = system.sysSysinfo(info);
  while (again(<i32>r));
  return leave(r);
}

export function sys_shutdown(code: i32): i32 {
  callEnter();
  let r: i32;
  do r = system.sysShutdown(code);
  while (again(<i32>r));
  return leave(r);
}

export function sys_panic(): i32 {
  callEnter();
  return leave(system.sysPanic());
}

export function sys_klog(buffer: u32, n: u32): i32 {
  callEnter();
  let r: i32;
  do r = system.sysKlog(buffer, n);
  while (again(<i32>r));
  return leave(r);
}

export function sys_swapon(): i32 {
  callEnter();
  let r: i32;
  do r = swap.sysSwapon();
  while (again(<i32>r));
  return leave(r);
}

export function sys_swapoff(): i32 {
  callEnter();
  return leave(swap.sysSwapoff());
}
