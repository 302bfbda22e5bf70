// Spans: where a quoted or bracketed part of a text ends. Shared by the lexer, which cuts words, and the expander, which resolves them.
//
// Each function gets the address after the opening bytes and returns the address after the closing ones, or 0 when they are missing.
// They call each other as deep as the text nests.

/** '...' */
export function spanSingle(p: usize, end: usize): usize {
  while (p < end) if (load<u8>(p++) == 0x27) return p;
  return 0;
}

/** "...": with escapes, and $ parts that may hold quotes of their own. */
export function spanDouble(p: usize, end: usize): usize {
  while (p < end) {
    const c = load<u8>(p++);
    if (c == 0x22) return p;
    if (c == 0x5c) p++;
    else if (c == 0x24) {
      p = spanDollar(p, end);
      if (p == 0) return 0;
    }
  }
  return 0;
}

/** What follows a dollar: {...}, (...), ((...)), or nothing that spans. */
export function spanDollar(p: usize, end: usize): usize {
  if (p >= end) return p;
  if (load<u8>(p) == 0x28) return spanParenthesis(p + 1, end);
  if (load<u8>(p) != 0x7b) return p;
  return spanBrace(p + 1, end);
}

/** ${...}: up to the brace that closes it; quotes and dollars in it span. */
export function spanBrace(p: usize, end: usize): usize {
  while (p < end) {
    const c = load<u8>(p++);
    if (c == 0x7d) return p;
    if (c == 0x5c) p++;
    else if (c == 0x27) p = spanSingle(p, end);
    else if (c == 0x22) p = spanDouble(p, end);
    else if (c == 0x24) p = spanDollar(p, end);
    if (p == 0) return 0;
  }
  return 0;
}

/** (...): parentheses must pair outside quotes and comments. */
export function spanParenthesis(p: usize, end: usize): usize {
  let depth = 1;
  let blank = true;
  while (p < end) {
    const c = load<u8>(p++);
    if (c == 0x29 && --depth == 0) return p;
    if (c == 0x28) depth++;
    if (c == 0x5c) p++;
    else if (c == 0x27) p = spanSingle(p, end);
    else if (c == 0x22) p = spanDouble(p, end);
    else if (c == 0x23 && blank) while (p < end && load<u8>(p) != 10) p++;
    if (p == 0) return 0;
    blank = c <= 0x20 || c == 0x28 || c == 0x3b;
  }
  return 0;
}
