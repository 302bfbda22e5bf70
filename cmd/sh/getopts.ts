// getopts OPTIONS NAME [WORD ...]: the next option of the parameters, or of the words, into NAME, its value into OPTARG. Status 1 when there
// is none left.
//
// Invariants
//   G1  OPTIND is the number of the next word to look at; `inside` letters of it have been taken already.

import { err } from "../../lib/fmt";
import { bytesIndex, cstrIs, cstrLength, parseNumber, putDecimal } from "../../lib/text";
import {
  parameter,
  positionals,
  positionalsStart,
  value,
  valueBytes,
  varSet,
  varUnset,
} from "./vars";

const OPTIND: usize = memory.data<u8>([0x4f, 0x50, 0x54, 0x49, 0x4e, 0x44]);
const OPTARG: usize = memory.data<u8>([0x4f, 0x50, 0x54, 0x41, 0x52, 0x47]);
const digits: usize = memory.data(24);
const letter: usize = memory.data(4);
let inside = 0;
let lastIndex: i64 = 0;

export function getoptsRun(words: usize, count: i32): i32 {
  if (count < 2) {
    err.text("usage: getopts OPTIONS NAME [WORD ...]").newline();
    return 2;
  }
  const name = words + cstrLength(words) + 1;
  let word = count > 2 ? name + cstrLength(name) + 1 : positionalsStart();
  const last: i64 = count > 2 ? count - 2 : positionals();
  parameter(OPTIND, 6);
  let index = valueBytes > 0 ? parseNumber(value, valueBytes) : 1;
  // Somebody has set it: it begins anew.
  if (index != lastIndex) inside = 0;
  for (let i: i64 = 1; i < index && i <= last; i++) word += cstrLength(word) + 1;
  if (index < 1 || index > last) return ended(name, max(index, 1));
  if (inside == 0) {
    if (cstrIs(word, "--")) return ended(name, index + 1);
    if (load<u8>(word) != 0x2d || load<u8>(word + 1) == 0) return ended(name, index);
    inside = 1;
  }
  const c: i32 = load<u8>(word + inside++);
  const quiet = load<u8>(words) == 0x3a;
  const at = c == 0x3a ? -1 : bytesIndex(words, cstrLength(words), c);
  const takes = at >= 0 && load<u8>(words + at + 1) == 0x3a;
  const rest = word + inside;
  if (load<u8>(rest) == 0 || takes) {
    inside = 0;
    index++;
  }
  store<u8>(letter, c);
  let answer = c;
  if (at < 0) {
    answer = 0x3f;
    if (!quiet) err.text("sh: wrong option -").byte(c).newline();
    argument(quiet ? letter : 0, 1);
  } else if (!takes) argument(0, 0);
  else if (load<u8>(rest) != 0) argument(rest, cstrLength(rest));
  else if (index <= last) {
    argument(rest + 1, cstrLength(rest + 1));
    index++;
  } else {
    answer = quiet ? 0x3a : 0x3f;
    if (!quiet) err.text("sh: option -").byte(c).text(" needs a value").newline();
    argument(quiet ? letter : 0, 1);
  }
  store<u8>(letter, answer);
  varSet(name, cstrLength(name), letter, 1);
  indexSet(index);
  return 0;
}

function indexSet(index: i64): void {
  lastIndex = index;
  varSet(OPTIND, 6, digits, putDecimal(digits, index));
}

function argument(p: usize, bytes: i32): void {
  if (p != 0) varSet(OPTARG, 6, p, bytes);
  else varUnset(OPTARG, 6);
}

function ended(name: usize, index: i64): i32 {
  inside = 0;
  store<u8>(letter, 0x3f);
  varSet(name, cstrLength(name), letter, 1);
  varUnset(OPTARG, 6);
  indexSet(index);
  return 1;
}
