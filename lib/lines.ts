// Lines of files or of standard input, one after another: what grep, sort, cut and the like go through.
//
// Invariants
//   N1  `text` .. `text + textBytes` is the current line without its newline; it stays until the next linesNext().
//
// A line longer than 64 KiB is given in pieces (lib/reader).

import { arg, argc } from "./args";
import { complainOf, Reader } from "./reader";

const STDIN: usize = memory.data<u8>([0x2d, 0]);
const reader = new Reader();

export let text: usize = 0;
export let textBytes: i32 = 0;
/** The file that the line is from, "-" for standard input. */
export let linesName: usize = 0;
/** A file could not be read, and that was said. */
export let linesFailed = false;

let quiet = false;
let next = 0; // the next argument that is a file

/** Nothing is said of files that cannot be read. */
export function linesQuiet(): void {
  quiet = true;
}

/** The files are the arguments from `first` on; none: standard input. */
export function linesStart(first: i32): void {
  next = first;
  if (first >= argc()) linesFile(STDIN);
}

/** One file alone, after or in place of the arguments. */
export function linesFile(path: usize): void {
  next = argc();
  open(path);
}

function open(path: usize): void {
  linesName = path;
  reader.open(path);
  check();
}

/** Says why the current file cannot be read, if so. */
function check(): void {
  if (reader.errno == 0) return;
  if (quiet) reader.errno = 0;
  else complainOf(reader);
  linesFailed = true;
}

/** Whether linesFile() could open its file. */
export function linesOpen(): bool {
  return reader.isOpen;
}

/** The rest of the current file is not wanted. */
export function linesSkip(): void {
  reader.close();
}

/** Moves to the next line; false after the last one of the last file. */
export function linesNext(): bool {
  while (!reader.next()) {
    check();
    if (next >= argc()) return false;
    open(arg(next++));
  }
  text = reader.text;
  textBytes = reader.bytes;
  return true;
}
