// ConsoleLine: the line discipline of a virtual terminal: what typed bytes mean.
//
//   cooked  lines with echo, backspace, ^U, ^W; ^D ends the file on an empty line, else hands out the line so far
//   raw     every byte at once, no echo
//   ^C ^Z   in both: the foreground group, if one is set, gets INT or TSTP. Otherwise raw delivers the byte, and cooked drops the line (^C)
//           or the byte (^Z)
//
// Invariants
//   D1  READY holds input that can be read: bytes, and END_OF_FILE marks. At most READY_ITEMS of them.
//   D5  What came while the input was raw is marked AS_TYPED and last in READY, and no line is begun while there is any. Who reads
//       cooked has it go through the discipline first: it was typed ahead, and is echoed now.
//
// Locks     kernel lock.
// Not here  Taking bytes from the host and waking readers: dev/console.ts.
import { Signal } from "../../abi/syscall";
import { groupSignal } from "../proc/signal";
import {
  consoleIsSilent,
  LINE_ROOM,
  READY_ITEMS,
  VtState,
  vtFlush,
  vtLine,
  vtPut,
  vtPutText,
  vtReady,
} from "./consolevt";

export const END_OF_FILE: u32 = 0x100;
const AS_TYPED: u32 = 0x200;

export const enum Key {
  CTRL_C = 3,
  CTRL_D = 4,
  BACKSPACE = 8,
  TAB = 9,
  NEWLINE = 10,
  RETURN = 13,
  CTRL_U = 21,
  CTRL_W = 23,
  CTRL_Z = 26,
  SPACE = 32,
  DELETE = 127,
}

/** Takes one typed byte. */
export function lineInput(state: VtState, byte: u32): void {
  if (byte == Key.CTRL_C && interruptForeground(state, "^C\n", Signal.INT)) return;
  if (byte == Key.CTRL_Z && interruptForeground(state, "^Z\n", Signal.TSTP)) return;
  if (state.raw != 0 || lineIsUncooked(state)) {
    readyPut(state, byte | AS_TYPED);
    return;
  }
  const n = state.lineBytes;
  switch (byte) {
    case Key.CTRL_C:
      echoText(state, "^C\n");
      state.lineBytes = 0;
      readyPut(state, Key.NEWLINE);
      return;
    case Key.CTRL_D:
      if (n == 0) readyPut(state, END_OF_FILE);
      else lineFlush(state);
      return;
    case Key.BACKSPACE:
    case Key.DELETE:
      if (n > 0) eraseTo(state, characterStart(state, n));
      return;
    case Key.CTRL_U:
      eraseTo(state, 0);
      return;
    case Key.CTRL_W:
      eraseTo(state, wordStart(state, n));
      return;
    case Key.RETURN:
    case Key.NEWLINE:
      linePut(state, Key.NEWLINE);
      echo(state, Key.NEWLINE);
      lineFlush(state);
      return;
  }
  if (n >= LINE_ROOM - 1 || (byte < <u32>Key.SPACE && byte != Key.TAB)) return;
  linePut(state, byte);
  echo(state, byte);
}

/** Hands the line so far to readers. */
export function lineFlush(state: VtState): void {
  for (let i: u32 = 0; i < state.lineBytes; i++) readyPut(state, load<u8>(vtLine(state, i)));
  state.lineBytes = 0;
}

/** Puts what was typed while the input was raw through the discipline (D5). */
export function lineCook(state: VtState): void {
  if (!lineIsUncooked(state)) return;
  const end = state.readyHead;
  let at = end;
  while (at != state.readyTail && (load<u16>(vtReady(state, at - 1)) & AS_TYPED) != 0) at--;
  // A byte becomes one item at most: what is written never gets ahead of what is read.
  state.readyHead = at;
  for (; at != end; at++) lineInput(state, load<u8>(vtReady(state, at)));
}

