// The operators of ${NAME op WORD}.
//
//   - WORD if NAME is not set    = the same, and assigned    ? an error that says WORD    + WORD if it is set; with : also when empty
//   # ## without the shortest or longest beginning that matches the pattern WORD    % %% the same at the end

import { patternMatches } from "../../lib/pattern";

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
}

/** Bytes of the operator that operatorAt found; operatorColon: it began with a colon. */
export let operatorBytes: i32 = 0;
export let operatorColon = false;

/** The operator at p, or NONE. */
export function operatorAt(p: usize, end: usize): i32 {
  operatorColon = load<u8>(p) == 0x3a;
  operatorBytes = operatorColon ? 2 : 1;
  const at = operatorColon ? p + 1 : p;
  if (at >= end) return Operator.NONE;
  const c: i32 = load<u8>(at);
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
  if (operatorColon || (c != 0x23 && c != 0x25)) return Operator.NONE;
  const twice = at + 1 < end && <i32>load<u8>(at + 1) == c;
  if (twice) operatorBytes = 2;
  if (c == 0x23) return twice ? Operator.PREFIX_LONGEST : Operator.PREFIX;
  return twice ? Operator.SUFFIX_LONGEST : Operator.SUFFIX;
}

const KEPT_BYTES = 4096;
/** WORD, expanded: as text and as a pattern. */
export const operatorText: usize = memory.data(4096);
export let operatorTextBytes: i32 = 0;
const pattern: usize = memory.data(4096);
let patternBytes = 0;

export function operatorKeep(text: usize, bytes: i32, from: usize, fromBytes: i32): void {
  operatorTextBytes = min(bytes, KEPT_BYTES);
  memory.copy(operatorText, text, operatorTextBytes);
  patternBytes = min(fromBytes, KEPT_BYTES);
  memory.copy(pattern, from, patternBytes);
}

/** What is left of a value after operatorTrim: bytes [trimmedFrom, trimmedTo). */
export let trimmedFrom: i32 = 0;
export let trimmedTo: i32 = 0;

/** Takes off the part of a value that matches the kept pattern. */
export function operatorTrim(operator: i32, value: usize, bytes: i32): void {
  trimmedFrom = 0;
  trimmedTo = bytes;
  const longest = operator == Operator.PREFIX_LONGEST || operator == Operator.SUFFIX_LONGEST;
  const prefix = operator == Operator.PREFIX || operator == Operator.PREFIX_LONGEST;
  for (let i = 0; i <= bytes; i++) {
    const part = longest ? bytes - i : i;
    const from = prefix ? value : value + bytes - part;
    if (!patternMatches(pattern, pattern + patternBytes, from, from + part)) continue;
    if (prefix) trimmedFrom = part;
    else trimmedTo = bytes - part;
    return;
  }
}
