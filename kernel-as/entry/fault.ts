// Fault: what rewritten programs call for accesses that their TLB does not answer (abi/mmu.ts, exported as mmu_*).
//
// Three ways, in this order:
//   1  the TLB does answer (a misaligned access, or one that crosses into a page that is valid too): no kernel entry;
//   2  a walk of the page tables, resolving a fault if need be, which fills the TLB: the next access is the program's own; without the
//      lock where that will do (entry/quick.ts);
//   3  uncached pages: the access itself is done here, with its width, on the bus or in the memory of VRAM.
// An access that the map does not allow is offered to the program's handler (entry/handler.ts), or ends it (proc/end.ts processFault).
//
// Invariants  U1 and U2 are in entry/page.ts, U3 in entry/uncached.ts.
//
// Locks     taken here with kernelEnter; functions named ...Locked run with it.

import { CpuBlock } from "../../abi/cpu";
import { Access, Trap } from "../../abi/mmu";
import { FaultBit, MemType } from "../../abi/pte";
import { loadHost, storeHost } from "../arch/host";
import { kernelLock, kernelUnlock } from "../arch/lock";
import { cpuBlock } from "../arch/percpu";
import { pteFrame } from "../arch/pte";
import { cpuCarry } from "../arch/shootdown";
import { Side, tlbLookup } from "../arch/tlb";
import { mapFind } from "../mm/entry";
import { entryAllows } from "../mm/fault";
import { userNotify, userWaitBegin, userWaitEnd, userWaitSleep, WaitResult } from "../mm/futex";
import { isVram, vramFrame } from "../mm/resource";
import { WC_FRAMES, wcMark } from "../mm/wc";
import { processTrap } from "../proc/end";
import { pageWaits } from "../proc/pagewait";
import { kernelEnter, kernelLeave } from "./enter";
import { handlerCount } from "./handler";
import {
  allowLocked,
  cachedLocked,
  changes,
  emptyLocked,
  faultLocked,
  mySpace,
  pageLocked,
  patientLocked,
  reachLocked,
} from "./page";
import { quickEnter, quickLeave, quickPrepare } from "./quick";
import { burst, hostOf, isCached, loadDevice, storeDevice, typeOf } from "./uncached";

// ---- Loads ----

export function mmu_load8(a: u32, k: u32): u32 {
  return <u32>loadUser(address(a, k), 1);
}
export function mmu_load16(a: u32, k: u32): u32 {
  return <u32>loadUser(address(a, k), 2);
}
export function mmu_load32(a: u32, k: u32): u32 {
  return <u32>loadUser(address(a, k), 4);
}
export function mmu_load64(a: u32, k: u32): u64 {
  return loadUser(address(a, k), 8);
}
export function mmu_load128(a: u32, k: u32): void {
  const va = address(a, k);
  const host = tlbLookup(cpuBlock, va, 16, Side.READ);
  if (host != 0) {
    memory.copy(cpuBlock + CpuBlock.SCRATCH, host, 16);
    return;
  }
  kernelEnter();
  reachLocked(va, 16, Access.READ);
  store<u64>(cpuBlock, loadLocked(va, 8), CpuBlock.SCRATCH);
  store<u64>(cpuBlock, loadLocked(va + 8, 8), CpuBlock.SCRATCH + 8);
  kernelLeave();
}

// ---- Stores ----

export function mmu_store8(a: u32, k: u32, v: u32): void {
  storeUser(address(a, k), 1, v);
}
export function mmu_store16(a: u32, k: u32, v: u32): void {
  storeUser(address(a, k), 2, v);
}
export function mmu_store32(a: u32, k: u32, v: u32): void {
  storeUser(address(a, k), 4, v);
}
export function mmu_store64(a: u32, k: u32, v: u64): void {
  storeUser(address(a, k), 8, v);
}
export function mmu_store128(a: u32, k: u32, low: u64, high: u64): void {
  const va = address(a, k);
  const host = tlbLookup(cpuBlock, va, 16, Side.WRITE);
  if (host != 0) {
    store<u64>(host, low);
    store<u64>(host, high, 8);
    return;
  }
  kernelEnter();
  reachLocked(va, 16, Access.WRITE);
  storeLocked(va, 8, low);
  storeLocked(va + 8, 8, high);
  kernelLeave();
}

/** Host offset of size bytes at a + k, which lie in one page. */
export function mmu_translate(a: u32, k: u32, size: u32, access: Access): usize {
  const va = address(a, k);
  const hit = tlbLookup(cpuBlock, va, size, access == Access.WRITE ? Side.WRITE : Side.READ);
  if (hit != 0) return hit;
  const quick = quickEnter(va, access);
  if (quick != 0) {
    cpuCarry();
    quickLeave();
    return quick;
  }
  const leaf = pageLocked(va, access);
  const host = hostOf(leaf, va);
  // Registers have no memory: an atomic access to them is not one that the machine has.
  if (host == 0) faultLocked(va, access, FaultBit.P);
  const pfn = pteFrame(leaf);
  if (access == Access.WRITE && isVram(pfn) && vramFrame(pfn) < WC_FRAMES) wcMark(pfn);
  quickPrepare(va);
  cpuCarry();
  kernelLeave();
  return host;
}

