// cal: the calendar of a month.

import { Clock } from "../../abi/syscall";
import { argc, argNumber, argValue } from "../../lib/args";
import { out } from "../../lib/fmt";
import { finish, help, usage } from "../../lib/program";
import { clock } from "../../lib/sys";
import { SECOND } from "../../lib/time";

const USAGE = "cal [[MONTH] YEAR]";

export function _start(): void {
  help(
    "cal [[MONTH] YEAR]: the calendar of this month, of MONTH (1 to 12), or of a year\n  cal 2 2028",
  );
  today(clock(Clock.REALTIME) / SECOND / 86400);
  if (argc() > 3) usage(USAGE);
  if (argc() == 2) {
    if (!argNumber(1) || argValue < 1583 || argValue > 9999) usage(USAGE);
    year = argValue;
    for (let m = 1; m <= 12; m++) show(m);
    finish(0);
  }
  if (argc() == 3) {
    if (!argNumber(1) || argValue < 1 || argValue > 12) usage(USAGE);
    month = argValue;
    if (!argNumber(2) || argValue < 1583 || argValue > 9999) usage(USAGE);
    year = argValue;
  }
  show(<i32>month);
  finish(0);
}

let year: i64 = 0;
let month: i64 = 0;

/** The date of a day since 1970, in years that start in March. */
function today(days: i64): void {
  days += 719468;
  const era = days / 146097;
  const dayOfEra = days % 146097;
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const shifted = (5 * dayOfYear + 2) / 153;
  month = shifted < 10 ? shifted + 3 : shifted - 9;
  year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
}

function show(m: i32): void {
  const name = monthName(m);
  out
    .spaces((20 - name.length - 5) / 2)
    .text(name)
    .byte(0x20)
    .dec(year)
    .newline();
  out.text("Mo Tu We Th Fr Sa Su").newline();
  const first = weekday(m);
  out.spaces(first * 3);
  const days = daysIn(m);
  for (let day = 1; day <= days; day++) {
    out.dec(day, 2);
    const ends = (first + day) % 7 == 0 || day == days;
    if (ends) out.newline();
    else out.byte(0x20);
  }
  out.newline();
}

/** Of the first day of the month: 0 is Monday. */
function weekday(m: i32): i32 {
  const y = m <= 2 ? year - 1 : year;
  const shifted = m <= 2 ? m + 9 : m - 3;
  // Days since 1 March of year 0, which was a Wednesday.
  return <i32>((y * 365 + y / 4 - y / 100 + y / 400 + (153 * shifted + 2) / 5 + 2) % 7);
}

function daysIn(m: i32): i32 {
  if (m == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
  return m == 4 || m == 6 || m == 9 || m == 11 ? 30 : 31;
}

function monthName(m: i32): string {
  switch (m) {
    case 1:
      return "January";
    case 2:
      return "February";
    case 3:
      return "March";
    case 4:
      return "April";
    case 5:
      return "May";
    case 6:
      return "June";
    case 7:
      return "July";
    case 8:
      return "August";
    case 9:
      return "September";
    case 10:
      return "October";
    case 11:
      return "November";
  }
  return "December";
}
