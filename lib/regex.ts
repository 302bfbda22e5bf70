// Regular expressions, compiled: the text of one becomes a short program, which lib/match.ts runs.
//
//   basic      . [abc] [^a-z] [[:alpha:]] * ^ $ \( \) \{m,n\} \| \+ \?        extended: ( ) {m,n} | + ?
//   both       \w \W \s \S \d \D   \b \B \< \>   \n \t   \c for a literal c
//
// A newline outside of groups separates alternatives, as grep wants it. There are no back-references: with them no bound on the time holds.
//
//   a|b        SPLIT 2; a; JUMP 1; b          SPLIT n: here and also n further behind the next one. JUMP n alike.
//   a*         SPLIT n; a; JUMP back
//   a+         a; LOOP back                   LOOP n: n further first, here second
//   a{2,3}     a; a; SPLIT n; a
//
// Invariants
//   X1  Jumps are relative and stay within the part that they were made for: a part can be moved and copied.
//   X2  A program has at most REGEX_CODES codes, REGEX_GROUPS groups and SETS_BYTES of sets (charset.ts); what would have more is refused.

import { classAdd, setAdd, setBegin, setEnd, sets, setsClear, setsFull, setsUsed } from "./charset";
import { CharClass, classFound, classSpan } from "./classes";
import { FIRST_CODES, firstFind } from "./first";
import { isDigit } from "./text";
import { utf8At, utf8Bytes } from "./utf8";

export const enum RegexFlag {
  EXTENDED = 1,
  FOLD = 2, // ASCII letters match in either case
  LITERAL = 4, // nothing is special but the newline
  WORD = 8, // only where no letter, digit or _ is before or behind
  LINE = 16, // only the whole text
  ESCAPES = 32, // a backslash is one inside brackets too
}

export const enum Code {
  CHAR = 1, // value: the character
  FOLDED = 2, // value: a small letter, which stands for both
  ANY = 3,
  SET = 4, // value: where the set is, behind the sets' start
  SPLIT = 5,
  LOOP = 6,
  JUMP = 7,
  SAVE = 8, // value: 2 * group, or 2 * group + 1 for its end
  START = 9, // of the text
  END = 10,
  WORD_START = 11,
  WORD_END = 12,
  WORD_EDGE = 13,
  NOT_EDGE = 14,
  NO_WORD_BEFORE = 15,
  NO_WORD_AFTER = 16,
  MATCH = 17,
}

/** A compiled expression: this, the codes ({code, value} each), the sets. */
@unmanaged
export class Regex {
  codes: i32;
  groups: i32; // with group 0, the whole match
  setsAt: i32; // from the start
  bytes: i32; // all of it
  anchored: i32; // 1: it matches at the start of the text only
  anyFirst: i32; // 1: firstBytes says nothing
  firstBytes0: u64; // one bit for each byte below 0x80 that a match can begin with; it may begin with all others
  firstBytes1: u64;
}

export const REGEX_CODES = 2048;
if (REGEX_CODES > FIRST_CODES) ERROR("first.ts has room for FIRST_CODES codes");
export const REGEX_GROUPS = 10;
const CODE_BYTES = 8;
const DEPTH_MAX = 50;
const REPEAT_MAX = 1000;
const HEAD_BYTES = 48;
if (<i32>offsetof<Regex>() > HEAD_BYTES) ERROR("Regex has more than HEAD_BYTES");

const program: usize = memory.data(20528, 8); // HEAD_BYTES, codes, sets
const code: usize = program + HEAD_BYTES;
let count = 0;
let groups = 0;
let depth = 0;
let at: usize = 0;
let end: usize = 0;
let extended = false;
let flags = 0;

/** Why the last regexCompile gave none. */
export let regexError: string = "";

