// Questions: a line, or yes or no. message.ts has the question, answer.ts the line.

import { Key } from "../../lib/fullscreen";
import { answerBegin, answerKey } from "./answer";
import { keyNext, pasteDrop } from "./input";
import { Mode, modeSet, say, sayNothing } from "./message";
import { screenForget } from "./screen";

export const enum Choice {
  CANCEL = -1,
  NO = 0,
  YES = 1,
}

/** Lets a line be typed, which begins with n bytes at p; false: given up, and said so. */
export function promptLine(p: usize, n: i32): bool {
  answerBegin(p, n);
  modeSet(Mode.LINE);
  sayNothing();
  let done = false;
  for (;;) {
    const key = keyNext(false);
    if (isCancel(key)) break;
    done = key == 13 || key == 10;
    if (done) break;
    if (key == 12) screenForget();
    else answerKey(key);
  }
  modeSet(Mode.EDIT);
  if (!done) say("Cancelled");
  return done;
}

/** Waits for y or n. */
export function promptChoice(): Choice {
  modeSet(Mode.CHOICE);
  sayNothing();
  let key = keyNext(false);
  while (!isCancel(key) && !isYes(key) && !isNo(key)) {
    if (key == Key.PASTE) pasteDrop();
    key = keyNext(false);
  }
  const choice = isYes(key) ? Choice.YES : isNo(key) ? Choice.NO : Choice.CANCEL;
  modeSet(Mode.EDIT);
  if (choice == Choice.CANCEL) say("Cancelled");
  return choice;
}

/** ^C, ^G and Esc. */
function isCancel(key: i32): bool {
  return key == Key.QUIT || key == 7 || key == 27;
}

function isYes(key: i32): bool {
  return key == 0x79 || key == 0x59;
}

function isNo(key: i32): bool {
  return key == 0x6e || key == 0x4e;
}