function lineIsUncooked(state: VtState): bool {
  return readyCount(state) > 0 && (load<u16>(vtReady(state, state.readyHead - 1)) & AS_TYPED) != 0;
}

/** readyCount for a cooked reader: what is not a whole line yet does not count. */
export function lineReadyCount(state: VtState): u32 {
  for (let at = state.readyHead; at != state.readyTail; at--) {
    const item = load<u16>(vtReady(state, at - 1));
    const byte = item & 0xff;
    if ((item & AS_TYPED) == 0 || endsLine(byte)) return at - state.readyTail;
  }
  return 0;
}

function endsLine(byte: u32): bool {
  return byte == Key.RETURN || byte == Key.NEWLINE || byte == Key.CTRL_D;
}

export function readyCount(state: VtState): u32 {
  return state.readyHead - state.readyTail;
}

/** The oldest item: END_OF_FILE, or a byte in the low eight bits. */
export function readyPeek(state: VtState): u32 {
  return load<u16>(vtReady(state, state.readyTail));
}

export function readyDrop(state: VtState): void {
  state.readyTail++;
}

function readyPut(state: VtState, item: u32): void {
  if (readyCount(state) == READY_ITEMS) return;
  store<u16>(vtReady(state, state.readyHead), <u16>item);
  state.readyHead++;
}

/** ^C or ^Z with a foreground group: what was typed is dropped and the group gets the signal. */
function interruptForeground(state: VtState, shown: string, signal: i32): bool {
  const group = state.foreground;
  if (group == 0) return false;
  state.lineBytes = 0;
  state.readyTail = state.readyHead;
  echoText(state, shown);
  groupSignal(group, signal);
  return true;
}

/**
 * A ^C or, if it may stop, a ^Z that was typed while input was raw and no group was the foreground, and that nobody has read: it was meant
 * for the command that now becomes the foreground, and so was another before it. Its Signal: it is taken, with the input before it. 0: none.
 */
export function lineTakeSignal(state: VtState, mayStop: bool): i32 {
  for (let at = state.readyHead; at != state.readyTail; at--) {
    const item = load<u16>(vtReady(state, at - 1));
    const interrupts = item == (<u16>Key.CTRL_C | AS_TYPED);
    if (!interrupts && !(mayStop && item == (<u16>Key.CTRL_Z | AS_TYPED))) continue;
    state.readyTail = at;
    echoText(state, interrupts ? "^C\n" : "^Z\n");
    return interrupts ? Signal.INT : Signal.TSTP;
  }
  return 0;
}

function linePut(state: VtState, byte: u32): void {
  store<u8>(vtLine(state, state.lineBytes), <u8>byte);
  state.lineBytes++;
}

/** Shortens the line to `to` bytes and the echo with it, one column for each character. */
function eraseTo(state: VtState, to: u32): void {
  for (let n = state.lineBytes; n > to; n--) {
    if ((load<u8>(vtLine(state, n - 1)) & 0xc0) != 0x80) echoText(state, "\b \b");
  }
  state.lineBytes = to;
}

/** Start of the UTF-8 character that ends at n. */
function characterStart(state: VtState, n: u32): u32 {
  let at = n - 1;
  while (at > 0 && (load<u8>(vtLine(state, at)) & 0xc0) == 0x80) at--;
  return at;
}

function wordStart(state: VtState, n: u32): u32 {
  let at = n;
  while (at > 0 && load<u8>(vtLine(state, at - 1)) == Key.SPACE) at--;
  while (at > 0 && load<u8>(vtLine(state, at - 1)) != Key.SPACE) at--;
  return at;
}

function echo(state: VtState, byte: u32): void {
  if (consoleIsSilent()) return;
  vtPut(state.vt, <u8>byte);
  vtFlush(state.vt);
}

function echoText(state: VtState, s: string): void {
  if (consoleIsSilent()) return;
  vtPutText(state.vt, s);
  vtFlush(state.vt);
}
