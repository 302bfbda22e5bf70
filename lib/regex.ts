// Simple regular expressions: . [abc] [a-z] [^abc] c* c+ c? ^ $ and \c for a literal c. The longest repetition is tried first.
//
// A repetition backtracks by calling itself, at most once for each * + ? of the expression: no deeper than the expression is long.

let end: usize = 0; // of the expression
let textStart: usize = 0;
let textEnd: usize = 0;
let folds = false;

/** Where the last match starts and ends. */
export let matchStart: usize = 0;
export let matchEnd: usize = 0;

/** True when the expression matches somewhere in the text; `fold`: letters match in either case. */
export function regexFind(re: usize, reBytes: i32, text: usize, bytes: i32, fold: bool): bool {
  end = re + reBytes;
  textStart = text;
  textEnd = text + bytes;
  folds = fold;
  const anchored = re < end && load<u8>(re) == 0x5e;
  for (let at = text; at <= textEnd; at++) {
    const past = here(anchored ? re + 1 : re, at);
    if (past != 0) {
      matchStart = at;
      matchEnd = past;
      return true;
    }
    if (anchored) break;
  }
  return false;
}

/** Matches the expression from `re` on at `at`; the end of the match or 0. */
function here(re: usize, at: usize): usize {
  while (re < end) {
    if (load<u8>(re) == 0x24 && re + 1 == end) return at == textEnd ? at : 0;
    const next = partEnd(re);
    const c: i32 = next < end ? load<u8>(next) : 0;
    if (c == 0x2a || c == 0x2b || c == 0x3f) {
      const least = at + (c == 0x2b ? 1 : 0);
      const limit = c == 0x3f ? at + 1 : textEnd;
      let to = at;
      while (to < textEnd && to < limit && one(re, load<u8>(to))) to++;
      for (; to >= least; to--) {
        const past = here(next + 1, to);
        if (past != 0) return past;
      }
      return 0;
    }
    if (at == textEnd || !one(re, load<u8>(at))) return 0;
    at++;
    re = next;
  }
  return at;
}

/** After one part: a byte, an escape, or a set. */
function partEnd(re: usize): usize {
  const c = load<u8>(re);
  if (c == 0x5c && re + 1 < end) return re + 2;
  if (c != 0x5b) return re + 1;
  let p = re + 1;
  if (p < end && load<u8>(p) == 0x5e) p++;
  if (p < end && load<u8>(p) == 0x5d) p++;
  while (p < end) if (load<u8>(p++) == 0x5d) return p;
  return re + 1;
}

function lower(c: i32): i32 {
  return folds && c >= 0x41 && c <= 0x5a ? c + 0x20 : c;
}

function one(re: usize, c: i32): bool {
  const first: i32 = load<u8>(re);
  if (first == 0x2e) return true;
  const past = partEnd(re);
  if (first == 0x5c && past == re + 2) return lower(load<u8>(re + 1)) == lower(c);
  if (first != 0x5b || past == re + 1) return lower(first) == lower(c);
  let p = re + 1;
  const not = load<u8>(p) == 0x5e;
  if (not) p++;
  let has = false;
  for (const last = past - 1; p < last; ) {
    const low = lower(load<u8>(p++));
    let high = low;
    if (p + 1 < last && load<u8>(p) == 0x2d) {
      high = lower(load<u8>(p + 1));
      p += 2;
    }
    if (lower(c) >= low && lower(c) <= high) has = true;
  }
  return has != not;
}
