// The commands that the shell runs itself. Each gets its arguments as `count` NUL-terminated strings, the name first, and returns a status.

import { echoRun } from "../../lib/echo";
import { errnoText } from "../../lib/errno";
import { err, out } from "../../lib/fmt";
import { cstrIs, cstrLength, parsedBytes, parseNumber } from "../../lib/text";
import { aliasRun, unaliasRun } from "./alias";
import { arithmetic, arithmeticError } from "./arith";
import { jumpRun } from "./control";
import { dirsRun, popdRun, pushdRun } from "./dirs";
import { interactive } from "./exec";
import { folderEnter, folderNow } from "./folder";
import { getoptsRun } from "./getopts";
import { helpRun } from "./help";
import { historyAt, historyClear, historyFirst, historyNext } from "./history";
import { bgRun, fgRun, jobsRun, killRun, waitRun } from "./jobcommands";
import { jobsStopped } from "./jobs";
import { printfRun } from "./printf";
import { readRun } from "./read";
import { bracketRun, testRun } from "./test";
import { trapRun } from "./traps";
import { typeRun } from "./type";
import {
  declareNames,
  exportNames,
  localNames,
  readonlyNames,
  setOptions,
  unsetNames,
} from "./varcommands";
import { lastStatus, parameter, positionals, shiftParameters, value, valueBytes } from "./vars";

/** In the order of NAMES. */
export const enum Builtin {
  NONE = -1,
  COLON = 0,
  CD,
  EXIT,
  EXPORT,
  FALSE,
  HELP,
  HISTORY,
  PWD,
  SET,
  TRUE,
  UNSET,
  WAIT,
  BREAK,
  CONTINUE,
  RETURN,
  SHIFT,
  EVAL, // exec.ts runs eval, . and source, and exec itself
  DOT,
  SOURCE,
  EXEC,
  TEST,
  BRACKET,
  READ,
  PRINTF,
  TYPE,
  ECHO,
  JOBS,
  FG,
  BG,
  KILL,
  LOCAL,
  TRAP,
  ALIAS,
  UNALIAS,
  LET,
  GETOPTS,
  READONLY,
  DECLARE,
  TYPESET,
  COMMAND, // command.ts runs command and builtin
  BUILTIN,
  PUSHD,
  POPD,
  DIRS,
  LOGOUT,
}

const NAMES =
  ": cd exit export false help history pwd set true unset wait break continue return shift eval . source exec test [ " +
  "read printf type echo jobs fg bg kill local trap alias unalias let getopts readonly declare typeset command builtin pushd " +
  "popd dirs logout ";

/** `exit` was run: the shell ends with lastStatus. */
export let exiting = false;

/** Ends the shell with the last status. */
export function exitShell(): void {
  exiting = true;
}

/** The same for a shell that reads no person's lines. */
export function exitNow(): void {
  if (!interactive) exiting = true;
}

export function exitClear(): void {
  exiting = false;
}

/** The builtin of this name, or Builtin.NONE. */
export function builtinFind(name: usize, bytes: i32): i32 {
  for (let i = 0, at = 0; at < NAMES.length; i++) {
    const end = nameEnd(at);
    if (end - at == bytes && nameStartsAt(at, name, bytes)) return i;
    at = end + 1;
  }
  return Builtin.NONE;
}

function nameEnd(at: i32): i32 {
  while (NAMES.charCodeAt(at) != 0x20) at++;
  return at;
}

function nameStartsAt(at: i32, name: usize, bytes: i32): bool {
  for (let i = 0; i < bytes; i++) {
    if (NAMES.charCodeAt(at + i) != <i32>load<u8>(name + i)) return false;
  }
  return true;
}

/** Writes the name of builtin i at p; its bytes, 0 past the last. */
export function builtinName(i: i32, p: usize): i32 {
  let at = 0;
  for (; i > 0 && at < NAMES.length; i--) at = nameEnd(at) + 1;
  if (at >= NAMES.length) return 0;
  const end = nameEnd(at);
  for (let k = at; k < end; k++) store<u8>(p + k - at, NAMES.charCodeAt(k));
  return end - at;
}

