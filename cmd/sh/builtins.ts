// The commands that the shell runs itself. Each gets its arguments as `count` NUL-terminated strings, the name first, and returns a status.

import { DirEntry, OpenFlag } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { openLiteral } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import { chdir, close, getcwd, readdir } from "../../lib/sys";
import {
  bytesAre,
  bytesIndex,
  cstrLength,
  isName,
  isNameStart,
  parsedBytes,
  parseNumber,
} from "../../lib/text";
import { jumpRun } from "./control";
import { functionUnset } from "./functions";
import { historyAt, historyFirst, historyNext } from "./history";
import { jobWait, jobWaitAll } from "./jobs";
import { printfRun } from "./printf";
import { readRun } from "./read";
import { bracketRun, testRun } from "./test";
import { typeRun } from "./type";
import {
  lastStatus,
  positionals,
  shiftParameters,
  VarFlag,
  Variable,
  varAt,
  varMake,
  varSet,
  varUnset,
} from "./vars";

export const enum Builtin {
  NONE = 0,
  COLON = 1,
  CD = 2,
  EXIT = 3,
  EXPORT = 4,
  FALSE = 5,
  HELP = 6,
  HISTORY = 7,
  PWD = 8,
  SET = 9,
  TRUE = 10,
  UNSET = 11,
  WAIT = 12,
  BREAK = 13,
  CONTINUE = 14,
  RETURN = 15,
  SHIFT = 16,
  EVAL = 17, // exec.ts runs eval and . itself
  DOT = 18,
  TEST = 19,
  BRACKET = 20,
  READ = 21,
  PRINTF = 22,
  TYPE = 23,
}

/** `exit` was run: the shell ends with lastStatus. */
export let exiting = false;

export function builtinFind(name: usize, bytes: i32): i32 {
  if (bytesAre(name, bytes, ":")) return Builtin.COLON;
  if (bytesAre(name, bytes, "cd")) return Builtin.CD;
  if (bytesAre(name, bytes, "exit")) return Builtin.EXIT;
  if (bytesAre(name, bytes, "export")) return Builtin.EXPORT;
  if (bytesAre(name, bytes, "false")) return Builtin.FALSE;
  if (bytesAre(name, bytes, "help")) return Builtin.HELP;
  if (bytesAre(name, bytes, "history")) return Builtin.HISTORY;
  if (bytesAre(name, bytes, "pwd")) return Builtin.PWD;
  if (bytesAre(name, bytes, "set")) return Builtin.SET;
  if (bytesAre(name, bytes, "true")) return Builtin.TRUE;
  if (bytesAre(name, bytes, "unset")) return Builtin.UNSET;
  if (bytesAre(name, bytes, "wait")) return Builtin.WAIT;
  if (bytesAre(name, bytes, "break")) return Builtin.BREAK;
  if (bytesAre(name, bytes, "continue")) return Builtin.CONTINUE;
  if (bytesAre(name, bytes, "return")) return Builtin.RETURN;
  if (bytesAre(name, bytes, "shift")) return Builtin.SHIFT;
  if (bytesAre(name, bytes, "eval")) return Builtin.EVAL;
  if (bytesAre(name, bytes, ".")) return Builtin.DOT;
  if (bytesAre(name, bytes, "test")) return Builtin.TEST;
  if (bytesAre(name, bytes, "[")) return Builtin.BRACKET;
  if (bytesAre(name, bytes, "read")) return Builtin.READ;
  if (bytesAre(name, bytes, "printf")) return Builtin.PRINTF;
  if (bytesAre(name, bytes, "type")) return Builtin.TYPE;
  return Builtin.NONE;
}

/** True for builtins that change nothing in the shell: in a pipeline they run in the shell itself. */
export function builtinPrints(builtin: i32): bool {
  switch (builtin) {
    case Builtin.COLON:
    case Builtin.FALSE:
    case Builtin.HELP:
    case Builtin.HISTORY:
    case Builtin.PWD:
    case Builtin.TRUE:
    case Builtin.TEST:
    case Builtin.BRACKET:
    case Builtin.PRINTF:
    case Builtin.TYPE:
      return true;
  }
  return false;
}

export function builtinRun(builtin: i32, argv: usize, count: i32): i32 {
  const first = argv + cstrLength(argv) + 1;
  switch (builtin) {
    case Builtin.CD:
      return cd(first, count);
    case Builtin.EXIT:
      return exitShell(first, count);
    case Builtin.EXPORT:
      return exportNames(first, count);
    case Builtin.FALSE:
      return 1;
    case Builtin.HELP:
      return help();
    case Builtin.HISTORY:
      return history();
    case Builtin.PWD:
      return pwd();
    case Builtin.SET:
      return listVariables(VarFlag.SET, "");
    case Builtin.UNSET:
      return unsetNames(first, count);
    case Builtin.WAIT:
      return waitFor(first, count);
    case Builtin.BREAK:
    case Builtin.CONTINUE:
    case Builtin.RETURN:
      return jumpRun(builtin, first, count);
    case Builtin.SHIFT:
      return shift(first, count);
    case Builtin.TEST:
      return testRun(first, count - 1);
    case Builtin.BRACKET:
      return bracketRun(first, count - 1);
    case Builtin.READ:
      return readRun(first, count - 1);
    case Builtin.PRINTF:
      return printfRun(first, count - 1);
    case Builtin.TYPE:
      return typeRun(first, count - 1);
  }
  return 0; // true and :
}

function cd(path: usize, count: i32): i32 {
  if (count > 2) {
    err.text("sh: cd: one directory, please").newline();
    return 2;
  }
  store<u8>(cwd, 0x2f);
  const r = count == 2 ? chdir(path, cstrLength(path)) : chdir(cwd, 1);
  if (r >= 0) return 0;
  err.text("sh: cd: ").cstr(path).text(": ").text(errnoText(r)).newline();
  return 1;
}

