// Lines that were cut or copied, and pasting them. One cut right behind another adds to what is there.

import { cursor, cursorLine, cursorPut, cursorTo } from "./cursor";
import { say } from "./message";
import { lineCount, lineEnd, lineStart, TEXT_BYTES, textBytes, textCopy } from "./text";
import { editBreak, editInsert, editRemove } from "./undo";

let kept: usize = 0;
let keptBytes = 0;

/** Cuts the cursor's line. `more`: the command before was the same. */
export function cutLine(more: bool): void {
  const start = lineStart(cursorLine);
  const n = take(more);
  if (n == 0) return;
  editBreak();
  editRemove(start, n, cursor);
  cursorTo(start);
}

/** Copies the cursor's line, and goes to the next one. */
export function copyLine(more: bool): void {
  if (take(more) == 0) return;
  if (cursorLine + 1 < lineCount) cursorTo(lineStart(cursorLine + 1));
  else cursorTo(lineEnd(cursorLine));
}

export function paste(): void {
  if (keptBytes == 0) {
    say("Nothing was cut yet");
    return;
  }
  editBreak();
  if (!editInsert(cursor, kept, keptBytes, cursor)) {
    say("No room: a text has 16 MiB at most");
    return;
  }
  cursorPut(cursor + keptBytes);
  editBreak();
}

/** Keeps the cursor's line; its bytes. */
function take(more: bool): i32 {
  if (kept == 0) kept = heap.alloc(TEXT_BYTES);
  if (!more) keptBytes = 0;
  const start = lineStart(cursorLine);
  const n = min(lineEnd(cursorLine) + 1, textBytes) - start;
  if (n == 0) {
    say("There is nothing to cut");
    return 0;
  }
  // What is copied again and again may be more than a text can be.
  if (keptBytes + n > TEXT_BYTES) return 0;
  textCopy(kept + keptBytes, start, n);
  keptBytes += n;
  return n;
}
