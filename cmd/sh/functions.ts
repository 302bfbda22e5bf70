// Functions: the text of each `NAME() { ... }`. A call parses it again, so that no tree outlives its line.
//
// Invariants
//   F1  A name is in the table at most once; a function that is defined again with a longer text moves, and the old room is lost.

import { bytesEqual } from "../../lib/text";

const FUNCTIONS = 64;
const table: usize = memory.data(1024); // {text, bytes, nameBytes, room}; the text starts with the name
const TEXT_BYTES = 65536;
const texts: usize = memory.data(65536);
let count = 0;
let textUsed = 0;

/** Keeps a copy of a definition; false when there is no room for it. */
export function functionDefine(text: usize, bytes: i32, nameBytes: i32): bool {
  let i = functionFind(text, nameBytes);
  if (i < 0 && count == FUNCTIONS) return false;
  const old = i >= 0 ? table + i * 16 : 0;
  if (old == 0 || bytes > load<i32>(old, 12)) {
    if (textUsed + bytes > TEXT_BYTES) return false;
    if (i < 0) i = count++;
    store<usize>(table + i * 16, texts + textUsed);
    store<i32>(table + i * 16, bytes, 12);
    textUsed += bytes;
  }
  memory.copy(load<usize>(table + i * 16), text, bytes);
  store<i32>(table + i * 16, bytes, 4);
  store<i32>(table + i * 16, nameBytes, 8);
  return true;
}

/** The function's index, or -1. */
export function functionFind(name: usize, bytes: i32): i32 {
  for (let i = 0; i < count; i++) {
    if (bytesEqual(functionText(i), functionNameBytes(i), name, bytes)) return i;
  }
  return -1;
}

export function functionCount(): i32 {
  return count;
}

/** The definition as written: NAME() { ... } */
export function functionText(i: i32): usize {
  return load<usize>(table + i * 16);
}

export function functionBytes(i: i32): i32 {
  return load<i32>(table + i * 16, 4);
}

/** 0: the function was unset. */
export function functionNameBytes(i: i32): i32 {
  return load<i32>(table + i * 16, 8);
}

export function functionUnset(name: usize, bytes: i32): void {
  const i = functionFind(name, bytes);
  if (i >= 0) store<i32>(table + i * 16, 0, 8);
}
