// printf FORMAT [ARG ...]: %s %d %i %u %x %o %c %b %% with a width, - and 0; \n \t \\ \0NNN and the like. The format is used again while arguments are left.

import { err, out } from "../../lib/fmt";
import { cstrLength, isDigit, parsedBytes, parseNumber, putDecimal } from "../../lib/text";

const number: usize = memory.data(72);
const EMPTY: usize = memory.data(4);
let args: usize = 0;
let left = 0;
let status = 0;

export function printfRun(words: usize, count: i32): i32 {
  if (count < 1) {
    err.text("sh: printf: a format is missing").newline();
    return 2;
  }
  const format = words;
  args = words + cstrLength(words) + 1;
  left = count - 1;
  status = 0;
  for (;;) {
    const before = left;
    formatOnce(format);
    if (left == 0 || left == before) return status;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}

/** The next argument, "" past the last one. */
function next(): usize {
  if (left == 0) return EMPTY;
  const word = args;
  args += cstrLength(args) + 1;
  left--;
  return word;
}

function formatOnce(p: usize): void {
  for (let c: i32 = load<u8>(p); c != 0; c = load<u8>(p)) {
    p++;
    if (c == 0x5c) p = escape(p);
    else if (c != 0x25) out.byte(c);
    else p = conversion(p);
  }
}

/** Prints what a backslash before p means; the address after it. */
function escape(p: usize): usize {
  const c: i32 = load<u8>(p);
  if (c >= 0x30 && c <= 0x37) {
    let value = 0;
    for (let i = 0; i < (c == 0x30 ? 4 : 3) && (load<u8>(p) & 0xf8) == 0x30; i++) {
      value = value * 8 + (load<u8>(p++) & 7);
    }
    out.byte(value & 255);
    return p;
  }
  const at = index(c);
  if (at < 0) {
    out.byte(0x5c);
    if (c != 0) out.byte(c);
    return c != 0 ? p + 1 : p;
  }
  out.byte(load<u8>(BYTES + at));
  return p + 1;
}

const LETTERS: usize = memory.data<u8>([
  0x6e, 0x74, 0x72, 0x5c, 0x61, 0x62, 0x65, 0x66, 0x76, 0x22,
]); // ntr\abefv"
const BYTES: usize = memory.data<u8>([10, 9, 13, 0x5c, 7, 8, 27, 12, 11, 0x22]);

function index(c: i32): i32 {
  for (let i = 0; i < 10; i++) if (<i32>load<u8>(LETTERS + i) == c) return i;
  return -1;
}

/** One %...; p is after the percent sign. */
function conversion(p: usize): usize {
  let minus = false;
  let zero = false;
  for (; load<u8>(p) == 0x2d || load<u8>(p) == 0x30; p++) {
    if (load<u8>(p) == 0x2d) minus = true;
    else zero = true;
  }
  let width = 0;
  for (; isDigit(load<u8>(p)); p++) width = min(width * 10 + load<u8>(p) - 0x30, 4096);
  let precision = -1;
  if (load<u8>(p) == 0x2e) {
    precision = 0;
    for (p++; isDigit(load<u8>(p)); p++) precision = min(precision * 10 + load<u8>(p) - 0x30, 4096);
  }
  const c: i32 = load<u8>(p);
  switch (c) {
    case 0x25:
      out.byte(c);
      return p + 1;
    case 0x73: {
      const word = next();
      const n = cstrLength(word);
      padded(word, precision >= 0 ? min(precision, n) : n, width, minus, false);
      return p + 1;
    }
    case 0x63: {
      const word = next();
      padded(word, min(cstrLength(word), 1), width, minus, false);
      return p + 1;
    }
    case 0x62:
      formatEscapes(next());
      return p + 1;
    case 0x64:
    case 0x69:
    case 0x75:
      padded(number, putDecimal(number, argument()), width, minus, zero);
      return p + 1;
    case 0x78:
      padded(number, putBase(<u64>argument(), 4), width, minus, zero);
      return p + 1;
    case 0x6f:
      padded(number, putBase(<u64>argument(), 3), width, minus, zero);
      return p + 1;
  }
  err
    .text("sh: printf: %")
    .byte(c != 0 ? c : 0x20)
    .text(" is not a conversion")
    .newline();
  status = 1;
  return c != 0 ? p + 1 : p;
}

function formatEscapes(p: usize): void {
  for (let c: i32 = load<u8>(p); c != 0; c = load<u8>(p)) {
    p++;
    if (c == 0x5c) p = escape(p);
    else out.byte(c);
  }
}

function argument(): i64 {
  const word = next();
  const n = cstrLength(word);
  // 'c is the number of a character.
  if (n >= 2 && load<u8>(word) == 0x27) return load<u8>(word + 1);
  const value = parseNumber(word, n);
  if (n > 0 && parsedBytes != n) {
    err.text("sh: printf: ").cstr(word).text(": not a number").newline();
    status = 1;
  }
  return value;
}

function putBase(value: u64, shift: u64): i32 {
  let n = 1;
  for (let rest = value >> shift; rest != 0; rest >>= shift) n++;
  for (let i = n - 1; i >= 0; i--) {
    const d = <i32>(value & (((<u64>1) << shift) - 1));
    store<u8>(number + i, d < 10 ? 0x30 + d : 0x57 + d);
    value >>= shift;
  }
  return n;
}

function padded(p: usize, n: i32, width: i32, minus: bool, zero: bool): void {
  if (zero && !minus && n > 0 && load<u8>(p) == 0x2d) {
    out.byte(0x2d);
    p++;
    n--;
    width--;
  }
  if (!minus) for (let i = n; i < width; i++) out.byte(zero ? 0x30 : 0x20);
  out.bytes(p, n);
  if (minus) for (let i = n; i < width; i++) out.byte(0x20);
}
