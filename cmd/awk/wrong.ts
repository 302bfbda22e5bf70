// What ends the program early: a sentence with the line of the awk program, and status 2.

import { err } from "../../lib/fmt";
import { complain, finish } from "../../lib/program";
import { codeLine } from "./code";
import { tokenLine } from "./lexer";
import { pc } from "./run";

export const STATUS_WRONG = 2;
let runs = false;

/** From now on a line is that of the code that runs, not of the token that is read. */
export function wrongRuns(): void {
  runs = true;
}

/** "awk: line N: " on standard error; the caller ends the line and calls finish. */
export function wrongBegin(): void {
  const line = runs ? codeLine(pc) : tokenLine;
  complain();
  if (line > 0) err.text("line ").dec(line).text(": ");
}

/** Says what is wrong and ends the program. */
export function wrong(sentence: string): void {
  wrongBegin();
  err.text(sentence).newline();
  finish(STATUS_WRONG);
}

/** The same about a name. */
export function wrongName(name: usize, bytes: i32, sentence: string): void {
  wrongBegin();
  err.bytes(name, bytes).text(sentence).newline();
  finish(STATUS_WRONG);
}
