// Matching: runs a compiled expression (lib/regex.ts) over a text. All ways through the expression are followed at once, character by
// character, so that the time is at most the product of both lengths, whatever they are.
//
// Invariants
//   M1  A list holds each code at most once, of two ways to it the one that began earlier, else the one that comes first in the expression.
//   M2  Of all matches that begin as early as any does, the longest is taken.

import { CharSet, setHas } from "./charset";
import { CharClass, classHas } from "./classes";
import { Code, REGEX_GROUPS, Regex, regexCode, regexValue } from "./regex";
import { utf8At, utf8Before, utf8Bytes } from "./utf8";

const SLOTS_MAX = 2 * REGEX_GROUPS;
const NOWHERE: i32 = -1;

let regex: Regex = changetype<Regex>(0);
let text: usize = 0;
let textEnd: usize = 0;
let slots = 0; // remembered for each way: none when only asked whether there is a match

// Two lists of ways, and the stack, with room for expressions of so many codes.
let room = 0;
let codes: usize = 0; // of each way the code that it stands at
let kept: usize = 0; // and its slots
let marks: usize = 0; // for each code the round in which it was added last
let stack: usize = 0; // {code, slot, what the slot was}: with the slot NOWHERE it is a code to go to
const FRAME_BYTES = 12;
let now = 0; // which of the two lists
let nowCount = 0;
let nextCount = 0;
let round: u32 = 0;

const current: usize = memory.data(80); // the slots of the way that is being followed
const found: usize = memory.data(80); // those of the best match
let isFound = false;

/** Whether the expression matches somewhere in the text from offset `from` on. */
export function regexFind(what: Regex, at: usize, bytes: i32, from: i32): bool {
  return run(what, at, bytes, from, 0);
}

/** As regexFind; groupStart and groupEnd then say where. */
export function regexMatch(what: Regex, at: usize, bytes: i32, from: i32): bool {
  return run(what, at, bytes, from, what.groups * 2);
}

/** Where group i (0: the whole match) of the last regexMatch starts and ends in the text; -1: it took no part. */
export function groupStart(i: i32): i32 {
  return i * 2 < slots ? load<i32>(found + i * 8) : NOWHERE;
}

export function groupEnd(i: i32): i32 {
  return i * 2 < slots ? load<i32>(found + i * 8, 4) : NOWHERE;
}

/** Makes room for an expression. What was there before is lost; each time there is twice as much. */
function roomMake(count: i32): void {
  if (count <= room) return;
  room = max(room * 2, 64);
  while (room < count) room *= 2;
  codes = heap.alloc(room * 8);
  kept = heap.alloc(room * 2 * SLOTS_MAX * 4);
  marks = heap.alloc(room * 4);
  stack = heap.alloc(room * 2 * FRAME_BYTES);
  memory.fill(marks, 0, room * 4);
  round = 0;
}

