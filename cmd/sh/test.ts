// test and [: conditions. Status 0 true, 1 false, 2 not understood.
//
//   [!] STRING   -n -z STRING   A = B  A == B  A != B  A < B  A > B   A -eq -ne -lt -le -gt -ge B   A -a B   A -o B   ( A )
//   -e -f -d -s -r -w -x -c -p -L -h FILE   FILE -nt -ot -ef FILE   -t DESCRIPTOR   -v NAME   -o OPTION

import { FileType, Stat } from "../../abi/syscall";
import { consoleColumns } from "../../lib/console";
import { err } from "../../lib/fmt";
import { isLink, statSame } from "../../lib/link";
import { stat } from "../../lib/sys";
import { bytesAre, cstrIs, cstrLength, parsedBytes, parseNumber } from "../../lib/text";
import { optionIs } from "./options";
import { fdOf } from "./redirect";
import { parameter, valueIsSet } from "./vars";

/** What stands between two words. */
export const enum Compare {
  NONE = 0,
  SAME, // =
  DIFFERENT, // !=
  BEFORE, // <
  AFTER, // >
  EQ,
  NE,
  LT,
  LE,
  GT,
  GE,
  NEWER, // -nt
  OLDER, // -ot
  SAME_FILE, // -ef
}

export function compareOperator(p: usize, bytes: i32): i32 {
  if (bytesAre(p, bytes, "=") || bytesAre(p, bytes, "==")) return Compare.SAME;
  if (bytesAre(p, bytes, "!=")) return Compare.DIFFERENT;
  if (bytesAre(p, bytes, "<")) return Compare.BEFORE;
  if (bytesAre(p, bytes, ">")) return Compare.AFTER;
  if (bytesAre(p, bytes, "-eq")) return Compare.EQ;
  if (bytesAre(p, bytes, "-ne")) return Compare.NE;
  if (bytesAre(p, bytes, "-lt")) return Compare.LT;
  if (bytesAre(p, bytes, "-le")) return Compare.LE;
  if (bytesAre(p, bytes, "-gt")) return Compare.GT;
  if (bytesAre(p, bytes, "-ge")) return Compare.GE;
  if (bytesAre(p, bytes, "-nt")) return Compare.NEWER;
  if (bytesAre(p, bytes, "-ot")) return Compare.OLDER;
  return bytesAre(p, bytes, "-ef") ? Compare.SAME_FILE : Compare.NONE;
}

export function compareNumbers(kind: i32, a: i64, b: i64): bool {
  switch (kind) {
    case Compare.EQ:
      return a == b;
    case Compare.NE:
      return a != b;
    case Compare.LT:
      return a < b;
    case Compare.LE:
      return a <= b;
    case Compare.GT:
      return a > b;
  }
  return a >= b;
}

/** Of strings, by their bytes: SAME, DIFFERENT, BEFORE and AFTER. */
export function compareStrings(kind: i32, a: usize, b: usize): bool {
  while (load<u8>(a) != 0 && load<u8>(a) == load<u8>(b)) {
    a++;
    b++;
  }
  const c = load<u8>(a);
  const d = load<u8>(b);
  switch (kind) {
    case Compare.SAME:
      return c == d;
    case Compare.DIFFERENT:
      return c != d;
    case Compare.BEFORE:
      return c < d;
  }
  return c > d;
}

const st: usize = memory.data(32, 8);
const other: usize = memory.data(32, 8);

/** A file that is not there is older than one that is. */
export function compareFiles(kind: i32, a: usize, b: usize): bool {
  const hasA = stat(a, cstrLength(a), st) >= 0;
  const hasB = stat(b, cstrLength(b), other) >= 0;
  if (kind == Compare.SAME_FILE) return hasA && hasB && statSame(st, other);
  if (!hasA || !hasB) return kind == Compare.NEWER ? hasA : hasB;
  const x = load<u64>(st, Stat.MTIME);
  const y = load<u64>(other, Stat.MTIME);
  return kind == Compare.NEWER ? x > y : x < y;
}

