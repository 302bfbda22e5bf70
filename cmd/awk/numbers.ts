// Numbers as texts, and texts as numbers.

import { floatBytes, floatPut, floatRead } from "../../lib/float";
import { bytesAre, isDigit, putDecimal } from "../../lib/text";
import { numberFormatted } from "./format";
import { Text, textDrop, textOf } from "./texts";
import { Var, varText } from "./variables";

/** Whole numbers below this are exact as i64. */
const WHOLE_MAX: f64 = 1e18;
/** Digits of the significand that an i64 holds for sure. */
const DIGITS_EXACT = 15;
export const numberPlace: usize = memory.data(400);

export function isBlank(c: i32): bool {
  return c == 0x20 || (c >= 9 && c <= 13);
}

/** The number that the text begins with, 0 if none. */
export function textNumber(text: Text): f64 {
  return bytesNumber(text.at, text.bytes);
}

/** The number that the bytes begin with; `numberEnd` is behind it. */
export function bytesNumber(p: usize, bytes: i32): f64 {
  const end = p + bytes;
  while (p < end && isBlank(load<u8>(p))) p++;
  const start = p;
  const negative = p < end && load<u8>(p) == 0x2d;
  if (negative) p++;
  // Most numbers are short and whole.
  let whole: i64 = 0;
  const first = p;
  for (; p < end && isDigit(load<u8>(p)); p++) whole = whole * 10 + (load<u8>(p) - 0x30);
  const c: i32 = p < end ? <i32>load<u8>(p) : 0;
  if (p > first && <i32>(p - first) <= DIGITS_EXACT && c != 0x2e && (c | 0x20) != 0x65) {
    numberEnd = p;
    return negative ? -(<f64>whole) : <f64>whole;
  }
  const number = floatRead(start, <i32>(end - start));
  numberEnd = start + floatBytes;
  return number;
}

export let numberEnd: usize = 0;

/** Whether the text is a number, with blanks around it or none. */
export function textSeemsNumber(text: Text): bool {
  const end = text.at + text.bytes;
  let p = text.at;
  while (p < end && isBlank(load<u8>(p))) p++;
  if (p == end) return false;
  bytesNumber(p, <i32>(end - p));
  if (numberEnd == p) return false;
  p = numberEnd;
  while (p < end && isBlank(load<u8>(p))) p++;
  return p == end;
}

/** The number as CONVFMT says, held. */
export function numberText(number: f64): Text {
  const bytes = numberPut(number, Var.CONVFMT);
  if (bytes >= 0) return textOf(numberPlace, bytes);
  const format = varText(Var.CONVFMT);
  const text = numberFormatted(format, number);
  textDrop(format);
  return text;
}

/** Writes a number to numberPlace: a whole one with all its digits, another if the format (a Var) is %.6g. Its bytes; -1: format it. */
export function numberPut(number: f64, formatVar: i32): i32 {
  if (Math.abs(number) < WHOLE_MAX && trunc(number) == number) {
    return putDecimal(numberPlace, <i64>number);
  }
  if (trunc(number) == number && Math.abs(number) < Infinity) {
    return floatPut(numberPlace, number, 0x66, 0, false);
  }
  const format = varText(formatVar);
  const isUsual = bytesAre(format.at, format.bytes, "%.6g");
  textDrop(format);
  return isUsual ? floatPut(numberPlace, number, 0x67, 6, false) : -1;
}
