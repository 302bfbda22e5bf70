// sort: quicksort of i32, with insertion sort for short runs.
const N: i32 = 65536;
function at(p: usize, i: i32): usize {
  return p + ((<usize>i) << 2);
}
function sort(p: usize, low: i32, high: i32): void {
  while (high - low > 12) {
    const pivot = load<i32>(at(p, (low + high) >> 1));
    let i = low,
      j = high;
    while (i <= j) {
      while (load<i32>(at(p, i)) < pivot) i++;
      while (load<i32>(at(p, j)) > pivot) j--;
      if (i <= j) {
        const t = load<i32>(at(p, i));
        store<i32>(at(p, i), load<i32>(at(p, j)));
        store<i32>(at(p, j), t);
        i++;
        j--;
      }
    }
    sort(p, low, j);
    low = i;
  }
  for (let i = low + 1; i <= high; i++) {
    const v = load<i32>(at(p, i));
    let j = i - 1;
    while (j >= low && load<i32>(at(p, j)) > v) {
      store<i32>(at(p, j + 1), load<i32>(at(p, j)));
      j--;
    }
    store<i32>(at(p, j + 1), v);
  }
}
export function run(n: i32): i32 {
  const p = heap.alloc(N << 2);
  let sum = 0;
  for (let round = 0; round < n; round++) {
    let x: u32 = 12345 + round;
    for (let i = 0; i < N; i++) {
      x = x * 1664525 + 1013904223;
      store<i32>(at(p, i), <i32>x >> 4);
    }
    sort(p, 0, N - 1);
    for (let i = 0; i < N; i += 997) sum = sum * 31 + load<i32>(at(p, i));
  }
  heap.free(p);
  return sum;
}
