// The script: commands with their addresses, in a table.
//
//   address   N | $ | /RE/[I] | \cREc | FIRST~STEP        second one also +N ~N
//   command   s/RE/TEXT/[gpIN] y/ABC/XYZ/ d D p P n N h H g G x q Q = { } b t T : a i c r #
//
// Invariants
//   P1  A { or a branch names the command to go on with; after scriptParse all of them lead into the table or to its end.

import { Regex, RegexFlag, regexCompile, regexError, regexKeep } from "../../lib/regex";
import { isDigit } from "../../lib/text";
import { wrong } from "./index";

export const enum At {
  NONE = 0,
  LINE = 1,
  LAST = 2, // $
  MATCH = 3,
  STEP = 4, // FIRST~STEP
  COUNT = 5, // second address: +N, so many lines more
  MULTIPLE = 6, // second address: ~N, up to a line whose number N divides
}

@unmanaged
export class Address {
  kind: i32;
  line: i32;
  step: i32;
  regex: Regex | null; // null: the one that was used last
}

@unmanaged
export class Command {
  letter: i32;
  negated: i32;
  inside: i32; // between the two addresses
  until: i32; // the last line of the range, once it is known; -1: it is not
  target: i32; // of { b t T: the command to go on with
  text: usize; // of s, y, a, i, c, r, :, b
  textBytes: i32;
  regex: Regex | null; // of s
  every: i32; // g
  prints: i32; // p
  nth: i32;
}

const COMMANDS = 256;
const COMMAND_BYTES = 96; // the command and its two addresses
const commands: usize = memory.data(24576, 8);
export let commandCount = 0;
const DEPTH = 32;
const open: usize = memory.data(128); // the { that are not closed
let depth = 0;
let syntax = 0;

if (<i32>(offsetof<Command>() + 2 * offsetof<Address>()) > COMMAND_BYTES)
  ERROR("a command has more than COMMAND_BYTES");

export function commandAt(i: i32): Command {
  return changetype<Command>(commands + i * COMMAND_BYTES);
}

/** Its first address, and its second. */
export function addressOf(command: Command, second: bool): Address {
  const first = changetype<usize>(command) + offsetof<Command>();
  return changetype<Address>(second ? first + offsetof<Address>() : first);
}

let at: usize = 0;
let end: usize = 0;

export function scriptParse(p: usize, last: usize, flags: i32): void {
  at = p;
  end = last;
  syntax = flags;
  for (;;) {
    while (at < end && isBetween(load<u8>(at))) at++;
    if (at >= end) break;
    if (load<u8>(at) == 0x23) {
      while (at < end && load<u8>(at) != 10) at++;
      continue;
    }
    if (commandCount == COMMANDS) wrong("the script has more than 256 commands");
    commandParse(commandAt(commandCount++));
  }
  if (depth > 0) wrong("a { is not closed");
  for (let i = 0; i < commandCount; i++) labelFind(commandAt(i));
}

function isBetween(c: i32): bool {
  return c == 0x20 || c == 9 || c == 10 || c == 0x3b;
}

function blanks(): void {
  while (at < end && (load<u8>(at) == 0x20 || load<u8>(at) == 9)) at++;
}

function peek(): i32 {
  return at < end ? <i32>load<u8>(at) : 0;
}

function number(): i32 {
  let n = 0;
  for (; isDigit(peek()); at++) n = min(n, 1 << 26) * 10 + peek() - 0x30;
  return n;
}

function commandParse(command: Command): void {
  const from = addressOf(command, false);
  const to = addressOf(command, true);
  addressParse(from, false);
  blanks();
  if (peek() == 0x2c) {
    at++;
    blanks();
    addressParse(to, true);
    if (from.kind == At.NONE || to.kind == At.NONE) wrong("an address is missing at ,");
    blanks();
  }
  // 0,/RE/: the range is open before the first line.
  if (from.kind == At.LINE && from.line == 0) {
    if (to.kind != At.MATCH) wrong("line 0 is for 0,/RE/ only");
    command.inside = 1;
  }
  command.until = -1;
  for (; peek() == 0x21; blanks()) {
    command.negated = 1;
    at++;
  }
  if (at >= end) wrong("a command is missing");
  command.letter = load<u8>(at++);
  bodyParse(command);
}

