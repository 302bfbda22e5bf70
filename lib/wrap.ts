// Wrapping: a text whose lines are too long for the terminal is broken at blanks. Into a pipe or a file it goes as it is.

import { consoleColumns } from "./console";
import { Writer } from "./fmt";
import { bytesIndex, putLiteral } from "./text";

const INDENT = 4; // of the rest of a line, behind the line's own

/** Writes the bytes, whose lines end with newlines. */
export function wrapBytes(to: Writer, p: usize, n: i32): void {
  const cells = consoleColumns(to.fd);
  const width = cells > 0 ? cells : i32.MAX_VALUE;
  for (const end = p + n; p < end; ) {
    const newline = bytesIndex(p, <i32>(end - p), 10);
    const bytes = newline < 0 ? <i32>(end - p) : newline;
    wrapLine(to, p, bytes, width);
    if (newline >= 0) to.newline();
    p += bytes + 1;
  }
}

function wrapLine(to: Writer, p: usize, n: i32, width: i32): void {
  let own = 0;
  while (own < n && load<u8>(p + own) == 0x20) own++;
  const indent = own + INDENT < width / 2 ? own + INDENT : INDENT;
  let from = 0;
  let lead = own; // blanks that are not a place to break
  let room = width - to.column;
  while (n - from > room) {
    let cut = from + room;
    while (cut > from + lead && load<u8>(p + cut) != 0x20) cut--;
    // A word that is longer than the line is left to the terminal.
    if (cut == from + lead) while (cut < n && load<u8>(p + cut) != 0x20) cut++;
    if (cut == n) break;
    to.bytes(p + from, cut - from)
      .newline()
      .spaces(indent);
    from = cut + 1;
    lead = 0;
    room = width - indent;
  }
  to.bytes(p + from, n - from);
}

/** The same of a literal of ASCII. */
export function wrapText(to: Writer, text: string): void {
  const bytes = heap.alloc(text.length);
  wrapBytes(to, bytes, putLiteral(bytes, text));
}
