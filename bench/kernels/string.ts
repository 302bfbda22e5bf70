// string: length, compare and search over text, byte by byte, as C programs do.
const BYTES: i32 = 65536;
function length(s: usize): i32 {
  let p = s;
  while (load<u8>(p)) p++;
  return <i32>(p - s);
}
function compare(a: usize, b: usize): i32 {
  while (load<u8>(a) && load<u8>(a) == load<u8>(b)) {
    a++;
    b++;
  }
  return <i32>load<u8>(a) - <i32>load<u8>(b);
}
function find(text: usize, word: usize): i32 {
  for (let p = text; load<u8>(p); p++) {
    let i: usize = 0;
    while (load<u8>(word + i) && load<u8>(p + i) == load<u8>(word + i)) i++;
    if (!load<u8>(word + i)) return <i32>(p - text);
  }
  return -1;
}
export function run(n: i32): i32 {
  const a = heap.alloc(BYTES + 1),
    b = heap.alloc(BYTES + 1),
    word = heap.alloc(8);
  let x: u32 = 7;
  for (let i = 0; i < BYTES; i++) {
    x = x * 1664525 + 1013904223;
    store<u8>(a + i, 97 + ((x >> 24) % 5));
  }
  store<u8>(a + BYTES, 0);
  memory.copy(b, a, BYTES + 1);
  store<u8>(b + BYTES - 1, 122);
  for (let i: usize = 0; i < 6; i++) store<u8>(word + i, 97 + <u8>i);
  store<u8>(word + 6, 0);
  let sum = 0;
  for (let round = 0; round < n; round++)
    sum = sum * 31 + length(a) + compare(a, b) + find(a, word);
  heap.free(word);
  heap.free(b);
  heap.free(a);
  return sum;
}