/** memory.copy: both ranges are checked as a whole, then n bytes are copied as if through a buffer. */
export function mmu_copy(d: u32, s: u32, n: u32): void {
  if (n == 0) {
    empty(s);
    empty(d);
    return;
  }
  const to = tlbLookup(cpuBlock, d, n, Side.WRITE);
  const from = tlbLookup(cpuBlock, s, n, Side.READ);
  if (to != 0 && from != 0) {
    memory.copy(to, from, n);
    return;
  }
  kernelEnter();
  let asked: u32;
  do {
    asked = handlerCount();
    allowLocked(s, n, Access.READ);
    allowLocked(d, n, Access.WRITE);
  } while (asked != handlerCount());
  if (d - s >= n) copyUp(d, s, n);
  else copyDown(d, s, n);
  kernelLeave();
}

/** memory.fill. */
export function mmu_fill(d: u32, value: u32, n: u32): void {
  if (n == 0) {
    empty(d);
    return;
  }
  const to = tlbLookup(cpuBlock, d, n, Side.WRITE);
  if (to != 0) {
    memory.fill(to, <u8>value, n);
    return;
  }
  kernelEnter();
  allowLocked(d, n, Access.WRITE);
  const word = <u64>(value & 0xff) * 0x0101010101010101;
  let done: u32 = 0;
  while (done < n) {
    const va = d + done;
    const part = min(n - done, 4096 - (va & 4095));
    const host = cachedLocked(va, Access.WRITE);
    if (host != 0) memory.fill(host, <u8>value, part);
    else fillDevice(va, word, part);
    done += part;
  }
  kernelLeave();
}

/** Every page of [a, a + n) allows the access; its translation may still have to wait for the page. */
export function mmu_check(a: u32, n: u32, access: Access): void {
  if (n == 0) {
    empty(a);
    return;
  }
  kernelEnter();
  allowLocked(a, n, access);
  kernelLeave();
}

export function mmu_wait32(a: u32, k: u32, expected: u32, timeout: i64): i32 {
  return waitUser(address(a, k), 4, expected, timeout);
}
export function mmu_wait64(a: u32, k: u32, expected: u64, timeout: i64): i32 {
  return waitUser(address(a, k), 8, expected, timeout);
}

/** memory.atomic.notify: how many it woke. */
export function mmu_notify(a: u32, k: u32, count: u32): u32 {
  const va = address(a, k);
  if (va & 3) mmu_trap(Trap.UNALIGNED_ATOMIC);
  kernelEnter();
  const host = hostOf(pageLocked(va, meetingAccess(va)), va);
  const woken = userNotify(host, count);
  kernelLeave();
  return woken;
}

/** Ends the program. */
export function mmu_trap(kind: Trap): void {
  kernelEnter();
  processTrap(kind);
}

/** a + k as a 33-bit sum: past 4 GiB the program ends. */
// @ts-ignore: decorator
@inline
function address(a: u32, k: u32): u32 {
  const va = a + k;
  if (va < a) mmu_trap(Trap.OFFSET_OVERFLOW);
  return va;
}

/** A bulk operation of no bytes: most are inside the heap, which takes no kernel entry. */
function empty(va: u32): void {
  if (va <= load<u32>(cpuBlock, CpuBlock.BREAK)) return;
  kernelEnter();
  emptyLocked(va);
  kernelLeave();
}

function loadUser(va: u32, size: u32): u64 {
  const host = tlbLookup(cpuBlock, va, size, Side.READ);
  if (host != 0) return loadHost(host, size);
  let value: u64;
  if ((va & 4095) + size > 4096) {
    kernelEnter();
    reachLocked(va, size, Access.READ);
    value = loadLocked(va, size);
  } else {
    const quick = quickEnter(va, Access.READ);
    if (quick != 0) {
      value = loadHost(quick, size);
      quickLeave();
      return value;
    }
    const leaf = pageLocked(va, Access.READ);
    const at = isCached(leaf) ? hostOf(leaf, va) : 0;
    value = at != 0 ? loadHost(at, size) : loadDevice(leaf, va, size);
    quickPrepare(va);
  }
  kernelLeave();
  return value;
}

function storeUser(va: u32, size: u32, value: u64): void {
  const host = tlbLookup(cpuBlock, va, size, Side.WRITE);
  if (host != 0) {
    storeHost(host, size, value);
    return;
  }
  if ((va & 4095) + size > 4096) {
    kernelEnter();
    reachLocked(va, size, Access.WRITE);
    storeLocked(va, size, value);
  } else {
    const quick = quickEnter(va, Access.WRITE);
    if (quick != 0) {
      storeHost(quick, size, value);
      quickLeave();
      return;
    }
    storePage(pageLocked(va, Access.WRITE), va, size, value);
    quickPrepare(va);
  }
  kernelLeave();
}

