// The words of /dev/gpu/ctl, and of a file of fb, whose view they are about:
//
//   mode WxH[@HZ]     size of the view's picture; HZ: tell it of at most so many vblanks a second
//   format bgrx|rgbx  byte order of its pixels
//   frames N          room for N frames one below the other
//   pan 0 ROW         show the view from this row on
//   flush [X Y W H]   show what was drawn, whoever drew it: the whole picture, or exactly these pixels
//   blank [off]       picture off, on again
//   take · drop       a view of its own for this file of fb, on the screen; back to the base view
//   vblank on|off     count vblanks in the view's page
//   show [VIEW]       put a view on top (without a number: this one); another's, or the base view: root
//   revoke [VIEW]     take the view's pixels back from whoever has mapped them; so too
//   vt N              virtual terminal N is looked at: show its views; the console server says it, and needs to be root
//
// One command a line. The first wrong one ends the text with its errno; those before it have been done.

import { Vt } from "../../abi/console";
import { PixelFormat } from "../../abi/display";
import { Errno } from "../../abi/errno";
import { clientUid } from "../../lib/server";
import { mflush } from "../../lib/sys";
import { bytesAre, isSpace, parsedBytes, parseNumber } from "../../lib/text";
import { SECOND } from "../../lib/time";
import { blanked, blankSet, modeExists, present } from "./adapter";
import { Slot, slotDrop, slotTake, slotVblank } from "./handles";
import { refuse } from "./reason";
import {
  showTop,
  VIEWS,
  viewAt,
  viewFormat,
  viewFrame,
  viewFrameBytes,
  viewFrames,
  viewMode,
  viewPan,
  viewRevoke,
  viewShow,
  viewTerminal,
} from "./views";

let at: usize = 0;
let end: usize = 0;
let wordBytes: i32 = 0;

/** Performs every line of a text; 0 or -errno. */
export function controlText(slot: Slot, text: usize, bytes: i32): i32 {
  const stop = text + bytes;
  while (text < stop) {
    at = text;
    while (text < stop && load<u8>(text) != 10 && load<u8>(text) != 0) text++;
    end = text++;
    const r = controlLine(slot);
    if (r < 0) return r;
  }
  return 0;
}

function controlLine(slot: Slot): i32 {
  const word = wordNext();
  if (wordBytes == 0) return 0;
  if (bytesAre(word, wordBytes, "mode")) return mode(slot.view);
  if (bytesAre(word, wordBytes, "format")) return format(slot.view);
  if (bytesAre(word, wordBytes, "frames")) return frames(slot.view);
  if (bytesAre(word, wordBytes, "pan")) return pan(slot.view);
  if (bytesAre(word, wordBytes, "flush")) return flush(slot.view);
  if (bytesAre(word, wordBytes, "blank")) return blank();
  if (bytesAre(word, wordBytes, "take")) return lineEnds() ? slotTake(slot) : extra();
  if (bytesAre(word, wordBytes, "drop")) return drop(slot);
  if (bytesAre(word, wordBytes, "vblank")) return vblank(slot);
  if (bytesAre(word, wordBytes, "show")) return show(slot.view);
  if (bytesAre(word, wordBytes, "revoke")) return revoke(slot.view);
  if (bytesAre(word, wordBytes, "vt")) return terminal();
  return refuse(
    Errno.EINVAL,
    "ctl takes mode, format, frames, pan, flush, blank, take, drop, vblank, show, revoke, vt",
  );
}

function mode(i: i32): i32 {
  const word = wordNext();
  const n = wordBytes;
  const width = parseNumber(word, n);
  let used = parsedBytes;
  if (used == 0 || used >= n || (load<u8>(word + used) | 0x20) != 0x78) return modeForm();
  const height = parseNumber(word + used + 1, n - used - 1);
  if (parsedBytes == 0) return modeForm();
  used += 1 + parsedBytes;
  let rate: i64 = 0;
  if (used < n) {
    if (load<u8>(word + used) != 0x40) return modeForm();
    rate = parseNumber(word + used + 1, n - used - 1);
    if (parsedBytes == 0 || used + 1 + parsedBytes != n || rate <= 0 || rate > 1000)
      return modeForm();
  }
  if (!lineEnds()) return extra();
  if (width <= 0 || height <= 0 || width > 0xffff || height > 0xffff) return noMode();
  if (!modeExists(<i32>width, <i32>height)) return noMode();
  const view = viewAt(i);
  if (viewMode(i, <i32>width, <i32>height, view.format) < 0)
    return refuse(Errno.EINVAL, "mode: no room in VRAM beside the other views");
  view.period = rate == 0 ? 0 : SECOND / rate;
  view.last = 0;
  return 0;
}

