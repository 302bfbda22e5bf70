// hash: insert and find in an open-addressing table of {key, value}.
const SLOTS: u32 = 65536;
function slot(table: usize, key: u32): usize {
  let h: u32 = key * 2654435769;
  h ^= h >> 15;
  while (true) {
    const p = table + ((<usize>(h & (SLOTS - 1))) << 3);
    const k = load<u32>(p);
    if (k == key || k == 0) return p;
    h++;
  }
}
export function run(n: i32): i32 {
  const table = heap.alloc(SLOTS << 3);
  let sum: u32 = 0;
  for (let round = 0; round < n; round++) {
    memory.fill(table, 0, SLOTS << 3);
    let x: u32 = 1 + round;
    for (let i = 0; i < 40000; i++) {
      x ^= x << 13;
      x ^= x >> 17;
      x ^= x << 5;
      const p = slot(table, (x & 0xffff) + 1);
      store<u32>(p, (x & 0xffff) + 1);
      store<u32>(p, load<u32>(p, 4) + 1, 4);
    }
    for (let key: u32 = 1; key < 65536; key++) sum = sum * 33 + load<u32>(slot(table, key), 4);
  }
  heap.free(table);
  return <i32>sum;
}
