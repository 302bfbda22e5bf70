// Uncached: accesses that the kernel does for the program, each with its width: registers on the bus, the memory of VRAM, write-through
// stores; and what a leaf says about that.
//
// Invariants
//   U3  An uncached store first drains this CPU's write combining, and waits until the display has it.
//
// Locks     kernel lock; drainWaits drops it. So a store waits before it begins, and its pages are looked up again afterwards: they may have
//           been taken back, or away.

import { MemType } from "../../abi/pte";
import { Counter, counterAdd } from "../arch/counters";
import { loadHost, storeHost } from "../arch/host";
import { busRead, busWrite } from "../arch/io";
import { kernelLock, kernelUnlock } from "../arch/lock";
import { patIndex4K, patType } from "../arch/pat";
import { CpuRecord, cpuRecord, cpuSlot, cpuSpace } from "../arch/percpu";
import { pteFrame } from "../arch/pte";
import { deviceHost, isVram, vramFrame } from "../mm/resource";
import { Space } from "../mm/space";
import { MmVar, mmVar } from "../mm/vars";
import { wcDrain, wcPending, wcPost, wcPostStore, wcWait, wcWake } from "../mm/wc";

/** The memory type of an effective leaf, as this CPU's PAT has it. */
// @ts-ignore: decorator
@inline
export function typeOf(leaf: u64): MemType {
  return patType(changetype<CpuRecord>(cpuRecord).pat, patIndex4K(leaf));
}

/** True if loads through this leaf may be the program's own. */
// @ts-ignore: decorator
@inline
export function isCached(leaf: u64): bool {
  const type = typeOf(leaf);
  return type != MemType.UC && type != MemType.UC_MINUS && type != MemType.WP;
}

/** Host address of va by its leaf; 0: registers, which only the bus reaches. */
// @ts-ignore: decorator
@inline
export function hostOf(leaf: u64, va: u32): usize {
  const pfn = pteFrame(leaf);
  if (pfn < mmVar(MmVar.FRAMES)) return (<usize>pfn << 12) + (va & 4095);
  const page = deviceHost(pfn);
  return page == 0 ? 0 : page + (va & 4095);
}

/** An uncached load inside one page: VRAM and other device memory directly, registers on the bus, misaligned ones byte by byte. */
export function loadDevice(leaf: u64, va: u32, size: u32): u64 {
  counterAdd(Counter.UC_READS, 1);
  changetype<Space>(cpuSpace).ucReads++;
  const host = hostOf(leaf, va);
  if (host != 0) {
    if (pteFrame(leaf) >= mmVar(MmVar.FRAMES)) counterAdd(Counter.BUS_READS, 1);
    return loadHost(host, size);
  }
  const pa = (pteFrame(leaf) << 12) | (va & 4095);
  if (size <= 4 && (pa & (size - 1)) == 0) return busRead(pa, size);
  let value: u64 = 0;
  const step: u32 = (pa & 3) == 0 && size == 8 ? 4 : 1;
  for (let i: u32 = 0; i < size; i += step) value |= <u64>busRead(pa + i, step) << <u64>(i << 3);
  return value;
}

/** True if a store through this leaf is the kernel's to do: uncached, write-through, or registers. */
// @ts-ignore: decorator
@inline
export function storesToBus(leaf: u64): bool {
  return !isCached(leaf) || typeOf(leaf) == MemType.WT || hostOf(leaf, 0) == 0;
}

/** U3, before a store to the bus. True: the lock was dropped meanwhile, and leaves that were looked up before are not to be used. */
export function drainWaits(): bool {
  const head = wcDrain(cpuSlot);
  if (!wcPending(head)) return false;
  kernelUnlock();
  wcWait(head);
  kernelLock();
  return true;
}

/** An uncached (or write-through) store inside one page, after drainWaits. */
export function storeDevice(leaf: u64, va: u32, size: u32, value: u64): void {
  counterAdd(Counter.UC_WRITES, 1);
  changetype<Space>(cpuSpace).ucWrites++;
  const host = hostOf(leaf, va);
  if (host != 0) {
    storeHost(host, size, value);
    if (pteFrame(leaf) >= mmVar(MmVar.FRAMES)) counterAdd(Counter.BUS_WRITES, 1);
    if (isVram(pteFrame(leaf))) wcPostStore(vramOffset(leaf, va), size);
    return;
  }
  const pa = (pteFrame(leaf) << 12) | (va & 4095);
  if (size <= 4 && (pa & (size - 1)) == 0) {
    busWrite(pa, size, <u32>value);
    return;
  }
  const step: u32 = (pa & 3) == 0 && size == 8 ? 4 : 1;
  for (let i: u32 = 0; i < size; i += step) busWrite(pa + i, step, <u32>(value >> <u64>(i << 3)) & (step == 4 ? 0xffffffff : 0xff));
}

/** A write-combined store that the WC set cannot remember: a burst of its own width. */
export function burst(leaf: u64, va: u32, size: u32): void {
  wcPost(changetype<Space>(cpuSpace), vramOffset(leaf, va), size);
  wcWake();
}

function vramOffset(leaf: u64, va: u32): u32 {
  return (vramFrame(pteFrame(leaf)) << 12) | (va & 4095);
}
