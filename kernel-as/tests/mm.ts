// The kernel module that the unit tests of memory management run: the real mm, arch, entry/fault and sys/memory, with one process, and
// small exports that let a test play the other parts. Built by tests/harness.ts.

import { CpuBlock, CpuState } from "../../abi/cpu";
import { MemType } from "../../abi/pte";
import { Counter, counterGet } from "../arch/counters";
import { kernelLock, kernelUnlock } from "../arch/lock";
import { walk } from "../arch/paging";
import {
  Leaf,
  patBitsOfIndex,
  patIndex2M,
  patIndex4K,
  patMerge,
  patSplit,
  patType,
} from "../arch/pat";
import {
  CpuRecord,
  cpuBlock,
  cpuProcess,
  cpuRecord,
  cpuRecordOf,
  cpuSetProcess,
  cpuSlot,
  percpuAttach,
} from "../arch/percpu";
import { PTE_A, PTE_P, pteFrame } from "../arch/pte";
import { shootdown } from "../arch/shootdown";
import { textBegin, textEnd } from "../lib/text";
import { batchChange, quarantineRelease, shootdownAck } from "../mm/batch";
import { bootAlloc, mmBoot, mmBootEarly } from "../mm/boot";
import { listFirst } from "../mm/cachelist";
import { entryAt, mapFind } from "../mm/entry";
import { evict, evictAllows } from "../mm/evict";
import { mapObject, objectGetAt, objectGetOffset } from "../mm/grant";
import { imageTableAlloc } from "../mm/imagetable";
import { mapProtect, mapRemove, mapZap } from "../mm/map";
import { memtypeFree, memtypeReserve } from "../mm/memtype";
import { objectPut } from "../mm/object";
import { PageIo, pageOf } from "../mm/page";
import { grantPut, pmmAlloc } from "../mm/pmm";
import { reclaimCancel } from "../mm/reclaim";
import { resourceAdd } from "../mm/resource";
import {
  Space,
  spaceActivate,
  spaceBrk,
  spaceCreate,
  spaceDeactivate,
  spaceDestroy,
  spaceSetImage,
  spaceSetOwner,
} from "../mm/space";
import { swapFlush, swapPoll } from "../mm/swap";
import { swapFree } from "../mm/swapcache";
import { ptLeafAt } from "../mm/table";
import { spaceTablesText } from "../mm/tabletext";
import { copyCross, copyIn, copyOut, copyString } from "../mm/usercopy";
import { MmVar, mmVar, mmVarSet } from "../mm/vars";
import { wantClear } from "../mm/want";
import { workingSetOf } from "../mm/workingset";
import {
  End,
  PROCESS_TABLE_BYTES,
  Process,
  ProcessState,
  processCreate,
  processInit,
} from "../proc/process";
import { processWake } from "../proc/sleep";
import { thrashPause } from "../proc/thrash";

