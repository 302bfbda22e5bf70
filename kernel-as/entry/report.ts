// Report: what the log says about a process whose own code ended it.
//
//   fault: pid 7 nulls: write at 0x00000004, error 0x6 (not present, write, user), entry none, pte 0x0
//     wasm-function[12]:0x1f4
import { Access, Trap } from "../../abi/mmu";
import { FaultBit } from "../../abi/pte";
import { Prot } from "../../abi/syscall";
import { kprint, kprintBytes, kprintDec, kprintHex } from "../lib/klog";
import { ENTRY_GONE, ENTRY_LOST, ENTRY_NO_MEMORY } from "../proc/end";
import { End, HandlerState, Process, processName, processNameBytes } from "../proc/process";

/** Logs one report if the process ended by a fault or a trap; else nothing. The stack is the engine's call stack, a frame a line. */
export function reportDeath(process: Process, stack: usize, stackBytes: u32): void {
  if (process.end == End.FAULT) {
    reportName("fault", process);
    kprint(process.faultAccess == Access.WRITE ? "write at " : "read at ");
    kprintHex(process.faultVa, 8);
    reportError(process.faultBits);
    reportEntry(process);
    kprint(", pte ");
    kprintHex(process.faultPte, 1);
    if ((process.entryProt & ENTRY_GONE) != 0)
      kprint(", device gone: its owner has ended or taken it back");
    if ((process.entryProt & ENTRY_NO_MEMORY) != 0) kprint(", out of memory and swap");
    if ((process.entryProt & ENTRY_LOST) != 0)
      kprint(", its page could not be read back from swap");
    if (process.handler == HandlerState.RUNNING) kprint(", in its fault handler");
    kprint("\n");
  } else if (process.end == End.TRAP) {
    reportName("trap", process);
    kprint(trapName(process.trap));
    kprint("\n");
  } else {
    return;
  }
  reportStack(stack, stackBytes);
}

function reportName(what: string, process: Process): void {
  kprint(what);
  kprint(": pid ");
  kprintDec(process.pid);
  kprint(" ");
  kprintBytes(processName(process), processNameBytes(process));
  kprint(": ");
}

function reportError(bits: u32): void {
  kprint(", error ");
  kprintHex(bits, 1);
  kprint((bits & FaultBit.P) != 0 ? " (protection" : " (not present");
  kprint((bits & FaultBit.W) != 0 ? ", write" : ", read");
  if ((bits & FaultBit.U) != 0) kprint(", user");
  if ((bits & FaultBit.RSVD) != 0) kprint(", reserved bit");
  kprint(")");
}

function reportEntry(process: Process): void {
  kprint(", entry ");
  if (process.entryEnd == 0) {
    kprint("none");
    return;
  }
  kprintHex(process.entryStart, 8);
  kprint("-");
  kprintHex(process.entryEnd, 8);
  kprint((process.entryProt & Prot.READ) != 0 ? " r" : " -");
  kprint((process.entryProt & Prot.WRITE) != 0 ? "w" : "-");
  kprint((process.entryProt & Prot.EXEC) != 0 ? "x" : "-");
}

function reportStack(stack: usize, n: u32): void {
  let start: u32 = 0;
  for (let at: u32 = 0; at <= n; at++) {
    if (at < n && load<u8>(stack + at) != 10) continue;
    if (at > start) {
      kprint("  ");
      kprintBytes(stack + start, at - start);
      kprint("\n");
    }
    start = at + 1;
  }
}

function trapName(kind: u32): string {
  switch (kind) {
    case Trap.UNREACHABLE:
      return "unreachable executed";
    case Trap.OFFSET_OVERFLOW:
      return "address past 4 GiB";
    case Trap.UNALIGNED_ATOMIC:
      return "unaligned atomic access";
    case Trap.SEGMENT_BOUNDS:
      return "data segment out of bounds";
    case Trap.DIVIDE_BY_ZERO:
      return "integer divide by zero";
    case Trap.INTEGER_OVERFLOW:
      return "integer overflow";
    case Trap.INVALID_CONVERSION:
      return "invalid conversion to integer";
    case Trap.INDIRECT_CALL:
      return "bad indirect call";
    case Trap.TABLE_BOUNDS:
      return "table out of bounds";
    case Trap.STACK_EXHAUSTED:
      return "call stack exhausted";
    case Trap.UNCAUGHT_EXCEPTION:
      return "uncaught exception";
    case Trap.MEMORY_BOUNDS:
      return "memory access out of bounds";
    default:
      return "trap";
  }
}
