// Formats: what is between a % and its letter, as printf of the shell and of awk have it, and numbers written so.
//
//   %[-+ 0#][WIDTH][.PRECISION]LETTER        WIDTH and PRECISION may be *
//
// Invariants
//   M1  formatText holds formatBytes bytes of the last number; blanks that its width asks for are not among them.

import { floatPut } from "./float";
import { isDigit } from "./text";

/** WIDTH or PRECISION is *: it is set with formatWidthSet or formatPrecisionSet. */
export const FORMAT_STAR: i32 = -2;
const NONE: i32 = -1;
const WIDTH_MAX = 4000;
export let formatWidth = 0;
export let formatPrecision: i32 = NONE;
export let formatMinus = false;
export let formatLetter: i32 = 0;
let zero = false;
let plus = false;
let space = false;
let alternate = false;

export const formatText: usize = memory.data(4400);
export let formatBytes = 0;

/** Reads what is behind a %; the address behind its letter, which is 0 at the end of the text. */
export function formatRead(p: usize, end: usize): usize {
  formatMinus = false;
  zero = false;
  plus = false;
  space = false;
  alternate = false;
  for (; p < end; p++) {
    const c = load<u8>(p);
    if (c == 0x2d) formatMinus = true;
    else if (c == 0x30) zero = true;
    else if (c == 0x2b) plus = true;
    else if (c == 0x20) space = true;
    else if (c == 0x23) alternate = true;
    else break;
  }
  formatWidth = 0;
  p = number(p, end);
  formatWidth = value == NONE ? 0 : value;
  formatPrecision = NONE;
  if (p < end && load<u8>(p) == 0x2e) {
    p = number(p + 1, end);
    formatPrecision = value == NONE ? 0 : value;
  }
  // The sizes of C say nothing here.
  while (p < end && isSize(load<u8>(p))) p++;
  formatLetter = p < end ? <i32>load<u8>(p++) : 0;
  return p;
}

function isSize(c: i32): bool {
  return c == 0x6c || c == 0x68 || c == 0x6a || c == 0x7a || c == 0x4c;
}

let value: i32 = 0;

function number(p: usize, end: usize): usize {
  value = NONE;
  if (p < end && load<u8>(p) == 0x2a) {
    value = FORMAT_STAR;
    return p + 1;
  }
  for (; p < end && isDigit(load<u8>(p)); p++) {
    value = min(max(value, 0) * 10 + load<u8>(p) - 0x30, WIDTH_MAX);
  }
  return p;
}

/** The width that * stands for; below 0 it is to the left. */
export function formatWidthSet(width: i64): void {
  if (width < 0) formatMinus = true;
  formatWidth = <i32>min<i64>(width < 0 ? -width : width, WIDTH_MAX);
}

export function formatPrecisionSet(precision: i64): void {
  formatPrecision = precision < 0 ? NONE : <i32>min<i64>(precision, WIDTH_MAX);
}

/** Blanks that are missing for n cells to be as many as the width. */
export function formatGap(n: i32): i32 {
  return max(formatWidth - n, 0);
}

/** A whole number by the letter: d i u x X o. */
export function formatInteger(n: i64): void {
  formatBytes = 0;
  let base: u64 = 10;
  let digits: u64 = <u64>n;
  if (formatLetter == 0x64 || formatLetter == 0x69) {
    if (n < 0) digits = <u64>-n;
    sign(n < 0);
  } else if (formatLetter != 0x75) base = formatLetter == 0x6f ? 8 : 16;
  if (alternate && base == 16 && n != 0) {
    put(0x30);
    put(formatLetter);
  } else if (alternate && base == 8) put(0x30);
  let count = digits == 0 && formatPrecision == 0 ? 0 : 1;
  for (let rest = digits / base; rest > 0; rest /= base) count++;
  const least =
    formatPrecision >= 0 ? formatPrecision : zero && !formatMinus ? formatWidth - formatBytes : 0;
  for (let i = count; i < least; i++) put(0x30);
  const letters = formatLetter == 0x58 ? 0x37 : 0x57;
  for (let i = count - 1; i >= 0; i--) {
    const d = <i32>(digits % base);
    store<u8>(formatText + formatBytes + i, d < 10 ? 0x30 + d : letters + d);
    digits /= base;
  }
  formatBytes += count;
}

/** A number by the letter: e f g, or their capitals. */
export function formatFloat(n: f64): void {
  formatBytes = 0;
  const precision = formatPrecision < 0 ? 6 : min(formatPrecision, WIDTH_MAX - 400);
  const negative = n < 0 || (n == 0 && reinterpret<u64>(n) != 0);
  sign(negative);
  const room = formatText + formatBytes;
  let bytes = floatPut(room, negative ? -n : n, formatLetter, precision, alternate);
  const gap = zero && !formatMinus ? formatGap(formatBytes + bytes) : 0;
  if (gap > 0) {
    memory.copy(room + gap, room, bytes);
    memory.fill(room, 0x30, gap);
    bytes += gap;
  }
  formatBytes += bytes;
}

function sign(negative: bool): void {
  if (negative) put(0x2d);
  else if (plus) put(0x2b);
  else if (space) put(0x20);
}

function put(c: i32): void {
  store<u8>(formatText + formatBytes++, c);
}
