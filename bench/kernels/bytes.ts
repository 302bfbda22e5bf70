// bytes: CRC-32 with a table, then a histogram of bytes.
const BYTES: i32 = 65536;
export function run(n: i32): i32 {
  const table = heap.alloc(1024),
    text = heap.alloc(BYTES),
    counts = heap.alloc(1024);
  for (let i: u32 = 0; i < 256; i++) {
    let c = i;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >> 1) : c >> 1;
    store<u32>(table + ((<usize>i) << 2), c);
  }
  let x: u32 = 99;
  for (let i = 0; i < BYTES; i++) {
    x = x * 1664525 + 1013904223;
    store<u8>(text + i, <u8>(x >> 24));
  }
  memory.fill(counts, 0, 1024);
  let crc: u32 = 0xffffffff;
  for (let round = 0; round < n; round++) {
    for (let i = 0; i < BYTES; i++)
      crc = load<u32>(table + ((<usize>((crc ^ load<u8>(text + i)) & 0xff)) << 2)) ^ (crc >> 8);
    for (let i = 0; i < BYTES; i++) {
      const p = counts + ((<usize>load<u8>(text + i)) << 2);
      store<u32>(p, load<u32>(p) + 1);
    }
  }
  const sum = crc ^ load<u32>(counts + 400);
  heap.free(counts);
  heap.free(text);
  heap.free(table);
  return <i32>sum;
}
