// base64: bytes as text of 64 letters (RFC 4648), and back.

import { OpenFlag } from "../../abi/syscall";
import { arg, argc, argIs } from "../../lib/args";
import { openPath, readFull } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import { option, optionNumber, options } from "../../lib/options";
import { complain, complainErrno, finish, help, usage } from "../../lib/program";

const USAGE = "base64 [-d] [-i] [-w COLUMNS] [FILE]";
const PIECE = 49152; // whole groups of three
const buffer: usize = memory.data(49152);
const STDIN: usize = memory.data<u8>([0x2d, 0]);
const PAD = 0x3d;
let column: i64 = 0;

export function _start(): void {
  help(
    "base64 [-d] [-i] [-w COLUMNS] [FILE]: bytes as text, in lines of COLUMNS (76; 0: one line); -d: the bytes of such a text, -i passes over what does not belong there\n  base64 /etc/motd | base64 -d",
  );
  const i = options("diw:", USAGE);
  if (argc() > i + 1) usage(USAGE);
  const columns = optionNumber("w", 76, USAGE);
  const input = i >= argc() || argIs(i, "-");
  const name = i < argc() ? arg(i) : STDIN;
  const fd = input ? 0 : openPath(name, OpenFlag.READ);
  let n = fd;
  let good = true;
  while (n >= 0 && good) {
    n = readFull(fd, buffer, PIECE);
    if (n <= 0) break;
    if (option("d")) good = decode(n);
    else encode(n, columns);
  }
  if (n < 0) complainErrno(name, n);
  else if (option("d")) good = good && bits == 0;
  else if (column > 0 && columns > 0) out.newline();
  if (!good) {
    out.flush();
    complain();
    err.text("this is no base64").newline();
  }
  finish(n < 0 || !good ? 1 : 0);
}

function encode(n: i32, columns: i64): void {
  for (let i = 0; i < n; i += 3) {
    let group: u32 = 0;
    const bytes = min(n - i, 3);
    for (let k = 0; k < 3; k++)
      group = (group << 8) | (k < bytes ? <u32>load<u8>(buffer + i + k) : 0);
    for (let k = 0; k < 4; k++)
      put(k > bytes ? PAD : letter((group >> (18 - k * 6)) & 63), columns);
  }
}

function put(c: i32, columns: i64): void {
  out.byte(c);
  if (++column != columns) return;
  out.newline();
  column = 0;
}

function letter(value: i32): i32 {
  if (value < 26) return 0x41 + value;
  if (value < 52) return 0x61 + value - 26;
  if (value < 62) return 0x30 + value - 52;
  return value == 62 ? 0x2b : 0x2f;
}

let group: u32 = 0;
let bits = 0; // of the group that have been read; 0 between groups
let pads = 0;

/** Writes the bytes of the letters; false when there is something else. Groups go on in the next piece. */
function decode(n: i32): bool {
  for (let i = 0; i < n; i++) {
    const c: i32 = load<u8>(buffer + i);
    if (c == 10) continue;
    const value = c == PAD ? 0 : valueOf(c);
    if (value < 0 && option("i")) continue;
    if (value < 0 || (c == PAD && bits < 12) || (c != PAD && pads > 0)) return false;
    if (c == PAD) pads++;
    group = (group << 6) | value;
    bits += 6;
    if (bits < 24) continue;
    for (let k = 0; k < 3 - pads; k++) out.byte((group >> (16 - k * 8)) & 255);
    bits = 0;
    group = 0;
    pads = 0;
  }
  return true;
}

function valueOf(c: i32): i32 {
  if (c >= 0x41 && c <= 0x5a) return c - 0x41;
  if (c >= 0x61 && c <= 0x7a) return c - 0x61 + 26;
  if (c >= 0x30 && c <= 0x39) return c - 0x30 + 52;
  return c == 0x2b ? 62 : c == 0x2f ? 63 : -1;
}
