// Calls of functions, awk's own and the program's, as part of an expression (expression.ts).

import { codeCount, codeCut, emit1, emit2, emitNumber, Op, PlaceKind } from "./code";
import {
  expression,
  insideBegin,
  insideEnd,
  loadAt,
  loadForget,
  loadPlace,
  pattern,
  place,
} from "./expression";
import { Fn, functionAt, functionCounts, functionOf } from "./functions";
import { Tok, take, token, tokenAt, tokenBytes, tokenFunction } from "./lexer";
import { needs, newlinesSkip } from "./statement";
import { wrong } from "./wrong";

/** The function that a name with a ( behind it calls. */
export function functionCall(): void {
  const which = functionOf(tokenAt, tokenBytes);
  take();
  const greater = insideBegin();
  take();
  newlinesSkip();
  let count = 0;
  while (token != Tok.RIGHT_PAREN) {
    argument();
    count++;
    newlinesSkip();
    if (token == Tok.RIGHT_PAREN) break;
    needs(Tok.COMMA, "a , or ) is missing in a call");
    newlinesSkip();
  }
  take();
  insideEnd(greater);
  const called = functionAt(which);
  called.most = max(called.most, count);
  emit2(Op.CALL, which, count);
}

/** A value for a function: a variable alone is given as it is, for it may be an array. */
function argument(): void {
  const start = codeCount;
  loadForget();
  expression();
  const kind = loadPlace & 7;
  const isAlone = loadAt == start && (kind == PlaceKind.VARIABLE || kind == PlaceKind.LOCAL);
  if (!isAlone || codeCount != start + 2) return;
  codeCut(start);
  emit1(Op.REFER, loadPlace);
}

export function builtinCall(): void {
  const which = tokenFunction;
  take();
  if (token != Tok.LEFT_PAREN) {
    if (which != Fn.LENGTH) wrong("a ( is missing behind the name of a function");
    emit2(Op.BUILTIN, which, 0);
    return;
  }
  const greater = insideBegin();
  take();
  newlinesSkip();
  if (which == Fn.SPLIT) split();
  else if (which == Fn.SUB || which == Fn.GSUB) substitute(which);
  else values(which);
  newlinesSkip();
  needs(Tok.RIGHT_PAREN, "a ) is missing behind the values of a function");
  insideEnd(greater);
}

function comma(): void {
  newlinesSkip();
  needs(Tok.COMMA, "a function has too few values");
  newlinesSkip();
}

function values(which: i32): void {
  let count = 0;
  while (token != Tok.RIGHT_PAREN) {
    if (count > 0) comma();
    if (which == Fn.LENGTH) argument();
    else if (which == Fn.MATCH && count == 1) pattern(true);
    else expression();
    count++;
    newlinesSkip();
  }
  const counts = functionCounts(which);
  if (which == Fn.SPRINTF ? count == 0 : count < counts >> 4)
    wrong("a function has too few values");
  if (which != Fn.SPRINTF && count > (counts & 15)) wrong("a function has too many values");
  emit2(Op.BUILTIN, which, count);
}

/** split(TEXT, ARRAY [, SEPARATOR]). */
function split(): void {
  expression();
  comma();
  if (token != Tok.NAME) wrong("split needs an array");
  emit1(Op.ARRAY, place(tokenAt, tokenBytes));
  take();
  newlinesSkip();
  const separates = token == Tok.COMMA;
  if (separates) {
    take();
    newlinesSkip();
    pattern(true);
  }
  emit1(Op.SPLIT, separates ? 3 : 2);
}

/** sub(PATTERN, TEXT [, PLACE]): of another value than a place only the number is found out. */
function substitute(which: i32): void {
  pattern(true);
  comma();
  expression();
  newlinesSkip();
  let where = 0;
  if (token == Tok.COMMA) {
    take();
    newlinesSkip();
    loadForget();
    expression();
    const isPlace =
      loadAt >= 0 && codeCount == loadAt + ((loadPlace & 7) == PlaceKind.FIELD ? 1 : 2);
    if (isPlace) {
      codeCut(loadAt);
      where = loadPlace;
    }
  } else {
    emitNumber(0);
    where = PlaceKind.FIELD;
  }
  emit2(Op.SUBSTITUTE, which == Fn.GSUB ? 1 : 0, where);
}
