// Consolecalls: the system calls of whoever drives the display or shows text on it; otherwise as entry/calls.ts.
import * as system from "../sys/system";
import { again, leave } from "./again";
import { callEnter } from "./enter";

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
  let r: i32;
  do r = system.sysConsoleShow(columns, rows);
  while (again(<i32>r));
  return leave(r);
}

export function sys_console_wait(info: u32, timeoutNs: i64): i32 {
  callEnter();
  let r: i32;
  do r = system.sysConsoleWait(info, timeoutNs);
  while (again(<i32>r));
  return leave(r);
}

export function sys_console_fetch(vt: u32, position: u32, buffer: u32, n: u32): i32 {
  callEnter();
  let r: i32;
  do r = system.sysConsoleFetch(vt, position, buffer, n);
  while (again(<i32>r));
  return leave(r);
}

export function sys_display_claim(generation: u32): i32 {
  callEnter();
  let r: i32;
  do r = system.sysDisplayClaim(generation);
  while (again(<i32>r));
  return leave(r);
}
