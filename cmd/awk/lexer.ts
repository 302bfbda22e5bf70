// Lexer: the tokens of the program's text, one at a time.

import { escapeBytes, escapeRead, escapeText } from "../../lib/escape";
import { bytesAre, isDigit, isName, isNameStart } from "../../lib/text";
import { Builder } from "./builder";
import { functionNamed } from "./functions";
import { bytesNumber, numberEnd } from "./numbers";
import { Text } from "./texts";
import { wrong } from "./wrong";

export const enum Tok {
  END = 0,
  NEWLINE,
  LEFT_BRACE,
  RIGHT_BRACE,
  LEFT_PAREN,
  RIGHT_PAREN,
  LEFT_BRACKET,
  RIGHT_BRACKET,
  SEMICOLON,
  COMMA,
  // The operators that = can follow, and those with it, in the same order.
  ADD,
  SUBTRACT,
  MULTIPLY,
  DIVIDE,
  MODULO,
  POWER,
  ASSIGN,
  ADD_ASSIGN,
  SUBTRACT_ASSIGN,
  MULTIPLY_ASSIGN,
  DIVIDE_ASSIGN,
  MODULO_ASSIGN,
  POWER_ASSIGN,
  // In the order of Order (cells.ts).
  LESS,
  LESS_EQUAL,
  EQUAL,
  NOT_EQUAL,
  GREATER,
  GREATER_EQUAL,
  MATCH,
  NO_MATCH,
  NOT,
  AND,
  OR,
  PIPE,
  APPEND,
  QUESTION,
  COLON,
  DOLLAR,
  INCREMENT,
  DECREMENT,
  NUMBER,
  STRING,
  NAME,
  FUNCTION_NAME, // a name with a ( right behind it
  BUILTIN, // tokenFunction says which
  BEGIN,
  END_WORD,
  FUNCTION,
  GETLINE,
  IN,
  IF,
  ELSE,
  WHILE,
  DO,
  FOR,
  BREAK,
  CONTINUE,
  NEXT,
  EXIT,
  RETURN,
  DELETE,
  PRINT,
  PRINTF,
}

export let token: i32 = Tok.END;
/** The line, from 1, that the token is on; 0: nothing has been read. */
export let tokenLine = 0;
/** Where the token is. */
export let tokenAt: usize = 0;
export let tokenBytes = 0;
export let tokenNumber: f64 = 0;
export let tokenFunction: i32 = 0;
let at: usize = 0;
let end: usize = 0;
let line = 1;
const builder: Builder = changetype<Builder>(memory.data(4));

/** Begins with a text; the first token is taken. */
export function lexerStart(text: usize, bytes: i32): void {
  at = text;
  end = text + bytes;
  line = 1;
  take();
}

/** Goes back to a token that was there before: its address and line. */
export function lexerBack(where: usize, whereLine: i32): void {
  at = where;
  line = whereLine;
  take();
}

/** Moves to the next token. */
export function take(): void {
  blanks();
  tokenLine = line;
  tokenAt = at;
  const c: i32 = at < end ? <i32>load<u8>(at) : 0;
  if (at >= end) token = Tok.END;
  else if (isNameStart(c)) word();
  else if (isDigit(c) || (c == 0x2e && at + 1 < end && isDigit(load<u8>(at + 1)))) number();
  else if (c == 0x22) token = Tok.STRING;
  else {
    at++;
    token = operator(c);
  }
  // The text of a string is read when it is asked for.
  if (token == Tok.STRING) stringSkip();
  tokenBytes = <i32>(at - tokenAt);
}

/** Blanks, comments, and newlines behind a backslash. */
function blanks(): void {
  for (; at < end; at++) {
    const c: i32 = load<u8>(at);
    if (c == 0x23) {
      while (at + 1 < end && load<u8>(at + 1) != 10) at++;
    } else if (c == 0x5c && at + 1 < end && isLineEnd(at + 1)) {
      at += load<u8>(at + 1) == 13 ? 2 : 1;
      line++;
    } else if (c != 0x20 && c != 9 && c != 13) return;
  }
}

function isLineEnd(p: usize): bool {
  return load<u8>(p) == 10 || (load<u8>(p) == 13 && p + 1 < end && load<u8>(p + 1) == 10);
}

function number(): void {
  tokenNumber = bytesNumber(at, <i32>(end - at));
  at = numberEnd;
  token = Tok.NUMBER;
}

function word(): void {
  while (at < end && isName(load<u8>(at))) at++;
  const bytes = <i32>(at - tokenAt);
  token = keyword(tokenAt, bytes);
  if (token != Tok.NAME) return;
  tokenFunction = functionNamed(tokenAt, bytes);
  if (tokenFunction != 0) token = Tok.BUILTIN;
  else if (at < end && load<u8>(at) == 0x28) token = Tok.FUNCTION_NAME;
}

function keyword(p: usize, n: i32): i32 {
  if (bytesAre(p, n, "BEGIN")) return Tok.BEGIN;
  if (bytesAre(p, n, "END")) return Tok.END_WORD;
  if (bytesAre(p, n, "function") || bytesAre(p, n, "func")) return Tok.FUNCTION;
  if (bytesAre(p, n, "getline")) return Tok.GETLINE;
  if (bytesAre(p, n, "in")) return Tok.IN;
  if (bytesAre(p, n, "if")) return Tok.IF;
  if (bytesAre(p, n, "else")) return Tok.ELSE;
  if (bytesAre(p, n, "while")) return Tok.WHILE;
  if (bytesAre(p, n, "do")) return Tok.DO;
  if (bytesAre(p, n, "for")) return Tok.FOR;
  if (bytesAre(p, n, "break")) return Tok.BREAK;
  if (bytesAre(p, n, "continue")) return Tok.CONTINUE;
  if (bytesAre(p, n, "next")) return Tok.NEXT;
  if (bytesAre(p, n, "exit")) return Tok.EXIT;
  if (bytesAre(p, n, "return")) return Tok.RETURN;
  if (bytesAre(p, n, "delete")) return Tok.DELETE;
  if (bytesAre(p, n, "print")) return Tok.PRINT;
  if (bytesAre(p, n, "printf")) return Tok.PRINTF;
  return Tok.NAME;
}

