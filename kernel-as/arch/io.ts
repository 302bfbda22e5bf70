// What the kernel imports from the machine (abi/machine.ts), and the bus as the rest of the kernel uses it.
//
// Physical addresses below the end of RAM are dereferenced directly and never come here.

import { MachineRequest } from "../../abi/machine";
import { Counter, counterAdd } from "./counters";

// @ts-ignore: decorator
@external("machine", "busRead")
declare function machineBusRead(pa: u32, width: i32): u32;
// @ts-ignore: decorator
@external("machine", "busWrite")
declare function machineBusWrite(pa: u32, width: i32, value: u32): void;
// @ts-ignore: decorator
@external("machine", "now")
declare function machineNow(): f64;
// @ts-ignore: decorator
@external("machine", "random")
declare function machineRandom(): u32;
// @ts-ignore: decorator
@external("machine", "stackProbe")
declare function machineStackProbe(): void;
// @ts-ignore: decorator
@external("machine", "request")
declare function machineRequest(kind: i32, a: u32, b: u32): void;
// @ts-ignore: decorator
@external("machine", "userFault")
declare function machineUserFault(va: u32, access: u32, bits: u32): i32;
// @ts-ignore: decorator
@external("machine", "abort")
declare function machineAbort(line: i32): void;

/** One device read of 1, 2 or 4 bytes, zero-extended. An address that no device claims reads as all ones. */
export function busRead(pa: u32, width: i32): u32 {
  counterAdd(Counter.BUS_READS, 1);
  return machineBusRead(pa, width);
}

/** One device write of 1, 2 or 4 bytes. */
export function busWrite(pa: u32, width: i32, value: u32): void {
  counterAdd(Counter.BUS_WRITES, 1);
  machineBusWrite(pa, width, value);
}

/** Monotonic nanoseconds since power on. */
export function nowNs(): u64 {
  return <u64>machineNow();
}

export function random32(): u32 {
  return machineRandom();
}

/** Traps now, before anything has changed, when too little engine stack is left for a kernel entry. */
// @ts-ignore: decorator
@inline
export function stackProbe(): void {
  machineStackProbe();
}

/** Calls the program's fault handler, in program state and without a lock; what it answered. */
export function userFault(va: u32, access: u32, bits: u32): i32 {
  return machineUserFault(va, access, bits);
}

/** Posts a request to the host's main thread. Returns at once. */
export function request(kind: MachineRequest, a: u32, b: u32): void {
  machineRequest(kind, a, b);
}

/** Never returns. */
export function abort(line: i32): void {
  machineAbort(line);
  unreachable();
}
