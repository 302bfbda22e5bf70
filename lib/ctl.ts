// Control messages: texts sent to a descriptor (ctl), with a text as the answer. Clients of /dev/gpu/ctl and of the console.

import { ctl } from "./sys";
import { putDecimal, putLiteral } from "./text";

/** The answer to the last control message, at most 256 bytes. */
export const reply: usize = memory.data(260);

/** Sends a literal; bytes of the answer or -errno. */
export function ctlText(fd: i32, text: string): i32 {
  return ctl(fd, reply, putLiteral(reply, text));
}

/** Sends a literal followed by a number; bytes of the answer or -errno. */
export function ctlNumber(fd: i32, text: string, value: i64): i32 {
  const n = putLiteral(reply, text);
  return ctl(fd, reply, n + putDecimal(reply + n, value));
}

let bytes = 0;

/** Begins a message that is put together from words; ctlWord adds to it, ctlSend sends it. */
export function ctlReset(text: string): void {
  bytes = putLiteral(reply, text);
}

/** Adds a number and the character that follows it. */
export function ctlWord(value: i64, after: i32): void {
  bytes += putDecimal(reply + bytes, value);
  store<u8>(reply + bytes++, after);
}

/** Bytes of the answer or -errno. */
export function ctlSend(fd: i32): i32 {
  return ctl(fd, reply, bytes);
}
