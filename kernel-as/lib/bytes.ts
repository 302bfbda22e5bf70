// Bytes: runs of bytes in kernel-visible memory (host offsets). Nothing here follows a user pointer.

/** Copies n bytes; the ranges may overlap. */
export function bytesCopy(dst: usize, src: usize, n: usize): void {
  memory.copy(dst, src, n);
}

export function bytesZero(dst: usize, n: usize): void {
  memory.fill(dst, 0, n);
}

/** True if the n bytes at a and b are the same. */
export function bytesEqual(a: usize, b: usize, n: usize): bool {
  for (let i: usize = 0; i < n; i++) {
    if (load<u8>(a + i) != load<u8>(b + i)) return false;
  }
  return true;
}

/** Index of the first byte equal to value in the n bytes at p, or n. */
export function bytesFind(p: usize, n: usize, value: u8): usize {
  for (let i: usize = 0; i < n; i++) {
    if (load<u8>(p + i) == value) return i;
  }
  return n;
}

/** Number of bytes before the first NUL at p, at most limit. */
export function bytesLength(p: usize, limit: usize): usize {
  return bytesFind(p, limit, 0);
}

/** Number of UTF-16 units of a string literal: the kernel's literals are ASCII, one byte each once copied. */
export function literalLength(s: string): u32 {
  return load<u32>(changetype<usize>(s) - 4) >>> 1; // asc takes a negative immediate offset as one near 4 GiB
}

/** Copies a literal's characters as bytes to dst, without a NUL. Returns their count. */
export function literalCopy(dst: usize, s: string): u32 {
  const n = literalLength(s);
  for (let i: u32 = 0; i < n; i++) {
    store<u8>(dst + i, load<u8>(changetype<usize>(s) + (i << 1)));
  }
  return n;
}

/** True if the n bytes at p spell the literal exactly. */
export function literalEquals(p: usize, n: usize, s: string): bool {
  return <usize>literalLength(s) == n && literalStarts(p, n, s);
}

/** True if the n bytes at p begin with the literal. */
export function literalStarts(p: usize, n: usize, s: string): bool {
  const want = literalLength(s);
  if (n < <usize>want) return false;
  for (let i: u32 = 0; i < want; i++) {
    if (load<u8>(p + i) != load<u8>(changetype<usize>(s) + (i << 1))) return false;
  }
  return true;
}

/** Reads decimal digits at p. Returns the value, or -1 when there is none, another character follows, or it exceeds 2^31-1. */
export function bytesDecimal(p: usize, n: usize): i32 {
  if (n == 0 || n > 10) return -1;
  let value: i64 = 0;
  for (let i: usize = 0; i < n; i++) {
    const digit = <i32>load<u8>(p + i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value > 0x7fffffff ? -1 : <i32>value;
}
