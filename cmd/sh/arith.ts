// Arithmetic: $((...)), (( )), let, and the numbers of ${X:1:2}, over 64-bit integers that wrap.
//
//   loosest first:  A, B    NAME = += -= *= /= %= <<= >>= &= ^= |=    A ? B : C    ||  &&  |  ^  &  == !=  < <= > >=  << >>  + -  * / %
//                   **      unary ! ~ - + ++ --      NAME++ NAME--      NAME, 10, 0x1f, 017, 2#101, ( )
//
// A name is a variable; the value of one that is no number is an expression itself, and nothing is 0.
//
// Invariants
//   A1  While `skipping`, nothing is assigned and nothing fails: it is the side of && || ?: that does not count.

import { hexDigit, isDigit, isName, isNameStart, isSpace, putDecimal } from "../../lib/text";
import { parameter, value, valueBytes, varComplain, varSet } from "./vars";

let at: usize = 0;
let end: usize = 0;
let depth = 0;
let skipping = 0;
const DEPTH_MAX = 100;
const digits: usize = memory.data(24);

/** Why the last arithmetic() has no result; empty when it has. */
export let arithmeticError: string = "";

export function arithmetic(text: usize, bytes: i32): i64 {
  depth = 0;
  skipping = 0;
  arithmeticError = "";
  return evaluate(text, bytes);
}

/** An expression, which may be the value of a variable in another one. */
function evaluate(text: usize, bytes: i32): i64 {
  const outerAt = at;
  const outerEnd = end;
  at = text;
  end = text + bytes;
  blanks();
  let result: i64 = 0;
  if (at < end) {
    result = sequence();
    if (at < end) fail("arithmetic is not understood");
  }
  at = arithmeticError.length == 0 ? outerAt : outerEnd;
  end = outerEnd;
  return result;
}

function fail(sentence: string): i64 {
  if (arithmeticError.length == 0) arithmeticError = sentence;
  at = end;
  return 0;
}

/** One level deeper; false after failing. */
function enter(): bool {
  if (++depth <= DEPTH_MAX) return true;
  fail("arithmetic is nested too deeply");
  return false;
}

function blanks(): void {
  while (at < end && isSpace(load<u8>(at))) at++;
}

/** The byte at `at` + i; 0 past the end. */
function peek(i: i32): i32 {
  return at + i < end ? <i32>load<u8>(at + i) : 0;
}

function sequence(): i64 {
  let result = assignment();
  for (blanks(); peek(0) == 0x2c; blanks()) {
    at++;
    result = assignment();
  }
  return result;
}

function assignment(): i64 {
  blanks();
  const name = at;
  let p = at;
  if (isNameStart(peek(0))) while (p < end && isName(load<u8>(p))) p++;
  const bytes = <i32>(p - name);
  while (p < end && isSpace(load<u8>(p))) p++;
  const operator = bytes > 0 ? assignmentBytes(p) : 0;
  if (operator == 0) return choice();
  const c: i32 = load<u8>(p);
  at = p + operator;
  if (!enter()) return 0;
  let result = assignment();
  depth--;
  if (operator > 1)
    result = apply(c, operator == 3, assignmentLevel(c), variable(name, bytes), result);
  return assign(name, bytes, result);
}

/** Bytes of the = or operator= at p, or 0. */
function assignmentBytes(p: usize): i32 {
  const c: i32 = p < end ? load<u8>(p) : 0;
  const next: i32 = p + 1 < end ? load<u8>(p + 1) : 0;
  if (c == 0x3d) return next == 0x3d ? 0 : 1;
  if (assignmentLevel(c) == 0) return 0;
  if (c != 0x3c && c != 0x3e) return next == 0x3d ? 2 : 0;
  return next == c && p + 2 < end && load<u8>(p + 2) == 0x3d ? 3 : 0;
}

