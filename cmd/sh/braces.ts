// What stands in braces after a dollar: ${NAME}, ${#NAME}, ${!NAME}, and ${NAME op WORD} with the operators of operators.ts. Also set -u.

import { isDigit, isName, isNameStart, putDecimal } from "../../lib/text";
import { utf8Count } from "../../lib/utf8";
import { arithmetic, arithmeticError } from "./arith";
import {
  expandAside,
  expandNamed,
  expandParameters,
  expandSplitting,
  failExpand,
  failParameter,
  fieldOpen,
  putSplit,
} from "./expand";
import {
  Operator,
  operatorAt,
  operatorBytes,
  operatorColon,
  operatorSlice,
  operatorText,
  operatorTextBytes,
  operatorTrim,
  trimmedFrom,
  trimmedTo,
} from "./operators";
import { nounset } from "./options";
import { expandReplace } from "./replace";
import { isParameter } from "./signs";
import { spanParenthesis } from "./spans";
import { stackMark, stackRelease, stackRoom } from "./stack";
import { parameter, positionals, value, valueBytes, valueIsSet, varComplain, varSet } from "./vars";

const digits: usize = memory.data(24);

/** Everything between the braces. */
export function expandBraced(p: usize, end: usize, quoted: bool): void {
  const bytes = <i32>(end - p);
  if (bytes > 1 && load<u8>(p) == 0x23 && isParameter(p + 1, bytes - 1)) {
    expandLength(p + 1, bytes - 1);
    return;
  }
  if (bytes > 1 && load<u8>(p) == 0x21 && isNameStart(load<u8>(p + 1))) {
    expandIndirect(p + 1, end, quoted);
    return;
  }
  const name = parameterBytes(p, end);
  if (name == 0) {
    failParameter();
    return;
  }
  if (name == bytes) {
    expandNamed(p, name, quoted);
    return;
  }
  const operator = operatorAt(p + name, end);
  const word = p + name + operatorBytes;
  const isAll = name == 1 && (load<u8>(p) == 0x40 || load<u8>(p) == 0x2a);
  // What changes a value is for one value.
  if (isAll && operator >= Operator.PREFIX && operator != Operator.SLICE) {
    failParameter();
    return;
  }
  switch (operator) {
    case Operator.NONE:
      failParameter();
      return;
    case Operator.DEFAULT:
    case Operator.ASSIGN:
    case Operator.ERROR:
    case Operator.OTHER:
      expandIfSet(p, name, operator, word, end, quoted);
      return;
    case Operator.REPLACE:
      expandReplace(p, name, word, end, quoted);
      return;
    case Operator.SLICE:
      expandSlice(p, name, word, end, quoted);
      return;
    case Operator.CASE:
      expandCase(p, name, p + name, operatorBytes == 2, quoted);
      return;
  }
  expandAside(word, end);
  lookUp(p, name);
  operatorTrim(operator, value, valueBytes);
  putTrimmed(quoted);
}

function putTrimmed(quoted: bool): void {
  for (let i = trimmedFrom; i < trimmedTo; i++) putSplit(load<u8>(value + i), quoted);
  if (quoted) fieldOpen();
}

/** ${#NAME}; ${#@} and ${#*} are $#. */
function expandLength(name: usize, bytes: i32): void {
  const c = load<u8>(name);
  let count = positionals();
  if (bytes != 1 || (c != 0x40 && c != 0x2a)) {
    lookUp(name, bytes);
    count = utf8Count(value, valueBytes);
  }
  fieldOpen();
  const n = putDecimal(digits, count);
  for (let i = 0; i < n; i++) putSplit(load<u8>(digits + i), true);
}

/** ${!NAME ...}: the parameter whose name is the value of NAME. */
function expandIndirect(p: usize, end: usize, quoted: bool): void {
  const name = parameterBytes(p, end);
  lookUp(p, name);
  if (!isParameter(value, valueBytes)) {
    if (valueBytes > 0) failParameter();
    return;
  }
  const mark = stackMark();
  const rest = <i32>(end - p) - name;
  const n = valueBytes;
  const text = stackRoom(n + rest);
  if (text == 0) failExpand("too long");
  else {
    memory.copy(text, value, n);
    memory.copy(text + n, p + name, rest);
    expandBraced(text, text + n + rest, quoted);
  }
  stackRelease(mark);
}

