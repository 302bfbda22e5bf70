// echo: what the program and the shell's builtin do.

import { escapeBytes, escapeRead, escapeText } from "./escape";
import { out } from "./fmt";
import { cstrLength } from "./text";

let stopped = false; // a \c was printed: nothing more comes

/** Prints `count` NUL-terminated words, which lie one after another, the options -n, -e and -E first. */
export function echoRun(word: usize, count: i32): void {
  let newline = true;
  let escapes = false;
  stopped = false;
  for (; count > 0 && isOption(word); count--) {
    for (let p = word + 1; load<u8>(p) != 0; p++) {
      if (load<u8>(p) == 0x6e) newline = false;
      else escapes = load<u8>(p) == 0x65;
    }
    word += cstrLength(word) + 1;
  }
  for (let i = 0; i < count && !stopped; i++) {
    if (i > 0) out.byte(0x20);
    if (escapes) echoEscaped(word);
    else out.cstr(word);
    word += cstrLength(word) + 1;
  }
  if (newline && !stopped) out.newline();
}

/** A word of the letters n, e and E behind a dash. */
function isOption(word: usize): bool {
  if (load<u8>(word) != 0x2d || load<u8>(word + 1) == 0) return false;
  for (let p = word + 1; load<u8>(p) != 0; p++) {
    const c = load<u8>(p);
    if (c != 0x6e && c != 0x65 && c != 0x45) return false;
  }
  return true;
}

/** Prints what has escapes in it, up to a \c. */
export function echoEscaped(p: usize): bool {
  const end = p + cstrLength(p);
  while (p < end) {
    const c: i32 = load<u8>(p++);
    if (c != 0x5c || p == end) {
      out.byte(c);
      continue;
    }
    if (load<u8>(p) == 0x63) {
      stopped = true;
      return false;
    }
    const past = escapeRead(p, end, true);
    if (past == 0) out.byte(c);
    else out.bytes(escapeText, escapeBytes);
    if (past != 0) p = past;
  }
  return true;
}