/** The level of the operator before =, or 0. */
function assignmentLevel(c: i32): i32 {
  switch (c) {
    case 0x7c:
      return 3;
    case 0x5e:
      return 4;
    case 0x26:
      return 5;
    case 0x3c:
    case 0x3e:
      return 8;
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

function assign(name: usize, bytes: i32, result: i64): i64 {
  if (skipping > 0 || arithmeticError.length > 0) return result;
  if (!varSet(name, bytes, digits, putDecimal(digits, result))) {
    varComplain(name, bytes);
    fail("nothing was assigned in arithmetic");
  }
  return result;
}

function variable(name: usize, bytes: i32): i64 {
  parameter(name, bytes);
  if (!enter()) return 0;
  const result = evaluate(value, valueBytes);
  depth--;
  return result;
}

/** A ? B : C */
function choice(): i64 {
  const condition = binary(1);
  blanks();
  if (peek(0) != 0x3f) return condition;
  at++;
  if (!enter()) return 0;
  if (condition == 0) skipping++;
  const first = assignment();
  if (condition == 0) skipping--;
  blanks();
  if (peek(0) != 0x3a) return fail("a : is missing in arithmetic");
  at++;
  if (condition != 0) skipping++;
  const second = assignment();
  if (condition != 0) skipping--;
  depth--;
  return condition != 0 ? first : second;
}

let operatorBytes = 0;

/** The level (1 loosest) of the binary operator at `at`, or 0; its length in operatorBytes. */
function operatorLevel(): i32 {
  const c = peek(0);
  const next = peek(1);
  operatorBytes = 1;
  // What an = follows is an assignment, and not for here.
  if (c != 0x3d && assignmentBytes(at) > 0) return 0;
  if (c == next && (c == 0x7c || c == 0x26 || c == 0x3c || c == 0x3e || c == 0x3d || c == 0x2a)) {
    operatorBytes = 2;
    if (c == 0x7c) return 1;
    if (c == 0x26) return 2;
    if (c == 0x2a) return 11;
    return c == 0x3d ? 6 : 8;
  }
  if (next == 0x3d && (c == 0x21 || c == 0x3c || c == 0x3e)) {
    operatorBytes = 2;
    return c == 0x21 ? 6 : 7;
  }
  if (c == 0x3c || c == 0x3e) return 7;
  return assignmentLevel(c);
}

/** Operators of at least this level, from left to right; ** from right to left. */
function binary(level: i32): i64 {
  let left = unary();
  for (;;) {
    blanks();
    const found = operatorLevel();
    if (found == 0 || found < level) return left;
    const c = peek(0);
    const two = operatorBytes == 2;
    at += operatorBytes;
    const decided = (found == 1 && left != 0) || (found == 2 && left == 0);
    if (decided) skipping++;
    if (!enter()) return 0;
    const right = binary(found == 11 ? 11 : found + 1);
    depth--;
    if (decided) skipping--;
    left = apply(c, two, found, left, right);
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
    case 11:
      return power(a, b);
  }
  if (c == 0x2a) return a * b;
  if (b == 0) return skipping > 0 ? 0 : fail("division by zero");
  // The smallest number divided by -1 does not fit.
  if (b == -1) return c == 0x2f ? -a : 0;
  return c == 0x2f ? a / b : a % b;
}

function power(a: i64, b: i64): i64 {
  if (b < 0) return skipping > 0 ? 0 : fail("an exponent is below 0");
  let result: i64 = 1;
  for (; b > 0; b >>= 1) {
    if (b & 1) result *= a;
    a *= a;
  }
  return result;
}

function unary(): i64 {
  blanks();
  const c = peek(0);
  if ((c == 0x2b || c == 0x2d) && peek(1) == c && stepsName(2)) {
    at += 2;
    blanks();
    return step(c, true);
  }
  if (c == 0x21 || c == 0x7e || c == 0x2d || c == 0x2b || c == 0x28) {
    at++;
    if (!enter()) return 0;
    let result: i64 = 0;
    if (c == 0x28) {
      result = sequence();
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
  return isNameStart(c) ? step(0, false) : number();
}

/** A name comes after i bytes and blanks. */
function stepsName(i: i32): bool {
  while (isSpace(peek(i))) i++;
  return isNameStart(peek(i));
}

/** A name, with ++ or -- behind it, or with `before` in front of it. */
function step(before: i32, prefix: bool): i64 {
  const name = at;
  while (isName(peek(0))) at++;
  const bytes = <i32>(at - name);
  const old = variable(name, bytes);
  if (prefix) return assign(name, bytes, before == 0x2b ? old + 1 : old - 1);
  blanks();
  const c = peek(0);
  if ((c != 0x2b && c != 0x2d) || peek(1) != c) return old;
  at += 2;
  assign(name, bytes, c == 0x2b ? old + 1 : old - 1);
  return old;
}

/** 10, 0x1f, 017 and BASE#DIGITS. */
function number(): i64 {
  if (!isDigit(peek(0))) return fail("a number is missing in arithmetic");
  if (peek(0) == 0x30 && (peek(1) | 0x20) == 0x78) {
    at += 2;
    return digitsOf(16);
  }
  if (peek(0) == 0x30) return digitsOf(8);
  const result = digitsOf(10);
  if (peek(0) != 0x23) return result;
  at++;
  if (result < 2 || result > 36) return fail("a base in arithmetic is 2 to 36");
  return digitsOf(<i32>result);
}

function digitsOf(base: i32): i64 {
  let result: i64 = 0;
  const first = at;
  for (; isName(peek(0)); at++) {
    const c = peek(0);
    const digit = hexDigit(c) >= 0 ? hexDigit(c) : (c | 0x20) - 0x57;
    if (c == 0x5f || digit >= base) return fail("a digit is too large for its base in arithmetic");
    result = result * base + digit;
  }
  return at > first ? result : fail("a number is missing in arithmetic");
}
