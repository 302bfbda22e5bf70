// The expander: what a word as written becomes. It resolves {a,b} (variants.ts), quotes, backslashes, ~, parameters, $(...), `...` and
// $((...)), splits unquoted values into fields at what IFS says, and replaces a field that is a file name pattern by the files it names.
//
// Invariants
//   E1  Fields lie one after another in `fields`, each ended by NUL: the block is the argv of spawn as it stands.
//   E2  fieldsUsed <= FIELDS_BYTES; a field that does not fit sets fieldsFull and nothing more is added.
//   E3  `pattern` is the current field with a backslash before each quoted byte that is special in patterns (pattern.ts).
//
// Inside double quotes a backslash is special only before $ ` " \ and newline. "$@" gives one field for each positional parameter.

import { escapeBytes, escapeRead, escapeText } from "../../lib/escape";
import { patternIsSpecial } from "../../lib/pattern";
import { bytesIndex, cstrLength, isName, isNameStart, isSpace, putDecimal } from "../../lib/text";
import { arithmetic, arithmeticError } from "./arith";
import { expandBraced, lookUp, subjectClear } from "./braces";
import { globCount, globMatch, globRun } from "./glob";
import { operatorKeep } from "./operators";
import { noglob } from "./options";
import { homeSpan, isAll, isArithmetic, isOperator, isParameter, isPatternByte } from "./signs";
import { spanDollar, spanEscaped } from "./spans";
import { stackMark, stackRelease, stackRoom } from "./stack";
import { output, outputBytes, substitute } from "./substitute";
import { variantsExpand, variantsIn } from "./variants";
import {
  parameter,
  positionals,
  positionalsStart,
  separators,
  separatorsBytes,
  value,
  valueBytes,
} from "./vars";

const FIELDS_BYTES = 65536;
export const fields: usize = memory.data(65536);
export let fieldsUsed: i32 = 0;
export let fieldCount: i32 = 0;
export let fieldsFull = false;
/** A `${` with something else than a name in it. */
export let badParameter = false;
/** Another reason why there is no result; empty when there is one. */
export let expandError: string = "";

const PATTERN_BYTES = 4096;
export const pattern: usize = memory.data(4096);
export let patternBytes: i32 = 0;
let endedBytes = 0; // patternBytes of the field that ended last
/** The field has an unquoted * ? or [. */
let special = false;
/** What is put is quoted: it is not special in a pattern. */
let literal = false;
const digits: usize = memory.data(24);

/** Something of the current field exists, even if it is only a pair of quotes. */
let open = false;
let splitting = false;

export function expandReset(): void {
  fieldsUsed = 0;
  fieldCount = 0;
  fieldsFull = false;
  badParameter = false;
  expandError = "";
  subjectClear();
}

/** Makes `count` strings, which lie one after another, the fields. */
export function fieldsPut(strings: usize, bytes: i32, count: i32): void {
  memory.copy(fields, strings, bytes);
  fieldsUsed = bytes;
  fieldCount = count;
}

export function fieldsDropFirst(): void {
  const n = cstrLength(fields) + 1;
  memory.copy(fields, fields + n, fieldsUsed - n);
  fieldsUsed -= n;
  fieldCount--;
}

/** True when expanding since expandReset() went well. */
export function expandGood(): bool {
  return !badParameter && !fieldsFull && expandError.length == 0;
}

/** One field of a here-document's lines: quotes are ordinary; tabs at the start of lines are dropped if asked. */
export function expandLines(text: usize, bytes: i32, expands: bool, dropTabs: bool): void {
  const end = text + bytes;
  open = true;
  splitting = false;
  special = false;
  literal = true;
  let lineStart = true;
  for (let p = text; p < end; ) {
    const c: i32 = load<u8>(p++);
    if (c == 9 && lineStart && dropTabs) continue;
    lineStart = c == 10;
    const next: i32 = p < end ? load<u8>(p) : 0;
    if (expands && c == 0x24) {
      p = expandParameter(p, end, true);
    } else if (expands && c == 0x60) {
      p = expandBackquotes(p, end, true);
    } else if (
      expands &&
      c == 0x5c &&
      (next == 0x24 || next == 0x5c || next == 10 || next == 0x60)
    ) {
      if (next != 10) put(next);
      p++;
    } else put(c);
  }
  fieldEnd();
}

