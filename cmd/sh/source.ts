// Where the shell's lines come from: a person at the console, a file, a descriptor that programs read from too, or a text.
//
// A file that only the shell has is read in blocks. So is standard input when it can seek: what is behind the line is then given back, since
// programs see the rest. Otherwise it is read byte by byte.

import { Whence } from "../../abi/syscall";
import { read, seek } from "../../lib/sys";
import { Edit, editBytes, editRead } from "./edit";
import { editLine } from "./line";

const enum Source {
  CONSOLE = 0,
  DESCRIPTOR = 1,
  TEXT = 2,
  FILE = 3,
}

let kind: i32 = Source.DESCRIPTOR;
let fd: i32 = 0;
let at: usize = 0; // unread: of the text, or of the block
let end: usize = 0;

export let sourceLine: usize = 0;
export let sourceBytes: i32 = 0;
/** Number of the last line. */
export let sourceLineNumber: i32 = 0;

const LINE_BYTES = 65536; // as long as a command can be
const buffer: usize = memory.data(65536);
const BLOCK_BYTES = 1024;
const block: usize = memory.data(1024);

export function sourceConsole(): void {
  kind = Source.CONSOLE;
}

/** A descriptor that programs read from too. */
export function sourceDescriptor(from: i32): void {
  kind = Source.DESCRIPTOR;
  fd = from;
}

/** A file that was opened for the shell. */
export function sourceFile(from: i32): void {
  kind = Source.FILE;
  fd = from;
}

export function sourceText(text: usize, bytes: i32): void {
  kind = Source.TEXT;
  at = text;
  end = text + bytes;
  sourceLineNumber = 0;
}

/** A script, whose syntax errors are said with file and line. */
export function sourceIsFile(): bool {
  return kind == Source.FILE;
}

/** Reads the next line, without its newline, into sourceLine and sourceBytes; `first`: it begins a command. */
export function sourceNext(first: bool): i32 {
  sourceLineNumber++;
  if (kind == Source.CONSOLE) {
    const result = editRead(first);
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
  return lineRead();
}

function lineRead(): i32 {
  sourceLine = buffer;
  sourceBytes = 0;
  const seeks = kind == Source.DESCRIPTOR && seek(fd, 0, Whence.CURRENT) >= 0;
  const wanted = kind == Source.FILE || seeks ? BLOCK_BYTES : 1;
  for (;;) {
    if (at == end) {
      const n = read(fd, block, wanted);
      if (n <= 0) return sourceBytes > 0 ? Edit.LINE : Edit.END;
      at = block;
      end = block + n;
    }
    const c = load<u8>(at++);
    if (c == 10) break;
    if (sourceBytes < LINE_BYTES - 1) store<u8>(buffer + sourceBytes++, c);
  }
  if (seeks && at < end) {
    seek(fd, -(<i64>(end - at)), Whence.CURRENT);
    at = end;
  }
  return Edit.LINE;
}
