// Completion: what the word at the cursor could become. The words before it decide whether it is a command, a variable or a path.
//
// Invariants
//   C1  `names` holds matchCount names, each ended by NUL, sorted, none twice; `common` bytes of them are the same in all.

import { DirEntry, FileType, OpenFlag } from "../../abi/syscall";
import { out } from "../../lib/fmt";
import { leadsToDirectory } from "../../lib/link";
import { close, open, readdir } from "../../lib/sys";
import { bytesAre, cstrLength, isName, putLiteral } from "../../lib/text";
import { aliasName } from "./alias";
import { builtinName } from "./builtins";
import { functionCount, functionNameBytes, functionText } from "./functions";
import { parameter, VarFlag, Variable, value, valueBytes, varAt } from "./vars";

const NAMES_BYTES = 32768;
const names: usize = memory.data(32768);
let namesUsed = 0;
const INDEX = 1024;
const index: usize = memory.data(4096); // addresses of the names
export let matchCount: i32 = 0;
let common = 0;

/** What Tab adds at the cursor: insertText, insertBytes. */
export const insertText: usize = memory.data(2100);
export let insertBytes: i32 = 0;

const WORD_BYTES = 1024;
const word: usize = memory.data(1028); // the word up to the cursor, without quotes
let wordBytes = 0;
let quote = 0; // the quote that is open at the cursor, or 0
let isCommand = false;
let prefixAt = 0; // where in the word the part begins that names are compared with
let dollar = -1; // where in the word a variable's name begins, -1: nowhere
let braced = false;

/** Looks for what the text before the cursor could go on with. */
export function completeFind(line: usize, cursor: i32): void {
  matchCount = 0;
  namesUsed = 0;
  insertBytes = 0;
  wordFind(line, cursor);
  if (dollar >= 0) {
    prefixAt = dollar;
    variablesAdd();
  } else if (isCommand && !hasSlash()) {
    prefixAt = 0;
    commandsAdd();
  } else {
    prefixAt = lastSlash() + 1;
    pathsAdd();
  }
  sort();
  if (matchCount == 0) return;
  commonFind();
  insertMake();
}

/** Finds the word at the cursor, and whether a command's name is expected there. */
function wordFind(line: usize, cursor: i32): void {
  let c: i32 = 0;
  wordStart(true);
  for (let i = 0; i < cursor; i++) {
    c = load<u8>(line + i);
    if (quote != 0) {
      if (c == quote) quote = 0;
      else if (c == 0x5c && quote == 0x22 && i + 1 < cursor) wordPut(load<u8>(line + ++i));
      else wordPut(c);
      if (c == 0x24 && quote == 0x22) dollarAt();
    } else if (c == 0x22 || c == 0x27) {
      quote = c;
    } else if (c == 0x5c && i + 1 < cursor) {
      wordPut(load<u8>(line + ++i));
    } else if (c == 0x20 || c == 9) {
      if (wordBytes > 0) wordStart(isCommand && opensCommand());
    } else if (c == 0x7c || c == 0x26 || c == 0x3b || c == 0x28 || c == 0x29 || c == 0x60) {
      wordStart(true);
    } else if (c == 0x3c || c == 0x3e) {
      wordStart(false);
    } else if (c == 0x3d && isCommand) {
      wordStart(false);
      isCommand = false;
      afterAssignment = true;
    } else {
      wordPut(c);
      if (c == 0x24) dollarAt();
    }
  }
  if (dollar >= 0) {
    for (let i = dollar; i < wordBytes; i++) if (!isName(load<u8>(word + i))) dollar = -1;
  }
}

let afterAssignment = false;

function wordStart(command: bool): void {
  wordBytes = 0;
  quote = 0;
  dollar = -1;
  // X=1 is before a command's name.
  isCommand = command || afterAssignment;
  afterAssignment = false;
}

function wordPut(c: i32): void {
  if (c == 0x7b && dollar == wordBytes && wordBytes > 0) {
    dollar++;
    braced = true;
  }
  if (wordBytes < WORD_BYTES) store<u8>(word + wordBytes++, c);
}

function dollarAt(): void {
  dollar = wordBytes;
  braced = false;
}

