// Host: plain loads and stores of 1, 2, 4 or 8 bytes at a host address, as a program asked for them.

/** Zero-extended. */
export function loadHost(host: usize, size: u32): u64 {
  if (size == 4) return load<u32>(host);
  if (size == 8) return load<u64>(host);
  return size == 1 ? load<u8>(host) : load<u16>(host);
}

export function storeHost(host: usize, size: u32, value: u64): void {
  if (size == 4) store<u32>(host, <u32>value);
  else if (size == 8) store<u64>(host, value);
  else if (size == 1) store<u8>(host, <u8>value);
  else store<u16>(host, <u16>value);
}
