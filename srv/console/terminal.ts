// Terminal: what one virtual terminal shows: two buffers, the current attributes and modes, and what printed characters and control
// characters do. Follows @xterm/xterm, which shows the same stream on the page.
//
// Not here: escape sequences (parser.ts finds them, sequences.ts and rendition.ts perform them), pixels (draw.ts).

import { codeWidth } from "../../lib/width";
import { Color } from "./cell";
import {
  Buffer,
  bufferClear,
  bufferNew,
  bufferStart,
  cellAt,
  cellSet,
  cellWidth,
  rowInsert,
  rowsDown,
  rowsUp,
} from "./cells";

export const PARAMS_MAX = 32;
export const SUBS_MAX = 32;

export const enum Charset {
  ASCII = 0,
  BRITISH = 1,
  GRAPHICS = 2, // DEC Special Graphics
}

@unmanaged
export class Terminal {
  buffer: Buffer; // normal or alternate
  normal: Buffer;
  alternate: Buffer;
  ink: u32;
  paper: u32;
  flags: u32;
  charset: i32; // the one in use
  charsets: u32; // G0 to G3, a byte each
  level: i32; // which of them
  insert: bool;
  wrap: bool;
  origin: bool;
  newline: bool; // a line feed also returns to the first column
  hidden: bool; // the cursor is
  last: i32; // the character before, for REP and combining marks; 0 after anything else
  state: i32; // parser.ts
  collect: u32; // prefix and intermediate bytes
  bytesLeft: i32; // of a UTF-8 sequence
  code: i32;
  codeLeast: i32; // smaller ones may not be written in so many bytes
  paramCount: i32;
  subCount: i32;
  isSub: bool; // digits belong to the last sub-parameter
  full: bool; // more parameters than fit
  params: StaticParams;
}

/** Offsets in the memory after a Terminal: i32 parameters, then u8 ends of their sub-parameters, then i32 sub-parameters. */
@unmanaged
export class StaticParams {}

const PARAMS_BYTES = PARAMS_MAX * 8 + SUBS_MAX * 4;

export function terminalNew(columns: i32, rows: i32): Terminal {
  const bytes = offsetof<Terminal>() + PARAMS_BYTES;
  const t = changetype<Terminal>(heap.alloc(bytes));
  memory.fill(changetype<usize>(t), 0, bytes);
  t.params = changetype<StaticParams>(changetype<usize>(t) + offsetof<Terminal>());
  t.normal = bufferNew();
  t.alternate = bufferNew();
  t.newline = true;
  terminalStart(t, columns, rows);
  return t;
}

/** As new, of this size. */
export function terminalStart(t: Terminal, columns: i32, rows: i32): void {
  bufferStart(t.normal, columns, rows);
  bufferStart(t.alternate, columns, rows);
  t.newline = true;
  terminalReset(t);
}

/** RIS: everything but the newline mode, which is the line's and not the terminal's. */
export function terminalReset(t: Terminal): void {
  t.buffer = t.normal;
  bufferStart(t.normal, t.normal.columns, t.normal.rows);
  bufferStart(t.alternate, t.normal.columns, t.normal.rows);
  renditionReset(t);
  modesReset(t);
  t.state = 0;
  t.bytesLeft = 0;
  t.last = 0;
}

export function renditionReset(t: Terminal): void {
  t.ink = Color.DEFAULT;
  t.paper = Color.DEFAULT;
  t.flags = 0;
}

/** Modes and character sets as at the start. */
export function modesReset(t: Terminal): void {
  t.insert = false;
  t.wrap = true;
  t.origin = false;
  t.hidden = false;
  t.charset = Charset.ASCII;
  t.charsets = 0;
  t.level = 0;
}

/** Shows the alternate buffer, blank, or the normal one as it was; the cursor stays where it is. */
export function terminalAlternate(t: Terminal, on: bool): void {
  const to = on ? t.alternate : t.normal;
  const from = t.buffer;
  if (to === from) return;
  if (on) bufferClear(to, t.paper);
  to.x = from.x;
  to.y = from.y;
  t.buffer = to;
  if (!on) bufferClear(from, Color.DEFAULT);
}

export function cursorSave(t: Terminal): void {
  const b = t.buffer;
  b.savedX = b.x;
  b.savedRow = b.scrolled + b.y;
  b.savedInk = t.ink;
  b.savedPaper = t.paper;
  b.savedFlags = t.flags;
  b.savedCharset = t.charset;
}

export function cursorRestore(t: Terminal): void {
  const b = t.buffer;
  b.x = b.savedX;
  b.y = max(b.savedRow - b.scrolled, 0);
  t.ink = b.savedInk;
  t.paper = b.savedPaper;
  t.flags = b.savedFlags;
  t.charset = b.savedCharset;
  cursorClamp(t, b.columns - 1);
}

/** Brings the cursor back inside: columns up to xMost, rows of the region in origin mode. */
export function cursorClamp(t: Terminal, xMost: i32): void {
  const b = t.buffer;
  b.x = min(max(b.x, 0), xMost);
  if (t.origin) b.y = min(max(b.y, b.top), b.bottom);
  else b.y = min(max(b.y, 0), b.rows - 1);
}

