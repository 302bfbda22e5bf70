// sh: the shell. Reads lines, parses each (parser.ts), runs it (exec.ts).
//
//   sh                     from the console, or from standard input
//   sh [-eux ...] -c LINE [NAME ARG ...]
//   sh [-eux ...] FILE [ARG ...]
//   sh --halt -c LINE      init's: turns the machine off with the line's status while the shell is still there to be looked at
//   sh --child NUMBERS STATE -c LINE [NAME ARG ...]     the shell's own, for ( ) and $( ): child.ts
//
// Statuses: a command's own; 2 syntax; 126 cannot run; 127 not found; 128 + n ended by signal n.

import { FileType, OpenFlag, Stat } from "../../abi/syscall";
import { arg, argBytes, argc, argIs } from "../../lib/args";
import { consoleSize } from "../../lib/console";
import { openPath } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import { powerOff } from "../../lib/power";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { staticDataTouch } from "../../lib/resident";
import { fstat, getpid } from "../../lib/sys";
import { cstrLength, parsedBytes, parseNumber } from "../../lib/text";
import { bangExpand, bangLine, bangLineBytes } from "./bang";
import { exitAgain, exitClear, exiting } from "./builtins";
import { Edit } from "./edit";
import { environmentImport } from "./environment";
import { execLine, interactive, setInteractive } from "./exec";
import { folderBegin } from "./folder";
import { historyLoad, historyType } from "./history";
import { jobsEnd, jobsReport } from "./jobs";
import { optionNamed, optionSet } from "./options";
import {
  Parse,
  parse,
  parseError,
  parseMoreReason,
  parseState,
  parseWhere,
  parseWhereBytes,
} from "./parser";
import { profilesRun } from "./profile";
import { fdsBegin } from "./redirect";
import {
  sourceBytes,
  sourceConsole,
  sourceDescriptor,
  sourceFile,
  sourceIsFile,
  sourceLine,
  sourceLineNumber,
  sourceNext,
  sourceText,
} from "./source";
import { trapExit } from "./traps";
import {
  lastStatus,
  parameter,
  setFirstArgument,
  setLastBackground,
  setLastStatus,
  setShellPid,
  value,
  varsBegin,
} from "./vars";

const USAGE = "sh [-aCefnux] [-o OPTION] [-c LINE [NAME [ARG ...]] | FILE [ARG ...]]";
const TEXT_BYTES = 65536;
const text: usize = memory.data(65536); // the command being read: one line, or several while it is incomplete
let textBytes = 0;
let textLine = 0; // number of its first line
let halts = false;
const st: usize = memory.data(32, 8);

export function _start(): void {
  help(
    "sh [-eux] [-o OPTION] [-c LINE [NAME [ARG ...]] | FILE [ARG ...]]: the shell; type `help` in it\nbash: the same as sh, which knows most of it",
  );
  fdsBegin();
  varsBegin();
  setShellPid(getpid());
  environmentImport();
  folderBegin();
  sourceChoose();
  if (interactive) profilesRun();
  linesRun();
  exitClear();
  trapExit();
  if (interactive) jobsEnd();
  if (halts) {
    out.flush();
    err.flush();
    powerOff(lastStatus);
  }
  finish(lastStatus);
}

function linesRun(): void {
  while (!exiting) {
    if (interactive) jobsReport();
    if (!commandRead()) {
      if (interactive && !exitAgain()) continue;
      break;
    }
    commandRun();
  }
}

/** Reads the options; what is to be run follows them. */
function sourceChoose(): void {
  let line = false;
  let input = false;
  let i = 1;
  for (; i < argc() && isOption(i); i++) {
    if (argIs(i, "--halt")) halts = true;
    else if (argIs(i, "--child") && i + 2 < argc()) {
      stateTake(arg(i + 1), arg(i + 2), argBytes(i + 2));
      i += 2;
    } else if (argIs(i, "--login") || argIs(i, "--norc")) continue;
    else if (argIs(i, "--")) {
      i++;
      break;
    } else {
      const on = load<u8>(arg(i)) == 0x2d;
      for (let p = arg(i) + 1; load<u8>(p) != 0; p++) {
        const c: i32 = load<u8>(p);
        if (c == 0x63) line = true;
        else if (c == 0x73) input = true;
        else if (c == 0x6f && load<u8>(p + 1) == 0 && i + 1 < argc()) {
          i++;
          if (!optionNamed(arg(i), argBytes(i), on)) usage(USAGE);
          break;
        } else if (c != 0x6c && c != 0x69 && !optionSet(c, on)) usage(USAGE);
      }
    }
  }
  if (line) {
    if (i >= argc()) {
      err.text("sh: -c needs a line").newline();
      finish(2);
    }
    setFirstArgument(min(i + 1, argc()));
    sourceText(arg(i), argBytes(i));
  } else if (i < argc() && !input) {
    fileOpen(i);
  } else {
    // $0 is the shell's own name.
    setFirstArgument(input ? i - 1 : 0);
    inputOpen();
  }
}

