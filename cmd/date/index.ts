// date: the time now, or another one, in UTC.

import { Clock } from "../../abi/syscall";
import { arg, argBytes, argc } from "../../lib/args";
import {
  calendarJoin,
  calendarSplit,
  day,
  hour,
  minute,
  month,
  putTwo,
  second,
  weekDay,
  year,
  yearDay,
} from "../../lib/calendar";
import { err, out } from "../../lib/fmt";
import { option, options, optionText } from "../../lib/options";
import { complain, finish, help, usage } from "../../lib/program";
import { clock } from "../../lib/sys";
import { cstrLength, isDigit, parsedBytes, parseNumber } from "../../lib/text";
import { SECOND } from "../../lib/time";

const USAGE = "date [-u] [-I] [-d TIME] [+FORMAT]";
const DAYS = "Sunday    Monday    Tuesday   Wednesday Thursday  Friday    Saturday  ";
const MONTHS =
  "January   February  March     April     May       June      July      August    September October   November  December  ";
const NAME_CELLS = 10;
let ns: i64 = 0;

export function _start(): void {
  help(
    "date [-u] [-I] [-d TIME] [+FORMAT]: date and time in UTC; -I: the date alone; FORMAT: %Y %m %d %H %M %S %s %a %b %j %F %T and others of strftime; TIME: @SECONDS or YYYY-MM-DD [HH:MM[:SS]]\n  date '+%F %T'",
  );
  const i = options("ud:I", USAGE);
  ns = clock(Clock.REALTIME);
  const given = optionText("d");
  if (given != 0) ns = timeRead(given) * SECOND;
  calendarSplit(ns / SECOND);
  if (argc() > i + 1 || (argc() > i && load<u8>(arg(i)) != 0x2b)) usage(USAGE);
  if (argc() > i) {
    for (let k = 1; k < argBytes(i); k++) {
      const c: i32 = load<u8>(arg(i) + k);
      if (c == 0x25 && k + 1 < argBytes(i)) put(load<u8>(arg(i) + ++k));
      else out.byte(c);
    }
  } else {
    put(0x46);
    if (!option("I")) {
      out.byte(0x20);
      put(0x54);
      out.text(" UTC");
    }
  }
  out.newline();
  finish(0);
}

/** Seconds since 1970; ends the program when the text is no time. */
function timeRead(p: usize): i64 {
  const n = cstrLength(p);
  if (load<u8>(p) == 0x40) {
    const seconds = parseNumber(p + 1, n - 1);
    if (parsedBytes == n - 1 && n > 1) return seconds;
  } else {
    at = p;
    const y = part(0x2d);
    const m = part(0x2d);
    const d = part(0x20);
    const h = load<u8>(at) != 0 ? part(0x3a) : 0;
    const min = load<u8>(at) != 0 ? part(0x3a) : 0;
    const s = load<u8>(at) != 0 ? part(0) : 0;
    if (at == p + n && m >= 1 && m <= 12 && d >= 1 && d <= 31 && h < 24 && min < 60 && s < 61) {
      const seconds = calendarJoin(y, m, d, h, min, s);
      calendarSplit(seconds - s);
      if (<i64>month == m) return seconds;
    }
  }
  complain();
  err.cstr(p).text(": not a time; like 2026-01-31 09:05 or @0").newline();
  finish(1);
  return 0;
}

let at: usize = 0;

/** A number, and the byte behind it; -1, and nothing is taken, when that is not there. */
function part(after: i32): i64 {
  const number = at;
  while (isDigit(load<u8>(at))) at++;
  const bytes = <i32>(at - number);
  const c: i32 = load<u8>(at);
  const isT = after == 0x20 && c == 0x54; // 2026-01-31T09:05
  if (bytes == 0 || (c != after && !isT && c != 0)) return -1;
  if (c != 0) at++;
  return parseNumber(number, bytes);
}

/** One letter of strftime. */
function put(c: i32): void {
  switch (c) {
    case 0x59:
      out.dec(year);
      return;
    case 0x79:
      putTwo(year % 100);
      return;
    case 0x43:
      putTwo(year / 100);
      return;
    case 0x6d:
      putTwo(month);
      return;
    case 0x64:
      putTwo(day);
      return;
    case 0x65:
      out.dec(day, 2);
      return;
    case 0x48:
      putTwo(hour);
      return;
    case 0x6b:
      out.dec(hour, 2);
      return;
    case 0x49:
      putTwo(((hour + 11) % 12) + 1);
      return;
    case 0x6c:
      out.dec(((hour + 11) % 12) + 1, 2);
      return;
    case 0x70:
      out.text(hour < 12 ? "AM" : "PM");
      return;
    case 0x4d:
      putTwo(minute);
      return;
    case 0x53:
      putTwo(second);
      return;
    case 0x73:
      out.dec(ns / SECOND);
      return;
    case 0x4e: {
      let unit: i64 = SECOND / 10;
      for (; unit > 0; unit /= 10) out.byte(0x30 + <i32>(((ns % SECOND) / unit) % 10));
      return;
    }
    case 0x6a:
      if (yearDay < 100) out.byte(0x30);
      putTwo(yearDay);
      return;
    case 0x75:
      out.dec(weekDay == 0 ? 7 : weekDay);
      return;
    case 0x77:
      out.dec(weekDay);
      return;
    case 0x61:
    case 0x41:
      name(DAYS, weekDay, c == 0x61);
      return;
    case 0x62:
    case 0x68:
    case 0x42:
      name(MONTHS, month - 1, c != 0x42);
      return;
    case 0x5a:
      out.text("UTC");
      return;
    case 0x7a:
      out.text("+0000");
      return;
    case 0x46:
      parts("Y-m-d");
      return;
    case 0x54:
    case 0x58:
      parts("H:M:S");
      return;
    case 0x52:
      parts("H:M");
      return;
    case 0x44:
    case 0x78:
      parts("m/d/y");
      return;
    case 0x63:
      parts("a b e H:M:S Y");
      return;
    case 0x6e:
      out.newline();
      return;
    case 0x74:
      out.byte(9);
      return;
    case 0x25:
      out.byte(c);
      return;
  }
  out.byte(0x25).byte(c);
}

/** Letters of a format; what is none of them is itself. */
function parts(letters: string): void {
  for (let i = 0; i < letters.length; i++) {
    const c = letters.charCodeAt(i);
    if ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a) put(c);
    else out.byte(c);
  }
}

function name(names: string, i: i32, short: bool): void {
  const from = i * NAME_CELLS;
  for (let k = from; k < from + (short ? 3 : NAME_CELLS); k++) {
    const c = names.charCodeAt(k);
    if (c != 0x20) out.byte(c);
  }
}