/** Whether -c asks something of one word. */
export function testsUnary(c: i32): bool {
  // n z e f d s r w x c b p L h S t v o
  const letters = "nzefdsrwxcbpLhStvo";
  for (let i = 0; i < letters.length; i++) if (letters.charCodeAt(i) == c) return true;
  return false;
}

export function testUnary(c: i32, word: usize): bool {
  switch (c) {
    case 0x6e:
      return load<u8>(word) != 0;
    case 0x7a:
      return load<u8>(word) == 0;
    case 0x74: {
      const fd = <i32>parseNumber(word, cstrLength(word));
      return fd >= 0 && fd < 10 && parsedBytes > 0 && consoleColumns(fdOf(fd)) > 0;
    }
    case 0x76:
      parameter(word, cstrLength(word));
      return valueIsSet;
    case 0x6f:
      return optionIs(word, cstrLength(word));
  }
  return fileIs(c, word);
}

/** Of what the path leads to; only -L and -h ask for a symbolic link itself. */
function fileIs(c: i32, path: usize): bool {
  if (c == 0x4c || c == 0x68) return isLink(path);
  if (stat(path, cstrLength(path), st) < 0) return false;
  const mode = load<u32>(st, Stat.MODE);
  const type: i32 = load<u32>(st, Stat.TYPE);
  switch (c) {
    case 0x66:
      return type == FileType.FILE;
    case 0x64:
      return type == FileType.DIRECTORY;
    case 0x63:
      return type == FileType.DEVICE;
    case 0x70:
      return type == FileType.PIPE;
    case 0x73:
      return load<u64>(st, Stat.SIZE) > 0;
    case 0x72:
      return (mode & 0o444) != 0;
    case 0x77:
      return (mode & 0o222) != 0;
    case 0x78:
      return (mode & 0o111) != 0;
    case 0x65:
      return true;
  }
  return false; // block devices and sockets do not exist
}

let at: usize = 0;
let left = 0;
let bad: string = "";
let depth = 0;

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
  depth = 0;
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
  while (left > 1 && cstrIs(at, "!") && !isBinary(at + 2)) {
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
    return compare(first, compareOperator(operator, cstrLength(operator)), take());
  }
  if (left >= 2 && cstrIs(first, "(")) return group();
  const isUnary = load<u8>(first) == 0x2d && cstrLength(first) == 2;
  if (left >= 1 && isUnary && testsUnary(load<u8>(first + 1))) {
    return testUnary(load<u8>(first + 1), take());
  }
  return load<u8>(first) != 0;
}

function group(): bool {
  if (++depth > 50) bad = "nested too deeply";
  const result = bad.length == 0 && either();
  depth--;
  if (left > 0 && cstrIs(at, ")")) take();
  else bad = "a ) is missing";
  return result;
}

/** Whether the word is an operator, with a word behind it. */
function isBinary(word: usize): bool {
  return left >= 2 && compareOperator(word, cstrLength(word)) != Compare.NONE;
}

function compare(a: usize, kind: i32, b: usize): bool {
  if (kind <= Compare.AFTER) return compareStrings(kind, a, b);
  if (kind >= Compare.NEWER) return compareFiles(kind, a, b);
  const x = number(a);
  const y = number(b);
  return compareNumbers(kind, x, y);
}

function number(w: usize): i64 {
  let n = cstrLength(w);
  while (n > 0 && load<u8>(w) <= 0x20) {
    w++;
    n--;
  }
  while (n > 0 && load<u8>(w + n - 1) <= 0x20) n--;
  const sign = n > 1 && load<u8>(w) == 0x2b ? 1 : 0;
  const result = parseNumber(w + sign, n - sign);
  if (n == 0 || parsedBytes != n - sign) {
    bad = "a number was expected";
    left = 0;
  }
  return result;
}
