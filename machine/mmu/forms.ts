// Forms: the code that stands for one access in a program's function. A site is a call, or a test in line with the call behind it.
//
// call      before   i32.load offset=k (a)
//           after    call $mmu_28 (a, k)                               helpers.ts
//
// near      before   i32.load offset=k (a)                             k + size <= WINDOW_SLACK + 1
//           after    if ((a - START) <u read.LEN)
//                      i32.load offset=k (a + DELTA)
//                    else call $mmu_28 (a, k)
//           The base is in the window and LEN leaves out the slack, so a + k is in the run and cannot have overflowed.
//
// far       before   i32.load offset=k (a)                             any other k below 2^31
//           after    t = a + k
//                    if (((t - START) | (a & 0x80000000)) <u read.LEN)
//                      i32.load (t + DELTA)
//                    else call $mmu_28 (a, k)
//           A sum that overflows with k < 2^31 has a base with the top bit set. Such a base takes the call, which is exact.
//
// START and DELTA are words of the CPU block, loaded anew at each access; LEN always is: another CPU clears it to interrupt this one.
// Only the CPU itself changes START and DELTA, in the kernel. So in an innermost loop that calls nothing else they are kept in locals:
//
// region    before   loop ... i32.load offset=4 (a) ... end
//           after    START' = read.START ; DELTA' = read.DELTA        and the same of the write window, if the loop stores
//                    loop ... if ((a - START') <u read.LEN) i32.load offset=4 (a + DELTA')
//                             else { call $mmu_28 (a, 4) ; call $mmu_words ; DELTA' = ; START' = } ... end
//
// flat      before   i32.load offset=k (a)                             k below FLAT_LIMIT, with the alignment of its size
//           after    t = i64(a) + k                                    33 bits: past 4 GiB come entries that are never valid
//                    e = tlb.read[t >> 12]                             k = 0: t is a itself
//                    if ((e & 1) >u (t & 3))                           valid and aligned, so all bytes are in this page
//                      i32.load offset=4095 (t + e)                    e = (delta - 4096) | 1
//                    else call $mmu_28 (a, k)
//           In region the call after a failed window test may be a flat form: two levels before the call.
//
// Stores put the value aside in a scratch local first, and use the write words.

import { CpuBlock } from "../../abi/cpu.ts";
import { type Access, AccessClass } from "./access.ts";
import type { Asm } from "./asm.ts";
import { Op, Type } from "./opcodes.ts";

/** Bytes at the end of a window's run that its LEN leaves out (abi/cpu.ts). */
export const WINDOW_SLACK = 15;

/** Byte offset of the write word in a TLB entry. */
export const TLB_WRITE = 4;

export const PAGE_MASK = 4095;

export const TOP_BIT = 0x80000000 | 0;

/** The words of a window. */
export interface WindowWords {
  readonly start: number;
  readonly len: number;
  readonly delta: number;
}

export const READ_WINDOW: WindowWords = {
  start: CpuBlock.READ_START,
  len: CpuBlock.READ_LEN,
  delta: CpuBlock.READ_DELTA,
};
export const WRITE_WINDOW: WindowWords = {
  start: CpuBlock.WRITE_START,
  len: CpuBlock.WRITE_LEN,
  delta: CpuBlock.WRITE_DELTA,
};

/** The locals that hold START and DELTA of the windows in a region, -1 where the region does not use a window. */
export interface RegionLocals {
  readonly readStart: number;
  readonly readDelta: number;
  readonly writeStart: number;
  readonly writeDelta: number;
  /** The function that returns the words of the windows that the region uses (helpers.ts). */
  readonly refresh: number;
}

/** Where one access finds its operands. */
export interface Site {
  access: Access;
  align: number; // exponent that the program gave
  k: number;
  a: number; // local of the base
  t: number; // free i32 local, for the far form
  t64: number; // free i64 local, for the flat form with an offset
  e: number; // free i32 local, for the flat form; -1: a window form has a call behind it, not a flat form
  v: number; // local of the stored value
  helper: number; // function index
  region: RegionLocals | undefined;
}

/** Whether an access has a window form. Atomics and lanes are always calls. */
export function hasWindowForm(access: Access, k: number): boolean {
  return (
    (access.class === AccessClass.LOAD || access.class === AccessClass.STORE) && k < 0x80000000
  );
}

export function isNear(size: number, k: number): boolean {
  return k + size <= WINDOW_SLACK + 1;
}

/**
 * Offsets of the flat form stay below this: base and offset together reach one page of the TLB (512 entries, 2 MiB of addresses) past the
 * last entry, and that page is always 0 (abi/cpu.ts).
 */
export const FLAT_LIMIT = 0x200000;

