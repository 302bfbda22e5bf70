// Variants: a word with {a,b}, {1..5} or {a..e} outside of quotes stands for several words.
//
// The first pair of braces is replaced by each of its parts in turn, and what that gives is a word to look at again, from there on.

import { bytesFind, bytesIndex, parsedBytes, parseNumber, putDecimal } from "../../lib/text";
import { expandPlain, failExpand, fieldsFull } from "./expand";
import { spanQuote } from "./spans";
import { stackMark, stackRelease, stackRoom } from "./stack";

const DEPTH_MAX = 50;
let depth = 0;
let open: usize = 0; // the braces that find() found
let close: usize = 0;
let isList = false;

/** Whether the word has variants. */
export function variantsIn(word: usize, bytes: i32): bool {
  return bytesIndex(word, bytes, 0x7b) >= 0 && find(word, word + bytes);
}

/** Expands each of them. */
export function variantsExpand(word: usize, bytes: i32): void {
  if (++depth > DEPTH_MAX) failExpand("{ } are nested too deeply");
  else if (!find(word, word + bytes)) expandPlain(word, bytes, true);
  else if (isList) listExpand(word, word + bytes, open, close);
  else rangeExpand(word, word + bytes, open, close);
  depth--;
}

/** Looks for braces with a comma or two dots between them. */
function find(p: usize, end: usize): bool {
  while (p < end) {
    if (load<u8>(p++) != 0x7b) p = spanQuote(p, end);
    else if (findEnd(p, end)) {
      open = p - 1;
      return true;
    }
    if (p == 0) return false;
  }
  return false;
}

function findEnd(p: usize, end: usize): bool {
  const first = p;
  let inner = 1;
  isList = false;
  while (p < end) {
    const c = load<u8>(p++);
    if (c == 0x7b) inner++;
    else if (c == 0x2c && inner == 1) isList = true;
    else if (c == 0x7d && --inner == 0) {
      close = p - 1;
      return isList || isRange(first, close);
    }
    p = spanQuote(p, end);
    if (p == 0) return false;
  }
  return false;
}

/** The word with `bytes` at `part` in the place of its braces. */
function variantExpand(
  word: usize,
  end: usize,
  from: usize,
  to: usize,
  part: usize,
  bytes: i32,
): void {
  const mark = stackMark();
  const before = <i32>(from - word);
  const after = <i32>(end - to) - 1;
  const text = stackRoom(before + bytes + after);
  if (text == 0) failExpand("too long");
  else {
    memory.copy(text, word, before);
    memory.copy(text + before, part, bytes);
    memory.copy(text + before + bytes, to + 1, after);
    variantsExpand(text, before + bytes + after);
  }
  stackRelease(mark);
}

function listExpand(word: usize, end: usize, from: usize, to: usize): void {
  let part = from + 1;
  let inner = 0;
  for (let p = part; p <= to && !fieldsFull; ) {
    const c = load<u8>(p);
    if (p == to || (c == 0x2c && inner == 0)) {
      variantExpand(word, end, from, to, part, <i32>(p - part));
      part = ++p;
      continue;
    }
    if (c == 0x7b) inner++;
    else if (c == 0x7d) inner--;
    p = max(spanQuote(p + 1, to), p + 1);
  }
}

let rangeFirst: i64 = 0;
let rangeLast: i64 = 0;
let rangeStep: i64 = 0;
let rangeDigits = 0; // with a 0 in front, numbers have so many digits
let rangeLetters = false;

/** FIRST..LAST[..STEP], two numbers or two letters. */
function isRange(p: usize, end: usize): bool {
  const bytes = <i32>(end - p);
  const dots = bytesFind(p, bytes, "..");
  if (dots <= 0) return false;
  const q = p + dots + 2;
  let rest = bytesFind(q, <i32>(end - q), "..");
  rangeStep = 1;
  if (rest >= 0) {
    const step = q + rest + 2;
    rangeStep = parseNumber(step, <i32>(end - step));
    if (parsedBytes == 0 || step + parsedBytes != end) return false;
    rangeStep = max(rangeStep < 0 ? -rangeStep : rangeStep, 1);
  } else rest = <i32>(end - q);
  rangeLetters = dots == 1 && rest == 1 && isLetter(load<u8>(p)) && isLetter(load<u8>(q));
  rangeDigits = 0;
  if (rangeLetters) {
    rangeFirst = load<u8>(p);
    rangeLast = load<u8>(q);
    return true;
  }
  rangeFirst = parseNumber(p, dots);
  if (parsedBytes != dots) return false;
  rangeLast = parseNumber(q, rest);
  if (parsedBytes == 0 || parsedBytes != rest) return false;
  if (isPadded(p, dots) || isPadded(q, rest)) rangeDigits = max(dots, rest);
  return true;
}

function isLetter(c: i32): bool {
  return (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a;
}

function isPadded(p: usize, bytes: i32): bool {
  const sign = load<u8>(p) == 0x2d ? 1 : 0;
  return bytes > sign + 1 && load<u8>(p + sign) == 0x30;
}

const number: usize = memory.data(64);
const digits: usize = memory.data(24);

function rangeExpand(word: usize, end: usize, from: usize, to: usize): void {
  if (!isRange(from + 1, to)) return;
  const last = rangeLast;
  const up = rangeFirst <= last;
  const step = up ? rangeStep : -rangeStep;
  const width = min(rangeDigits, 32);
  const letters = rangeLetters;
  for (let i = rangeFirst; (up ? i <= last : i >= last) && !fieldsFull; i += step) {
    let n = 0;
    if (letters) {
      store<u8>(number, <i32>i);
      n = 1;
    } else {
      const bytes = putDecimal(digits, i);
      const sign = i < 0 ? 1 : 0;
      if (i < 0) store<u8>(number + n++, 0x2d);
      while (n + bytes - sign < width) store<u8>(number + n++, 0x30);
      memory.copy(number + n, digits + sign, bytes - sign);
      n += bytes - sign;
    }
    variantExpand(word, end, from, to, number, n);
  }
}
