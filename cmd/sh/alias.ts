// Aliases: a name that stands for a text at the start of a command. The text and the rest of the command as written are run together.
//
// Invariants
//   A1  While an alias's text runs that alias is not replaced again.

import { err, out } from "../../lib/fmt";
import { bytesEqual, bytesIndex, cstrLength } from "../../lib/text";

const ALIASES = 32;
const NAME_BYTES = 32;
const TEXT_BYTES = 256;
const table: usize = memory.data(9472); // {active u32, textBytes u32, name, text} for each
const ALIAS_BYTES = 296;

function at(i: i32): usize {
  return table + i * ALIAS_BYTES;
}

function nameOf(i: i32): usize {
  return at(i) + 8;
}

/** Where the text of alias i is. */
export function aliasText(i: i32): usize {
  return at(i) + 8 + NAME_BYTES;
}

export function aliasBytes(i: i32): i32 {
  return load<i32>(at(i), 4);
}

/** The alias of a word as written that may be replaced, or -1. */
export function aliasFind(word: usize, bytes: i32): i32 {
  const i = find(word, bytes);
  return i >= 0 && load<i32>(at(i)) == 0 ? i : -1;
}

export function aliasActive(i: i32, on: bool): void {
  store<i32>(at(i), on ? 1 : 0);
}

function find(name: usize, bytes: i32): i32 {
  if (bytes == 0) return -1;
  for (let i = 0; i < ALIASES; i++) {
    if (bytesEqual(nameOf(i), cstrLength(nameOf(i)), name, bytes)) return i;
  }
  return -1;
}

/** alias [NAME[=TEXT] ...] */
export function aliasRun(word: usize, count: i32): i32 {
  if (count == 0) {
    for (let i = 0; i < ALIASES; i++) if (load<u8>(nameOf(i)) != 0) show(i);
    return 0;
  }
  let status = 0;
  for (; count > 0; count--) {
    const n = cstrLength(word);
    const name = bytesIndex(word, n, 0x3d);
    if (name < 0) {
      const i = find(word, n);
      if (i >= 0) {
        show(i);
      } else {
        err.text("sh: alias: ").cstr(word).text(": not an alias").newline();
        status = 1;
      }
    } else if (!define(word, name, word + name + 1, n - name - 1)) status = 1;
    word += n + 1;
  }
  return status;
}

function show(i: i32): void {
  out.text("alias ").cstr(nameOf(i)).text("='").bytes(aliasText(i), aliasBytes(i)).text("'\n");
}

function define(name: usize, nameBytes: i32, text: usize, bytes: i32): bool {
  let i = find(name, nameBytes);
  for (let k = 0; i < 0 && k < ALIASES; k++) if (load<u8>(nameOf(k)) == 0) i = k;
  if (i < 0 || nameBytes == 0 || nameBytes >= NAME_BYTES || bytes > TEXT_BYTES) {
    err.text("sh: alias: ").bytes(name, nameBytes);
    err.text(i < 0 ? ": too many aliases" : ": not a name, or too long").newline();
    return false;
  }
  memory.copy(nameOf(i), name, nameBytes);
  store<u8>(nameOf(i) + nameBytes, 0);
  memory.copy(aliasText(i), text, bytes);
  store<i32>(at(i), bytes, 4);
  return true;
}

/** unalias NAME ... */
export function unaliasRun(word: usize, count: i32): i32 {
  let status = 0;
  for (; count > 0; count--) {
    const n = cstrLength(word);
    const i = find(word, n);
    if (i >= 0) {
      store<u8>(nameOf(i), 0);
    } else {
      err.text("sh: unalias: ").cstr(word).text(": not an alias").newline();
      status = 1;
    }
    word += n + 1;
  }
  return status;
}

/** The name of alias i, "" for one that is not used; 0 past the last. */
export function aliasName(i: i32): usize {
  return i < ALIASES ? nameOf(i) : 0;
}
