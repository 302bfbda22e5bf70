// awk's own functions, but for split, sub and gsub.

import { Clock } from "../../abi/syscall";
import { groupEnd, groupStart, regexMatch } from "../../lib/match";
import { clock } from "../../lib/sys";
import { utf8Count } from "../../lib/utf8";
import { tableOf } from "./arrays";
import { CELL_BYTES, Cell, cellNumber, cellSetNumber, cellText, Kind } from "./cells";
import { fieldCell } from "./fields";
import { bytesOf, formatted } from "./format";
import { Fn } from "./functions";
import { randomNext, randomSeed, seed } from "./random";
import { regexOf } from "./regexes";
import { drop, pushNumber, pushText, sp, top } from "./stack";
import { commandRun, flushAll, streamsClose, streamsFlush } from "./streams";
import { Text, textDrop, textMake, textOf } from "./texts";
import { Var, variableCell } from "./variables";

/** Calls a function whose `count` values are on the stack; its value takes their place. */
export function call(which: i32, count: i32): void {
  switch (which) {
    case Fn.SUBSTR:
      textValue(part(count), count);
      return;
    case Fn.TOLOWER:
      textValue(cased(0x41, 0x5a), count);
      return;
    case Fn.TOUPPER:
      textValue(cased(0x61, 0x7a), count);
      return;
    case Fn.SPRINTF: {
      const format = cellText(top(count - 1));
      const text = formatted(format, sp - (count - 1) * CELL_BYTES, count - 1);
      textDrop(format);
      textValue(text, count);
      return;
    }
  }
  const number = numberOf(which, count);
  for (let i = 0; i < count; i++) drop();
  pushNumber(number);
}

function textValue(text: Text, count: i32): void {
  for (let i = 0; i < count; i++) drop();
  pushText(text);
}

function numberOf(which: i32, count: i32): f64 {
  switch (which) {
    case Fn.LENGTH:
      return length(count);
    case Fn.INDEX:
      return index();
    case Fn.MATCH:
      return match();
    case Fn.RAND:
      return randomNext();
    case Fn.SRAND:
      return reseeded(count);
    case Fn.CLOSE:
      return onText(which, top(0));
    case Fn.SYSTEM:
      return onText(which, top(0));
    case Fn.FFLUSH:
      if (count == 1) return onText(which, top(0));
      flushAll();
      return 0;
    case Fn.ATAN2:
      return Math.atan2(cellNumber(top(1)), cellNumber(top(0)));
  }
  return mathematical(which, cellNumber(top(0)));
}

function mathematical(which: i32, x: f64): f64 {
  switch (which) {
    case Fn.SIN:
      return Math.sin(x);
    case Fn.COS:
      return Math.cos(x);
    case Fn.EXP:
      return Math.exp(x);
    case Fn.LOG:
      return Math.log(x);
    case Fn.SQRT:
      return Math.sqrt(x);
  }
  return trunc(x);
}

/** The functions that do something with what a text names. */
function onText(which: i32, cell: Cell): f64 {
  const text = cellText(cell);
  const result =
    which == Fn.CLOSE
      ? streamsClose(text)
      : which == Fn.SYSTEM
        ? commandRun(text)
        : streamsFlush(text);
  textDrop(text);
  return result;
}

/** Characters of a text, or elements of an array. */
function length(count: i32): f64 {
  const cell = count == 0 ? fieldCell(0) : top(0);
  if (cell.kind == Kind.REF) {
    const target = changetype<Cell>(cell.what);
    return target.kind == Kind.ARRAY ? tableOf(target.what).count : 0;
  }
  const text = cellText(cell);
  const n = utf8Count(text.at, text.bytes);
  textDrop(text);
  return n;
}

/** Where the second text is in the first, in characters from 1; 0: nowhere. */
function index(): f64 {
  const text = cellText(top(1));
  const what = cellText(top(0));
  let result = 0;
  for (let i = 0; i + what.bytes <= text.bytes; i++) {
    if (memory.compare(text.at + i, what.at, what.bytes) != 0) continue;
    result = utf8Count(text.at, i) + 1;
    break;
  }
  textDrop(text);
  textDrop(what);
  return result;
}

/** match(): sets RSTART and RLENGTH. */
function match(): f64 {
  const text = cellText(top(1));
  const found = regexMatch(regexOf(top(0)), text.at, text.bytes, 0);
  const start = found ? utf8Count(text.at, groupStart(0)) + 1 : 0;
  const bytes = found ? groupEnd(0) - groupStart(0) : 0;
  const characters = found ? utf8Count(text.at + groupStart(0), bytes) : -1;
  textDrop(text);
  cellSetNumber(variableCell(Var.RSTART), start);
  cellSetNumber(variableCell(Var.RLENGTH), characters);
  return start;
}

/** substr(TEXT, FROM [, LENGTH]), held: the numbers are rounded, and what lies outside of the text is left out. */
function part(count: i32): Text {
  const text = cellText(top(count - 1));
  const from = nearest(cellNumber(top(count - 2)));
  const end = count == 3 ? from + nearest(cellNumber(top(0))) : Infinity;
  const first = max<f64>(from, 1);
  const skipped = characters(first - 1);
  const at = bytesOf(text.at, text.bytes, skipped);
  const wanted = end > first ? characters(end - first) : 0;
  const made = textOf(text.at + at, bytesOf(text.at + at, text.bytes - at, wanted));
  textDrop(text);
  return made;
}

/** A number of characters as an i32; NaN is none. */
function characters(n: f64): i32 {
  return n > 0 ? <i32>min<f64>(n, 1073741824) : 0;
}

function cased(from: i32, to: i32): Text {
  const text = cellText(top(0));
  const made = textMake(text.bytes);
  for (let i = 0; i < text.bytes; i++) {
    const c: i32 = load<u8>(text.at + i);
    store<u8>(made.at + i, c >= from && c <= to ? c ^ 0x20 : c);
  }
  textDrop(text);
  return made;
}

function reseeded(count: i32): f64 {
  const before = seed;
  randomSeed(count == 1 ? cellNumber(top(0)) : <f64>(clock(Clock.REALTIME) / 1000000000));
  return before;
}