function run(what: Regex, at: usize, bytes: i32, from: i32, slotCount: i32): bool {
  roomMake(what.codes);
  regex = what;
  text = at;
  textEnd = at + bytes;
  slots = slotCount;
  isFound = false;
  nowCount = 0;
  let p = text + from;
  for (;;) {
    if (nowCount == 0) {
      if (isFound) return true;
      if (what.anchored != 0 && p > text) return false;
      if (what.anyFirst == 0) p = firstSkip(p);
    }
    const c = p < textEnd ? utf8At(p, textEnd) : NOWHERE;
    const after = p < textEnd ? p + <usize>utf8Bytes : p;
    // A new way begins here, behind all that began before.
    if (!isFound && (what.anchored == 0 || p == text)) {
      if (nowCount == 0) round++;
      now ^= 1;
      nextCount = nowCount;
      memory.fill(current, 0xff, slots * 4);
      follow(0, p);
      now ^= 1;
      nowCount = nextCount;
      if (isFound && slots == 0) return true;
    }
    if (p >= textEnd) return isFound;
    round++;
    nextCount = 0;
    for (let i = 0; i < nowCount; i++) {
      if (!step(i, c)) continue;
      follow(load<i32>(codes + (now * room + i) * 4) + 1, after);
      if (isFound && slots == 0) return true;
    }
    now ^= 1;
    nowCount = nextCount;
    p = after;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return false;
}

/** The next place where a match can begin. */
function firstSkip(p: usize): usize {
  for (; p < textEnd; p++) {
    const c: i32 = load<u8>(p);
    if (c >= 0x80) break;
    const bits = c < 64 ? regex.firstBytes0 >> c : regex.firstBytes1 >> (c - 64);
    if (bits & 1) break;
  }
  return p;
}

function keptOf(list: i32, i: i32): usize {
  return kept + (list * room + i) * (SLOTS_MAX * 4);
}

/** Whether way i takes the character; its slots are then the current ones. */
function step(i: i32, c: i32): bool {
  const at = load<i32>(codes + (now * room + i) * 4);
  const value = regexValue(regex, at);
  let takes = true;
  switch (regexCode(regex, at)) {
    case Code.CHAR:
      takes = c == value;
      break;
    case Code.FOLDED:
      takes = (c | 0x20) == value && c < 0x80;
      break;
    case Code.SET:
      takes = setHas(changetype<CharSet>(changetype<usize>(regex) + regex.setsAt + value), c);
      break;
  }
  if (!takes) return false;
  if (slots > 0) memory.copy(current, keptOf(now, i), slots * 4);
  // It began later than a match that was found.
  return !(isFound && load<i32>(current) > load<i32>(found));
}

let used = 0; // bytes of the stack

function push(at: i32, slot: i32, was: i32): void {
  const frame = stack + used;
  store<i32>(frame, at);
  store<i32>(frame, slot, 4);
  store<i32>(frame, was, 8);
  used += FRAME_BYTES;
}

/** Follows a way, which is before p with the current slots, up to the codes that take a character: those are added to the next list. */
function follow(at: i32, p: usize): void {
  used = 0;
  push(at, NOWHERE, 0);
  while (used > 0) {
    used -= FRAME_BYTES;
    at = load<i32>(stack + used);
    const slot = load<i32>(stack + used, 4);
    if (slot != NOWHERE) {
      store<i32>(current + slot * 4, load<i32>(stack + used, 8));
      continue;
    }
    if (load<u32>(marks + at * 4) == round) continue;
    store<u32>(marks + at * 4, round);
    const value = regexValue(regex, at);
    const code = regexCode(regex, at);
    switch (code) {
      case Code.SPLIT:
        push(at + 1 + value, NOWHERE, 0);
        push(at + 1, NOWHERE, 0);
        break;
      case Code.LOOP:
        push(at + 1, NOWHERE, 0);
        push(at + 1 + value, NOWHERE, 0);
        break;
      case Code.JUMP:
        push(at + 1 + value, NOWHERE, 0);
        break;
      case Code.SAVE:
        if (value < slots) {
          push(0, value, load<i32>(current + value * 4));
          store<i32>(current + value * 4, <i32>(p - text));
        }
        push(at + 1, NOWHERE, 0);
        break;
      case Code.MATCH:
        matched();
        break;
      default:
        if (code <= Code.SET) add(at);
        else if (holds(code, p)) push(at + 1, NOWHERE, 0);
    }
  }
}

function add(at: i32): void {
  const list = now ^ 1;
  store<i32>(codes + (list * room + nextCount) * 4, at);
  if (slots > 0) memory.copy(keptOf(list, nextCount), current, slots * 4);
  nextCount++;
}

/** M2. */
function matched(): void {
  if (isFound) {
    const start = load<i32>(current);
    const best = load<i32>(found);
    if (start > best) return;
    if (start == best && load<i32>(current, 4) <= load<i32>(found, 4)) return;
  }
  isFound = true;
  memory.copy(found, current, slots * 4);
}

function isWord(c: i32): bool {
  return classHas(CharClass.WORD, c);
}

function wordBefore(p: usize): bool {
  return p > text && isWord(utf8At(utf8Before(p, text), p));
}

function wordAfter(p: usize): bool {
  return p < textEnd && isWord(utf8At(p, textEnd));
}

/** Whether the place is what the code asks for. */
function holds(code: i32, p: usize): bool {
  switch (code) {
    case Code.START:
      return p == text;
    case Code.END:
      return p == textEnd;
    case Code.WORD_START:
      return !wordBefore(p) && wordAfter(p);
    case Code.WORD_END:
      return wordBefore(p) && !wordAfter(p);
    case Code.WORD_EDGE:
      return wordBefore(p) != wordAfter(p);
    case Code.NOT_EDGE:
      return wordBefore(p) == wordAfter(p);
    case Code.NO_WORD_BEFORE:
      return !wordBefore(p);
  }
  return !wordAfter(p);
}
