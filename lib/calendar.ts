// Seconds since 1970 as a date and a time of day in UTC, and back.

import { out, Writer } from "./fmt";

const DAY = 86400;
export let year: i64 = 1970;
export let month: i32 = 1; // from 1
export let day: i32 = 1; // of the month
export let yearDay: i32 = 1; // from 1
export let weekDay: i32 = 4; // 0: Sunday
export let hour: i32 = 0;
export let minute: i32 = 0;
export let second: i32 = 0;

/** Days since 1970 of a date. Years start in March here: the leap day is their last. */
function daysOf(y: i64, m: i64, d: i64): i64 {
  if (m <= 2) y--;
  const era = (y >= 0 ? y : y - 399) / 400;
  const yearOfEra = y - era * 400;
  const dayOfYear = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
  return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468;
}

/** Finds all parts of a time. */
export function calendarSplit(seconds: i64): void {
  let days = seconds / DAY;
  if (seconds % DAY < 0) days--;
  const rest = <i32>(seconds - days * DAY);
  hour = rest / 3600;
  minute = (rest / 60) % 60;
  second = rest % 60;
  weekDay = <i32>((((days + 4) % 7) + 7) % 7);
  const shifted = days + 719468;
  const era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const fromMarch = (5 * dayOfYear + 2) / 153;
  month = <i32>(fromMarch < 10 ? fromMarch + 3 : fromMarch - 9);
  day = <i32>(dayOfYear - (153 * fromMarch + 2) / 5) + 1;
  year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  yearDay = <i32>(days - daysOf(year, 1, 1)) + 1;
}

/** Seconds since 1970 of a date and a time of day. */
export function calendarJoin(y: i64, m: i64, d: i64, h: i64, min: i64, s: i64): i64 {
  return daysOf(y, m, d) * DAY + h * 3600 + min * 60 + s;
}

/** Writes "2026-01-31 09:05". */
export function putMinute(seconds: i64): Writer {
  calendarSplit(seconds);
  out.dec(year).byte(0x2d);
  putTwo(month).byte(0x2d);
  putTwo(day).byte(0x20);
  putTwo(hour).byte(0x3a);
  return putTwo(minute);
}

/** Writes two digits. */
export function putTwo(n: i64): Writer {
  if (n < 10) out.byte(0x30);
  return out.dec(n);
}
