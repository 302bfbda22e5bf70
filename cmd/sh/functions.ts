// Functions: the text of each, as NAME() BODY. A call parses it again, so that no tree outlives its line.
//
// Invariants
//   F1  A name is in the table at most once; a function that is defined again with a longer text moves, and the old room is lost.

import { bytesEqual, putLiteral } from "../../lib/text";

const FUNCTIONS = 128;
const table: usize = memory.data(2048); // {text, bytes, nameBytes, room}
const TEXT_BYTES = 131072;
const texts: usize = memory.data(131072);
const MARK_BYTES = 3; // between the name and the body
let count = 0;
let textUsed = 0;

/** Keeps a copy of a definition; false when there is no room for it. */
export function functionDefine(name: usize, nameBytes: i32, body: usize, bodyBytes: i32): bool {
  let i = functionFind(name, nameBytes);
  const bytes = nameBytes + MARK_BYTES + bodyBytes;
  if (i < 0 && count == FUNCTIONS) return false;
  const old = i >= 0 ? table + i * 16 : 0;
  if (old == 0 || bytes > load<i32>(old, 12)) {
    if (textUsed + bytes > TEXT_BYTES) return false;
    if (i < 0) i = count++;
    store<usize>(table + i * 16, texts + textUsed);
    store<i32>(table + i * 16, bytes, 12);
    textUsed += bytes;
  }
  const text = functionText(i);
  memory.copy(text, name, nameBytes);
  putLiteral(text + nameBytes, "() ");
  memory.copy(text + nameBytes + MARK_BYTES, body, bodyBytes);
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

/** The definition: NAME() BODY */
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

/** Where in the text the body begins. */
export function functionBodyAt(i: i32): i32 {
  return functionNameBytes(i) + MARK_BYTES;
}

/** True when there was such a function. */
export function functionUnset(name: usize, bytes: i32): bool {
  const i = functionFind(name, bytes);
  if (i >= 0) store<i32>(table + i * 16, 0, 8);
  return i >= 0;
}
