// trap: texts that run when the shell ends (EXIT) or a signal comes (INT, TERM).
//
// Invariants
//   T1  While a trap's text runs no other starts.

import { Signal } from "../../abi/syscall";
import { err, out } from "../../lib/fmt";
import { bytesAre, cstrIs, cstrLength, parsedBytes, parseNumber } from "../../lib/text";
import { exiting } from "./builtins";
import { textRun } from "./call";
import { signalsPoll, signalsTrap, signalTaken } from "./signals";
import { lastStatus, setLastStatus } from "./vars";

const EXIT = 0;
const TRAPS = 3;
const TEXT_BYTES = 1024;
const texts: usize = memory.data(3072);
const states: usize = memory.data(12); // 0: none; 1: the text; 2: ignored
let running = false;

function signalAt(i: i32): i32 {
  return i == 1 ? Signal.INT : i == 2 ? Signal.TERM : EXIT;
}

/** Index of EXIT, INT or TERM by name or number, or -1. */
function trapIndex(name: usize): i32 {
  const n = cstrLength(name);
  if (bytesAre(name, n, "EXIT")) return 0;
  if (bytesAre(name, n, "INT") || bytesAre(name, n, "SIGINT")) return 1;
  if (bytesAre(name, n, "TERM") || bytesAre(name, n, "SIGTERM")) return 2;
  const number = <i32>parseNumber(name, n);
  if (n == 0 || parsedBytes != n) return -1;
  for (let i = 0; i < TRAPS; i++) if (signalAt(i) == number) return i;
  return -1;
}

/** trap [TEXT|- NAME ...] */
export function trapRun(word: usize, count: i32): i32 {
  if (count == 0) {
    for (let i = 0; i < TRAPS; i++) {
      if (load<i32>(states + i * 4) == 0) continue;
      out.text("trap -- '").cstr(texts + i * TEXT_BYTES);
      out
        .text("' ")
        .text(i == 0 ? "EXIT" : i == 1 ? "INT" : "TERM")
        .newline();
    }
    return 0;
  }
  if (count == 1) {
    err.text("sh: trap: which of EXIT, INT and TERM?").newline();
    return 2;
  }
  const text = word;
  const n = cstrLength(text);
  if (n >= TEXT_BYTES) {
    err.text("sh: trap: the text is too long").newline();
    return 1;
  }
  const none = cstrIs(text, "-");
  for (word += n + 1; count > 1; count--) {
    const i = trapIndex(word);
    if (i < 0) {
      err.text("sh: trap: ").cstr(word).text(": not EXIT, INT or TERM").newline();
      return 1;
    }
    memory.copy(texts + i * TEXT_BYTES, text, n + 1);
    store<i32>(states + i * 4, none ? 0 : n == 0 ? 2 : 1);
    if (i != 0) signalsTrap(signalAt(i), !none);
    word += cstrLength(word) + 1;
  }
  return 0;
}

function trapCall(i: i32): void {
  if (running || load<i32>(states + i * 4) != 1) return;
  running = true;
  const status = lastStatus;
  const text = texts + i * TEXT_BYTES;
  textRun(text, cstrLength(text));
  if (!exiting) setLastStatus(status);
  running = false;
}

/** The shell ends. */
export function trapExit(): void {
  trapCall(0);
  store<i32>(states, 0);
}

/** Between two commands: runs what is due. True: INT has come and nothing was said about it. */
export function trapsDue(): bool {
  signalsPoll();
  signalTaken(Signal.TSTP);
  if (signalTaken(Signal.TERM)) trapCall(2);
  if (!signalTaken(Signal.INT)) return false;
  if (load<i32>(states, 4) == 0) return true;
  trapCall(1);
  return false;
}
