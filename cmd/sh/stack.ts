// The stack: bytes that live as long as a function call or a loop: its arguments, its words, the text of `eval`.
//
// Invariants
//   K1  0 <= used <= STACK_BYTES; what was pushed after a mark is gone after stackRelease(mark).

const STACK_BYTES = 262144;
const stack: usize = memory.data(262144);
let used = 0;

export function stackMark(): i32 {
  return used;
}

export function stackRelease(mark: i32): void {
  used = mark;
}

/** A copy of the bytes with a NUL after them, or 0 when there is no room. */
export function stackPush(bytes: usize, count: i32): usize {
  const at = stackRoom(count + 1);
  if (at == 0) return 0;
  memory.copy(at, bytes, count);
  store<u8>(at + count, 0);
  return at;
}

/** Room for so many bytes, or 0. */
export function stackRoom(count: i32): usize {
  if (count > STACK_BYTES - used) return 0;
  const at = stack + used;
  used += count;
  return at;
}
