// Code: what the program was parsed to, for a machine with a stack of cells (run.ts). An operation is one word and its operands, a word each.
//
//   x = y + 1        VARIABLE y   CONSTANT 1   ADD   STORE x   POP
//   if (a) b         [a]   JUMP_FALSE 1; [b]; 1:
//   a && b           [a]   AND 1; [b]   TRUTH; 1:        AND n: a false top stays as 0 and it goes on at n, else it is dropped
//   for (k in a) s   KEYS a; 1: NEXT_KEY k 2; [s]   JUMP 1; 2: POP
//
// Invariants
//   K1  Jumps that are not known yet are a chain: the operand of each is where the one before is, 0 at its end.
//   K2  A place is its PlaceKind and 8 times the number of its variable or parameter. FIELD and the elements have a value on the stack
//       that says which.

import { Regex } from "../../lib/regex";
import { CELL_BYTES, Cell, cellSetNumber, cellSetText, Kind } from "./cells";
import { tokenLine } from "./lexer";
import { Text } from "./texts";
import { wrong } from "./wrong";

export const enum Op {
  DONE = 0, // BEGIN, the rules or END have come to their end
  CONSTANT, // which
  VARIABLE, // which
  LOCAL, // which parameter
  FIELD,
  ELEMENT, // place
  STORE, // place
  MODIFY, // place, operation
  STEP, // place, Step
  ADD,
  SUBTRACT,
  MULTIPLY,
  DIVIDE,
  MODULO,
  POWER,
  NEGATE,
  NUMBER,
  NOT,
  TRUTH, // 1 or 0
  CONCAT,
  COMPARE, // Order
  MATCH,
  NO_MATCH,
  JUMP, // where
  JUMP_FALSE, // where
  AND, // where
  OR, // where
  POP,
  IN, // place
  JOIN, // how many subscripts
  REFER, // place: a variable as it is
  ARRAY, // place: a variable, which is or becomes an array
  KEYS, // place
  NEXT_KEY, // place of the variable, where when there is none
  DELETE, // place
  CLEAR, // place
  PRINT, // how many values, Output
  PRINTF, // how many values, Output
  GETLINE, // Source, place
  CALL, // function, how many values
  RETURN,
  BUILTIN, // Fn, how many values
  SPLIT, // how many values
  SUBSTITUTE, // 1: all, place
  RANGE, // which, where when it is open
  RANGE_SET, // which, 0 or 1
  NEXT,
  EXIT,
}

export const enum PlaceKind {
  NONE = 0,
  VARIABLE,
  LOCAL,
  FIELD,
  ELEMENT, // of a variable
  LOCAL_ELEMENT,
}

/** Bits of STEP. */
export const enum Step {
  DOWN = 1,
  AFTER = 2, // the value is the one before
}

export const enum Output {
  STANDARD = 0,
  FILE,
  APPEND,
  COMMAND,
}

export const enum Source {
  FILES = 0,
  FILE,
  COMMAND,
}

const CODE_WORDS = 262144;
const code: usize = memory.data(1048576);
const CONSTANTS_MAX = 32768;
const constants: usize = memory.data(524288, 8);
const LINES_MAX = 65536;
const lines: usize = memory.data(524288); // {word, line}: from this word on
let lineCount = 0;
let constantCount = 1; // constant 0 is the value of what has none

/** Where the next word goes. Word 0 is DONE, and no jump leads there. */
export let codeCount = 1;

export function codeAt(i: i32): i32 {
  return load<i32>(code + i * 4);
}

export function codePut(i: i32, word: i32): void {
  store<i32>(code + i * 4, word);
}

function word(value: i32): void {
  if (codeCount == CODE_WORDS) wrong("the program is too long");
  codePut(codeCount++, value);
}

/** Adds an operation without operands. */
export function emit(op: i32): void {
  const last = lineCount == 0 ? 0 : load<i32>(lines + (lineCount - 1) * 8, 4);
  if (tokenLine != last && lineCount < LINES_MAX) {
    store<i32>(lines + lineCount * 8, codeCount);
    store<i32>(lines + lineCount++ * 8, tokenLine, 4);
  }
  word(op);
}

export function emit1(op: i32, a: i32): void {
  emit(op);
  word(a);
}

export function emit2(op: i32, a: i32, b: i32): void {
  emit(op);
  word(a);
  word(b);
}

/** Takes back what was added from here on. */
export function codeCut(i: i32): void {
  codeCount = i;
  while (lineCount > 0 && load<i32>(lines + (lineCount - 1) * 8) >= i) lineCount--;
}

/** Adds a jump to where it is not known yet, to a chain of those; the chain. */
export function emitJump(op: i32, chain: i32): i32 {
  emit1(op, chain);
  return codeCount - 1;
}

/** The jumps of a chain lead to here. */
export function jumpsLand(chain: i32): void {
  jumpsLead(chain, codeCount);
}

/** The jumps of a chain lead there. */
export function jumpsLead(chain: i32, where: i32): void {
  while (chain != 0) {
    const before = codeAt(chain);
    codePut(chain, where);
    chain = before;
  }
}

/** The line of the program that a word of the code is from. */
export function codeLine(i: i32): i32 {
  let low = 0;
  let high = lineCount;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (load<i32>(lines + middle * 8) < i) low = middle + 1;
    else high = middle;
  }
  return low == 0 ? 0 : load<i32>(lines + (low - 1) * 8, 4);
}

export function constantAt(i: i32): Cell {
  return changetype<Cell>(constants + i * CELL_BYTES);
}

function constantMake(): Cell {
  if (constantCount == CONSTANTS_MAX) wrong("the program has more than 32768 constants");
  emit1(Op.CONSTANT, constantCount);
  return constantAt(constantCount++);
}

/** Adds code for a number. */
export function emitNumber(value: f64): void {
  cellSetNumber(constantMake(), value);
}

/** Adds code for a text, whose hold it takes. */
export function emitText(text: Text): void {
  cellSetText(constantMake(), text, Kind.TEXT);
}

/** Adds code for an expression. */
export function emitRegex(regex: Regex): void {
  const cell = constantMake();
  cell.kind = Kind.REGEX;
  cell.what = changetype<usize>(regex);
}
