// Bytes and C strings: what programs do with paths, arguments and lines. No allocation; a `string` is only ever a literal.

/** Bytes before the NUL. */
export function cstrLength(p: usize): i32 {
  let q = p;
  while (load<u8>(q) != 0) q++;
  return <i32>(q - p);
}

/** True when the n bytes at p are exactly this ASCII literal. */
export function bytesAre(p: usize, n: i32, literal: string): bool {
  if (literal.length != n) return false;
  for (let i = 0; i < n; i++) {
    if (<i32>load<u8>(p + i) != literal.charCodeAt(i)) return false;
  }
  return true;
}

/** True when the NUL-terminated string at p is exactly this ASCII literal. */
export function cstrIs(p: usize, literal: string): bool {
  const n = literal.length;
  for (let i = 0; i < n; i++) {
    if (<i32>load<u8>(p + i) != literal.charCodeAt(i)) return false;
  }
  return load<u8>(p + n) == 0;
}

export function bytesStart(p: usize, n: i32, literal: string): bool {
  return n >= literal.length && bytesAre(p, literal.length, literal);
}

export function bytesEqual(p: usize, n: i32, q: usize, m: i32): bool {
  return n == m && memory.compare(p, q, n) == 0;
}

/** Index of a byte, or -1. */
export function bytesIndex(p: usize, n: i32, byte: i32): i32 {
  for (let i = 0; i < n; i++) if (<i32>load<u8>(p + i) == byte) return i;
  return -1;
}

/** Index of an ASCII literal, or -1. */
export function bytesFind(p: usize, n: i32, literal: string): i32 {
  for (let i = 0; i + literal.length <= n; i++) {
    if (bytesAre(p + i, literal.length, literal)) return i;
  }
  return -1;
}

/** Writes an ASCII literal at p; returns its length. No NUL. */
export function putLiteral(p: usize, literal: string): i32 {
  const n = literal.length;
  for (let i = 0; i < n; i++) store<u8>(p + i, literal.charCodeAt(i));
  return n;
}

/** Writes a decimal number at p; returns its length. At most 20 bytes. */
export function putDecimal(p: usize, value: i64): i32 {
  let n = 0;
  let v = <u64>value;
  if (value < 0) {
    store<u8>(p, 0x2d);
    n = 1;
    v = <u64>-value;
  }
  let digits = 1;
  for (let t = v; t >= 10; t /= 10) digits++;
  for (let i = n + digits - 1; i >= n; i--) {
    store<u8>(p + i, 0x30 + <i32>(v % 10));
    v /= 10;
  }
  return n + digits;
}

export function isDigit(c: i32): bool {
  return c >= 0x30 && c <= 0x39;
}

export function isNameStart(c: i32): bool {
  const l = c | 0x20;
  return (l >= 0x61 && l <= 0x7a) || c == 0x5f;
}

export function isName(c: i32): bool {
  return isNameStart(c) || isDigit(c);
}

export function isSpace(c: i32): bool {
  return c == 0x20 || c == 9 || c == 10 || c == 13;
}

/** Value of a hexadecimal digit, or -1. */
export function hexDigit(c: i32): i32 {
  if (isDigit(c)) return c - 0x30;
  const l = c | 0x20;
  return l >= 0x61 && l <= 0x66 ? l - 0x57 : -1;
}

/** Where the last parseNumber stopped: bytes used. 0: there was no number. */
export let parsedBytes: i32 = 0;

/**
 * Reads a number at p: decimal, or hexadecimal after "0x", with an optional leading "-".
 * Stops at the first other byte; parsedBytes says how many bytes belonged to it. One that an i64 does not hold is none.
 */
export function parseNumber(p: usize, n: i32): i64 {
  let i = 0;
  const negative = n > 0 && load<u8>(p) == 0x2d;
  if (negative) i = 1;
  let base = 10;
  if (i + 2 < n && load<u8>(p + i) == 0x30 && (load<u8>(p + i + 1) | 0x20) == 0x78) {
    if (hexDigit(load<u8>(p + i + 2)) >= 0) {
      base = 16;
      i += 2;
    }
  }
  const first = i;
  let value: i64 = 0;
  for (; i < n; i++) {
    const d = hexDigit(load<u8>(p + i));
    if (d < 0 || d >= base) break;
    if (value > (i64.MAX_VALUE - d) / base) {
      parsedBytes = 0;
      return 0;
    }
    value = value * base + d;
  }
  parsedBytes = i == first ? 0 : i;
  return negative ? -value : value;
}

/** Reads hexadecimal digits at p, with or without "0x"; parsedBytes as for parseNumber. */
export function parseHex(p: usize, n: i32): u64 {
  let i = 0;
  if (n > 2 && load<u8>(p) == 0x30 && (load<u8>(p + 1) | 0x20) == 0x78) i = 2;
  const first = i;
  let value: u64 = 0;
  for (; i < n; i++) {
    const d = hexDigit(load<u8>(p + i));
    if (d < 0) break;
    value = (value << 4) | <u64>d;
  }
  parsedBytes = i == first ? 0 : i;
  return value;
}