function modeForm(): i32 {
  return refuse(Errno.EINVAL, "mode takes WIDTHxHEIGHT or WIDTHxHEIGHT@HZ");
}

function noMode(): i32 {
  return refuse(Errno.EINVAL, "mode: sizes are 320x200 to 1920x1080, as far as VRAM holds them");
}

function extra(): i32 {
  return refuse(Errno.EINVAL, "too many words");
}

function format(i: i32): i32 {
  const word = wordNext();
  const n = wordBytes;
  if (!lineEnds()) return extra();
  if (bytesAre(word, n, "bgrx")) viewFormat(i, PixelFormat.BGRX);
  else if (bytesAre(word, n, "rgbx")) viewFormat(i, PixelFormat.RGBX);
  else return refuse(Errno.EINVAL, "format takes bgrx or rgbx");
  return 0;
}

function frames(i: i32): i32 {
  const n = numberNext();
  if (n < 1 || n > 3 || !lineEnds()) return refuse(Errno.EINVAL, "frames takes 1, 2 or 3");
  if (viewFrames(i, <i32>n) < 0) return refuse(Errno.EINVAL, "frames: no room in VRAM");
  return 0;
}

function pan(i: i32): i32 {
  const x = numberNext();
  const y = numberNext();
  if (x != 0 || y < 0 || y > 65535 || !lineEnds())
    return refuse(Errno.EINVAL, "pan takes 0 and a row");
  if (viewPan(i, <i32>y) < 0)
    return refuse(Errno.EINVAL, "pan: the picture would end outside the view");
  return 0;
}

function flush(i: i32): i32 {
  const view = viewAt(i);
  if (lineEnds()) return mflush(viewFrame(view), viewFrameBytes(view), 1, viewFrameBytes(view));
  const x = numberNext();
  const y = numberNext();
  const width = numberNext();
  const height = numberNext();
  if (x < 0 || y < 0 || width <= 0 || height <= 0 || !lineEnds())
    return refuse(Errno.EINVAL, "flush takes nothing, or X Y WIDTH HEIGHT");
  if (x + width > <i64>view.width || y + height > <i64>view.height)
    return refuse(Errno.EINVAL, "flush: the rectangle ends outside the picture");
  const first = viewFrame(view) + <usize>y * view.strideBytes + <usize>x * 4;
  return mflush(first, <u32>width * 4, <u32>height, view.strideBytes);
}

function blank(): i32 {
  const word = wordNext();
  const n = wordBytes;
  if (!lineEnds()) return extra();
  if (n == 0 || bytesAre(word, n, "on") || bytesAre(word, n, "1")) {
    blankSet(true);
    present();
  } else if (bytesAre(word, n, "off") || bytesAre(word, n, "0")) {
    if (blanked) showTop();
  } else return refuse(Errno.EINVAL, "blank takes nothing or off");
  return 0;
}

function drop(slot: Slot): i32 {
  if (!lineEnds()) return extra();
  slotDrop(slot);
  return 0;
}

function vblank(slot: Slot): i32 {
  const word = wordNext();
  const n = wordBytes;
  if (!lineEnds()) return extra();
  if (bytesAre(word, n, "on")) slotVblank(slot, true);
  else if (bytesAre(word, n, "off")) slotVblank(slot, false);
  else return refuse(Errno.EINVAL, "vblank takes on or off");
  return 0;
}

function show(own: i32): i32 {
  const i = viewNext(own);
  if (i < 0) return i;
  viewShow(i);
  return 0;
}

function revoke(own: i32): i32 {
  const i = viewNext(own);
  return i < 0 ? i : viewRevoke(i);
}

function terminal(): i32 {
  const vt = numberNext();
  if (vt < Vt.FIRST || vt > Vt.COUNT || !lineEnds())
    return refuse(Errno.EINVAL, "vt takes the number of a virtual terminal");
  if (clientUid() != 0) return refuse(Errno.EPERM, "only root says which terminal is looked at");
  viewTerminal(<i32>vt);
  return 0;
}

/** The view whose number comes next and last on the line, `own` without one; -ENOENT. Another's is root's business: -EPERM. */
function viewNext(own: i32): i32 {
  if (lineEnds()) return own == 0 ? rootOr(0) : own;
  const i = numberNext();
  if (!lineEnds()) return extra();
  if (i < 0 || i >= VIEWS || viewAt(<i32>i).used == 0)
    return refuse(Errno.ENOENT, "there is no such view");
  return i == own && own != 0 ? own : rootOr(<i32>i);
}

function rootOr(i: i32): i32 {
  return clientUid() == 0 ? i : refuse(Errno.EPERM, "only root shows or revokes another's view");
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
