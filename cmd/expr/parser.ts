// Parser: reads the arguments as an expression and computes it on the way, weakest operators first.
//
// Invariants
//   P1  After `wrong` is set nothing more is computed, and every value is empty.
//   P2  What | and & leave out is read (`live` false) but cannot fail by its numbers.

import { arg, argBytes, argc, argIs } from "../../lib/args";
import { groupEnd, groupStart, regexMatch } from "../../lib/match";
import { Regex, regexCompile, regexError } from "../../lib/regex";
import { bytesIndex, parsedBytes } from "../../lib/text";
import { utf8At, utf8Bytes } from "../../lib/utf8";
import { isNull, isNumber, numberOf, Value, valueOf } from "./value";

/** Operands inside operands; more are refused, as each takes a few hundred bytes of the engine's stack. */
const MAX_DEPTH = 500;

export class Parser {
  /** What is wrong with the expression; "" nothing. */
  wrong: string = "";
  private at: i32 = 1;
  private live: bool = true;
  private depth: i32 = 0;

  whole(): Value {
    const value = this.or();
    if (this.at < argc()) this.fail("syntax error: an operator is missing");
    return value;
  }

  private fail(why: string): Value {
    if (this.wrong.length == 0) this.wrong = why;
    this.at = argc();
    return new Value(0, 0);
  }

  private takes(word: string): bool {
    if (this.at >= argc() || !argIs(this.at, word)) return false;
    this.at++;
    return true;
  }

  private or(): Value {
    let left = this.and();
    while (this.takes("|")) {
      const was = this.live;
      if (!isNull(left)) this.live = false;
      const right = this.and();
      this.live = was;
      if (isNull(left)) left = isNull(right) ? valueOf(0) : right;
    }
    return left;
  }

  private and(): Value {
    let left = this.comparison();
    while (this.takes("&")) {
      const was = this.live;
      if (isNull(left)) this.live = false;
      const right = this.comparison();
      this.live = was;
      if (isNull(left) || isNull(right)) left = valueOf(0);
    }
    return left;
  }

  private comparison(): Value {
    let left = this.sum();
    for (;;) {
      if (this.takes("=") || this.takes("=="))
        left = valueOf(this.order(left, this.sum()) == 0 ? 1 : 0);
      else if (this.takes("!=")) left = valueOf(this.order(left, this.sum()) != 0 ? 1 : 0);
      else if (this.takes("<=")) left = valueOf(this.order(left, this.sum()) <= 0 ? 1 : 0);
      else if (this.takes(">=")) left = valueOf(this.order(left, this.sum()) >= 0 ? 1 : 0);
      else if (this.takes("<")) left = valueOf(this.order(left, this.sum()) < 0 ? 1 : 0);
      else if (this.takes(">")) left = valueOf(this.order(left, this.sum()) > 0 ? 1 : 0);
      else return left;
    }
    // biome-ignore lint/correctness/noUnreachable: asc wants it.
    return left;
  }

  /** By value when both are numbers, else by bytes. */
  private order(a: Value, b: Value): i32 {
    if (isNumber(a) && isNumber(b)) {
      const x = this.number(a);
      const y = this.number(b);
      return x < y ? -1 : x > y ? 1 : 0;
    }
    const order = memory.compare(a.text, b.text, min(a.bytes, b.bytes));
    return order != 0 ? order : a.bytes - b.bytes;
  }

  private sum(): Value {
    let left = this.product();
    for (;;) {
      const minus = this.takes("-");
      if (!minus && !this.takes("+")) return left;
      const x = this.number(left);
      const y = this.number(this.product());
      const sum = minus ? x - y : x + y;
      const overflow = minus ? ((x ^ y) & (x ^ sum)) < 0 : ((x ^ sum) & (y ^ sum)) < 0;
      left = overflow ? this.tooLarge() : valueOf(sum);
    }
    // biome-ignore lint/correctness/noUnreachable: asc wants it.
    return left;
  }

