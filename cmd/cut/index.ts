// cut: some fields, or some bytes, of each line.

import { out } from "../../lib/fmt";
import { linesFailed, linesNext, linesStart, text, textBytes } from "../../lib/lines";
import { option, options, optionText } from "../../lib/options";
import { finish, help, usage } from "../../lib/program";
import { bytesIndex, cstrLength, isDigit } from "../../lib/text";
import { utf8At, utf8Bytes } from "../../lib/utf8";

const USAGE = "cut -f LIST [-d BYTE] [-s] [FILE ...] | cut -c|-b LIST [FILE ...]";
const CHOSEN = 4096;
const chosen: usize = memory.data(4097); // 1 for each number in the list
let openFrom = CHOSEN + 1; // from here on all are chosen
let delimiter = 9;

export function _start(): void {
  help(
    "cut -f LIST [-d BYTE] [-s] [FILE ...], cut -c LIST [FILE ...]: fields, characters or (-b) bytes of lines; LIST is like 1,3-5,7-; -d: what is between fields, -s leaves out lines without it\n  cut -d: -f1 /etc/services",
  );
  const i = options("f:c:b:d:s", USAGE);
  if (option("d")) {
    if (cstrLength(optionText("d")) > 1) usage(USAGE);
    delimiter = load<u8>(optionText("d"));
  }
  const fields = option("f");
  if (fields) list(optionText("f"));
  else if (option("c")) list(optionText("c"));
  else if (option("b")) list(optionText("b"));
  else usage(USAGE);
  linesStart(i);
  while (linesNext()) {
    if (fields) cutFields();
    else if (option("c")) cutCharacters();
    else {
      for (let k = 0; k < textBytes; k++) if (isChosen(k + 1)) out.byte(load<u8>(text + k));
      out.newline();
    }
  }
  finish(linesFailed ? 1 : 0);
}

function isChosen(n: i32): bool {
  return n >= openFrom || (n <= CHOSEN && load<u8>(chosen + n) != 0);
}

function list(p: usize): void {
  if (load<u8>(p) == 0) usage(USAGE);
  while (load<u8>(p) != 0) {
    let low = 0;
    for (; isDigit(load<u8>(p)); p++) low = min(low * 10 + load<u8>(p) - 0x30, CHOSEN);
    let high = low;
    if (load<u8>(p) == 0x2d) {
      p++;
      const open = !isDigit(load<u8>(p));
      if (low == 0 && !open) low = 1;
      high = open ? low : 0;
      for (; isDigit(load<u8>(p)); p++) high = min(high * 10 + load<u8>(p) - 0x30, CHOSEN);
      if (open) openFrom = min(openFrom, low);
    }
    if (low == 0 || high < low || (load<u8>(p) != 0x2c && load<u8>(p) != 0)) usage(USAGE);
    for (let n = low; n <= high; n++) store<u8>(chosen + n, 1);
    if (load<u8>(p) == 0x2c) p++;
  }
}

function cutCharacters(): void {
  const end = text + textBytes;
  let number = 1;
  for (let p = text; p < end; p += utf8Bytes) {
    utf8At(p, end);
    if (isChosen(number++)) out.bytes(p, utf8Bytes);
  }
  out.newline();
}

/** A line without the delimiter is shown whole. */
function cutFields(): void {
  if (bytesIndex(text, textBytes, delimiter) < 0) {
    if (!option("s")) out.bytes(text, textBytes).newline();
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
