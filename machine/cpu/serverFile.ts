// ServerFile: a program whose file a server keeps. The CPU reads it through the kernel, one text buffer at a time, and stores its data segments
// in the process's memory. Its content is its name: who runs the same bytes again gets the program that was made of them.

import { Errno } from "../../abi/errno.ts";
import { Limit } from "../../abi/layout.ts";
import { type KernelExports, TEXT_BYTES } from "./kernel.ts";
import type { ProgramShape } from "./program.ts";

const MEBIBYTE = 0x100000;

/** A program cannot be run: the errno for its parent and a sentence for its standard error. */
export class ExecError extends Error {
  readonly errno: number;

  constructor(errno: number, message: string) {
    super(message);
    this.errno = errno;
  }
}

/** The whole file. Throws an ExecError: the server does not answer, or the file has more than Limit.PROGRAM_BYTES. */
export function readServerFile(
  kernel: KernelExports,
  memory: WebAssembly.Memory,
): Uint8Array<ArrayBuffer> {
  let file = new Uint8Array(16 * TEXT_BYTES);
  let length = 0;
  for (;;) {
    const got = kernel.execRead(length);
    if (got === 0) return file.subarray(0, length);
    if (got < 0) throw new ExecError(-got, reason(-got));
    if (length + got > Limit.PROGRAM_BYTES) {
      const limit = Limit.PROGRAM_BYTES / MEBIBYTE;
      throw new ExecError(Errno.EFBIG, `its file has more than ${limit} MiB`);
    }
    if (length + got > file.length) {
      const larger = new Uint8Array(file.length * 2);
      larger.set(file);
      file = larger;
    }
    file.set(new Uint8Array(memory.buffer, kernel.textBuffer() >>> 0, got), length);
    length += got;
  }
}

function reason(errno: number): string {
  if (errno === Errno.EPIPE) return "the server that keeps its file has ended";
  return `its file cannot be read (error ${errno})`;
}

/** The name of a file's content. */
export async function contentKey(file: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", file));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Where the segments of an image begin and end, as segments without bytes: what the kernel lays out. */
export function extent(segments: ProgramShape["segments"]): ProgramShape["segments"] {
  const first = segments[0];
  const last = segments.at(-1);
  if (first === undefined || last === undefined) return [];
  const end = last.va + last.length;
  return [first.va, end].map((va) => ({ va, fileOffset: 0, length: 0 }));
}

/** Stores the bytes of the segments in the process's memory, which was laid out for them. Throws an ExecError. */
export function storeSegments(
  kernel: KernelExports,
  memory: WebAssembly.Memory,
  segments: ProgramShape["segments"],
  file: Uint8Array,
): void {
  const buffer = new Uint8Array(memory.buffer, kernel.textBuffer() >>> 0, TEXT_BYTES);
  for (const { va, fileOffset, length } of segments) {
    for (let done = 0; done < length; done += TEXT_BYTES) {
      const part = Math.min(length - done, TEXT_BYTES);
      const from = fileOffset + done;
      buffer.set(file.subarray(from, from + part));
      const result = kernel.execStore(va + done, part);
      if (result < 0) throw new ExecError(-result, "out of memory for its data");
    }
  }
}