function pwd(): i32 {
  const n = getcwd(cwd, 1024);
  if (n < 0) {
    err.text("sh: pwd: ").text(errnoText(n)).newline();
    return 1;
  }
  // The length may or may not count a final NUL.
  out.bytes(cwd, n > 0 && load<u8>(cwd + n - 1) == 0 ? n - 1 : n).newline();
  return 0;
}

function exitShell(text: usize, count: i32): i32 {
  let status = lastStatus;
  if (count > 1) {
    const n = cstrLength(text);
    status = <i32>parseNumber(text, n) & 255;
    if (n == 0 || parsedBytes != n) {
      err.text("sh: exit: ").cstr(text).text(": not a number").newline();
      status = 2;
    }
  }
  exiting = true;
  return status;
}

/** Calls for NAME or NAME=VALUE words. Returns the bytes of NAME, or 0 after saying that it is not a name. */
function nameBytes(word: usize): i32 {
  const n = cstrLength(word);
  const equals = bytesIndex(word, n, 0x3d);
  const bytes = equals < 0 ? n : equals;
  let good = bytes > 0 && isNameStart(load<u8>(word));
  for (let i = 1; good && i < bytes; i++) good = isName(load<u8>(word + i));
  if (good) return bytes;
  err.text("sh: ").cstr(word).text(": not a name").newline();
  return 0;
}

function exportNames(word: usize, count: i32): i32 {
  if (count == 1) return listVariables(VarFlag.EXPORTED, "export ");
  let status = 0;
  for (let i = 1; i < count; i++) {
    const n = cstrLength(word);
    const bytes = nameBytes(word);
    if (bytes == 0) {
      status = 1;
    } else {
      if (bytes < n) varSet(word, bytes, word + bytes + 1, n - bytes - 1);
      const v = varMake(word, bytes);
      if (v != null) v.flags |= VarFlag.EXPORTED;
    }
    word += n + 1;
  }
  return status;
}

function shift(text: usize, count: i32): i32 {
  const n = count > 1 ? <i32>parseNumber(text, cstrLength(text)) : 1;
  if (shiftParameters(n)) return 0;
  err.text("sh: shift: there are only ").dec(positionals()).text(" parameters").newline();
  return 1;
}

function unsetNames(word: usize, count: i32): i32 {
  for (let i = 1; i < count; i++) {
    const n = cstrLength(word);
    varUnset(word, n);
    functionUnset(word, n);
    word += n + 1;
  }
  return 0;
}

/** NAME='VALUE' for every variable with a flag, quoted so that the shell can read it back. */
function listVariables(flag: i32, prefix: string): i32 {
  for (let i = 0; ; i++) {
    const v: Variable | null = varAt(i);
    if (v == null) return 0;
    if (!(v.flags & flag)) continue;
    out.text(prefix).bytes(v.name, v.nameBytes);
    if (v.flags & VarFlag.SET) {
      out.text("='");
      for (let k = 0; k < v.valueBytes; k++) {
        const c = load<u8>(v.value + k);
        if (c == 0x27) out.text("'\\''");
        else out.byte(c);
      }
      out.byte(0x27);
    }
    out.newline();
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 0;
}

function history(): i32 {
  let number = 1;
  for (let line = historyFirst(); line != 0; line = historyNext(line)) {
    out.dec(number++, 4).text("  ").cstr(historyAt(line)).newline();
  }
  return 0;
}

function waitFor(word: usize, count: i32): i32 {
  if (count == 1) return jobWaitAll();
  let status = 0;
  for (let i = 1; i < count; i++) {
    const n = cstrLength(word);
    const pid = <i32>parseNumber(word, n);
    if (n == 0 || parsedBytes != n || pid <= 0) {
      err.text("sh: wait: ").cstr(word).text(": not a process number").newline();
      status = 2;
    } else {
      status = jobWait(pid);
    }
    word += n + 1;
  }
  return status;
}

function help(): i32 {
  out.text(
    "In the shell: break cd continue eval exit export false help history printf pwd read return set\n" +
      "  shift test [ true type unset wait : .\n",
  );
  out.text(
    "  A; B   A && B   A || B   ! A   A | B   A &   < FILE   > FILE   >> FILE   2> FILE   2>&1\n",
  );
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's language has it.
  out.text("  X=1 $X ${X} $? $$ $! $1   'as it is'  \"with $X\"   # comment\n");
  out.text(
    "  if A; then B; else C; fi   while A; do B; done   for X in WORDS; do A; done   F() { A; }\n",
  );
  out.text("  case W in P) A;; esac   $(A)   $((1 + X))   << END   *.txt   ~   ( A )   { A; }\n");
  const fd = openLiteral("/bin", OpenFlag.READ | OpenFlag.DIRECTORY);
  if (fd >= 0) {
    out.text("Programs:");
    for (let n = readdir(fd, entries, 4096); n > 0; n = readdir(fd, entries, 4096)) {
      for (let at = 0; at < n; ) {
        const bytes: i32 = load<u8>(entries + at, DirEntry.NAME_BYTES);
        const name = entries + at + DirEntry.NAME;
        at += DirEntry.NAME + bytes;
        if (load<u8>(name) == 0x2e) continue;
        if (out.column + bytes + 1 > 78) out.newline().byte(0x20);
        out.byte(0x20).bytes(name, bytes);
      }
    }
    out.newline();
    close(fd);
  }
  out.text("Most programs explain themselves with --help.\n");
  return 0;
}

const cwd: usize = memory.data(1024);
const entries: usize = memory.data(4096);
