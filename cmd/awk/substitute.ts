// sub() and gsub(). In their text & is what matched; \& is a &, and \\ before one of the two a backslash.

import { groupEnd, groupStart, regexMatch } from "../../lib/match";
import { Regex } from "../../lib/regex";
import { utf8At, utf8Bytes } from "../../lib/utf8";
import { Builder } from "./builder";
import { cellText, Kind } from "./cells";
import { placeIsKeyed, placeRead, placeSet } from "./places";
import { regexOf } from "./regexes";
import { drop, push, pushNumber, top } from "./stack";
import { Text, textDrop } from "./texts";

const builder: Builder = changetype<Builder>(memory.data(4));

/** PATTERN TEXT [KEY, or a value] are on the stack; how often it was replaced takes their place. */
export function substituteTop(all: bool, place: i32): void {
  const keyed = placeIsKeyed(place);
  const below = keyed || place == 0 ? 1 : 0;
  const key = top(0);
  const subject = cellText(place == 0 ? key : placeRead(place, key));
  const text = cellText(top(below));
  const count = replaced(regexOf(top(below + 1)), text, subject, all);
  textDrop(text);
  textDrop(subject);
  if (count > 0) {
    const value = push();
    value.kind = Kind.TEXT;
    value.what = changetype<usize>(builder.built());
    if (place != 0) placeSet(place, key, value);
    drop();
  }
  for (let i = 0; i < below + 2; i++) drop();
  pushNumber(count);
}

/** Builds the subject with its first match, or all, replaced; how many there were. */
function replaced(regex: Regex, text: Text, subject: Text, all: bool): i32 {
  const end = subject.bytes;
  let count = 0;
  let from = 0;
  let lastEnd = -1;
  builder.begin();
  while (from <= end && regexMatch(regex, subject.at, end, from)) {
    const first = groupStart(0);
    const last = groupEnd(0);
    builder.add(subject.at + from, first - from);
    from = last;
    // The empty text right behind a match is none of its own.
    if (first != last || first != lastEnd) {
      textPut(text, subject.at + first, last - first);
      count++;
    }
    lastEnd = last;
    if (first == last) from = characterKeep(subject, from);
    if (!all) break;
  }
  if (from < end) builder.add(subject.at + from, end - from);
  return count;
}

/** Keeps the character at a place of the subject; where the next one is. */
function characterKeep(subject: Text, from: i32): i32 {
  if (from >= subject.bytes) return from + 1;
  utf8At(subject.at + from, subject.at + subject.bytes);
  builder.add(subject.at + from, utf8Bytes);
  return from + utf8Bytes;
}

function textPut(text: Text, match: usize, bytes: i32): void {
  const end = text.at + text.bytes;
  for (let p = text.at; p < end; p++) {
    const c: i32 = load<u8>(p);
    const next: i32 = p + 1 < end ? <i32>load<u8>(p + 1) : 0;
    if (c == 0x26) builder.add(match, bytes);
    else if (c == 0x5c && (next == 0x26 || next == 0x5c)) {
      builder.byte(next);
      p++;
    } else builder.byte(c);
  }
}
