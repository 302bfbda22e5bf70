// s: replaces what matches. In its text & is the match, \1 to \9 are the groups, \n a newline; \U and \L make all that follows capital or
// small up to \E, \u and \l the next character.

import { groupEnd, groupStart, regexMatch } from "../../lib/match";
import { regexUsed, SPACE_BYTES, space, spaceBytes, spaceSwap } from "./edit";
import { wrong } from "./index";
import { Command } from "./script";

let other: usize = memory.data(1048576); // the new text, while it is being made
let otherBytes = 0;
let cases: i32 = 0; // U, L or 0
let caseOnce: i32 = 0; // u, l or 0

/** True when something was replaced. */
export function substitute(command: Command): bool {
  const regex = regexUsed(command.regex);
  let from = 0;
  let matches = 0;
  let changed = false;
  let lastEnd = -1;
  otherBytes = 0;
  while (from <= spaceBytes && regexMatch(regex, space, spaceBytes, from)) {
    const start = groupStart(0);
    const end = groupEnd(0);
    put(space + from, start - from);
    // The empty text right behind a match is none of its own.
    if (start != end || start != lastEnd) {
      matches++;
      if (matches < max(command.nth, 1)) put(space + start, end - start);
      else {
        replace(command);
        changed = true;
      }
    }
    from = end;
    lastEnd = end;
    if (start == end) {
      if (from < spaceBytes) put(space + from, 1);
      from++;
    }
    if (changed && command.every == 0) break;
  }
  if (!changed) return false;
  if (from < spaceBytes) put(space + from, spaceBytes - from);
  other = spaceSwap(other, otherBytes);
  return true;
}

function replace(command: Command): void {
  cases = 0;
  caseOnce = 0;
  for (let i = 0; i < command.textBytes; i++) {
    const c: i32 = load<u8>(command.text + i);
    if (c == 0x26) {
      groupPut(0);
      continue;
    }
    if (c != 0x5c || i + 1 == command.textBytes) {
      casePut(c);
      continue;
    }
    const next: i32 = load<u8>(command.text + ++i);
    switch (next) {
      case 0x55:
      case 0x4c:
        cases = next;
        break;
      case 0x45:
        cases = 0;
        break;
      case 0x75:
      case 0x6c:
        caseOnce = next;
        break;
      case 0x6e:
        casePut(10);
        break;
      case 0x74:
        casePut(9);
        break;
      default:
        if (next >= 0x30 && next <= 0x39) groupPut(next - 0x30);
        else casePut(next);
    }
  }
}

function groupPut(i: i32): void {
  for (let k = groupStart(i); k < groupEnd(i); k++) casePut(load<u8>(space + k));
}

/** Puts a byte, a letter of ASCII as \U, \L, \u and \l want it. */
function casePut(c: i32): void {
  const wanted = caseOnce != 0 ? caseOnce : cases | 0x20;
  caseOnce = 0;
  if (wanted == 0x75 && c >= 0x61 && c <= 0x7a) c -= 0x20;
  if (wanted == 0x6c && c >= 0x41 && c <= 0x5a) c += 0x20;
  store<u8>(one, c);
  put(one, 1);
}

const one: usize = memory.data(4);

function put(p: usize, n: i32): void {
  if (otherBytes + n > SPACE_BYTES) wrong("the text that is being edited is larger than 1 MiB");
  memory.copy(other + otherBytes, p, n);
  otherBytes += n;
}
