// What is not there, and why: the names in /share/absent, one group to a line, with a sentence for each. The shell says it in place of
// "not found".

import { line, lineBytes, lineNext, lineStart, readFile } from "../../lib/files";
import { err } from "../../lib/fmt";
import { bytesEqual, bytesIndex, cstrLength } from "../../lib/text";

const TEXT_BYTES = 4096;
let text: usize = 0;

/** True after saying why there is no such command. */
export function absentTell(name: usize): bool {
  if (text == 0) text = heap.alloc(TEXT_BYTES + 1);
  const n = readFile("/share/absent", text, TEXT_BYTES);
  lineStart(text, max(n, 0));
  while (lineNext()) {
    const colon = bytesIndex(line, lineBytes, 0x3a);
    if (colon < 0 || !lists(line, colon, name)) continue;
    err
      .text("sh: ")
      .cstr(name)
      .bytes(line + colon, lineBytes - colon)
      .newline();
    return true;
  }
  return false;
}

/** Whether the word is one of those before the colon. */
function lists(p: usize, n: i32, name: usize): bool {
  for (let from = 0; from < n; ) {
    let to = from;
    while (to < n && load<u8>(p + to) != 0x20) to++;
    if (bytesEqual(p + from, to - from, name, cstrLength(name))) return true;
    from = to + 1;
  }
  return false;
}
