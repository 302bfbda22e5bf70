// caller: what the engine makes everybody pay. Each export does one thing n times; the host times the whole.

@external("callee", "call")
declare function call(): i32;

const page: usize = memory.data(4096, 16);

/** n calls of a function of another instance. */
export function calls(n: i32): i32 {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += call();
  return sum;
}

/** n times zeroes one page of memory: what a fault on a page of zeros cannot avoid. */
export function zeroes(n: i32): i32 {
  for (let i = 0; i < n; i++) {
    store<u8>(page, <u8>i);
    memory.fill(page, 0, 4096);
  }
  return load<u8>(page);
}
