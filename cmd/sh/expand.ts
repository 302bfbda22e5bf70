// The expander: what a word as written becomes. It resolves quotes, backslashes and parameters, and splits unquoted parameters into fields.
//
// Invariants
//   E1  Fields lie one after another in `fields`, each ended by NUL: the block is the argv of spawn as it stands.
//   E2  fieldsUsed <= FIELDS_BYTES; a field that does not fit sets fieldsFull and nothing more is added.
//
// Inside double quotes a backslash is special only before $ ` " \ and newline. "$@" gives one field for each positional parameter.

import { isName, isNameStart, isSpace } from "../../lib/text";
import { parameter, positional, positionals, value, valueBytes } from "./vars";

const FIELDS_BYTES = 65536;
export const fields: usize = memory.data(65536);
export let fieldsUsed: i32 = 0;
export let fieldCount: i32 = 0;
export let fieldsFull = false;
/** A `${` with something else than a name in it. */
export let badParameter = false;

/** Something of the current field exists, even if it is only a pair of quotes. */
let open = false;
let splitting = false;

export function expandReset(): void {
  fieldsUsed = 0;
  fieldCount = 0;
  fieldsFull = false;
  badParameter = false;
}

/** Appends the fields of a word. With split false the word becomes exactly one field. */
export function expandWord(word: usize, bytes: i32, split: bool): void {
  const end = word + bytes;
  let quoted = false;
  open = !split;
  splitting = split;
  for (let p = word; p < end; ) {
    const c: i32 = load<u8>(p++);
    if (c == 0x22) {
      quoted = !quoted;
      // "$@" alone gives no field when there are no parameters; "" gives an empty one.
      if (!(quoted && isAll(p, end) && positionals() == 0)) open = true;
      else {
        p += 3;
        quoted = false;
      }
      continue;
    }
    if (c == 0x27 && !quoted) {
      open = true;
      for (; p < end && load<u8>(p) != 0x27; p++) put(load<u8>(p));
      p++;
      continue;
    }
    if (c == 0x5c && p < end) {
      const next: i32 = load<u8>(p);
      if (next == 10) {
        p++;
      } else if (quoted && next != 0x24 && next != 0x60 && next != 0x22 && next != 0x5c) {
        put(c);
      } else {
        open = true;
        put(next);
        p++;
      }
      continue;
    }
    if (c == 0x24) {
      p = expandParameter(p, end, quoted);
      continue;
    }
    open = true;
    put(c);
  }
  if (open) fieldEnd();
}

/** True at `$@"`. */
function isAll(p: usize, end: usize): bool {
  return p + 3 <= end && load<u8>(p) == 0x24 && load<u8>(p + 1) == 0x40 && load<u8>(p + 2) == 0x22;
}

/** Expands the parameter after a dollar at p; returns where the word goes on. */
function expandParameter(p: usize, end: usize, quoted: bool): usize {
  const c: i32 = p < end ? load<u8>(p) : 0;
  if (c == 0x7b) {
    let q = p + 1;
    while (q < end && load<u8>(q) != 0x7d) q++;
    const name = p + 1;
    const bytes = <i32>(q - name);
    if (!isParameter(name, bytes)) badParameter = true;
    else expandNamed(name, bytes, quoted);
    return q + 1;
  }
  if (isNameStart(c)) {
    let q = p + 1;
    while (q < end && isName(load<u8>(q))) q++;
    expandNamed(p, <i32>(q - p), quoted);
    return q;
  }
  if (isParameter(p, c == 0 ? 0 : 1)) {
    expandNamed(p, 1, quoted);
    return p + 1;
  }
  // A dollar that starts no parameter is itself.
  open = true;
  put(0x24);
  return p;
}

function isParameter(name: usize, bytes: i32): bool {
  if (bytes <= 0) return false;
  const c: i32 = load<u8>(name);
  if (bytes == 1 && (c == 0x3f || c == 0x24 || c == 0x21 || c == 0x23 || c == 0x40 || c == 0x2a))
    return true;
  if (bytes == 1 && c >= 0x30 && c <= 0x39) return true;
  if (!isNameStart(c)) return false;
  for (let i = 1; i < bytes; i++) if (!isName(load<u8>(name + i))) return false;
  return true;
}

function expandNamed(name: usize, bytes: i32, quoted: bool): void {
  const c = load<u8>(name);
  if (bytes != 1 || (c != 0x40 && c != 0x2a)) {
    parameter(name, bytes);
    putValue(quoted);
    return;
  }
  const n = positionals();
  for (let i = 1; i <= n; i++) {
    positional(i);
    putValue(quoted);
    if (i == n) break;
    if (quoted && c == 0x2a) put(0x20);
    else if (splitting) {
      if (open) fieldEnd();
      open = quoted;
    } else put(0x20);
  }
}

function putValue(quoted: bool): void {
  for (let i = 0; i < valueBytes; i++) {
    const c: i32 = load<u8>(value + i);
    if (!quoted && splitting && isSpace(c)) {
      if (open) fieldEnd();
      continue;
    }
    open = true;
    put(c);
  }
}

function put(c: i32): void {
  if (fieldsUsed >= FIELDS_BYTES - 1) {
    fieldsFull = true;
    return;
  }
  store<u8>(fields + fieldsUsed++, c);
}

function fieldEnd(): void {
  store<u8>(fields + fieldsUsed, 0);
  if (fieldsUsed < FIELDS_BYTES - 1) fieldsUsed++;
  fieldCount++;
  open = false;
}
