// Patterns of `case` and of file names: * ? [abc] [a-z] [!abc], and \c for a literal c.

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
      const next = one(p, pEnd, load<u8>(s));
      if (next != 0) {
        p = next;
        s++;
        continue;
      }
    }
    if (star == 0 || retry >= sEnd) return false;
    p = star;
    s = ++retry;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return false;
}

/** The pattern after the part that matches one byte, or 0. */
function one(p: usize, end: usize, c: i32): usize {
  const first: i32 = load<u8>(p);
  if (first == 0x3f) return p + 1;
  if (first == 0x5c && p + 1 < end) return <i32>load<u8>(p + 1) == c ? p + 2 : 0;
  if (first == 0x5b) {
    const past = setEnd(p, end);
    if (past != 0) return setHas(p + 1, past - 1, c) ? past : 0;
  }
  return first == c ? p + 1 : 0;
}

/** After the ] of a set at p; 0 when it is not closed and [ stands for itself. */
function setEnd(p: usize, end: usize): usize {
  p++;
  if (p < end && isNot(p)) p++;
  if (p < end && load<u8>(p) == 0x5d) p++;
  while (p < end) if (load<u8>(p++) == 0x5d) return p;
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
    if (load<u8>(p) == 0x5c && p + 1 < end) p++;
    const low: i32 = load<u8>(p++);
    let high = low;
    if (p + 1 < end && load<u8>(p) == 0x2d) {
      high = load<u8>(p + 1);
      p += 2;
    }
    if (c >= low && c <= high) has = true;
  }
  return has != not;
}
