// Statements.
//
// Invariants
//   S1  `breaks` and `continues` are the chains of jumps of the innermost loop; -1: there is none.

import { codeCount, emit, emit1, emit2, emitJump, jumpsLand, Op, Output } from "./code";
import {
  concatenation,
  deeper,
  emitField0,
  expression,
  expressions,
  greaterLeave,
  listCount,
  listEnd,
  listMay,
  place,
  shallower,
  subscripts,
} from "./expression";
import { lexerBack, Tok, take, token, tokenAt, tokenBytes, tokenLine } from "./lexer";
import { emitUnset } from "./parser";
import { wrong } from "./wrong";

const NO_LOOP: i32 = -1;
let breaks: i32 = NO_LOOP;
let continues: i32 = NO_LOOP;
let inFunction = false;
let mayNext = false;

/** Before a function's statements, or those of a rule. */
export function statementsBegin(isFunction: bool, nextIsAllowed: bool): void {
  inFunction = isFunction;
  mayNext = nextIsAllowed;
  breaks = NO_LOOP;
  continues = NO_LOOP;
}

/** Takes a token that must be here. */
export function needs(what: i32, sentence: string): void {
  if (token != what) wrong(sentence);
  take();
}

export function newlinesSkip(): void {
  while (token == Tok.NEWLINE) take();
}

/** { and the statements up to its }. */
export function block(): void {
  take();
  for (;;) {
    while (token == Tok.NEWLINE || token == Tok.SEMICOLON) take();
    if (token == Tok.RIGHT_BRACE) break;
    if (token == Tok.END) wrong("a { is not closed");
    statement();
  }
  take();
}

/** A statement that is not empty, with the ; or newline at its end. */
function statement(): void {
  deeper();
  switch (token) {
    case Tok.LEFT_BRACE:
      block();
      break;
    case Tok.IF:
      ifStatement();
      break;
    case Tok.WHILE:
      whileStatement();
      break;
    case Tok.DO:
      doStatement();
      break;
    case Tok.FOR:
      forStatement();
      break;
    default:
      simple();
      ended();
  }
  shallower();
}

/** The end of a simple statement. */
function ended(): void {
  if (token == Tok.RIGHT_BRACE || token == Tok.END) return;
  if (token != Tok.NEWLINE && token != Tok.SEMICOLON)
    wrong("syntax error: a statement goes on where it should end");
  take();
}

/** The statement behind if ( ) and the like: it may be empty, and on the next line. */
function body(): void {
  newlinesSkip();
  if (token == Tok.SEMICOLON) take();
  else if (token == Tok.END || token == Tok.RIGHT_BRACE) wrong("a statement is missing");
  else statement();
}

/** ( and a condition and ), and the jump for when it does not hold. */
function condition(): i32 {
  take();
  needs(Tok.LEFT_PAREN, "a ( is missing before a condition");
  expression();
  needs(Tok.RIGHT_PAREN, "a ) is missing behind a condition");
  return emitJump(Op.JUMP_FALSE, 0);
}

function ifStatement(): void {
  const not = condition();
  body();
  // An else may be behind newlines and semicolons.
  const at = tokenAt;
  const line = tokenLine;
  while (token == Tok.NEWLINE || token == Tok.SEMICOLON) take();
  if (token != Tok.ELSE) {
    lexerBack(at, line);
    jumpsLand(not);
    return;
  }
  take();
  const past = emitJump(Op.JUMP, 0);
  jumpsLand(not);
  body();
  jumpsLand(past);
}

/** A loop's body; its continues lead to what comes next, and its breaks are given back for landing. */
function loopBody(): i32 {
  const outerBreaks = breaks;
  const outerContinues = continues;
  breaks = 0;
  continues = 0;
  body();
  const mine = breaks;
  jumpsLand(continues);
  breaks = outerBreaks;
  continues = outerContinues;
  return mine;
}

function whileStatement(): void {
  const again = codeCount;
  const not = condition();
  const mine = loopBody();
  emit1(Op.JUMP, again);
  jumpsLand(mine);
  jumpsLand(not);
}

function doStatement(): void {
  take();
  const again = codeCount;
  const mine = loopBody();
  while (token == Tok.NEWLINE || token == Tok.SEMICOLON) take();
  if (token != Tok.WHILE) wrong("a do needs a while behind its statement");
  const not = condition();
  emit1(Op.JUMP, again);
  jumpsLand(mine);
  jumpsLand(not);
  ended();
}

