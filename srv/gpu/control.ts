// The words of /dev/gpu/ctl:  mode WxH[@HZ] · format bgrx|rgbx · flush [X Y W H] · blank [off] · pan X Y
//
// One command a line. The first wrong one ends the text with EINVAL; those before it have been done.

import { PixelFormat } from "../../abi/display";
import { Errno } from "../../abi/errno";
import { bytesAre, isSpace, parsedBytes, parseNumber } from "../../lib/text";
import { blankSet, formatSet, modeSet, panSet, present, screen } from "./adapter";

let at: usize = 0;
let end: usize = 0;
let wordBytes: i32 = 0;

/** Performs every line of a text; 0 or -errno. */
export function controlText(text: usize, bytes: i32): i32 {
  const stop = text + bytes;
  while (text < stop) {
    at = text;
    while (text < stop && load<u8>(text) != 10 && load<u8>(text) != 0) text++;
    end = text++;
    const r = controlLine();
    if (r < 0) return r;
  }
  return 0;
}

function controlLine(): i32 {
  const word = wordNext();
  if (wordBytes == 0) return 0;
  if (bytesAre(word, wordBytes, "mode")) return mode();
  if (bytesAre(word, wordBytes, "format")) return format();
  if (bytesAre(word, wordBytes, "flush")) return flush();
  if (bytesAre(word, wordBytes, "blank")) return blank();
  if (bytesAre(word, wordBytes, "pan")) return pan();
  return -Errno.EINVAL;
}

/** The rate after "@" is taken and ignored: pictures come at the host's rate. */
function mode(): i32 {
  const word = wordNext();
  const n = wordBytes;
  const width = parseNumber(word, n);
  let used = parsedBytes;
  if (used == 0 || used >= n || (load<u8>(word + used) | 0x20) != 0x78) return -Errno.EINVAL;
  const height = parseNumber(word + used + 1, n - used - 1);
  if (parsedBytes == 0) return -Errno.EINVAL;
  used += 1 + parsedBytes;
  if (used < n) {
    if (load<u8>(word + used) != 0x40) return -Errno.EINVAL;
    const rate = parseNumber(word + used + 1, n - used - 1);
    if (parsedBytes == 0 || used + 1 + parsedBytes != n || rate <= 0) return -Errno.EINVAL;
  }
  if (width <= 0 || height <= 0 || width > 0xffff || height > 0xffff || !lineEnds())
    return -Errno.EINVAL;
  return modeSet(<i32>width, <i32>height);
}

function format(): i32 {
  const word = wordNext();
  const n = wordBytes;
  if (!lineEnds()) return -Errno.EINVAL;
  if (bytesAre(word, n, "bgrx")) formatSet(PixelFormat.BGRX);
  else if (bytesAre(word, n, "rgbx")) formatSet(PixelFormat.RGBX);
  else return -Errno.EINVAL;
  return 0;
}

/** The rectangle is checked; the whole screen is presented, for only what was drained can have changed. */
function flush(): i32 {
  if (!lineEnds()) {
    const x = numberNext();
    const y = numberNext();
    const width = numberNext();
    const height = numberNext();
    if (x < 0 || y < 0 || width <= 0 || height <= 0 || !lineEnds()) return -Errno.EINVAL;
    if (x + width > <i64>screen.width || y + height > <i64>screen.height) return -Errno.EINVAL;
  }
  present();
  return 0;
}

function blank(): i32 {
  const word = wordNext();
  const n = wordBytes;
  if (!lineEnds()) return -Errno.EINVAL;
  if (n == 0 || bytesAre(word, n, "on") || bytesAre(word, n, "1")) blankSet(true);
  else if (bytesAre(word, n, "off") || bytesAre(word, n, "0")) blankSet(false);
  else return -Errno.EINVAL;
  return 0;
}

function pan(): i32 {
  const x = numberNext();
  const y = numberNext();
  if (x < 0 || y < 0 || x > 65535 || y > 65535 || !lineEnds()) return -Errno.EINVAL;
  return panSet(<i32>x, <i32>y);
}

function wordNext(): usize {
  while (at < end && isSpace(load<u8>(at))) at++;
  const word = at;
  while (at < end && !isSpace(load<u8>(at))) at++;
  wordBytes = <i32>(at - word);
  return word;
}

/** A number, or -1. */
function numberNext(): i64 {
  const word = wordNext();
  const value = parseNumber(word, wordBytes);
  return wordBytes > 0 && parsedBytes == wordBytes && value <= 0xffffffff ? value : -1;
}

function lineEnds(): bool {
  while (at < end && isSpace(load<u8>(at))) at++;
  return at >= end;
}
