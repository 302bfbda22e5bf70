// Control: if, loops, case, groups and conditions, and what leaves them early: break, continue, return.
//
// Invariants
//   C1  While a jump is under way every list stops; the loop or call that it is for ends it.

import { err, out } from "../../lib/fmt";
import { patternMatches } from "../../lib/pattern";
import { cstrLength, parsedBytes, parseNumber } from "../../lib/text";
import { arithmetic, arithmeticError } from "./arith";
import { ForKind, Node, NodeKind } from "./ast";
import { Builtin, exiting } from "./builtins";
import { expandComplain, expandFailed } from "./command";
import { conditionRun } from "./condition";
import { exec, execGuarded, interrupted } from "./exec";
import {
  expandAside,
  expandGood,
  expandPattern,
  expandReset,
  expandWord,
  failExpand,
  fieldCount,
  fields,
  fieldsUsed,
  pattern,
  patternBytes,
} from "./expand";
import { functionDefine } from "./functions";
import { operatorText, operatorTextBytes } from "./operators";
import { replyRead } from "./read";
import { stackMark, stackPush, stackRelease } from "./stack";
import {
  lastStatus,
  positionals,
  positionalsStart,
  setLastStatus,
  value,
  valueBytes,
  varComplain,
  varSet,
} from "./vars";

/** Builtin.BREAK, CONTINUE or RETURN under way, 0: none. */
export let jump: i32 = 0;
let jumpLevels = 0;
/** Loops around the current command, in this function. */
export let loops = 0;
/** Calls around it; `return` needs one. */
export let calls = 0;

export function jumpReset(): void {
  jump = 0;
  loops = 0;
  calls = 0;
}

/** A call begins: its loops are counted from 0. Returns what callEnd() needs. */
export function callBegin(): i32 {
  const around = loops;
  loops = 0;
  calls++;
  return around;
}

export function callEnd(around: i32): void {
  loops = around;
  calls--;
  if (jump == Builtin.RETURN) jump = 0;
}

/** Nothing more of the current list is run. */
export function stopped(): bool {
  return exiting || interrupted || jump != 0;
}

/** break, continue [LEVELS] and return [STATUS]. */
export function jumpRun(builtin: i32, text: usize, count: i32): i32 {
  let n = 1;
  if (count > 1) {
    const bytes = cstrLength(text);
    n = <i32>parseNumber(text, bytes);
    if (bytes == 0 || parsedBytes != bytes || (builtin != Builtin.RETURN && n < 1)) {
      err.text("sh: ").cstr(text).text(": not a number for this").newline();
      return 2;
    }
  }
  if (builtin == Builtin.RETURN) {
    if (calls == 0) {
      err.text("sh: return: not in a function").newline();
      return 1;
    }
    jump = builtin;
    return count > 1 ? n & 255 : lastStatus;
  }
  if (loops == 0) {
    err.text("sh: not in a loop").newline();
    return 1;
  }
  jump = builtin;
  jumpLevels = min(n, loops);
  return 0;
}

/** Runs a compound command in this shell; its status. */
export function compoundRun(node: Node): i32 {
  switch (node.kind) {
    case NodeKind.IF:
      return ifRun(node);
    case NodeKind.WHILE:
      return whileRun(node);
    case NodeKind.FOR:
      return forRun(node);
    case NodeKind.LOOP:
      return loopRun(node);
    case NodeKind.CASE:
      return caseRun(node);
    case NodeKind.ARITHMETIC:
      return arithmeticRun(node);
    case NodeKind.CONDITION:
      return conditionRun(node);
    case NodeKind.FUNCTION: {
      const body = node.text + node.operator;
      if (functionDefine(node.text, node.flags, body, node.bytes - node.operator)) return 0;
      err.text("sh: too many functions").newline();
      return 1;
    }
  }
  return exec(node.first!);
}

