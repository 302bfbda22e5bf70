// Options of the shell: set -e, -u, -x and their +.
//
// Invariants
//   O1  -e ends the shell only while `guarded` is 0: not in a condition, not left of && or ||, not after !.

import { setOptionLetters } from "./vars";

/** -e: a command that fails ends the shell. */
export let errexit = false;
/** -u: a variable that is not set is an error. */
export let nounset = false;
/** -x: each command is shown before it runs. */
export let xtrace = false;
/** Conditions around the current command. */
export let guarded = 0;

const letters: usize = memory.data(4);

/** True when the letter is one of the options. */
export function optionSet(letter: i32, on: bool): bool {
  switch (letter) {
    case 0x65:
      errexit = on;
      break;
    case 0x75:
      nounset = on;
      break;
    case 0x78:
      xtrace = on;
      break;
    default:
      return false;
  }
  let n = 0;
  if (errexit) store<u8>(letters + n++, 0x65);
  if (nounset) store<u8>(letters + n++, 0x75);
  if (xtrace) store<u8>(letters + n++, 0x78);
  setOptionLetters(letters, n);
  return true;
}

export function guardBegin(): void {
  guarded++;
}

export function guardEnd(): void {
  guarded--;
}

export function guardReset(): void {
  guarded = 0;
}