function bodyParse(command: Command): void {
  switch (command.letter) {
    case 0x7b:
      if (depth == DEPTH) wrong("{ } are nested too deeply");
      store<i32>(open + depth++ * 4, commandCount - 1);
      return;
    case 0x7d:
      if (depth == 0) wrong("a } has no { before it");
      commandAt(load<i32>(open + --depth * 4)).target = commandCount - 1;
      break;
    case 0x73:
      substituteParse(command);
      break;
    case 0x79:
      translateParse(command);
      break;
    case 0x61:
    case 0x69:
    case 0x63:
      textParse(command);
      return;
    case 0x3a:
    case 0x62:
    case 0x74:
    case 0x54:
      wordParse(command, true);
      if (command.letter == 0x3a && command.textBytes == 0) wrong("a label is missing after :");
      return;
    case 0x72:
      wordParse(command, false);
      if (command.textBytes == 0) wrong("r needs a file");
      return;
    case 0x71:
    case 0x51:
      blanks();
      command.nth = number();
      break;
    case 0x64:
    case 0x44:
    case 0x70:
    case 0x50:
    case 0x6e:
    case 0x4e:
    case 0x67:
    case 0x47:
    case 0x68:
    case 0x48:
    case 0x78:
    case 0x3d:
      break;
    default:
      wrong("the commands are s y d D p P n N g G h H x q Q = a i c r { } b t T :");
  }
  blanks();
  if (at < end && !isBetween(peek()) && peek() != 0x7d && peek() != 0x23) {
    wrong("something is left after a command");
  }
}

function addressParse(address: Address, second: bool): void {
  const c = peek();
  if (c == 0x24) {
    at++;
    address.kind = At.LAST;
  } else if (c == 0x2f || (c == 0x5c && at + 1 < end)) {
    at += c == 0x2f ? 1 : 2;
    const start = at;
    const delimiter: i32 = load<u8>(at - 1);
    at = partEnd(delimiter, true);
    const isFolded = peek() == 0x49;
    address.kind = At.MATCH;
    address.regex = regexParse(start, <i32>(at - 1 - start), delimiter, isFolded);
    if (isFolded) at++;
  } else if (second && (c == 0x2b || c == 0x7e)) {
    at++;
    address.kind = c == 0x2b ? At.COUNT : At.MULTIPLE;
    address.line = number();
  } else if (isDigit(c)) {
    address.kind = At.LINE;
    address.line = number();
    if (peek() != 0x7e) return;
    at++;
    address.kind = At.STEP;
    address.step = number();
  }
}

/** The address after the delimiter that ends a part; one in brackets does not, if the part is an expression. */
function partEnd(delimiter: i32, isExpression: bool): usize {
  let inBrackets = false;
  for (let p = at; p < end; p++) {
    const c: i32 = load<u8>(p);
    if (inBrackets) inBrackets = c != 0x5d;
    else if (c == 0x5c) p++;
    else if (c == delimiter) return p + 1;
    else if (c == 0x5b && isExpression) {
      inBrackets = true;
      if (p + 1 < end && load<u8>(p + 1) == 0x5e) p++;
      if (p + 1 < end && load<u8>(p + 1) == 0x5d) p++;
    }
  }
  wrong("a part of the script is not ended");
  return end;
}