/** The compiled expression, 0 with regexError. It is there until the next call: regexKeep makes one that stays. */
export function regexCompile(re: usize, bytes: i32, how: i32): Regex | null {
  at = re;
  end = re + bytes;
  flags = how;
  extended = (how & RegexFlag.EXTENDED) != 0;
  regexError = "";
  count = 0;
  setsClear((how & RegexFlag.FOLD) != 0);
  groups = 1;
  depth = 0;
  if (how & RegexFlag.LINE) emit(Code.START, 0);
  if (how & RegexFlag.WORD) emit(Code.NO_WORD_BEFORE, 0);
  emit(Code.SAVE, 0);
  alternatives();
  if (at < end) fail("a ) has no ( before it");
  emit(Code.SAVE, 1);
  if (how & RegexFlag.WORD) emit(Code.NO_WORD_AFTER, 0);
  if (how & RegexFlag.LINE) emit(Code.END, 0);
  emit(Code.MATCH, 0);
  if (setsFull) fail("the expression is too large");
  if (regexError.length > 0) return null;
  const regex = changetype<Regex>(program);
  regex.codes = count;
  regex.groups = groups;
  regex.setsAt = HEAD_BYTES + count * CODE_BYTES;
  regex.bytes = regex.setsAt + setsUsed;
  memory.copy(program + regex.setsAt, sets, setsUsed);
  firstFind(regex);
  return regex;
}

/** A copy that stays, in memory from the heap. */
export function regexKeep(regex: Regex): Regex {
  const copy = heap.alloc(regex.bytes);
  memory.copy(copy, changetype<usize>(regex), regex.bytes);
  return changetype<Regex>(copy);
}

/** Code i; its value. */
export function regexCode(regex: Regex, i: i32): i32 {
  return load<i32>(changetype<usize>(regex) + HEAD_BYTES + i * CODE_BYTES);
}

export function regexValue(regex: Regex, i: i32): i32 {
  return load<i32>(changetype<usize>(regex) + HEAD_BYTES + i * CODE_BYTES, 4);
}

function fail(sentence: string): void {
  if (regexError.length == 0) regexError = sentence;
  at = end;
}

function emit(what: i32, value: i32): void {
  insert(count, what, value);
}

/** Puts a code before code i. */
function insert(i: i32, what: i32, value: i32): void {
  if (count == REGEX_CODES) {
    fail("the expression is too large");
    return;
  }
  const to = code + i * CODE_BYTES;
  memory.copy(to + CODE_BYTES, to, (count++ - i) * CODE_BYTES);
  store<i32>(to, what);
  store<i32>(to, value, 4);
}

function peek(): i32 {
  return at < end ? <i32>load<u8>(at) : 0;
}

/** At this operator: written with a backslash in a basic expression, without one in an extended one. */
function isOperator(c: i32): bool {
  if (flags & RegexFlag.LITERAL) return false;
  if (extended) return at < end && peek() == c;
  return at + 1 < end && peek() == 0x5c && <i32>load<u8>(at + 1) == c;
}

function operatorTake(): void {
  at += extended ? 1 : 2;
}

function isAlternative(): bool {
  return (depth == 0 && at < end && peek() == 10) || isOperator(0x7c);
}

function alternatives(): void {
  const start = count;
  sequence(start);
  while (isAlternative()) {
    if (peek() == 10) at++;
    else operatorTake();
    insert(start, Code.SPLIT, count - start + 1);
    const jump = count;
    emit(Code.JUMP, 0);
    sequence(count);
    if (regexError.length == 0) store<i32>(code + jump * CODE_BYTES, count - jump - 1, 4);
  }
}

function sequence(from: i32): void {
  let first = true;
  while (at < end && !isAlternative() && !(isOperator(0x29) && (depth > 0 || !extended))) {
    const start = count;
    part(first);
    // ^* is a star in a basic expression.
    first =
      first &&
      !extended &&
      count == start + 1 &&
      load<i32>(code + start * CODE_BYTES) == Code.START;
    if (!first) while (repetition(start)) {}
  }
}

