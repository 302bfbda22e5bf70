// Quick: the short way into the kernel and back for an access that missed the TLB: as a CPU that reads (arch/lock.ts), without the lock.
// entry/fault.ts tries it first, and does everything else.
//
// Invariants
//   Q1  From quickEnter to quickLeave the state is KERNEL, as on the long way (entry/enter.ts E1): nobody terminates the Worker.
//   Q2  What the lock's holder wants of this CPU on its way in or out is wanted on the long way: a signal, a stop, an acknowledgement.
//
// Race      Another CPU kills this process, or takes a page from it, while it is here. It must take the lock, so it comes before this
//           CPU reads or after. Before: `signal`, `stop` or ackPending is seen here, and the long way deals with it. After: this CPU has filled
//           its TLB and left, the other clears that TLB. If it then reads the state KERNEL, this CPU has not stored USER yet, so its
//           next lookup comes after the clearing and enters the kernel; if it reads USER it waits for the acknowledgement.
// Race      The Worker is to be terminated: only USER becomes DOOMED, in one atomic step. Either that comes first, and the Worker parks at
//           the door (E2), or it finds KERNEL and comes again later.
// Race      A host address that the program itself is going to use leaves the kernel between the two stores of quickLeave, when nobody
//           can tell: `carries` says so beforehand (arch/shootdown.ts D3).

import { CpuBlock, CpuState } from "../../abi/cpu";
import { Access } from "../../abi/mmu";
import { MemType } from "../../abi/pte";
import { readerAdmit, readerEnter, readerLeave } from "../arch/lock";
import { patIndex4K, patType } from "../arch/pat";
import { CpuRecord, cpuBlock, cpuProcess, cpuRecord, cpuSpace } from "../arch/percpu";
import { pteFrame } from "../arch/pte";
import { Side, tlbFill } from "../arch/tlb";
import { leaseAhead } from "../mm/lease";
import { quickWalk } from "../mm/quick";
import { RUN_SLOTS_AT, Space } from "../mm/space";
import { ptLeafAt } from "../mm/table";
import { MmVar, mmVar } from "../mm/vars";
import { Process } from "../proc/process";
import { kernelEnterLocked, kernelEnterState } from "./enter";

/**
 * Enters the kernel for an access to the page of va. The host address of va, with its translation filled: the CPU reads, quickLeave is
 * the way back. 0: the CPU holds the lock as after kernelEnter.
 */
export function quickEnter(va: u32, access: Access): usize {
  kernelEnterState();
  if (readerEnter()) {
    const host = quickHost(va, access);
    if (host != 0) return host;
    readerLeave();
  }
  kernelEnterLocked();
  return 0;
}

/** Back to program code. */
export function quickLeave(): void {
  readerLeave();
  atomic.store<u32>(cpuBlock + CpuBlock.STATE, CpuState.USER);
}

/** The long way made an access to va work. If that is memory, this CPU may read from now on, and has frames for what comes next. Lock: held. */
export function quickPrepare(va: u32): void {
  const at = ptLeafAt(changetype<Space>(cpuSpace), va >> 12);
  if (at == 0 || pteFrame(load<u64>(at)) >= mmVar(MmVar.FRAMES)) return;
  readerAdmit();
  leaseAhead(cpuSpace + RUN_SLOTS_AT, va >> 12);
}

function quickHost(va: u32, access: Access): usize {
  const record = changetype<CpuRecord>(cpuRecord);
  const process = changetype<Process>(cpuProcess);
  if ((record.ackPending | process.signal | process.stop) != 0) return 0;
  const leaf = quickWalk(changetype<Space>(cpuSpace), va, access);
  if (leaf == 0 || pteFrame(leaf) >= mmVar(MmVar.FRAMES)) return 0;
  if (patType(record.pat, patIndex4K(leaf)) != MemType.WB) return 0;
  const page = (<usize>pteFrame(leaf)) << 12;
  tlbFill(cpuBlock, record, va, page, access == Access.WRITE ? Side.WRITE : Side.READ);
  return page + (va & 4095);
}
