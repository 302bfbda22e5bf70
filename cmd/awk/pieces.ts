// Pieces: where the parts of a text are that a separator separates: of records into fields, and of what split() is given.

import { groupEnd, groupStart, regexMatch } from "../../lib/match";
import { Regex } from "../../lib/regex";
import { utf8At, utf8Bytes } from "../../lib/utf8";
import { blockAlloc, blockFree } from "./blocks";
import { Cell, cellText, Kind } from "./cells";
import { regexOf } from "./regexes";
import { textDrop } from "./texts";
import { wrong } from "./wrong";

export const FIELDS_MAX = 1048576;

@unmanaged
export class Pieces {
  at: usize; // {start in the text, bytes}
  room: i32;
  count: i32;
}

export function pieceStart(pieces: Pieces, i: i32): i32 {
  return load<i32>(pieces.at + i * 8);
}

export function pieceBytes(pieces: Pieces, i: i32): i32 {
  return load<i32>(pieces.at + i * 8, 4);
}

export function pieceMove(pieces: Pieces, i: i32, start: i32, bytes: i32): void {
  store<i32>(pieces.at + i * 8, start);
  store<i32>(pieces.at + i * 8, bytes, 4);
}

export function pieceAdd(pieces: Pieces, start: i32, bytes: i32): void {
  if (pieces.count == pieces.room) grow(pieces);
  pieceMove(pieces, pieces.count++, start, bytes);
}

function grow(pieces: Pieces): void {
  if (pieces.count >= FIELDS_MAX) wrong("more than 1048576 fields");
  const more = max(pieces.room * 2, 64);
  const place = blockAlloc(more * 8);
  memory.copy(place, pieces.at, pieces.count * 8);
  if (pieces.room > 0) blockFree(pieces.at, pieces.room * 8);
  pieces.at = place;
  pieces.room = more;
}

/**
 * Finds the parts of a text: a separator of one blank stands for blanks and newlines, none for every character being a part, one character
 * for itself, and more, or a regular expression, for what they match. `lines`: a newline separates too.
 */
export function separate(pieces: Pieces, p: usize, n: i32, separator: Cell, lines: bool): void {
  pieces.count = 0;
  if (n == 0) return;
  if (separator.kind == Kind.REGEX) {
    byRegex(pieces, p, n, regexOf(separator), lines);
    return;
  }
  const text = cellText(separator);
  const bytes = text.bytes;
  const c: i32 = bytes > 0 ? <i32>load<u8>(text.at) : 0;
  textDrop(text);
  if (bytes == 0) byCharacter(pieces, p, n);
  else if (bytes > 1) byRegex(pieces, p, n, regexOf(separator), lines);
  else if (c == 0x20) byBlanks(pieces, p, n);
  else byByte(pieces, p, n, c, lines);
}

function byBlanks(pieces: Pieces, p: usize, n: i32): void {
  let i = 0;
  for (;;) {
    while (i < n && isBlank(load<u8>(p + i))) i++;
    if (i >= n) return;
    const start = i;
    while (i < n && !isBlank(load<u8>(p + i))) i++;
    pieceAdd(pieces, start, i - start);
  }
}

function isBlank(c: i32): bool {
  return c == 0x20 || c == 9 || c == 10;
}

function byByte(pieces: Pieces, p: usize, n: i32, c: i32, lines: bool): void {
  const other = lines ? 10 : c;
  let start = 0;
  for (let i = 0; i < n; i++) {
    const b: i32 = load<u8>(p + i);
    if (b != c && b != other) continue;
    pieceAdd(pieces, start, i - start);
    start = i + 1;
  }
  pieceAdd(pieces, start, n - start);
}

function byCharacter(pieces: Pieces, p: usize, n: i32): void {
  const end = p + n;
  for (let q = p; q < end; q += utf8Bytes) {
    utf8At(q, end);
    pieceAdd(pieces, <i32>(q - p), utf8Bytes);
  }
}

function byRegex(pieces: Pieces, p: usize, n: i32, regex: Regex, lines: bool): void {
  let start = 0;
  let from = 0;
  let line = lines ? newlineFrom(p, n, 0) : n;
  for (;;) {
    const found = from < n && regexMatch(regex, p, n, from);
    let first = found ? groupStart(0) : n;
    let last = found ? groupEnd(0) : n;
    if (line < first) {
      first = line;
      last = line + 1;
    } else if (found && first == last) {
      // The empty text separates nothing.
      from = first + 1;
      continue;
    }
    if (first >= n) break;
    pieceAdd(pieces, start, first - start);
    start = last;
    from = last;
    if (line < last) line = newlineFrom(p, n, last);
  }
  pieceAdd(pieces, start, n - start);
}

/** The first newline from a place on, or n. */
function newlineFrom(p: usize, n: i32, from: i32): i32 {
  while (from < n && load<u8>(p + from) != 10) from++;
  return from;
}