export { cpuInterrupt } from "../arch/shootdown";
export * from "../entry/fault";
export * from "../entry/grow";
export { userHandler } from "../entry/handler";
export { mmCheck } from "../mm/check";
export { clockStep } from "../mm/clock";
export {
  spaceClone,
  spaceClonePerPage,
  spaceFreeze,
  spaceIsSettled,
  spaceReplace,
} from "../mm/clone";
export { dirtyClear } from "../mm/dirty";
export { directType, frameType, frameTypedCount } from "../mm/frametype";
export { userNotify, userWaitCancel } from "../mm/futex";
export { memtypeCount, memtypeOf } from "../mm/memtype";
export { objectCount } from "../mm/object";
export {
  pmmAlloc,
  pmmAllocAt,
  pmmAllocContiguous,
  pmmFree,
  pmmFreeContiguous,
  pmmFreeFrames,
  pmmObjectFrames,
  pmmReservedFrames,
  pmmSetJunk,
  pmmTableFrames,
  pmmTotalFrames,
  pmmWiredFrames,
} from "../mm/pmm";
export { reclaim } from "../mm/reclaim";
export { revokeGrantsOf } from "../mm/revoke";
export { rmapCount } from "../mm/rmap";
export {
  sglistAppend,
  sglistCount,
  sglistCreate,
  sglistFree,
  sglistHold,
  sglistJoin,
  sglistLength,
  sglistSlice,
  sglistSplit,
} from "../mm/sglist";
export { slotCount, slotFrame, slotRefs, slotUsed } from "../mm/slot";
export { swapFlush, swapPoll } from "../mm/swap";
export { swapEnter, swapLeave, swapLeaveBegin, swapLeaveStop } from "../mm/swapspace";
export { copyNear, copyReady } from "../mm/usercopy";
export { wcDrain, wcDrainForRetype } from "../mm/wc";
export { frameIsPinned, wireFrame, wirePin, wireUnpin } from "../mm/wire";
export { pageWait, pageWaitEnd } from "../proc/pagewait";
export * from "../sys/memory";
export { prefault } from "../sys/memory";
export * from "../sys/memtype";
export { sysSwapoff } from "../sys/swap";
export * from "./readers";
export {
  copyCross,
  copyIn,
  copyOut,
  copyString,
  mapObject,
  memtypeFree,
  memtypeReserve,
  objectGetAt,
  objectGetOffset,
  objectPut,
  patBitsOfIndex,
  patIndex2M,
  patIndex4K,
  patMerge,
  patSplit,
  patType,
  spaceBrk,
  spaceDeactivate,
  spaceDestroy,
};

export function testAttach(slot: u32, blocks: usize): void {
  percpuAttach(slot, blocks);
}

export function testBoot(): void {
  mmBootEarly();
  processInit(bootAlloc(PROCESS_TABLE_BYTES));
  mmBoot();
}

export function testResource(base: u32, bytes: u32, cacheable: bool): bool {
  return resourceAdd(base, bytes, cacheable, true, "test");
}

/** A process with a space of its own; its address. */
export function testProcess(pid: u32): Process | null {
  const process = processCreate();
  if (process == null) return null;
  const space = spaceCreate();
  process.space = space;
  if (space == null) return process;
  spaceSetOwner(space, pid, <usize>0x3000, 4);
  return process;
}

export function testSpace(process: Process): Space | null {
  return process.space;
}

export function testSetUid(process: Process, uid: u32): void {
  process.uid = uid;
}

/** This CPU runs the process, in user mode. */
export function testRun(process: Process): void {
  cpuSetProcess(changetype<usize>(process));
  spaceActivate(changetype<Space>(changetype<usize>(process.space)), cpuBlock, cpuSlot);
  atomic.store<u32>(cpuBlock + CpuBlock.STATE, CpuState.USER);
}

/** The process leaves this CPU and its space goes. */
export function testEnd(process: Process): void {
  const space = changetype<Space>(changetype<usize>(process.space));
  spaceDeactivate(space);
  spaceDestroy(space);
  process.space = null;
}

/** Image with one segment {va, fileOffset, length} when length is not 0. */
export function testImage(
  space: Space,
  va: u32,
  fileOffset: u32,
  length: u32,
  file: usize,
  minBytes: u32,
  maxBytes: u32,
): i32 {
  const count: u32 = length != 0 ? 1 : 0;
  const table = imageTableAlloc(count);
  if (count) {
    store<u32>(table, va);
    store<u32>(table, fileOffset, 4);
    store<u32>(table, length, 8);
  }
  return spaceSetImage(space, 0, table, count, file, minBytes, maxBytes);
}