function takes(c: i32): bool {
  if (at >= end || <i32>load<u8>(at) != c) return false;
  at++;
  return true;
}

function operator(c: i32): i32 {
  switch (c) {
    case 10:
      line++;
      return Tok.NEWLINE;
    case 0x7b:
      return Tok.LEFT_BRACE;
    case 0x7d:
      return Tok.RIGHT_BRACE;
    case 0x28:
      return Tok.LEFT_PAREN;
    case 0x29:
      return Tok.RIGHT_PAREN;
    case 0x5b:
      return Tok.LEFT_BRACKET;
    case 0x5d:
      return Tok.RIGHT_BRACKET;
    case 0x3b:
      return Tok.SEMICOLON;
    case 0x2c:
      return Tok.COMMA;
    case 0x2b:
      return takes(c) ? Tok.INCREMENT : withEqual(Tok.ADD);
    case 0x2d:
      return takes(c) ? Tok.DECREMENT : withEqual(Tok.SUBTRACT);
    case 0x2a:
      return withEqual(takes(c) ? Tok.POWER : Tok.MULTIPLY);
    case 0x2f:
      return withEqual(Tok.DIVIDE);
    case 0x25:
      return withEqual(Tok.MODULO);
    case 0x5e:
      return withEqual(Tok.POWER);
    case 0x3d:
      return takes(0x3d) ? Tok.EQUAL : Tok.ASSIGN;
    case 0x3c:
      return takes(0x3d) ? Tok.LESS_EQUAL : Tok.LESS;
    case 0x3e:
      return takes(0x3d) ? Tok.GREATER_EQUAL : takes(c) ? Tok.APPEND : Tok.GREATER;
    case 0x21:
      return takes(0x3d) ? Tok.NOT_EQUAL : takes(0x7e) ? Tok.NO_MATCH : Tok.NOT;
    case 0x7e:
      return Tok.MATCH;
    case 0x26:
      if (takes(c)) return Tok.AND;
      break;
    case 0x7c:
      return takes(c) ? Tok.OR : Tok.PIPE;
    case 0x3f:
      return Tok.QUESTION;
    case 0x3a:
      return Tok.COLON;
    case 0x24:
      return Tok.DOLLAR;
  }
  wrong("a character that means nothing here");
  return Tok.END;
}

function withEqual(what: i32): i32 {
  return takes(0x3d) ? what + (Tok.ADD_ASSIGN - Tok.ADD) : what;
}

function stringSkip(): void {
  at++;
  while (at < end && load<u8>(at) != 0x22) {
    if (load<u8>(at) == 10) break;
    if (load<u8>(at) == 0x5c && at + 1 < end) {
      at++;
      if (load<u8>(at) == 10) line++;
    }
    at++;
  }
  if (at >= end || load<u8>(at) != 0x22) wrong('a string has no " at its end');
  at++;
}

/** The text of the current token, a string, held. */
export function tokenString(): Text {
  return textUnescaped(tokenAt + 1, tokenAt + tokenBytes - 1);
}

/** The text with what its backslashes stand for, held: of a string, and of values on the command line. */
export function textUnescaped(p: usize, last: usize): Text {
  builder.begin();
  while (p < last) {
    const c: i32 = load<u8>(p++);
    if (c != 0x5c || p >= last) {
      builder.byte(c);
      continue;
    }
    const next: i32 = load<u8>(p);
    const past = isEscape(next) ? escapeRead(p, last, false) : 0;
    if (past != 0) {
      builder.add(escapeText, escapeBytes);
      p = past;
    } else if (next == 10) p++;
    else {
      // Others stay as they are, for expressions; \/ is a slash.
      if (next != 0x2f) builder.byte(c);
      builder.byte(next);
      p++;
    }
  }
  return builder.built();
}

/** " \ a b f n r t v and octal digits. */
function isEscape(c: i32): bool {
  switch (c) {
    case 0x22:
    case 0x5c:
    case 0x61:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
    case 0x76:
      return true;
  }
  return c >= 0x30 && c <= 0x37;
}

/** The current token, / or /=, begins an expression: takes it up to its other slash. tokenAt and tokenBytes are what is between them. */
export function regexTake(): void {
  at = tokenAt + 1;
  tokenAt = at;
  let inBrackets = false;
  for (; at < end && load<u8>(at) != 10; at++) {
    const c: i32 = load<u8>(at);
    if (c == 0x5c) {
      if (at + 1 < end && load<u8>(at + 1) != 10) at++;
    } else if (inBrackets) inBrackets = c != 0x5d;
    else if (c == 0x2f) break;
    else if (c == 0x5b) {
      inBrackets = true;
      if (at + 1 < end && load<u8>(at + 1) == 0x5e) at++;
      if (at + 1 < end && load<u8>(at + 1) == 0x5d) at++;
    }
  }
  if (at >= end || load<u8>(at) != 0x2f) wrong("an expression has no / at its end");
  tokenBytes = <i32>(at - tokenAt);
  at++;
}
