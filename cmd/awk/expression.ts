// Expressions, weakest operators first:  = += ...   ?:   || && in   ~ !~   < <= == != > >=   | getline   (concatenation)   + -   * / %
// ! + - (one operand)   ^   ++ --   $   ( )
//
// Invariants
//   X1  loadAt is where the last value was fetched from a place, if that is the last operation and nothing jumps behind it; else -1. A
//       function that changes its value takes the fetch back.

import { builtinCall, functionCall } from "./calls";
import {
  codeCount,
  emit,
  emit1,
  emit2,
  emitJump,
  emitNumber,
  emitRegex,
  emitText,
  jumpsLand,
  Op,
  PlaceKind,
  Source,
  Step,
} from "./code";
import { parameterOf } from "./functions";
import {
  lexerBack,
  regexTake,
  Tok,
  take,
  token,
  tokenAt,
  tokenBytes,
  tokenLine,
  tokenNumber,
  tokenString,
} from "./lexer";
import { regexLiteral } from "./regexes";
import { needs, newlinesSkip } from "./statement";
import { variableOf } from "./variables";
import { wrong } from "./wrong";

/** Parts inside parts; more are refused, as each takes of the engine's stack. */
const DEPTH_MAX = 250;
let depth = 0;
let greaterEnds = false; // a > is print's

export function deeper(): void {
  if (++depth > DEPTH_MAX) wrong("the program is nested more than 250 deep");
}

export function shallower(): void {
  depth--;
}

/** Inside of ( ) and [ ] a > is never print's; what it was, for insideEnd. */
export function insideBegin(): bool {
  const before = greaterEnds;
  greaterEnds = false;
  return before;
}

export function insideEnd(before: bool): void {
  greaterEnds = before;
}

/** Whether a > belongs to print. */
export function greaterLeave(leaves: bool): void {
  greaterEnds = leaves;
}

export let loadAt = -1;
export let loadPlace = 0;
let mayList = false;

/** Nothing is the last value that was fetched. */
export function loadForget(): void {
  loadAt = -1;
}

/** Values of the list in ( ) that the last expression was, 0: it was none. */
export let listCount = 0;
/** Where its code ended. */
export let listEnd = 0;

/** The next expression may be a list in ( ), as print has it. */
export function listMay(): void {
  mayList = true;
  listCount = 0;
}

/** One or more with commas; how many. */
export function expressions(): i32 {
  let count = 1;
  expression();
  for (; token == Tok.COMMA; count++) {
    take();
    newlinesSkip();
    expression();
  }
  return count;
}

export function expression(): void {
  deeper();
  or();
  if (token == Tok.QUESTION) {
    take();
    newlinesSkip();
    const not = emitJump(Op.JUMP_FALSE, 0);
    expression();
    newlinesSkip();
    needs(Tok.COLON, "a : is missing behind ?");
    newlinesSkip();
    const past = emitJump(Op.JUMP, 0);
    jumpsLand(not);
    expression();
    jumpsLand(past);
    loadAt = -1;
  }
  shallower();
}

function or(): void {
  and();
  while (token == Tok.OR) {
    take();
    newlinesSkip();
    const past = emitJump(Op.OR, 0);
    and();
    emit(Op.TRUTH);
    jumpsLand(past);
  }
}

function and(): void {
  membership();
  while (token == Tok.AND) {
    take();
    newlinesSkip();
    const past = emitJump(Op.AND, 0);
    membership();
    emit(Op.TRUTH);
    jumpsLand(past);
  }
}

function membership(): void {
  matching();
  while (token == Tok.IN) {
    take();
    inArray();
  }
}

function inArray(): void {
  if (token != Tok.NAME) wrong("in needs an array");
  emit1(Op.IN, place(tokenAt, tokenBytes));
  take();
}

function matching(): void {
  comparison();
  while (token == Tok.MATCH || token == Tok.NO_MATCH) {
    const op = token == Tok.MATCH ? Op.MATCH : Op.NO_MATCH;
    take();
    pattern(false);
    emit(op);
  }
}

