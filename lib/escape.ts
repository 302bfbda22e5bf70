// Escapes: what a backslash and the characters behind it stand for, in echo -e, printf, $'...' and awk.

import { hexDigit } from "./text";

/** The bytes of the escape that escapeRead found. */
export const escapeText: usize = memory.data(4);
export let escapeBytes: i32 = 0;

const LETTERS: usize = memory.data<u8>([
  0x6e, 0x74, 0x72, 0x5c, 0x61, 0x62, 0x65, 0x45, 0x66, 0x76, 0x22, 0x27, 0x3f,
]); // ntr\abeEfv"'?
const VALUES: usize = memory.data<u8>([10, 9, 13, 0x5c, 7, 8, 27, 27, 12, 11, 0x22, 0x27, 0x3f]);
const LETTER_COUNT = 13;

/**
 * The escape whose first byte behind the backslash is at p; the address behind it, 0 when it is none. Numbers are \NNN, or with `zero`
 * \0NNN; \xHH; \uHHHH and \UHHHHHHHH are characters.
 */
export function escapeRead(p: usize, end: usize, zero: bool): usize {
  const c: i32 = p < end ? <i32>load<u8>(p) : 0;
  if (c >= 0x30 && c <= 0x37) {
    if (zero && c != 0x30) return 0;
    return number(p, min(p + (zero ? 4 : 3), end), 8, false);
  }
  if (c == 0x78) return number(p + 1, min(p + 3, end), 16, false);
  if (c == 0x75) return number(p + 1, min(p + 5, end), 16, true);
  if (c == 0x55) return number(p + 1, min(p + 9, end), 16, true);
  for (let i = 0; i < LETTER_COUNT; i++) {
    if (<i32>load<u8>(LETTERS + i) != c) continue;
    store<u8>(escapeText, load<u8>(VALUES + i));
    escapeBytes = 1;
    return p + 1;
  }
  return 0;
}

function number(p: usize, end: usize, base: i32, isCharacter: bool): usize {
  let value = 0;
  const first = p;
  for (; p < end; p++) {
    const digit = hexDigit(load<u8>(p));
    if (digit < 0 || digit >= base) break;
    value = value * base + digit;
  }
  if (p == first) return 0;
  if (isCharacter) put(value);
  else {
    store<u8>(escapeText, value);
    escapeBytes = 1;
  }
  return p;
}

function put(c: i32): void {
  const more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  escapeBytes = more + 1;
  const lead = more == 0 ? 0 : more == 1 ? 0xc0 : more == 2 ? 0xe0 : 0xf0;
  store<u8>(escapeText, lead | (c >> (more * 6)));
  for (let i = 1; i <= more; i++) store<u8>(escapeText + i, 0x80 | ((c >> ((more - i) * 6)) & 63));
}