function isOption(i: i32): bool {
  const c = load<u8>(arg(i));
  return (c == 0x2d || c == 0x2b) && load<u8>(arg(i) + 1) != 0;
}

/** Becomes a copy of the shell that this is a child of: its $$, $! and $?, and a text that makes the rest. */
function stateTake(p: usize, text: usize, bytes: i32): void {
  const n = cstrLength(p);
  setShellPid(<i32>parseNumber(p, n));
  let used = parsedBytes + 1;
  setLastBackground(<i32>parseNumber(p + used, n - used));
  used += parsedBytes + 1;
  sourceText(text, bytes);
  linesRun();
  setLastStatus(<i32>parseNumber(p + used, n - used));
}

function fileOpen(i: i32): void {
  setFirstArgument(i);
  const fd = openPath(arg(i), OpenFlag.READ);
  const isFolder = fd >= 0 && fstat(fd, st) >= 0 && load<u32>(st, Stat.TYPE) == FileType.DIRECTORY;
  if (fd < 0) complainErrno(arg(i), fd);
  else if (isFolder) err.text("sh: ").cstr(arg(i)).text(": is a directory").newline();
  if (fd < 0 || isFolder) finish(fd < 0 ? 127 : 126);
  sourceFile(fd);
}

function inputOpen(): void {
  if (fstat(0, st) >= 0 && load<u32>(st, Stat.TYPE) == FileType.DEVICE && consoleSize(0)) {
    setInteractive();
    historyLoad();
    // A shell that lives long and types `free` twice should see the same numbers.
    staticDataTouch();
    sourceConsole();
  } else {
    sourceDescriptor(0);
  }
}

/** Reads lines until they make a whole command, or until a syntax error; false at the end of the source. */
function commandRead(): bool {
  textBytes = 0;
  for (;;) {
    const result = sourceNext(textBytes == 0);
    if (result == Edit.CANCEL) {
      setLastStatus(130);
      textBytes = 0;
      return true;
    }
    if (result == Edit.END) {
      if (textBytes == 0) return false;
      complain(parseMoreReason());
      textBytes = 0;
      return true;
    }
    let line = sourceLine;
    let bytes = sourceBytes;
    if (interactive) {
      if (!bangExpand(line, bytes)) {
        setLastStatus(1);
        textBytes = 0;
        return true;
      }
      line = bangLine;
      bytes = bangLineBytes;
    }
    if (textBytes == 0) textLine = sourceLineNumber;
    if (textBytes + bytes + 1 >= TEXT_BYTES) {
      complain("the command is too long");
      textBytes = 0;
      return true;
    }
    memory.copy(text + textBytes, line, bytes);
    textBytes += bytes;
    if (interactive) historyType(line, bytes);
    parse(text, textBytes);
    if (parseState != Parse.MORE) return true;
    store<u8>(text + textBytes++, 10);
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return false;
}

function commandRun(): void {
  const tree = parse(text, textBytes);
  if (parseState == Parse.ERROR) {
    complainStart();
    err.text(parseError);
    if (parseWhereBytes > 0) err.byte(0x20).bytes(parseWhere, parseWhereBytes);
    err.newline();
    setLastStatus(2);
    // What follows in a script was written for what should have been here.
    if (sourceIsFile()) finishEarly();
    return;
  }
  if (tree != null) setLastStatus(execLine(tree));
}

function finishEarly(): void {
  trapExit();
  finish(lastStatus);
}

function complain(sentence: string): void {
  complainStart();
  err.text(sentence).newline();
  setLastStatus(2);
}

/** "sh: ", or of a script its name and the line where the command begins. */
function complainStart(): void {
  out.flush();
  if (!sourceIsFile()) {
    err.text("sh: ");
    return;
  }
  parameter(ZERO, 1);
  err.cstr(value).text(": line ").dec(textLine).text(": ");
}

const ZERO: usize = memory.data<u8>([0x30]);
