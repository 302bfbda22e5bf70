// Model-specific registers and CR2 of a CPU. The machine has the PAT; its registers live in the CPU's record.

import { Msr } from "../../abi/pte";
import { cpuRecordOf, cpuSlot } from "./percpu";

/** rdmsr on this CPU; 0 for a register that the machine does not have. */
export function msrRead(register: u32): u64 {
  return register == Msr.PAT ? cpuRecordOf(cpuSlot).pat : 0;
}

/** wrmsr on this CPU. */
export function msrWrite(register: u32, value: u64): void {
  if (register == Msr.PAT) cpuRecordOf(cpuSlot).pat = value;
}
