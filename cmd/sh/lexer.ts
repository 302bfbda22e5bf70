// The lexer: cuts a command line into operators and words. A word keeps its quotes and dollars; expand.ts resolves them.
//
// Not here: which words are commands or reserved; that is the parser's.

import { isDigit } from "../../lib/text";

export const enum Token {
  END = 0,
  WORD = 1,
  NEWLINE = 2,
  SEMI = 3, // ;
  AMP = 4, // &
  AND_IF = 5, // &&
  OR_IF = 6, // ||
  PIPE = 7, // |
  LESS = 8, // <
  GREAT = 9, // >
  DGREAT = 10, // >>
  LESS_AND = 11, // <&
  GREAT_AND = 12, // >&
  LEFT = 13, // (
  RIGHT = 14, // )
  IO_NUMBER = 15, // digits right before < or >
  ERROR = 16, // lexError says why
}

export const enum LexError {
  NONE = 0,
  SINGLE_QUOTE = 1, // not closed
  DOUBLE_QUOTE = 2,
  BRACE = 3, // ${ without }
  BACKSLASH = 4, // at the very end
  SUBSTITUTION = 5, // $( or `
}

export let token: i32 = Token.END;
export let tokenText: usize = 0;
export let tokenBytes: i32 = 0;
export let lexError: i32 = LexError.NONE;

let at: usize = 0;
let end: usize = 0;

export function lexStart(text: usize, bytes: i32): void {
  at = text;
  end = text + bytes;
  lexError = LexError.NONE;
}

/** End of the token before the current one's successor: where the current token ends. */
export function tokenEnd(): usize {
  return tokenText + tokenBytes;
}

/** Reads the next token into token, tokenText and tokenBytes. */
export function lexNext(): void {
  blanksSkip();
  tokenText = at;
  if (at >= end) {
    found(Token.END, 0);
    return;
  }
  const c: i32 = load<u8>(at);
  const next: i32 = at + 1 < end ? load<u8>(at + 1) : 0;
  switch (c) {
    case 0x0a:
      found(Token.NEWLINE, 1);
      return;
    case 0x3b:
      found(Token.SEMI, 1);
      return;
    case 0x28:
      found(Token.LEFT, 1);
      return;
    case 0x29:
      found(Token.RIGHT, 1);
      return;
    case 0x26:
      if (next == 0x26) found(Token.AND_IF, 2);
      else found(Token.AMP, 1);
      return;
    case 0x7c:
      if (next == 0x7c) found(Token.OR_IF, 2);
      else found(Token.PIPE, 1);
      return;
    case 0x3c:
      if (next == 0x26) found(Token.LESS_AND, 2);
      else found(Token.LESS, 1);
      return;
    case 0x3e:
      if (next == 0x3e) found(Token.DGREAT, 2);
      else if (next == 0x26) found(Token.GREAT_AND, 2);
      else found(Token.GREAT, 1);
      return;
  }
  wordScan();
}

function found(kind: i32, bytes: i32): void {
  token = kind;
  tokenBytes = bytes;
  at += bytes;
}

/** Skips blanks, continued lines, and a comment up to its newline. */
function blanksSkip(): void {
  while (at < end) {
    const c = load<u8>(at);
    if (c == 0x20 || c == 9 || c == 13) at++;
    else if (c == 0x5c && at + 1 < end && load<u8>(at + 1) == 10) at += 2;
    else break;
  }
  if (at < end && load<u8>(at) == 0x23) while (at < end && load<u8>(at) != 10) at++;
}

function wordScan(): void {
  let digits = true;
  while (at < end) {
    const c: i32 = load<u8>(at);
    if (endsWord(c)) break;
    if (!isDigit(c)) digits = false;
    at++;
    let error: i32 = LexError.NONE;
    switch (c) {
      case 0x5c:
        if (at >= end) error = LexError.BACKSLASH;
        else at++;
        break;
      case 0x27:
        if (!skipPast(0x27, false)) error = LexError.SINGLE_QUOTE;
        break;
      case 0x22:
        if (!skipPast(0x22, true)) error = LexError.DOUBLE_QUOTE;
        break;
      case 0x60:
        error = LexError.SUBSTITUTION;
        break;
      case 0x24:
        if (at < end && load<u8>(at) == 0x28) error = LexError.SUBSTITUTION;
        else if (at < end && load<u8>(at) == 0x7b && !skipPast(0x7d, false)) error = LexError.BRACE;
        break;
    }
    // skipPast meets the forbidden forms inside double quotes.
    if (lexError != LexError.NONE) error = lexError;
    if (error != LexError.NONE) {
      lexError = error;
      token = Token.ERROR;
      tokenBytes = <i32>(at - tokenText);
      return;
    }
  }
  tokenBytes = <i32>(at - tokenText);
  const redirects = at < end && (load<u8>(at) == 0x3c || load<u8>(at) == 0x3e);
  token = digits && redirects ? Token.IO_NUMBER : Token.WORD;
}

/** Moves past the closing byte; false when it is missing. */
function skipPast(close: i32, escapes: bool): bool {
  while (at < end) {
    const c: i32 = load<u8>(at++);
    if (c == close) return true;
    if (!escapes) continue;
    if (c == 0x5c && at < end) at++;
    if (c == 0x60 || (c == 0x24 && at < end && load<u8>(at) == 0x28)) {
      lexError = LexError.SUBSTITUTION;
      return false;
    }
  }
  return false;
}

function endsWord(c: i32): bool {
  switch (c) {
    case 0x20:
    case 9:
    case 10:
    case 13:
    case 0x3b:
    case 0x26:
    case 0x7c:
    case 0x3c:
    case 0x3e:
    case 0x28:
    case 0x29:
      return true;
  }
  return false;
}
