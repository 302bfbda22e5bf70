// grep, egrep, fgrep: the lines that match a pattern. Status 0 when there is one, 1 when there is none, 2 when a file could not be read.

import { FileType, Stat } from "../../abi/syscall";
import { arg, argc, calledAs } from "../../lib/args";
import { err, out, Writer } from "../../lib/fmt";
import {
  linesFailed,
  linesFile,
  linesName,
  linesNext,
  linesOpen,
  linesQuiet,
  linesSkip,
  text,
  textBytes,
} from "../../lib/lines";
import { groupEnd, groupStart, regexFind, regexMatch } from "../../lib/match";
import { option, optionNumber, options, optionText } from "../../lib/options";
import { complain, finish, help, usage } from "../../lib/program";
import { Regex, RegexFlag, regexCompile, regexError } from "../../lib/regex";
import { bytesIndex, cstrIs, cstrLength } from "../../lib/text";
import {
  WalkLinks,
  walkFailed,
  walkLinks,
  walkNext,
  walkPath,
  walkStart,
  walkStat,
} from "../../lib/walk";
import { contextBegin, contextHas, contextKeep, contextShow } from "./context";

const USAGE = "grep [-EFivnclLqsowxhHrRa] [-m COUNT] [-A|-B|-C LINES] [-e] PATTERN [FILE ...]";
const HERE: usize = memory.data<u8>([0x2e, 0]);
const STDIN: usize = memory.data<u8>([0x2d, 0]);
let regex: Regex = changetype<Regex>(0);
let invert = false;
let numbers = false;
let counts = false;
let names = false;
let parts = false;
let most: i64 = 0; // -m
let after = 0; // -A
let before = 0; // -B
let line = 0;
let found = 0;
let total = 0;
let shownTo = 0; // the last line of the file that was shown, 0: none
let left = 0; // lines that are still to be shown behind a match
let isBinary = false;

export function _start(): void {
  help(
    "grep [-EFivnclLqsowxhHrRa] [-m COUNT] [-A|-B|-C LINES] [-e] PATTERN [FILE ...]: lines that match; PATTERN has . [a-z] [[:digit:]] * ^ $ \\\\( \\\\) \\\\{2,3\\\\} \\\\| \\\\+ \\\\? \\\\w \\\\b, with -E ( ) {2,3} | + ? and with -F it is plain text; several after -e each; -i in either case, -v what does not match, -w whole words, -x whole lines, -o only what matches, -n numbers lines, -c counts, -l -L -q only say where, where not and whether, -A -B -C lines behind, before and around, -r looks through directories, -R through symbolic links in them too, -h and -H names off and on, -s nothing about missing files, -a binary files too\n  grep -rn root /etc\n  ps | grep -E 'sh|init'\negrep, fgrep: the same as grep -E and grep -F",
  );
  let i = options("rRivnclLqshHFEGPowxaA:B:C:m:e;", USAGE);
  invert = option("v");
  numbers = option("n");
  counts = option("c");
  parts = option("o");
  most = optionNumber("m", i64.MAX_VALUE, USAGE);
  const around = optionNumber("C", 0, USAGE);
  after = <i32>min(optionNumber("A", around, USAGE), 1 << 30);
  before = <i32>min(optionNumber("B", around, USAGE), 1 << 30);
  let pattern = optionText("e");
  if (pattern == 0) {
    if (i >= argc()) usage(USAGE);
    pattern = arg(i++);
  }
  if (option("s")) linesQuiet();
  if (option("P")) perlCheck(pattern);
  const compiled = regexCompile(pattern, cstrLength(pattern), flags());
  if (compiled == null) {
    complain();
    err.cstr(pattern).text(": ").text(regexError).newline();
    finish(2);
  } else regex = compiled;
  const tree = option("r") || option("R");
  names = option("H") || (!option("h") && (tree || argc() - i > 1));
  const search: (path: usize) => void = tree ? searchTree : searchFile;
  if (i >= argc()) search(tree ? HERE : STDIN);
  for (; i < argc(); i++) search(arg(i));
  finish(linesFailed || walkFailed ? 2 : total > 0 ? 0 : 1);
}