/** Takes the frame of page vpn away, whatever the clock thinks. Evicted. */
export function testEvict(space: Space, vpn: u32): i32 {
  const at = ptLeafAt(space, vpn);
  if (at == 0 || !(load<u64>(at) & PTE_P)) return -1;
  const pfn = pteFrame(load<u64>(at));
  if (!evictAllows(pfn)) return -2;
  const result = evict(pfn);
  swapFlush();
  wantClear();
  return result;
}
/** Takes every frame away that may be, once: how many went. */
export function testEvictAll(): u32 {
  let n: u32 = 0;
  for (let pfn: u32 = 0; pfn < mmVar(MmVar.FRAMES); pfn++) {
    if (evictAllows(pfn) && evict(pfn) != 0) n++;
    swapFlush();
    swapPoll();
  }
  wantClear();
  return n;
}
/** Frames on the clean list go: only the slots have their pages now. */
export function testDropClean(): void {
  swapPoll();
  for (let pfn = listFirst(PageIo.CLEAN); pfn != 0; pfn = listFirst(PageIo.CLEAN)) swapFree(pfn);
}
/** Pages of this space's working set. */
export function testWorkingSet(spaceAt: usize): u32 {
  return workingSetOf(changetype<Space>(spaceAt)).used;
}
export function testWant(): u32 {
  return changetype<CpuRecord>(cpuRecord).want;
}
export function testGrant(slot: u32): u32 {
  return cpuRecordOf(slot).grant;
}
/** A frame is set aside for this CPU. */
export function testGrantOne(): void {
  grantPut(changetype<CpuRecord>(cpuRecord), pmmAlloc(false));
}
/** The CPU `slot` has waited for a frame for longest. */
export function testHungry(slot: u32): void {
  cpuRecordOf(slot).hungry = 1;
}
/** The process has waited for a page: 1 if it is thrashing. */
export function testThrash(process: Process): u32 {
  thrashPause(process);
  return process.thrashing;
}
/** It is no longer being loaded. */
export function testLive(process: Process): void {
  process.state = ProcessState.RUNNING;
}
export function testSignalled(process: Process): i32 {
  return process.signal;
}
export function testSwapVar(which: MmVar): u32 {
  return mmVar(which);
}
export function testReclaimEnd(): void {
  reclaimCancel(changetype<CpuRecord>(cpuRecord));
}

export function testLock(): void {
  kernelLock();
}
export function testUnlock(): void {
  kernelUnlock();
}
export function testAck(): void {
  shootdownAck();
}
/** The CPU `slot` comes by the kernel while this one, which has the lock, is about to sleep. */
export function testAcknowledge(slot: u32): void {
  if (cpuRecordOf(slot).ackPending != 0) quarantineRelease(cpuRecordOf(slot));
}
/** Words and masks of a CPU's leases at host address out: four for runs, then four for any page. */
export function testLease(slot: u32, out: usize): void {
  memory.copy(out, changetype<usize>(cpuRecordOf(slot)) + offsetof<CpuRecord>("runLeases"), 64);
}
export function testSignal(process: Process, signal: i32): void {
  process.signal = signal;
}
export function testStop(process: Process, signal: i32): void {
  process.stop = signal;
}
/** Continues a process that waits because it is stopped. False: it does not. */
export function testContinue(process: Process): bool {
  if (process.state != ProcessState.STOPPED) return false;
  process.stop = 0;
  processWake(process);
  return true;
}
/** The CPU `slot` is in memory.atomic.wait on the word at host. */
export function testWaiter(slot: u32, host: u32): void {
  cpuRecordOf(slot).waitHost = host;
  cpuRecordOf(slot).waitEvent = 0;
  mmVarSet(MmVar.WAITERS, mmVar(MmVar.WAITERS) + 1);
}
export function testQuarantined(slot: u32): u32 {
  return cpuRecordOf(slot).quarantine;
}
/** The CPU `slot` is in user mode on the space, as far as this CPU can see. */
export function testPretendRun(space: Space, slot: u32, block: usize): void {
  spaceActivate(space, block, slot);
  atomic.store<u32>(block + CpuBlock.STATE, CpuState.USER);
}
export function testProtect(space: Space, start: u32, end: u32, prot: u32): i32 {
  return mapProtect(space, start, end, prot);
}
export function testZap(space: Space, start: u32, end: u32): bool {
  return mapZap(space, start, end);
}
export function testShootdown(slot: u32, vpn: u32): bool {
  return shootdown(slot, vpn, 1);
}
/** As if the CPU had entered the kernel and left it again. */
export function testAcknowledged(slot: u32): void {
  cpuRecordOf(slot).ackPending = 0;
}
export function testRemove(space: Space, start: u32, end: u32): i32 {
  return mapRemove(space, start, end);
}

