// Control: if, loops, case and groups, and what leaves them early: break, continue, return.
//
// Invariants
//   C1  While a jump is under way every list stops; the loop or call that it is for ends it.

import { err } from "../../lib/fmt";
import { patternMatches } from "../../lib/pattern";
import { cstrLength, parsedBytes, parseNumber } from "../../lib/text";
import { Node, NodeKind } from "./ast";
import { Builtin, exiting } from "./builtins";
import { expandComplain, expandFailed } from "./command";
import { exec, execGuarded, interrupted } from "./exec";
import {
  expandGood,
  expandPattern,
  expandReset,
  expandWord,
  fieldCount,
  fields,
  fieldsUsed,
  pattern,
  patternBytes,
} from "./expand";
import { functionDefine } from "./functions";
import { stackMark, stackPush, stackRelease } from "./stack";
import { lastStatus, positional, positionals, setLastStatus, value, varSet } from "./vars";

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
    case NodeKind.CASE:
      return caseRun(node);
    case NodeKind.FUNCTION:
      if (functionDefine(node.text, node.bytes, node.flags)) return 0;
      err.text("sh: too many functions").newline();
      return 1;
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

function forRun(node: Node): i32 {
  expandReset();
  if (node.operator == 1) {
    return forWords(node, parametersCopy(), positionals());
  }
  for (let word: Node | null = node.first; word != null; word = word!.next) {
    expandWord(word.text, word.bytes, true);
  }
  if (!expandGood()) {
    expandComplain(node);
    return expandFailed();
  }
  return forWords(node, -1, fieldCount);
}

/** Puts the positional parameters into the fields. */
function parametersCopy(): i32 {
  let at = 0;
  for (let i = 1; i <= positionals(); i++) {
    positional(i);
    const n = cstrLength(value) + 1;
    if (at + n > 65536) break;
    memory.copy(fields + at, value, n);
    at += n;
  }
  return at;
}

/** The loop over `count` words in the fields. */
function forWords(node: Node, bytes: i32, count: i32): i32 {
  const mark = stackMark();
  let word = stackPush(fields, bytes >= 0 ? bytes : fieldsUsed);
  if (word == 0) {
    err.text("sh: loops and calls have too many words").newline();
    return 1;
  }
  let status = 0;
  const name = node.second!;
  loops++;
  for (let i = 0; i < count; i++) {
    const n = cstrLength(word);
    if (!varSet(name.text, name.bytes, word, n)) {
      err.text("sh: too many variables").newline();
      status = 1;
      break;
    }
    word += n + 1;
    status = exec(node.third!);
    if (loopEnds()) break;
  }
  loops--;
  stackRelease(mark);
  return status;
}

function caseRun(node: Node): i32 {
  expandReset();
  const word = node.first!;
  expandWord(word.text, word.bytes, false);
  const mark = stackMark();
  const bytes = fieldsUsed - 1;
  const text = stackPush(fields, bytes);
  let list: Node | null = null;
  for (let item: Node | null = node.second; item != null && list == null; item = item!.next) {
    for (let p: Node | null = item.first; p != null; p = p!.next) {
      expandPattern(p.text, p.bytes);
      if (!patternMatches(pattern, pattern + patternBytes, text, text + bytes)) continue;
      list = item.second;
      break;
    }
  }
  stackRelease(mark);
  if (!expandGood() || text == 0) {
    expandComplain(node);
    return expandFailed();
  }
  if (list == null || list.first == null) return 0;
  setLastStatus(0);
  return exec(list);
}
