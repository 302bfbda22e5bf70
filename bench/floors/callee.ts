// callee: the other side of a cross-instance call. It does as little as a call that returns something can do.

let answer: i32 = 1;

export function call(): i32 {
  return answer;
}

/** Keeps the answer a variable. */
export function set(value: i32): void {
  answer = value;
}
