// The words that `set` has made the positional parameters. Those of a function's call lie behind those of its caller, and are gone when it
// returns.
//
// Invariants
//   P1  The words of the current call are from `first` on; 0 <= first <= used <= WORDS_BYTES.

import { cstrLength } from "../../lib/text";
import { setParameters } from "./vars";

const WORDS_BYTES = 65536;
const words: usize = memory.data(65536);
let first = 0;
let used = 0;

/** A call begins; returns what parametersEnd needs. */
export function parametersBegin(): i32 {
  const outer = first;
  first = used;
  return outer;
}

export function parametersEnd(outer: i32): void {
  used = first;
  first = outer;
}

/** Makes `count` strings, which lie one after another elsewhere, the parameters; false when there is no room. */
export function parametersSet(word: usize, count: i32): bool {
  let n = 0;
  for (let i = 0; i < count; i++) n += cstrLength(word + n) + 1;
  if (first + n > WORDS_BYTES) return false;
  memory.copy(words + first, word, n);
  used = first + n;
  setParameters(words + first, count);
  return true;
}
