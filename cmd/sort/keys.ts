// What lines are compared by: the keys of -k in turn, each as a text, a number, a size or a version, then the whole line.

import { floatBytes, floatRead } from "../../lib/float";
import { option } from "../../lib/options";
import { usage } from "../../lib/program";
import { isDigit, isSpace } from "../../lib/text";
import { USAGE } from "./index";

@unmanaged
class Key {
  first: i32; // field, from 1; 0: the whole line
  skip: i32; // characters of it that are left out
  last: i32; // 0: to the end of the line
  cells: i32; // of the last field, 0: all
  numeric: i32;
  general: i32; // -g
  sizes: i32; // -h
  versions: i32; // -V
  reverse: i32;
  folds: i32;
  blanks: i32; // those that a field begins with are left out
  lastBlanks: i32; // and those that the last one begins with
}

const KEYS = 16;
const KEY_BYTES = 48;
const keys: usize = memory.data(768);
let count = 0;
let separator = -1; // -1: blanks
const own: usize = memory.data(48); // how the options without -k say it

if (offsetof<Key>() != 48) ERROR("a Key is not KEY_BYTES");

export function separatorSet(c: i32): void {
  separator = c;
}

/** The options that hold for every key without letters of its own. */
export function keysOwn(): void {
  const key = changetype<Key>(own);
  key.numeric = option("n") ? 1 : 0;
  key.general = option("g") ? 1 : 0;
  key.sizes = option("h") ? 1 : 0;
  key.versions = option("V") ? 1 : 0;
  key.reverse = option("r") ? 1 : 0;
  key.folds = option("f") ? 1 : 0;
  key.blanks = option("b") ? 1 : 0;
  key.lastBlanks = key.blanks;
}

/** Reads FIRST[.CHARACTER][LETTERS][,LAST[.CHARACTER][LETTERS]] up to the end of a line; the address behind it. */
export function keyAdd(p: usize): usize {
  if (count == KEYS) usage(USAGE);
  const key = changetype<Key>(keys + count++ * KEY_BYTES);
  at = p;
  key.first = number();
  if (key.first < 1) usage(USAGE);
  if (load<u8>(at) == 0x2e) {
    at++;
    key.skip = number() - 1;
    if (key.skip < 0) usage(USAGE);
  }
  let has = letters(key, false);
  if (load<u8>(at) == 0x2c) {
    at++;
    key.last = number();
    if (key.last < 1) usage(USAGE);
    if (load<u8>(at) == 0x2e) {
      at++;
      key.cells = number();
    }
    has = letters(key, true) || has;
  }
  if (load<u8>(at) == 10) at++;
  else if (load<u8>(at) != 0) usage(USAGE);
  if (has) return at;
  const all = changetype<Key>(own);
  key.numeric = all.numeric;
  key.general = all.general;
  key.sizes = all.sizes;
  key.versions = all.versions;
  key.reverse = all.reverse;
  key.folds = all.folds;
  key.blanks = all.blanks;
  key.lastBlanks = all.blanks;
  return at;
}

let at: usize = 0;

function number(): i32 {
  let n = 0;
  for (; isDigit(load<u8>(at)); at++) n = min(n * 10 + load<u8>(at) - 0x30, 100000);
  return n;
}

/** True when there were any. */
function letters(key: Key, ofLast: bool): bool {
  const from = at;
  for (; load<u8>(at) != 0x2c && load<u8>(at) != 10 && load<u8>(at) != 0; at++) {
    const c = load<u8>(at);
    if (c == 0x6e) key.numeric = 1;
    else if (c == 0x67) key.general = 1;
    else if (c == 0x68) key.sizes = 1;
    else if (c == 0x56) key.versions = 1;
    else if (c == 0x72) key.reverse = 1;
    else if (c == 0x66) key.folds = 1;
    else if (c == 0x62 && ofLast) key.lastBlanks = 1;
    else if (c == 0x62) key.blanks = 1;
    else usage(USAGE);
  }
  return at > from;
}

/** The order of two lines, which are {bytes: i32, text}: below 0, 0 or above. Those that are equal by their keys are compared whole. */
export function compareLines(a: usize, b: usize): i32 {
  const order = compareKeys(a, b);
  if (order != 0 || option("u") || option("s")) return order;
  const rest = compareTexts(a + 4, load<i32>(a), b + 4, load<i32>(b), false);
  return option("r") ? -rest : rest;
}

