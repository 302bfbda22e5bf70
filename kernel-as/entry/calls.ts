// Calls: the system calls as programs import them (module "sys", names without "sys_"). Each enters the kernel, does the call of
// sys/ under the kernel lock, and leaves. A call that failed because a page was not there, or no frame, is run again when it is: it has undone
// everything, as for a bad address. getpid, getppid and getuid read one word of this process and do not enter.
import { CpuBlock } from "../../abi/cpu";
import { Errno } from "../../abi/errno";
import { WaitFlag } from "../../abi/syscall";
import { cpuBlock } from "../arch/percpu";
import { processExit } from "../proc/end";
import { currentProcess } from "../proc/process";
import * as process from "../sys/process";
import * as system from "../sys/system";
import { again, leave } from "./again";
import { callEnter } from "./enter";

export function sys_getpid(): i32 {
  return load<i32>(cpuBlock, CpuBlock.PID);
}

export function sys_exit(code: i32): void {
  callEnter();
  processExit(code);
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
  do r = process.sysWait(pid, status, 0);
  while (again(<i32>r));
  return leave(r);
}

export function sys_waitpoll(pid: i32, status: u32): i32 {
  callEnter();
  let r: i32;
  do r = process.sysWait(pid, status, WaitFlag.POLL);
  while (again(<i32>r));
  return leave(r);
}

export function sys_waitchange(pid: i32, status: u32, flags: u32): i32 {
  callEnter();
  let r: i32;
  do r = process.sysWait(pid, status, flags);
  while (again(<i32>r));
  return leave(r);
}

export function sys_sigcatch(mask: u32): i32 {
  callEnter();
  return leave(process.sysSigcatch(mask));
}

export function sys_sigtake(): i32 {
  callEnter();
  return leave(process.sysSigtake());
}

export function sys_environ(buffer: u32, n: u32): i32 {
  callEnter();
  let r: i32;
  do r = process.sysEnviron(buffer, n);
  while (again(<i32>r));
  return leave(r);
}

export function sys_setenviron(buffer: u32, n: u32): i32 {
  callEnter();
  let r: i32;
  do r = process.sysSetenviron(buffer, n);
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

/** Not there yet: a program that asks for it is told so, and one that only might runs. */
export function sys_fork(): i32 {
  return -Errno.ENOSYS;
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
