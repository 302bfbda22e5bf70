// test and [: conditions. Status 0 true, 1 false, 2 not understood.
//
//   [!] STRING   -n -z STRING   A = B  A != B   A -eq -ne -lt -le -gt -ge B   -e -f -d -s -r -w -x FILE   A -a B   A -o B

import { FileType, Stat } from "../../abi/syscall";
import { err } from "../../lib/fmt";
import { stat } from "../../lib/sys";
import { cstrIs, cstrLength, parsedBytes, parseNumber } from "../../lib/text";

const st: usize = memory.data(32, 8);
let at: usize = 0;
let left = 0;
let bad: string = "";

export function bracketRun(words: usize, count: i32): i32 {
  let last = words;
  for (let i = 1; i < count; i++) last += cstrLength(last) + 1;
  if (count > 0 && cstrIs(last, "]")) return testRun(words, count - 1);
  err.text("sh: [: a ] is missing at the end").newline();
  return 2;
}

export function testRun(words: usize, count: i32): i32 {
  at = words;
  left = count;
  bad = "";
  let result = false;
  if (left > 0) result = either();
  if (bad.length == 0 && left > 0) bad = "not understood at";
  if (bad.length == 0) return result ? 0 : 1;
  err.text("sh: test: ").text(bad);
  if (left > 0) err.byte(0x20).cstr(at);
  err.newline();
  return 2;
}

/** Takes the next word. */
function take(): usize {
  const word = at;
  at += cstrLength(at) + 1;
  left--;
  return word;
}

function either(): bool {
  let result = both();
  while (left > 0 && bad.length == 0 && cstrIs(at, "-o")) {
    take();
    result = both() || result;
  }
  return result;
}

function both(): bool {
  let result = condition();
  while (left > 0 && bad.length == 0 && cstrIs(at, "-a")) {
    take();
    result = condition() && result;
  }
  return result;
}

function condition(): bool {
  if (left <= 0) {
    bad = "a word is missing";
    return false;
  }
  let not = false;
  while (left > 1 && cstrIs(at, "!")) {
    take();
    not = !not;
  }
  return primary() != not;
}

function primary(): bool {
  const first = take();
  // A binary operator in second place comes first: `[ -n = -n ]`.
  if (left >= 2 && isBinary(at)) {
    const operator = take();
    return compare(first, operator, take());
  }
  if (left >= 1 && load<u8>(first) == 0x2d && cstrLength(first) == 2) {
    const c = load<u8>(first + 1);
    if (c == 0x6e) return load<u8>(take()) != 0;
    if (c == 0x7a) return load<u8>(take()) == 0;
    if (isFileTest(c)) return fileIs(c, take());
  }
  return load<u8>(first) != 0;
}

function isBinary(w: usize): bool {
  if (cstrIs(w, "=") || cstrIs(w, "==") || cstrIs(w, "!=")) return true;
  return numberOperator(w) != 0;
}

/** 1 to 6 for -eq -ne -lt -le -gt -ge. */
function numberOperator(w: usize): i32 {
  if (cstrIs(w, "-eq")) return 1;
  if (cstrIs(w, "-ne")) return 2;
  if (cstrIs(w, "-lt")) return 3;
  if (cstrIs(w, "-le")) return 4;
  if (cstrIs(w, "-gt")) return 5;
  return cstrIs(w, "-ge") ? 6 : 0;
}

function compare(a: usize, operator: usize, b: usize): bool {
  const kind = numberOperator(operator);
  if (kind == 0) {
    const n = cstrLength(a);
    const same = n == cstrLength(b) && memory.compare(a, b, n) == 0;
    return cstrIs(operator, "!=") ? !same : same;
  }
  const x = number(a);
  const y = number(b);
  switch (kind) {
    case 1:
      return x == y;
    case 2:
      return x != y;
    case 3:
      return x < y;
    case 4:
      return x <= y;
    case 5:
      return x > y;
  }
  return x >= y;
}

function number(w: usize): i64 {
  const n = cstrLength(w);
  const result = parseNumber(w, n);
  if (n == 0 || parsedBytes != n) {
    bad = "a number was expected";
    left = 0;
  }
  return result;
}

function isFileTest(c: i32): bool {
  // e f d s r w x
  return c == 101 || c == 102 || c == 100 || c == 115 || c == 114 || c == 119 || c == 120;
}

function fileIs(c: i32, path: usize): bool {
  if (stat(path, cstrLength(path), st) < 0) return false;
  const mode = load<u32>(st, Stat.MODE);
  const type: i32 = load<u32>(st, Stat.TYPE);
  switch (c) {
    case 102:
      return type == FileType.FILE;
    case 100:
      return type == FileType.DIRECTORY;
    case 115:
      return load<u64>(st, Stat.SIZE) > 0;
    case 114:
      return (mode & 0o444) != 0;
    case 119:
      return (mode & 0o222) != 0;
    case 120:
      return (mode & 0o111) != 0;
  }
  return true;
}
