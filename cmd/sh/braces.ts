// What stands in braces after a dollar: ${NAME}, ${#NAME}, and ${NAME op WORD} with the operators of operators.ts. Also set -u.

import { isDigit, isName, isNameStart, putDecimal } from "../../lib/text";
import {
  expandAside,
  expandNamed,
  expandSplitting,
  failExpand,
  failParameter,
  fieldOpen,
  isParameter,
  putSplit,
} from "./expand";
import {
  Operator,
  operatorAt,
  operatorBytes,
  operatorColon,
  operatorText,
  operatorTextBytes,
  operatorTrim,
  trimmedFrom,
  trimmedTo,
} from "./operators";
import { nounset } from "./options";
import { parameter, positionals, value, valueBytes, valueIsSet, varSet } from "./vars";

const digits: usize = memory.data(24);

/** ${NAME}, ${#NAME}, and ${NAME op WORD}: the operators are those of operators.ts. */
export function expandBraced(p: usize, end: usize, quoted: bool): void {
  const bytes = <i32>(end - p);
  if (bytes > 1 && load<u8>(p) == 0x23 && isParameter(p + 1, bytes - 1)) {
    lookUp(p + 1, bytes - 1);
    fieldOpen();
    const n = putDecimal(digits, charactersIn(value, valueBytes));
    for (let i = 0; i < n; i++) putSplit(load<u8>(digits + i), true);
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
  }
  expandAside(word, end);
  lookUp(p, name);
  operatorTrim(operator, value, valueBytes);
  for (let i = trimmedFrom; i < trimmedTo; i++) putSplit(load<u8>(value + i), quoted);
  if (quoted) fieldOpen();
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
  varSet(name, bytes, operatorText, operatorTextBytes);
  expandNamed(name, bytes, quoted);
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

function charactersIn(p: usize, n: i32): i32 {
  let count = 0;
  for (let i = 0; i < n; i++) if ((load<u8>(p + i) & 0xc0) != 0x80) count++;
  return count;
}

/** Bytes of the parameter's name at p. */
function parameterBytes(p: usize, end: usize): i32 {
  let n = 0;
  if (p < end && isNameStart(load<u8>(p))) {
    while (p + n < end && isName(load<u8>(p + n))) n++;
    return n;
  }
  while (p + n < end && isDigit(load<u8>(p + n))) n++;
  if (n > 0) return n == 1 ? 1 : 0;
  return isParameter(p, p < end ? 1 : 0) ? 1 : 0;
}

export function subjectClear(): void {
  subjectBytes = 0;
}
