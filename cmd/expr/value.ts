// Value: a text, which is a number too when it looks like one.

import { isDigit, parseNumber, putDecimal } from "../../lib/text";

/** Digits of the largest i64, with a sign. */
const NUMBER_BYTES = 20;

export class Value {
  constructor(
    public text: usize,
    public bytes: i32,
  ) {}
}

export function valueOf(number: i64): Value {
  const text = heap.alloc(NUMBER_BYTES + 1);
  return new Value(text, putDecimal(text, number));
}

/** Digits, with a minus or without. */
export function isNumber(value: Value): bool {
  let i = value.bytes > 0 && load<u8>(value.text) == 0x2d ? 1 : 0;
  if (i == value.bytes) return false;
  for (; i < value.bytes; i++) if (!isDigit(load<u8>(value.text + i))) return false;
  return true;
}

export function numberOf(value: Value): i64 {
  return parseNumber(value.text, value.bytes);
}

/** Empty, or zero. */
export function isNull(value: Value): bool {
  return value.bytes == 0 || (isNumber(value) && numberOf(value) == 0);
}
