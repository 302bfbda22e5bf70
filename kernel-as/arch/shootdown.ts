// Shootdown: invalidations that one CPU makes in the TLB of another. The TLB is the interrupt line: a CPU whose entries were cleared
// enters the kernel at its next access, and that is the acknowledgement.
//
// Invariants
//   D1  ackPending is set when something was dropped under a CPU in user mode, which may still use what it looked up before.
//       Frames dropped there are quarantined (mm/batch.ts) until it is clear.
//   D2  A CPU that is not in user mode has no access in flight, unless D3: nothing waits for it.
//   D3  `carries` is set when a CPU leaves the kernel with a host address that program code will use (mmu_translate): until it enters again
//       an access through that is in flight, whatever the state says. Between letting the lock go and storing USER it says KERNEL.
//
// Race      The other CPU may be on its way from the kernel to user mode. It stores USER (sequentially consistent), then looks up; we
//           clear, then read its state with an atomic add, which is a fence. Either we read USER and quarantine, or its lookups come after our clearing.

import { CpuBlock, CpuState } from "../../abi/cpu";
import { Counter, counterAdd } from "./counters";
import { CpuRecord, cpuRecord, cpuRecordOf, cpuSlot } from "./percpu";
import { Side, tlbDrop, tlbDropSide, tlbFlush } from "./tlb";

/** Pages that a TLB has entries for. */
const TLB_PAGES: u32 = 0x100000;

/** Drops [vpn, vpn + pages) on the CPU in `slot`. True: an access there may still be in flight. */
export function shootdown(slot: u32, vpn: u32, pages: u32): bool {
  const record = cpuRecordOf(slot);
  if (slot == cpuSlot) {
    tlbDrop(record.block, record, vpn, pages, true);
    return false;
  }
  tlbDrop(record.block, record, vpn, pages, false);
  return shootdownSettle(slot);
}

/** Drops every write translation on the CPU in `slot`, the write window too. True as for shootdown. */
export function shootdownWrites(slot: u32): bool {
  const record = cpuRecordOf(slot);
  const own = slot == cpuSlot;
  tlbDropSide(record.block, record, 0, TLB_PAGES, Side.WRITE, own);
  return !own && shootdownSettle(slot);
}

/** Clears the whole TLB and the windows of the CPU in `slot`: its next access enters the kernel. True as for shootdown. */
export function cpuInterrupt(slot: u32): bool {
  const record = cpuRecordOf(slot);
  if (record.block == 0) return false;
  tlbFlush(record.block, record);
  return slot != cpuSlot && shootdownSettle(slot);
}

/** This CPU is about to leave the kernel with a host address for its program. Lock: held, or this CPU reads. */
// @ts-ignore: decorator
@inline
export function cpuCarry(): void {
  changetype<CpuRecord>(cpuRecord).carries = 1;
}

/** True if this CPU, on its way in, has something to acknowledge (D1) or to put down (D3). */
// @ts-ignore: decorator
@inline
export function cpuMustAck(): bool {
  return load<u64>(cpuRecord + offsetof<CpuRecord>("ackPending")) != 0;
}

/** After translations of the CPU in `slot`, another one, were dropped: true if an access there may still be in flight. It will acknowledge. */
export function shootdownSettle(slot: u32): bool {
  counterAdd(Counter.SHOOTDOWNS, 1);
  const record = cpuRecordOf(slot);
  // Adding 0 reads the state and is a full fence after the clearing.
  const state = atomic.add<u32>(record.block + CpuBlock.STATE, 0);
  if (state != CpuState.USER && state != CpuState.DOOMED && record.carries == 0) return false;
  record.ackPending = 1;
  return true;
}
