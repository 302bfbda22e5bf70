// History expansion in a line that is typed: !! is the last line, !$ its last word, !N line N, !-N the Nth last, !TEXT the last that begins so.
// Not in single quotes or behind a backslash; the line as it is then is shown.

import { err } from "../../lib/fmt";
import { cstrLength, isDigit, isName } from "../../lib/text";
import { historyFirst, historyLast, historyNext, historyPrevious } from "./history";
import { LINE_BYTES } from "./line";

/** The line with everything replaced. */
export const bangLine: usize = memory.data(4096);
export let bangLineBytes = 0;
let changed = false;

/** False after saying that there is no such line. */
export function bangExpand(line: usize, bytes: i32): bool {
  bangLineBytes = 0;
  changed = false;
  let quoted = false;
  let i = 0;
  while (i < bytes) {
    const c: i32 = load<u8>(line + i);
    if (c == 0x27) quoted = !quoted;
    if (c == 0x5c && !quoted && i + 1 < bytes) put(load<u8>(line + i++));
    else if (c == 0x21 && !quoted) {
      const n = event(line + i + 1, bytes - i - 1);
      if (n < 0) return false;
      if (n > 0) {
        i += n + 1;
        continue;
      }
    }
    put(load<u8>(line + i++));
  }
  if (changed) err.bytes(bangLine, bangLineBytes).newline();
  return true;
}

function put(c: i32): void {
  if (bangLineBytes < LINE_BYTES - 1) store<u8>(bangLine + bangLineBytes++, c);
}

/** Puts what the text behind a ! stands for; how many bytes that were, 0: the ! is itself, -1: there is no such line. */
function event(p: usize, n: i32): i32 {
  if (n == 0) return 0;
  const c: i32 = load<u8>(p);
  let used = 1;
  let found: usize = 0;
  if (c == 0x21 || c == 0x24) found = historyLast();
  else if (isDigit(c) || (c == 0x2d && n > 1 && isDigit(load<u8>(p + 1)))) {
    const back = c == 0x2d;
    let number = back ? 0 : c - 0x30;
    for (; used < n && isDigit(load<u8>(p + used)); used++) {
      number = min(number, 100000) * 10 + load<u8>(p + used) - 0x30;
    }
    found = back ? historyLast() : historyFirst();
    for (; number > 1 && found != 0; number--) {
      found = back ? historyPrevious(found) : historyNext(found);
    }
    if (number < 1) found = 0;
  } else if (isName(c)) {
    while (used < n && isName(load<u8>(p + used))) used++;
    found = historyLast();
    while (found != 0 && !begins(found, p, used)) found = historyPrevious(found);
  } else return 0;
  if (found == 0) {
    err.text("sh: !").bytes(p, used).text(": no such line").newline();
    return -1;
  }
  const bytes = cstrLength(found);
  for (let i = c == 0x24 ? lastWord(found, bytes) : 0; i < bytes; i++) put(load<u8>(found + i));
  changed = true;
  return used;
}

function begins(line: usize, p: usize, n: i32): bool {
  return cstrLength(line) >= n && memory.compare(line, p, n) == 0;
}

function lastWord(line: usize, bytes: i32): i32 {
  while (bytes > 0 && load<u8>(line + bytes - 1) > 0x20) bytes--;
  return bytes;
}
