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
