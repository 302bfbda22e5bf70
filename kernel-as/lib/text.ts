// Text: the output window of generated kernel files. A generator prints a file from its start; only the bytes that fall in the
// reader's window [offset, offset + room) are kept, so no file needs a buffer of its own size.
//
// Locks     kernel lock: one window, used by one generator at a time.

import { literalLength } from "./bytes";
import { FMT_BYTES, fmtDec, fmtHex } from "./fmt";
import { Vars } from "./vars";

const enum TextVar {
  POSITION = 0x80, // u64 bytes printed so far
  OFFSET = 0x88, // u64 first byte of the window
  DST = 0x90,
  ROOM = 0x94,
  KEPT = 0x98,
  SCRATCH = 0xa0, // FMT_BYTES
}

/** Opens a window: bytes from `offset` of what is printed next go to dst, at most room of them. */
export function textBegin(dst: usize, offset: u64, room: u32): void {
  store<u64>(Vars.LIB, 0, TextVar.POSITION);
  store<u64>(Vars.LIB, offset, TextVar.OFFSET);
  store<u32>(Vars.LIB, dst, TextVar.DST);
  store<u32>(Vars.LIB, room, TextVar.ROOM);
  store<u32>(Vars.LIB, 0, TextVar.KEPT);
}

/** Closes the window; returns the bytes kept in dst. */
export function textEnd(): u32 {
  return load<u32>(Vars.LIB, TextVar.KEPT);
}

/** Bytes printed since textBegin, kept or not. */
export function textPosition(): u64 {
  return load<u64>(Vars.LIB, TextVar.POSITION);
}

export function textByte(value: u8): void {
  const position = load<u64>(Vars.LIB, TextVar.POSITION);
  store<u64>(Vars.LIB, position + 1, TextVar.POSITION);
  const kept = load<u32>(Vars.LIB, TextVar.KEPT);
  if (position < load<u64>(Vars.LIB, TextVar.OFFSET) || kept >= load<u32>(Vars.LIB, TextVar.ROOM))
    return;
  store<u8>(load<u32>(Vars.LIB, TextVar.DST) + kept, value);
  store<u32>(Vars.LIB, kept + 1, TextVar.KEPT);
}

export function textBytes(p: usize, n: usize): void {
  for (let i: usize = 0; i < n; i++) textByte(load<u8>(p + i));
}

export function text(s: string): void {
  const n = literalLength(s);
  for (let i: u32 = 0; i < n; i++) textByte(load<u8>(changetype<usize>(s) + (i << 1)));
}

export function textDec(value: u64): void {
  const scratch = Vars.LIB + TextVar.SCRATCH;
  textBytes(scratch, fmtDec(scratch, value));
}

/** Decimal, padded with spaces on the left to `width` columns. */
export function textDecPad(value: u64, width: u32): void {
  const scratch = Vars.LIB + TextVar.SCRATCH;
  const n = fmtDec(scratch, value);
  for (let i = n; i < width; i++) textByte(32);
  textBytes(scratch, n);
}

export function textHex(value: u64, digits: u32): void {
  const scratch = Vars.LIB + TextVar.SCRATCH;
  textBytes(scratch, fmtHex(scratch, value, digits));
}

if (TextVar.SCRATCH + FMT_BYTES > 0x100) ERROR("the text window's variables overlap the next ones");