/** Whether -u takes two lines for the same. */
export function comparesEqual(a: usize, b: usize): bool {
  return compareKeys(a, b) == 0;
}

function compareKeys(a: usize, b: usize): i32 {
  if (count == 0) return compareBy(changetype<Key>(own), a, b);
  for (let i = 0; i < count; i++) {
    const order = compareBy(changetype<Key>(keys + i * KEY_BYTES), a, b);
    if (order != 0) return order;
  }
  return 0;
}

function compareBy(key: Key, a: usize, b: usize): i32 {
  partFind(key, a);
  const p = part;
  const n = partBytes;
  partFind(key, b);
  const q = part;
  const m = partBytes;
  let order = 0;
  if (key.numeric != 0) order = compareNumbers(p, n, q, m);
  else if (key.sizes != 0) order = compareSizes(p, n, q, m);
  else if (key.general != 0) order = compareFloats(p, n, q, m);
  else if (key.versions != 0) order = compareVersions(p, n, q, m);
  else order = compareTexts(p, n, q, m, key.folds != 0);
  return key.reverse != 0 ? -order : order;
}

let part: usize = 0;
let partBytes = 0;

/** The part of a line that a key is about, into part and partBytes. */
function partFind(key: Key, line: usize): void {
  const start = line + 4;
  const end = start + load<i32>(line);
  part = start;
  let last = end;
  if (key.last > 0 && key.cells == 0) last = fieldEnd(fieldFrom(start, end, key.last - 1), end);
  else if (key.last > 0) {
    last = fieldFrom(start, end, key.last - 1);
    if (key.lastBlanks != 0) last = behindBlanks(last, end);
    last = min(last + key.cells, end);
  }
  if (key.first > 0) part = fieldFrom(start, end, key.first - 1);
  if (key.blanks != 0) part = behindBlanks(part, end);
  part = min(part + key.skip, end);
  partBytes = last > part ? <i32>(last - part) : 0;
}

function behindBlanks(p: usize, end: usize): usize {
  while (p < end && isSpace(load<u8>(p))) p++;
  return p;
}

/** Where the field after `skip` others starts; without a separator it starts with the blanks before it. */
function fieldFrom(p: usize, end: usize, skip: i32): usize {
  for (; skip > 0; skip--) p = min(fieldEnd(p, end) + <usize>(separator >= 0), end);
  return p;
}

function fieldEnd(p: usize, end: usize): usize {
  if (separator >= 0) {
    while (p < end && <i32>load<u8>(p) != separator) p++;
    return p;
  }
  p = behindBlanks(p, end);
  while (p < end && !isSpace(load<u8>(p))) p++;
  return p;
}

// A number at the start of a text, as its digits: it may have more than an f64 or an i64 holds.

let sign = 0; // -1, 1; 0: there is no number, or it is 0
let whole: usize = 0; // digits before the point, without zeros in front
let wholeBytes = 0;
let fraction: usize = 0;
let fractionBytes = 0; // without zeros at the end
let unit = 0; // K 1, M 2, G 3 and so on

function numberFind(p: usize, n: i32): void {
  const end = p + n;
  p = behindBlanks(p, end);
  sign = 1;
  if (p < end && load<u8>(p) == 0x2d) {
    sign = -1;
    p++;
  }
  while (p < end && load<u8>(p) == 0x30) p++;
  whole = p;
  while (p < end && isDigit(load<u8>(p))) p++;
  wholeBytes = <i32>(p - whole);
  if (p < end && load<u8>(p) == 0x2e) p++;
  fraction = p;
  if (p > whole + wholeBytes) while (p < end && isDigit(load<u8>(p))) p++;
  unit = unitOf(p < end ? load<u8>(p) : 0);
  while (p > fraction && load<u8>(p - 1) == 0x30) p--;
  fractionBytes = <i32>(p - fraction);
  if (wholeBytes + fractionBytes == 0) sign = 0;
}

function unitOf(c: i32): i32 {
  switch (c) {
    case 0x4b:
    case 0x6b:
      return 1;
    case 0x4d:
      return 2;
    case 0x47:
      return 3;
    case 0x54:
      return 4;
    case 0x50:
      return 5;
    case 0x45:
      return 6;
  }
  return 0;
}

