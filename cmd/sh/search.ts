// ^R: finds the newest line of the history that holds what is typed; ^R again goes further back, ^G gives up.

import { cstrLength, putLiteral } from "../../lib/text";
import { historyForget, keyRead } from "./edit";
import { historyAt, historyLast, historyPrevious } from "./history";
import { draw, editLine, lineNote, replace, used } from "./line";

const QUERY_BYTES = 96;
const note: usize = memory.data(160); // "(search `QUERY') "
const query: usize = memory.data(96);
let queryBytes = 0;
const kept: usize = memory.data(4096); // the line before the search
let keptBytes = 0;

/** Returns the key that ended the search, which the editor then acts on with the line that was found; 0: none. */
export function historySearch(): i32 {
  keptBytes = used;
  memory.copy(kept, editLine, used);
  queryBytes = 0;
  let line: usize = 0;
  let failed = false;
  historyForget();
  for (;;) {
    noteMake(failed);
    draw();
    const c = keyRead();
    if (c == 18) {
      const next =
        queryBytes == 0 ? <usize>0 : find(line == 0 ? historyLast() : historyPrevious(line));
      failed = next == 0;
      if (next != 0) line = next;
    } else if (c == 8 || c == 127) {
      if (queryBytes > 0) queryBytes--;
      while (queryBytes > 0 && (load<u8>(query + queryBytes) & 0xc0) == 0x80) queryBytes--;
      line = queryBytes == 0 ? <usize>0 : find(historyLast());
      failed = false;
    } else if (c >= 0x20) {
      if (queryBytes < QUERY_BYTES) store<u8>(query + queryBytes++, c);
      const next = find(line == 0 ? historyLast() : line);
      failed = next == 0;
      if (next != 0) line = next;
    } else {
      lineNote(note, 0);
      // ^G: what was there before. ^C the editor deals with.
      if (c == 7) replace(kept, keptBytes);
      else draw();
      return c == 7 ? 0 : c;
    }
    if (line != 0) replace(historyAt(line), cstrLength(historyAt(line)));
    else replace(kept, keptBytes);
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}

function noteMake(failed: bool): void {
  let n = putLiteral(note, failed ? "(no line has `" : "(search `");
  memory.copy(note + n, query, queryBytes);
  n += queryBytes;
  n += putLiteral(note + n, "') ");
  lineNote(note, n);
}

/** The first line from `line` backwards that holds the query, or 0. */
function find(line: usize): usize {
  for (; line != 0; line = historyPrevious(line)) {
    const text = historyAt(line);
    const n = cstrLength(text);
    for (let i = 0; i + queryBytes <= n; i++) {
      if (memory.compare(text + i, query, queryBytes) == 0) return line;
    }
  }
  return 0;
}