/** Expands a word as a pattern, into pattern and patternBytes. */
export function expandPattern(word: usize, bytes: i32): void {
  expandWord(word, bytes, false);
  patternBytes = endedBytes;
}

/** Expands a word as a regular expression, into pattern and patternBytes: what is quoted stands for itself. */
export function expandExpression(word: usize, bytes: i32): void {
  expression = true;
  expandPlain(word, bytes, false);
  expression = false;
  patternBytes = endedBytes;
}

let expression = false;

/** Appends the fields of a word. With split false the word becomes exactly one field. */
export function expandWord(word: usize, bytes: i32, split: bool): void {
  if (split && variantsIn(word, bytes)) variantsExpand(word, bytes);
  else expandPlain(word, bytes, split);
}

/** A word that has no variants. */
export function expandPlain(word: usize, bytes: i32, split: bool): void {
  const end = word + bytes;
  open = !split;
  splitting = split;
  separated = Separated.NOT;
  special = false;
  literal = false;
  patternBytes = 0;
  expandPart(expandHome(word, end), end, false);
  if (open) fieldEnd();
}

/** The value of an assignment, or NAME=VALUE: one field, in which ~ is also a home behind a colon and an =. */
export function expandValue(word: usize, bytes: i32): void {
  homes = true;
  expandPlain(word, bytes, false);
  homes = false;
}

let homes = false;

/** Resolves a part of a word, up to `end`. `inside`: it is in double quotes, which are elsewhere. */
export function expandPart(p: usize, end: usize, inside: bool): void {
  let quoted = inside;
  while (p < end) {
    const c: i32 = load<u8>(p++);
    if (c == 0x22) {
      quoted = !quoted;
      literal = quoted;
      // "$@" alone gives no field when there are no parameters; "" gives an empty one.
      if (!(quoted && isAll(p, end) && positionals() == 0)) open = true;
      else {
        p += 3;
        quoted = false;
        literal = false;
      }
      continue;
    }
    if (c == 0x27 && !quoted) {
      open = true;
      literal = true;
      for (; p < end && load<u8>(p) != 0x27; p++) put(load<u8>(p));
      literal = false;
      p++;
      continue;
    }
    if (c == 0x5c && p < end) {
      const next: i32 = load<u8>(p);
      if (next == 10) {
        p++;
      } else if (quoted && next != 0x24 && next != 0x60 && next != 0x22 && next != 0x5c) {
        put(c);
      } else if (expression && !quoted) {
        put(c);
        put(next);
        p++;
      } else {
        open = true;
        literal = true;
        put(next);
        literal = quoted;
        p++;
      }
      continue;
    }
    if (c == 0x24) {
      p = expandParameter(p, end, quoted);
      continue;
    }
    if (c == 0x60) {
      p = expandBackquotes(p, end, quoted);
      continue;
    }
    if (homes && !quoted && (c == 0x3a || c == 0x3d)) {
      put(c);
      p = expandHome(p, end);
      continue;
    }
    if (splitsText) {
      putSplit(c, quoted);
      continue;
    }
    open = true;
    put(c);
  }
}

/** Something of the current field exists, even if nothing is put. */
export function fieldOpen(): void {
  open = true;
}

export function failParameter(): void {
  badParameter = true;
}

export function failExpand(sentence: string): void {
  expandError = sentence;
}

/** expandPart of a text that is split at blanks, as a value is, unless it is quoted. */
export function expandSplitting(p: usize, end: usize, quoted: bool): void {
  const around = splitsText;
  splitsText = !quoted;
  expandPart(p, end, quoted);
  splitsText = around;
}

/** The text itself is split at blanks, as a value is: the WORD of ${NAME:-WORD}. */
let splitsText = false;

/** A ~ at the start of a word becomes a folder; where the word goes on. */
function expandHome(word: usize, end: usize): usize {
  const past = homeSpan(word, end, homes);
  if (past == word) return word;
  open = true;
  literal = true;
  for (let i = 0; i < valueBytes; i++) put(load<u8>(value + i));
  if (valueBytes == 0 && past == end) put(0x2f);
  literal = false;
  return past;
}