function ifRun(node: Node): i32 {
  for (;;) {
    const status = execGuarded(node.first!);
    if (stopped()) return status;
    if (status == 0) return exec(node.second!);
    const other: Node | null = node.third;
    if (other == null) return 0;
    if (other.kind != NodeKind.IF) return exec(other);
    node = other;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}

/** After a part of a loop: true when the loop is over. */
function loopEnds(): bool {
  if (jump == 0 || jump == Builtin.RETURN) return stopped();
  if (--jumpLevels > 0) return true;
  const ends = jump == Builtin.BREAK;
  jump = 0;
  return ends || stopped();
}

function whileRun(node: Node): i32 {
  let status = 0;
  loops++;
  for (;;) {
    const condition = execGuarded(node.first!);
    if (jump != 0 || stopped()) {
      if (loopEnds()) break;
      continue;
    }
    if ((condition == 0) == (node.flags == 1)) break;
    status = exec(node.second!);
    if (loopEnds()) break;
  }
  loops--;
  return interrupted || exiting ? lastStatus : status;
}

/** The value of an expression as written; failed: there is none, and that was said. */
function valueOf(node: Node, text: usize, bytes: i32): i64 {
  expandReset();
  expandAside(text, text + bytes);
  const result = arithmetic(operatorText, operatorTextBytes);
  if (arithmeticError.length > 0) failExpand(arithmeticError);
  failed = !expandGood();
  if (failed) expandComplain(node);
  return result;
}

let failed = false;

/** ((EXPRESSION)): 0 when it is not 0. */
function arithmeticRun(node: Node): i32 {
  const result = valueOf(node, node.text + 2, node.bytes - 4);
  return failed || result == 0 ? 1 : 0;
}

/** for ((A; B; C)) */
function loopRun(node: Node): i32 {
  const first = node.first!;
  const second = first.next!;
  const third = second.next!;
  valueOf(node, first.text, first.bytes);
  let status = failed ? 1 : 0;
  loops++;
  while (!failed && !stopped()) {
    const goes = isEmpty(second) ? 1 : valueOf(node, second.text, second.bytes);
    if (failed) status = 1;
    if (failed || goes == 0) break;
    status = exec(node.third!);
    if (loopEnds()) break;
    valueOf(node, third.text, third.bytes);
  }
  loops--;
  return interrupted || exiting ? lastStatus : status;
}

function isEmpty(node: Node): bool {
  for (let i = 0; i < node.bytes; i++) if (load<u8>(node.text + i) > 0x20) return false;
  return true;
}

function forRun(node: Node): i32 {
  expandReset();
  let words = fields;
  let bytes = 0;
  let count = positionals();
  if (node.operator & ForKind.PARAMETERS) {
    words = positionalsStart();
    for (let i = 0; i < count; i++) bytes += cstrLength(words + bytes) + 1;
  } else {
    for (let word: Node | null = node.first; word != null; word = word!.next) {
      expandWord(word.text, word.bytes, true);
    }
    if (!expandGood()) {
      expandComplain(node);
      return expandFailed();
    }
    bytes = fieldsUsed;
    count = fieldCount;
  }
  const mark = stackMark();
  words = stackPush(words, bytes);
  let status = 1;
  if (words == 0) err.text("sh: loops and calls have too many words").newline();
  else if (node.operator & ForKind.SELECT) status = selectRun(node, words, count);
  else status = forWords(node, words, count);
  stackRelease(mark);
  return status;
}

/** The loop over `count` words. */
function forWords(node: Node, word: usize, count: i32): i32 {
  let status = 0;
  const name = node.second!;
  loops++;
  for (let i = 0; i < count; i++) {
    const n = cstrLength(word);
    if (!varSet(name.text, name.bytes, word, n)) {
      varComplain(name.text, name.bytes);
      status = 1;
      break;
    }
    word += n + 1;
    status = exec(node.third!);
    if (loopEnds()) break;
  }
  loops--;
  return status;
}

/** select: shows the words with numbers, and runs the body for each number that is typed, until the input ends. */
function selectRun(node: Node, words: usize, count: i32): i32 {
  let status = 0;
  const name = node.second!;
  let shows = true;
  loops++;
  for (;;) {
    if (shows) selectShow(words, count);
    err.text("#? ").flush();
    if (!replyRead()) {
      err.newline();
      status = 1;
      break;
    }
    shows = valueBytes == 0;
    if (shows) continue;
    let word = words;
    const n = <i32>parseNumber(value, valueBytes);
    const isThere = parsedBytes == valueBytes && n >= 1 && n <= count;
    for (let i = 1; i < n && isThere; i++) word += cstrLength(word) + 1;
    varSet(name.text, name.bytes, word, isThere ? cstrLength(word) : 0);
    status = exec(node.third!);
    if (loopEnds()) break;
  }
  loops--;
  return status;
}

function selectShow(word: usize, count: i32): void {
  out.flush();
  for (let i = 1; i <= count; i++) {
    err.dec(i).text(") ").cstr(word).newline();
    word += cstrLength(word) + 1;
  }
}

function caseRun(node: Node): i32 {
  expandReset();
  const word = node.first!;
  expandWord(word.text, word.bytes, false);
  const mark = stackMark();
  const bytes = fieldsUsed - 1;
  const text = stackPush(fields, bytes);
  let found: Node | null = null;
  for (let item: Node | null = node.second; item != null && found == null; item = item!.next) {
    for (let p: Node | null = item.first; p != null; p = p!.next) {
      expandPattern(p.text, p.bytes);
      if (!patternMatches(pattern, pattern + patternBytes, text, text + bytes)) continue;
      found = item;
      break;
    }
  }
  stackRelease(mark);
  if (!expandGood() || text == 0) {
    expandComplain(node);
    return expandFailed();
  }
  setLastStatus(0);
  let status = 0;
  for (; found != null; found = found!.next) {
    const list = found.second!;
    status = list.first != null ? exec(list) : 0;
    if (found.flags == 0 || stopped()) break;
  }
  return status;
}
