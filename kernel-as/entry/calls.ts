// Calls: the system calls as programs import them (module "sys", names without "sys_"). Each enters the kernel, does the call of
// sys/ under the kernel lock, and leaves. getpid, getppid and getuid read one word of this process and do not enter.
import { CpuBlock } from "../../abi/cpu";
import { cpuBlock } from "../arch/percpu";
import { processExit } from "../proc/end";
import { currentProcess } from "../proc/process";
import * as file from "../sys/file";
import * as ipc from "../sys/ipc";
import { sysSetlimit } from "../sys/limit";
import * as mem from "../sys/memory";
import * as types from "../sys/memtype";
import { sysMmap } from "../sys/mmap";
import * as names from "../sys/names";
import * as process from "../sys/process";
import * as system from "../sys/system";
import { callEnter, kernelLeave } from "./enter";

function leave<T>(result: T): T {
  kernelLeave();
  return result;
}

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
  return leave(process.sysSetuid(uid));
}

export function sys_yield(): i32 {
  callEnter();
  return leave(process.sysYield());
}

export function sys_kill(pid: i32, signal: i32): i32 {
  callEnter();
  return leave(process.sysKill(pid, signal));
}

export function sys_wait(pid: i32, status: u32): i32 {
  callEnter();
  return leave(process.sysWait(pid, status, false));
}

export function sys_waitpoll(pid: i32, status: u32): i32 {
  callEnter();
  return leave(process.sysWait(pid, status, true));
}

export function sys_nanosleep(ns: i64): i32 {
  callEnter();
  return leave(process.sysNanosleep(ns));
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
  return leave(process.sysSpawn(path, pathBytes, argv, argvBytes, fdmap, n));
}

export function sys_args(buffer: u32, n: u32): i32 {
  callEnter();
  return leave(process.sysArgs(buffer, n));
}

export function sys_setgroup(pid: i32, group: i32): i32 {
  callEnter();
  return leave(process.sysSetgroup(pid, group));
}

export function sys_open(path: u32, pathBytes: u32, flags: u32): i32 {
  callEnter();
  return leave(file.sysOpen(path, pathBytes, flags));
}

export function sys_create(path: u32, pathBytes: u32, flags: u32): i32 {
  callEnter();
  return leave(file.sysCreate(path, pathBytes, flags));
}

export function sys_close(fd: i32): i32 {
  callEnter();
  return leave(file.sysClose(fd));
}

export function sys_read(fd: i32, buffer: u32, n: u32): i32 {
  callEnter();
  return leave(file.sysRead(fd, buffer, n));
}

export function sys_write(fd: i32, buffer: u32, n: u32): i32 {
  callEnter();
  return leave(file.sysWrite(fd, buffer, n));
}

export function sys_pread(fd: i32, buffer: u32, n: u32, offset: i64): i32 {
  callEnter();
  return leave(file.sysPread(fd, buffer, n, offset));
}

export function sys_pwrite(fd: i32, buffer: u32, n: u32, offset: i64): i32 {
  callEnter();
  return leave(file.sysPwrite(fd, buffer, n, offset));
}

export function sys_seek(fd: i32, offset: i64, whence: i32): i64 {
  callEnter();
  return leave(file.sysSeek(fd, offset, whence));
}

export function sys_stat(path: u32, pathBytes: u32, st: u32): i32 {
  callEnter();
  return leave(file.sysStat(path, pathBytes, st));
}

export function sys_fstat(fd: i32, st: u32): i32 {
  callEnter();
  return leave(file.sysFstat(fd, st));
}

export function sys_readdir(fd: i32, buffer: u32, n: u32): i32 {
  callEnter();
  return leave(file.sysReaddir(fd, buffer, n));
}

export function sys_ctl(fd: i32, buffer: u32, n: u32): i32 {
  callEnter();
  return leave(file.sysCtl(fd, buffer, n));
}

export function sys_truncate(fd: i32, size: i64): i32 {
  callEnter();
  return leave(file.sysTruncate(fd, size));
}

export function sys_wstat(fd: i32, st: u32): i32 {
  callEnter();
  return leave(file.sysWstat(fd, st));
}

export function sys_remove(path: u32, pathBytes: u32): i32 {
  callEnter();
  return leave(file.sysRemove(path, pathBytes));
}

export function sys_rename(from: u32, fromBytes: u32, to: u32, toBytes: u32): i32 {
  callEnter();
  return leave(file.sysRename(from, fromBytes, to, toBytes));
}

export function sys_dup(fd: i32): i32 {
  callEnter();
  return leave(file.sysDup(fd));
}

export function sys_dup2(from: i32, to: i32): i32 {
  callEnter();
  return leave(file.sysDup2(from, to));
}

export function sys_pipe(fds: u32): i32 {
  callEnter();
  return leave(file.sysPipe(fds));
}

export function sys_chdir(path: u32, pathBytes: u32): i32 {
  callEnter();
  return leave(file.sysChdir(path, pathBytes));
}

