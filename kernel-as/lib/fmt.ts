// Fmt: numbers as text, into memory that the caller owns. A number needs at most FMT_BYTES bytes.

export const FMT_BYTES: u32 = 24;

/** Writes value in decimal at dst; returns the number of bytes. */
export function fmtDec(dst: usize, value: u64): u32 {
  let count: u32 = 1;
  for (let rest = value / 10; rest != 0; rest /= 10) count++;
  let rest = value;
  for (let i = count; i > 0; i--) {
    store<u8>(dst + i - 1, <u8>(48 + (rest % 10)));
    rest /= 10;
  }
  return count;
}

/** Writes value in lower-case hexadecimal at dst, at least `digits` digits, no prefix; returns the number of bytes. */
export function fmtHex(dst: usize, value: u64, digits: u32): u32 {
  let count: u32 = 1;
  for (let rest = value >>> 4; rest != 0; rest >>>= 4) count++;
  if (count < digits) count = digits;
  if (count > 16) count = 16;
  let rest = value;
  for (let i = count; i > 0; i--) {
    const nibble = <u32>(rest & 15);
    store<u8>(dst + i - 1, <u8>(nibble < 10 ? 48 + nibble : 87 + nibble));
    rest >>>= 4;
  }
  return count;
}
