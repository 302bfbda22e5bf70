// A program that has the whole console: another screen, keys one by one, and what comes in between: another size, ^C, ^Z, being continued.
//
// Invariants
//   F1  Between fullscreenBegin and fullscreenEnd the console is raw and shows the other screen, but not while the program is stopped.

import { Errno } from "../abi/errno";
import { Signal } from "../abi/syscall";
import { consoleCooked, consoleRaw, consoleSize, consoleWaiting } from "./console";
import { out } from "./fmt";
import { getpid, kill, nanosleep, read, sigcatch, sigtake } from "./sys";
import { now } from "./time";

/** Keys that are not a byte. */
export const enum Key {
  NONE = 0, // the time is over
  QUIT = 256, // ^C, or the end of the input
  REDRAW = 257, // the size has changed, or the program was continued
  UP = 258,
  DOWN = 259,
  LEFT = 260,
  RIGHT = 261,
  HOME = 262,
  END = 263,
  PAGE_UP = 264,
  PAGE_DOWN = 265,
}

const PAUSE_NS: i64 = 30000000;
const byte: usize = memory.data(4);
let console: i32 = 0;

/** Takes the console behind descriptor fd; false when that is none. */
export function fullscreenBegin(fd: i32): bool {
  if (!consoleSize(fd)) return false;
  console = fd;
  sigcatch((1 << Signal.INT) | (1 << Signal.TSTP) | (1 << Signal.CONT) | (1 << Signal.WINCH));
  show();
  return true;
}

function show(): void {
  consoleRaw(console);
  consoleSize(console);
  out.text("\x1b[?1049h\x1b[?25l").flush();
}

export function fullscreenEnd(): void {
  out.text("\x1b[?25h\x1b[?1049l").flush();
  consoleCooked(console);
}

/** The next key, a byte or a Key; waits for it at most so long (negative: for ever). */
export function fullscreenKey(timeoutNs: i64): i32 {
  out.flush();
  const end = now() + timeoutNs;
  while (timeoutNs >= 0 && consoleWaiting(console) == 0) {
    const left = end - now();
    if (left <= 0) return Key.NONE;
    if (nanosleep(min(left, PAUSE_NS)) == -Errno.EINTR) {
      const key = interrupted();
      if (key != Key.NONE) return key;
    }
  }
  const n = read(console, byte, 1);
  if (n == -Errno.EINTR) {
    const key = interrupted();
    return key != Key.NONE ? key : fullscreenKey(timeoutNs);
  }
  if (n != 1) return Key.QUIT;
  const c: i32 = load<u8>(byte);
  if (c == 3) return Key.QUIT;
  return c == 27 && consoleWaiting(console) != 0 ? escape() : c;
}

/** The rest of a key's sequence: ESC [ x, ESC [ n ~, ESC O x. */
function escape(): i32 {
  if (next() < 0) return 27;
  let number = 0;
  let c = next();
  for (; c >= 0x30 && c <= 0x3b; c = next()) number = number * 10 + c - 0x30;
  switch (c) {
    case 0x41:
      return Key.UP;
    case 0x42:
      return Key.DOWN;
    case 0x43:
      return Key.RIGHT;
    case 0x44:
      return Key.LEFT;
    case 0x48:
      return Key.HOME;
    case 0x46:
      return Key.END;
  }
  if (c != 0x7e) return Key.NONE;
  switch (number) {
    case 1:
    case 7:
      return Key.HOME;
    case 4:
    case 8:
      return Key.END;
    case 5:
      return Key.PAGE_UP;
    case 6:
      return Key.PAGE_DOWN;
  }
  return Key.NONE;
}

function next(): i32 {
  return read(console, byte, 1) == 1 ? <i32>load<u8>(byte) : -1;
}

/** What a caught signal means. ^Z: the screen is given back, and this process stops itself. */
function interrupted(): i32 {
  const came = sigtake();
  if (came & (1 << Signal.INT)) return Key.QUIT;
  if (came & (1 << Signal.TSTP)) {
    fullscreenEnd();
    kill(getpid(), Signal.STOP);
    sigtake();
    show();
    return Key.REDRAW;
  }
  if (came == 0) return Key.NONE;
  consoleSize(console);
  return Key.REDRAW;
}
