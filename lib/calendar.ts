// Seconds since 1970 as a date and a time of day in UTC.

import { out, Writer } from "./fmt";

/** Writes "2026-01-31 09:05". */
export function putMinute(seconds: i64): Writer {
  // Days to a date, in years that start in March (the leap day is their last).
  const days = seconds / 86400 + 719468;
  const era = days / 146097;
  const dayOfEra = days % 146097;
  const year = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100);
  const shifted = (5 * dayOfYear + 2) / 153;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  out.dec(year + era * 400 + (month <= 2 ? 1 : 0)).byte(0x2d);
  putTwo(month).byte(0x2d);
  putTwo(dayOfYear - (153 * shifted + 2) / 5 + 1).byte(0x20);
  putTwo((seconds % 86400) / 3600).byte(0x3a);
  return putTwo((seconds % 3600) / 60);
}

/** Writes two digits. */
export function putTwo(n: i64): Writer {
  if (n < 10) out.byte(0x30);
  return out.dec(n);
}
