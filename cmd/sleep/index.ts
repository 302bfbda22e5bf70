// sleep: waits.

import { arg, argBytes, argc } from "../../lib/args";
import { finish, help, usage } from "../../lib/program";
import { nanosleep } from "../../lib/sys";
import { isDigit, parsedBytes, parseNumber } from "../../lib/text";
import { SECOND } from "../../lib/time";

export function _start(): void {
  help("sleep SECONDS: waits; fractions such as 0.25 are fine");
  if (argc() != 2) usage("sleep SECONDS");
  const text = arg(1);
  const n = argBytes(1);
  let ns: i64 = 0;
  let used = 0;
  if (load<u8>(text) != 0x2e) {
    ns = parseNumber(text, n) * SECOND;
    used = parsedBytes;
    if (used == 0 || ns < 0) usage("sleep SECONDS");
  }
  if (used < n && load<u8>(text + used) == 0x2e) {
    let unit = SECOND / 10;
    for (used++; used < n && isDigit(load<u8>(text + used)); used++) {
      ns += unit * <i64>(load<u8>(text + used) - 0x30);
      unit /= 10;
    }
  }
  if (used != n) usage("sleep SECONDS");
  nanosleep(ns);
  finish(0);
}
