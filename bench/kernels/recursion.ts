// recursion: build, sum and forget binary trees; no loop around the accesses.
let bump: usize = 0;
function build(depth: i32): usize {
  const node = bump;
  bump += 16;
  store<i32>(node, depth, 8);
  store<usize>(node, depth > 0 ? build(depth - 1) : 0);
  store<usize>(node, depth > 0 ? build(depth - 1) : 0, 4);
  return node;
}
function sum(node: usize): i32 {
  if (node == 0) return 1;
  return load<i32>(node, 8) + sum(load<usize>(node)) * 3 + sum(load<usize>(node, 4));
}
export function run(n: i32): i32 {
  const arena = heap.alloc(1 << 20);
  let total = 0;
  for (let round = 0; round < n; round++) {
    bump = arena;
    total = total * 31 + sum(build(14));
  }
  heap.free(arena);
  return total;
}
