// What every rewritten module imports, in this order and before its own imports, so that the indices are the same in all of them:
// memory 0, global 0 and functions 0 to MMU_FUNCTIONS.length - 1. The contract of each is in abi/mmu.ts.

import { Type } from "./opcodes.ts";

export const MMU_MODULE = "mmu";
export const MEMORY_MAX_PAGES = 65536;

/** Function indices of the imports. */
export const enum Mmu {
  LOAD8,
  LOAD16,
  LOAD32,
  LOAD64,
  LOAD128,
  STORE8,
  STORE16,
  STORE32,
  STORE64,
  STORE128,
  TRANSLATE,
  SIZE,
  GROW,
  COPY,
  FILL,
  CHECK,
  WAIT32,
  WAIT64,
  NOTIFY,
  TRAP,
}

/** Global index of the import `cpu`. */
export const CPU_GLOBAL = 0;

export interface Signature {
  readonly params: readonly number[];
  readonly results: readonly number[];
}

const I = Type.I32;
const L = Type.I64;

export const MMU_FUNCTIONS: readonly (readonly [name: string, signature: Signature])[] = [
  ["load8", { params: [I, I], results: [I] }],
  ["load16", { params: [I, I], results: [I] }],
  ["load32", { params: [I, I], results: [I] }],
  ["load64", { params: [I, I], results: [L] }],
  ["load128", { params: [I, I], results: [] }],
  ["store8", { params: [I, I, I], results: [] }],
  ["store16", { params: [I, I, I], results: [] }],
  ["store32", { params: [I, I, I], results: [] }],
  ["store64", { params: [I, I, L], results: [] }],
  ["store128", { params: [I, I, L, L], results: [] }],
  ["translate", { params: [I, I, I, I], results: [I] }],
  ["size", { params: [], results: [I] }],
  ["grow", { params: [I], results: [I] }],
  ["copy", { params: [I, I, I], results: [] }],
  ["fill", { params: [I, I, I], results: [] }],
  ["check", { params: [I, I, I], results: [] }],
  ["wait32", { params: [I, I, I, L], results: [I] }],
  ["wait64", { params: [I, I, L, L], results: [I] }],
  ["notify", { params: [I, I, I], results: [I] }],
  ["trap", { params: [I], results: [] }],
];
