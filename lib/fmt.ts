// Output: a Writer is a descriptor with a buffer. `out` is standard output, `err` standard error.
//
// Invariants
//   W1  used <= WRITER_BUFFER.
//   W2  column counts the cells written since the last newline (one per character, none for UTF-8 continuation bytes).
//
// `out` is written when it is full and at flush(); `err` also at each newline. A program ends with finish() (lib/program), which flushes.
// Every method returns the Writer, so that calls chain: out.text("pid ").dec(pid).newline().

import { write } from "./sys";
import { putDecimal } from "./text";

const WRITER_BUFFER: i32 = 4096;

@unmanaged
export class Writer {
  fd: i32;
  used: i32;
  column: i32;
  lineFlush: i32;
  failed: i32; // the first write error, as -errno
  // WRITER_BUFFER bytes follow

  /** Hands the buffered bytes to the kernel; an error is kept in `failed` and the bytes are dropped. */
  flush(): Writer {
    let p = this.buffer();
    let left = this.used;
    this.used = 0;
    while (left > 0) {
      const n = write(this.fd, p, left);
      if (n <= 0) {
        if (this.failed == 0) this.failed = n == 0 ? -5 : n;
        break;
      }
      p += n;
      left -= n;
    }
    return this;
  }

  byte(b: i32): Writer {
    if (this.used >= WRITER_BUFFER) this.flush();
    store<u8>(this.buffer() + this.used, b);
    this.used++;
    if (b == 10) {
      this.column = 0;
      if (this.lineFlush) this.flush();
    } else if ((b & 0xc0) != 0x80) {
      this.column++;
    }
    return this;
  }

  newline(): Writer {
    return this.byte(10);
  }

  bytes(p: usize, n: i32): Writer {
    for (let i = 0; i < n; i++) this.byte(load<u8>(p + i));
    return this;
  }

  /** A NUL-terminated string. */
  cstr(p: usize): Writer {
    for (let b = load<u8>(p); b != 0; b = load<u8>(++p)) this.byte(b);
    return this;
  }

  /** A literal, as UTF-8. */
  text(s: string): Writer {
    const n = s.length;
    for (let i = 0; i < n; i++) {
      const c = s.charCodeAt(i);
      if (c < 0x80) {
        this.byte(c);
      } else if ((c & 0xfc00) == 0xd800 && i + 1 < n) {
        this.codePoint(0x10000 + ((c & 0x3ff) << 10) + (s.charCodeAt(++i) & 0x3ff));
      } else {
        this.codePoint(c);
      }
    }
    return this;
  }

  codePoint(c: i32): Writer {
    if (c < 0x80) return this.byte(c);
    if (c < 0x800) return this.byte(0xc0 | (c >> 6)).byte(0x80 | (c & 63));
    if (c < 0x10000) {
      return this.byte(0xe0 | (c >> 12))
        .byte(0x80 | ((c >> 6) & 63))
        .byte(0x80 | (c & 63));
    }
    return this.byte(0xf0 | (c >> 18))
      .byte(0x80 | ((c >> 12) & 63))
      .byte(0x80 | ((c >> 6) & 63))
      .byte(0x80 | (c & 63));
  }

  /** A signed decimal, right-aligned in `width` cells. */
  dec(value: i64, width: i32 = 0): Writer {
    const n = putDecimal(scratch, value);
    this.spaces(width - n);
    return this.bytes(scratch, n);
  }

  /** An unsigned hexadecimal of at least `digits` digits, without prefix. */
  hex(value: u64, digits: i32 = 1): Writer {
    let n = 16;
    while (n > digits && n > 1 && value >> (<u64>(n - 1) * 4) == 0) n--;
    while (n > 0) {
      n--;
      const d = <i32>((value >> (<u64>n * 4)) & 15);
      this.byte(d < 10 ? 0x30 + d : 0x57 + d);
    }
    return this;
  }

  /** A size in bytes for people: 512, 4.0K, 12M; right-aligned in `width` cells. One decimal below ten units. */
  size(bytes: u64, width: i32 = 0): Writer {
    let unit = 0;
    let tenths = bytes * 10;
    while (tenths >= 10240 && unit < 4) {
      tenths = (tenths + 512) / 1024;
      unit++;
    }
    if (unit == 0) return this.dec(<i64>bytes, width);
    const fraction = tenths < 100;
    const whole = fraction ? tenths / 10 : (tenths + 5) / 10;
    let n = putDecimal(scratch, <i64>whole);
    if (fraction) {
      store<u8>(scratch + n, 0x2e);
      store<u8>(scratch + n + 1, 0x30 + <i32>(tenths % 10));
      n += 2;
    }
    store<u8>(scratch + n, load<u8>(UNITS + unit));
    n++;
    this.spaces(width - n);
    return this.bytes(scratch, n);
  }

  spaces(n: i32): Writer {
    for (; n > 0; n--) this.byte(0x20);
    return this;
  }

  /** Spaces up to a column (from 0), at least one unless the line is empty. */
  tab(column: i32): Writer {
    if (this.column > 0 && this.column >= column) return this.byte(0x20);
    return this.spaces(column - this.column);
  }

  /** Where the `used` bytes are that have not been written yet. */
  @inline
  buffer(): usize {
    return changetype<usize>(this) + offsetof<Writer>();
  }
}

const scratch: usize = memory.data(32);
const UNITS: usize = memory.data<u8>([0x42, 0x4b, 0x4d, 0x47, 0x54]); // BKMGT

const outData: usize = memory.data(20 + 4096, 8);
const errData: usize = memory.data(20 + 4096, 8);

/** Standard output. */
export const out: Writer = changetype<Writer>(outData);
/** Standard error, written line by line. */
export const err: Writer = changetype<Writer>(errData);

out.fd = 1;
err.fd = 2;
err.lineFlush = 1;
