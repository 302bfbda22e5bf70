// date: the time now, in UTC.

import { Clock } from "../../abi/syscall";
import { argIs } from "../../lib/args";
import { out, Writer } from "../../lib/fmt";
import { finish, help } from "../../lib/program";
import { clock } from "../../lib/sys";
import { SECOND } from "../../lib/time";

export function _start(): void {
  help("date [+%s]: date and time in UTC; +%s: seconds since 1970");
  const seconds = clock(Clock.REALTIME) / SECOND;
  if (argIs(1, "+%s")) {
    out.dec(seconds).newline();
    finish(0);
  }
  // Days to a date, in years that start in March (the leap day is their last).
  const days = seconds / 86400 + 719468;
  const era = days / 146097;
  const dayOfEra = days % 146097;
  const year = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100);
  const shifted = (5 * dayOfYear + 2) / 153;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  out.dec(year + era * 400 + (month <= 2 ? 1 : 0)).byte(0x2d);
  two(month).byte(0x2d);
  two(dayOfYear - (153 * shifted + 2) / 5 + 1).byte(0x20);
  two((seconds % 86400) / 3600).byte(0x3a);
  two((seconds % 3600) / 60).byte(0x3a);
  two(seconds % 60)
    .text(" UTC")
    .newline();
  finish(0);
}

function two(n: i64): Writer {
  if (n < 10) out.byte(0x30);
  return out.dec(n);
}
