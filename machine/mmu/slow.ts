// Slow accesses: the call to the kernel that an access falls back on, as instructions that leave the same value on the stack.
//
//   f32.load  ->  call $load32 ; f32.reinterpret_i32          i64.load16_s  ->  call $load16 ; i64.extend_i32_u ; i64.extend16_s
//   v128.load ->  call $load128 ; global.get $cpu ; v128.load offset=SCRATCH
//
// A store hands the whole value over in one call, so it is all or nothing.

import { CpuBlock } from "../../abi/cpu.ts";
import { type Access, AccessClass } from "./access.ts";
import type { Asm } from "./asm.ts";
import { Mmu } from "./imports.ts";
import { Op, Type } from "./opcodes.ts";

const LOAD_BY_SIZE: Record<number, Mmu> = {
  1: Mmu.LOAD8,
  2: Mmu.LOAD16,
  4: Mmu.LOAD32,
  8: Mmu.LOAD64,
};
const STORE_BY_SIZE: Record<number, Mmu> = {
  1: Mmu.STORE8,
  2: Mmu.STORE16,
  4: Mmu.STORE32,
  8: Mmu.STORE64,
};

/** What follows the kernel's zero-extended result, by opcode. */
const AFTER_LOAD: Record<number, readonly number[]> = {
  42: [Op.F32_REINTERPRET_I32],
  43: [Op.F64_REINTERPRET_I64],
  44: [Op.I32_EXTEND8_S],
  46: [Op.I32_EXTEND16_S],
  48: [Op.I64_EXTEND_I32_U, Op.I64_EXTEND8_S],
  49: [Op.I64_EXTEND_I32_U],
  50: [Op.I64_EXTEND_I32_U, Op.I64_EXTEND16_S],
  51: [Op.I64_EXTEND_I32_U],
  52: [Op.I64_EXTEND_I32_U, Op.I64_EXTEND32_S],
  53: [Op.I64_EXTEND_I32_U],
};

/** What makes the kernel's operand from the stored value, by opcode. */
const BEFORE_STORE: Record<number, readonly number[]> = {
  56: [Op.I32_REINTERPRET_F32],
  57: [Op.I64_REINTERPRET_F64],
  60: [Op.I32_WRAP_I64],
  61: [Op.I32_WRAP_I64],
  62: [Op.I32_WRAP_I64],
};

/** SIMD sub-opcodes that follow the scalar load: extend_low of a splat, or a splat. */
const SIMD_EXTEND_LOW: readonly number[] = [0x87, 0x89, 0xa7, 0xa9, 0xc7, 0xc9];
const SIMD_SPLAT: readonly number[] = [0x0f, 0x10, 0x11, 0x12];
const REPLACE_LANE: Record<number, number> = { 1: 23, 2: 26, 4: 28, 8: 30 };
const EXTRACT_LANE: Record<number, number> = { 1: 22, 2: 25, 4: 27, 8: 29 };

function kernelFunction(table: Record<number, Mmu>, size: number): Mmu {
  const index = table[size];
  if (index === undefined) throw new Error(`no kernel access of ${size} bytes`);
  return index;
}

/** A load of any class but atomic. Locals: a and k are i32, v holds the vector of a lane load. */
export function emitSlowLoad(
  asm: Asm,
  access: Access,
  a: number,
  k: number,
  v = -1,
  lane = -1,
): void {
  const sub = access.code & 0xff;
  if (access.type !== Type.V128) {
    asm.get(a).get(k).call(kernelFunction(LOAD_BY_SIZE, access.size));
    for (const op of AFTER_LOAD[access.code] ?? []) asm.op(op);
    return;
  }
  if (access.size === 16) {
    asm.get(a).get(k).call(Mmu.LOAD128).cpu().memory(0xfd00, 0, CpuBlock.SCRATCH);
    return;
  }
  if (access.class === AccessClass.LOAD_LANE) {
    asm.get(v).get(a).get(k).call(kernelFunction(LOAD_BY_SIZE, access.size));
    asm.simd(REPLACE_LANE[access.size] ?? 0, lane);
    return;
  }
  if (sub === 92 || sub === 93) {
    asm.simd(12).bytes(new Uint8Array(16));
    asm.get(a).get(k).call(kernelFunction(LOAD_BY_SIZE, access.size));
    asm.simd(REPLACE_LANE[access.size] ?? 0, 0);
    return;
  }
  asm.get(a).get(k).call(kernelFunction(LOAD_BY_SIZE, access.size));
  if (sub >= 7) asm.simd(SIMD_SPLAT[sub - 7] ?? 0);
  else asm.simd(0x12).simd(SIMD_EXTEND_LOW[sub - 1] ?? 0);
}

/** A store of any class but atomic of local v. */
export function emitSlowStore(
  asm: Asm,
  access: Access,
  a: number,
  k: number,
  v: number,
  lane = -1,
): void {
  asm.get(a).get(k);
  if (access.size === 16) {
    asm.get(v).simd(29, 0).get(v).simd(29, 1).call(Mmu.STORE128);
    return;
  }
  asm.get(v);
  if (access.class === AccessClass.STORE_LANE) asm.simd(EXTRACT_LANE[access.size] ?? 0, lane);
  else for (const op of BEFORE_STORE[access.code] ?? []) asm.op(op);
  asm.call(kernelFunction(STORE_BY_SIZE, access.size));
}
