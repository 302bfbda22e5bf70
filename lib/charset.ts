// Sets of characters, for [...] and \w in regular expressions: a bit for each character of ASCII, ranges for all others.
//
// Those of the expression that is being compiled lie one after another in `sets`.

import { classHas } from "./classes";

/** A set of characters: this, then `ranges` pairs of characters from 0x80 on. */
@unmanaged
export class CharSet {
  negated: i32;
  ranges: i32;
  ascii0: u64;
  ascii1: u64;
}

const SETS_BYTES = 4096;
const SET_BYTES = 24;
const RANGE_BYTES = 8;
if (<i32>offsetof<CharSet>() != SET_BYTES) ERROR("CharSet is not SET_BYTES");

export const sets: usize = memory.data(4096, 8);
export let setsUsed: i32 = 0;
/** A set or a range did not fit. */
export let setsFull = false;
let folds = false;

/** Begins another expression; with `foldsThem` a letter is both, large and small. */
export function setsClear(foldsThem: bool): void {
  setsUsed = 0;
  setsFull = false;
  folds = foldsThem;
}

/** An empty set at the end of the others; null when there is no room. It counts when setEnd() was called. */
export function setBegin(): CharSet | null {
  if (setsUsed + SET_BYTES > SETS_BYTES) {
    setsFull = true;
    return null;
  }
  memory.fill(sets + setsUsed, 0, SET_BYTES);
  return changetype<CharSet>(sets + setsUsed);
}

/** Where the set is, from the start of the sets. */
export function setEnd(set: CharSet): i32 {
  const where = setsUsed;
  setsUsed += SET_BYTES + set.ranges * RANGE_BYTES;
  return where;
}

/** Adds the characters of a range. */
export function setAdd(set: CharSet, from: i32, to: i32): void {
  for (let c = from; c <= min(to, 0x7f); c++) {
    asciiAdd(set, c);
    const l = c | 0x20;
    if (folds && l >= 0x61 && l <= 0x7a) asciiAdd(set, c ^ 0x20);
  }
  if (to < 0x80) return;
  const range = changetype<usize>(set) + SET_BYTES + set.ranges * RANGE_BYTES;
  if (range + RANGE_BYTES > sets + SETS_BYTES) {
    setsFull = true;
    return;
  }
  store<i32>(range, max(from, 0x80));
  store<i32>(range, to, 4);
  set.ranges++;
}

function asciiAdd(set: CharSet, c: i32): void {
  if (c < 64) set.ascii0 |= (<u64>1) << c;
  else set.ascii1 |= (<u64>1) << (c - 64);
}

/** Adds a class of characters (classes.ts). */
export function classAdd(set: CharSet, which: i32): void {
  for (let c = 0; c < 0x80; c++) if (classHas(which, c)) setAdd(set, c, c);
  if (classHas(which, 0x80)) setAdd(set, 0x80, 0x10ffff);
}

/** Whether the set, which is in a program or being made, has the character. */
export function setHas(set: CharSet, c: i32): bool {
  let has = false;
  if (c < 64) has = ((set.ascii0 >> c) & 1) != 0;
  else if (c < 0x80) has = ((set.ascii1 >> (c - 64)) & 1) != 0;
  else {
    const ranges = changetype<usize>(set) + SET_BYTES;
    for (let i = 0; i < set.ranges; i++) {
      const range = ranges + i * RANGE_BYTES;
      if (c >= load<i32>(range) && c <= load<i32>(range, 4)) has = true;
    }
  }
  return has != (set.negated != 0);
}