function flags(): i32 {
  let all = 0;
  if (option("E") || option("P") || calledAs("egrep")) all |= RegexFlag.EXTENDED;
  if (option("F") || calledAs("fgrep")) all |= RegexFlag.LITERAL;
  if (option("i")) all |= RegexFlag.FOLD;
  if (option("w")) all |= RegexFlag.WORD;
  if (option("x")) all |= RegexFlag.LINE;
  return all;
}

/** -P is taken for -E with \d, \w and the like; what only Perl has is refused. */
function perlCheck(p: usize): void {
  for (; load<u8>(p) != 0; p++) {
    const c = load<u8>(p);
    const repeats = c == 0x28 || c == 0x2a || c == 0x2b || c == 0x3f || c == 0x7d;
    if (c == 0x5c && load<u8>(p + 1) != 0) p++;
    else if (repeats && load<u8>(p + 1) == 0x3f) {
      complain();
      err.text("(? and lazy repetitions (*? +?) are not known; what -E has is").newline();
      finish(2);
    }
  }
}

/** Links in the tree are passed over, but with -R. */
function searchTree(path: usize): void {
  walkLinks(option("R") ? WalkLinks.ALL : WalkLinks.START);
  if (!walkStart(path)) return;
  while (walkNext(false)) {
    if (load<u32>(walkStat, Stat.TYPE) != FileType.FILE) continue;
    searchFile(walkPath);
  }
}

function searchFile(path: usize): void {
  linesFile(path);
  if (!linesOpen()) return;
  fileBegin();
  while (linesNext()) {
    line++;
    if (found < most && regexFind(regex, text, textBytes, 0) != invert) lineFound();
    else lineBetween();
    if (found >= most && left == 0) linesSkip();
  }
  fileEnd();
}

function fileBegin(): void {
  line = 0;
  found = 0;
  shownTo = 0;
  left = 0;
  isBinary = false;
  contextBegin(before);
}

function lineFound(): void {
  found++;
  total++;
  if (option("q")) finish(0);
  if (counts || option("l") || option("L") || isBinary) return;
  if (!option("a") && bytesIndex(text, textBytes, 0) >= 0) {
    isBinary = true;
    complain();
    err.cstr(linesName).text(": a binary file matches").newline();
    return;
  }
  const gap = shownTo > 0 && line - contextHas() > shownTo + 1;
  if (gap && (after > 0 || before > 0)) out.text("--\n");
  if (!parts) {
    for (let n = contextHas(); n > 0; n--) {
      prefix(line - n, 0x2d);
      contextShow();
    }
    prefix(line, 0x3a);
    out.bytes(text, textBytes).newline();
  } else if (!invert) partsShow();
  shownTo = line;
  left = after;
}

/** A line that does not match: shown behind one that did, or kept for one that will. */
function lineBetween(): void {
  if (counts || option("l") || option("L") || parts || isBinary) return;
  if (left == 0) {
    contextKeep(text, textBytes);
    return;
  }
  prefix(line, 0x2d);
  out.bytes(text, textBytes).newline();
  shownTo = line;
  left--;
}

function prefix(number: i32, mark: i32): void {
  if (names) putName().byte(mark);
  if (numbers) out.dec(number).byte(mark);
}

function putName(): Writer {
  return cstrIs(linesName, "-") ? out.text("(standard input)") : out.cstr(linesName);
}

/** -o */
function partsShow(): void {
  let from = 0;
  while (from <= textBytes && regexMatch(regex, text, textBytes, from)) {
    const bytes = groupEnd(0) - groupStart(0);
    from = groupEnd(0) + (bytes == 0 ? 1 : 0);
    if (bytes == 0) continue;
    prefix(line, 0x3a);
    out.bytes(text + groupStart(0), bytes).newline();
  }
}

function fileEnd(): void {
  if (option("l") || option("L")) {
    if (found > 0 == option("l")) putName().newline();
  } else if (counts) {
    if (names) putName().byte(0x3a);
    out.dec(found).newline();
  }
}
