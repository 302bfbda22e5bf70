// read: one line of standard input into variables, byte by byte so that what follows stays for others.
//
//   read [-r] [-p PROMPT] [NAME ...]     the last NAME gets the rest of the line; without names, REPLY

import { err } from "../../lib/fmt";
import { read } from "../../lib/sys";
import { cstrIs, cstrLength, isSpace } from "../../lib/text";
import { fdOf } from "./redirect";
import { varSet } from "./vars";

const LINE_BYTES = 16384;
const line: usize = memory.data(16384);
const REPLY: usize = memory.data<u8>([0x52, 0x45, 0x50, 0x4c, 0x59, 0]);

export function readRun(word: usize, count: i32): i32 {
  let raw = false;
  for (; count > 0 && load<u8>(word) == 0x2d; count--) {
    if (cstrIs(word, "-r")) raw = true;
    else if (cstrIs(word, "-p") && count > 1) {
      word += 3;
      count--;
      err.cstr(word).flush();
    } else {
      err.text("sh: read: ").cstr(word).text(": no such option").newline();
      return 2;
    }
    word += cstrLength(word) + 1;
  }
  let ended = true;
  let n = 0;
  while (read(fdOf(0), line + n, 1) == 1) {
    const c: i32 = load<u8>(line + n);
    if (c == 10) {
      if (!raw && n > 0 && load<u8>(line + n - 1) == 0x5c) {
        n--;
        continue;
      }
      ended = false;
      break;
    }
    if (n < LINE_BYTES - 1) n++;
  }
  if (!raw) n = unescape(n);
  let p = line;
  let end = line + n;
  if (count == 0) {
    varSet(REPLY, 5, p, n);
    return ended ? 1 : 0;
  }
  while (end > p && isSpace(load<u8>(end - 1))) end--;
  for (let i = 0; i < count; i++) {
    while (p < end && isSpace(load<u8>(p))) p++;
    let q = p;
    if (i == count - 1) q = end;
    else while (q < end && !isSpace(load<u8>(q))) q++;
    varSet(word, cstrLength(word), p, <i32>(q - p));
    p = q;
    word += cstrLength(word) + 1;
  }
  return ended ? 1 : 0;
}

/** A backslash stands for the byte after it. */
function unescape(n: i32): i32 {
  let to = 0;
  for (let i = 0; i < n; i++) {
    if (load<u8>(line + i) == 0x5c && i + 1 < n) i++;
    store<u8>(line + to++, load<u8>(line + i));
  }
  return to;
}
