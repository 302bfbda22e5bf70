// Open files of the stand-in for the kernel (fakeSys.ts).

import { Errno } from "../../abi/errno.ts";
import { FileType } from "../../abi/syscall.ts";

/** An open file. */
export interface FakeFile {
  type: FileType;
  /** -errno: it could not be. */
  read(count: number): Uint8Array | number;
  write(bytes: Uint8Array): number;
  truncate?(size: number): void;
  size(): number;
  /** Moves to an offset from the start (0), the current place (1) or the end (2); where that is. */
  seek?(offset: number, whence: number): number;
  /** Where it is, if it has a name. */
  path?: string;
  entries?: string[];
  control?(text: string): string | number;
}

/** Bytes to read. */
export function source(bytes: Uint8Array): FakeFile {
  let at = 0;
  return {
    type: FileType.FILE,
    size: () => bytes.length,
    write: () => -Errno.EBADF,
    read: (count) => {
      const part = bytes.subarray(at, at + count);
      at += part.length;
      return part;
    },
  };
}

/** Takes what is written. */
export function sink(parts: Uint8Array[]): FakeFile {
  return {
    type: FileType.PIPE,
    size: () => 0,
    read: () => new Uint8Array(),
    write: (bytes) => {
      parts.push(bytes);
      return bytes.length;
    },
  };
}

export function join(parts: Uint8Array[]): string {
  return new TextDecoder().decode(Buffer.concat(parts));
}

/** A console's keyboard: a piece is there when the one before has been read; `interrupts` says whether what has happened ends the wait. */
export function keyboard(pieces: (string | (() => void))[], interrupts: () => boolean): FakeFile {
  let piece: Uint8Array = new Uint8Array();
  return {
    ...source(piece),
    size: () => piece.length,
    read: (count) => {
      while (piece.length === 0) {
        const next = pieces.shift();
        if (next === undefined) return piece;
        if (typeof next === "string") piece = new TextEncoder().encode(next);
        else next();
        if (interrupts()) return -Errno.EINTR;
      }
      const part = piece.subarray(0, count);
      piece = piece.subarray(count);
      return part;
    },
  };
}
