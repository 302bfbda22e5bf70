// Input: the records of a file or a pipe, as RS separates them.
//
// Invariants
//   I1  recordAt .. recordAt + recordBytes is the last record; it is in an Input's buffer and stays until something is read.
//   I2  What has not been given is buffer + from .. buffer + filled.

import { FileType, Stat } from "../../abi/syscall";
import { out } from "../../lib/fmt";
import { groupEnd, groupStart, regexMatch } from "../../lib/match";
import { close, fstat, read } from "../../lib/sys";
import { blockAlloc, blockFree } from "./blocks";
import { Cell } from "./cells";
import { regexOf } from "./regexes";
import { textDrop } from "./texts";
import { Var, variableCell, varText } from "./variables";

const BUFFER_BYTES = 65536;
const INPUT_BYTES = 32;

@unmanaged
export class Input {
  fd: i32; // -1: closed
  buffer: usize;
  room: i32;
  from: i32;
  filled: i32;
  ended: i32; // nothing more can be read
  isConsole: i32;
  errno: i32; // why it could not be read on
}

if (<i32>offsetof<Input>() != INPUT_BYTES) ERROR("Input is not INPUT_BYTES");
const st: usize = memory.data(32, 8);

export let recordAt: usize = 0;
export let recordBytes: i32 = 0;

/** Begins to read a descriptor. */
export function inputMake(fd: i32): Input {
  const input = changetype<Input>(blockAlloc(INPUT_BYTES));
  memory.fill(changetype<usize>(input), 0, INPUT_BYTES);
  input.fd = fd;
  input.room = BUFFER_BYTES;
  input.buffer = blockAlloc(BUFFER_BYTES);
  input.isConsole = fstat(fd, st) >= 0 && load<u32>(st, Stat.TYPE) == FileType.DEVICE ? 1 : 0;
  return input;
}

/** Closes it; standard input stays open. */
export function inputFree(input: Input): void {
  if (input.fd > 0) close(input.fd);
  blockFree(input.buffer, input.room);
  blockFree(changetype<usize>(input), INPUT_BYTES);
}

/** Moves to the next record; false after the last one, or where it cannot be read on. */
export function inputNext(input: Input): bool {
  const rs = varText(Var.RS);
  const bytes = rs.bytes;
  const c: i32 = bytes > 0 ? <i32>load<u8>(rs.at) : 0;
  textDrop(rs);
  if (bytes == 0) return paragraphNext(input);
  if (bytes == 1) return lineNext(input, c);
  return matchNext(input, variableCell(Var.RS));
}

/** The record up to the place `end` of the buffer; the next one begins at `after`. */
function given(input: Input, end: i32, after: i32): bool {
  recordAt = input.buffer + input.from;
  recordBytes = end - input.from;
  input.from = after;
  return true;
}

/** The last record, which no separator ends. */
function lastGiven(input: Input): bool {
  return input.filled > input.from && given(input, input.filled, input.filled);
}

function lineNext(input: Input, separator: i32): bool {
  let done = 0; // bytes that were looked at
  for (;;) {
    const end = input.buffer + input.filled;
    let p = input.buffer + input.from + done;
    while (p < end && load<u8>(p) != separator) p++;
    const i = <i32>(p - input.buffer);
    if (p < end) return given(input, i, i + 1);
    done = input.filled - input.from;
    if (!fill(input)) return lastGiven(input);
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return false;
}

/** Records between empty lines. */
function paragraphNext(input: Input): bool {
  for (;;) {
    while (input.from < input.filled && byteAt(input, input.from) == 10) input.from++;
    if (input.from < input.filled || !fill(input)) break;
  }
  let done = 0;
  for (;;) {
    for (let i = input.from + done; i + 1 < input.filled; i++) {
      if (byteAt(input, i) == 10 && byteAt(input, i + 1) == 10) return given(input, i, i + 2);
    }
    done = max(input.filled - input.from - 1, 0);
    if (!fill(input)) break;
  }
  if (!lastGiven(input)) return false;
  if (load<u8>(recordAt + recordBytes - 1) == 10) recordBytes--;
  return true;
}

function byteAt(input: Input, i: i32): i32 {
  return load<u8>(input.buffer + i);
}

/** Records between what an expression matches. */
function matchNext(input: Input, separator: Cell): bool {
  let start = 0;
  for (;;) {
    const text = input.buffer + input.from;
    const bytes = input.filled - input.from;
    const found = bytes > 0 && regexMatch(regexOf(separator), text, bytes, min(start, bytes));
    const first = found ? groupStart(0) : 0;
    const last = found ? groupEnd(0) : 0;
    if (found && first == last && first < bytes) start = first + 1;
    // A match that reaches the end of what was read may go on.
    else if (found && first < last && (last < bytes || input.ended != 0)) {
      return given(input, input.from + first, input.from + last);
    } else if (!fill(input)) {
      if (found && first < last) continue;
      break;
    }
  }
  return lastGiven(input);
}

/** Reads more, behind what has not been given; false at the end. */
function fill(input: Input): bool {
  if (input.ended != 0) return false;
  const left = input.filled - input.from;
  if (input.from > 0) memory.copy(input.buffer, input.buffer + input.from, left);
  input.from = 0;
  input.filled = left;
  if (left == input.room) grow(input);
  if (input.isConsole != 0) out.flush();
  const n = read(input.fd, input.buffer + left, input.room - left);
  if (n > 0) input.filled += n;
  else input.ended = 1;
  input.errno = min(n, 0);
  return n > 0;
}

function grow(input: Input): void {
  const more = blockAlloc(input.room * 2);
  memory.copy(more, input.buffer, input.room);
  blockFree(input.buffer, input.room);
  input.buffer = more;
  input.room *= 2;
}
