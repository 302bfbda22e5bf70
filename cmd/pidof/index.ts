// pidof: the process numbers of programs, from /proc/processes.

import { arg, argBytes, argc } from "../../lib/args";
import { line, lineBytes, lineNext, lineStart, readFile } from "../../lib/files";
import { out } from "../../lib/fmt";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { bytesEqual, parseNumber } from "../../lib/text";

const TEXT_BYTES = 65536;
const text: usize = memory.data(65537);
const PATH: usize = memory.data<u8>([47, 112, 114, 111, 99, 0]);

export function _start(): void {
  help("pidof NAME ...: process numbers of the running programs with these names");
  if (argc() < 2) usage("pidof NAME ...");
  const n = readFile("/proc/processes", text, TEXT_BYTES);
  if (n < 0) {
    complainErrno(PATH, n);
    finish(1);
  }
  let found = false;
  lineStart(text, n);
  lineNext(); // the titles: the name's is the last
  const titles = columnCount();
  while (lineNext()) {
    const name = column(titles - 1);
    let end = name;
    while (end < line + lineBytes && load<u8>(end) != 0x20) end++;
    for (let i = 1; i < argc(); i++) {
      if (!bytesEqual(name, <i32>(end - name), arg(i), argBytes(i))) continue;
      const pid = column(0);
      if (found) out.byte(0x20);
      out.dec(parseNumber(pid, <i32>(line + lineBytes - pid)));
      found = true;
    }
  }
  if (found) out.newline();
  finish(found ? 0 : 1);
}

/** The start of word i of the line. */
function column(i: i32): usize {
  const end = line + lineBytes;
  let p = line;
  while (p < end && load<u8>(p) == 0x20) p++;
  for (; i > 0; i--) {
    while (p < end && load<u8>(p) != 0x20) p++;
    while (p < end && load<u8>(p) == 0x20) p++;
  }
  return p;
}

function columnCount(): i32 {
  const end = line + lineBytes;
  let count = 0;
  for (let p = line; p < end; p++) {
    const begins = load<u8>(p) != 0x20 && (p == line || load<u8>(p - 1) == 0x20);
    if (begins) count++;
  }
  return count;
}
