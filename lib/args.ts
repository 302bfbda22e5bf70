// The program's arguments: argc and arg(i), which is a NUL-terminated string. arg(0) is the program's name.

import { args as sysArgs } from "./sys";
import { cstrIs, cstrLength, parsedBytes, parseNumber } from "./text";

let starts: usize = 0; // the address of each argument: who shortens one leaves the others where they are
let count: i32 = 0;

function argsLoad(): void {
  const bytes = sysArgs(0, 0);
  const n = bytes > 0 ? bytes : 0;
  const block = heap.alloc(n + 2);
  if (n > 0) sysArgs(block, n);
  // Each string ends with NUL; the last one may lack it.
  let end = block + n;
  if (n > 0 && load<u8>(end - 1) != 0) store<u8>(end++, 0);
  argsReplace(block, <i32>(end - block));
}

/** Puts other strings in the place of the arguments: options() sorts them. */
export function argsReplace(strings: usize, bytes: i32): void {
  const end = strings + bytes;
  count = 0;
  for (let p = strings; p < end; p++) if (load<u8>(p) == 0) count++;
  starts = heap.alloc(count * 4 + 4);
  let i = 0;
  for (let p = strings; p < end; p += cstrLength(p) + 1) store<usize>(starts + i++ * 4, p);
}

/** How many arguments, the name included. */
export function argc(): i32 {
  if (starts == 0) argsLoad();
  return count;
}

/** Argument i as a NUL-terminated string; "" past the last one. */
export function arg(i: i32): usize {
  if (i < 0 || i >= argc()) return EMPTY;
  return load<usize>(starts + i * 4);
}

export function argBytes(i: i32): i32 {
  return cstrLength(arg(i));
}

export function argIs(i: i32, literal: string): bool {
  return i < argc() && cstrIs(arg(i), literal);
}

/** Whether the program was called by this name, with or without a path before it. */
export function calledAs(name: string): bool {
  let last = arg(0);
  for (let p = last; load<u8>(p) != 0; p++) if (load<u8>(p) == 0x2f) last = p + 1;
  return cstrIs(last, name);
}

/** False when argument i is not a whole number; the number is in argValue. */
export function argNumber(i: i32): bool {
  const n = argBytes(i);
  argValue = parseNumber(arg(i), n);
  return n > 0 && parsedBytes == n;
}

export let argValue: i64 = 0;

const EMPTY: usize = memory.data(4);