function forStatement(): void {
  take();
  needs(Tok.LEFT_PAREN, "a ( is missing behind for");
  if (token == Tok.NAME && forIn()) return;
  if (token != Tok.SEMICOLON) simple();
  needs(Tok.SEMICOLON, "a ; is missing in for ( )");
  newlinesSkip();
  const test = codeCount;
  let not = 0;
  if (token != Tok.SEMICOLON) {
    expression();
    not = emitJump(Op.JUMP_FALSE, 0);
  }
  needs(Tok.SEMICOLON, "a ; is missing in for ( )");
  newlinesSkip();
  const start = emitJump(Op.JUMP, 0);
  const step = codeCount;
  if (token != Tok.RIGHT_PAREN) simple();
  emit1(Op.JUMP, test);
  needs(Tok.RIGHT_PAREN, "a ) is missing behind for");
  jumpsLand(start);
  const mine = loopBody();
  emit1(Op.JUMP, step);
  jumpsLand(mine);
  jumpsLand(not);
}

/** for (NAME in ARRAY); false, and nothing is taken, when it is another for. */
function forIn(): bool {
  const at = tokenAt;
  const line = tokenLine;
  const bytes = tokenBytes;
  take();
  if (token == Tok.IN) take();
  else {
    lexerBack(at, line);
    return false;
  }
  const array = token == Tok.NAME ? place(tokenAt, tokenBytes) : 0;
  if (array != 0) take();
  if (array == 0 || token != Tok.RIGHT_PAREN) {
    lexerBack(at, line);
    return false;
  }
  take();
  emit1(Op.KEYS, array);
  const again = codeCount;
  emit2(Op.NEXT_KEY, place(at, bytes), 0);
  const over = codeCount - 1;
  const mine = loopBody();
  emit1(Op.JUMP, again);
  jumpsLand(mine);
  jumpsLand(over);
  emit(Op.POP);
  return true;
}

function simple(): void {
  switch (token) {
    case Tok.PRINT:
    case Tok.PRINTF:
      printStatement();
      return;
    case Tok.BREAK:
      if (breaks == NO_LOOP) wrong("break outside of a loop");
      take();
      breaks = emitJump(Op.JUMP, breaks);
      return;
    case Tok.CONTINUE:
      if (continues == NO_LOOP) wrong("continue outside of a loop");
      take();
      continues = emitJump(Op.JUMP, continues);
      return;
    case Tok.NEXT:
      if (!mayNext) wrong("next in BEGIN or END");
      take();
      emit(Op.NEXT);
      return;
    case Tok.EXIT:
      take();
      valueMaybe();
      emit(Op.EXIT);
      return;
    case Tok.RETURN:
      if (!inFunction) wrong("return outside of a function");
      take();
      valueMaybe();
      emit(Op.RETURN);
      return;
    case Tok.DELETE:
      deleteStatement();
      return;
  }
  expression();
  emit(Op.POP);
}

function simpleEnds(): bool {
  return (
    token == Tok.NEWLINE || token == Tok.SEMICOLON || token == Tok.RIGHT_BRACE || token == Tok.END
  );
}

function valueMaybe(): void {
  if (simpleEnds()) emitUnset();
  else expression();
}

function deleteStatement(): void {
  take();
  if (token != Tok.NAME) wrong("delete needs an array or an element");
  const array = place(tokenAt, tokenBytes);
  take();
  if (token != Tok.LEFT_BRACKET) {
    emit1(Op.CLEAR, array);
    return;
  }
  subscripts();
  emit1(Op.DELETE, array);
}

function printStatement(): void {
  const op = token == Tok.PRINT ? Op.PRINT : Op.PRINTF;
  take();
  let count = 0;
  if (!simpleEnds() && !isRedirection()) {
    greaterLeave(true);
    listMay();
    count = expressions();
    if (listCount > 0) {
      if (count != 1 || listEnd != codeCount) wrong("syntax error behind a list in ( )");
      count = listCount;
    }
    greaterLeave(false);
  } else if (op == Op.PRINTF) wrong("printf needs a format");
  else {
    emitField0();
    count = 1;
  }
  let output = Output.STANDARD;
  if (isRedirection()) {
    output =
      token == Tok.GREATER ? Output.FILE : token == Tok.APPEND ? Output.APPEND : Output.COMMAND;
    take();
    greaterLeave(true);
    concatenation();
    greaterLeave(false);
  }
  emit2(op, count, output);
}

function isRedirection(): bool {
  return token == Tok.GREATER || token == Tok.APPEND || token == Tok.PIPE;
}
