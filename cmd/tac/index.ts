// tac: lines in reverse order, as many as fit 8 MiB.

import { err, out } from "../../lib/fmt";
import { linesFailed, linesNext, linesStart, text, textBytes } from "../../lib/lines";
import { options } from "../../lib/options";
import { complain, finish, help } from "../../lib/program";

const BYTES_MOST = 8 << 20;

/** A line is {previous line, its bytes}, then the bytes. */
let last: usize = 0;
let total = 0;

export function _start(): void {
  help("tac [FILE ...]: the lines of files in reverse order\n  seq 3 | tac");
  linesStart(options("", "tac [FILE ...]"));
  while (linesNext()) {
    total += textBytes + 8;
    if (total > BYTES_MOST) {
      complain();
      err.text("more than 8 MiB").newline();
      finish(1);
    }
    const line = heap.alloc(textBytes + 8);
    store<usize>(line, last);
    store<i32>(line, textBytes, 4);
    memory.copy(line + 8, text, textBytes);
    last = line;
  }
  for (let line = last; line != 0; line = load<usize>(line)) {
    out.bytes(line + 8, load<i32>(line, 4)).newline();
  }
  finish(linesFailed ? 1 : 0);
}
