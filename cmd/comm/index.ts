// comm: which lines two sorted files have in common.

import { arg, argc } from "../../lib/args";
import { out } from "../../lib/fmt";
import { option, options } from "../../lib/options";
import { finish, help, usage } from "../../lib/program";
import { complainOf, Reader } from "../../lib/reader";

const USAGE = "comm [-1] [-2] [-3] FILE FILE";

export function _start(): void {
  help(
    "comm [-1] [-2] [-3] FILE FILE: compares two sorted files in three columns: lines of the first alone, of the second alone, of both; -1, -2, -3 leave one out\n  comm -12 a b",
  );
  const i = options("123", USAGE);
  if (argc() != i + 2) usage(USAGE);
  const a = new Reader().open(arg(i));
  const b = new Reader().open(arg(i + 1));
  if (complainOf(a) || complainOf(b)) finish(1);
  let hasA = a.next();
  let hasB = b.next();
  while (hasA || hasB) {
    const order = !hasA ? 1 : !hasB ? -1 : compare(a, b);
    if (order < 0) show(1, a);
    else if (order > 0) show(2, b);
    else show(3, a);
    if (order <= 0) hasA = a.next();
    if (order >= 0) hasB = b.next();
  }
  const failed = complainOf(a);
  finish(complainOf(b) || failed ? 1 : 0);
}

function compare(a: Reader, b: Reader): i32 {
  const order = memory.compare(a.text, b.text, min(a.bytes, b.bytes));
  return order != 0 ? order : a.bytes - b.bytes;
}

function show(column: i32, reader: Reader): void {
  if (option(column == 1 ? "1" : column == 2 ? "2" : "3")) return;
  if (column > 1 && !option("1")) out.byte(9);
  if (column > 2 && !option("2")) out.byte(9);
  out.bytes(reader.text, reader.bytes).newline();
}
