// The operators of ${NAME op WORD}.
//
//   - WORD if NAME is not set    = the same, and assigned    ? an error that says WORD    + WORD if it is set; with : also when empty
//   # ## without the shortest or longest beginning that matches the pattern WORD    % %% the same at the end
//   / // the first or every part that matches a pattern is replaced (/# only at the beginning, /% at the end): replace.ts
//   :N :N:M from character N on, M of them    ^ ^^ , ,, the first or every letter large or small

import { patternMatches } from "../../lib/pattern";
import { utf8At, utf8Bytes } from "../../lib/utf8";

export const enum Operator {
  NONE = 0,
  DEFAULT = 1, // -
  ASSIGN = 2, // =
  ERROR = 3, // ?
  OTHER = 4, // +
  PREFIX = 5, // #
  PREFIX_LONGEST = 6, // ##
  SUFFIX = 7, // %
  SUFFIX_LONGEST = 8, // %%
  REPLACE = 9, // /
  SLICE = 10, // :
  CASE = 11, // ^ ^^ , ,,
}

/** Bytes of the operator that operatorAt found; operatorColon: it began with a colon. */
export let operatorBytes: i32 = 0;
export let operatorColon = false;

/** The operator at p, or NONE. */
export function operatorAt(p: usize, end: usize): i32 {
  operatorColon = load<u8>(p) == 0x3a;
  operatorBytes = operatorColon ? 2 : 1;
  const at = operatorColon ? p + 1 : p;
  const c: i32 = at < end ? <i32>load<u8>(at) : 0;
  switch (c) {
    case 0x2d:
      return Operator.DEFAULT;
    case 0x3d:
      return Operator.ASSIGN;
    case 0x3f:
      return Operator.ERROR;
    case 0x2b:
      return Operator.OTHER;
  }
  if (operatorColon) {
    operatorBytes = 1;
    return Operator.SLICE;
  }
  const twice = at + 1 < end && <i32>load<u8>(at + 1) == c;
  if (c == 0x2f) return Operator.REPLACE;
  if (twice) operatorBytes = 2;
  if (c == 0x5e || c == 0x2c) return p + operatorBytes == end ? Operator.CASE : Operator.NONE;
  if (c == 0x23) return twice ? Operator.PREFIX_LONGEST : Operator.PREFIX;
  if (c == 0x25) return twice ? Operator.SUFFIX_LONGEST : Operator.SUFFIX;
  return Operator.NONE;
}

const KEPT_BYTES = 65536;
/** WORD, expanded: as text and as a pattern. */
export const operatorText: usize = memory.data(65536);
export let operatorTextBytes: i32 = 0;
export const operatorPattern: usize = memory.data(8192);
export let operatorPatternBytes: i32 = 0;

/** Keeps both; the pattern has at most 8192 bytes, else it is one that matches nothing. */
export function operatorKeep(text: usize, bytes: i32, from: usize, fromBytes: i32): void {
  operatorTextBytes = min(bytes, KEPT_BYTES);
  memory.copy(operatorText, text, operatorTextBytes);
  operatorPatternBytes = min(fromBytes, 8192);
  memory.copy(operatorPattern, from, operatorPatternBytes);
}

/** What is left of a value after operatorTrim or operatorSlice: bytes [trimmedFrom, trimmedTo). */
export let trimmedFrom: i32 = 0;
export let trimmedTo: i32 = 0;

/** Takes off the part of a value that matches the kept pattern. */
export function operatorTrim(operator: i32, value: usize, bytes: i32): void {
  trimmedFrom = 0;
  trimmedTo = bytes;
  const longest = operator == Operator.PREFIX_LONGEST || operator == Operator.SUFFIX_LONGEST;
  const prefix = operator == Operator.PREFIX || operator == Operator.PREFIX_LONGEST;
  const patternEnd = operatorPattern + operatorPatternBytes;
  for (let i = 0; i <= bytes; i++) {
    const part = longest ? bytes - i : i;
    const from = prefix ? value : value + bytes - part;
    if (!patternMatches(operatorPattern, patternEnd, from, from + part)) continue;
    if (prefix) trimmedFrom = part;
    else trimmedTo = bytes - part;
    return;
  }
}

/** Characters from `first` on, counted from the end when it is below 0: `count` of them, or all but -count of the last ones. */
export function operatorSlice(value: usize, bytes: i32, first: i64, count: i64): void {
  let characters: i64 = 0;
  for (let p = value; p < value + bytes; p += utf8Bytes) {
    utf8At(p, value + bytes);
    characters++;
  }
  if (first < 0) first += characters;
  const past = count < 0 ? characters + count : first + min(count, characters);
  if (first < 0 || first > characters || past < first) {
    trimmedFrom = trimmedTo = 0;
    return;
  }
  trimmedFrom = offsetOf(value, bytes, first);
  trimmedTo = offsetOf(value, bytes, min(past, characters));
}

function offsetOf(value: usize, bytes: i32, characters: i64): i32 {
  let p = value;
  for (; characters > 0; characters--) {
    utf8At(p, value + bytes);
    p += utf8Bytes;
  }
  return <i32>(p - value);
}
