// Backoff: how long a service that ended waits for its next start: 100 ms, doubled at each death up to 30 s, and 100 ms again once one
// lived for 60 s.

import { MILLISECOND, SECOND } from "../../lib/time";

const FIRST: i64 = 100 * MILLISECOND;
const LAST: i64 = 30 * SECOND;
const HEALTHY: i64 = 60 * SECOND;

/** Ns to wait after a life of `lived` ns that began after a wait of `before` ns (0: none). */
export function backoff(before: i64, lived: i64): i64 {
  if (before == 0 || lived >= HEALTHY) return FIRST;
  return min(before * 2, LAST);
}
