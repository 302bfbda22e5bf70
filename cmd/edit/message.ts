// What the editor says and asks, in the row above the hints; and which hints fit to that.

import { Writer } from "../../lib/fmt";

/** What the keys mean. */
export const enum Mode {
  EDIT = 0,
  LINE = 1, // a line is typed
  CHOICE = 2, // y or n
  HELP = 3,
}

/** What is said until the next key; a Writer that nothing flushes. */
export const note: Writer = changetype<Writer>(memory.data(20 + 4096, 8));
/** What is asked. */
export const question: Writer = changetype<Writer>(memory.data(20 + 4096, 8));

note.fd = -1;
question.fd = -1;

export let mode: Mode = Mode.EDIT;

export function modeSet(now: Mode): void {
  mode = now;
}

/** Begins what is said. */
export function say(text: string): Writer {
  note.used = 0;
  return note.text(text);
}

/** Begins what is asked. */
export function ask(text: string): Writer {
  question.used = 0;
  return question.text(text);
}

/** Nothing is said. */
export function sayNothing(): void {
  note.used = 0;
}