function compareNumbers(p: usize, n: i32, q: usize, m: i32): i32 {
  numberFind(p, n);
  const aSign = sign;
  const a = whole;
  const aBytes = wholeBytes;
  const aFraction = fraction;
  const aFractionBytes = fractionBytes;
  numberFind(q, m);
  if (aSign != sign) return aSign - sign;
  let order = aBytes - wholeBytes;
  if (order == 0) order = memory.compare(a, whole, aBytes);
  if (order == 0) order = compareTexts(aFraction, aFractionBytes, fraction, fractionBytes, false);
  return aSign < 0 ? -order : order;
}

/** By sign, then by unit, then by number: 900K is below 1M. */
function compareSizes(p: usize, n: i32, q: usize, m: i32): i32 {
  numberFind(p, n);
  const aSign = sign;
  const aUnit = unit;
  numberFind(q, m);
  if (aSign != sign) return aSign - sign;
  if (aSign != 0 && aUnit != unit) return aSign < 0 ? unit - aUnit : aUnit - unit;
  return compareNumbers(p, n, q, m);
}

/** Numbers with exponents; what is none comes first. */
function compareFloats(p: usize, n: i32, q: usize, m: i32): i32 {
  const pEnd = p + n;
  const qEnd = q + m;
  p = behindBlanks(p, pEnd);
  q = behindBlanks(q, qEnd);
  const x = floatRead(p, <i32>(pEnd - p));
  const isX = floatBytes > 0;
  const y = floatRead(q, <i32>(qEnd - q));
  const isY = floatBytes > 0;
  if (!isX || !isY) return <i32>isX - <i32>isY;
  return <i32>(x > y) - <i32>(x < y);
}

function compareTexts(p: usize, n: i32, q: usize, m: i32, folds: bool): i32 {
  for (let i = 0; i < min(n, m); i++) {
    const c = lower(load<u8>(p + i), folds);
    const d = lower(load<u8>(q + i), folds);
    if (c != d) return c - d;
  }
  return n - m;
}

function lower(c: i32, folds: bool): i32 {
  return folds && c >= 0x41 && c <= 0x5a ? c + 0x20 : c;
}

/** Digits next to each other are a number: a9 comes before a10. Endings such as .tar.gz count when the rest is the same only. */
function compareVersions(p: usize, n: i32, q: usize, m: i32): i32 {
  if (n == 0 || m == 0) return n - m;
  const dots = <i32>beginsWithDot(q, m) - <i32>beginsWithDot(p, n);
  if (dots != 0) return dots;
  const order = comparePieces(p, withoutEnding(p, n), q, withoutEnding(q, m));
  return order != 0 ? order : comparePieces(p, n, q, m);
}

function beginsWithDot(p: usize, n: i32): bool {
  return n > 0 && load<u8>(p) == 0x2e;
}

/** Bytes before the parts at the end that are a dot, a letter and letters and digits. */
function withoutEnding(p: usize, n: i32): i32 {
  let i = 0;
  let before = 0;
  while (i < n) {
    before = ++i;
    while (i + 1 < n && load<u8>(p + i) == 0x2e && isLetter(load<u8>(p + i + 1))) {
      for (i += 2; i < n && (isLetter(load<u8>(p + i)) || isDigit(load<u8>(p + i))); ) i++;
    }
  }
  return before;
}

function isLetter(c: i32): bool {
  return ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a) || c == 0x7e;
}

/** Where a byte that is no digit belongs: ~ before the end, letters before all others. */
function rankOf(p: usize, i: i32, n: i32): i32 {
  if (i >= n || isDigit(load<u8>(p + i))) return 0;
  const c: i32 = load<u8>(p + i);
  return c == 0x7e ? -1 : isLetter(c) ? c : c + 256;
}

/** Pieces that are no number and numbers in turn. */
function comparePieces(p: usize, n: i32, q: usize, m: i32): i32 {
  let i = 0;
  let k = 0;
  while (i < n || k < m) {
    for (let x = rankOf(p, i, n), y = rankOf(q, k, m); x != 0 || y != 0; ) {
      if (x != y) return x - y;
      x = rankOf(p, ++i, n);
      y = rankOf(q, ++k, m);
    }
    const order = compareNumbers(p + i, digitsOf(p, i, n), q + k, digitsOf(q, k, m));
    if (order != 0) return order;
    i += digitsOf(p, i, n);
    k += digitsOf(q, k, m);
  }
  return 0;
}

function digitsOf(p: usize, i: i32, n: i32): i32 {
  const from = i;
  while (i < n && isDigit(load<u8>(p + i))) i++;
  return i - from;
}
