// Helpers: the functions that the rewriter adds to a module, one for each kind of access that it contains. Their bodies do not depend
// on the module (the exception is memory.init, which names its segment), so the verifier compares them byte for byte.
//
// Invariants
//   H1  A body uses locals, the imports at their fixed indices and global 0 only. It is safe whatever its arguments are, so it does
//       not matter who calls it, or whether a program contains the same function.
//   H2  A TLB word is read once for each access and used at once.
//
// load32(a, k)     before   i32.load offset=k (a)
//
//   after    va = a + k
//            if (va >=u a) {                                          no 33-bit overflow
//              e = tlb.read[va >> 12]
//              if ((va & 4095) <u (-(e & 1) & (4097 - size)))         valid, and all bytes in this page
//                return i32.load offset=4095 (va + e)                 e = (delta - 4096) | 1
//            }
//            return mmu.load32(a, k)
//
// Stores take (a, v, k) and the write entry. Lane accesses carry their lane in the body.

import { CpuBlock } from "../../abi/cpu.ts";
import { Access as Right, Trap } from "../../abi/mmu.ts";
import { type Access, AccessClass, allAccesses, laneCount } from "./access.ts";
import { Asm } from "./asm.ts";
import { Mmu, type Signature } from "./imports.ts";
import { Op, Type } from "./opcodes.ts";
import { emitSlowLoad, emitSlowStore } from "./slow.ts";

const PAGE_MASK = 4095;
const I = Type.I32;

export interface Helper {
  readonly name: string;
  readonly signature: Signature;
  /** Local declarations and code, without the size that stands before a body. */
  readonly body: Uint8Array;
}

/** The helper that performs this access. `lane` is -1 but for lane accesses. */
export function accessHelper(access: Access, lane = -1): Helper {
  switch (access.class) {
    case AccessClass.LOAD:
    case AccessClass.LOAD_LANE:
      return loadHelper(access, lane);
    case AccessClass.STORE:
    case AccessClass.STORE_LANE:
      return storeHelper(access, lane);
    case AccessClass.NOTIFY:
    case AccessClass.WAIT:
      return waitHelper(access);
    default:
      return atomicHelper(access);
  }
}

/** All helpers that do not depend on a module. */
export function allHelpers(): Helper[] {
  const helpers: Helper[] = [
    copyHelper(),
    fillHelper(),
    wordsHelper(true, false),
    wordsHelper(false, true),
    wordsHelper(true, true),
  ];
  for (const access of allAccesses()) {
    const isLane =
      access.class === AccessClass.LOAD_LANE || access.class === AccessClass.STORE_LANE;
    if (!isLane) helpers.push(accessHelper(access));
    else
      for (let lane = 0; lane < laneCount(access); lane++) helpers.push(accessHelper(access, lane));
  }
  return helpers;
}

/** Pushes the TLB word of the page of local va: the read word, or the write word. */
function emitTlbWord(asm: Asm, va: number, write: boolean): void {
  asm.cpu().get(va).i32(12).op(Op.I32_SHR_U).i32(3).op(Op.I32_SHL).op(Op.I32_ADD);
  asm.memory(Op.I32_LOAD, 2, CpuBlock.TLB + (write ? 4 : 0));
}

/** Opens two ifs that are taken when local e translates `size` bytes at a + k. Sets va and e. */
function emitProbe(
  asm: Asm,
  size: number,
  write: boolean,
  a: number,
  k: number,
  va: number,
  e: number,
): void {
  asm.get(a).get(k).op(Op.I32_ADD).tee(va).get(a).op(0x4f /* i32.ge_u */).if();
  emitTlbWord(asm, va, write);
  if (size === 1) asm.tee(e).i32(1).op(Op.I32_AND).if();
  else {
    asm.set(e);
    asm.get(va).i32(PAGE_MASK).op(Op.I32_AND);
    asm
      .i32(0)
      .get(e)
      .i32(1)
      .op(Op.I32_AND)
      .op(Op.I32_SUB)
      .i32(4097 - size)
      .op(Op.I32_AND);
    asm.op(Op.I32_LT_U).if();
  }
}

function finish(
  name: string,
  params: number[],
  results: number[],
  locals: number,
  emit: (asm: Asm) => void,
): Helper {
  const asm = new Asm(128);
  if (locals > 0) asm.bytes([1, locals, I]);
  else asm.u8(0);
  emit(asm);
  asm.end();
  return { name, signature: { params, results }, body: asm.take() };
}

function loadHelper(access: Access, lane: number): Helper {
  const isLane = access.class === AccessClass.LOAD_LANE;
  const [a, v, k] = isLane ? [0, 1, 2] : [0, -1, 1];
  const va = k + 1;
  const e = k + 2;
  const name = `mmu_${access.code.toString(16)}${isLane ? `_${lane}` : ""}`;
  return finish(name, isLane ? [I, Type.V128, I] : [I, I], [access.type], 2, (asm) => {
    emitProbe(asm, access.size, false, a, k, va, e);
    asm.get(va).get(e).op(Op.I32_ADD);
    if (isLane) asm.get(v);
    asm.memory(access.code, 0, PAGE_MASK, lane).op(Op.RETURN).end().end();
    emitSlowLoad(asm, access, a, k, v, lane);
  });
}

