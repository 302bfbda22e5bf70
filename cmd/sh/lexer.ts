// The lexer: cuts a command line into operators and words. A word keeps its quotes and dollars; expand.ts resolves them.
//
// Not here: which words are commands or reserved; that is the parser's.

// Here-documents: the parser announces each with hereExpect(); their lines are taken when the newline after the command is read.

import { isDigit } from "../../lib/text";
import { HereFlag, Node } from "./ast";
import { spanParenthesis, spanQuote } from "./spans";

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
  DLESS = 13, // << and <<-
  TLESS = 14, // <<<
  AND_GREAT = 15, // &>
  AND_DGREAT = 16, // &>>
  CLOBBER = 17, // >|
  LESS_GREAT = 18, // <>
  LEFT = 19, // (
  RIGHT = 20, // )
  DSEMI = 21, // ;;
  SEMI_AND = 22, // ;&
  PIPE_AND = 23, // |&
  IO_NUMBER = 24, // digits right before < or >
  ERROR = 25, // lexError says why
}

export const enum LexError {
  NONE = 0,
  SINGLE_QUOTE = 1, // not closed
  DOUBLE_QUOTE = 2,
  BRACE = 3, // ${ without }
  BACKSLASH = 4, // at the very end
  BACKQUOTE = 5,
  PARENTHESIS = 6, // $( without )
  HERE = 7, // a here-document without its last line
  ARITHMETIC = 8, // (( without ))
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
  hereCount = 0;
}

const HERES = 8;
const heres: usize = memory.data(64); // {HERE node, its delimiter WORD}
let hereCount = 0;

/** The lines after the next newline belong to `here`, up to a line that is the delimiter. False: too many at once. */
export function hereExpect(here: Node, delimiter: Node): bool {
  if (hereCount == HERES) return false;
  store<usize>(heres + hereCount * 8, changetype<usize>(here));
  store<usize>(heres + hereCount++ * 8, changetype<usize>(delimiter), 4);
  return true;
}

/** Takes the lines of every announced here-document, from `at` on; false when the text ends before they do. */
function heresTake(): bool {
  for (let i = 0; i < hereCount; i++) {
    const here = changetype<Node>(load<usize>(heres + i * 8));
    const delimiter = changetype<Node>(load<usize>(heres + i * 8, 4));
    here.text = at;
    for (;;) {
      if (at >= end) return false;
      const line = at;
      while (at < end && load<u8>(at) != 10) at++;
      const ends = lineIs(line, at, delimiter, (here.flags & HereFlag.TABS) != 0);
      if (at < end) at++;
      if (!ends) continue;
      here.bytes = <i32>(line - here.text);
      break;
    }
  }
  // The newline that ends the last delimiter is the token.
  if (at > tokenText && load<u8>(at - 1) == 10) at--;
  hereCount = 0;
  return true;
}

