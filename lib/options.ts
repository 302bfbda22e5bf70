// Options of a command line: -x, -xyz, -n5, -n 5, and -- which ends them.
//
// Invariants
//   O1  After options() the arguments from its result on are the operands, in their order; options may stand behind operands too.
//   O2  A letter that the command does not know ends the program with its usage and status 2: no option is ever taken for a file.
//       --color and what begins so is passed over: who types it means another system's colours.

import { arg, argc, argsReplace } from "./args";
import { err } from "./fmt";
import { complain, usage } from "./program";
import { bytesStart, cstrIs, cstrLength, isDigit, parsedBytes, parseNumber } from "./text";

const seen: usize = memory.data(512); // for each letter 0, or its value; "" for one without

/**
 * Reads the options; the index of the first operand. `known`: letters, each followed by ":" when it takes a value, by ";" when its values
 * add up, as lines of one text; "#" first lets -5 stand for -n 5; "+" first ends the options at the first word that is none, and takes -5 for
 * such a word.
 */
export function options(known: string, usageText: string): i32 {
  const count = argc();
  let bytes = 0;
  for (let i = 0; i < count; i++) bytes += cstrLength(arg(i)) + 1;
  const sorted = heap.alloc(bytes + 1);
  let to = put(sorted, arg(0));
  let first = 1;
  let ended = false;
  // Options first, then the operands.
  for (let i = 1; i < count; i++) {
    const word = arg(i);
    if (ended || !isOption(word, known)) {
      ended = ended || known.charCodeAt(0) == 0x2b;
      continue;
    }
    if (isColour(word)) continue;
    if (cstrIs(word, "--")) ended = true;
    to = put(to, word);
    first++;
    if (!ended && takesNext(word, known, usageText)) {
      if (i + 1 >= count) wrong(word, cstrLength(word) - 1, usageText);
      to = put(to, arg(++i));
      first++;
    }
  }
  ended = false;
  for (let i = 1; i < count; i++) {
    const word = arg(i);
    if (ended || !isOption(word, known)) {
      ended = ended || known.charCodeAt(0) == 0x2b;
      to = put(to, word);
    } else if (cstrIs(word, "--")) ended = true;
    else if (!isColour(word) && takesNext(word, known, usageText)) i++;
  }
  argsReplace(sorted, <i32>(to - sorted));
  for (let i = 1; i < first; i++) {
    if (cstrIs(arg(i), "--")) break;
    if (keep(arg(i), arg(i + 1), known)) i++;
  }
  return first;
}

function isOption(word: usize, known: string): bool {
  const c: i32 = load<u8>(word) == 0x2d ? <i32>load<u8>(word + 1) : 0;
  const ends = known.charCodeAt(0) == 0x2b && kindOf(c, known) == 0;
  return c != 0 && !(ends && (isDigit(c) || c == 0x2e));
}

/** --color, --color=WHEN and --colour. */
function isColour(word: usize): bool {
  return bytesStart(word, cstrLength(word), "--colo");
}

function put(to: usize, word: usize): usize {
  const n = cstrLength(word) + 1;
  memory.copy(to, word, n);
  return to + n;
}

/** Checks an option word; true if its last letter wants the next word. */
function takesNext(word: usize, known: string, usageText: string): bool {
  if (isCount(word, known)) return false;
  for (let p = word + 1; load<u8>(p) != 0; p++) {
    const c: i32 = load<u8>(p);
    const kind = kindOf(c, known);
    if (kind == 0) wrong(word, <i32>(p - word), usageText);
    if (kind > 1) return load<u8>(p + 1) == 0;
  }
  return false;
}

/** Notes the letters of a word; true if `next` is the value of the last one. */
function keep(word: usize, next: usize, known: string): bool {
  if (isCount(word, known)) {
    store<usize>(seen + 0x6e * 4, word + 1);
    return false;
  }
  for (let p = word + 1; load<u8>(p) != 0; p++) {
    const c: i32 = load<u8>(p);
    const kind = kindOf(c, known);
    const joined = load<u8>(p + 1) != 0;
    const value = kind == 1 ? EMPTY : joined ? p + 1 : next;
    const before = load<usize>(seen + c * 4);
    store<usize>(seen + c * 4, kind == 3 && before != 0 ? linesOf(before, value) : value);
    if (kind > 1) return !joined;
  }
  return false;
}

/** Both texts, with a newline between them. */
function linesOf(first: usize, second: usize): usize {
  const n = cstrLength(first);
  const both = heap.alloc(n + cstrLength(second) + 2);
  put(both, first);
  store<u8>(both + n, 10);
  put(both + n + 1, second);
  return both;
}

function isCount(word: usize, known: string): bool {
  return known.charCodeAt(0) == 0x23 && isDigit(load<u8>(word + 1));
}

/** 0: unknown, 1: alone, 2: with a value, 3: with values that add up. */
function kindOf(c: i32, known: string): i32 {
  if (c == 0x3a || c == 0x3b || c == 0x23 || c == 0x2b || c > 127) return 0;
  for (let i = 0; i < known.length; i++) {
    if (known.charCodeAt(i) != c) continue;
    const mark = i + 1 < known.length ? known.charCodeAt(i + 1) : 0;
    return mark == 0x3a ? 2 : mark == 0x3b ? 3 : 1;
  }
  return 0;
}

/** Ends the program: letter `at` of a word is none of its options, or lacks its value. */
function wrong(word: usize, at: i32, usageText: string): void {
  complain();
  if (load<u8>(word + 1) == 0x2d) err.text("wrong option ").cstr(word).newline();
  else
    err
      .text("wrong option -")
      .byte(load<u8>(word + at))
      .newline();
  usage(usageText);
}

/** Whether the option was given. */
export function option(letter: string): bool {
  return optionText(letter) != 0;
}

/** Its value as a NUL-terminated string, 0 when it was not given. */
export function optionText(letter: string): usize {
  return load<usize>(seen + letter.charCodeAt(0) * 4);
}

/** Its value as a number of 0 or more; `otherwise` when it was not given. */
export function optionNumber(letter: string, otherwise: i64, usageText: string): i64 {
  const text = optionText(letter);
  if (text == 0) return otherwise;
  const n = cstrLength(text);
  const number = parseNumber(text, n);
  if (n == 0 || parsedBytes != n || number < 0) usage(usageText);
  return number;
}

const EMPTY: usize = memory.data(4);
