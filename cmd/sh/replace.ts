// ${NAME/PATTERN/TEXT}: parts of a value that match a pattern, the longest at each place from left to right, become a text.

import { patternIsPlain, patternMatches } from "../../lib/pattern";
import { lookUp } from "./braces";
import { expandAside, failExpand, fieldOpen, putSplit } from "./expand";
import {
  operatorPattern,
  operatorPatternBytes,
  operatorText,
  operatorTextBytes,
} from "./operators";
import { spanQuote } from "./spans";
import { stackMark, stackPush, stackRelease } from "./stack";
import { value, valueBytes } from "./vars";

const enum Where {
  FIRST = 0,
  EVERY = 1, // ${X//P/T}
  START = 2, // ${X/#P/T}
  END = 3, // ${X/%P/T}
}

/** Puts the value of a parameter with its parts replaced; PATTERN/TEXT is at p, behind the first slash. */
export function expandReplace(name: usize, bytes: i32, p: usize, end: usize, quoted: bool): void {
  let where: i32 = Where.FIRST;
  const c: i32 = p < end ? <i32>load<u8>(p) : 0;
  if (c == 0x2f) where = Where.EVERY;
  else if (c == 0x23) where = Where.START;
  else if (c == 0x25) where = Where.END;
  if (where != Where.FIRST) p++;
  let slash = p;
  while (slash < end && load<u8>(slash) != 0x2f)
    slash = min(max(spanQuote(slash + 1, end), slash + 1), end);
  const mark = stackMark();
  expandAside(p, slash);
  const patternBytes = operatorPatternBytes;
  const pattern = stackPush(operatorPattern, patternBytes);
  expandAside(min(slash + 1, end), end);
  const textBytes = operatorTextBytes;
  const text = stackPush(operatorText, textBytes);
  lookUp(name, bytes);
  if (pattern != 0 && text != 0) replace(where, pattern, patternBytes, text, textBytes, quoted);
  else failExpand("too long");
  if (quoted) fieldOpen();
  stackRelease(mark);
}

function replace(
  where: i32,
  pattern: usize,
  patternBytes: i32,
  text: usize,
  textBytes: i32,
  quoted: bool,
): void {
  const from = value;
  const bytes = valueBytes;
  const plain = patternIsPlain(pattern, patternBytes);
  let at = 0;
  let done = patternBytes == 0;
  while (at < bytes) {
    const length = done
      ? -1
      : matchAt(pattern, patternBytes, plain, from + at, bytes - at, where == Where.END);
    if (length <= 0) {
      putSplit(load<u8>(from + at++), quoted);
      if (where == Where.START) done = true;
      continue;
    }
    for (let i = 0; i < textBytes; i++) putSplit(load<u8>(text + i), quoted);
    at += length;
    done = where != Where.EVERY;
  }
}

/** Bytes of the longest match at p, or -1; `toEnd`: only one that goes up to the end. */
function matchAt(
  pattern: usize,
  patternBytes: i32,
  plain: bool,
  p: usize,
  bytes: i32,
  toEnd: bool,
): i32 {
  if (plain) {
    const fits = toEnd ? bytes == patternBytes : bytes >= patternBytes;
    return fits && memory.compare(p, pattern, patternBytes) == 0 ? patternBytes : -1;
  }
  for (let n = bytes; n > 0; n--) {
    if (patternMatches(pattern, pattern + patternBytes, p, p + n)) return n;
    if (toEnd) break;
  }
  return -1;
}
