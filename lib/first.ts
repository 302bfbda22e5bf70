// What a regular expression's match can begin with: most places of a text are passed over by that alone.

import { CharSet, setHas } from "./charset";
import { Code, Regex, regexCode, regexValue } from "./regex";

/** Codes that an expression may have at most, for the tables below. */
export const FIRST_CODES = 2048;
const pending: usize = memory.data(8192); // codes to look at
const looked: usize = memory.data(2048); // 1: code i was

/** Finds out which bytes a match can begin with, and whether it can begin at the start only. */
export function firstFind(regex: Regex): void {
  regex.anyFirst = 0;
  regex.firstBytes0 = 0;
  regex.firstBytes1 = 0;
  memory.fill(looked, 0, regex.codes);
  regex.anchored = 1;
  let left = 1;
  store<i32>(pending, 0);
  store<u8>(looked, 1);
  // Behind a START nothing is looked at: if that was all there is, the expression is anchored.
  while (left > 0) {
    const i = load<i32>(pending + --left * 4);
    const what = regexCode(regex, i);
    const value = regexValue(regex, i);
    if (what == Code.START) continue;
    if (what <= Code.SET || what == Code.MATCH) {
      regex.anchored = 0;
      firstAdd(regex, what, value);
      continue;
    }
    if (what == Code.SPLIT || what == Code.LOOP || what == Code.JUMP)
      left = look(i + 1 + value, left);
    if (what != Code.JUMP) left = look(i + 1, left);
  }
  // Some ways begin at the start only, and some do not.
  for (let i = 0; i < regex.codes; i++) {
    if (load<u8>(looked + i) != 0 && regexCode(regex, i) == Code.START) regex.anyFirst = 1;
  }
}

function look(i: i32, left: i32): i32 {
  if (load<u8>(looked + i) != 0) return left;
  store<u8>(looked + i, 1);
  store<i32>(pending + left * 4, i);
  return left + 1;
}

function firstAdd(regex: Regex, what: i32, value: i32): void {
  if (what == Code.ANY || what == Code.MATCH) regex.anyFirst = 1;
  for (let c = 0; c < 0x80; c++) {
    let has = c == value;
    if (what == Code.FOLDED) has = (c | 0x20) == value && c >= 0x41;
    else if (what == Code.SET)
      has = setHas(changetype<CharSet>(changetype<usize>(regex) + regex.setsAt + value), c);
    if (!has) continue;
    if (c < 64) regex.firstBytes0 |= (<u64>1) << c;
    else regex.firstBytes1 |= (<u64>1) << (c - 64);
  }
}
