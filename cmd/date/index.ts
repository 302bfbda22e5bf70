// date: the time now, in UTC.

import { Clock } from "../../abi/syscall";
import { argIs } from "../../lib/args";
import { putMinute, putTwo } from "../../lib/calendar";
import { out } from "../../lib/fmt";
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
  putMinute(seconds).byte(0x3a);
  putTwo(seconds % 60)
    .text(" UTC")
    .newline();
  finish(0);
}
