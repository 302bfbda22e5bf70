// Undo: every change of the text goes through here and is kept, so that it can be taken back and made again.
//
//   record   | kind, offset, bytes, cursor before | the bytes put in or taken out | size of the record |
//
// Invariants
//   U1  Undoing the records before `done` from the last to the first, then making all records in order, gives the same texts.
//   U2  The text is what the file has when `done` is `saved`; -1: no record leads there any more.
//
// Changes that follow each other at one place become one record, until editBreak().

import { textBytes, textCopy, textFits, textInsert, textRemove } from "./text";

/** Twice the longest text: what was cut can always be kept. */
const LOG_BYTES: i32 = 32 << 20;
const HEAD = 16;
const TAIL = 4;

const enum Kind {
  INSERT = 1,
  REMOVE = 2,
}

@unmanaged
class Entry {
  kind: Kind;
  at: i32;
  bytes: i32;
  cursor: i32; // where the cursor was before
  // the bytes follow, and the size of it all
}

if (offsetof<Entry>() != 16) ERROR("an entry's bytes follow at 16");

let log: usize = 0;
let done = 0; // bytes of the log that are records of changes that are made
let all = 0; // and with those that were taken back
let saved = 0;
let joins = false; // the last record may grow

export function undoBegin(): void {
  log = heap.alloc(LOG_BYTES);
}

/** Whether the text is not what the file has. */
export function isModified(): bool {
  return done != saved;
}

/** The file has the text. */
export function editSaved(): void {
  saved = done;
  joins = false;
}

/** No file has the text. */
export function editUnsaved(): void {
  saved = -1;
}

/** The next change is a record of its own. */
export function editBreak(): void {
  joins = false;
}

/** Puts bytes in; false: the text would be too long. */
export function editInsert(at: i32, p: usize, n: i32, cursor: i32): bool {
  if (!textFits(p, n)) return false;
  if (n == 0) return true;
  const last = joined(Kind.INSERT, n);
  if (last != null && last.at + last.bytes == at) {
    memory.copy(bytesOf(last) + last.bytes, p, n);
    grow(last, n);
  } else memory.copy(bytesOf(record(Kind.INSERT, at, n, cursor)), p, n);
  textInsert(at, p, n);
  return true;
}

/** Takes bytes out. */
export function editRemove(at: i32, n: i32, cursor: i32): void {
  n = min(n, textBytes - at);
  if (n <= 0) return;
  const last = joined(Kind.REMOVE, n);
  if (last != null && last.at == at) {
    textCopy(bytesOf(last) + last.bytes, at, n);
    grow(last, n);
  } else if (last != null && last.at == at + n) {
    memory.copy(bytesOf(last) + n, bytesOf(last), last.bytes);
    textCopy(bytesOf(last), at, n);
    last.at = at;
    grow(last, n);
  } else textCopy(bytesOf(record(Kind.REMOVE, at, n, cursor)), at, n);
  textRemove(at, n);
}

/** Takes the last change back; where the cursor was, -1: there is none. */
export function editUndo(): i32 {
  if (done == 0) return -1;
  joins = false;
  done -= load<i32>(log + done - TAIL);
  const entry = changetype<Entry>(log + done);
  if (entry.kind == Kind.INSERT) textRemove(entry.at, entry.bytes);
  else textInsert(entry.at, bytesOf(entry), entry.bytes);
  return entry.cursor;
}

/** Makes a change again that was taken back; where the cursor is after it, -1: there is none. */
export function editRedo(): i32 {
  if (done == all) return -1;
  joins = false;
  const entry = changetype<Entry>(log + done);
  done += HEAD + entry.bytes + TAIL;
  if (entry.kind == Kind.INSERT) textInsert(entry.at, bytesOf(entry), entry.bytes);
  else textRemove(entry.at, entry.bytes);
  return entry.kind == Kind.INSERT ? entry.at + entry.bytes : entry.at;
}

function bytesOf(entry: Entry): usize {
  return changetype<usize>(entry) + HEAD;
}

/** The last record, if a change of n bytes may join it. */
function joined(kind: Kind, n: i32): Entry | null {
  if (!joins || done == 0 || done != all || done + n > LOG_BYTES) return null;
  const entry = changetype<Entry>(log + done - load<i32>(log + done - TAIL));
  return entry.kind == kind ? entry : null;
}

function grow(entry: Entry, n: i32): void {
  entry.bytes += n;
  done += n;
  all = done;
  store<i32>(log + done - TAIL, HEAD + entry.bytes + TAIL);
}

/** A new last record; those that were taken back are forgotten, and the oldest ones if there is no room. */
function record(kind: Kind, at: i32, n: i32, cursor: i32): Entry {
  const size = HEAD + n + TAIL;
  if (saved > done) saved = -1;
  let old = 0;
  while (done - old + size > LOG_BYTES) old += HEAD + changetype<Entry>(log + old).bytes + TAIL;
  if (old > 0) {
    memory.copy(log, log + old, done - old);
    done -= old;
    saved = saved < old ? -1 : saved - old;
  }
  const entry = changetype<Entry>(log + done);
  entry.kind = kind;
  entry.at = at;
  entry.bytes = n;
  entry.cursor = cursor;
  done += size;
  all = done;
  store<i32>(log + done - TAIL, size);
  joins = true;
  return entry;
}