/** Expands the parameter after a dollar at p; returns where the word goes on. */
function expandParameter(p: usize, end: usize, quoted: bool): usize {
  const c: i32 = p < end ? load<u8>(p) : 0;
  if (c == 0x28) {
    const past = spanDollar(p, end, quoted);
    if (past == 0) return end;
    if (isArithmetic(p, past)) expandArithmetic(p + 2, past - 2);
    else expandCommand(p + 1, past - 1, quoted);
    return past;
  }
  if (c == 0x7b) {
    const past = spanDollar(p, end, quoted);
    if (past == 0) return end;
    expandBraced(p + 1, past - 1, quoted);
    return past;
  }
  if (c == 0x27 && !quoted) return expandEscaped(p + 1, end);
  // $"..." is "...".
  if (c == 0x22 && !quoted) return p;
  if (isNameStart(c)) {
    let q = p + 1;
    while (q < end && isName(load<u8>(q))) q++;
    expandNamed(p, <i32>(q - p), quoted);
    return q;
  }
  if (isParameter(p, c == 0 ? 0 : 1)) {
    expandNamed(p, 1, quoted);
    return p + 1;
  }
  // A dollar that starts no parameter is itself.
  open = true;
  put(0x24);
  return p;
}

/** $'...': the escapes of C; p is behind the quote. */
function expandEscaped(p: usize, end: usize): usize {
  open = true;
  literal = true;
  while (p < end && load<u8>(p) != 0x27) {
    const past = load<u8>(p) == 0x5c ? escapeRead(p + 1, end, false) : 0;
    if (past == 0) put(load<u8>(p++));
    else {
      for (let i = 0; i < escapeBytes; i++) put(load<u8>(escapeText + i));
      p = past;
    }
  }
  literal = false;
  return p + 1;
}

/** `...`, with its backslashes before $ ` and \ taken off; p is behind the first backquote. */
function expandBackquotes(p: usize, end: usize, quoted: bool): usize {
  const past = spanEscaped(p, end, 0x60);
  if (past == 0) return end;
  const mark = stackMark();
  const text = stackRoom(<i32>(past - p));
  if (text == 0) {
    failExpand("too long");
    return past;
  }
  let n = 0;
  for (const last = past - 1; p < last; p++) {
    const next: i32 = load<u8>(p + 1);
    const escapes = next == 0x24 || next == 0x60 || next == 0x5c || (quoted && next == 0x22);
    if (load<u8>(p) == 0x5c && escapes) p++;
    store<u8>(text + n++, load<u8>(p));
  }
  expandCommand(text, text + n, quoted);
  stackRelease(mark);
  return past;
}

/** Expands a part behind the current field, and takes it away again: its text and its pattern are then in operators.ts. */
export function expandAside(p: usize, end: usize): void {
  const from = fieldsUsed;
  const patternFrom = patternBytes;
  const wasSpecial = special;
  const wasLiteral = literal;
  const wasOpen = open;
  const wasSplitting = splitting;
  const wasSplitsText = splitsText;
  splitsText = false;
  splitting = false;
  literal = false;
  expandPart(p, end, false);
  operatorKeep(fields + from, fieldsUsed - from, pattern + patternFrom, patternBytes - patternFrom);
  fieldsUsed = from;
  patternBytes = patternFrom;
  special = wasSpecial;
  literal = wasLiteral;
  open = wasOpen;
  splitting = wasSplitting;
  splitsText = wasSplitsText;
}

function expandCommand(text: usize, textEnd: usize, quoted: bool): void {
  if (!substitute(text, <i32>(textEnd - text))) expandError = "the output of $(...) is too long";
  for (let i = 0; i < outputBytes; i++) putSplit(load<u8>(output + i), quoted);
}

/** The text is expanded behind the current field, and replaced there by its value. */
function expandArithmetic(p: usize, textEnd: usize): void {
  const from = fieldsUsed;
  const patternFrom = patternBytes;
  const wasSpecial = special;
  const wasLiteral = literal;
  open = true;
  literal = true;
  while (p < textEnd) {
    const c: i32 = load<u8>(p++);
    if (c == 0x24) p = expandParameter(p, textEnd, true);
    else put(c);
  }
  const result = arithmetic(fields + from, fieldsUsed - from);
  if (arithmeticError.length > 0) expandError = arithmeticError;
  fieldsUsed = from;
  patternBytes = patternFrom;
  special = wasSpecial;
  const n = putDecimal(digits, result);
  for (let i = 0; i < n; i++) put(load<u8>(digits + i));
  literal = wasLiteral;
}

