// Variables that come back: `local` in a function, and X=1 before a function or a builtin. Each saved value lies on a stack of its own.
//
// Invariants
//   L1  Records are restored newest first, back to the mark of the call that made them.

import { setEnvironChanged, VarFlag, Variable, varMake, varSet } from "./vars";

const STACK_BYTES = 65536;
const stack: usize = memory.data(65536);
let used = 0;
const RECORDS = 256;
const records: usize = memory.data(4096); // {Variable, flags, value's bytes, where on the stack}
let count = 0;

export function localsMark(): i32 {
  return count;
}

/** Remembers what a name is now; false when there is no room. */
export function localSave(name: usize, bytes: i32): bool {
  const v = varMake(name, bytes);
  if (v == null || count == RECORDS || used + v.valueBytes > STACK_BYTES) return false;
  const record = records + count++ * 16;
  store<usize>(record, changetype<usize>(v));
  store<i32>(record, v.flags, 4);
  store<i32>(record, v.valueBytes, 8);
  store<i32>(record, used, 12);
  memory.copy(stack + used, v.value, v.valueBytes);
  used += v.valueBytes;
  return true;
}

/** Gives back every value that was saved since the mark. */
export function localsRestore(mark: i32): void {
  while (count > mark) {
    const record = records + --count * 16;
    const v = changetype<Variable>(load<usize>(record));
    used = load<i32>(record, 12);
    // `local -r` made it read-only; the caller's is not.
    v.flags &= ~VarFlag.READONLY;
    varSet(v.name, v.nameBytes, stack + used, load<i32>(record, 8));
    if ((v.flags | load<i32>(record, 4)) & VarFlag.EXPORTED) setEnvironChanged(true);
    v.flags = load<i32>(record, 4);
  }
}