/** An expression that says what to match: one in slashes stands for itself. `whole`: it goes up to a comma or ). */
export function pattern(whole: bool): void {
  if (token != Tok.DIVIDE && token != Tok.DIVIDE_ASSIGN) {
    if (whole) expression();
    else comparison();
    return;
  }
  regexTake();
  emitRegex(regexLiteral(tokenAt, tokenBytes));
  take();
}

function comparison(): void {
  piped();
  while (token >= Tok.LESS && token <= Tok.GREATER_EQUAL) {
    if (token == Tok.GREATER && greaterEnds) return;
    const order = token - Tok.LESS;
    take();
    piped();
    emit1(Op.COMPARE, order);
  }
}

/** "COMMAND" | getline [PLACE]. */
function piped(): void {
  concatenation();
  while (token == Tok.PIPE && pipeReads()) {
    take();
    take();
    emit2(Op.GETLINE, Source.COMMAND, placeMaybe());
  }
}

/** Concatenation is of what can begin an operand, but no sign. */
export function concatenation(): void {
  sum();
  while (operandBegins()) {
    sum();
    emit(Op.CONCAT);
  }
}

function operandBegins(): bool {
  switch (token) {
    case Tok.NUMBER:
    case Tok.STRING:
    case Tok.NAME:
    case Tok.FUNCTION_NAME:
    case Tok.BUILTIN:
    case Tok.DOLLAR:
    case Tok.NOT:
    case Tok.LEFT_PAREN:
    case Tok.INCREMENT:
    case Tok.DECREMENT:
      return true;
  }
  return false;
}

function sum(): void {
  product();
  while (token == Tok.ADD || token == Tok.SUBTRACT) {
    const op = Op.ADD + token - Tok.ADD;
    take();
    product();
    emit(op);
  }
}

function product(): void {
  unary();
  while (token == Tok.MULTIPLY || token == Tok.DIVIDE || token == Tok.MODULO) {
    const op = Op.ADD + token - Tok.ADD;
    take();
    unary();
    emit(op);
  }
}

function signOp(): i32 {
  if (token == Tok.NOT) return Op.NOT;
  if (token == Tok.SUBTRACT) return Op.NEGATE;
  return token == Tok.ADD ? Op.NUMBER : 0;
}

function unary(): void {
  const op = signOp();
  if (op == 0) {
    power();
    return;
  }
  deeper();
  take();
  unary();
  emit(op);
  shallower();
}

/** x ^ y ^ z is x ^ (y ^ z); y may have a sign. */
function power(): void {
  operand(true);
  if (token != Tok.POWER) return;
  deeper();
  take();
  unary();
  emit(Op.POWER);
  shallower();
}

/** An operand without operators between two. `assigns`: if it is a place, a value may be given to it here. */
function operand(assigns: bool): void {
  const list = mayList;
  mayList = false;
  switch (token) {
    case Tok.NUMBER:
      emitNumber(tokenNumber);
      take();
      return;
    case Tok.STRING:
      emitText(tokenString());
      take();
      return;
    case Tok.DIVIDE:
    case Tok.DIVIDE_ASSIGN:
      emitField0();
      pattern(false);
      emit(Op.MATCH);
      return;
    case Tok.LEFT_PAREN:
      group(list);
      return;
    case Tok.INCREMENT:
    case Tok.DECREMENT:
      stepBefore();
      return;
    case Tok.NAME:
    case Tok.DOLLAR:
      placeUse(placeTake(), assigns);
      return;
    case Tok.FUNCTION_NAME:
      functionCall();
      return;
    case Tok.BUILTIN:
      builtinCall();
      return;
    case Tok.GETLINE:
      getline();
      return;
    case Tok.SUBTRACT:
    case Tok.ADD:
    case Tok.NOT:
      unary();
      return;
  }
  wrong("syntax error: a value is missing");
}

function group(list: bool): void {
  const greater = insideBegin();
  take();
  newlinesSkip();
  const count = expressions();
  newlinesSkip();
  needs(Tok.RIGHT_PAREN, "a ( is not closed");
  insideEnd(greater);
  loadAt = -1;
  if (count == 1) return;
  if (token == Tok.IN) {
    emit1(Op.JOIN, count);
    take();
    inArray();
    return;
  }
  if (!list) wrong("a list in ( ) needs in and an array behind it");
  listCount = count;
  listEnd = codeCount;
}