/** After these words a command begins. */
function opensCommand(): bool {
  return (
    bytesAre(word, wordBytes, "if") ||
    bytesAre(word, wordBytes, "then") ||
    bytesAre(word, wordBytes, "else") ||
    bytesAre(word, wordBytes, "elif") ||
    bytesAre(word, wordBytes, "while") ||
    bytesAre(word, wordBytes, "until") ||
    bytesAre(word, wordBytes, "do") ||
    bytesAre(word, wordBytes, "!") ||
    bytesAre(word, wordBytes, "{") ||
    bytesAre(word, wordBytes, "time") ||
    bytesAre(word, wordBytes, "exec") ||
    bytesAre(word, wordBytes, "type") ||
    bytesAre(word, wordBytes, "which") ||
    bytesAre(word, wordBytes, "man")
  );
}

function hasSlash(): bool {
  return lastSlash() >= 0;
}

function lastSlash(): i32 {
  for (let i = wordBytes - 1; i >= 0; i--) if (load<u8>(word + i) == 0x2f) return i;
  return -1;
}

/** Adds a name if it begins as the word does. `mark` is put behind it: a slash, or 0. */
function add(name: usize, bytes: i32, mark: i32): void {
  const n = wordBytes - prefixAt;
  if (bytes < n || memory.compare(name, word + prefixAt, n) != 0) return;
  if (matchCount == INDEX || namesUsed + bytes + 2 > NAMES_BYTES) return;
  store<usize>(index + matchCount++ * 4, names + namesUsed);
  memory.copy(names + namesUsed, name, bytes);
  namesUsed += bytes;
  if (mark != 0) store<u8>(names + namesUsed++, mark);
  store<u8>(names + namesUsed++, 0);
}

const name: usize = memory.data(64);
const entries: usize = memory.data(4096);

function commandsAdd(): void {
  for (let i = 0; ; i++) {
    const n = builtinName(i, name);
    if (n == 0) break;
    add(name, n, 0);
  }
  for (let i = 0; i < functionCount(); i++) {
    if (functionNameBytes(i) > 0) add(functionText(i), functionNameBytes(i), 0);
  }
  for (let i = 0; ; i++) {
    const alias = aliasName(i);
    if (alias == 0) break;
    if (load<u8>(alias) != 0) add(alias, cstrLength(alias), 0);
  }
  folderAdd(name, putLiteral(name, "/bin"), false);
}

function variablesAdd(): void {
  for (let i = 0; ; i++) {
    const v: Variable | null = varAt(i);
    if (v == null) return;
    if (v.flags & VarFlag.SET) add(v.name, v.nameBytes, 0);
  }
}

const path: usize = memory.data(2100);
const HOME: usize = memory.data<u8>([0x48, 0x4f, 0x4d, 0x45]);

function pathsAdd(): void {
  let n = 0;
  let from = 0;
  if (wordBytes > 0 && load<u8>(word) == 0x7e && (wordBytes == 1 || load<u8>(word + 1) == 0x2f)) {
    parameter(HOME, 4);
    n = min(valueBytes, 1000);
    memory.copy(path, value, n);
    from = 1;
  }
  if (prefixAt > from) {
    memory.copy(path + n, word + from, prefixAt - from);
    n += prefixAt - from;
    if (n > 1 && load<u8>(path + n - 1) == 0x2f) n--;
  } else if (n == 0) {
    n = putLiteral(path, ".");
  }
  folderAdd(path, n, true);
}

/** Adds the names in a folder; hidden ones only for a word that begins with a dot. */
function folderAdd(folder: usize, bytes: i32, marks: bool): void {
  const hidden = prefixAt < wordBytes && load<u8>(word + prefixAt) == 0x2e;
  const fd = open(folder, bytes, OpenFlag.READ | OpenFlag.DIRECTORY);
  if (fd < 0) return;
  for (let n = readdir(fd, entries, 4096); n > 0; n = readdir(fd, entries, 4096)) {
    for (let at = 0; at < n; ) {
      const entry = entries + at + DirEntry.NAME;
      const entryBytes: i32 = load<u8>(entries + at, DirEntry.NAME_BYTES);
      const type = load<u8>(entries + at, DirEntry.TYPE);
      at += DirEntry.NAME + entryBytes;
      if (load<u8>(entry) == 0x2e && (!hidden || entryBytes == 1)) continue;
      const isFolder = marks && isDirectory(type, folder, bytes, entry, entryBytes);
      add(entry, entryBytes, isFolder ? 0x2f : 0);
    }
  }
  close(fd);
}

