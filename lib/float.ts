// Numbers with a fraction as text and back: the exact decimal digits of an f64, rounded where they are cut.
//
// Invariants
//   F1  digits[0 .. digitCount) are the decimal digits of the last number, the first one not 0; it is 0.DIGITS * 10^pointAt.

import { isDigit } from "./text";

const DIGITS = 1120; // more than any f64 has
const digits: usize = memory.data(1120);
let digitCount = 0;
let pointAt = 0;

const GROUP: u64 = 1000000000; // digits are made nine at a time
const limbs: usize = memory.data(160); // 40 words of a long number, the lowest first
let limbCount = 0;

/** Finds the digits of a positive number that is neither infinite nor NaN. */
function digitsFind(value: f64): void {
  digitCount = 0;
  pointAt = 0;
  const bits = reinterpret<u64>(value);
  let exponent = <i32>((bits >> 52) & 2047);
  let mantissa = bits & 0xfffffffffffff;
  if (exponent == 0) exponent = 1;
  else mantissa |= (<u64>1) << 52;
  exponent -= 1075; // the number is mantissa * 2^exponent
  if (mantissa == 0) return;
  const below = exponent < 0 ? min(-exponent, 64) : 0;
  const whole: u64 = below == 64 ? 0 : mantissa >> below;
  if (exponent >= 0) wholePut(mantissa, exponent);
  else if (whole > 0) wholePut(whole, 0);
  pointAt = digitCount;
  if (exponent < 0) fractionPut(below == 64 ? mantissa : mantissa - (whole << below), -exponent);
}

/** Appends the digits of m * 2^shift. */
function wholePut(m: u64, shift: i32): void {
  // In groups of nine digits, the lowest first.
  limbCount = 0;
  for (; m > 0; m /= GROUP) store<u32>(limbs + limbCount++ * 4, <u32>(m % GROUP));
  for (; shift > 0; shift -= 29) {
    const factor = (<u64>1) << min(shift, 29);
    let carry: u64 = 0;
    for (let i = 0; i < limbCount; i++) {
      carry += <u64>load<u32>(limbs + i * 4) * factor;
      store<u32>(limbs + i * 4, <u32>(carry % GROUP));
      carry /= GROUP;
    }
    if (carry > 0) store<u32>(limbs + limbCount++ * 4, <u32>carry);
  }
  for (let i = limbCount - 1; i >= 0; i--) groupPut(load<u32>(limbs + i * 4));
}

/** Appends the digits of m / 2^bits, which is below 1. */
function fractionPut(m: u64, bits: i32): void {
  limbCount = (bits + 31) / 32;
  memory.fill(limbs, 0, limbCount * 4 + 8);
  // The point is above the highest word.
  const shift = limbCount * 32 - bits;
  store<u64>(limbs, m << shift);
  store<u32>(limbs + 8, shift == 0 ? 0 : <u32>(m >> (64 - shift)));
  while (digitCount < DIGITS - 9) {
    let carry: u64 = 0;
    let rest: u32 = 0;
    for (let i = 0; i < limbCount; i++) {
      carry += <u64>load<u32>(limbs + i * 4) * GROUP;
      store<u32>(limbs + i * 4, <u32>carry);
      rest |= <u32>carry;
      carry >>= 32;
    }
    groupPut(<u32>carry);
    if (rest == 0) return;
  }
}

function groupPut(group: u32): void {
  for (let power: u32 = 100000000; power > 0; power /= 10) {
    const digit = (group / power) % 10;
    if (digitCount == 0 && digit == 0) {
      pointAt--;
      continue;
    }
    store<u8>(digits + digitCount++, <u8>(0x30 + digit));
  }
}

/** Keeps so many digits, rounded to the nearest number, of two to the one that ends even. */
function round(keep: i32): void {
  if (keep >= digitCount) return;
  if (keep < 0) {
    digitCount = 0;
    return;
  }
  const next = load<u8>(digits + keep);
  let up = next > 0x35;
  if (next == 0x35) {
    up = keep > 0 && (load<u8>(digits + keep - 1) & 1) != 0;
    for (let i = keep + 1; i < digitCount; i++) if (load<u8>(digits + i) != 0x30) up = true;
  }
  digitCount = keep;
  if (!up) return;
  let i = keep - 1;
  for (; i >= 0 && load<u8>(digits + i) == 0x39; i--) store<u8>(digits + i, 0x30);
  if (i >= 0) {
    store<u8>(digits + i, load<u8>(digits + i) + 1);
    return;
  }
  store<u8>(digits, 0x31);
  memory.fill(digits + 1, 0x30, keep);
  digitCount = keep + 1;
  pointAt++;
}

let at: usize = 0;

function put(c: i32): void {
  store<u8>(at++, c);
}