/** Whether a word as written is a command whose NAME=VALUE words are assignments. */
export function builtinDeclares(word: usize, bytes: i32): bool {
  switch (builtinFind(word, bytes)) {
    case Builtin.EXPORT:
    case Builtin.LOCAL:
    case Builtin.READONLY:
    case Builtin.DECLARE:
    case Builtin.TYPESET:
      return true;
  }
  return false;
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
    case Builtin.ECHO:
    case Builtin.JOBS:
    case Builtin.ALIAS:
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
    case Builtin.LOGOUT:
      return exitRun(first, count);
    case Builtin.EXPORT:
      return exportNames(first, count);
    case Builtin.FALSE:
      return 1;
    case Builtin.HELP:
      return helpRun();
    case Builtin.HISTORY:
      return history(first, count);
    case Builtin.PWD:
      return pwd();
    case Builtin.SET:
      return setOptions(first, count);
    case Builtin.UNSET:
      return unsetNames(first, count);
    case Builtin.WAIT:
      return waitRun(first, count - 1);
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
    case Builtin.ECHO:
      echoRun(first, count - 1);
      return 0;
    case Builtin.JOBS:
      return jobsRun(first, count - 1);
    case Builtin.FG:
      return fgRun(first, count - 1);
    case Builtin.BG:
      return bgRun(first, count - 1);
    case Builtin.KILL:
      return killRun(first, count - 1);
    case Builtin.LOCAL:
      return localNames(first, count);
    case Builtin.TRAP:
      return trapRun(first, count - 1);
    case Builtin.ALIAS:
      return aliasRun(first, count - 1);
    case Builtin.UNALIAS:
      return unaliasRun(first, count - 1);
    case Builtin.LET:
      return letRun(first, count - 1);
    case Builtin.GETOPTS:
      return getoptsRun(first, count - 1);
    case Builtin.READONLY:
      return readonlyNames(first, count);
    case Builtin.DECLARE:
    case Builtin.TYPESET:
      return declareNames(first, count);
    case Builtin.PUSHD:
      return pushdRun(first, count - 1);
    case Builtin.POPD:
      return popdRun();
    case Builtin.DIRS:
      return dirsRun();
  }
  return 0; // true and :
}

/** cd [-L|-P] [DIRECTORY|-]: without one, $HOME. The two options are the same here. */
function cd(path: usize, count: i32): i32 {
  if (count > 1 && (cstrIs(path, "--") || cstrIs(path, "-L") || cstrIs(path, "-P"))) {
    path += 3;
    count--;
  }
  if (count > 2) {
    err.text("sh: cd: one directory, please").newline();
    return 2;
  }
  const back = count == 2 && cstrIs(path, "-");
  if (count < 2 || back) {
    parameter(back ? OLDPWD : HOME, back ? 6 : 4);
    if (back && valueBytes == 0) {
      err.text("sh: cd: OLDPWD is not set").newline();
      return 1;
    }
    const fits = valueBytes > 0 && valueBytes < 1024;
    store<u16>(target, 0x2f);
    if (fits) memory.copy(target, value, valueBytes);
    if (fits) store<u8>(target + valueBytes, 0);
    path = target;
  }
  const r = folderEnter(path, cstrLength(path));
  if (r < 0) {
    err.text("sh: cd: ").cstr(path).text(": ").text(errnoText(r)).newline();
    return 1;
  }
  return back ? pwd() : 0;
}

/** Where links have led is the working directory, so -L and -P say the same. */
function pwd(): i32 {
  out.cstr(folderNow()).newline();
  return 0;
}

/** let EXPRESSION ...: 0 when the last one is not 0. */
function letRun(word: usize, count: i32): i32 {
  let result: i64 = 0;
  for (; count > 0; count--) {
    const n = cstrLength(word);
    result = arithmetic(word, n);
    if (arithmeticError.length > 0) {
      err.text("sh: let: ").text(arithmeticError).text(": ").cstr(word).newline();
      return 1;
    }
    word += n + 1;
  }
  return result == 0 ? 1 : 0;
}

function exitRun(text: usize, count: i32): i32 {
  let status = lastStatus;
  if (count > 1) {
    const n = cstrLength(text);
    status = <i32>parseNumber(text, n) & 255;
    if (n == 0 || parsedBytes != n) {
      err.text("sh: exit: ").cstr(text).text(": not a number").newline();
      status = 2;
    }
  }
  if (interactive && !exitAgain()) return 1;
  exiting = true;
  return status;
}

let warned = false;

/** True unless there are stopped jobs that have not been warned of. */
export function exitAgain(): bool {
  if (jobsStopped() == 0 || warned) return true;
  warned = true;
  err.text("sh: there are stopped jobs; exit again to end them").newline();
  return false;
}

function shift(text: usize, count: i32): i32 {
  const n = count > 1 ? <i32>parseNumber(text, cstrLength(text)) : 1;
  if (shiftParameters(n)) return 0;
  err.text("sh: shift: there are only ").dec(positionals()).text(" parameters").newline();
  return 1;
}

/** history [-c] [COUNT] */
function history(word: usize, count: i32): i32 {
  if (count > 1 && cstrIs(word, "-c")) {
    historyClear();
    return 0;
  }
  let lines = 0;
  for (let line = historyFirst(); line != 0; line = historyNext(line)) lines++;
  const last = count > 1 ? <i32>parseNumber(word, cstrLength(word)) : lines;
  if (count > 1 && (parsedBytes == 0 || last < 0)) {
    err.text("usage: history [-c] [COUNT]").newline();
    return 2;
  }
  let number = 1;
  for (let line = historyFirst(); line != 0; line = historyNext(line)) {
    if (number > lines - last) out.dec(number, 4).text("  ").cstr(historyAt(line)).newline();
    number++;
  }
  return 0;
}

const target: usize = memory.data(1025);
const HOME: usize = memory.data<u8>([0x48, 0x4f, 0x4d, 0x45]);
const OLDPWD: usize = memory.data<u8>([0x4f, 0x4c, 0x44, 0x50, 0x57, 0x44]);
