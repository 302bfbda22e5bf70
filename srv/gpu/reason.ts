// Reason: why the last request was refused, in words: an errno has no room for them. The status file ends with it.

import { putLiteral } from "../../lib/text";

export const reason: usize = memory.data(160);
export let reasonBytes = 0;

/** Keeps a sentence; the errno to answer with. */
export function refuse(errno: i32, sentence: string): i32 {
  reasonBytes = putLiteral(reason, sentence);
  return -errno;
}
