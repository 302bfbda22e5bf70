// Where the shell's lines come from: a person at the console, a descriptor read byte by byte (so that programs see the rest), or a text.

import { read } from "../../lib/sys";
import { Edit, editBytes, editRead } from "./edit";
import { editLine } from "./line";

export const enum Source {
  CONSOLE = 0,
  DESCRIPTOR = 1,
  TEXT = 2,
}

let kind: i32 = Source.DESCRIPTOR;
let fd: i32 = 0;
let at: usize = 0;
let end: usize = 0;

export let sourceLine: usize = 0;
export let sourceBytes: i32 = 0;

export function sourceConsole(): void {
  kind = Source.CONSOLE;
}

export function sourceDescriptor(from: i32): void {
  kind = Source.DESCRIPTOR;
  fd = from;
}

export function sourceText(text: usize, bytes: i32): void {
  kind = Source.TEXT;
  at = text;
  end = text + bytes;
}

/** Reads the next line, without its newline, into sourceLine and sourceBytes. The prompt is for people. */
export function sourceNext(prompt: string): i32 {
  if (kind == Source.CONSOLE) {
    const result = editRead(prompt);
    sourceLine = editLine;
    sourceBytes = editBytes;
    return result;
  }
  if (kind == Source.TEXT) {
    if (at >= end) return Edit.END;
    sourceLine = at;
    while (at < end && load<u8>(at) != 10) at++;
    sourceBytes = <i32>(at - sourceLine);
    at++;
    return Edit.LINE;
  }
  sourceLine = buffer;
  sourceBytes = 0;
  for (;;) {
    const n = read(fd, buffer + sourceBytes, 1);
    if (n <= 0) return sourceBytes > 0 ? Edit.LINE : Edit.END;
    if (load<u8>(buffer + sourceBytes) == 10) return Edit.LINE;
    if (sourceBytes < LINE_BYTES - 1) sourceBytes++;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return Edit.END;
}

const LINE_BYTES = 16384;
const buffer: usize = memory.data(16384);
