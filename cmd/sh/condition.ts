// [[ CONDITION ]]: words are not split and not file name patterns; what is behind == or != is a pattern, what is behind =~ an expression.
//
//   [[ A && B || C ]]   ! A   ( A )   STRING   -n -z STRING   A == PATTERN   A = PATTERN   A != PATTERN   A < B   A > B   A =~ EXPRESSION
//   and what `test` has: -f FILE, A -lt B and so on
//
// A side of && or || that does not count is not evaluated.

import { err } from "../../lib/fmt";
import { regexFind } from "../../lib/match";
import { patternMatches } from "../../lib/pattern";
import { RegexFlag, regexCompile, regexError } from "../../lib/regex";
import { bytesAre } from "../../lib/text";
import { arithmetic, arithmeticError } from "./arith";
import { Node } from "./ast";
import { expandComplain, expandFailed } from "./command";
import {
  expandExpression,
  expandGood,
  expandPattern,
  expandReset,
  expandWord,
  failExpand,
  fields,
  fieldsUsed,
  pattern,
  patternBytes,
} from "./expand";
import { stackMark, stackPush, stackRelease } from "./stack";
import {
  Compare,
  compareFiles,
  compareNumbers,
  compareOperator,
  compareStrings,
  testsUnary,
  testUnary,
} from "./test";

const DEPTH_MAX = 50;
let at: Node | null = null;
let depth = 0;
let skipping = 0;
let bad: string = "";
let whole: Node = changetype<Node>(0);
let failure = 0; // status for a word that could not be expanded, which was said

/** 0 true, 1 false, 2 not understood. */
export function conditionRun(node: Node): i32 {
  whole = node;
  at = node.first;
  depth = 0;
  skipping = 0;
  bad = "";
  failure = 0;
  const result = either();
  if (bad.length == 0 && at != null) bad = "not understood";
  if (bad.length > 0) {
    err.text("sh: ").text(bad).text(": ").bytes(node.text, node.bytes).newline();
    return 2;
  }
  return failure != 0 ? failure : result ? 0 : 1;
}

/** Whether the words so far could be expanded. */
function isGood(): bool {
  if (failure == 0 && !expandGood()) {
    expandComplain(whole);
    failure = expandFailed();
  }
  return failure == 0;
}

function is(literal: string): bool {
  return at != null && bytesAre(at!.text, at!.bytes, literal);
}

function isOperator(literal: string): bool {
  return at != null && at!.flags == 1 && bytesAre(at!.text, at!.bytes, literal);
}

function take(): Node {
  const node = at!;
  at = node.next;
  return node;
}

function either(): bool {
  let result = both();
  while (isOperator("||")) {
    take();
    if (result) skipping++;
    const other = both();
    if (result) skipping--;
    else result = other;
  }
  return result;
}

function both(): bool {
  let result = negated();
  while (isOperator("&&")) {
    take();
    if (!result) skipping++;
    const other = negated();
    if (!result) skipping--;
    else result = other;
  }
  return result;
}

function negated(): bool {
  let not = false;
  while (is("!")) {
    take();
    not = !not;
  }
  return primary() != not;
}

function primary(): bool {
  if (at == null || bad.length > 0) {
    bad = "a word is missing";
    at = null;
    return false;
  }
  const first = take();
  if (first.flags == 1) return group(first);
  const isLast = at == null || (at!.flags == 1 && !is("<") && !is(">"));
  if (isLast) return unary(0x6e, first);
  if (isBinary()) return binary(first, take());
  if (first.bytes == 2 && load<u8>(first.text) == 0x2d && testsUnary(load<u8>(first.text + 1)))
    return unary(load<u8>(first.text + 1), take());
  bad = "not understood";
  at = null;
  return false;
}

function group(operator: Node): bool {
  if (!bytesAre(operator.text, operator.bytes, "(") || ++depth > DEPTH_MAX) {
    bad = "not understood";
    return false;
  }
  const result = either();
  if (isOperator(")")) take();
  else bad = "a ) is missing";
  depth--;
  return result;
}

function isBinary(): bool {
  return is("=~") || compareOperator(at!.text, at!.bytes) != Compare.NONE;
}

function unary(c: i32, word: Node): bool {
  if (skipping > 0) return false;
  expandReset();
  expandWord(word.text, word.bytes, false);
  return isGood() && testUnary(c, fields);
}

function binary(left: Node, operator: Node): bool {
  if (at == null) {
    bad = "a word is missing";
    return false;
  }
  const right = take();
  if (skipping > 0) return false;
  expandReset();
  expandWord(left.text, left.bytes, false);
  const mark = stackMark();
  const n = fieldsUsed - 1;
  const value = stackPush(fields, n);
  if (value == 0) failExpand("too long");
  const result = isGood() && compare(value, n, operator, right);
  stackRelease(mark);
  return isGood() && result;
}

function compare(value: usize, n: i32, operator: Node, right: Node): bool {
  if (bytesAre(operator.text, operator.bytes, "=~")) return expressionMatches(value, n, right);
  const kind = compareOperator(operator.text, operator.bytes);
  if (kind == Compare.SAME || kind == Compare.DIFFERENT) {
    expandPattern(right.text, right.bytes);
    const matches = patternMatches(pattern, pattern + patternBytes, value, value + n);
    return matches == (kind == Compare.SAME);
  }
  expandReset();
  expandWord(right.text, right.bytes, false);
  if (kind < Compare.EQ) return compareStrings(kind, value, fields);
  if (kind >= Compare.NEWER) return compareFiles(kind, value, fields);
  const a = numberOf(value, n);
  return compareNumbers(kind, a, numberOf(fields, fieldsUsed - 1));
}

/** Both sides of -eq and its kin are arithmetic. */
function numberOf(p: usize, n: i32): i64 {
  const result = arithmetic(p, n);
  if (arithmeticError.length > 0) failExpand(arithmeticError);
  return result;
}

function expressionMatches(value: usize, n: i32, right: Node): bool {
  expandExpression(right.text, right.bytes);
  const regex = regexCompile(pattern, patternBytes, RegexFlag.EXTENDED);
  if (regex == null) {
    bad = regexError;
    return false;
  }
  return regexFind(regex, value, n, 0);
}
