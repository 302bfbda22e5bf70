// grep: the lines that match a pattern. Status 0 when there is one, 1 when there is none, 2 when a file could not be read.

import { FileType, Stat } from "../../abi/syscall";
import { arg, argc } from "../../lib/args";
import { err, out } from "../../lib/fmt";
import {
  linesFailed,
  linesFile,
  linesName,
  linesNext,
  linesOpen,
  linesStart,
  text,
  textBytes,
} from "../../lib/lines";
import { option, options, optionText } from "../../lib/options";
import { complain, finish, help, usage } from "../../lib/program";
import { regexFind } from "../../lib/regex";
import { bytesIndex, cstrLength } from "../../lib/text";
import { walkFailed, walkNext, walkPath, walkStart, walkStat } from "../../lib/walk";

const USAGE = "grep [-r] [-i] [-v] [-n] [-c] [-l] [-q] [-h] [-H] [-F] [-e] PATTERN [FILE ...]";
const HERE: usize = memory.data<u8>([0x2e, 0]);
let fold = false;
let invert = false;
let numbers = false;
let counts = false;
let list = false;
let quiet = false;
let fixed = false;
let names = false;
let pattern: usize = 0;
let bytes = 0;
let file: usize = 0;
let line = 0;
let found = 0;
let total = 0;

export function _start(): void {
  help(
    "grep [-rivnclqhHF] [-e] PATTERN [FILE ...]: lines that match; PATTERN has . [..] * + ? ^ $, with -F it is plain text; -r looks through directories, -i in either case, -v what does not match, -n numbers lines, -c counts, -l and -q only say where and whether, -h and -H: names off and on\n  grep -rn root /etc",
  );
  let i = options("rRivnclqhHFEe:", USAGE);
  fold = option("i");
  invert = option("v");
  numbers = option("n");
  counts = option("c");
  list = option("l");
  quiet = option("q");
  fixed = option("F");
  pattern = optionText("e");
  if (pattern == 0) {
    if (i >= argc()) usage(USAGE);
    pattern = arg(i++);
  }
  bytes = cstrLength(pattern);
  if (option("E") && !fixed && bytesIndex(pattern, bytes, 0x7c) >= 0) {
    complain();
    err.text("alternatives (|) are not known here: one pattern at a time").newline();
    finish(2);
  }
  const tree = option("r") || option("R");
  names = option("H") || (!option("h") && (tree || argc() - i > 1));
  if (!tree) {
    linesStart(i);
    search();
  } else {
    if (i >= argc()) searchTree(HERE);
    for (; i < argc(); i++) searchTree(arg(i));
  }
  finish(linesFailed || walkFailed ? 2 : total > 0 ? 0 : 1);
}

function searchTree(path: usize): void {
  if (!walkStart(path)) return;
  while (walkNext(false)) {
    if (load<u32>(walkStat, Stat.TYPE) != FileType.FILE) continue;
    linesFile(walkPath);
    if (!linesOpen()) continue;
    search();
  }
}

/** Goes through the lines that lib/lines gives. */
function search(): void {
  file = linesName;
  line = 0;
  found = 0;
  while (linesNext()) {
    if (linesName != file) {
      if (file != 0) fileEnd();
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
    if (counts || list) continue;
    if (names) out.cstr(linesName).byte(0x3a);
    if (numbers) out.dec(line).byte(0x3a);
    out.bytes(text, textBytes).newline();
  }
  file = linesName;
  fileEnd();
}

function fileEnd(): void {
  if (list) {
    if (found > 0) out.cstr(file).newline();
  } else if (counts) count(file, found, names);
}

function count(file: usize, found: i32, names: bool): void {
  if (file == 0) return;
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
