// Reader: the lines of a file. Programs that read several side by side have one for each; lib/lines has one for all.
//
// Invariants
//   R1  `text` .. `text + bytes` is the current line without its newline; it stays until this reader's next() or open().
//
// A line longer than the buffer is given in pieces.

import { OpenFlag } from "../abi/syscall";
import { openPath } from "./files";
import { complainErrno } from "./program";
import { close, read } from "./sys";
import { cstrIs } from "./text";

const BUFFER_BYTES = 65536;

export class Reader {
  text: usize = 0;
  bytes: i32 = 0;
  /** Why it could not be opened or read on, as -errno; 0: nothing is wrong. */
  errno: i32 = 0;
  /** The path it was opened with. */
  name: usize = 0;
  private fd: i32 = -1;
  private buffer: usize = heap.alloc(BUFFER_BYTES);
  private from: i32 = 0; // what has not been given: buffer + from .. buffer + filled
  private filled: i32 = 0;

  /** Begins a file that is named by a NUL-terminated path; "-" is standard input. */
  open(path: usize): Reader {
    this.close();
    this.name = path;
    this.fd = cstrIs(path, "-") ? 0 : openPath(path, OpenFlag.READ);
    this.errno = min(this.fd, 0);
    return this;
  }

  /** Whether there may be more of it. */
  get isOpen(): bool {
    return this.fd >= 0 || this.filled > this.from;
  }

  /** The rest of it is not wanted. */
  close(): void {
    this.end();
    this.from = 0;
    this.filled = 0;
  }

  /** Moves to the next line; false after the last, or where it cannot be read on. */
  next(): bool {
    let end = this.from;
    for (;;) {
      while (end < this.filled && load<u8>(this.buffer + end) != 10) end++;
      if (end < this.filled) return this.found(end, end + 1);
      if (this.from > 0) {
        this.filled -= this.from;
        memory.copy(this.buffer, this.buffer + this.from, this.filled);
        this.from = 0;
        end = this.filled;
      }
      if (this.filled == BUFFER_BYTES) return this.found(end, end);
      if (!this.fill()) return this.filled > 0 && this.found(end, end);
    }
    // biome-ignore lint/correctness/noUnreachable: asc wants it.
    return false;
  }

  private fill(): bool {
    if (this.fd < 0) return false;
    const n = read(this.fd, this.buffer + this.filled, BUFFER_BYTES - this.filled);
    if (n > 0) this.filled += n;
    else this.end();
    if (n < 0) this.errno = n;
    return n > 0;
  }

  private end(): void {
    if (this.fd > 0) close(this.fd);
    this.fd = -1;
  }

  private found(end: i32, after: i32): bool {
    this.text = this.buffer + this.from;
    this.bytes = end - this.from;
    this.from = after;
    return true;
  }
}

/** Says why a file cannot be read, once; whether that is so. */
export function complainOf(reader: Reader): bool {
  if (reader.errno == 0) return false;
  complainErrno(reader.name, reader.errno);
  reader.errno = 0;
  return true;
}
