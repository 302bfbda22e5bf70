// One line through all commands of the script.
//
// Invariants
//   E1  `space` is the text that is being edited, `hold` the one that is kept beside it; both have at most SPACE_BYTES.

import { OpenFlag } from "../../abi/syscall";
import { openPath } from "../../lib/files";
import { out } from "../../lib/fmt";
import { regexFind } from "../../lib/match";
import { option } from "../../lib/options";
import { Regex } from "../../lib/regex";
import { close, read } from "../../lib/sys";
import { bytesIndex } from "../../lib/text";
import { hasNext, lineTake, number, wrong } from "./index";
import { Address, At, addressOf, Command, commandAt, commandCount } from "./script";
import { substitute } from "./substitute";

export const SPACE_BYTES = 1048576;
export let space: usize = memory.data(1048576);
export let spaceBytes = 0;
let hold: usize = memory.data(1048576);
let holdBytes = 0;

/** q or Q was run: nothing more is read. */
export let editEnded = false;
export let editStatus = 0;
/** An s has replaced something since the last line or t. */
let replaced = false;
/** D: the next round begins with what is in the space. */
export let keepsSpace = false;

const LATER = 64;
const later: usize = memory.data(256); // the a and r commands whose texts come behind the line
let laterCount = 0;

/** Makes another text the one that is edited; the buffer of the old one is returned. */
export function spaceSwap(text: usize, bytes: i32): usize {
  const old = space;
  space = text;
  spaceBytes = bytes;
  return old;
}

/** Takes the next line, or what D has left, through the script. */
export function editLine(): void {
  if (!keepsSpace) spaceBytes = lineTake(space, space);
  keepsSpace = false;
  replaced = false;
  const shows = commandsRun() && !option("n");
  if (shows) spaceShow(spaceBytes);
  laterShow();
}

function spaceShow(bytes: i32): void {
  out.bytes(space, bytes).newline();
}

/** Runs the commands; false when the line is not to be shown at the end. */
function commandsRun(): bool {
  for (let i = 0; i < commandCount; i++) {
    const command = commandAt(i);
    if (selects(command) == (command.negated != 0)) {
      if (command.letter == 0x7b) i = command.target;
      continue;
    }
    switch (command.letter) {
      case 0x73:
        if (substitute(command)) {
          replaced = true;
          if (command.prints != 0) spaceShow(spaceBytes);
        }
        break;
      case 0x79:
        for (let k = 0; k < spaceBytes; k++) {
          store<u8>(space + k, load<u8>(command.text + load<u8>(space + k)));
        }
        break;
      case 0x64:
        return false;
      case 0x44: {
        const first = bytesIndex(space, spaceBytes, 10) + 1;
        if (first == 0) return false;
        memory.copy(space, space + first, spaceBytes - first);
        spaceBytes -= first;
        keepsSpace = true;
        return false;
      }
      case 0x70:
        spaceShow(spaceBytes);
        break;
      case 0x50: {
        const first = bytesIndex(space, spaceBytes, 10);
        spaceShow(first < 0 ? spaceBytes : first);
        break;
      }
      case 0x6e:
        if (!hasNext) return true;
        if (!option("n")) spaceShow(spaceBytes);
        laterShow();
        spaceBytes = lineTake(space, space);
        break;
      case 0x4e:
        if (!hasNext) return true;
        laterShow();
        add(10);
        spaceBytes = lineTake(space, space + spaceBytes);
        break;
      case 0x67:
        spaceBytes = 0;
        spaceAdd(hold, holdBytes);
        break;
      case 0x47:
        add(10);
        spaceAdd(hold, holdBytes);
        break;
      case 0x68:
        holdBytes = 0;
        holdAdd();
        break;
      case 0x48:
        if (holdBytes >= SPACE_BYTES) tooLarge();
        store<u8>(hold + holdBytes++, 10);
        holdAdd();
        break;
      case 0x78: {
        const bytes = spaceBytes;
        hold = spaceSwap(hold, holdBytes);
        holdBytes = bytes;
        break;
      }
      case 0x71:
      case 0x51:
        editEnded = true;
        editStatus = command.nth & 255;
        return command.letter == 0x71;
      case 0x3d:
        out.dec(number).newline();
        break;
      case 0x61:
      case 0x72:
        if (laterCount == LATER) wrong("too many a and r for one line");
        store<i32>(later + laterCount++ * 4, i);
        break;
      case 0x69:
        out.bytes(command.text, command.textBytes).newline();
        break;
      case 0x63:
        // Of a range, the last line is replaced and the others go.
        if (command.negated != 0 || command.inside == 0) {
          out.bytes(command.text, command.textBytes).newline();
        }
        return false;
      case 0x62:
        i = command.target - 1;
        break;
      case 0x74:
      case 0x54:
        if (replaced == (command.letter == 0x74)) i = command.target - 1;
        replaced = false;
        break;
    }
  }
  return true;
}

