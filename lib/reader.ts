// Reader: the lines of one file, for programs that read several side by side; lib/lines goes through them one after another.
//
// Invariants
//   R1  `text` .. `text + bytes` is the current line without its newline; it stays until this reader's next().
//
// A line longer than the buffer is given in pieces.

import { OpenFlag } from "../abi/syscall";
import { openPath } from "./files";
import { complainErrno } from "./program";
import { read } from "./sys";
import { cstrIs } from "./text";

const BUFFER_BYTES = 65536;
const STDIN: usize = memory.data<u8>([0x2d, 0]);
let standard: Reader | null = null;

/** The reader of a file that is named by a NUL-terminated path; "-" is standard input, which all that ask share. */
export function readerOf(path: usize): Reader {
  if (!cstrIs(path, "-")) return new Reader(path, openPath(path, OpenFlag.READ));
  let reader = standard;
  if (reader === null) reader = new Reader(STDIN, 0);
  standard = reader;
  return reader;
}

export class Reader {
  text: usize = 0;
  bytes: i32 = 0;
  /** It could not be read, which was said. */
  failed: bool = false;
  private buffer: usize = heap.alloc(BUFFER_BYTES);
  private from: i32 = 0; // what has not been given: buffer + from .. buffer + filled
  private filled: i32 = 0;
  private ended: bool = false;

  constructor(
    private name: usize,
    private fd: i32,
  ) {
    if (fd < 0) this.fail(fd);
  }

  /** Moves to the next line; false after the last. */
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
    if (this.ended) return false;
    const n = read(this.fd, this.buffer + this.filled, BUFFER_BYTES - this.filled);
    if (n < 0) this.fail(n);
    if (n <= 0) this.ended = true;
    else this.filled += n;
    return n > 0;
  }

  private fail(errno: i32): void {
    complainErrno(this.name, errno);
    this.failed = true;
    this.ended = true;
  }

  private found(end: i32, after: i32): bool {
    this.text = this.buffer + this.from;
    this.bytes = end - this.from;
    this.from = after;
    return true;
  }
}
