// seq: whole numbers from one to another.

import { argc, argNumber, argValue } from "../../lib/args";
import { out } from "../../lib/fmt";
import { finish, help, usage } from "../../lib/program";

const USAGE = "seq [FIRST [STEP]] LAST";

export function _start(): void {
  help("seq [FIRST [STEP]] LAST: numbers, one a line");
  const n = argc();
  if (n < 2 || n > 4) usage(USAGE);
  const last = number(n - 1);
  const first: i64 = n > 2 ? number(1) : 1;
  const step: i64 = n == 4 ? number(2) : 1;
  if (step == 0) usage(USAGE);
  for (let i = first; step > 0 ? i <= last : i >= last; ) {
    out.dec(i).newline();
    if (out.failed != 0) break;
    const next = i + step;
    if (step > 0 ? next < i : next > i) break;
    i = next;
  }
  finish(0);
}

function number(i: i32): i64 {
  if (!argNumber(i)) usage(USAGE);
  return argValue;
}