function tooLarge(): void {
  wrong("the text that is being edited is larger than 1 MiB");
}

function add(c: i32): void {
  if (spaceBytes >= SPACE_BYTES) tooLarge();
  store<u8>(space + spaceBytes++, c);
}

function spaceAdd(p: usize, n: i32): void {
  if (spaceBytes + n > SPACE_BYTES) tooLarge();
  memory.copy(space + spaceBytes, p, n);
  spaceBytes += n;
}

function holdAdd(): void {
  if (holdBytes + spaceBytes > SPACE_BYTES) tooLarge();
  memory.copy(hold + holdBytes, space, spaceBytes);
  holdBytes += spaceBytes;
}

/** The texts of a, and the files of r, behind the line. */
function laterShow(): void {
  for (let i = 0; i < laterCount; i++) {
    const command = commandAt(load<i32>(later + i * 4));
    if (command.letter == 0x61) out.bytes(command.text, command.textBytes).newline();
    else fileShow(command);
  }
  laterCount = 0;
}

const path: usize = memory.data(1028);
const part: usize = memory.data(4096);

/** A file that is not there is none. */
function fileShow(command: Command): void {
  const n = min(command.textBytes, 1024);
  memory.copy(path, command.text, n);
  store<u8>(path + n, 0);
  const fd = openPath(path, OpenFlag.READ);
  if (fd < 0) return;
  for (let got = read(fd, part, 4096); got > 0; got = read(fd, part, 4096)) out.bytes(part, got);
  close(fd);
}

let lastRegex: Regex | null = null;

/** The expression, or the one that was used last. */
export function regexUsed(regex: Regex | null): Regex {
  if (regex != null) lastRegex = regex;
  if (lastRegex == null) wrong("no expression was used before an empty one");
  return lastRegex!;
}

function addressIs(address: Address): bool {
  switch (address.kind) {
    case At.LINE:
      return number == address.line;
    case At.LAST:
      return !hasNext;
    case At.STEP:
      if (address.step == 0) return number == address.line;
      return number >= address.line && (number - address.line) % address.step == 0;
  }
  return regexFind(regexUsed(address.regex), space, spaceBytes, 0);
}

function selects(command: Command): bool {
  const from = addressOf(command, false);
  const to = addressOf(command, true);
  if (from.kind == At.NONE) return true;
  if (to.kind == At.NONE) return addressIs(from);
  if (command.inside == 0) {
    if (!addressIs(from)) return false;
    command.until = rangeEnd(to);
    command.inside = command.until >= 0 && command.until <= number ? 0 : 1;
    return true;
  }
  const over = command.until >= 0 ? number >= command.until : addressIs(to);
  if (over) command.inside = 0;
  // A line number that has been passed already ends the range before this line.
  return !(over && command.until >= 0 && number > command.until);
}

/** The last line of a range that begins here, -1: the line that matches. */
function rangeEnd(to: Address): i32 {
  switch (to.kind) {
    case At.LINE:
      return to.line;
    case At.COUNT:
      return number + to.line;
    case At.MULTIPLE:
      return to.line == 0 ? number : number + ((to.line - (number % to.line)) % to.line);
    case At.LAST:
      return hasNext ? -1 : number;
  }
  return -1;
}
