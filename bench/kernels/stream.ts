// stream: triad over three arrays of f64.
const N: i32 = 65536;
export function run(n: i32): i32 {
  const a = heap.alloc(N << 3),
    b = heap.alloc(N << 3),
    c = heap.alloc(N << 3);
  for (let i = 0; i < N; i++) {
    store<f64>(b + ((<usize>i) << 3), <f64>i);
    store<f64>(c + ((<usize>i) << 3), <f64>(i & 15));
  }
  for (let round = 0; round < n; round++) {
    for (let i = 0; i < N; i++) {
      const o = (<usize>i) << 3;
      store<f64>(a + o, load<f64>(b + o) + 3.0 * load<f64>(c + o));
    }
    const t = a; // the sum is read back so that no round is dead
    if (load<f64>(t + ((<usize>round % N) << 3)) < 0) return -1;
  }
  let sum: f64 = 0;
  for (let i = 0; i < N; i++) sum += load<f64>(a + ((<usize>i) << 3));
  heap.free(c);
  heap.free(b);
  heap.free(a);
  return <i32>(<i64>sum);
}
