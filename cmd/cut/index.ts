// cut: some fields, or some bytes, of each line.

import { arg, argBytes, argc } from "../../lib/args";
import { out } from "../../lib/fmt";
import { linesFailed, linesNext, linesStart, text, textBytes } from "../../lib/lines";
import { finish, help, usage } from "../../lib/program";
import { bytesIndex, isDigit } from "../../lib/text";

const USAGE = "cut -f LIST [-d BYTE] [FILE ...] | cut -c LIST [FILE ...]";
const CHOSEN = 4096;
const chosen: usize = memory.data(4097); // 1 for each number in the list
let openFrom = CHOSEN + 1; // from here on all are chosen
let delimiter = 9;
let fields = false;
let listed = false;

export function _start(): void {
  help(
    "cut -f LIST [-d BYTE] [FILE ...], cut -c LIST [FILE ...]: fields or bytes of lines; LIST is like 1,3-5,7-",
  );
  let i = 1;
  while (i < argc() && argBytes(i) > 1 && load<u8>(arg(i)) == 0x2d) {
    const c: i32 = load<u8>(arg(i) + 1);
    // -d: and -d : are the same.
    const joined = argBytes(i) > 2;
    const value = joined ? arg(i) + 2 : arg(i + 1);
    i += joined ? 1 : 2;
    if (c == 0x64) delimiter = load<u8>(value);
    else if (c == 0x66 || c == 0x63) {
      fields = c == 0x66;
      list(value);
    } else usage(USAGE);
  }
  if (!listed) usage(USAGE);
  linesStart(i);
  while (linesNext()) {
    if (fields) cutFields();
    else for (let k = 0; k < textBytes; k++) if (isChosen(k + 1)) out.byte(load<u8>(text + k));
    if (!fields) out.newline();
  }
  finish(linesFailed ? 1 : 0);
}

function isChosen(n: i32): bool {
  return n >= openFrom || (n <= CHOSEN && load<u8>(chosen + n) != 0);
}

function list(p: usize): void {
  while (load<u8>(p) != 0) {
    let low = 0;
    for (; isDigit(load<u8>(p)); p++) low = min(low * 10 + load<u8>(p) - 0x30, CHOSEN);
    let high = low;
    if (load<u8>(p) == 0x2d) {
      p++;
      if (low == 0) low = 1;
      high = 0;
      for (; isDigit(load<u8>(p)); p++) high = min(high * 10 + load<u8>(p) - 0x30, CHOSEN);
      if (high == 0) openFrom = min(openFrom, low);
    }
    if (low == 0 || (load<u8>(p) != 0x2c && load<u8>(p) != 0)) usage(USAGE);
    for (let n = low; n <= high; n++) store<u8>(chosen + n, 1);
    if (load<u8>(p) == 0x2c) p++;
    listed = true;
  }
}

/** A line without the delimiter is shown whole. */
function cutFields(): void {
  if (bytesIndex(text, textBytes, delimiter) < 0) {
    out.bytes(text, textBytes).newline();
    return;
  }
  let first = true;
  let number = 1;
  let start = 0;
  for (let k = 0; k <= textBytes; k++) {
    if (k < textBytes && <i32>load<u8>(text + k) != delimiter) continue;
    if (isChosen(number)) {
      if (!first) out.byte(delimiter);
      out.bytes(text + start, k - start);
      first = false;
    }
    number++;
    start = k + 1;
  }
  out.newline();
}
