// CRC-32 (IEEE 802.3, reflected), of the blocks that end in a footer.

const table: usize = memory.data(1024, 4);
let ready = false;

export function crc32(at: usize, n: u32): u32 {
  if (!ready) fillTable();
  let crc: u32 = 0xffffffff;
  for (const end = at + n; at < end; at++)
    crc = load<u32>(table + (((crc ^ load<u8>(at)) & 0xff) << 2)) ^ (crc >>> 8);
  return ~crc;
}

function fillTable(): void {
  ready = true;
  for (let i: u32 = 0; i < 256; i++) {
    let value = i;
    for (let bit = 0; bit < 8; bit++)
      value = (value & 1) != 0 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
    store<u32>(table + (i << 2), value);
  }
}