/** Compiles an expression; a backslash before its delimiter is dropped. null: an empty one, which stands for the one used last. */
function regexParse(p: usize, bytes: i32, delimiter: i32, folds: bool): Regex | null {
  if (bytes == 0) return null;
  const copy = heap.alloc(bytes);
  let n = 0;
  for (let i = 0; i < bytes; i++) {
    const c: i32 = load<u8>(p + i);
    const next: i32 = i + 1 < bytes ? load<u8>(p + i + 1) : 0;
    if (c == 0x5c && next == delimiter && delimiter != 0x5c) continue;
    store<u8>(copy + n++, c);
    if (c != 0x5c) continue;
    store<u8>(copy + n++, next);
    i++;
  }
  const regex = regexCompile(copy, n, syntax | (folds ? RegexFlag.FOLD : 0));
  if (regex == null) {
    wrong(regexError);
    return null;
  }
  return regexKeep(regex);
}

function substituteParse(command: Command): void {
  const delimiter = peek();
  if (at >= end || delimiter == 10 || delimiter == 0x5c) wrong("s needs s/RE/TEXT/");
  const re = ++at;
  at = partEnd(delimiter, true);
  const bytes = <i32>(at - 1 - re);
  command.text = at;
  at = partEnd(delimiter, false);
  command.textBytes = <i32>(at - 1 - command.text);
  let folds = false;
  for (; at < end; at++) {
    const c = peek();
    if (c == 0x67) command.every = 1;
    else if (c == 0x69 || c == 0x49) folds = true;
    else if (c == 0x70) command.prints = 1;
    else if (isDigit(c)) {
      command.nth = number();
      at--;
    } else break;
  }
  command.regex = regexParse(re, bytes, delimiter, folds);
}

/** y: text and textBytes are a table of 256 bytes. */
function translateParse(command: Command): void {
  const delimiter = peek();
  at++;
  const table = heap.alloc(256);
  for (let c = 0; c < 256; c++) store<u8>(table + c, c);
  let from = at;
  at = partEnd(delimiter, false);
  const fromEnd = at - 1;
  let to = at;
  at = partEnd(delimiter, false);
  while (from < fromEnd && to < at - 1) {
    const c = characterAt(from);
    from += width;
    store<u8>(table + c, characterAt(to));
    to += width;
  }
  if (from < fromEnd || to < at - 1) wrong("the texts of y differ in length");
  command.text = table;
}

let width = 1;

/** A byte of y, which may be written with a backslash. */
function characterAt(p: usize): i32 {
  const c: i32 = load<u8>(p);
  width = c == 0x5c ? 2 : 1;
  if (c != 0x5c) return c;
  const next: i32 = load<u8>(p + 1);
  return next == 0x6e ? 10 : next == 0x74 ? 9 : next;
}

/** The text of a, i and c: on the same line, or after a backslash on the next ones; a backslash at the end of a line adds one more. */
function textParse(command: Command): void {
  blanks();
  if (peek() == 0x5c) {
    at++;
    if (peek() == 10) at++;
  }
  if (at >= end) wrong("a, i and c need a text");
  const text = heap.alloc(end - at);
  command.text = text;
  let n = 0;
  for (; at < end && peek() != 10; at++) {
    if (peek() == 0x5c && at + 1 < end) at++;
    store<u8>(text + n++, peek());
  }
  command.textBytes = n;
}

/** A label, up to a blank or ; or a file name, up to the end of the line. */
function wordParse(command: Command, isLabel: bool): void {
  blanks();
  command.text = at;
  while (at < end && peek() != 10 && !(isLabel && (isBetween(peek()) || peek() == 0x7d))) at++;
  command.textBytes = <i32>(at - command.text);
}

/** Where b, t and T lead. */
function labelFind(command: Command): void {
  const c = command.letter;
  if (c != 0x62 && c != 0x74 && c != 0x54) return;
  command.target = commandCount;
  if (command.textBytes == 0) return;
  for (let i = 0; i < commandCount; i++) {
    const label = commandAt(i);
    if (label.letter != 0x3a || label.textBytes != command.textBytes) continue;
    if (memory.compare(label.text, command.text, label.textBytes) != 0) continue;
    command.target = i;
    return;
  }
  wrong("a label is not there");
}