function storeHelper(access: Access, lane: number): Helper {
  const [a, v, k, va, e] = [0, 1, 2, 3, 4];
  const name = `mmu_${access.code.toString(16)}${lane >= 0 ? `_${lane}` : ""}`;
  return finish(name, [I, access.type, I], [], 2, (asm) => {
    emitProbe(asm, access.size, true, a, k, va, e);
    asm.get(va).get(e).op(Op.I32_ADD).get(v);
    asm.memory(access.code, 0, PAGE_MASK, lane).op(Op.RETURN).end().end();
    emitSlowStore(asm, access, a, k, v, lane);
  });
}

// i32.atomic.rmw.add offset=k (a, v)
//
//   after    va = a + k
//            if (va <u a) { mmu.trap(OFFSET_OVERFLOW); unreachable }
//            if (va & (size - 1)) { mmu.trap(UNALIGNED_ATOMIC); unreachable }
//            e = tlb.write[va >> 12]                                  the read entry for an atomic load
//            i32.atomic.rmw.add (e & 1 ? va + e + 4095 : mmu.translate(a, k, size, access), v)
function atomicHelper(access: Access): Helper {
  const operands =
    access.class === AccessClass.ATOMIC_LOAD
      ? 0
      : access.class === AccessClass.ATOMIC_CMPXCHG
        ? 2
        : 1;
  const write = operands > 0;
  const k = operands + 1;
  const va = k + 1;
  const e = k + 2;
  const params = [I, ...Array<number>(operands).fill(access.type), I];
  const results = access.class === AccessClass.ATOMIC_STORE ? [] : [access.type];
  return finish(`mmu_${access.code.toString(16)}`, params, results, 2, (asm) => {
    asm.get(0).get(k).op(Op.I32_ADD).tee(va).get(0).op(Op.I32_LT_U).if();
    asm.i32(Trap.OFFSET_OVERFLOW).call(Mmu.TRAP).op(Op.UNREACHABLE).end();
    emitAlignmentTrap(asm, va, access.size);
    emitTlbWord(asm, va, write);
    asm.tee(e).i32(1).op(Op.I32_AND).if(I);
    asm.get(va).get(e).op(Op.I32_ADD).i32(PAGE_MASK).op(Op.I32_ADD);
    asm.else();
    asm
      .get(0)
      .get(k)
      .i32(access.size)
      .i32(write ? Right.WRITE : Right.READ)
      .call(Mmu.TRANSLATE);
    asm.end();
    for (let i = 1; i <= operands; i++) asm.get(i);
    asm.memory(access.code, Math.log2(access.size), 0);
  });
}

function emitAlignmentTrap(asm: Asm, va: number, size: number): void {
  if (size === 1) return;
  asm
    .get(va)
    .i32(size - 1)
    .op(Op.I32_AND)
    .if();
  asm.i32(Trap.UNALIGNED_ATOMIC).call(Mmu.TRAP).op(Op.UNREACHABLE).end();
}

// memory.atomic.wait32 offset=k (a, expected, timeout)
//
//   after    if ((a + k) & 3) { mmu.trap(UNALIGNED_ATOMIC); unreachable }
//            return mmu.wait32(a, k, expected, timeout)
function waitHelper(access: Access): Helper {
  const isWait = access.class === AccessClass.WAIT;
  const k = isWait ? 3 : 2;
  const target = !isWait ? Mmu.NOTIFY : access.size === 8 ? Mmu.WAIT64 : Mmu.WAIT32;
  const params = isWait ? [I, access.type, Type.I64, I] : [I, I, I];
  return finish(`mmu_${access.code.toString(16)}`, params, [I], 1, (asm) => {
    const va = k + 1;
    asm.get(0).get(k).op(Op.I32_ADD).set(va);
    emitAlignmentTrap(asm, va, access.size);
    asm.get(0).get(k).get(1);
    if (isWait) asm.get(2);
    asm.call(target);
  });
}

// memory.copy (d, s, n)
//
//   after    td = d - write.START ; ts = s - read.START
//            if (td <u write.LEN && n <=u write.LEN - td && ts <u read.LEN && n <=u read.LEN - ts)
//              memory.copy (d + write.DELTA, s + read.DELTA, n)
//            else mmu.copy(d, s, n)
//
// LEN is read once into a local: it may be cleared between the two uses.
export function copyHelper(): Helper {
  return finish("mmu_copy", [I, I, I], [], 2, (asm) => {
    emitRangeTest(asm, 0, 2, 3, 4, CpuBlock.WRITE_START, CpuBlock.WRITE_LEN);
    emitRangeTest(asm, 1, 2, 3, 4, CpuBlock.READ_START, CpuBlock.READ_LEN);
    asm.op(Op.I32_AND).if();
    asm.get(0).word(CpuBlock.WRITE_DELTA).op(Op.I32_ADD);
    asm.get(1).word(CpuBlock.READ_DELTA).op(Op.I32_ADD);
    asm.get(2).bytes([Op.PREFIX_MISC, 10, 0, 0]);
    asm.else().get(0).get(1).get(2).call(Mmu.COPY).end();
  });
}

