// life: Conway's game of life; eight neighbours in a byte grid.
const W: i32 = 256;
const H: i32 = 256;
export function run(n: i32): i32 {
  let a = heap.alloc(W * (H + 2)),
    b = heap.alloc(W * (H + 2));
  memory.fill(a, 0, W * (H + 2));
  memory.fill(b, 0, W * (H + 2));
  let x: u32 = 5;
  for (let i = W; i < W * (H + 1); i++) {
    x = x * 1664525 + 1013904223;
    store<u8>(a + i, <u8>(x >> 31));
  }
  for (let round = 0; round < n; round++) {
    for (let i = W + 1; i < W * (H + 1) - 1; i++) {
      const p = a + i;
      const around =
        load<u8>(p - W - 1) +
        load<u8>(p - W) +
        load<u8>(p - W + 1) +
        load<u8>(p - 1) +
        load<u8>(p + 1) +
        load<u8>(p + W - 1) +
        load<u8>(p + W) +
        load<u8>(p + W + 1);
      store<u8>(b + i, <u8>(around == 3 || (around == 2 && load<u8>(p) != 0)));
    }
    const t = a;
    a = b;
    b = t;
  }
  let sum = 0;
  for (let i = W; i < W * (H + 1); i++) sum = sum * 31 + load<u8>(a + i);
  return sum;
}
