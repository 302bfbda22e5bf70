// paste: lines of files side by side, or with -s those of each file one after another.

import { arg, argc } from "../../lib/args";
import { out } from "../../lib/fmt";
import { option, options, optionText } from "../../lib/options";
import { finish, help } from "../../lib/program";
import { complainOf, Reader } from "../../lib/reader";
import { cstrIs, cstrLength } from "../../lib/text";

const USAGE = "paste [-s] [-d LIST] [FILE ...]";
const STDIN: usize = memory.data<u8>([0x2d, 0]);
const TAB: usize = memory.data<u8>([9, 0]);
const NONE: i32 = -1; // \0 in the list: nothing between
let delimiters: usize = TAB; // an i32 each
let count = 0;

export function _start(): void {
  help(
    "paste [-s] [-d LIST] [FILE ...]: puts lines of files side by side, with a tab between, or each character of LIST in turn; -s: each file's lines make one line; - is standard input\n  ls /bin | paste - - -",
  );
  const first = options("sd:", USAGE);
  delimiterList(option("d") ? optionText("d") : TAB);
  const files = max(argc() - first, 1);
  const readers = new StaticArray<Reader>(files);
  for (let i = 0; i < files; i++)
    readers[i] = readerOf(first + i < argc() ? arg(first + i) : STDIN);
  if (failed && !option("s")) finish(1);
  if (option("s")) for (let i = 0; i < files; i++) serial(readers[i]);
  else while (row(readers)) {}
  finish(failed ? 1 : 0);
}

let failed = false;
const standard = new Reader();

/** All that name standard input share its reader. */
function readerOf(path: usize): Reader {
  if (cstrIs(path, "-")) return standard.isOpen ? standard : standard.open(path);
  const reader = new Reader().open(path);
  failed = complainOf(reader) || failed;
  return reader;
}

function nextOf(reader: Reader): bool {
  if (reader.next()) return true;
  failed = complainOf(reader) || failed;
  return false;
}

/** Reads \n, \t, \\ and \0 as C does. An empty list has nothing between. */
function delimiterList(list: usize): void {
  const n = cstrLength(list);
  delimiters = heap.alloc((n + 1) * 4);
  for (let i = 0; i < n; i++) {
    let c: i32 = load<u8>(list + i);
    if (c == 0x5c && i + 1 < n) c = escaped(load<u8>(list + ++i));
    store<i32>(delimiters + count++ * 4, c);
  }
  if (count == 0) store<i32>(delimiters + count++ * 4, NONE);
}

function escaped(c: i32): i32 {
  return c == 0x6e ? 10 : c == 0x74 ? 9 : c == 0x30 ? NONE : c;
}

function delimit(i: i32): void {
  const c = load<i32>(delimiters + (i % count) * 4);
  if (c != NONE) out.byte(c);
}

/** One line of all files; false when all have ended. */
function row(readers: StaticArray<Reader>): bool {
  let skipped = 0; // delimiters before the first file that has a line
  let any = false;
  for (let i = 0; i < readers.length; i++) {
    if (nextOf(readers[i])) {
      if (!any) for (let k = 0; k < skipped; k++) delimit(k);
      any = true;
      out.bytes(readers[i].text, readers[i].bytes);
    }
    if (i + 1 == readers.length) break;
    if (any) delimit(i);
    else skipped++;
  }
  if (any) out.newline();
  return any;
}

function serial(reader: Reader): void {
  if (!reader.isOpen) return;
  for (let i = 0; nextOf(reader); i++) {
    if (i > 0) delimit(i - 1);
    out.bytes(reader.text, reader.bytes);
  }
  out.newline();
}
