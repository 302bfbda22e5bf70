// Classes of characters by name, as in [[:alpha:]]. What is not ASCII is a letter of neither case.

import { bytesAre } from "./text";

export const enum CharClass {
  NONE = 0,
  ALNUM,
  ALPHA,
  BLANK,
  CNTRL,
  DIGIT,
  GRAPH,
  LOWER,
  PRINT,
  PUNCT,
  SPACE,
  UPPER,
  XDIGIT,
  WORD, // letters, digits and _: \w
}

/** The class of this name, or NONE. */
export function classNamed(name: usize, bytes: i32): i32 {
  if (bytesAre(name, bytes, "alnum")) return CharClass.ALNUM;
  if (bytesAre(name, bytes, "alpha")) return CharClass.ALPHA;
  if (bytesAre(name, bytes, "blank")) return CharClass.BLANK;
  if (bytesAre(name, bytes, "cntrl")) return CharClass.CNTRL;
  if (bytesAre(name, bytes, "digit")) return CharClass.DIGIT;
  if (bytesAre(name, bytes, "graph")) return CharClass.GRAPH;
  if (bytesAre(name, bytes, "lower")) return CharClass.LOWER;
  if (bytesAre(name, bytes, "print")) return CharClass.PRINT;
  if (bytesAre(name, bytes, "punct")) return CharClass.PUNCT;
  if (bytesAre(name, bytes, "space")) return CharClass.SPACE;
  if (bytesAre(name, bytes, "upper")) return CharClass.UPPER;
  return bytesAre(name, bytes, "xdigit") ? CharClass.XDIGIT : CharClass.NONE;
}

/** A [:NAME:] at p: the address behind it, and its class in classFound; 0 when there is none. */
export function classSpan(p: usize, end: usize): usize {
  if (p + 4 > end || load<u8>(p) != 0x5b || load<u8>(p + 1) != 0x3a) return 0;
  const name = p + 2;
  p = name;
  while (p < end && load<u8>(p) >= 0x61 && load<u8>(p) <= 0x7a) p++;
  if (p + 2 > end || load<u8>(p) != 0x3a || load<u8>(p + 1) != 0x5d) return 0;
  classFound = classNamed(name, <i32>(p - name));
  return classFound == CharClass.NONE ? 0 : p + 2;
}

export let classFound: i32 = CharClass.NONE;

function isUpper(c: i32): bool {
  return c >= 0x41 && c <= 0x5a;
}

function isLower(c: i32): bool {
  return c >= 0x61 && c <= 0x7a;
}

function isDigit(c: i32): bool {
  return c >= 0x30 && c <= 0x39;
}

function isAlpha(c: i32): bool {
  return isUpper(c) || isLower(c) || c >= 0x80;
}

/** Whether character c is in the class. */
export function classHas(which: i32, c: i32): bool {
  switch (which) {
    case CharClass.ALNUM:
      return isAlpha(c) || isDigit(c);
    case CharClass.ALPHA:
      return isAlpha(c);
    case CharClass.BLANK:
      return c == 0x20 || c == 9;
    case CharClass.CNTRL:
      return c < 0x20 || c == 0x7f;
    case CharClass.DIGIT:
      return isDigit(c);
    case CharClass.GRAPH:
      return c > 0x20 && c != 0x7f;
    case CharClass.LOWER:
      return isLower(c);
    case CharClass.PRINT:
      return c >= 0x20 && c != 0x7f;
    case CharClass.PUNCT:
      return c > 0x20 && c < 0x7f && !isAlpha(c) && !isDigit(c);
    case CharClass.SPACE:
      return c == 0x20 || (c >= 9 && c <= 13);
    case CharClass.UPPER:
      return isUpper(c);
    case CharClass.XDIGIT:
      return isDigit(c) || ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x66);
    case CharClass.WORD:
      return isAlpha(c) || isDigit(c) || c == 0x5f;
  }
  return false;
}
