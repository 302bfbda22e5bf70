// Patterns of `case` and of file names: * ? [abc] [a-z] [!abc] [[:alpha:]], and \c for a literal c. Characters may have several bytes.

import { classFound, classHas, classSpan } from "./classes";
import { utf8At, utf8Bytes } from "./utf8";

/** True when the whole text matches. A star is retried from its last position: no recursion. */
export function patternMatches(p: usize, pEnd: usize, s: usize, sEnd: usize): bool {
  let star: usize = 0; // pattern after the last star, and
  let retry: usize = 0; // the text from which it is tried
  for (;;) {
    if (p < pEnd && load<u8>(p) == 0x2a) {
      star = ++p;
      retry = s;
      continue;
    }
    if (p == pEnd && s == sEnd) return true;
    if (p < pEnd && s < sEnd) {
      const c = utf8At(s, sEnd);
      const bytes = utf8Bytes;
      const next = one(p, pEnd, c);
      if (next != 0) {
        p = next;
        s += bytes;
        continue;
      }
    }
    if (star == 0 || retry >= sEnd) return false;
    p = star;
    utf8At(retry, sEnd);
    retry += utf8Bytes;
    s = retry;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return false;
}

/** The pattern after the part that matches one character, or 0. */
function one(p: usize, end: usize, c: i32): usize {
  const first: i32 = load<u8>(p);
  if (first == 0x3f) return p + 1;
  if (first == 0x5b) {
    const past = setEnd(p, end);
    if (past != 0) return setHas(p + 1, past - 1, c) ? past : 0;
  }
  if (first == 0x5c && p + 1 < end) p++;
  return utf8At(p, end) == c ? p + utf8Bytes : 0;
}

/** After the ] of a set at p; 0 when it is not closed and [ stands for itself. */
function setEnd(p: usize, end: usize): usize {
  p++;
  if (p < end && isNot(p)) p++;
  if (p < end && load<u8>(p) == 0x5d) p++;
  while (p < end) {
    const past = classSpan(p, end);
    if (past != 0) p = past;
    else if (load<u8>(p) == 0x5c) p += 2;
    else if (load<u8>(p++) == 0x5d) return p;
  }
  return 0;
}

function isNot(p: usize): bool {
  return load<u8>(p) == 0x21 || load<u8>(p) == 0x5e;
}

function setHas(p: usize, end: usize, c: i32): bool {
  const not = p < end && isNot(p);
  if (not) p++;
  let has = false;
  while (p < end) {
    const past = classSpan(p, end);
    if (past != 0) {
      if (classHas(classFound, c)) has = true;
      p = past;
      continue;
    }
    const low = member(p, end);
    p = memberEnd;
    let high = low;
    if (p + 1 < end && load<u8>(p) == 0x2d) {
      high = member(p + 1, end);
      p = memberEnd;
    }
    if (c >= low && c <= high) has = true;
  }
  return has != not;
}

let memberEnd: usize = 0;

/** One character of a set, which may be behind a backslash. */
function member(p: usize, end: usize): i32 {
  if (load<u8>(p) == 0x5c && p + 1 < end) p++;
  const c = utf8At(p, end);
  memberEnd = p + utf8Bytes;
  return c;
}

/** Whether nothing in the pattern is special: it matches itself only. */
export function patternIsPlain(p: usize, bytes: i32): bool {
  for (let i = 0; i < bytes; i++) if (load<u8>(p + i) == 0x5c) return false;
  return !patternIsSpecial(p, bytes);
}

/** Whether the pattern has a * or ?, or a [ with its ], so that it can match several texts. */
export function patternIsSpecial(p: usize, bytes: i32): bool {
  for (const end = p + bytes; p < end; p++) {
    const c = load<u8>(p);
    if (c == 0x5c) p++;
    else if (c == 0x2a || c == 0x3f || (c == 0x5b && setEnd(p, end) != 0)) return true;
  }
  return false;
}
