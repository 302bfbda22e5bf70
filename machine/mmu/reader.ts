// Reader: a cursor over the bytes of a module.
//
// Invariants
//   R1  pos <= end always; every read past end throws MalformedModule, so no loop over a Reader can run away.
//   R2  A count is at most the number of bytes left, so nothing is ever allocated for a count that the file cannot hold.
// Not here  What the bytes mean: opcodes.ts (instructions), module.ts (sections).

import { MalformedModule } from "./errors.ts";

export class Reader {
  readonly bytes: Uint8Array;
  pos: number;
  end: number;

  constructor(bytes: Uint8Array, pos = 0, end = bytes.length) {
    this.bytes = bytes;
    this.pos = pos;
    this.end = end;
  }

  u8(): number {
    if (this.pos >= this.end) throw new MalformedModule("unexpected end", this.pos);
    return this.bytes[this.pos++] as number;
  }

  /** The next byte, or -1 at the end; does not move. */
  peek(): number {
    return this.pos < this.end ? (this.bytes[this.pos] as number) : -1;
  }

  /** Unsigned LEB128 of at most 32 bits and 5 bytes. */
  u32(): number {
    const first = this.u8();
    if (first < 0x80) return first;
    return this.u32Tail(first);
  }

  /** Signed LEB128 of 32 bits. */
  s32(): number {
    let result = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.u8();
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (shift === 28) {
          const high = byte & 0x78;
          if (high !== 0 && high !== 0x78)
            throw new MalformedModule("integer too large", this.pos - 1);
        } else if (byte & 0x40) result |= -1 << (shift + 7);
        return result;
      }
    }
    throw new MalformedModule("integer too long", this.pos - 1);
  }

  /** Steps over a LEB128 of at most `maxBytes` bytes. */
  skipLeb(maxBytes: number): void {
    for (let i = 0; i < maxBytes; i++) if (this.u8() < 0x80) return;
    throw new MalformedModule("integer too long", this.pos - 1);
  }

  /** A vector length: refused when even one-byte elements would not fit. */
  count(): number {
    const at = this.pos;
    const n = this.u32();
    if (n > this.end - this.pos)
      throw new MalformedModule(`count ${n} is larger than what is left`, at);
    return n;
  }

  skip(n: number): void {
    if (n > this.end - this.pos) throw new MalformedModule("unexpected end", this.end);
    this.pos += n;
  }

  name(): string {
    const n = this.count();
    const at = this.pos;
    this.skip(n);
    return decodeUtf8(this.bytes, at, at + n);
  }

  private u32Tail(first: number): number {
    let result = first & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.u8();
      if (shift === 28 && byte > 0x0f) throw new MalformedModule("integer too large", this.pos - 1);
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) return result >>> 0;
    }
    throw new MalformedModule("integer too long", this.pos - 1);
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  try {
    // A copy, because TextDecoder refuses views of shared memory.
    return utf8.decode(bytes.slice(start, end));
  } catch {
    throw new MalformedModule("a name is not UTF-8", start);
  }
}

/** Bytes of the LEB128 number at this offset. */
export function lebLength(bytes: Uint8Array, at: number): number {
  let n = 1;
  while ((bytes[at + n - 1] as number) >= 0x80) n++;
  return n;
}
