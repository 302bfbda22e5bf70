// sed: edits lines: s/RE/TEXT/, d, p and q, each for all lines or for those that an address names.

import { arg, argBytes, argc, argIs } from "../../lib/args";
import { err, out } from "../../lib/fmt";
import { linesFailed, linesNext, linesStart, text, textBytes } from "../../lib/lines";
import { complain, finish, help, usage } from "../../lib/program";
import { matchEnd, matchStart, regexFind } from "../../lib/regex";
import { isDigit } from "../../lib/text";

const USAGE = "sed [-n] [-e] SCRIPT [FILE ...]";

/** An address: a line number, the last line, or an expression. */
const enum At {
  NONE = 0,
  LINE = 1,
  LAST = 2,
  MATCH = 3,
}

@unmanaged
class Command {
  letter: i32;
  negated: i32;
  from: i32; // At
  fromLine: i32;
  fromText: usize;
  fromBytes: i32;
  to: i32; // At
  toLine: i32;
  toText: usize;
  toBytes: i32;
  inside: i32; // between the two addresses
  re: usize;
  reBytes: i32;
  text: usize;
  textBytes: i32;
  every: i32; // g
  fold: i32; // i
  prints: i32; // p
  nth: i32;
}

const COMMANDS = 64;
const COMMAND_BYTES = 80;
const commands: usize = memory.data(5120, 8);
let count = 0;
const LINE_BYTES = 65536;
let line: usize = memory.data(65536); // the line that is being edited
let lineBytes = 0;
let other: usize = memory.data(65536);
let number = 0;
let quiet = false;
let more = false;
const ahead: usize = memory.data(65536); // the line after it: it is not the last one
let aheadBytes = 0;

export function _start(): void {
  help(
    "sed [-n] SCRIPT [FILE ...]: edits lines; SCRIPT: [ADDRESS[,ADDRESS]][!] s/RE/TEXT/[gip] | d | p | q, more of them after ;\n  sed 's/old/new/g' FILE\n  sed -n '2,4p' FILE\n  sed '/^#/d' FILE",
  );
  let i = 1;
  if (argIs(i, "-n")) {
    quiet = true;
    i++;
  }
  if (argIs(i, "-e")) i++;
  if (i >= argc()) usage(USAGE);
  scriptParse(arg(i), arg(i) + argBytes(i));
  linesStart(i + 1);
  more = linesNext();
  if (more) keepAhead();
  while (more) {
    memory.copy(line, ahead, aheadBytes);
    lineBytes = aheadBytes;
    number++;
    more = linesNext();
    if (more) keepAhead();
    if (!lineEdit()) break;
  }
  finish(linesFailed ? 1 : 0);
}

function keepAhead(): void {
  aheadBytes = min(textBytes, LINE_BYTES);
  memory.copy(ahead, text, aheadBytes);
}

function wrong(sentence: string): void {
  complain();
  err.text(sentence).newline();
  finish(2);
}

function at(i: i32): Command {
  return changetype<Command>(commands + i * COMMAND_BYTES);
}

function scriptParse(p: usize, end: usize): void {
  while (p < end) {
    const c = load<u8>(p);
    if (c == 0x20 || c == 0x3b || c == 10) {
      p++;
      continue;
    }
    if (count == COMMANDS) wrong("too many commands");
    p = commandParse(at(count++), p, end);
  }
}

function commandParse(command: Command, p: usize, end: usize): usize {
  p = addressParse(p, end);
  command.from = kind;
  command.fromLine = kindLine;
  command.fromText = kindText;
  command.fromBytes = kindBytes;
  if (p < end && load<u8>(p) == 0x2c) {
    p = addressParse(p + 1, end);
    if (kind == At.NONE) wrong("an address is missing after ,");
    command.to = kind;
    command.toLine = kindLine;
    command.toText = kindText;
    command.toBytes = kindBytes;
  }
  if (p < end && load<u8>(p) == 0x21) {
    command.negated = 1;
    p++;
  }
  if (p >= end) wrong("a command is missing");
  command.letter = load<u8>(p++);
  switch (command.letter) {
    case 0x73:
      return substituteParse(command, p, end);
    case 0x64:
    case 0x70:
    case 0x71:
      return p;
  }
  wrong("the commands are s, d, p and q");
  return end;
}

let kind: i32 = 0;
let kindLine = 0;
let kindText: usize = 0;
let kindBytes = 0;

function addressParse(p: usize, end: usize): usize {
  kind = At.NONE;
  if (p >= end) return p;
  const c: i32 = load<u8>(p);
  if (c == 0x24) {
    kind = At.LAST;
    return p + 1;
  }
  if (c == 0x2f) {
    kind = At.MATCH;
    kindText = p + 1;
    const past = partEnd(p + 1, end, 0x2f);
    kindBytes = <i32>(past - 1 - kindText);
    return past;
  }
  if (!isDigit(c)) return p;
  kind = At.LINE;
  kindLine = 0;
  while (p < end && isDigit(load<u8>(p))) kindLine = kindLine * 10 + load<u8>(p++) - 0x30;
  return p;
}

