// The environment: NAME=VALUE strings that a program gets from whoever started it. It is read into a buffer, changed there, and given back to
// the kernel, which hands it to the programs that this one starts.
//
// Invariants
//   N1  environBytes bytes at environText are strings that end with NUL; a name is in one of them at most.

import { environ, setenviron } from "./sys";
import { bytesIndex, cstrLength } from "./text";

/** The kernel's limit. */
export const ENVIRON_BYTES: i32 = 16376;
export const environText: usize = memory.data(16376);
export let environBytes: i32 = 0;

/** Reads this process's environment. */
export function environLoad(): void {
  environBytes = max(min(environ(environText, ENVIRON_BYTES), ENVIRON_BYTES), 0);
}

/** Begins with nothing. */
export function environStart(): void {
  environBytes = 0;
}

/** The string NAME=VALUE of a name, or 0. */
export function environFind(name: usize, bytes: i32): usize {
  for (let p = environText; p < environText + environBytes; p += cstrLength(p) + 1) {
    if (bytesIndex(p, cstrLength(p), 0x3d) == bytes && memory.compare(p, name, bytes) == 0)
      return p;
  }
  return 0;
}

/** The value of a name, ended by NUL, or 0. */
export function environValue(name: usize, bytes: i32): usize {
  const found = environFind(name, bytes);
  return found == 0 ? 0 : found + bytes + 1;
}

/** Puts NAME=VALUE in, in place of what that name had. False: no room, or no `=`. */
export function environSet(entry: usize, bytes: i32): bool {
  const name = bytesIndex(entry, bytes, 0x3d);
  if (name <= 0) return false;
  environUnset(entry, name);
  if (environBytes + bytes + 1 > ENVIRON_BYTES) return false;
  memory.copy(environText + environBytes, entry, bytes);
  store<u8>(environText + environBytes + bytes, 0);
  environBytes += bytes + 1;
  return true;
}

export function environUnset(name: usize, bytes: i32): void {
  const found = environFind(name, bytes);
  if (found == 0) return;
  const n = cstrLength(found) + 1;
  memory.copy(found, found + n, <usize>environBytes - (found + n - environText));
  environBytes -= n;
}

/** Makes it this process's environment; 0 or -errno. */
export function environStore(): i32 {
  return setenviron(environText, environBytes);
}
