// Options of the shell: set -e, -u, -x and the like, set -o NAME, and their +.
//
// Invariants
//   O1  -e ends the shell only while `guarded` is 0: not in a condition, not left of && or ||, not after !.

import { out } from "../../lib/fmt";
import { bytesAre } from "../../lib/text";
import { setOptionLetters } from "./vars";

/** -e: a command that fails ends the shell. */
export let errexit = false;
/** -u: a variable that is not set is an error. */
export let nounset = false;
/** -x: each command is shown before it runs. */
export let xtrace = false;
/** -f: a pattern is not replaced by the files that it names. */
export let noglob = false;
/** -n: commands are read and not run. */
export let noexec = false;
/** -C: > does not write over a file that is there. */
export let noclobber = false;
/** -a: a variable that is assigned is exported. */
export let allexport = false;
/** -o pipefail: a pipeline has failed when one of its commands has. */
export let pipefail = false;
/** Conditions around the current command. */
export let guarded = 0;

const letters: usize = memory.data(16);
let lettersBytes = 0;

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
    case 0x66:
      noglob = on;
      break;
    case 0x6e:
      noexec = on;
      break;
    case 0x43:
      noclobber = on;
      break;
    case 0x61:
      allexport = on;
      break;
    default:
      return false;
  }
  lettersBytes = 0;
  letterAdd(0x61, allexport);
  letterAdd(0x65, errexit);
  letterAdd(0x66, noglob);
  letterAdd(0x6e, noexec);
  letterAdd(0x75, nounset);
  letterAdd(0x78, xtrace);
  letterAdd(0x43, noclobber);
  setOptionLetters(letters, lettersBytes);
  return true;
}

function letterAdd(letter: i32, on: bool): void {
  if (on) store<u8>(letters + lettersBytes++, letter);
}

/** The same by its name, as after -o. */
export function optionNamed(name: usize, bytes: i32, on: bool): bool {
  if (bytesAre(name, bytes, "pipefail")) {
    pipefail = on;
    return true;
  }
  const letter = letterOf(name, bytes);
  return letter != 0 && optionSet(letter, on);
}

function letterOf(name: usize, bytes: i32): i32 {
  if (bytesAre(name, bytes, "errexit")) return 0x65;
  if (bytesAre(name, bytes, "nounset")) return 0x75;
  if (bytesAre(name, bytes, "xtrace")) return 0x78;
  if (bytesAre(name, bytes, "noglob")) return 0x66;
  if (bytesAre(name, bytes, "noexec")) return 0x6e;
  if (bytesAre(name, bytes, "noclobber")) return 0x43;
  return bytesAre(name, bytes, "allexport") ? 0x61 : 0;
}

/** Whether the option of that name is on; for [ -o NAME ]. */
export function optionIs(name: usize, bytes: i32): bool {
  if (bytesAre(name, bytes, "pipefail")) return pipefail;
  const letter = letterOf(name, bytes);
  for (let i = 0; i < lettersBytes; i++) if (<i32>load<u8>(letters + i) == letter) return true;
  return false;
}

/** set -o: all of them. */
export function optionsShow(): void {
  show("allexport", allexport);
  show("errexit", errexit);
  show("noclobber", noclobber);
  show("noexec", noexec);
  show("noglob", noglob);
  show("nounset", nounset);
  show("pipefail", pipefail);
  show("xtrace", xtrace);
}

function show(name: string, on: bool): void {
  out.text(name).tab(16);
  out.text(on ? "on\n" : "off\n");
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