/** What ended the program has dropped the lock; the record forgets that it is at its end. */
export function testForgetDeath(): void {
  pageWaitEnd();
  changetype<Process>(cpuProcess).end = End.NONE;
}
export function testPid(process: Process): i32 {
  return process.pid;
}

export function testRoot(space: Space): u32 {
  return space.root;
}
export function testKernelRoot(): u32 {
  return mmVar(MmVar.KERNEL_ROOT);
}
export function testBrk(space: Space): u32 {
  return space.brk;
}
export function testResident(space: Space): u32 {
  return space.residentPages;
}
export function testTables(space: Space): u32 {
  return space.tablePages;
}
export function testEntryCount(space: Space): u32 {
  return space.entryCount;
}
/** start, end, prot, type of entry i at host address out. */
export function testEntry(space: Space, i: u32, out: usize): void {
  const e = entryAt(space, i);
  store<u32>(out, e.start);
  store<u32>(out, e.end, 4);
  store<u32>(out, e.prot, 8);
  store<u32>(out, e.type, 12);
}
export function testFind(space: Space, vpn: u32): bool {
  return mapFind(space, vpn) != null;
}
export function testLeaf(space: Space, vpn: u32): u64 {
  const at = ptLeafAt(space, vpn);
  return at == 0 ? 0 : load<u64>(at);
}
/** Replaces the leaf of vpn, behind the back of everything. */
export function testSetLeaf(space: Space, vpn: u32, leaf: u64): void {
  store<u64>(ptLeafAt(space, vpn), leaf);
}
/** What /proc/PID/pt says from `offset` on, at most `room` bytes to dst; the bytes. */
export function testTablesText(space: Space, dst: usize, offset: u32, room: u32): u32 {
  textBegin(dst, offset, room);
  spaceTablesText(space);
  return textEnd();
}
export function testWalk(root: u32, va: u64, write: bool, user: bool): u64 {
  return walk(root, va, write, user);
}
export function testWalkError(): u32 {
  return changetype<CpuRecord>(cpuRecord).walkError;
}
export function testCounter(which: Counter): u64 {
  return counterGet(which);
}
export function testReserve(first: u32, frames: u32, type: MemType, strict: bool, pid: u32): i32 {
  return memtypeReserve(first, frames, type, strict, pid, 0x74736574, 0);
}
/** The CPU runs another space of the process, in user mode: what fork, checkpoint and restore come down to. */
export function testSwitch(process: Process, space: Space): void {
  spaceDeactivate(changetype<Space>(changetype<usize>(process.space)));
  process.space = space;
  testRun(process);
}
/** Clears A in the leaf of vpn, as a clock does. */
export function testAge(space: Space, vpn: u32): void {
  const at = ptLeafAt(space, vpn);
  batchChange(space, vpn, at, load<u64>(at) & ~PTE_A);
}
/** Host address of the leaf of vpn, 0: no table. */
export function testLeafAt(space: Space, vpn: u32): usize {
  return ptLeafAt(space, vpn);
}
/** References and sharers of a frame's descriptor, for tests that break them. */
export function testPage(pfn: u32): usize {
  return changetype<usize>(pageOf(pfn));
}
export function testEntriesFrame(space: Space): u32 {
  return <u32>(space.entries >> 12);
}
export function testUserHost(space: Space, va: u32): usize {
  const leaf = walk(space.root, va, false, true);
  return leaf == 0 ? 0 : <usize>(leaf & 0xfffff000) + (va & 4095);
}
export const ACCESS_READ: i32 = Access.READ;
export const LEAF_2M: i32 = Leaf.PAGE_2M;
export { framePins } from "../mm/wire";
export { sysSetlimit } from "../sys/limit";
/** The process shows another space; its own goes. It runs on no CPU. */
export function testGive(process: Process, space: Space): void {
  spaceDestroy(changetype<Space>(changetype<usize>(process.space)));
  process.space = space;
}
/** A process that has ended gets an empty space; its address, 0 no memory. */
export function testRenew(process: Process, pid: u32): usize {
  const space = spaceCreate();
  if (space == null) return 0;
  process.space = space;
  spaceSetOwner(space, pid, <usize>0x3000, 4);
  return changetype<usize>(space);
}
