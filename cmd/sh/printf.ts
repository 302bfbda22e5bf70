// printf [-v NAME] FORMAT [ARG ...]: %s %d %i %u %x %X %o %c %e %f %g %b %q %% as lib/format has them, and escapes. The format is used again
// while arguments are left.

import { echoEscaped } from "../../lib/echo";
import { escapeBytes, escapeRead, escapeText } from "../../lib/escape";
import { floatBytes, floatRead } from "../../lib/float";
import { err, out } from "../../lib/fmt";
import {
  FORMAT_STAR,
  formatBytes,
  formatFloat,
  formatGap,
  formatInteger,
  formatLetter,
  formatMinus,
  formatPrecision,
  formatPrecisionSet,
  formatRead,
  formatText,
  formatWidth,
  formatWidthSet,
} from "../../lib/format";
import { close, pipe, read } from "../../lib/sys";
import { cstrIs, cstrLength, isName, isSpace } from "../../lib/text";
import { utf8Count } from "../../lib/utf8";
import { arithmetic, arithmeticError } from "./arith";
import { varComplain, varSet } from "./vars";

const EMPTY: usize = memory.data(4);
let args: usize = 0;
let left = 0;
let status = 0;
let stopped = false; // \c

export function printfRun(words: usize, count: i32): i32 {
  if (count >= 3 && cstrIs(words, "-v")) {
    const name = words + 3;
    return printInto(name, name + cstrLength(name) + 1, count - 2);
  }
  if (count >= 1 && cstrIs(words, "--")) return print(words + 3, count - 1);
  return print(words, count);
}

function print(format: usize, count: i32): i32 {
  if (count < 1) {
    err.text("sh: printf: a format is missing").newline();
    return 2;
  }
  args = format + cstrLength(format) + 1;
  left = count - 1;
  status = 0;
  stopped = false;
  for (;;) {
    const before = left;
    formatOnce(format);
    if (left == 0 || left == before || stopped) return status;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}

const VALUE_BYTES = 4096; // what a pipe takes without a reader
const value: usize = memory.data(4096);
const fds: usize = memory.data(8);

/** printf -v: the output goes through a pipe into a variable. */
function printInto(name: usize, format: usize, count: i32): i32 {
  if (pipe(fds) < 0) return 1;
  const around = out.fd;
  out.flush();
  out.fd = load<i32>(fds, 4);
  const result = print(format, count);
  const fits = out.used < VALUE_BYTES;
  if (fits) out.flush();
  out.used = 0;
  out.fd = around;
  close(load<i32>(fds, 4));
  const n = max(read(load<i32>(fds), value, VALUE_BYTES), 0);
  close(load<i32>(fds));
  if (!fits) err.text("sh: printf: too long for a variable").newline();
  if (varSet(name, cstrLength(name), value, n)) return fits ? result : 1;
  varComplain(name, cstrLength(name));
  return 1;
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
  const end = p + cstrLength(p);
  while (p < end && !stopped) {
    const c: i32 = load<u8>(p++);
    if (c == 0x5c) {
      const past = escapeRead(p, end, false);
      if (past == 0) out.byte(c);
      else out.bytes(escapeText, escapeBytes);
      if (past != 0) p = past;
    } else if (c != 0x25) out.byte(c);
    else p = conversion(p, end);
  }
}

/** One %...; p is after the percent sign. */
function conversion(p: usize, end: usize): usize {
  const past = formatRead(p, end);
  const letter = formatLetter;
  if (formatWidth == FORMAT_STAR) formatWidthSet(integer());
  if (formatPrecision == FORMAT_STAR) formatPrecisionSet(integer());
  switch (letter) {
    case 0x25:
      out.byte(letter);
      break;
    case 0x73: {
      const word = next();
      const n = cstrLength(word);
      padded(word, formatPrecision >= 0 ? min(formatPrecision, n) : n);
      break;
    }
    case 0x63: {
      const word = next();
      padded(word, min(cstrLength(word), 1));
      break;
    }
    case 0x62:
      stopped = !echoEscaped(next());
      break;
    case 0x71:
      quotedPut(next());
      break;
    case 0x64:
    case 0x69:
    case 0x75:
    case 0x78:
    case 0x58:
    case 0x6f:
      formatInteger(integer());
      padded(formatText, formatBytes);
      break;
    case 0x65:
    case 0x45:
    case 0x66:
    case 0x46:
    case 0x67:
    case 0x47:
      formatFloat(float());
      padded(formatText, formatBytes);
      break;
    default:
      err.text("sh: printf: %").byte(letter != 0 ? letter : 0x20);
      err.text(" is not a conversion").newline();
      status = 1;
  }
  return past;
}

function padded(p: usize, n: i32): void {
  const gap = formatGap(utf8Count(p, n));
  if (!formatMinus) out.spaces(gap);
  out.bytes(p, n);
  if (formatMinus) out.spaces(gap);
}

/** %q: so that the shell reads it back. */
function quotedPut(word: usize): void {
  let plain = load<u8>(word) != 0;
  for (let p = word; load<u8>(p) != 0; p++) {
    const c: i32 = load<u8>(p);
    plain =
      plain &&
      (isName(c) || c >= 0x80 || (c >= 0x2b && c <= 0x2f) || c == 0x25 || c == 0x3a || c == 0x40);
  }
  if (plain) {
    out.cstr(word);
    return;
  }
  out.byte(0x27);
  for (let p = word; load<u8>(p) != 0; p++) {
    if (load<u8>(p) == 0x27) out.text("'\\''");
    else out.byte(load<u8>(p));
  }
  out.byte(0x27);
}

function notNumber(word: usize): void {
  out.flush();
  err.text("sh: printf: ").cstr(word).text(": not a number").newline();
  status = 1;
}

/** An argument as a whole number: also 0x1f, 017 and 'c, the number of a character. */
function integer(): i64 {
  const word = next();
  const c = load<u8>(word);
  if (c == 0x27 || c == 0x22) return load<u8>(word + 1);
  let digits = word;
  while (isSpace(load<u8>(digits))) digits++;
  const sign = load<u8>(digits) == 0x2d || load<u8>(digits) == 0x2b ? 1 : 0;
  const first = load<u8>(digits + sign);
  if (first == 0) {
    if (c != 0) notNumber(word);
    return 0;
  }
  const n = cstrLength(digits);
  // Names and operators are arithmetic's, not printf's.
  for (let i = sign; i < n; i++) {
    const d: i32 = load<u8>(digits + i);
    if (isName(d) && (i > sign || (d >= 0x30 && d <= 0x39))) continue;
    notNumber(word);
    return floatPart(digits, n);
  }
  const result = arithmetic(digits, n);
  if (arithmeticError.length == 0) return result;
  notNumber(word);
  return floatPart(digits, n);
}

/** The whole number that a text begins with. */
function floatPart(p: usize, n: i32): i64 {
  return <i64>floatRead(p, n);
}

function float(): f64 {
  const word = next();
  const n = cstrLength(word);
  if (load<u8>(word) == 0x27) return <f64>load<u8>(word + 1);
  const result = floatRead(word, n);
  if (floatBytes != n) notNumber(word);
  return result;
}
