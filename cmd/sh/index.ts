// sh: the shell. Reads lines, parses each (parser.ts), runs it (exec.ts).
//
//   sh                     from the console, or from standard input
//   sh -c LINE [NAME ARG ...]
//   sh FILE [ARG ...]
//   sh --halt -c LINE      init's: turns the machine off with the line's status while the shell is still there to be looked at
//
// Statuses: a command's own; 2 syntax; 126 cannot run; 127 not found; 128 + n ended by signal n.

import { FileType, OpenFlag, Stat } from "../../abi/syscall";
import { arg, argBytes, argc, argIs } from "../../lib/args";
import { consoleSize } from "../../lib/console";
import { openPath } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import { powerOff } from "../../lib/power";
import { complainErrno, finish, help } from "../../lib/program";
import { staticDataTouch } from "../../lib/resident";
import { fstat } from "../../lib/sys";
import { exitAgain, exitClear, exiting } from "./builtins";
import { Edit } from "./edit";
import { environmentImport } from "./environment";
import { execLine, interactive, setInteractive } from "./exec";
import { historyLoad, historyType } from "./history";
import { jobsEnd, jobsReport } from "./jobs";
import {
  Parse,
  parse,
  parseError,
  parseMoreReason,
  parseState,
  parseWhere,
  parseWhereBytes,
} from "./parser";
import {
  sourceBytes,
  sourceConsole,
  sourceDescriptor,
  sourceLine,
  sourceNext,
  sourceText,
} from "./source";
import { trapExit } from "./traps";
import { lastStatus, setFirstArgument, setLastStatus } from "./vars";

const TEXT_BYTES = 65536;
const text: usize = memory.data(65536); // the command being read: one line, or several while it is incomplete
let textBytes = 0;
const st: usize = memory.data(32, 8);

export function _start(): void {
  help("sh [-c LINE [NAME [ARG ...]] | FILE [ARG ...]]: the shell; type `help` in it");
  environmentImport();
  sourceChoose();
  while (!exiting) {
    if (interactive) jobsReport();
    if (!commandRead()) {
      if (interactive && !exitAgain()) continue;
      break;
    }
    commandRun();
  }
  exitClear();
  trapExit();
  if (interactive) jobsEnd();
  if (halting()) {
    out.flush();
    err.flush();
    powerOff(lastStatus);
  }
  finish(lastStatus);
}

function halting(): bool {
  return argIs(1, "--halt");
}

function sourceChoose(): void {
  const first = halting() ? 2 : 1;
  if (argIs(first, "-c")) {
    if (argc() < first + 2) {
      err.text("sh: -c needs a line").newline();
      finish(2);
    }
    setFirstArgument(argc() > first + 2 ? first + 2 : argc());
    sourceText(arg(first + 1), argBytes(first + 1));
    return;
  }
  if (argc() > 1) {
    setFirstArgument(1);
    const fd = openPath(arg(1), OpenFlag.READ);
    if (fd < 0) {
      complainErrno(arg(1), fd);
      finish(127);
    }
    sourceDescriptor(fd);
    return;
  }
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
    const result = sourceNext(textBytes == 0 ? "quire$ " : "> ");
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
    if (textBytes + sourceBytes + 1 >= TEXT_BYTES) {
      complain("the command is too long");
      textBytes = 0;
      return true;
    }
    memory.copy(text + textBytes, sourceLine, sourceBytes);
    textBytes += sourceBytes;
    if (interactive) historyType(sourceLine, sourceBytes);
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
    err.text("sh: ").text(parseError);
    if (parseWhereBytes > 0) err.byte(0x20).bytes(parseWhere, parseWhereBytes);
    err.newline();
    setLastStatus(2);
    return;
  }
  if (tree != null) setLastStatus(execLine(tree));
}

function complain(sentence: string): void {
  out.flush();
  err.text("sh: ").text(sentence).newline();
  setLastStatus(2);
}
