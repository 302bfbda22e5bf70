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
    "uniq [-c] [-d] [-u] [-i] [FILE]: drops lines that repeat the one before; -c counts them, -d shows only repeated ones, -u only others, -i: large and small letters are the same",
  );
  linesStart(options("cdui", "uniq [-c] [-d] [-u] [-i] [FILE]"));
  counts = option("c");
  repeated = option("d");
  single = option("u");
  while (linesNext()) {
    if (lastBytes >= 0 && isSame()) {
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

function isSame(): bool {
  if (!option("i")) return bytesEqual(last, lastBytes, text, textBytes);
  if (lastBytes != textBytes) return false;
  for (let i = 0; i < textBytes; i++) {
    if (lower(load<u8>(last + i)) != lower(load<u8>(text + i))) return false;
  }
  return true;
}

function lower(c: i32): i32 {
  return c >= 0x41 && c <= 0x5a ? c + 0x20 : c;
}

function print(): void {
  if (lastBytes < 0 || (repeated && count < 2) || (single && count > 1)) return;
  if (counts) out.dec(count, 7).byte(0x20);
  out.bytes(last, lastBytes).newline();
}