// memory.fill (d, value, n)
//
//   after    td = d - write.START
//            if (td <u write.LEN && n <=u write.LEN - td) memory.fill (d + write.DELTA, value, n)
//            else mmu.fill(d, value, n)
export function fillHelper(): Helper {
  return finish("mmu_fill", [I, I, I], [], 2, (asm) => {
    emitRangeTest(asm, 0, 2, 3, 4, CpuBlock.WRITE_START, CpuBlock.WRITE_LEN);
    asm.if();
    asm.get(0).word(CpuBlock.WRITE_DELTA).op(Op.I32_ADD);
    asm.get(1).get(2).bytes([Op.PREFIX_MISC, 11, 0]);
    asm.else().get(0).get(1).get(2).call(Mmu.FILL).end();
  });
}

// $mmu_words: START and DELTA of the windows, for a region that has entered the kernel
//
//   after    return read.START, read.DELTA, write.START, write.DELTA          those of the windows that the region uses
export function wordsHelper(reads: boolean, writes: boolean): Helper {
  const results = Array<number>((reads ? 2 : 0) + (writes ? 2 : 0)).fill(I);
  return finish(`mmu_words${reads ? "_r" : ""}${writes ? "_w" : ""}`, [], results, 0, (asm) => {
    if (reads) asm.word(CpuBlock.READ_START).word(CpuBlock.READ_DELTA);
    if (writes) asm.word(CpuBlock.WRITE_START).word(CpuBlock.WRITE_DELTA);
  });
}

/** Pushes 1 if n bytes at local a lie in the window, else 0. Sets locals t and len. */
function emitRangeTest(
  asm: Asm,
  a: number,
  n: number,
  t: number,
  len: number,
  startWord: number,
  lenWord: number,
): void {
  asm.get(a).word(startWord).op(Op.I32_SUB).tee(t).word(lenWord).tee(len).op(Op.I32_LT_U);
  asm.get(n).get(len).get(t).op(Op.I32_SUB).op(0x4d /* i32.le_u */).op(Op.I32_AND);
}

// memory.init $segment (d, s, n)
//
//   after    if (i64(s) + i64(n) >u (dropped ? 0 : bytes)) { mmu.trap(SEGMENT_BOUNDS); unreachable }
//            mmu.check(d, n, WRITE)
//            while (n) { chunk = min(n, 4096 - (d & 4095))
//                        memory.init $segment (mmu.translate(d, 0, chunk, WRITE), s, chunk)
//                        d += chunk; s += chunk; n -= chunk }
export function initHelper(segment: number, segmentBytes: number, droppedGlobal: number): Helper {
  const [d, s, n, chunk] = [0, 1, 2, 3];
  return finish(`mmu_init_${segment}`, [I, I, I], [], 1, (asm) => {
    asm.get(s).op(Op.I64_EXTEND_I32_U).get(n).op(Op.I64_EXTEND_I32_U).op(Op.I64_ADD);
    asm.i32(0).i32(segmentBytes).op(Op.GLOBAL_GET).u32(droppedGlobal);
    asm.op(Op.SELECT).op(Op.I64_EXTEND_I32_U).op(Op.I64_GT_U).if();
    asm.i32(Trap.SEGMENT_BOUNDS).call(Mmu.TRAP).op(Op.UNREACHABLE).end();
    asm.get(d).get(n).i32(Right.WRITE).call(Mmu.CHECK);
    asm.op2(Op.BLOCK, Type.VOID);
    asm.op2(Op.LOOP, Type.VOID);
    asm.get(n).op(Op.I32_EQZ).op(Op.BR_IF).u32(1);
    asm.i32(4096).get(d).i32(PAGE_MASK).op(Op.I32_AND).op(Op.I32_SUB).tee(chunk);
    asm.get(n).get(chunk).get(n).op(Op.I32_LT_U).op(Op.SELECT).set(chunk);
    asm.get(d).i32(0).get(chunk).i32(Right.WRITE).call(Mmu.TRANSLATE).get(s).get(chunk);
    asm.bytes([Op.PREFIX_MISC, 8]);
    asm.u32(segment);
    asm.u8(0);
    for (const [local, op] of [
      [d, Op.I32_ADD],
      [s, Op.I32_ADD],
      [n, Op.I32_SUB],
    ] as const)
      asm.get(local).get(chunk).op(op).set(local);
    asm.op2(Op.BR, 0);
    asm.end().end();
  });
}
