// The expression of find: conditions and actions about the file that the walk is at. It is evaluated from its words each time, by recursive
// descent; a side that does not count is gone through all the same, without doing anything.
//
//   either := both ("-o" both)*      both := negated (["-a"] negated)*      negated := "!"* primary      primary := "(" either ")" | -NAME ...

import { Clock, FileType, OpenFlag, Stat } from "../../abi/syscall";
import { arg, argBytes, argc, argIs } from "../../lib/args";
import { err, out } from "../../lib/fmt";
import { linkStat } from "../../lib/link";
import { patternMatches } from "../../lib/pattern";
import { complain, complainErrno, finish } from "../../lib/program";
import { runAdd, runAddPlaced, runBegin, runWait } from "../../lib/run";
import { clock, close, open, readdir, remove, stat } from "../../lib/sys";
import { isDigit, parsedBytes, parseNumber } from "../../lib/text";
import { SECOND } from "../../lib/time";
import { walkBytes, walkIsFolder, walkIsLink, walkPath, walkStat } from "../../lib/walk";

const DEPTH_MAX = 50;
export let mostDepth: i64 = 64;
export let leastDepth: i64 = 0;
/** The expression says what to do with a file. */
export let hasAction = false;
/** A folder comes behind what is in it. */
export let actsLater = false;
/** -prune: what is in this folder is left out. */
export let pruned = false;
/** A program that was run or a file to be deleted has failed. */
export let expressionFailed = false;

let follows = false; // symbolic links

export function expressionFollows(all: bool): void {
  follows = all;
}

let from = 0; // its first word
let at = 0;
let skipping = 0;
let depth = 0;
let checking = false;
const st: usize = memory.data(32, 8);
const entries: usize = memory.data(512);

/** The words from `first` on are the expression; ends the program when they are none. */
export function expressionCheck(first: i32): void {
  from = first;
  checking = true;
  skipping = 1;
  at = from;
  if (at < argc()) either();
  if (at < argc()) wrong(at, "was not expected here");
  checking = false;
  skipping = 0;
}

function wrong(i: i32, sentence: string): void {
  complain();
  err.cstr(arg(i)).byte(0x20).text(sentence).newline();
  finish(2);
}

/** Whether the current file is one that is looked for. */
export function expressionIs(): bool {
  at = from;
  pruned = false;
  return at >= argc() || either();
}

function either(): bool {
  let result = both();
  while (argIs(at, "-o") || argIs(at, "-or")) {
    at++;
    if (result) skipping++;
    const other = both();
    if (result) skipping--;
    else result = other;
  }
  return result;
}

function both(): bool {
  let result = negated();
  while (at < argc() && !argIs(at, "-o") && !argIs(at, "-or") && !argIs(at, ")")) {
    if (argIs(at, "-a") || argIs(at, "-and")) at++;
    if (!result) skipping++;
    const other = negated();
    if (!result) skipping--;
    else result = other;
  }
  return result;
}

function negated(): bool {
  let not = false;
  while (argIs(at, "!") || argIs(at, "-not")) {
    at++;
    not = !not;
  }
  return primary() != not;
}

/** The value of a condition, which is the next word. */
function value(): i32 {
  if (at + 1 >= argc()) wrong(at, "needs a value");
  at += 2;
  return at - 1;
}