export function expandNamed(name: usize, bytes: i32, quoted: bool): void {
  const c = load<u8>(name);
  if (bytes != 1 || (c != 0x40 && c != 0x2a)) {
    lookUp(name, bytes);
    putValue(quoted);
    return;
  }
  expandParameters(1, i64.MAX_VALUE, c == 0x2a, quoted);
}

/** $@ or, with `star`, $*: `count` parameters from number `first` on; number 0 is $0, and below 0 it is counted from the end. */
export function expandParameters(first: i64, count: i64, star: bool, quoted: bool): void {
  const n: i64 = positionals();
  if (first < 0) first += n + 1;
  if (first < 0 || count < 0 || first > n) return;
  const last = min(first + min(count, n + 1) - 1, n);
  let word = positionalsStart();
  for (let i: i64 = 1; i < first; i++) word += cstrLength(word) + 1;
  for (let i = first; i <= last; i++) {
    if (i == 0) parameter(ZERO, 1);
    const p = i == 0 ? value : word;
    const bytes = i == 0 ? valueBytes : cstrLength(word);
    for (let k = 0; k < bytes; k++) putSplit(load<u8>(p + k), quoted);
    if (i > 0) word += bytes + 1;
    if (i == last) break;
    if (star && (quoted || !splitting)) {
      if (separatorsBytes() > 0) put(load<u8>(separators()));
    } else if (splitting) {
      if (open) fieldEnd();
      separated = Separated.NOT;
      open = quoted;
    } else put(0x20);
  }
}

const ZERO: usize = memory.data<u8>([0x30]);

function putValue(quoted: bool): void {
  for (let i = 0; i < valueBytes; i++) putSplit(load<u8>(value + i), quoted);
}

/** How the last field of the word has ended. */
const enum Separated {
  NOT = 0, // it has not, or there is none yet
  BLANK = 1, // by blanks: one other separator may follow that belongs to them
  MARK = 2, // by another separator: the next one makes an empty field
}
let separated: i32 = Separated.NOT;

/** Puts a byte of a value, or ends the field there. */
export function putSplit(c: i32, quoted: bool): void {
  if (quoted || !splitting || bytesIndex(separators(), separatorsBytes(), c) < 0) {
    open = true;
    separated = Separated.NOT;
    put(c);
    return;
  }
  if (isSpace(c)) {
    if (!open) return;
    fieldEnd();
    separated = Separated.BLANK;
    return;
  }
  if (open || separated != Separated.BLANK) fieldEnd();
  separated = Separated.MARK;
}

function put(c: i32): void {
  if (fieldsUsed >= FIELDS_BYTES - 1) {
    fieldsFull = true;
    return;
  }
  store<u8>(fields + fieldsUsed++, c);
  const isSpecial = c == 0x2a || c == 0x3f || c == 0x5b;
  if (patternBytes + 2 > PATTERN_BYTES) return;
  if (expression ? literal && isOperator(c) : literal && isPatternByte(c)) {
    store<u8>(pattern + patternBytes++, 0x5c);
  } else if (isSpecial) special = true;
  store<u8>(pattern + patternBytes++, c);
}

function fieldEnd(): void {
  open = false;
  endedBytes = patternBytes;
  const matches = special && splitting && !noglob && patternBytes + 2 <= PATTERN_BYTES;
  if (matches && patternIsSpecial(pattern, patternBytes) && globRun(pattern, patternBytes) > 0) {
    // The pattern itself is the field to be replaced: it starts after the NUL before it.
    while (fieldsUsed > 0 && load<u8>(fields + fieldsUsed - 1) != 0) fieldsUsed--;
    for (let i = 0; i < globCount; i++) {
      const path = globMatch(i);
      const n = cstrLength(path) + 1;
      if (fieldsUsed + n >= FIELDS_BYTES) {
        fieldsFull = true;
        break;
      }
      memory.copy(fields + fieldsUsed, path, n);
      fieldsUsed += n;
      fieldCount++;
    }
  } else {
    store<u8>(fields + fieldsUsed, 0);
    if (fieldsUsed < FIELDS_BYTES - 1) fieldsUsed++;
    fieldCount++;
  }
  special = false;
  patternBytes = 0;
}