/** ${NAME:-WORD} and its kin. */
function expandIfSet(
  name: usize,
  bytes: i32,
  operator: i32,
  word: usize,
  end: usize,
  quoted: bool,
): void {
  const c = load<u8>(name);
  parameter(name, bytes);
  let isSet = valueIsSet && !(operatorColon && valueBytes == 0);
  if (bytes == 1 && (c == 0x40 || c == 0x2a)) isSet = positionals() > 0;
  if (isSet != (operator == Operator.OTHER)) {
    if (isSet) expandNamed(name, bytes, quoted);
    return;
  }
  if (operator == Operator.DEFAULT || operator == Operator.OTHER) {
    expandSplitting(word, end, quoted);
    return;
  }
  expandAside(word, end);
  if (operator == Operator.ERROR) {
    failExpand("not set");
    expandSubject(name, bytes, operatorText, operatorTextBytes);
    return;
  }
  if (!isNameStart(c)) {
    failParameter();
    return;
  }
  if (!varSet(name, bytes, operatorText, operatorTextBytes)) {
    varComplain(name, bytes);
    failExpand("nothing was assigned");
  }
  expandNamed(name, bytes, quoted);
}

/** ${NAME:FIRST} and ${NAME:FIRST:COUNT}; of @ and * it is parameters that are counted. */
function expandSlice(name: usize, bytes: i32, p: usize, end: usize, quoted: bool): void {
  let colon = p;
  while (colon < end && load<u8>(colon) != 0x3a) {
    if (load<u8>(colon++) == 0x28) colon = max(spanParenthesis(colon, end), colon);
  }
  const first = numberOf(p, colon);
  const counted = colon < end;
  const count = counted ? numberOf(colon + 1, end) : i64.MAX_VALUE;
  const c = load<u8>(name);
  if (bytes == 1 && (c == 0x40 || c == 0x2a)) {
    expandParameters(first, count, c == 0x2a, quoted);
    return;
  }
  lookUp(name, bytes);
  operatorSlice(value, valueBytes, first, count);
  putTrimmed(quoted);
}

function numberOf(p: usize, end: usize): i64 {
  expandAside(p, end);
  const result = arithmetic(operatorText, operatorTextBytes);
  if (arithmeticError.length > 0) failExpand(arithmeticError);
  return result;
}

/** ${NAME^} ${NAME^^} ${NAME,} ${NAME,,} */
function expandCase(name: usize, bytes: i32, operator: usize, every: bool, quoted: bool): void {
  const low: i32 = load<u8>(operator) == 0x5e ? 0x61 : 0x41;
  lookUp(name, bytes);
  for (let i = 0; i < valueBytes; i++) {
    const c: i32 = load<u8>(value + i);
    const turns = (every || i == 0) && c >= low && c < low + 26;
    putSplit(turns ? c ^ 0x20 : c, quoted);
  }
  if (quoted) fieldOpen();
}

/** Looks up a parameter; with set -u one that is not set is an error. */
export function lookUp(name: usize, bytes: i32): void {
  parameter(name, bytes);
  if (valueIsSet || !nounset) return;
  failExpand("not set");
  expandSubject(name, bytes, name, 0);
}

/** What expandError is about, with more words if there are any. */
export let subject: usize = 0;
export let subjectBytes: i32 = 0;
export let reason: usize = 0;
export let reasonBytes: i32 = 0;

function expandSubject(name: usize, bytes: i32, why: usize, whyBytes: i32): void {
  subject = name;
  subjectBytes = bytes;
  reason = why;
  reasonBytes = whyBytes;
}

/** Bytes of the parameter's name at p. */
function parameterBytes(p: usize, end: usize): i32 {
  let n = 0;
  if (p < end && isNameStart(load<u8>(p))) {
    while (p + n < end && isName(load<u8>(p + n))) n++;
    return n;
  }
  while (p + n < end && isDigit(load<u8>(p + n))) n++;
  if (n > 0) return n;
  return isParameter(p, p < end ? 1 : 0) ? 1 : 0;
}

export function subjectClear(): void {
  subjectBytes = 0;
}
