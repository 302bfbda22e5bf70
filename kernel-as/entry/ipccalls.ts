// Callsipc: the system calls about channels, grants and names: as calls.ts.
import * as ipc from "../sys/ipc";
import * as names from "../sys/names";
import { again, leave } from "./again";
import { callEnter } from "./enter";

export function sys_bind(from: u32, fromBytes: u32, to: u32, toBytes: u32, flags: u32): i32 {
  callEnter();
  let r: i32;
  do r = names.sysBind(from, fromBytes, to, toBytes, flags);
  while (again(<i32>r));
  return leave(r);
}

export function sys_newns(flags: u32): i32 {
  callEnter();
  let r: i32;
  do r = names.sysNewns(flags);
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
  let r: i32;
  do r = ipc.sysIpcGive(fd, grant);
  while (again(<i32>r));
  return leave(r);
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
  let r: i32;
  do r = ipc.sysIpcDown(fd);
  while (again(<i32>r));
  return leave(r);
}

export function sys_ipc_wait(fd: i32, want: u32, ns: i64): i32 {
  callEnter();
  let r: i32;
  do r = ipc.sysIpcWait(fd, want, ns);
  while (again(<i32>r));
  return leave(r);
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

export function sys_irq_bind(fd: i32, irq: u32): i32 {
  callEnter();
  let r: i32;
  do r = ipc.sysIrqBind(fd, irq);
  while (again(<i32>r));
  return leave(r);
}