  private product(): Value {
    let left = this.matching();
    for (;;) {
      const times = this.takes("*");
      const over = !times && this.takes("/");
      if (!times && !over && !this.takes("%")) return left;
      const x = this.number(left);
      const y = this.number(this.matching());
      if (times) {
        const far = x != 0 && ((x == -1 && y == i64.MIN_VALUE) || (x * y) / x != y);
        left = far ? this.tooLarge() : valueOf(x * y);
      } else if (y == 0) left = this.live ? this.fail("division by zero") : valueOf(0);
      else if (y == -1) left = x == i64.MIN_VALUE ? this.tooLarge() : valueOf(over ? -x : 0);
      else left = valueOf(over ? x / y : x % y);
    }
    // biome-ignore lint/correctness/noUnreachable: asc wants it.
    return left;
  }

  private number(value: Value): i64 {
    if (!isNumber(value)) {
      if (this.live) this.fail("not a whole number");
      return 0;
    }
    const number = numberOf(value);
    if (parsedBytes != value.bytes && this.live) this.tooLarge();
    return number;
  }

  private tooLarge(): Value {
    return this.live ? this.fail("a number of more than 64 bits") : valueOf(0);
  }

  private matching(): Value {
    let left = this.primary();
    while (this.takes(":")) left = this.match(left, this.primary());
    return left;
  }

  private primary(): Value {
    if (++this.depth > MAX_DEPTH) return this.fail("too many operands inside others");
    const value = this.operand();
    this.depth--;
    return value;
  }

  private operand(): Value {
    if (this.at >= argc()) return this.fail("syntax error: an operand is missing");
    if (this.takes("(")) return this.group();
    const more = this.at + 1 < argc();
    if (more && this.takes("+")) return this.word();
    if (more && this.takes("length")) return valueOf(characters(this.primary()));
    if (more && this.takes("match")) {
      const text = this.primary();
      return this.match(text, this.primary());
    }
    if (more && this.takes("index")) {
      const text = this.primary();
      return valueOf(indexOf(text, this.primary()));
    }
    if (more && this.takes("substr")) {
      const text = this.primary();
      const from = this.primary();
      return part(text, from, this.primary());
    }
    return this.word();
  }

  private word(): Value {
    const i = this.at++;
    return new Value(arg(i), argBytes(i));
  }

  private group(): Value {
    const value = this.or();
    return this.takes(")") ? value : this.fail("syntax error: a ) is missing");
  }

  /** What a basic expression matches at the start of a text: its first group, or the number of characters. */
  private match(text: Value, pattern: Value): Value {
    if (this.wrong.length > 0) return text;
    const regex: Regex | null = regexCompile(pattern.text, pattern.bytes, 0);
    if (regex === null) return this.fail(regexError);
    const found = regexMatch(regex, text.text, text.bytes, 0) && groupStart(0) == 0;
    if (regex.groups > 1) {
      const start = found ? groupStart(1) : -1;
      return start < 0
        ? new Value(text.text, 0)
        : new Value(text.text + start, groupEnd(1) - start);
    }
    return valueOf(found ? characters(new Value(text.text, groupEnd(0))) : 0);
  }
}

function characters(value: Value): i32 {
  let n = 0;
  const end = value.text + value.bytes;
  for (let p = value.text; p < end; p += utf8Bytes) {
    utf8At(p, end);
    n++;
  }
  return n;
}

/** The place, from 1, of the first character of a text that is among others; 0: none is. */
function indexOf(text: Value, among: Value): i32 {
  const end = text.text + text.bytes;
  let n = 1;
  for (let p = text.text; p < end; p += utf8Bytes, n++) {
    utf8At(p, end);
    const bytes = utf8Bytes;
    for (let q: usize = 0; q + bytes <= <usize>among.bytes; q++) {
      if (bytesIndex(among.text + q, 1, load<u8>(p)) != 0) continue;
      if (memory.compare(among.text + q, p, bytes) == 0) return n;
    }
  }
  return 0;
}

/** Characters of a text, from the one with number `from` on (1: the first), `length` of them; empty when those are no numbers. */
function part(text: Value, from: Value, length: Value): Value {
  const first = isNumber(from) ? numberOf(from) : 0;
  const count = isNumber(length) ? numberOf(length) : 0;
  if (first <= 0 || count <= 0) return new Value(text.text, 0);
  const end = text.text + text.bytes;
  let p = text.text;
  for (let i: i64 = 1; i < first && p < end; i++, p += utf8Bytes) utf8At(p, end);
  let q = p;
  for (let i: i64 = 0; i < count && q < end; i++, q += utf8Bytes) utf8At(q, end);
  return new Value(p, <i32>(q - p));
}
