// Lines that have not matched, kept for -B: the last few of them, oldest first, each with its length before it.
//
// Invariants
//   B1  `kept` lines lie in the buffer, the first of them at `first`. What does not fit is left out, the oldest first.

import { out } from "../../lib/fmt";

const BUFFER_BYTES = 131072;
const buffer: usize = memory.data(131072);
let first = 0;
let used = 0;
let kept = 0;
let wanted = 0;

/** A file begins; at most so many lines are kept. */
export function contextBegin(lines: i32): void {
  wanted = lines;
  kept = 0;
  first = 0;
  used = 0;
}

export function contextHas(): i32 {
  return kept;
}

export function contextKeep(line: usize, bytes: i32): void {
  if (wanted == 0) return;
  if (used + bytes + 4 > BUFFER_BYTES) {
    memory.copy(buffer, buffer + first, used - first);
    used -= first;
    first = 0;
  }
  while (kept > 0 && (kept == wanted || used + bytes + 4 > BUFFER_BYTES)) drop();
  if (used + bytes + 4 > BUFFER_BYTES) return;
  store<i32>(buffer + used, bytes);
  memory.copy(buffer + used + 4, line, bytes);
  used += bytes + 4;
  kept++;
}

/** Shows the oldest line and forgets it. */
export function contextShow(): void {
  out.bytes(buffer + first + 4, load<i32>(buffer + first)).newline();
  drop();
}

function drop(): void {
  first += load<i32>(buffer + first) + 4;
  if (--kept > 0) return;
  first = 0;
  used = 0;
}