/** Digit i, 0 where there are none. */
function digit(i: i32): i32 {
  return i >= 0 && i < digitCount ? <i32>load<u8>(digits + i) : 0x30;
}

/** Writes a number as %e, %f or %g does; its bytes, at most 350 and the precision. `alternate`: zeros at the end stay with %g. */
export function floatPut(
  to: usize,
  value: f64,
  conversion: i32,
  precision: i32,
  alternate: bool,
): i32 {
  at = to;
  if (value < 0 || (value == 0 && reinterpret<u64>(value) != 0)) {
    put(0x2d);
    value = -value;
  }
  // biome-ignore lint/suspicious/noGlobalIsNan: asc has no other one for an f64.
  if (isNaN(value) || value == Infinity) {
    const name = value == Infinity ? 0x696e66 : 0x6e616e;
    for (let shift = 16; shift >= 0; shift -= 8) put((name >> shift) & 255);
    return <i32>(at - to);
  }
  digitsFind(value);
  const isZero = digitCount == 0;
  if (isZero) pointAt = 1;
  switch (conversion | 0x20) {
    case 0x66:
      round(pointAt + precision);
      fixedPut(precision);
      break;
    case 0x65:
      round(precision + 1);
      scientificPut(precision, conversion);
      break;
    default:
      generalPut(precision, conversion, alternate);
  }
  return <i32>(at - to);
}

function fixedPut(precision: i32): void {
  if (pointAt <= 0) put(0x30);
  for (let i = 0; i < pointAt; i++) put(digit(i));
  if (precision > 0) put(0x2e);
  for (let i = 0; i < precision; i++) put(digit(pointAt + i));
}

function scientificPut(precision: i32, conversion: i32): void {
  put(digit(0));
  if (precision > 0) put(0x2e);
  for (let i = 1; i <= precision; i++) put(digit(i));
  put(0x65 - (conversion & 0x20 ? 0 : 0x20));
  const exponent = pointAt - 1;
  put(exponent < 0 ? 0x2d : 0x2b);
  const n = exponent < 0 ? -exponent : exponent;
  if (n >= 100) put(0x30 + n / 100);
  put(0x30 + ((n / 10) % 10));
  put(0x30 + (n % 10));
}

function generalPut(precision: i32, conversion: i32, alternate: bool): void {
  const significant = max(precision, 1);
  round(significant);
  let kept = significant;
  if (!alternate) {
    kept = min(digitCount, significant);
    while (kept > 0 && digit(kept - 1) == 0x30) kept--;
  }
  if (pointAt - 1 < -4 || pointAt - 1 >= significant) scientificPut(max(kept - 1, 0), conversion);
  else fixedPut(max(kept - pointAt, 0));
}

/** Bytes that the last floatRead took; 0: there was no number. */
export let floatBytes = 0;

/** The number at the start of the text: 12, -1.5, .5, 1e3. */
export function floatRead(p: usize, n: i32): f64 {
  const end = p + n;
  const start = p;
  floatBytes = 0;
  let negative = false;
  if (p < end && (load<u8>(p) == 0x2d || load<u8>(p) == 0x2b)) negative = load<u8>(p++) == 0x2d;
  let mantissa: u64 = 0;
  let exponent = 0;
  let seen = 0;
  let point = false;
  for (; p < end; p++) {
    const c: i32 = load<u8>(p);
    if (c == 0x2e && !point) {
      point = true;
      continue;
    }
    if (!isDigit(c)) break;
    seen++;
    if (mantissa < 1000000000000000000) {
      mantissa = mantissa * 10 + <u64>(c - 0x30);
      if (point) exponent--;
    } else if (!point) exponent++;
  }
  if (seen == 0) return 0;
  floatBytes = <i32>(p - start);
  if (p + 1 < end && (load<u8>(p) | 0x20) == 0x65) {
    let q = p + 1;
    const below = load<u8>(q) == 0x2d;
    if (below || load<u8>(q) == 0x2b) q++;
    let power = 0;
    for (; q < end && isDigit(load<u8>(q)); q++) {
      power = min(power * 10 + load<u8>(q) - 0x30, 9999);
      floatBytes = <i32>(q + 1 - start);
    }
    exponent += below ? -power : power;
  }
  const result = scaled(<f64>mantissa, exponent);
  return negative ? -result : result;
}

/** value * 10^exponent. */
function scaled(value: f64, exponent: i32): f64 {
  if (value == 0) return 0;
  for (; exponent > 22; exponent -= 22) value *= 1e22;
  for (; exponent < -22 && value != 0; exponent += 22) value /= 1e22;
  let power: f64 = 1;
  for (let i = exponent < 0 ? -exponent : exponent; i > 0; i--) power *= 10;
  return exponent < 0 ? value / power : value * power;
}
