// Arithmetic: $((...)) over 64-bit integers that wrap. Names are variables; one that is not a number counts as 0.
//
//   loosest first:  NAME = += -= *=    ||  &&  |  ^  &  == !=  < <= > >=  << >>  + -  * / %    unary ! ~ - +    ( )
//
// Both sides of || and && are evaluated.

import { isName, isNameStart, isSpace, parsedBytes, parseNumber, putDecimal } from "../../lib/text";
import { parameter, value, valueBytes, varSet } from "./vars";

let at: usize = 0;
let end: usize = 0;
let depth = 0;
const digits: usize = memory.data(24);

/** Why the last arithmetic() has no result; empty when it has. */
export let arithmeticError: string = "";

export function arithmetic(text: usize, bytes: i32): i64 {
  at = text;
  end = text + bytes;
  depth = 0;
  arithmeticError = "";
  blanks();
  if (at == end) return 0;
  const result = assignment();
  if (at < end) fail("arithmetic is not understood");
  return result;
}

function fail(sentence: string): i64 {
  if (arithmeticError.length == 0) arithmeticError = sentence;
  at = end;
  return 0;
}

function blanks(): void {
  while (at < end && isSpace(load<u8>(at))) at++;
}

/** The byte at `at` + i; 0 past the end. */
function peek(i: i32): i32 {
  return at + i < end ? load<u8>(at + i) : 0;
}

function assignment(): i64 {
  const name = at;
  let p = at;
  if (isNameStart(peek(0))) while (p < end && isName(load<u8>(p))) p++;
  const bytes = <i32>(p - name);
  while (p < end && isSpace(load<u8>(p))) p++;
  const c: i32 = p < end ? load<u8>(p) : 0;
  const next: i32 = p + 1 < end ? load<u8>(p + 1) : 0;
  const compound = next == 0x3d && (c == 0x2b || c == 0x2d || c == 0x2a);
  if (bytes == 0 || !(compound || (c == 0x3d && next != 0x3d))) return binary(1);
  at = p + (compound ? 2 : 1);
  blanks();
  if (++depth > 100) return fail("arithmetic is nested too deeply");
  let result = assignment();
  depth--;
  const old = variable(name, bytes);
  if (compound) {
    if (c == 0x2b) result = old + result;
    else if (c == 0x2d) result = old - result;
    else result = old * result;
  }
  if (arithmeticError.length == 0) varSet(name, bytes, digits, putDecimal(digits, result));
  return result;
}

function variable(name: usize, bytes: i32): i64 {
  parameter(name, bytes);
  return parseNumber(value, valueBytes);
}

let operatorBytes = 0;

/** The level (1 loosest) of the binary operator at `at`, or 0; its length in operatorBytes. */
function operatorLevel(): i32 {
  const c = peek(0);
  const next = peek(1);
  operatorBytes = 1;
  if (c == next && (c == 0x7c || c == 0x26 || c == 0x3c || c == 0x3e || c == 0x3d)) {
    operatorBytes = 2;
    if (c == 0x7c) return 1;
    if (c == 0x26) return 2;
    return c == 0x3d ? 6 : 8;
  }
  if (next == 0x3d && (c == 0x21 || c == 0x3c || c == 0x3e)) {
    operatorBytes = 2;
    return c == 0x21 ? 6 : 7;
  }
  switch (c) {
    case 0x7c:
      return 3;
    case 0x5e:
      return 4;
    case 0x26:
      return 5;
    case 0x3c:
    case 0x3e:
      return 7;
    case 0x2b:
    case 0x2d:
      return 9;
    case 0x2a:
    case 0x2f:
    case 0x25:
      return 10;
  }
  return 0;
}

/** Operators of at least this level, from left to right. */
function binary(level: i32): i64 {
  let left = unary();
  for (;;) {
    blanks();
    const found = operatorLevel();
    if (found == 0 || found < level) return left;
    const c = peek(0);
    const two = operatorBytes == 2;
    at += operatorBytes;
    left = apply(c, two, found, left, binary(found + 1));
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}

function apply(c: i32, two: bool, level: i32, a: i64, b: i64): i64 {
  switch (level) {
    case 1:
      return <i64>(a != 0 || b != 0);
    case 2:
      return <i64>(a != 0 && b != 0);
    case 3:
      return a | b;
    case 4:
      return a ^ b;
    case 5:
      return a & b;
    case 6:
      return <i64>((c == 0x3d) == (a == b));
    case 7:
      if (c == 0x3c) return <i64>(two ? a <= b : a < b);
      return <i64>(two ? a >= b : a > b);
    case 8:
      return c == 0x3c ? a << b : a >> b;
    case 9:
      return c == 0x2b ? a + b : a - b;
  }
  if (c == 0x2a) return a * b;
  if (b == 0) return fail("division by zero");
  // The smallest number divided by -1 does not fit.
  if (b == -1) return c == 0x2f ? -a : 0;
  return c == 0x2f ? a / b : a % b;
}

function unary(): i64 {
  blanks();
  const c = peek(0);
  if (c == 0x21 || c == 0x7e || c == 0x2d || c == 0x2b || c == 0x28) {
    at++;
    if (++depth > 100) return fail("arithmetic is nested too deeply");
    let result: i64 = 0;
    if (c == 0x28) {
      blanks();
      result = assignment();
      blanks();
      if (peek(0) != 0x29) return fail("a ) is missing in arithmetic");
      at++;
    } else {
      result = unary();
      if (c == 0x21) result = <i64>(result == 0);
      else if (c == 0x7e) result = ~result;
      else if (c == 0x2d) result = -result;
    }
    depth--;
    return result;
  }
  const start = at;
  if (isNameStart(c)) {
    while (isName(peek(0))) at++;
    return variable(start, <i32>(at - start));
  }
  const result = parseNumber(at, <i32>(end - at));
  if (parsedBytes == 0) return fail("a number is missing in arithmetic");
  at += parsedBytes;
  return result;
}