/** A character, a set, a group or a place, and its code. `first`: nothing is before it that * could repeat. */
function part(first: bool): void {
  if (flags & RegexFlag.LITERAL) {
    character();
    return;
  }
  if (isOperator(0x28)) {
    group();
    return;
  }
  const c = peek();
  switch (c) {
    case 0x2e:
      at++;
      emit(Code.ANY, 0);
      return;
    case 0x5b:
      bracket();
      return;
    case 0x5e:
      if (!extended && !first) break;
      at++;
      emit(Code.START, 0);
      return;
    case 0x24:
      if (!extended && !endsPart(at + 1)) break;
      at++;
      emit(Code.END, 0);
      return;
    case 0x5c:
      escape();
      return;
  }
  character();
}

/** In a basic expression $ is a place only at the end of an alternative or a group. */
function endsPart(p: usize): bool {
  if (p >= end || load<u8>(p) == 10) return true;
  if (load<u8>(p) != 0x5c || p + 1 >= end) return false;
  return load<u8>(p + 1) == 0x29 || load<u8>(p + 1) == 0x7c;
}

function character(): void {
  const c = utf8At(at, end);
  at += utf8Bytes;
  literal(c);
}

function literal(c: i32): void {
  const l = c | 0x20;
  if ((flags & RegexFlag.FOLD) != 0 && l >= 0x61 && l <= 0x7a && c < 0x80) emit(Code.FOLDED, l);
  else emit(Code.CHAR, c);
}

function group(): void {
  operatorTake();
  if (++depth > DEPTH_MAX) {
    fail("groups are nested too deeply");
    return;
  }
  // Groups from the tenth on are not remembered.
  const number = groups < REGEX_GROUPS ? groups++ : 0;
  if (number > 0) emit(Code.SAVE, number * 2);
  alternatives();
  if (!isOperator(0x29)) fail("a ( is not closed");
  operatorTake();
  depth--;
  if (number > 0) emit(Code.SAVE, number * 2 + 1);
}

function escape(): void {
  if (at + 1 >= end) {
    fail("nothing follows the last backslash");
    return;
  }
  const c: i32 = load<u8>(at + 1);
  const isPlace = c == 0x62 || c == 0x42 || c == 0x3c || c == 0x3e;
  if (isPlace) {
    at += 2;
    emit(
      c == 0x62
        ? Code.WORD_EDGE
        : c == 0x42
          ? Code.NOT_EDGE
          : c == 0x3c
            ? Code.WORD_START
            : Code.WORD_END,
      0,
    );
    return;
  }
  const which = escapedClass(c);
  if (which != CharClass.NONE) {
    at += 2;
    const set = setBegin();
    if (set == null) return;
    classAdd(set, which);
    set.negated = c < 0x60 ? 1 : 0; // \W \S \D
    emit(Code.SET, setEnd(set));
    return;
  }
  if (c >= 0x31 && c <= 0x39) {
    fail("back-references are not known in an expression");
    return;
  }
  at++;
  if (c == 0x6e || c == 0x74) {
    at++;
    literal(c == 0x6e ? 10 : 9);
  } else character();
}

/** The class of \w \s \d and their capitals. */
function escapedClass(c: i32): i32 {
  switch (c | 0x20) {
    case 0x77:
      return CharClass.WORD;
    case 0x73:
      return CharClass.SPACE;
    case 0x64:
      return CharClass.DIGIT;
  }
  return CharClass.NONE;
}

/** Takes one of * + ? {m,n} and repeats the codes from `start` on; false when there is none. */
function repetition(start: i32): bool {
  if (at >= end || (flags & RegexFlag.LITERAL) != 0) return false;
  if (peek() == 0x2a) {
    at++;
    repeat(start, 0, -1);
  } else if (isOperator(0x2b)) {
    operatorTake();
    repeat(start, 1, -1);
  } else if (isOperator(0x3f)) {
    operatorTake();
    repeat(start, 0, 1);
  } else {
    return interval(start);
  }
  return true;
}

