// The console as a program sees it through a descriptor: line or byte input, size, and who gets ^C.

import { FileType, Stat } from "../abi/syscall";
import { ctlNumber, ctlText, reply } from "./ctl";
import { fstat } from "./sys";
import { isDigit, parsedBytes, parseNumber } from "./text";

/** Input byte by byte, without echo; ^C is byte 3. */
export function consoleRaw(fd: i32): i32 {
  return ctlText(fd, "raw");
}

/** Input line by line, with echo; ^C ends the foreground group. */
export function consoleCooked(fd: i32): i32 {
  return ctlText(fd, "cooked");
}

/** Whether the console is in raw mode. */
export function consoleIsRaw(fd: i32): bool {
  return ctlText(fd, "mode    ") == 3;
}

/** The process group that ^C ends and ^Z stops; 0: none, those keys are bytes. */
export function consoleForeground(fd: i32, group: i32): i32 {
  return ctlNumber(fd, "fg ", group);
}

const st: usize = memory.data(32, 8);

/** Bytes that can be read without waiting, at least 1 also at the end of the input; -errno. Of a pipe too. */
export function consoleWaiting(fd: i32): i32 {
  const r = fstat(fd, st);
  if (r < 0) return r;
  const n = <i32>load<u64>(st, Stat.SIZE);
  // A console or a pipe may have nothing yet. Anything else without bytes, like /dev/null, has ended.
  const waits = n != 0 || load<u32>(st, Stat.TYPE) == FileType.PIPE || ctlText(fd, "mode") >= 0;
  return waits ? n : 1;
}

/** Cells across the console behind a descriptor; 0: it is none. */
export function consoleColumns(fd: i32): i32 {
  const n = ctlText(fd, "size            ");
  let count = 0;
  for (let i = 0; i < n && isDigit(load<u8>(reply + i)); i++) {
    count = count * 10 + load<u8>(reply + i) - 0x30;
  }
  return count;
}

export let columns: i32 = 80;
export let rows: i32 = 24;

/** Asks for the size in cells, into `columns` and `rows`. False when the descriptor is not a console. */
export function consoleSize(fd: i32): bool {
  // The answer overwrites the question and may be longer: blanks make room for it.
  let n = ctlText(fd, "size            ");
  if (n < 0) n = ctlText(fd, "size");
  if (n <= 0) return false;
  const c = <i32>parseNumber(reply, n);
  const used = parsedBytes;
  if (c > 0) columns = c;
  if (used + 1 >= n) return true;
  const r = <i32>parseNumber(reply + used + 1, n - used - 1);
  if (r > 0) rows = r;
  return true;
}
