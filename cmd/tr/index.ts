// tr: replaces or deletes bytes.

import { arg, argc, argIs } from "../../lib/args";
import { out } from "../../lib/fmt";
import { finish, help, usage } from "../../lib/program";
import { read } from "../../lib/sys";

const USAGE = "tr SET SET | tr -d SET | tr -s SET";
const buffer: usize = memory.data(16384);
const from: usize = memory.data(1024);
const to: usize = memory.data(1024);
const map: usize = memory.data(256);
const member: usize = memory.data(256);

export function _start(): void {
  help(
    "tr SET SET, tr -d SET, tr -s SET: replaces, deletes or squeezes bytes of standard input; a SET is like a-z0-9\\n",
  );
  const drops = argIs(1, "-d");
  const squeezes = argIs(1, "-s");
  const option = drops || squeezes;
  if (argc() != 3) usage(USAGE);
  const n = set(from, arg(option ? 2 : 1));
  const m = option ? 0 : set(to, arg(2));
  if (!option && m == 0) usage(USAGE);
  for (let c = 0; c < 256; c++) store<u8>(map + c, c);
  for (let i = 0; i < n; i++) {
    store<u8>(member + load<u8>(from + i), 1);
    if (!option) store<u8>(map + load<u8>(from + i), load<u8>(to + min(i, m - 1)));
  }
  let last = -1;
  for (let got = read(0, buffer, 16384); got > 0; got = read(0, buffer, 16384)) {
    for (let i = 0; i < got; i++) {
      const c: i32 = load<u8>(buffer + i);
      const listed = load<u8>(member + c) != 0;
      if ((drops && listed) || (squeezes && listed && c == last)) continue;
      out.byte(load<u8>(map + c));
      last = c;
    }
    out.flush();
  }
  finish(0);
}

/** Writes the bytes of a set; how many, at most 1024. */
function set(at: usize, p: usize): i32 {
  let n = 0;
  while (load<u8>(p) != 0) {
    const low = byteAt(p);
    p += width(p);
    let high = low;
    if (load<u8>(p) == 0x2d && load<u8>(p + 1) != 0) {
      high = byteAt(p + 1);
      p += 1 + width(p + 1);
    }
    for (let c = low; c <= high && n < 1024; c++) store<u8>(at + n++, c);
  }
  return n;
}

function width(p: usize): i32 {
  return load<u8>(p) == 0x5c && load<u8>(p + 1) != 0 ? 2 : 1;
}

function byteAt(p: usize): i32 {
  if (width(p) == 1) return load<u8>(p);
  const c = load<u8>(p + 1);
  return c == 0x6e ? 10 : c == 0x74 ? 9 : c == 0x72 ? 13 : c;
}
