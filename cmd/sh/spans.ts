// Spans: where a quoted or bracketed part of a text ends. Shared by the lexer, which cuts words, and the expander, which resolves them.
//
// Each function gets the address after the opening bytes and returns the address after the closing ones, or 0 when they are missing.
// They call each other as deep as the text nests.

import { bytesAre, isName } from "../../lib/text";

/** '...' */
export function spanSingle(p: usize, end: usize): usize {
  while (p < end) if (load<u8>(p++) == 0x27) return p;
  return 0;
}

/** What may hold an escaped `closing` itself: $'...' and `...`. */
export function spanEscaped(p: usize, end: usize, closing: i32): usize {
  while (p < end) {
    const c: i32 = load<u8>(p++);
    if (c == closing) return p;
    if (c == 0x5c) p++;
  }
  return 0;
}

/** "...": with escapes, and $ parts that may hold quotes of their own. */
export function spanDouble(p: usize, end: usize): usize {
  while (p < end) {
    const c = load<u8>(p++);
    if (c == 0x22) return p;
    if (c == 0x5c) p++;
    else if (c == 0x24) p = spanDollar(p, end, true);
    else if (c == 0x60) p = spanEscaped(p, end, 0x60);
    if (p == 0) return 0;
  }
  return 0;
}

/** What follows a dollar: {...}, (...), ((...)), or nothing that spans. `quoted`: in double quotes. */
export function spanDollar(p: usize, end: usize, quoted: bool): usize {
  if (p >= end) return p;
  if (load<u8>(p) == 0x28) return spanParenthesis(p + 1, end);
  if (load<u8>(p) != 0x7b) return p;
  return spanBrace(p + 1, end, quoted);
}

/** What begins with the byte before p, outside of double quotes; p itself when that spans nothing. */
export function spanQuote(p: usize, end: usize): usize {
  switch (load<u8>(p - 1)) {
    case 0x5c:
      return p < end ? p + 1 : 0;
    case 0x27:
      return spanSingle(p, end);
    case 0x22:
      return spanDouble(p, end);
    case 0x60:
      return spanEscaped(p, end, 0x60);
    case 0x24:
      return p < end && load<u8>(p) == 0x27
        ? spanEscaped(p + 1, end, 0x27)
        : spanDollar(p, end, false);
  }
  return p;
}

/** ${...}: up to the brace that closes it; quotes and dollars in it span. In double quotes the ' of "${X:-it's}" is itself. */
export function spanBrace(p: usize, end: usize, quoted: bool): usize {
  const literal = quoted && isDefault(p, end);
  while (p < end) {
    const c = load<u8>(p++);
    if (c == 0x7d) return p;
    if (c == 0x27 && literal) continue;
    p = spanQuote(p, end);
    if (p == 0) return 0;
  }
  return 0;
}

/** At NAME and one of - = ? +, with or without a colon. */
function isDefault(p: usize, end: usize): bool {
  const name = p;
  while (p < end && isName(load<u8>(p))) p++;
  if (p == name) p++;
  if (p < end && load<u8>(p) == 0x3a) p++;
  if (p >= end) return false;
  const c = load<u8>(p);
  return c == 0x2d || c == 0x3d || c == 0x3f || c == 0x2b;
}

/** (...): parentheses must pair outside quotes, comments, here-documents and the patterns of `case`. */
export function spanParenthesis(p: usize, end: usize): usize {
  const around = hereDelimiter;
  hereDelimiter = 0;
  const past = parenthesis(p, end);
  hereDelimiter = around;
  return past;
}

function parenthesis(p: usize, end: usize): usize {
  let depth = 1;
  // The ) of a pattern has no partner, so `case` and `esac` are looked for where a command may begin.
  let cases = 0;
  let caseDepth = 0;
  let commands = true;
  let blank = true;
  while (p < end) {
    const c: i32 = load<u8>(p++);
    if (isName(c) && blank) {
      const word = p - 1;
      while (p < end && isName(load<u8>(p))) p++;
      const n = <i32>(p - word);
      if (commands && bytesAre(word, n, "case")) {
        if (cases++ == 0) caseDepth = depth;
      } else if (commands && cases > 0 && bytesAre(word, n, "esac")) cases--;
      commands = opensCommand(word, n);
      blank = false;
      continue;
    }
    if (c == 0x29) {
      if (cases > 0 && depth == caseDepth) commands = true;
      else if (--depth == 0) return p;
    } else if (c == 0x28) depth++;
    else if (c == 0x23 && blank) while (p < end && load<u8>(p) != 10) p++;
    else if (c == 0x3c && isHere(p, end)) hereNote(p + 1, end);
    else if (c == 10 && hereDelimiter != 0) p = hereSkip(p, end);
    else p = spanQuote(p, end);
    if (p == 0) return 0;
    blank = c <= 0x20 || c == 0x28 || c == 0x29 || c == 0x3b || c == 0x26 || c == 0x7c;
    if (c == 0x28 || c == 0x3b || c == 0x26 || c == 0x7c || c == 10) commands = true;
    else if (c > 0x20 && c != 0x29) commands = false;
  }
  return 0;
}

function opensCommand(word: usize, n: i32): bool {
  return (
    bytesAre(word, n, "then") ||
    bytesAre(word, n, "do") ||
    bytesAre(word, n, "else") ||
    bytesAre(word, n, "if") ||
    bytesAre(word, n, "while") ||
    bytesAre(word, n, "until") ||
    bytesAre(word, n, "elif")
  );
}

let hereDelimiter: usize = 0; // the word after << on this line, 0: none
let hereBytes = 0;
let hereTabs = false;

/** After the first of two <, and not of three. */
function isHere(p: usize, end: usize): bool {
  if (p + 1 >= end || load<u8>(p - 2) == 0x3c) return false;
  return load<u8>(p) == 0x3c && load<u8>(p + 1) != 0x3c;
}

/** Notes the delimiter after the << before p. */
function hereNote(p: usize, end: usize): void {
  hereTabs = p < end && load<u8>(p) == 0x2d;
  if (hereTabs) p++;
  while (p < end && load<u8>(p) == 0x20) p++;
  hereDelimiter = p;
  while (p < end && (isName(load<u8>(p)) || isQuote(load<u8>(p)))) p++;
  hereBytes = <i32>(p - hereDelimiter);
  if (hereBytes == 0) hereDelimiter = 0;
}

function isQuote(c: i32): bool {
  return c == 0x27 || c == 0x22 || c == 0x5c;
}

/** The lines of the here-document from p on are not looked at. */
function hereSkip(p: usize, end: usize): usize {
  const delimiter = hereDelimiter;
  hereDelimiter = 0;
  while (p < end) {
    let q = p;
    while (p < end && load<u8>(p) != 10) p++;
    if (hereTabs) while (q < p && load<u8>(q) == 9) q++;
    let i = 0;
    for (; i < hereBytes; i++) {
      if (isQuote(load<u8>(delimiter + i))) continue;
      if (q >= p || load<u8>(q) != load<u8>(delimiter + i)) break;
      q++;
    }
    if (i == hereBytes && q == p) return p;
    p++;
  }
  return min(p, end);
}
