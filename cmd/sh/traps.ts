// trap: texts that run when the shell ends (EXIT), a command fails (ERR) or a signal comes (INT, TERM).
//
// Invariants
//   T1  While a trap's text runs no other starts.

import { Signal } from "../../abi/syscall";
import { err, out } from "../../lib/fmt";
import { bytesAre, cstrIs, cstrLength, parsedBytes, parseNumber } from "../../lib/text";
import { exiting } from "./builtins";
import { textRun } from "./call";
import { signalsPoll, signalsTrap, signalTaken } from "./signals";
import { stackMark, stackPush, stackRelease } from "./stack";
import { lastStatus, setLastStatus } from "./vars";

const enum Trap {
  EXIT = 0,
  INT = 1,
  TERM = 2,
  ERR = 3,
  NEVER = 4, // a signal that no one sends here
  UNKNOWN = -1,
}

const TRAPS = 4;
const TEXT_BYTES = 1024;
const texts: usize = memory.data(4096);
const states: usize = memory.data(16); // 0: none; 1: the text; 2: ignored
let running = false;

function nameOf(i: i32): string {
  return i == Trap.EXIT ? "EXIT" : i == Trap.INT ? "INT" : i == Trap.TERM ? "TERM" : "ERR";
}

/** What a name or number stands for. */
function trapIndex(name: usize): i32 {
  let n = cstrLength(name);
  if (n > 3 && bytesAre(name, 3, "SIG")) {
    name += 3;
    n -= 3;
  }
  if (bytesAre(name, n, "EXIT") || bytesAre(name, n, "0")) return Trap.EXIT;
  if (bytesAre(name, n, "INT")) return Trap.INT;
  if (bytesAre(name, n, "TERM")) return Trap.TERM;
  if (bytesAre(name, n, "ERR")) return Trap.ERR;
  if (bytesAre(name, n, "HUP") || bytesAre(name, n, "QUIT") || bytesAre(name, n, "PIPE"))
    return Trap.NEVER;
  if (bytesAre(name, n, "USR1") || bytesAre(name, n, "USR2") || bytesAre(name, n, "ALRM"))
    return Trap.NEVER;
  const number = <i32>parseNumber(name, n);
  if (n == 0 || parsedBytes != n || number < 1 || number > 15) return Trap.UNKNOWN;
  return number == Signal.INT ? Trap.INT : number == Signal.TERM ? Trap.TERM : Trap.NEVER;
}

/** trap [TEXT|- NAME ...] */
export function trapRun(word: usize, count: i32): i32 {
  if (count > 0 && (cstrIs(word, "--") || cstrIs(word, "-p"))) {
    word += 3;
    count--;
  }
  if (count == 0) {
    for (let i = 0; i < TRAPS; i++) {
      if (load<i32>(states + i * 4) == 0) continue;
      out.text("trap -- '").cstr(texts + i * TEXT_BYTES);
      out.text("' ").text(nameOf(i)).newline();
    }
    return 0;
  }
  // One name alone is reset.
  const alone = count == 1;
  const text = word;
  const n = alone ? 0 : cstrLength(text);
  if (n >= TEXT_BYTES) {
    err.text("sh: trap: the text is too long").newline();
    return 1;
  }
  const none = alone || cstrIs(text, "-");
  if (!alone) {
    word += n + 1;
    count--;
  }
  for (; count > 0; count--) {
    const i = trapIndex(word);
    if (i == Trap.UNKNOWN) {
      err
        .text("sh: trap: ")
        .cstr(word)
        .text(": not a signal; try EXIT, ERR, INT or TERM")
        .newline();
      return 1;
    }
    if (i != Trap.NEVER) trapSet(i, text, none ? 0 : n, none);
    word += cstrLength(word) + 1;
  }
  return 0;
}

function trapSet(i: i32, text: usize, n: i32, none: bool): void {
  memory.copy(texts + i * TEXT_BYTES, text, n);
  store<u8>(texts + i * TEXT_BYTES + n, 0);
  store<i32>(states + i * 4, none ? 0 : n == 0 ? 2 : 1);
  if (i == Trap.INT || i == Trap.TERM) signalsTrap(i == Trap.INT ? Signal.INT : Signal.TERM, !none);
}

function trapCall(i: i32): void {
  if (running || load<i32>(states + i * 4) != 1) return;
  running = true;
  const status = lastStatus;
  const mark = stackMark();
  // The text may set the trap anew.
  const text = texts + i * TEXT_BYTES;
  const copy = stackPush(text, cstrLength(text));
  if (copy != 0) textRun(copy, cstrLength(copy));
  stackRelease(mark);
  if (!exiting) setLastStatus(status);
  running = false;
}

/** The shell ends. */
export function trapExit(): void {
  trapCall(Trap.EXIT);
  store<i32>(states, 0);
}

/** `exec` has put a program in the shell's place: no trap runs any more. */
export function trapsForget(): void {
  memory.fill(states, 0, TRAPS * 4);
}

/** A command has failed and nobody has asked whether it would. */
export function trapFailed(): void {
  trapCall(Trap.ERR);
}

/** Between two commands: runs what is due. True: INT has come and nothing was said about it. */
export function trapsDue(): bool {
  signalsPoll();
  signalTaken(Signal.TSTP);
  if (signalTaken(Signal.TERM)) trapCall(Trap.TERM);
  if (!signalTaken(Signal.INT)) return false;
  if (load<i32>(states, Trap.INT * 4) == 0) return true;
  trapCall(Trap.INT);
  return false;
}
