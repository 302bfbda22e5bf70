// How long something takes, as people write it: 2, 0.25, 1.5s, 10m, 1h, 1d, or infinity.

import { cstrIs, cstrLength, isDigit } from "./text";
import { SECOND } from "./time";

export const FOREVER: i64 = 9000000000000000000; // 285 years; what is longer is this

/** Nanoseconds; -1 when the text is no time. */
export function durationRead(text: usize): i64 {
  if (cstrIs(text, "inf") || cstrIs(text, "infinity")) return FOREVER;
  const n = cstrLength(text);
  const scale = n > 0 ? scaleOf(load<u8>(text + n - 1)) : 0;
  const end = scale > 0 ? n - 1 : n;
  const most = FOREVER / SECOND / max(scale, 1);
  let whole: i64 = 0;
  let part: i64 = 0; // in nanoseconds
  let unit = SECOND;
  let seen = 0;
  let i = 0;
  for (; i < end && isDigit(load<u8>(text + i)); i++) {
    whole = min(whole * 10 + load<u8>(text + i) - 0x30, most);
    seen++;
  }
  if (i < end && load<u8>(text + i) == 0x2e) {
    for (i++; i < end && isDigit(load<u8>(text + i)); i++) {
      unit /= 10;
      part += <i64>(load<u8>(text + i) - 0x30) * unit;
      seen++;
    }
  }
  if (seen == 0 || i < end) return -1;
  return durationAdd(whole * SECOND * max(scale, 1), part * max(scale, 1));
}

/** The sum, FOREVER at most. */
export function durationAdd(a: i64, b: i64): i64 {
  return a > FOREVER - b ? FOREVER : a + b;
}

/** Seconds in a unit, 0 for another letter. */
function scaleOf(c: i32): i64 {
  switch (c) {
    case 0x73:
      return 1;
    case 0x6d:
      return 60;
    case 0x68:
      return 3600;
    case 0x64:
      return 86400;
  }
  return 0;
}
