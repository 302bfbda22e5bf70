// uniq: lines without those that repeat the one before.

import { out } from "../../lib/fmt";
import { linesFailed, linesNext, linesStart, text, textBytes } from "../../lib/lines";
import { option, options } from "../../lib/options";
import { finish, help } from "../../lib/program";
import { bytesEqual } from "../../lib/text";

const last: usize = memory.data(65536);
let lastBytes = -1;
let count = 0;
let counts = false;
let repeated = false;
let single = false;

export function _start(): void {
  help(
    "uniq [-c] [-d] [-u] [FILE]: drops lines that repeat the one before; -c counts them, -d shows only repeated ones, -u only others",
  );
  linesStart(options("cdu", "uniq [-c] [-d] [-u] [FILE]"));
  counts = option("c");
  repeated = option("d");
  single = option("u");
  while (linesNext()) {
    if (lastBytes >= 0 && bytesEqual(last, lastBytes, text, textBytes)) {
      count++;
      continue;
    }
    print();
    memory.copy(last, text, textBytes);
    lastBytes = textBytes;
    count = 1;
  }
  print();
  finish(linesFailed ? 1 : 0);
}

function print(): void {
  if (lastBytes < 0 || (repeated && count < 2) || (single && count > 1)) return;
  if (counts) out.dec(count, 7).byte(0x20);
  out.bytes(last, lastBytes).newline();
}