/** The address after the delimiter that ends a part. */
function partEnd(p: usize, end: usize, delimiter: i32): usize {
  for (; p < end; p++) {
    if (load<u8>(p) == 0x5c) p++;
    else if (<i32>load<u8>(p) == delimiter) return p + 1;
  }
  wrong("a part of the script is not ended");
  return end;
}

function substituteParse(command: Command, p: usize, end: usize): usize {
  if (p >= end) wrong("s needs s/RE/TEXT/");
  const delimiter: i32 = load<u8>(p++);
  command.re = p;
  p = partEnd(p, end, delimiter);
  command.reBytes = <i32>(p - 1 - command.re);
  command.text = p;
  p = partEnd(p, end, delimiter);
  command.textBytes = <i32>(p - 1 - command.text);
  for (; p < end; p++) {
    const c: i32 = load<u8>(p);
    if (c == 0x67) command.every = 1;
    else if (c == 0x69 || c == 0x49) command.fold = 1;
    else if (c == 0x70) command.prints = 1;
    else if (isDigit(c)) command.nth = command.nth * 10 + c - 0x30;
    else break;
  }
  return p;
}

/** Runs every command on the line; false after q. */
function lineEdit(): bool {
  let goesOn = true;
  for (let i = 0; i < count; i++) {
    const command = at(i);
    if (selects(command) == (command.negated != 0)) continue;
    if (command.letter == 0x64) return true;
    if (command.letter == 0x70) lineShow();
    else if (command.letter == 0x73) substitute(command);
    else {
      goesOn = false;
      break;
    }
  }
  if (!quiet) lineShow();
  return goesOn;
}

function lineShow(): void {
  out.bytes(line, lineBytes).newline();
}

function addressIs(which: i32, wanted: i32, re: usize, bytes: i32): bool {
  if (which == At.LINE) return number == wanted;
  if (which == At.LAST) return !more;
  return regexFind(re, bytes, line, lineBytes, false);
}

function selects(command: Command): bool {
  if (command.from == At.NONE) return true;
  const starts = addressIs(command.from, command.fromLine, command.fromText, command.fromBytes);
  if (command.to == At.NONE) return starts;
  if (command.inside == 0) {
    if (!starts) return false;
    command.inside = command.to == At.LINE && command.toLine <= number ? 0 : 1;
    return true;
  }
  if (addressIs(command.to, command.toLine, command.toText, command.toBytes)) command.inside = 0;
  return true;
}

let otherBytes = 0;

function substitute(command: Command): void {
  let from = line;
  const end = line + lineBytes;
  let matches = 0;
  let changed = false;
  otherBytes = 0;
  while (from <= end) {
    const rest = <i32>(end - from);
    const anchored = command.reBytes > 0 && load<u8>(command.re) == 0x5e;
    if (anchored && from > line) break;
    if (!regexFind(command.re, command.reBytes, from, rest, command.fold != 0)) break;
    matches++;
    put(from, <i32>(matchStart - from));
    if (matches >= max(command.nth, 1)) {
      replace(command);
      changed = true;
    } else put(matchStart, <i32>(matchEnd - matchStart));
    from = matchEnd;
    if (matchEnd == matchStart) {
      if (from < end) put(from, 1);
      from++;
    }
    if (changed && command.every == 0) break;
  }
  if (!changed) return;
  if (from < end) put(from, <i32>(end - from));
  const before = line;
  line = other;
  other = before;
  lineBytes = otherBytes;
  if (command.prints != 0) lineShow();
}

/** The replacement: & is what matched, \\& an ampersand, \\n a newline. */
function replace(command: Command): void {
  for (let i = 0; i < command.textBytes; i++) {
    const c: i32 = load<u8>(command.text + i);
    if (c == 0x26) {
      put(matchStart, <i32>(matchEnd - matchStart));
    } else if (c == 0x5c && i + 1 < command.textBytes) {
      const next: i32 = load<u8>(command.text + ++i);
      store<u8>(one, next == 0x6e ? 10 : next == 0x74 ? 9 : next);
      put(one, 1);
    } else {
      put(command.text + i, 1);
    }
  }
}

const one: usize = memory.data(4);

function put(p: usize, n: i32): void {
  const part = min(n, LINE_BYTES - otherBytes);
  memory.copy(other + otherBytes, p, part);
  otherBytes += part;
}

if (offsetof<Command>() > 80) ERROR("Command has more than COMMAND_BYTES");
