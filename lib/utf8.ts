// UTF-8: characters of a text, one at a time. A byte that is no part of a character counts as one of its own, with a number above all others.

/** Bytes of the character that utf8At found. */
export let utf8Bytes: i32 = 1;

/** A byte that begins no character is this plus the byte. */
export const UTF8_STRAY: i32 = 0x110000;

/** The number of the character at p, which is before `end`; its length is in utf8Bytes. */
export function utf8At(p: usize, end: usize): i32 {
  const first: i32 = load<u8>(p);
  utf8Bytes = 1;
  if (first < 0x80) return first;
  const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
  if (first < 0xc2 || first > 0xf4 || p + more >= end) return UTF8_STRAY + first;
  let c = first & (0x3f >> more);
  for (let i = 1; i <= more; i++) {
    const next: i32 = load<u8>(p + i);
    if ((next & 0xc0) != 0x80) return UTF8_STRAY + first;
    c = (c << 6) | (next & 0x3f);
  }
  // Longer than it need be, half of a pair, or above all characters.
  if (more > 1 && (c < (more == 2 ? 0x800 : 0x10000) || (c & ~0x7ff) == 0xd800 || c > 0x10ffff))
    return UTF8_STRAY + first;
  utf8Bytes = more + 1;
  return c;
}

/** The first byte of the character that ends before p; `start` when there is none. */
export function utf8Before(p: usize, start: usize): usize {
  if (p <= start) return start;
  let at = p - 1;
  while (at > start && p - at < 4 && (load<u8>(at) & 0xc0) == 0x80) at--;
  utf8At(at, p);
  return at + utf8Bytes == p ? at : p - 1;
}

/** Characters in n bytes. */
export function utf8Count(p: usize, n: i32): i32 {
  let count = 0;
  for (const end = p + n; p < end; p += utf8Bytes) {
    utf8At(p, end);
    count++;
  }
  return count;
}
