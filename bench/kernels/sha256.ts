// sha256: the compression function over 64 KiB, message schedule in memory.
const BYTES: usize = 65536;
const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
function block(state: usize, w: usize, p: usize): void {
  for (let i: usize = 0; i < 16; i++) store<u32>(w + (i << 2), bswap(load<u32>(p + (i << 2))));
  for (let i: usize = 16; i < 64; i++) {
    const q = w + (i << 2);
    const x = load<u32>(q - 60),
      y = load<u32>(q - 8);
    const s0 = rotr(x, 7) ^ rotr(x, 18) ^ (x >> 3),
      s1 = rotr(y, 17) ^ rotr(y, 19) ^ (y >> 10);
    store<u32>(q, load<u32>(q - 64) + s0 + load<u32>(q - 28) + s1);
  }
  let a = load<u32>(state, 0),
    b = load<u32>(state, 4),
    c = load<u32>(state, 8),
    d = load<u32>(state, 12);
  let e = load<u32>(state, 16),
    f = load<u32>(state, 20),
    g = load<u32>(state, 24),
    h = load<u32>(state, 28);
  for (let i: usize = 0; i < 64; i++) {
    const t1 =
      h +
      (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) +
      ((e & f) ^ (~e & g)) +
      load<u32>(K + (i << 2)) +
      load<u32>(w + (i << 2));
    const t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  store<u32>(state, load<u32>(state, 0) + a, 0);
  store<u32>(state, load<u32>(state, 4) + b, 4);
  store<u32>(state, load<u32>(state, 8) + c, 8);
  store<u32>(state, load<u32>(state, 12) + d, 12);
  store<u32>(state, load<u32>(state, 16) + e, 16);
  store<u32>(state, load<u32>(state, 20) + f, 20);
  store<u32>(state, load<u32>(state, 24) + g, 24);
  store<u32>(state, load<u32>(state, 28) + h, 28);
}
export function run(n: i32): i32 {
  const text = heap.alloc(BYTES),
    w = heap.alloc(256),
    state = heap.alloc(32);
  for (let i: usize = 0; i < BYTES; i++) store<u8>(text + i, <u8>(i * 7));
  memory.fill(state, 1, 32);
  for (let round = 0; round < n; round++)
    for (let p: usize = 0; p < BYTES; p += 64) block(state, w, text + p);
  const sum = load<i32>(state);
  heap.free(state);
  heap.free(w);
  heap.free(text);
  return sum;
}
