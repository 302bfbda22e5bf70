// matmul: f64 matrix product, inner loop over a row and a column.
const N: i32 = 96;
export function run(n: i32): i32 {
  const bytes = N * N * 8;
  const a = heap.alloc(bytes),
    b = heap.alloc(bytes),
    c = heap.alloc(bytes);
  for (let i = 0; i < N * N; i++) {
    store<f64>(a + ((<usize>i) << 3), <f64>(i % 7));
    store<f64>(b + ((<usize>i) << 3), <f64>(i % 11));
  }
  let sum: f64 = 0;
  for (let round = 0; round < n; round++) {
    for (let i = 0; i < N; i++) {
      for (let j = 0; j < N; j++) {
        let t: f64 = 0;
        for (let k = 0; k < N; k++) {
          t +=
            load<f64>(a + ((<usize>(i * N + k)) << 3)) * load<f64>(b + ((<usize>(k * N + j)) << 3));
        }
        store<f64>(c + ((<usize>(i * N + j)) << 3), t);
      }
    }
    sum += load<f64>(c + ((<usize>(round % (N * N))) << 3));
  }
  heap.free(c);
  heap.free(b);
  heap.free(a);
  return <i32>(<i64>sum);
}
