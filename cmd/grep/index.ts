// grep: the lines that match a pattern. Status 0 when there is one, 1 when there is none, 2 when a file could not be read.

import { arg, argBytes, argc } from "../../lib/args";
import { out } from "../../lib/fmt";
import { linesFailed, linesName, linesNext, linesStart, text, textBytes } from "../../lib/lines";
import { finish, help, usage } from "../../lib/program";
import { regexFind } from "../../lib/regex";

const USAGE = "grep [-i] [-v] [-n] [-c] [-q] [-F] PATTERN [FILE ...]";
let fold = false;
let invert = false;
let numbers = false;
let counts = false;
let quiet = false;
let fixed = false;

export function _start(): void {
  help(
    "grep [-ivncqF] PATTERN [FILE ...]: lines that match; PATTERN has . [..] * + ? ^ $, with -F it is plain text",
  );
  let i = 1;
  for (; i < argc() && argBytes(i) > 1 && load<u8>(arg(i)) == 0x2d; i++) {
    for (let p = arg(i) + 1; load<u8>(p) != 0; p++) option(load<u8>(p));
  }
  if (i >= argc()) usage(USAGE);
  const pattern = arg(i);
  const bytes = argBytes(i);
  const names = argc() - i > 2;
  linesStart(i + 1);
  let file: usize = 0;
  let line = 0;
  let found = 0;
  let total = 0;
  while (linesNext()) {
    if (linesName != file) {
      if (file != 0 && counts) count(file, found, names);
      file = linesName;
      line = 0;
      found = 0;
    }
    line++;
    const matches = fixed
      ? plainFind(pattern, bytes)
      : regexFind(pattern, bytes, text, textBytes, fold);
    if (matches == invert) continue;
    found++;
    total++;
    if (quiet) finish(0);
    if (counts) continue;
    if (names) out.cstr(linesName).byte(0x3a);
    if (numbers) out.dec(line).byte(0x3a);
    out.bytes(text, textBytes).newline();
  }
  if (counts) count(linesName, found, names);
  finish(linesFailed ? 2 : total > 0 ? 0 : 1);
}

function option(c: i32): void {
  if (c == 0x69) fold = true;
  else if (c == 0x76) invert = true;
  else if (c == 0x6e) numbers = true;
  else if (c == 0x63) counts = true;
  else if (c == 0x71) quiet = true;
  else if (c == 0x46) fixed = true;
  else usage(USAGE);
}

function count(file: usize, found: i32, names: bool): void {
  if (names) out.cstr(file).byte(0x3a);
  out.dec(found).newline();
}

function lower(c: i32): i32 {
  return fold && c >= 0x41 && c <= 0x5a ? c + 0x20 : c;
}

function plainFind(p: usize, n: i32): bool {
  for (let at = 0; at + n <= textBytes; at++) {
    let k = 0;
    while (k < n && lower(load<u8>(text + at + k)) == lower(load<u8>(p + k))) k++;
    if (k == n) return true;
  }
  return false;
}