/** {m} {m,} {m,n} {,n}; in an extended expression another { is a character. */
function interval(start: i32): bool {
  if (!isOperator(0x7b)) return false;
  const before = at;
  operatorTake();
  const least = number();
  let most = least;
  if (peek() == 0x2c) {
    at++;
    most = number();
  } else if (least < 0) most = -2;
  if (most == -2 || !isOperator(0x7d)) {
    if (extended) at = before;
    else fail("a \\{ is not closed or has no number");
    return false;
  }
  operatorTake();
  if (least > REPEAT_MAX || most > REPEAT_MAX) fail("a repetition is for 1000 times at most");
  else if (most >= 0 && most < least) fail("a repetition's numbers are the wrong way round");
  else repeat(start, max(least, 0), most);
  return true;
}

/** A number, or -1. */
function number(): i32 {
  if (!isDigit(peek())) return -1;
  let n = 0;
  for (; isDigit(peek()); at++) n = min(n * 10 + peek() - 0x30, REPEAT_MAX + 1);
  return n;
}

/** The codes from `start` on, at least and at most (-1: any number of) so many times. */
function repeat(start: i32, least: i32, most: i32): void {
  const body = count - start;
  if (most == 0) {
    count = start;
    return;
  }
  if (least == 0 && most < 0) {
    insert(start, Code.SPLIT, body + 1);
    emit(Code.JUMP, -body - 2);
    return;
  }
  let from = start;
  for (let i = 1; i < least; i++) from = again(from, body);
  if (most < 0) {
    emit(Code.LOOP, -body - 1);
    return;
  }
  if (least == 0) {
    insert(start, Code.SPLIT, body);
    least = 1;
    from++;
  }
  for (; least < most; least++) {
    emit(Code.SPLIT, body);
    from = again(from, body);
  }
}

/** Appends a copy of the body at `from`; where the copy is. */
function again(from: i32, body: i32): i32 {
  const to = count;
  for (let i = 0; i < body && regexError.length == 0; i++) {
    const p = code + (from + i) * CODE_BYTES;
    emit(load<i32>(p), load<i32>(p, 4));
  }
  return to;
}

/** [...], from its bracket on. */
function bracket(): void {
  const set = setBegin();
  if (set == null) return;
  at++;
  if (peek() == 0x5e) {
    set.negated = 1;
    at++;
  }
  for (let first = true; ; first = false) {
    if (at >= end) {
      fail("a [ is not closed");
      return;
    }
    if (peek() == 0x5d && !first) break;
    const past = classSpan(at, end);
    if (past != 0) {
      classAdd(set, classFound);
      at = past;
      continue;
    }
    const escaped = (flags & RegexFlag.ESCAPES) != 0 && at + 1 < end && peek() == 0x5c;
    const which = escaped ? escapedClass(load<u8>(at + 1)) : 0;
    if (which != 0 && load<u8>(at + 1) > 0x60) {
      classAdd(set, which);
      at += 2;
      continue;
    }
    const from = member();
    let to = from;
    if (peek() == 0x2d && at + 1 < end && load<u8>(at + 1) != 0x5d) {
      at++;
      to = member();
    }
    setAdd(set, from, to);
  }
  at++;
  emit(Code.SET, setEnd(set));
}

/** One character of a set. \n and \t are a newline and a tab. */
function member(): i32 {
  let c = utf8At(at, end);
  at += utf8Bytes;
  if (c != 0x5c || at >= end) return c;
  const next = peek();
  if (next == 0x6e || next == 0x74) c = next == 0x6e ? 10 : 9;
  else if (flags & RegexFlag.ESCAPES) {
    c = utf8At(at, end);
    at += utf8Bytes - 1;
  } else return c;
  at++;
  return c;
}
