// Memcalls: the system calls about memory, as programs import them; otherwise as entry/calls.ts.
import { sysSetlimit } from "../sys/limit";
import * as mem from "../sys/memory";
import * as types from "../sys/memtype";
import { sysMmap } from "../sys/mmap";
import * as swap from "../sys/swap";
import { again, leave } from "./again";
import { callEnter } from "./enter";

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
  let r: i32;
  do r = sysSetlimit(which, value);
  while (again(<i32>r));
  return leave(r);
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
  let r: i32;
  do r = mem.sysMflush(addr, rowBytes, rows, strideBytes);
  while (again(<i32>r));
  return leave(r);
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