/** The place of a name: a parameter or a variable. */
export function place(name: usize, bytes: i32): i32 {
  const parameter = parameterOf(name, bytes);
  if (parameter >= 0) return PlaceKind.LOCAL + parameter * 8;
  return PlaceKind.VARIABLE + variableOf(name, bytes) * 8;
}

/** Takes a name, an element or a field, and makes the code for which element or field it is; its place. */
function placeTake(): i32 {
  if (token == Tok.DOLLAR) {
    deeper();
    take();
    if (token == Tok.SUBTRACT || token == Tok.ADD || token == Tok.NOT) unary();
    else fieldNumber();
    shallower();
    return PlaceKind.FIELD;
  }
  if (token != Tok.NAME) wrong("a variable, element or field is missing");
  const name = place(tokenAt, tokenBytes);
  take();
  if (token != Tok.LEFT_BRACKET) return name;
  subscripts();
  return name - PlaceKind.VARIABLE + PlaceKind.ELEMENT;
}

/** What is behind $: $x++ is ($x)++ and $++x is $(++x). */
function fieldNumber(): void {
  if (token == Tok.NAME || token == Tok.DOLLAR) fetch(placeTake());
  else operand(false);
}

if (PlaceKind.LOCAL_ELEMENT - PlaceKind.LOCAL != PlaceKind.ELEMENT - PlaceKind.VARIABLE)
  ERROR("elements are in the order of their arrays");

/** [ and values and ]: one value for all of them. */
export function subscripts(): void {
  const greater = insideBegin();
  take();
  newlinesSkip();
  const count = expressions();
  newlinesSkip();
  needs(Tok.RIGHT_BRACKET, "a [ is not closed");
  insideEnd(greater);
  if (count > 1) emit1(Op.JOIN, count);
}

/** Code for the value in a place. */
function fetch(where: i32): void {
  const at = codeCount;
  switch (where & 7) {
    case PlaceKind.VARIABLE:
      emit1(Op.VARIABLE, where >> 3);
      break;
    case PlaceKind.LOCAL:
      emit1(Op.LOCAL, where >> 3);
      break;
    case PlaceKind.FIELD:
      emit(Op.FIELD);
      break;
    default:
      emit1(Op.ELEMENT, where);
  }
  loadAt = at;
  loadPlace = where;
}

/** Code for $0. */
export function emitField0(): void {
  emitNumber(0);
  emit(Op.FIELD);
}

function placeUse(where: i32, assigns: bool): void {
  if (token == Tok.INCREMENT || token == Tok.DECREMENT) {
    emit2(Op.STEP, where, Step.AFTER + (token == Tok.DECREMENT ? Step.DOWN : 0));
    take();
    return;
  }
  if (!assigns || token < Tok.ASSIGN || token > Tok.POWER_ASSIGN) {
    fetch(where);
    return;
  }
  const what = token;
  take();
  newlinesSkip();
  expression();
  if (what == Tok.ASSIGN) emit1(Op.STORE, where);
  else emit2(Op.MODIFY, where, what - Tok.ADD_ASSIGN + Op.ADD);
}

function stepBefore(): void {
  const how = token == Tok.DECREMENT ? Step.DOWN : 0;
  take();
  const where = placeTake();
  emit2(Op.STEP, where, how);
}

/** Whether getline is behind the | that is the token. */
function pipeReads(): bool {
  const at = tokenAt;
  const line = tokenLine;
  take();
  const reads = token == Tok.GETLINE;
  lexerBack(at, line);
  return reads;
}

function placeMaybe(): i32 {
  return token == Tok.NAME || token == Tok.DOLLAR ? placeTake() : 0;
}

function getline(): void {
  take();
  const where = placeMaybe();
  if (token != Tok.LESS) {
    emit2(Op.GETLINE, Source.FILES, where);
    return;
  }
  take();
  operand(false);
  emit2(Op.GETLINE, Source.FILE, where);
}
