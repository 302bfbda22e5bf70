// Log: init's words. The kernel log is their place: it is on the console unless the command line says "quiet".

import { errnoText } from "../../lib/errno";
import { klog, write } from "../../lib/sys";
import { putDecimal, putLiteral } from "../../lib/text";

const LINE_BYTES = 250;
const line: usize = memory.data(256);
let n = 0;

/** Starts a line: "init: " and the text. */
export function say(text: string): void {
  n = putLiteral(line, "init: ");
  more(text);
}

/** Starts a line that is not from init itself. */
export function sayPlain(text: string): void {
  n = 0;
  more(text);
}

export function more(text: string): void {
  if (n + text.length <= LINE_BYTES) n += putLiteral(line + n, text);
}

export function moreBytes(p: usize, bytes: i32): void {
  if (n + bytes > LINE_BYTES) return;
  memory.copy(line + n, p, bytes);
  n += bytes;
}

export function moreNumber(value: i64): void {
  if (n + 20 <= LINE_BYTES) n += putDecimal(line + n, value);
}

export function moreErrno(errno: i32): void {
  more(errnoText(errno));
}

/** Ends the line. */
export function said(): void {
  store<u8>(line + n, 10);
  if (klog(line, n + 1) < 0) write(2, line, n + 1);
}
