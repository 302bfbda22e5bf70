import { codeCount, codePut, emit, emit1, emit2, emitJump, jumpsLand, Op } from "./code";
import { emitField0, expression } from "./expression";
import {
  Function,
  functionAt,
  functionOf,
  functionsCheck,
  parameterAdd,
  parametersBegin,
} from "./functions";
import { lexerStart, Tok, take, token, tokenAt, tokenBytes } from "./lexer";
import { block, needs, newlinesSkip, statementsBegin } from "./statement";
import { wrong, wrongName } from "./wrong";

/** The three parts of a program. */
export const enum Part {
  BEGIN = 0,
  RULES,
  END,
}

const starts: usize = memory.data(12); // of each part, in the code; 0: there is none
const ends: usize = memory.data(12); // the operand of its last jump
export const RANGES_MAX = 1024;
let ranges = 0;

/** Where a part begins in the code; 0 when the program has none. */
export function partStart(part: i32): i32 {
  return load<i32>(starts + part * 4);
}

/** Parses the program. Ends with a sentence when it is wrong. */
export function parse(text: usize, bytes: i32): void {
  lexerStart(text, bytes);
  for (;;) {
    while (token == Tok.NEWLINE || token == Tok.SEMICOLON) take();
    if (token == Tok.END) break;
    parametersBegin();
    if (token == Tok.FUNCTION) definition();
    else rule();
  }
  functionsCheck();
}

function partBegin(part: i32): void {
  const end = load<i32>(ends + part * 4);
  if (end == 0) store<i32>(starts + part * 4, codeCount);
  else codePut(end, codeCount);
}

function partEnd(part: i32): void {
  emit1(Op.JUMP, 0);
  store<i32>(ends + part * 4, codeCount - 1);
}

function rule(): void {
  if (token == Tok.BEGIN || token == Tok.END_WORD) {
    const part = token == Tok.BEGIN ? Part.BEGIN : Part.END;
    take();
    if (token != Tok.LEFT_BRACE) wrong("BEGIN and END need a { on their line");
    partBegin(part);
    statementsBegin(false, part == Part.RULES);
    block();
    partEnd(part);
    return;
  }
  partBegin(Part.RULES);
  statementsBegin(false, true);
  const skip = token == Tok.LEFT_BRACE ? 0 : pattern();
  if (token == Tok.LEFT_BRACE) block();
  else {
    if (token != Tok.NEWLINE && token != Tok.SEMICOLON && token != Tok.END) {
      wrong("syntax error behind a pattern");
    }
    emitField0();
    emit2(Op.PRINT, 1, 0);
  }
  jumpsLand(skip);
  partEnd(Part.RULES);
}

/** A condition, or two with a comma between them: a range. The jumps for when it does not hold. */
function pattern(): i32 {
  const start = codeCount;
  emit2(Op.RANGE, ranges, 0);
  const first = codeCount;
  expression();
  const skip = emitJump(Op.JUMP_FALSE, 0);
  if (token != Tok.COMMA) {
    // No range: its operation is passed over.
    codePut(start, Op.JUMP);
    codePut(start + 1, first);
    return skip;
  }
  if (ranges == RANGES_MAX) wrong("more than 1024 ranges");
  take();
  newlinesSkip();
  emit2(Op.RANGE_SET, ranges, 1);
  codePut(start + 2, codeCount);
  expression();
  const inside = emitJump(Op.JUMP_FALSE, 0);
  emit2(Op.RANGE_SET, ranges++, 0);
  jumpsLand(inside);
  return skip;
}

function definition(): void {
  take();
  if (token == Tok.BUILTIN) wrongName(tokenAt, tokenBytes, " is a function of awk's own");
  if (token != Tok.NAME && token != Tok.FUNCTION_NAME) wrong("a function needs a name");
  const made: Function = functionAt(functionOf(tokenAt, tokenBytes));
  if (made.entry >= 0) wrongName(tokenAt, tokenBytes, " is defined twice");
  take();
  needs(Tok.LEFT_PAREN, "a ( is missing behind the name of a function");
  newlinesSkip();
  while (token != Tok.RIGHT_PAREN) {
    if (token != Tok.NAME) wrong("parameters are names");
    if (tokenBytes == made.nameBytes && memory.compare(tokenAt, made.name, tokenBytes) == 0) {
      wrongName(tokenAt, tokenBytes, " is a function and its parameter");
    }
    made.parameters = parameterAdd(tokenAt, tokenBytes);
    take();
    newlinesSkip();
    if (token == Tok.RIGHT_PAREN) break;
    needs(Tok.COMMA, "a , is missing between parameters");
    newlinesSkip();
  }
  take();
  newlinesSkip();
  if (token != Tok.LEFT_BRACE) wrong("a function needs a {");
  made.entry = codeCount;
  statementsBegin(true, true);
  block();
  emitUnset();
  emit(Op.RETURN);
}

/** The value of a function that returns none. */
export function emitUnset(): void {
  emit1(Op.CONSTANT, 0);
}
