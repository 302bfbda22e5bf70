// Regular expressions: those of the program, compiled once, and texts that are used as such, of which the last ones are kept.
//
// Invariants
//   R1  A slot holds its text, and its expression is a block; both go when another text takes the slot. What regexOf() gave is there until
//       the next call.

import { escapeRead, escapeText } from "../../lib/escape";
import { err } from "../../lib/fmt";
import { finish } from "../../lib/program";
import { Regex, RegexFlag, regexCompile, regexError, regexKeep } from "../../lib/regex";
import { bytesEqual } from "../../lib/text";
import { blockAlloc, blockFree } from "./blocks";
import { Builder } from "./builder";
import { Cell, cellText, Kind } from "./cells";
import { Text, textDrop, textHold } from "./texts";
import { STATUS_WRONG, wrongBegin } from "./wrong";

const SLOTS = 64;
const slots: usize = memory.data(768); // {text, expression, bytes of it}
const builder: Builder = changetype<Builder>(memory.data(4));

/** An expression of the program, which stays. */
export function regexLiteral(p: usize, bytes: i32): Regex {
  return regexKeep(compiled(p, bytes));
}

/** The expression of a value, which may be a text. */
export function regexOf(cell: Cell): Regex {
  if (cell.kind == Kind.REGEX) return changetype<Regex>(cell.what);
  const text = cellText(cell);
  const slot = slots + (slotOf(text) & (SLOTS - 1)) * 12;
  const kept = load<Text | null>(slot);
  const isKept =
    kept != null && (kept == text || bytesEqual(kept.at, kept.bytes, text.at, text.bytes));
  if (!isKept) slotFill(slot, text);
  textDrop(text);
  return load<Regex>(slot, 4);
}

function slotOf(text: Text): i32 {
  let hash = text.bytes;
  for (let i = 0; i < text.bytes; i++) hash = hash * 31 + load<u8>(text.at + i);
  return hash ^ (hash >> 6);
}

function slotFill(slot: usize, text: Text): void {
  const regex = compiled(text.at, text.bytes);
  const before = load<Text | null>(slot);
  if (before != null) {
    textDrop(before);
    blockFree(load<usize>(slot, 4), load<i32>(slot, 8));
  }
  const copy = blockAlloc(regex.bytes);
  memory.copy(copy, changetype<usize>(regex), regex.bytes);
  store<Text>(slot, textHold(text));
  store<usize>(slot, copy, 4);
  store<i32>(slot, regex.bytes, 8);
}

function compiled(p: usize, bytes: i32): Regex {
  const text = prepared(p, bytes);
  const regex = regexCompile(text.at, text.bytes, RegexFlag.EXTENDED | RegexFlag.ESCAPES);
  textDrop(text);
  if (regex != null) return regex;
  wrongBegin();
  err.byte(0x2f).bytes(p, bytes).text("/: ").text(regexError).newline();
  finish(STATUS_WRONG);
  return changetype<Regex>(0);
}

/** The expression as lib/regex wants it, held: awk's escapes become characters, and a newline is one. */
function prepared(p: usize, bytes: i32): Text {
  const end = p + bytes;
  let inBrackets = false;
  builder.begin();
  while (p < end) {
    const c: i32 = load<u8>(p++);
    if (c == 0x5c) p = escaped(p, end);
    else if (c == 10) put(c);
    else {
      builder.byte(c);
      if (inBrackets) inBrackets = c != 0x5d;
      else if (c == 0x5b) {
        inBrackets = true;
        // The first character of a set is never its end.
        if (p < end && load<u8>(p) == 0x5e) builder.byte(load<u8>(p++));
        if (p < end && load<u8>(p) == 0x5d) builder.byte(load<u8>(p++));
      }
    }
    if (inBrackets && c == 0x5b) p = className(p, end);
  }
  return builder.built();
}

/** [:NAME:] has a ] that is not the set's. */
function className(p: usize, end: usize): usize {
  if (p >= end || load<u8>(p) != 0x3a) return p;
  for (let q = p + 1; q + 1 < end && load<u8>(q) >= 0x61 && load<u8>(q) <= 0x7a; q++) {
    if (load<u8>(q + 1) != 0x3a || q + 2 >= end || load<u8>(q + 2) != 0x5d) continue;
    builder.add(p, <i32>(q + 3 - p));
    return q + 3;
  }
  return p;
}

/** What is behind a backslash; the address behind it. */
function escaped(p: usize, end: usize): usize {
  if (p >= end) {
    put(0x5c);
    return p;
  }
  const c: i32 = load<u8>(p);
  if (c == 0x79) {
    builder.byte(0x5c);
    builder.byte(0x62); // \y is the edge of a word, \b is a byte
    return p + 1;
  }
  const isByte =
    (c >= 0x30 && c <= 0x37) || c == 0x61 || c == 0x62 || c == 0x66 || c == 0x72 || c == 0x76;
  const past = isByte ? escapeRead(p, end, false) : 0;
  if (past != 0) {
    put(load<u8>(escapeText));
    return past;
  }
  if (c == 0x2f || c == 0x22) builder.byte(c);
  else if (c == 10) put(c);
  else {
    builder.byte(0x5c);
    builder.byte(c);
  }
  return p + 1;
}

/** A byte that stands for itself. */
function put(c: i32): void {
  const isSpecial =
    c == 0x5c ||
    (c >= 0x21 && c < 0x30) ||
    (c > 0x39 && c < 0x41) ||
    (c > 0x5a && c < 0x61) ||
    (c > 0x7a && c < 0x7f);
  if (c == 10 || isSpecial) builder.byte(0x5c);
  builder.byte(c == 10 ? 0x6e : c);
}
