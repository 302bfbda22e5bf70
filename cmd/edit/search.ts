// Finding: a text as it is typed; without a capital in it, in either case.

import { answer, answerBytes } from "./answer";
import { cursor, cursorTo } from "./cursor";
import { ask, say } from "./message";
import { promptLine } from "./prompt";
import { textByte, textBytes } from "./text";

const wanted: usize = memory.data(1024);
let wantedBytes = 0;
let folds = false;

/** ^F: asks for what to find; nothing typed is the last one. */
export function search(): void {
  const asked = ask("Find");
  if (wantedBytes > 0) asked.text(" [").bytes(wanted, wantedBytes).text("]");
  asked.text(": ");
  if (!promptLine(answer, 0)) return;
  if (answerBytes > 0) {
    memory.copy(wanted, answer, answerBytes);
    wantedBytes = answerBytes;
  }
  searchNext();
}

/** Moves to the next place behind the cursor, if need be from the start of the text on. */
export function searchNext(): void {
  if (wantedBytes == 0) {
    say("Nothing to find: ^F and a text first");
    return;
  }
  folds = true;
  for (let i = 0; i < wantedBytes; i++) if (isCapital(load<u8>(wanted + i))) folds = false;
  let at = find(cursor + 1, textBytes - wantedBytes);
  const wraps = at < 0;
  if (wraps) at = find(0, min(cursor, textBytes - wantedBytes));
  if (at < 0) {
    say("Not found: ").bytes(wanted, wantedBytes);
    return;
  }
  if (at == cursor) say("This is the only one");
  else if (wraps) say("Found from the start of the text on");
  cursorTo(at);
}

/** The first place from `from` to `last` that has the text, or -1. */
function find(from: i32, last: i32): i32 {
  const first = fold(load<u8>(wanted));
  for (let at = from; at <= last; at++) {
    if (fold(textByte(at)) != first) continue;
    let n = 1;
    while (n < wantedBytes && fold(textByte(at + n)) == fold(load<u8>(wanted + n))) n++;
    if (n == wantedBytes) return at;
  }
  return -1;
}

function fold(c: i32): i32 {
  return folds && isCapital(c) ? c | 0x20 : c;
}

function isCapital(c: i32): bool {
  return c >= 0x41 && c <= 0x5a;
}
