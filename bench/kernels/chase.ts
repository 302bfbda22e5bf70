// chase: walk a shuffled linked list of {next, value}.
const N: u32 = 32768;
export function run(n: i32): i32 {
  const nodes = heap.alloc(N << 4);
  for (let i: u32 = 0; i < N; i++) {
    store<usize>(nodes + ((<usize>i) << 4), nodes + ((<usize>((i * 20021 + 1) & (N - 1))) << 4));
    store<u32>(nodes + ((<usize>i) << 4), i ^ 0x55, 4);
  }
  let p = nodes;
  let sum: u32 = 0;
  for (let round = 0; round < n; round++) {
    for (let i: u32 = 0; i < N; i++) {
      sum += load<u32>(p, 4);
      p = load<usize>(p);
    }
  }
  heap.free(nodes);
  return <i32>sum;
}
