// sha256sum: the SHA-256 of files (FIPS 180-4).

import { OpenFlag } from "../../abi/syscall";
import { arg, argc, argIs } from "../../lib/args";
import { openPath } from "../../lib/files";
import { out } from "../../lib/fmt";
import { options } from "../../lib/options";
import { complainErrno, finish, help } from "../../lib/program";
import { close, read } from "../../lib/sys";

const STDIN: usize = memory.data<u8>([0x2d, 0]);
const BUFFER_BYTES = 65536;
const buffer: usize = memory.data(65536);
const block: usize = memory.data(64);
const schedule: usize = memory.data(256);
const state: usize = memory.data(32);
const constants: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const initial: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);
let used = 0; // bytes in the block
let total: u64 = 0;

export function _start(): void {
  help("sha256sum [FILE ...]: the SHA-256 of each file\n  echo hello | sha256sum");
  let status = 0;
  let i = options("", "sha256sum [FILE ...]");
  if (i >= argc() && !sum(STDIN, 0)) status = 1;
  for (; i < argc(); i++) {
    const fd = argIs(i, "-") ? 0 : openPath(arg(i), OpenFlag.READ);
    if (fd < 0) complainErrno(arg(i), fd);
    if (fd < 0 || !sum(arg(i), fd)) status = 1;
    if (fd > 0) close(fd);
  }
  finish(status);
}

function sum(name: usize, fd: i32): bool {
  memory.copy(state, initial, 32);
  used = 0;
  total = 0;
  let n = read(fd, buffer, BUFFER_BYTES);
  for (; n > 0; n = read(fd, buffer, BUFFER_BYTES)) add(buffer, n);
  if (n < 0) {
    complainErrno(name, n);
    return false;
  }
  end();
  for (let i = 0; i < 8; i++) hex(load<u32>(state + i * 4));
  out.spaces(2).cstr(name).newline();
  return true;
}

function hex(word: u32): void {
  for (let shift = 28; shift >= 0; shift -= 4) {
    const digit = (word >> shift) & 15;
    out.byte(digit < 10 ? 0x30 + digit : 0x57 + digit);
  }
}

function add(p: usize, n: i32): void {
  total += n;
  while (n > 0) {
    const part = min(n, 64 - used);
    memory.copy(block + used, p, part);
    used += part;
    p += part;
    n -= part;
    if (used == 64) compress();
  }
}

/** A one bit, zeros, and the length in bits. */
function end(): void {
  const bits = total * 8;
  store<u8>(block + used++, 0x80);
  if (used > 56) {
    memory.fill(block + used, 0, 64 - used);
    compress();
  }
  memory.fill(block + used, 0, 56 - used);
  store<u64>(block + 56, bswap<u64>(bits));
  compress();
}

function compress(): void {
  used = 0;
  for (let i = 0; i < 16; i++) store<u32>(schedule + i * 4, bswap<u32>(load<u32>(block + i * 4)));
  for (let i = 16; i < 64; i++) {
    const w15 = load<u32>(schedule + i * 4 - 60);
    const w2 = load<u32>(schedule + i * 4 - 8);
    const s0 = rotr<u32>(w15, 7) ^ rotr<u32>(w15, 18) ^ (w15 >> 3);
    const s1 = rotr<u32>(w2, 17) ^ rotr<u32>(w2, 19) ^ (w2 >> 10);
    store<u32>(
      schedule + i * 4,
      load<u32>(schedule + i * 4 - 64) + s0 + load<u32>(schedule + i * 4 - 28) + s1,
    );
  }
  let a = load<u32>(state);
  let b = load<u32>(state, 4);
  let c = load<u32>(state, 8);
  let d = load<u32>(state, 12);
  let e = load<u32>(state, 16);
  let f = load<u32>(state, 20);
  let g = load<u32>(state, 24);
  let h = load<u32>(state, 28);
  for (let i = 0; i < 64; i++) {
    const s1 = rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
    const choose = (e & f) ^ (~e & g);
    const t1 = h + s1 + choose + load<u32>(constants + i * 4) + load<u32>(schedule + i * 4);
    const s0 = rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
    const t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  word(0, a);
  word(4, b);
  word(8, c);
  word(12, d);
  word(16, e);
  word(20, f);
  word(24, g);
  word(28, h);
}

function word(at: usize, value: u32): void {
  store<u32>(state + at, load<u32>(state + at) + value);
}
