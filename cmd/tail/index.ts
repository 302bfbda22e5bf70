// tail: the last lines of a file or of standard input; as many as fit 1 MiB.

import { arg, argBytes, argc, argIs, argNumber, argValue } from "../../lib/args";
import { out } from "../../lib/fmt";
import { linesFailed, linesNext, linesStart, text, textBytes } from "../../lib/lines";
import { finish, help, usage } from "../../lib/program";
import { parsedBytes, parseNumber } from "../../lib/text";

const USAGE = "tail [-n LINES] [FILE ...]";
const RING_BYTES = 1048576;
const ring: usize = memory.data(1048576);
let head: u32 = 0; // bytes written ever; the ring keeps the last RING_BYTES

export function _start(): void {
  help("tail [-n LINES] [FILE ...]: the last lines (10)");
  let limit: i64 = 10;
  let i = 1;
  if (argIs(1, "-n")) {
    if (!argNumber(2) || argValue < 0) usage(USAGE);
    limit = argValue;
    i = 3;
  } else if (argBytes(1) > 1 && load<u8>(arg(1)) == 0x2d) {
    limit = parseNumber(arg(1) + 1, argBytes(1) - 1);
    if (parsedBytes != argBytes(1) - 1 || limit < 0) usage(USAGE);
    i = 2;
  }
  if (i > argc()) i = argc();
  linesStart(i);
  while (linesNext()) {
    for (let k = 0; k < textBytes; k++) put(load<u8>(text + k));
    put(10);
  }
  const kept = min(head, RING_BYTES);
  let back: u32 = 0;
  for (let left = limit; back < kept; back++) {
    if (at(back) == 10 && left-- == 0) break;
  }
  while (back > 0) out.byte(at(--back));
  finish(linesFailed ? 1 : 0);
}

function put(c: i32): void {
  store<u8>(ring + (head++ & (RING_BYTES - 1)), c);
}

/** The byte that is `back` before the last one. */
function at(back: u32): i32 {
  return load<u8>(ring + ((head - 1 - back) & (RING_BYTES - 1)));
}
