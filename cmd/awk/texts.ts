// Text: bytes that several values share.
//
// Invariants
//   X1  refs counts who holds the text: cells, keys, and whoever got it from a function that says "held". With the last one it is freed.
//   X2  A text of more than one holder is never changed.

import { blockAlloc, blockFree, blockRoom } from "./blocks";

const SHORT_BYTES = 64;

/** This, then the bytes. */
@unmanaged
export class Text {
  refs: i32;
  bytes: i32;
  room: i32; // bytes of its block

  /** Where the bytes are. */
  @inline
  get at(): usize {
    return changetype<usize>(this) + offsetof<Text>();
  }
}

/** A held text of so many bytes, which the caller fills in. */
export function textMake(bytes: i32): Text {
  const need = <i32>offsetof<Text>() + bytes;
  const text = changetype<Text>(blockAlloc(need));
  text.refs = 1;
  text.bytes = bytes;
  text.room = blockRoom(need);
  return text;
}

/** Copies bytes that do not overlap. A few are copied here: memory.copy is a call of the kernel's for each. */
export function bytesCopy(to: usize, from: usize, bytes: i32): void {
  if (bytes > SHORT_BYTES) {
    memory.copy(to, from, bytes);
    return;
  }
  let i = 0;
  for (; i + 8 <= bytes; i += 8) store<u64>(to + i, load<u64>(from + i));
  for (; i < bytes; i++) store<u8>(to + i, load<u8>(from + i));
}

/** A held text with these bytes. */
export function textOf(p: usize, bytes: i32): Text {
  const text = textMake(bytes);
  bytesCopy(text.at, p, bytes);
  return text;
}

/** A held text with an ASCII literal. */
export function textLiteral(literal: string): Text {
  const text = textMake(literal.length);
  for (let i = 0; i < literal.length; i++) store<u8>(text.at + i, literal.charCodeAt(i));
  return text;
}

export function textHold(text: Text): Text {
  text.refs++;
  return text;
}

export function textDrop(text: Text): void {
  if (--text.refs == 0) blockFree(changetype<usize>(text), text.room);
}

/** The text with more bytes at its end: the same one when only the caller holds it and it has room, else a new one. Takes the hold. */
export function textAppend(text: Text, p: usize, bytes: i32): Text {
  const before = text.bytes;
  const need = <i32>offsetof<Text>() + before + bytes;
  if (text.refs == 1 && need <= text.room) {
    bytesCopy(text.at + before, p, bytes);
    text.bytes = before + bytes;
    return text;
  }
  // Half as much again, so that a text that grows is not copied each time.
  const longer = textMake(text.refs == 1 ? before + bytes + (before >> 1) : before + bytes);
  longer.bytes = before + bytes;
  bytesCopy(longer.at, text.at, before);
  bytesCopy(longer.at + before, p, bytes);
  textDrop(text);
  return longer;
}
