// Accesses: what each memory instruction moves. Indexed by access code: the opcode, or prefix << 8 | sub-opcode behind a prefix.

import { Type } from "./opcodes.ts";

export const enum AccessClass {
  LOAD = 1,
  STORE,
  LOAD_LANE, // v128 operand beside the address, lane immediate
  STORE_LANE,
  ATOMIC_LOAD,
  ATOMIC_STORE,
  ATOMIC_RMW,
  ATOMIC_CMPXCHG,
  NOTIFY,
  WAIT,
}

export interface Access {
  readonly code: number;
  readonly size: number; // bytes
  readonly class: AccessClass;
  /** The value's type: result of a load, operand of a store, both of a read-modify-write. */
  readonly type: number;
}

const SIMD = 0xfd00;
const ATOMIC = 0xfe00;

/** In the order of their codes. */
const accesses: Access[] = [];
const byCode = new Map<number, Access>();

function define(code: number, size: number, cls: AccessClass, type: number): void {
  const access = { code, size, class: cls, type };
  accesses.push(access);
  byCode.set(code, access);
}

function definePlain(): void {
  const { LOAD, STORE } = { LOAD: AccessClass.LOAD, STORE: AccessClass.STORE };
  const loads: readonly (readonly [size: number, type: number])[] = [
    [4, Type.I32],
    [8, Type.I64],
    [4, Type.F32],
    [8, Type.F64],
    [1, Type.I32],
    [1, Type.I32],
    [2, Type.I32],
    [2, Type.I32],
    [1, Type.I64],
    [1, Type.I64],
    [2, Type.I64],
    [2, Type.I64],
    [4, Type.I64],
    [4, Type.I64],
  ];
  const stores: readonly (readonly [size: number, type: number])[] = [
    [4, Type.I32],
    [8, Type.I64],
    [4, Type.F32],
    [8, Type.F64],
    [1, Type.I32],
    [2, Type.I32],
    [1, Type.I64],
    [2, Type.I64],
    [4, Type.I64],
  ];
  loads.forEach(([size, type], i) => {
    define(0x28 + i, size, LOAD, type);
  });
  stores.forEach(([size, type], i) => {
    define(0x36 + i, size, STORE, type);
  });
}

function defineSimd(): void {
  const V = Type.V128;
  define(SIMD | 0, 16, AccessClass.LOAD, V);
  for (let sub = 1; sub <= 6; sub++) define(SIMD | sub, 8, AccessClass.LOAD, V);
  for (let sub = 7; sub <= 10; sub++) define(SIMD | sub, 1 << (sub - 7), AccessClass.LOAD, V);
  define(SIMD | 11, 16, AccessClass.STORE, V);
  for (let i = 0; i < 4; i++) {
    define(SIMD | (84 + i), 1 << i, AccessClass.LOAD_LANE, V);
    define(SIMD | (88 + i), 1 << i, AccessClass.STORE_LANE, V);
  }
  define(SIMD | 92, 4, AccessClass.LOAD, V);
  define(SIMD | 93, 8, AccessClass.LOAD, V);
}

function defineAtomics(): void {
  define(ATOMIC | 0, 4, AccessClass.NOTIFY, Type.I32);
  define(ATOMIC | 1, 4, AccessClass.WAIT, Type.I32);
  define(ATOMIC | 2, 8, AccessClass.WAIT, Type.I64);
  // Each family of seven: i32, i64, i32 8 and 16, i64 8, 16 and 32.
  const shapes: readonly (readonly [size: number, type: number])[] = [
    [4, Type.I32],
    [8, Type.I64],
    [1, Type.I32],
    [2, Type.I32],
    [1, Type.I64],
    [2, Type.I64],
    [4, Type.I64],
  ];
  for (let family = 0; family < 9; family++) {
    const cls =
      [AccessClass.ATOMIC_LOAD, AccessClass.ATOMIC_STORE][family] ??
      (family === 8 ? AccessClass.ATOMIC_CMPXCHG : AccessClass.ATOMIC_RMW);
    shapes.forEach(([size, type], i) => {
      define(ATOMIC | (0x10 + family * 7 + i), size, cls, type);
    });
  }
}

definePlain();
defineSimd();
defineAtomics();

/** The access of a code, or undefined: not a memory access. */
export function accessOf(code: number): Access | undefined {
  return byCode.get(code);
}

export function allAccesses(): readonly Access[] {
  return accesses;
}

/** Lanes of a lane access. */
export function laneCount(access: Access): number {
  return 16 / access.size;
}