/** A line feed, without its carriage return: the next row, scrolling at the region's end. */
export function lineDown(t: Terminal): void {
  const b = t.buffer;
  if (b.y == b.bottom) {
    if (b.top == 0 && b === t.normal) b.scrolled++;
    rowsUp(b, b.top, b.bottom, 1, t.paper);
  } else if (b.y < b.rows - 1) b.y++;
}

/** RI: the row above, scrolling at the region's start. */
export function lineUp(t: Terminal): void {
  const b = t.buffer;
  cursorClamp(t, b.columns - 1);
  if (b.y == b.top) rowsDown(b, b.top, b.bottom, 1, t.paper);
  else if (b.y > 0) b.y--;
}

/** One control character, C0 or C1. */
export function controlPerform(t: Terminal, code: i32): void {
  const b = t.buffer;
  t.last = 0;
  switch (code) {
    case 8:
      cursorClamp(t, b.columns - 1);
      if (b.x > 0) b.x--;
      return;
    case 9:
      tabForward(b, 1);
      return;
    case 10:
    case 11:
    case 12:
      if (t.newline) b.x = 0;
      lineDown(t);
      if (b.x >= b.columns) b.x--;
      return;
    case 13:
      b.x = 0;
      return;
    case 14:
      charsetShift(t, 1);
      return;
    case 15:
      charsetShift(t, 0);
      return;
    case 0x84:
      index(t);
      return;
    case 0x85:
      b.x = 0;
      index(t);
      return;
    case 0x88:
      tabSet(b);
  }
}

export function index(t: Terminal): void {
  cursorClamp(t, t.buffer.columns - 1);
  lineDown(t);
}

export function tabSet(b: Buffer): void {
  if (b.x < b.columns) store<u8>(b.tabs + b.x, 1);
}

export function tabForward(b: Buffer, n: i32): void {
  if (b.x >= b.columns) return;
  for (let i = 0; i < n && b.x < b.columns - 1; i++) {
    do b.x++;
    while (b.x < b.columns - 1 && load<u8>(b.tabs + b.x) == 0);
  }
}

export function tabBack(b: Buffer, n: i32): void {
  if (b.x >= b.columns) return;
  for (let i = 0; i < n && b.x > 0; i++) {
    do b.x--;
    while (b.x > 0 && load<u8>(b.tabs + b.x) == 0);
  }
}

/** G0 to G3 is the character set in use from now on. */
export function charsetShift(t: Terminal, level: i32): void {
  t.level = level;
  t.charset = (t.charsets >> (level * 8)) & 0xff;
}

export function charsetSet(t: Terminal, level: i32, charset: i32): void {
  t.charsets = (t.charsets & ~(0xff << (level * 8))) | (charset << (level * 8));
  if (t.level == level) t.charset = charset;
}

/** Prints one character at the cursor. A combining mark leaves the cell before it as it is: the font has none. */
export function characterPrint(t: Terminal, given: i32): void {
  const b = t.buffer;
  const code = t.charset == Charset.ASCII ? given : charsetMap(t.charset, given);
  const width = codeWidth(code);
  if (width == 0) return;
  if (b.x > 0 && cellWidth(cellAt(b, b.x - 1, b.y)) == 2) blank(t, b.x - 1);
  if (b.x + width > b.columns) {
    if (t.wrap) {
      while (b.x < b.columns) blank(t, b.x++);
      b.x = 0;
      lineDown(t);
    } else {
      b.x = b.columns - 1;
      if (width == 2) return;
    }
  }
  if (t.insert) rowInsert(b, b.y, b.x, width, t.ink, t.paper, t.flags);
  cellSet(cellAt(b, b.x++, b.y), code, width, t.ink, t.paper, t.flags);
  if (width == 2) cellSet(cellAt(b, b.x++, b.y), 0, 0, t.ink, t.paper, t.flags);
  if (b.x < b.columns && load<u32>(cellAt(b, b.x, b.y)) == 0) blank(t, b.x);
  t.last = given;
}

function blank(t: Terminal, x: i32): void {
  cellSet(cellAt(t.buffer, x, t.buffer.y), 0, 1, t.ink, t.paper, t.flags);
}

/** DEC Special Graphics for ` to ~, as VT102 User Guide table 5-13 has them. */
const GRAPHICS: usize = memory.data<u16>([
  0x25c6, 0x2592, 0x2409, 0x240c, 0x240d, 0x240a, 0x00b0, 0x00b1, 0x2424, 0x240b, 0x2518, 0x2510,
  0x250c, 0x2514, 0x253c, 0x23ba, 0x23bb, 0x2500, 0x23bc, 0x23bd, 0x251c, 0x2524, 0x2534, 0x252c,
  0x2502, 0x2264, 0x2265, 0x03c0, 0x2260, 0x00a3, 0x00b7,
]);

function charsetMap(charset: i32, code: i32): i32 {
  if (charset == Charset.BRITISH) return code == 0x23 ? 0xa3 : code;
  return code >= 0x60 && code <= 0x7e ? <i32>load<u16>(GRAPHICS + (code - 0x60) * 2) : code;
}