/** A load whose pages are known to allow it, at any alignment. */
function loadLocked(va: u32, size: u32): u64 {
  const first: u32 = 4096 - (va & 4095);
  if (size <= first) {
    const leaf = pageLocked(va, Access.READ);
    const at = isCached(leaf) ? hostOf(leaf, va) : 0;
    return at != 0 ? loadHost(at, size) : loadDevice(leaf, va, size);
  }
  let value: u64 = 0;
  for (let i: u32 = 0; i < size; i++) value |= loadLocked1(va + i) << <u64>(i << 3);
  return value;
}

function loadLocked1(va: u32): u64 {
  const leaf = pageLocked(va, Access.READ);
  const at = isCached(leaf) ? hostOf(leaf, va) : 0;
  return at != 0 ? load<u8>(at) : loadDevice(leaf, va, 1);
}

/** A store whose pages are known to allow it, at any alignment. */
function storeLocked(va: u32, size: u32, value: u64): void {
  if (size <= 4096 - (va & 4095)) {
    storePage(pageLocked(va, Access.WRITE), va, size, value);
    return;
  }
  for (let i: u32 = 0; i < size; i++) storePage(pageLocked(va + i, Access.WRITE), va + i, 1, value >> <u64>(i << 3));
}

function storePage(leaf: u64, va: u32, size: u32, value: u64): void {
  const host = hostOf(leaf, va);
  if (host != 0 && isCached(leaf) && typeOf(leaf) != MemType.WT) {
    // VRAM past what the WC set can name has no write entry: it is a burst of its own.
    storeHost(host, size, value);
    if (isVram(pteFrame(leaf)) && vramFrame(pteFrame(leaf)) >= WC_FRAMES) burst(leaf, va, size);
    return;
  }
  storeDevice(leaf, va, size, value);
}

/** Stores n bytes of a repeated byte to an uncached page, in the widest aligned stores. */
function fillDevice(va: u32, word: u64, n: u32): void {
  let done: u32 = 0;
  while (done < n) {
    const at = va + done;
    const size: u32 = (at & 3) == 0 && n - done >= 4 ? 4 : 1;
    storePage(pageLocked(at, Access.WRITE), at, size, word);
    done += size;
  }
}

/** Copies n bytes upwards; the target does not begin inside the source. */
function copyUp(d: u32, s: u32, n: u32): void {
  let done: u32 = 0;
  while (done < n) {
    const part = min(n - done, min(4096 - ((d + done) & 4095), 4096 - ((s + done) & 4095)));
    copyPart(d + done, s + done, part);
    done += part;
  }
}

/** Copies n bytes from the end; the target begins inside the source. */
function copyDown(d: u32, s: u32, n: u32): void {
  let left = n;
  while (left > 0) {
    const part = min(left, min(((d + left - 1) & 4095) + 1, ((s + left - 1) & 4095) + 1));
    left -= part;
    copyPart(d + left, s + left, part);
  }
}

/** Copies n bytes, each side inside one page. */
function copyPart(d: u32, s: u32, n: u32): void {
  let from: usize;
  let to: usize;
  let asked: u32;
  let rounds: u32 = 0;
  do {
    // Both pages at the same time: a wait for one may have cost the other.
    from = cachedLocked(s, Access.READ);
    asked = changes();
    const waits = pageWaits();
    to = cachedLocked(d, Access.WRITE);
    if (waits != pageWaits()) patientLocked(++rounds, d, Access.WRITE);
  } while (asked != changes());
  if (from != 0 && to != 0) {
    memory.copy(to, from, n);
    return;
  }
  let done: u32 = 0;
  while (done < n) {
    const size: u32 = ((d + done) & 3) == 0 && ((s + done) & 3) == 0 && n - done >= 4 ? 4 : 1;
    storeLocked(d + done, size, loadLocked(s + done, size));
    done += size;
  }
}

/**
 * How wait and notify look at va. Waiters are known by where the word lies, so a private page that could be written must be the space's
 * own first: else processes that share it copy-on-write would wake each other.
 */
function meetingAccess(va: u32): Access {
  const entry = mapFind(mySpace(), va >> 12);
  return entry != null && entryAllows(entry, Access.WRITE) ? Access.WRITE : Access.READ;
}

function waitUser(va: u32, size: u32, expected: u64, timeout: i64): i32 {
  if (va & (size - 1)) mmu_trap(Trap.UNALIGNED_ATOMIC);
  kernelEnter();
  const leaf = pageLocked(va, meetingAccess(va));
  const host = hostOf(leaf, va);
  if (host == 0) faultLocked(va, Access.READ, FaultBit.P);
  const now: u64 = size == 4 ? atomic.load<u32>(host) : atomic.load<u64>(host);
  let result: WaitResult = WaitResult.NOT_EQUAL;
  if (now == (size == 4 ? <u64><u32>expected : expected)) {
    userWaitBegin(host);
    kernelUnlock();
    userWaitSleep(timeout);
    kernelLock();
    result = userWaitEnd();
  }
  kernelLeave();
  return result;
}
