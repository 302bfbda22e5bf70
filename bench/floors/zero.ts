// zero: what filling memory costs anybody, page by page, in memory that Workers share.

/** Zeroes n pages from p on. */
export function zero(p: usize, n: i32): void {
  for (const end = p + ((<usize>n) << 12); p < end; p += 4096) memory.fill(p, 0, 4096);
}
