// Signs in words: what stands at a place of a word as written, for expand.ts and braces.ts.

import { isDigit, isName, isNameStart } from "../../lib/text";
import { spanParenthesis } from "./spans";
import { parameter } from "./vars";

const HOME: usize = memory.data<u8>([0x48, 0x4f, 0x4d, 0x45]);
const OLDPWD: usize = memory.data<u8>([0x4f, 0x4c, 0x44, 0x50, 0x57, 0x44]);

/**
 * `~` or `~/...` at the start of a word is HOME, ~+ is PWD, ~- OLDPWD: the address behind it, with the folder as vars.ts' value; `word` when
 * there is none. `colons`: a colon may follow too.
 */
export function homeSpan(word: usize, end: usize, colons: bool): usize {
  if (word >= end || load<u8>(word) != 0x7e) return word;
  const c: i32 = word + 1 < end ? <i32>load<u8>(word + 1) : 0;
  if (c == 0x2b || c == 0x2d) {
    if (word + 2 < end && load<u8>(word + 2) != 0x2f) return word;
    parameter(OLDPWD + (c == 0x2b ? 3 : 0), c == 0x2b ? 3 : 6);
    return word + 2;
  }
  if (c != 0 && c != 0x2f && !(colons && c == 0x3a)) return word;
  parameter(HOME, 4);
  return word + 1;
}

/** Whether the text names a parameter: a variable, a number or one of ? $ ! # @ * -. */
export function isParameter(name: usize, bytes: i32): bool {
  if (bytes <= 0) return false;
  const c: i32 = load<u8>(name);
  if (
    bytes == 1 &&
    (c == 0x3f || c == 0x24 || c == 0x21 || c == 0x23 || c == 0x40 || c == 0x2a || c == 0x2d)
  )
    return true;
  const isNumber = isDigit(c);
  if (!isNumber && !isNameStart(c)) return false;
  for (let i = 1; i < bytes; i++) {
    const next = load<u8>(name + i);
    if (!(isNumber ? isDigit(next) : isName(next))) return false;
  }
  return true;
}

/** True at `$@"`. */
export function isAll(p: usize, end: usize): bool {
  return p + 3 <= end && load<u8>(p) == 0x24 && load<u8>(p + 1) == 0x40 && load<u8>(p + 2) == 0x22;
}

/** At `((...))` whose first two parentheses close last. */
export function isArithmetic(p: usize, past: usize): bool {
  return load<u8>(p + 1) == 0x28 && spanParenthesis(p + 2, past) == past - 1;
}

/** What a backslash takes its meaning from in a pattern. */
export function isPatternByte(c: i32): bool {
  return c == 0x2a || c == 0x3f || c == 0x5b || c == 0x5c || c == 0x5d || c == 0x2d || c == 0x21;
}

/** What a backslash takes its meaning from in a regular expression. */
export function isOperator(c: i32): bool {
  return (
    (c >= 0x21 && c <= 0x2f) || c == 0x3f || (c >= 0x5b && c <= 0x5e) || (c >= 0x7b && c <= 0x7d)
  );
}