export function sys_getcwd(buffer: u32, n: u32): i32 {
  callEnter();
  return leave(file.sysGetcwd(buffer, n));
}

export function sys_mount(fd: i32, path: u32, pathBytes: u32, flags: u32): i32 {
  callEnter();
  return leave(names.sysMount(fd, path, pathBytes, flags));
}

export function sys_unmount(path: u32, pathBytes: u32): i32 {
  callEnter();
  return leave(names.sysUnmount(path, pathBytes));
}

export function sys_ipc_pair(fds: u32): i32 {
  callEnter();
  return leave(ipc.sysIpcPair(fds));
}

export function sys_ipc_recv(fd: i32, message: u32): i32 {
  callEnter();
  return leave(ipc.sysIpcRecv(fd, message));
}

export function sys_ipc_reply(fd: i32, message: u32): i32 {
  callEnter();
  return leave(ipc.sysIpcReply(fd, message));
}

export function sys_ipc_take(fd: i32): i32 {
  callEnter();
  return leave(ipc.sysIpcTake(fd));
}

export function sys_ipc_give(fd: i32, grant: i32): i32 {
  callEnter();
  return leave(ipc.sysIpcGive(fd, grant));
}

export function sys_ipc_client(fd: i32, info: u32): i32 {
  callEnter();
  return leave(ipc.sysIpcClient(fd, info));
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
  return leave(ipc.sysGrant(addr, len, rights));
}

export function sys_ctl_grant(fd: i32, buffer: u32, n: u32, handle: u32): i32 {
  callEnter();
  return leave(ipc.sysCtlGrant(fd, buffer, n, handle));
}

export function sys_brk(addr: u32): u32 {
  callEnter();
  return leave(mem.sysBrk(addr));
}

export function sys_mmap(addr: u32, len: u32, prot: u32, flags: u32, fd: i32, offset: i64): u32 {
  callEnter();
  return leave(sysMmap(addr, len, prot, flags, fd, offset));
}

export function sys_munmap(addr: u32, len: u32): i32 {
  callEnter();
  return leave(mem.sysMunmap(addr, len));
}

export function sys_mprotect(addr: u32, len: u32, prot: u32): i32 {
  callEnter();
  return leave(mem.sysMprotect(addr, len, prot));
}

export function sys_mcache(addr: u32, len: u32, mode: u32): i32 {
  callEnter();
  return leave(types.sysMcache(addr, len, mode));
}

export function sys_mmap_sg(segments: u32, count: u32, flags: u32): u32 {
  callEnter();
  return leave(types.sysMmapSg(segments, count, flags));
}

export function sys_mrevoke(addr: u32, flags: u32): i32 {
  callEnter();
  return leave(types.sysMrevoke(addr, flags));
}

export function sys_mdirty(addr: u32, len: u32, vec: u32, clear: u32): i32 {
  callEnter();
  return leave(types.sysMdirty(addr, len, vec, clear));
}

export function sys_mmcheck(): i32 {
  callEnter();
  return leave(types.sysMmcheck());
}

export function sys_setlimit(which: u32, value: i32): i32 {
  callEnter();
  return leave(sysSetlimit(which, value));
}

export function sys_mmap_device(phys: u64, size: u64, flags: u32): u32 {
  callEnter();
  return leave(mem.sysMmapDevice(phys, size, flags));
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
  return leave(mem.sysSfence());
}

export function sys_madvise(addr: u32, len: u32, advice: u32): i32 {
  callEnter();
  return leave(mem.sysMadvise(addr, len, advice));
}

export function sys_mincore(addr: u32, len: u32, vec: u32): i32 {
  callEnter();
  return leave(mem.sysMincore(addr, len, vec));
}

export function sys_pagequery(pid: i32, addr: u32, info: u32): i32 {
  callEnter();
  return leave(mem.sysPagequery(pid, addr, info));
}

export function sys_clock(id: i32): i64 {
  callEnter();
  return leave(system.sysClock(id));
}

export function sys_random(buffer: u32, n: u32): i32 {
  callEnter();
  return leave(system.sysRandom(buffer, n));
}

export function sys_console_take(buffer: u32, n: u32): i32 {
  callEnter();
  return leave(system.sysConsoleTake(buffer, n));
}

export function sys_console_release(): i32 {
  callEnter();
  return leave(system.sysConsoleRelease());
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
  return leave(system.sysIrqWait(irq));
}

export function sys_sysinfo(info: u32): i32 {
  callEnter();
  return leave(system.sysSysinfo(info));
}

export function sys_shutdown(code: i32): i32 {
  callEnter();
  return leave(system.sysShutdown(code));
}

export function sys_panic(): i32 {
  callEnter();
  return leave(system.sysPanic());
}

export function sys_klog(buffer: u32, n: u32): i32 {
  callEnter();
  return leave(system.sysKlog(buffer, n));
}