function primary(): bool {
  if (at >= argc()) wrong(at - 1, "needs a condition behind it");
  if (argIs(at, "(")) {
    at++;
    if (++depth > DEPTH_MAX) wrong(at - 1, "is nested too deeply");
    const result = either();
    depth--;
    if (!argIs(at, ")")) wrong(at - 1, "lacks its )");
    at++;
    return result;
  }
  if (argIs(at, "-name")) return nameIs(value(), false);
  if (argIs(at, "-iname")) return nameIs(value(), true);
  if (argIs(at, "-path") || argIs(at, "-wholename"))
    return matches(value(), walkPath, walkBytes, false);
  if (argIs(at, "-ipath")) return matches(value(), walkPath, walkBytes, true);
  if (argIs(at, "-type")) return typeIs(value());
  if (argIs(at, "-size")) return sizeIs(value());
  if (argIs(at, "-links")) return linksAre(value());
  if (argIs(at, "-empty")) return flag() && isEmpty();
  if (argIs(at, "-newer")) return newerIs(value());
  if (argIs(at, "-mtime")) return ageIs(value(), 86400 * SECOND);
  if (argIs(at, "-mmin")) return ageIs(value(), 60 * SECOND);
  if (argIs(at, "-maxdepth")) return depthIs(value(), true);
  if (argIs(at, "-mindepth")) return depthIs(value(), false);
  if (argIs(at, "-depth")) {
    actsLater = true;
    return flag() || true;
  }
  if (argIs(at, "-print") || argIs(at, "-print0")) return print();
  if (argIs(at, "-delete")) return deleteIs();
  if (argIs(at, "-exec")) return exec();
  if (argIs(at, "-prune")) {
    if (flag()) pruned = true;
    return true;
  }
  if (argIs(at, "-true")) return flag() || true;
  if (argIs(at, "-false")) return flag() && false;
  wrong(at, "is no condition; try find --help");
  return false;
}

/** A word without a value; whether it counts. */
function flag(): bool {
  at++;
  return skipping == 0;
}

function lower(c: i32): i32 {
  return c >= 0x41 && c <= 0x5a ? c + 0x20 : c;
}

const FOLD_BYTES = 1024;
const folded: usize = memory.data(1028);
const foldedPattern: usize = memory.data(1028);

function matches(i: i32, p: usize, n: i32, folds: bool): bool {
  let pattern = arg(i);
  const bytes = argBytes(i);
  if (skipping > 0) return false;
  if (folds && n <= FOLD_BYTES && bytes <= FOLD_BYTES) {
    for (let k = 0; k < n; k++) store<u8>(folded + k, lower(load<u8>(p + k)));
    for (let k = 0; k < bytes; k++) store<u8>(foldedPattern + k, lower(load<u8>(pattern + k)));
    p = folded;
    pattern = foldedPattern;
  }
  return patternMatches(pattern, pattern + bytes, p, p + n);
}

function nameIs(i: i32, folds: bool): bool {
  let name = walkPath + walkBytes;
  while (name > walkPath && load<u8>(name - 1) != 0x2f) name--;
  return matches(i, name, <i32>(walkPath + walkBytes - name), folds);
}

function typeIs(i: i32): bool {
  const isFolder = argIs(i, "d");
  const isLink = argIs(i, "l");
  if (!isFolder && !isLink && !argIs(i, "f") && !argIs(i, "c")) wrong(i, "is not f, d or l");
  if (isLink) return walkIsLink;
  if (isFolder) return walkIsFolder;
  const type = argIs(i, "f") ? FileType.FILE : FileType.DEVICE;
  return !walkIsFolder && load<u32>(walkStat, Stat.TYPE) == type;
}

/** +N, -N or N compared with a count. */
function counts(i: i32, digits: i32, count: i64): bool {
  const c: i32 = load<u8>(arg(i));
  const sign = c == 0x2b || c == 0x2d ? 1 : 0;
  const n = parseNumber(arg(i) + sign, digits - sign);
  if (parsedBytes == 0 || parsedBytes != digits - sign || !isDigit(load<u8>(arg(i) + sign)))
    wrong(i, "is not a number");
  return c == 0x2b ? count > n : c == 0x2d ? count < n : count == n;
}

/** In blocks of 512 bytes, or in bytes (c), k, M or G; a part of a unit is one. */
function sizeIs(i: i32): bool {
  let digits = argBytes(i);
  let unit: i64 = 512;
  const last: i32 = digits > 0 ? <i32>load<u8>(arg(i) + digits - 1) : 0;
  if (!isDigit(last)) {
    digits--;
    if (last == 0x63) unit = 1;
    else if (last == 0x6b) unit = 1024;
    else if (last == 0x4d) unit = 1048576;
    else if (last == 0x47) unit = 1073741824;
    else wrong(i, "is not a size such as +10k");
  }
  const size = load<i64>(walkStat, Stat.SIZE);
  return counts(i, digits, (size + unit - 1) / unit);
}

