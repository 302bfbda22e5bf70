// The lines typed so far, newest last: NUL-terminated strings in one buffer, the oldest ones dropped when it is full.
//
// Invariants
//   H1  The buffer holds whole lines, each ended by NUL; historyUsed is the end of the newest.

const HISTORY_BYTES = 16384;
const buffer: usize = memory.data(16384);
let used = 0;

/** Adds a line unless it is empty, only blanks, or the same as the newest. */
export function historyAdd(text: usize, bytes: i32): void {
  while (bytes > 0 && load<u8>(text + bytes - 1) <= 0x20) bytes--;
  if (bytes == 0 || bytes + 1 > HISTORY_BYTES) return;
  const newest = historyLast();
  if (newest != 0 && length(newest) == bytes && memory.compare(newest, text, bytes) == 0) return;
  while (used + bytes + 1 > HISTORY_BYTES) {
    const first = length(buffer) + 1;
    memory.copy(buffer, buffer + first, used - first);
    used -= first;
  }
  memory.copy(buffer + used, text, bytes);
  used += bytes;
  store<u8>(buffer + used++, 0);
}

/** The oldest line, or 0. A line is named by its address, until the next historyAdd. */
export function historyFirst(): usize {
  return used > 0 ? buffer : 0;
}

export function historyLast(): usize {
  return historyPrevious(buffer + used);
}

export function historyNext(line: usize): usize {
  const next = line + length(line) + 1;
  return next < buffer + used ? next : 0;
}

/** The line before one (or before the end of the buffer), or 0. */
export function historyPrevious(line: usize): usize {
  if (line <= buffer) return 0;
  let p = line - 1;
  while (p > buffer && load<u8>(p - 1) != 0) p--;
  return p;
}

/** The text of a line. */
export function historyAt(line: usize): usize {
  return line;
}

function length(p: usize): i32 {
  let q = p;
  while (load<u8>(q) != 0) q++;
  return <i32>(q - p);
}
