// seq: numbers from one to another.

import { arg, argBytes, argc } from "../../lib/args";
import { floatBytes, floatPut, floatRead } from "../../lib/float";
import { out } from "../../lib/fmt";
import { option, options, optionText } from "../../lib/options";
import { finish, help, usage } from "../../lib/program";
import { bytesIndex } from "../../lib/text";

const USAGE = "seq [-w] [-s TEXT] [FIRST [STEP]] LAST";
const NEWLINE: usize = memory.data<u8>([10, 0]);
const text: usize = memory.data(400);
let digits = 0; // behind the point
let width = 0;
const WHOLE: f64 = 1e15; // an f64 has all whole numbers up to here

export function _start(): void {
  help(
    "seq [-w] [-s TEXT] [FIRST [STEP]] LAST: numbers, one a line; -w all as wide as the widest, with zeros in front, -s: TEXT between them\n  seq 1 0.5 3",
  );
  const i = options("+ws:", USAGE);
  const n = argc() - i;
  if (n < 1 || n > 3) usage(USAGE);
  const first = n > 1 ? number(i, true) : 1.0;
  const step = n == 3 ? number(i + 1, true) : 1.0;
  const last = number(argc() - 1, false);
  if (step == 0) usage(USAGE);
  const separator = option("s") ? optionText("s") : NEWLINE;
  if (option("w")) width = max(put(first), put(last));
  // Whole numbers need no search for their digits.
  if (digits == 0 && !option("w") && abs(first) < WHOLE && abs(last) < WHOLE && abs(step) < WHOLE) {
    whole(<i64>first, <i64>step, <i64>last, separator);
    finish(0);
  }
  let any = false;
  // Multiplied, not added: the error of a step does not grow.
  for (let k: f64 = 0; ; k++) {
    const value = first + k * step;
    if (step > 0 ? value > last + step * 1e-9 : value < last + step * 1e-9) break;
    if (any) out.cstr(separator);
    any = true;
    const bytes = put(value);
    const sign = load<u8>(text) == 0x2d ? 1 : 0;
    if (sign == 1) out.byte(0x2d);
    for (let z = bytes; z < width; z++) out.byte(0x30);
    out.bytes(text + sign, bytes - sign);
    if (out.failed != 0) break;
  }
  if (any) out.newline();
  finish(0);
}

function whole(first: i64, step: i64, last: i64, separator: usize): void {
  for (let n = first; step > 0 ? n <= last : n >= last; n += step) {
    if (n != first) out.cstr(separator);
    out.dec(n);
    if (out.failed != 0) return;
  }
  if (step > 0 ? first <= last : first >= last) out.newline();
}

function put(value: f64): i32 {
  return floatPut(text, value, 0x66, digits, false);
}

/** A number; with `shown` there are as many digits behind the points of all as behind its own. */
function number(i: i32, shown: bool): f64 {
  const n = argBytes(i);
  const value = floatRead(arg(i), n);
  if (n == 0 || floatBytes != n) usage(USAGE);
  const point = bytesIndex(arg(i), n, 0x2e);
  if (point >= 0 && shown) digits = max(digits, n - point - 1);
  return value;
}
