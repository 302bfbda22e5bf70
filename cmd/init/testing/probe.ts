// Probe for init.test.ts: the waits of a service that dies at once, again and again; then of one that lives longer and longer.

import { out } from "../../../lib/fmt";
import { finish } from "../../../lib/program";
import { MILLISECOND, SECOND } from "../../../lib/time";
import { backoff } from "../backoff";

export function _start(): void {
  let wait: i64 = 0;
  for (let i = 0; i < 12; i++) {
    wait = backoff(wait, i);
    out.dec(wait / MILLISECOND).text(" ");
  }
  out.newline();
  for (let lived: i64 = 58; lived < 62; lived++) {
    out.dec(backoff(3200 * MILLISECOND, lived * SECOND) / MILLISECOND).text(" ");
  }
  finish(0);
}