/** True when the line is the delimiter without its quotes. */
function lineIs(p: usize, lineEnd: usize, delimiter: Node, tabs: bool): bool {
  if (tabs) while (p < lineEnd && load<u8>(p) == 9) p++;
  for (let i = 0; i < delimiter.bytes; i++) {
    const c = load<u8>(delimiter.text + i);
    if (c == 0x27 || c == 0x22 || c == 0x5c) continue;
    if (p >= lineEnd || load<u8>(p++) != c) return false;
  }
  return p == lineEnd;
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
    if (hereCount > 0) failed(LexError.HERE);
    else found(Token.END, 0);
    return;
  }
  const c: i32 = load<u8>(at);
  const next: i32 = at + 1 < end ? load<u8>(at + 1) : 0;
  switch (c) {
    case 0x0a:
      if (hereCount > 0) {
        at++;
        if (!heresTake()) {
          failed(LexError.HERE);
          return;
        }
        tokenText = at;
        // The delimiter may be the last thing of the text.
        if (at >= end) {
          found(Token.END, 0);
          return;
        }
      }
      found(Token.NEWLINE, 1);
      return;
    case 0x3b:
      if (next == 0x3b) found(Token.DSEMI, 2);
      else if (next == 0x26) found(Token.SEMI_AND, 2);
      else found(Token.SEMI, 1);
      return;
    case 0x28:
      found(Token.LEFT, 1);
      return;
    case 0x29:
      found(Token.RIGHT, 1);
      return;
    case 0x26:
      if (next == 0x26) found(Token.AND_IF, 2);
      else if (next != 0x3e) found(Token.AMP, 1);
      else if (after(2) == 0x3e) found(Token.AND_DGREAT, 3);
      else found(Token.AND_GREAT, 2);
      return;
    case 0x7c:
      if (next == 0x7c) found(Token.OR_IF, 2);
      else if (next == 0x26) found(Token.PIPE_AND, 2);
      else found(Token.PIPE, 1);
      return;
    case 0x3c:
      if (next == 0x26) found(Token.LESS_AND, 2);
      else if (next == 0x3e) found(Token.LESS_GREAT, 2);
      else if (next != 0x3c) found(Token.LESS, 1);
      else if (after(2) == 0x3c) found(Token.TLESS, 3);
      else found(Token.DLESS, after(2) == 0x2d ? 3 : 2);
      return;
    case 0x3e:
      if (next == 0x3e) found(Token.DGREAT, 2);
      else if (next == 0x26) found(Token.GREAT_AND, 2);
      else if (next == 0x7c) found(Token.CLOBBER, 2);
      else found(Token.GREAT, 1);
      return;
  }
  wordScan();
}

/** The byte so many behind the current one, 0 past the end. */
function after(i: i32): i32 {
  return at + i < end ? <i32>load<u8>(at + i) : 0;
}

/** At the two parentheses of (( )), with the first one as the token: makes all of it the token. False: it is something else. */
export function lexArithmetic(): bool {
  if (load<u8>(tokenText) != 0x28 || at >= end || load<u8>(at) != 0x28) return false;
  const inner = spanParenthesis(at + 1, end);
  if (inner == 0) {
    failed(LexError.ARITHMETIC);
    return true;
  }
  if (inner >= end || load<u8>(inner) != 0x29) return false;
  at = inner + 1;
  tokenBytes = <i32>(at - tokenText);
  return true;
}

/** Makes what comes up to a blank outside of parentheses and quotes one word: an expression behind =~. */
export function lexExpression(): void {
  blanksSkip();
  tokenText = at;
  let depth = 0;
  while (at < end) {
    const c: i32 = load<u8>(at);
    if (c == 10 || (depth <= 0 && (c == 0x20 || c == 9 || (c == 0x29 && depth == 0)))) break;
    if (c == 0x28) depth++;
    if (c == 0x29) depth--;
    const past = spanQuote(at + 1, end);
    if (past == 0) {
      failed(LexError.DOUBLE_QUOTE);
      return;
    }
    at = past;
  }
  token = Token.WORD;
  tokenBytes = <i32>(at - tokenText);
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

function failed(error: i32): void {
  lexError = error;
  token = Token.ERROR;
  tokenBytes = <i32>(at - tokenText);
}

function wordScan(): void {
  let digits = true;
  while (at < end) {
    const c: i32 = load<u8>(at);
    if (endsWord(c)) break;
    if (!isDigit(c)) digits = false;
    const next = after(1);
    at = spanQuote(at + 1, end);
    if (at == 0) {
      at = end;
      failed(unclosed(c, next));
      return;
    }
  }
  tokenBytes = <i32>(at - tokenText);
  const redirects = at < end && (load<u8>(at) == 0x3c || load<u8>(at) == 0x3e);
  token = digits && redirects ? Token.IO_NUMBER : Token.WORD;
}

/** What a span that begins with these two bytes lacks. */
function unclosed(c: i32, next: i32): i32 {
  switch (c) {
    case 0x27:
      return LexError.SINGLE_QUOTE;
    case 0x22:
      return LexError.DOUBLE_QUOTE;
    case 0x60:
      return LexError.BACKQUOTE;
    case 0x24:
      if (next == 0x27) return LexError.SINGLE_QUOTE;
      return next == 0x7b ? LexError.BRACE : LexError.PARENTHESIS;
  }
  return LexError.BACKSLASH;
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