/** Whether an access that has a window form has a flat form too. Declared misaligned ones would often take the call. */
export function hasFlatForm(access: Access, align: number, k: number): boolean {
  return k < FLAT_LIMIT && 1 << align >= access.size;
}

/** An access in line by its TLB entry. The address is in local a, the value of a store in local v; nothing is on the stack. */
export function emitFlatAccess(asm: Asm, site: Site): void {
  const { access, k, a, t64, e, v } = site;
  const store = access.class === AccessClass.STORE;
  const va = (): void => {
    if (k === 0) asm.get(a);
    else asm.get(t64).op(Op.I32_WRAP_I64);
  };
  asm.cpu().get(a);
  if (k === 0) asm.i32(12).op(Op.I32_SHR_U);
  else {
    asm.op(Op.I64_EXTEND_I32_U).i64(k).op(Op.I64_ADD).tee(t64);
    asm.i64(12).op(Op.I64_SHR_U).op(Op.I32_WRAP_I64);
  }
  asm.i32(3).op(Op.I32_SHL).op(Op.I32_ADD);
  asm.memory(Op.I32_LOAD, 2, CpuBlock.TLB + (store ? TLB_WRITE : 0)).tee(e);
  asm.i32(1).op(Op.I32_AND);
  if (access.size > 1) {
    va();
    asm
      .i32(access.size - 1)
      .op(Op.I32_AND)
      .op(Op.I32_GT_U);
  }
  if (store) asm.likelyIf();
  else asm.likelyIf(access.type);
  va();
  asm.get(e).op(Op.I32_ADD);
  if (store) asm.get(v);
  asm.memory(access.code, site.align, PAGE_MASK);
  asm.else().get(a);
  if (store) asm.get(v);
  emitCall(asm, k, site.helper);
  if (site.region !== undefined) emitRefreshCall(asm, site.region);
  asm.end();
}

/** The access as a call. The operands are on the stack, address first. */
export function emitCall(asm: Asm, k: number, helper: number): void {
  asm.i32(k).call(helper);
}

/** An access in line by the window, and with site.e by the entry after it. The address is on the stack and in local a, the value in local v. */
export function emitWindowAccess(asm: Asm, site: Site, likely = true): void {
  const { access, k, a, t: sum, v, region } = site;
  const store = access.class === AccessClass.STORE;
  const window = store ? WRITE_WINDOW : READ_WINDOW;
  const near = isNear(access.size, k);
  const start = region === undefined ? -1 : store ? region.writeStart : region.readStart;
  const delta = region === undefined ? -1 : store ? region.writeDelta : region.readDelta;
  if (!near) asm.i32(k).op(Op.I32_ADD).tee(sum);
  emitWord(asm, start, window.start);
  asm.op(Op.I32_SUB);
  if (!near) asm.get(a).i32(TOP_BIT).op(Op.I32_AND).op(Op.I32_OR);
  asm.word(window.len).op(Op.I32_LT_U);
  const type = store ? Type.VOID : access.type;
  if (likely) asm.likelyIf(type);
  else asm.if(type);
  asm.get(near ? a : sum);
  emitWord(asm, delta, window.delta);
  asm.op(Op.I32_ADD);
  if (store) asm.get(v);
  asm.memory(access.code, site.align, near ? k : 0);
  asm.else();
  if (site.e >= 0) {
    emitFlatAccess(asm, site);
    asm.end();
    return;
  }
  asm.get(a);
  if (store) asm.get(v);
  emitCall(asm, k, site.helper);
  if (region !== undefined) emitRefreshCall(asm, region);
  asm.end();
}

function emitWord(asm: Asm, local: number, offset: number): void {
  if (local >= 0) asm.get(local);
  else asm.word(offset);
}

/** Opens a region: its locals take the words. Stands directly before the loop. */
export function emitRegionEntry(asm: Asm, region: RegionLocals): void {
  if (region.readStart >= 0) {
    asm.word(READ_WINDOW.start).set(region.readStart);
    asm.word(READ_WINDOW.delta).set(region.readDelta);
  }
  if (region.writeStart >= 0) {
    asm.word(WRITE_WINDOW.start).set(region.writeStart);
    asm.word(WRITE_WINDOW.delta).set(region.writeDelta);
  }
}

/** Stands directly behind every call in a region. */
function emitRefreshCall(asm: Asm, region: RegionLocals): void {
  asm.call(region.refresh);
  if (region.writeStart >= 0) asm.set(region.writeDelta).set(region.writeStart);
  if (region.readStart >= 0) asm.set(region.readDelta).set(region.readStart);
}

/** memory.size in line: break >> 16. */
export function emitMemorySize(asm: Asm): void {
  asm.word(CpuBlock.BREAK).i32(16).op(Op.I32_SHR_U);
}
