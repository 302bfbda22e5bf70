// sieve: Eratosthenes over bytes.
const N: i32 = 262144;
export function run(n: i32): i32 {
  const flags = heap.alloc(N);
  let count = 0;
  for (let round = 0; round < n; round++) {
    memory.fill(flags, 1, N);
    for (let i = 2; i * i < N; i++) {
      if (load<u8>(flags + i)) for (let j = i * i; j < N; j += i) store<u8>(flags + j, 0);
    }
    for (let i = 2; i < N; i++) count += load<u8>(flags + i);
  }
  heap.free(flags);
  return count;
}
