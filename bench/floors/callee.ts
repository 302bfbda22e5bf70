// callee: the other side of a cross-instance call. It does as little as a call that returns something can do.

let calls: i32 = 0;

export function call(): i32 {
  return ++calls;
}