/** How many names the file has. */
function linksAre(i: i32): bool {
  return counts(i, argBytes(i), load<u32>(walkStat, Stat.LINKS));
}

function isEmpty(): bool {
  if (!walkIsFolder)
    return load<u32>(walkStat, Stat.TYPE) == FileType.FILE && load<u64>(walkStat, Stat.SIZE) == 0;
  const fd = open(walkPath, walkBytes, OpenFlag.READ | OpenFlag.DIRECTORY);
  const n = fd < 0 ? 1 : readdir(fd, entries, 512);
  if (fd >= 0) close(fd);
  return n == 0;
}

function newerIs(i: i32): bool {
  if (skipping > 0) return false;
  const r = follows ? stat(arg(i), argBytes(i), st) : linkStat(arg(i), argBytes(i), st);
  if (r < 0) {
    complainErrno(arg(i), r);
    finish(1);
  }
  return load<u64>(walkStat, Stat.MTIME) > load<u64>(st, Stat.MTIME);
}

function ageIs(i: i32, unit: i64): bool {
  const age = checking ? 0 : clock(Clock.REALTIME) - load<i64>(walkStat, Stat.MTIME);
  return counts(i, argBytes(i), age / unit);
}

function depthIs(i: i32, most: bool): bool {
  const n = parseNumber(arg(i), argBytes(i));
  if (parsedBytes != argBytes(i) || n < 0) wrong(i, "is not a number");
  if (most) mostDepth = n;
  else leastDepth = n;
  return true;
}

function print(): bool {
  const zero = argIs(at, "-print0");
  hasAction = true;
  if (flag()) {
    out.cstr(walkPath);
    if (zero) out.byte(0);
    else out.newline();
  }
  return true;
}

function deleteIs(): bool {
  hasAction = true;
  actsLater = true;
  if (!flag()) return true;
  // The folder where it begins stays when it is the working directory.
  if (walkBytes == 1 && load<u8>(walkPath) == 0x2e) return true;
  const r = remove(walkPath, walkBytes);
  if (r >= 0) return true;
  complainErrno(walkPath, r);
  expressionFailed = true;
  return false;
}

// -exec PROGRAM ... ; runs it for each file. With {} + at its end it is run for as many as fit: the line is made in parts, and one expression
// has one such line at most.

let together = 0; // the word behind that -exec, 0: there is none
let waiting = 0; // files in its line

function exec(): bool {
  const first = at + 1;
  let last = first;
  while (last < argc() && !argIs(last, ";") && !(argIs(last, "+") && argIs(last - 1, "{}"))) last++;
  if (last >= argc() || last == first) wrong(at, "needs a program and a ; (written \\;) or {} +");
  const isTogether = argIs(last, "+");
  if (isTogether && checking) {
    if (together != 0) wrong(at, "... {} + is there twice");
    together = first;
  }
  at = last + 1;
  hasAction = true;
  if (skipping > 0) return true;
  if (isTogether) {
    add(first, last - 1);
    return true;
  }
  expressionEnd(); // the line is needed here
  runBegin();
  for (let i = first; i < last; i++) {
    if (!runAddPlaced(arg(i), argBytes(i), walkPath, walkBytes))
      wrong(first, "has too many arguments");
  }
  return runWait() == 0;
}

function add(first: i32, last: i32): void {
  if (waiting == 0) {
    runBegin();
    for (let i = first; i < last; i++) runAdd(arg(i), argBytes(i));
  }
  if (!runAdd(walkPath, walkBytes)) {
    if (waiting == 0) wrong(first, "has too many arguments");
    expressionEnd();
    add(first, last);
    return;
  }
  waiting++;
}

/** Runs what is still to be run. */
export function expressionEnd(): void {
  if (waiting == 0) return;
  waiting = 0;
  if (runWait() != 0) expressionFailed = true;
}
