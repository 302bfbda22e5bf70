// Tables: shows a text file of the kernel with its columns lined up, or as it is.

import { OpenFlag } from "../abi/syscall";
import { arg } from "./args";
import { errnoText } from "./errno";
import {
  line,
  lineBytes,
  lineNext,
  lineStart,
  openLiteral,
  openPath,
  readFull,
  writeAll,
} from "./files";
import { err, out } from "./fmt";
import { close, read } from "./sys";
import { isDigit } from "./text";

const TEXT_BYTES = 65536;
const text: usize = memory.data(65537);
const COLUMNS = 16;
const widths: usize = memory.data(64);
const numeric: usize = memory.data(64);

/** Copies a file to standard output; the program's status: 0, or 1 after saying what is wrong. */
export function showFile(path: string): i32 {
  const fd = openLiteral(path, OpenFlag.READ);
  if (fd < 0) return failed(path, fd);
  out.flush();
  for (;;) {
    const n = read(fd, text, TEXT_BYTES);
    if (n < 0) return failed(path, n);
    if (n == 0) break;
    if (writeAll(1, text, n) < 0) break;
  }
  close(fd);
  return 0;
}

/** As showTable, of a file named by a NUL-terminated path. */
export function showTablePath(path: usize, columns: i32): i32 {
  const fd = openPath(path, OpenFlag.READ);
  if (fd < 0) {
    err.cstr(arg(0)).text(": ").cstr(path).text(": ").text(errnoText(fd)).newline();
    return 1;
  }
  return showTableOf(fd, columns);
}

/**
 * Shows a file of at most 64 KiB whose lines are words: the first `columns` words of each line are lined up, the rest stays as it is.
 * A column is right-aligned when all its words below the first line are numbers.
 */
export function showTable(path: string, columns: i32): i32 {
  const fd = openLiteral(path, OpenFlag.READ);
  if (fd < 0) return failed(path, fd);
  return showTableOf(fd, columns);
}

function showTableOf(fd: i32, columns: i32): i32 {
  const n = readFull(fd, text, TEXT_BYTES);
  close(fd);
  if (n < 0) {
    err.cstr(arg(0)).text(": ").text(errnoText(n)).newline();
    return 1;
  }
  if (columns > COLUMNS) columns = COLUMNS;
  for (let i = 0; i < columns; i++) store<i32>(numeric + i * 4, 1);
  let first = true;
  lineStart(text, n);
  while (lineNext()) {
    let p = line;
    for (let i = 0; i < columns; i++) {
      p = wordStart(p);
      const end = wordEnd(p);
      const bytes = <i32>(end - p);
      if (bytes > load<i32>(widths + i * 4)) store<i32>(widths + i * 4, bytes);
      if (!first && bytes > 0 && !isNumber(p, end)) store<i32>(numeric + i * 4, 0);
      p = end;
    }
    first = false;
  }
  lineStart(text, n);
  while (lineNext()) {
    let p = line;
    for (let i = 0; i < columns; i++) {
      p = wordStart(p);
      const end = wordEnd(p);
      const bytes = <i32>(end - p);
      if (bytes == 0) break;
      if (i > 0) out.spaces(2);
      const gap = load<i32>(widths + i * 4) - bytes;
      const right = load<i32>(numeric + i * 4) != 0;
      if (right) out.spaces(gap);
      out.bytes(p, bytes);
      p = end;
      if (!right && wordStart(p) < line + lineBytes) out.spaces(gap);
    }
    p = wordStart(p);
    const end = line + lineBytes;
    if (p < end) out.spaces(2).bytes(p, <i32>(end - p));
    out.newline();
  }
  return 0;
}

function wordStart(p: usize): usize {
  const end = line + lineBytes;
  while (p < end && (load<u8>(p) == 0x20 || load<u8>(p) == 9)) p++;
  return p;
}

function wordEnd(p: usize): usize {
  const end = line + lineBytes;
  while (p < end && load<u8>(p) != 0x20 && load<u8>(p) != 9) p++;
  return p;
}

function isNumber(p: usize, end: usize): bool {
  for (; p < end; p++) if (!isDigit(load<u8>(p))) return false;
  return true;
}

function failed(path: string, errno: i32): i32 {
  out.flush();
  err.cstr(arg(0)).text(": ").text(path).text(": ").text(errnoText(errno)).newline();
  return 1;
}