const whole: usize = memory.data(2400);

/** Whether a name of a folder is one, or a link that leads to one. Only names that are looked for are asked about. */
function isDirectory(type: i32, folder: usize, bytes: i32, entry: usize, entryBytes: i32): bool {
  if (type != FileType.LINK) return type == FileType.DIRECTORY;
  const n = wordBytes - prefixAt;
  if (entryBytes < n || memory.compare(entry, word + prefixAt, n) != 0) return false;
  memory.copy(whole, folder, bytes);
  store<u8>(whole + bytes, 0x2f);
  memory.copy(whole + bytes + 1, entry, entryBytes);
  return leadsToDirectory(whole, bytes + 1 + entryBytes);
}

/** Sorts the names by insertion and drops those that are there twice. */
function sort(): void {
  for (let i = 1; i < matchCount; i++) {
    const moved = load<usize>(index + i * 4);
    let k = i;
    while (k > 0 && compare(load<usize>(index + k * 4 - 4), moved) > 0) {
      store<usize>(index + k * 4, load<usize>(index + k * 4 - 4));
      k--;
    }
    store<usize>(index + k * 4, moved);
  }
  let kept = 0;
  for (let i = 0; i < matchCount; i++) {
    const one = load<usize>(index + i * 4);
    if (kept > 0 && compare(load<usize>(index + kept * 4 - 4), one) == 0) continue;
    store<usize>(index + kept++ * 4, one);
  }
  matchCount = kept;
}

function compare(a: usize, b: usize): i32 {
  while (load<u8>(a) != 0 && load<u8>(a) == load<u8>(b)) {
    a++;
    b++;
  }
  return <i32>load<u8>(a) - <i32>load<u8>(b);
}

function commonFind(): void {
  const first = load<usize>(index);
  common = cstrLength(first);
  for (let i = 1; i < matchCount; i++) {
    const other = load<usize>(index + i * 4);
    let n = 0;
    while (n < common && load<u8>(first + n) == load<u8>(other + n)) n++;
    common = n;
  }
  // No half of a UTF-8 character.
  while (common > 0 && (load<u8>(first + common) & 0xc0) == 0x80) common--;
}

/** What is typed for the person: the rest of the common part, and what ends a word when it is the only one. */
function insertMake(): void {
  const first = load<usize>(index);
  for (let i = wordBytes - prefixAt; i < common && insertBytes < 2048; i++) {
    const c: i32 = load<u8>(first + i);
    if (needsBackslash(c)) insertPut(0x5c);
    insertPut(c);
  }
  if (matchCount > 1) return;
  if (load<u8>(first + common - 1) == 0x2f && dollar < 0) return;
  if (dollar >= 0 && braced) insertPut(0x7d);
  if (quote != 0) insertPut(quote);
  insertPut(0x20);
}

function insertPut(c: i32): void {
  store<u8>(insertText + insertBytes++, c);
}

function needsBackslash(c: i32): bool {
  if (dollar >= 0) return false;
  if (quote != 0) return quote == 0x22 && (c == 0x22 || c == 0x24 || c == 0x5c || c == 0x60);
  switch (c) {
    case 0x20:
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x24:
    case 0x26:
    case 0x27:
    case 0x28:
    case 0x29:
    case 0x2a:
    case 0x3b:
    case 0x3c:
    case 0x3e:
    case 0x3f:
    case 0x5b:
    case 0x5c:
    case 0x60:
    case 0x7c:
    case 0x7e:
      return true;
  }
  return false;
}

/** Shows all names in columns of a terminal of this width; at most as many as fit on a few screens, then how many more. */
export function completeShow(width: i32): void {
  const SHOWN = 200;
  let widest = 1;
  const count = min(matchCount, SHOWN);
  for (let i = 0; i < count; i++) widest = max(widest, cstrLength(load<usize>(index + i * 4)));
  const across = max(width / (widest + 2), 1);
  const down = (count + across - 1) / across;
  for (let row = 0; row < down; row++) {
    for (let i = row; i < count; i += down) {
      const one = load<usize>(index + i * 4);
      out.cstr(one);
      if (i + down < count) out.spaces(widest + 2 - cstrLength(one));
    }
    out.text("\r\n");
  }
  if (matchCount > SHOWN)
    out
      .text("and ")
      .dec(matchCount - SHOWN)
      .text(" more\r\n");
}
