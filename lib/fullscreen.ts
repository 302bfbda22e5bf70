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
  // The rest only for who wants them.
  DELETE = 266,
  WORD_LEFT = 267, // Left and Right with Ctrl
  WORD_RIGHT = 268,
  TOP = 269, // Home and End with Ctrl
  BOTTOM = 270,
  PASTE = 271, // a paste begins: fullscreenPasted() gives its bytes
  ENDED = 272, // TERM has come, or the input has ended
  ALT = 0x200, // and the key's byte
}

const PAUSE_NS: i64 = 30000000;
const byte: usize = memory.data(4);
let console: i32 = 0;
let wantsAll = false;
let isShown = false;

/** Takes the console behind descriptor fd; false when that is none. `all`: the Keys from DELETE on are wanted too. */
export function fullscreenBegin(fd: i32, all: bool = false): bool {
  if (!consoleSize(fd)) return false;
  console = fd;
  wantsAll = all;
  const ends = all ? 1 << Signal.TERM : 0;
  sigcatch(
    (1 << Signal.INT) | (1 << Signal.TSTP) | (1 << Signal.CONT) | (1 << Signal.WINCH) | ends,
  );
  show();
  return true;
}

function show(): void {
  consoleRaw(console);
  consoleSize(console);
  out.text("\x1b[?1049h\x1b[?25l");
  if (wantsAll) out.text("\x1b[?2004h");
  out.flush();
  isShown = true;
}

/** Gives the console back, if it has not been. */
export function fullscreenEnd(): void {
  if (!isShown) return;
  isShown = false;
  if (wantsAll) out.text("\x1b[?2004l");
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
  if (n != 1) return wantsAll ? Key.ENDED : Key.QUIT;
  const c: i32 = load<u8>(byte);
  if (c == 3) return Key.QUIT;
  return c == 27 && consoleWaiting(console) != 0 ? escape() : c;
}

/** The rest of a key's sequence: ESC [ x, ESC [ n ; m x, ESC [ n ~, ESC O x, and ESC with a byte for Alt. */
function escape(): i32 {
  const kind = next();
  if (kind < 0) return 27;
  if (kind != 0x5b && kind != 0x4f) return wantsAll ? Key.ALT + kind : Key.NONE;
  let number = 0;
  let modifier = 0; // 2: Shift, 3: Alt, 5: Ctrl
  let second = false;
  let c = next();
  for (; c >= 0x30 && c <= 0x3b; c = next()) {
    if (c == 0x3b) second = true;
    else if (second) modifier = modifier * 10 + c - 0x30;
    else number = number * 10 + c - 0x30;
  }
  const far = wantsAll && modifier > 2;
  switch (c) {
    case 0x41:
      return Key.UP;
    case 0x42:
      return Key.DOWN;
    case 0x43:
      return far ? Key.WORD_RIGHT : Key.RIGHT;
    case 0x44:
      return far ? Key.WORD_LEFT : Key.LEFT;
    case 0x48:
      return far ? Key.TOP : Key.HOME;
    case 0x46:
      return far ? Key.BOTTOM : Key.END;
  }
  return c == 0x7e ? numbered(number, far) : Key.NONE;
}

/** The key of ESC [ n ~. */
function numbered(number: i32, far: bool): i32 {
  switch (number) {
    case 1:
    case 7:
      return far ? Key.TOP : Key.HOME;
    case 3:
      return wantsAll ? Key.DELETE : Key.NONE;
    case 4:
    case 8:
      return far ? Key.BOTTOM : Key.END;
    case 5:
      return Key.PAGE_UP;
    case 6:
      return Key.PAGE_DOWN;
    case 200:
      return wantsAll ? Key.PASTE : Key.NONE;
  }
  return Key.NONE;
}

/** The next byte of a paste, -1 at its end: a terminal lets no ESC but that of ESC [ 201 ~ through. */
export function fullscreenPasted(): i32 {
  const c = next();
  if (c != 27) return c;
  for (let rest = next(); rest >= 0 && rest != 0x7e; ) rest = next();
  return -1;
}

function next(): i32 {
  let n = read(console, byte, 1);
  // What has come instead is asked for when the key is whole.
  while (n == -Errno.EINTR) n = read(console, byte, 1);
  return n == 1 ? <i32>load<u8>(byte) : -1;
}

/** What a caught signal means. ^Z: the screen is given back, and this process stops itself. */
function interrupted(): i32 {
  const came = sigtake();
  if (came & (1 << Signal.TERM)) return Key.ENDED;
  if (came & (1 << Signal.INT)) return Key.QUIT;
  if (came & (1 << Signal.TSTP)) {
    fullscreenEnd();
    kill(getpid(), Signal.STOP);
    // Who is ended while it is stopped may not touch the console: that is another's now.
    if (sigtake() & (1 << Signal.TERM)) return Key.ENDED;
    show();
    return Key.REDRAW;
  }
  if (came == 0) return Key.NONE;
  consoleSize(console);
  return Key.REDRAW;
}
