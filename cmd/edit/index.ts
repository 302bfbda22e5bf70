// edit, nano, pico: a text editor on the whole console.

import { arg, argc, argIs } from "../../lib/args";
import { consoleColumns } from "../../lib/console";
import { err } from "../../lib/fmt";
import { fullscreenBegin, fullscreenEnd } from "../../lib/fullscreen";
import { options } from "../../lib/options";
import { complain, finish, help, usage } from "../../lib/program";
import { cstrLength, parsedBytes, parseNumber } from "../../lib/text";
import { cursorLineTo } from "./cursor";
import { fileIsFixed, fileIsNew, fileLoad } from "./file";
import { keysRun } from "./keys";
import { say } from "./message";
import { screenBegin } from "./screen";
import { textBegin } from "./text";
import { undoBegin } from "./undo";

const USAGE = "edit [+LINE[,COLUMN]] [FILE]";

export function _start(): void {
  help(
    "edit [+LINE[,COLUMN]] [FILE]: a text editor; ^S saves, ^X leaves, ^F finds, ^G shows all keys (^X is Ctrl and X)\n  edit /home/note\n  edit +12 /home/note\nnano, pico: the same as edit",
  );
  let i = options("", USAGE);
  let line: i64 = 1;
  let column: i64 = 1;
  if (i < argc() && load<u8>(arg(i)) == 0x2b) {
    const p = arg(i++) + 1;
    const n = cstrLength(p);
    line = parseNumber(p, n);
    const used = parsedBytes;
    if (used < n && load<u8>(p + used) == 0x2c) {
      column = parseNumber(p + used + 1, n - used - 1);
      if (parsedBytes != n - used - 1) usage(USAGE);
    } else if (used != n) usage(USAGE);
    if (line < 1 || column < 1) usage(USAGE);
  }
  if (argc() - i > 1 || (i < argc() && argIs(i, ""))) usage(USAGE);
  if (consoleColumns(0) == 0 || consoleColumns(1) == 0) {
    complain();
    err.text("standard input and output must be a terminal").newline();
    finish(1);
  }
  textBegin();
  undoBegin();
  screenBegin();
  if (i < argc()) open(arg(i));
  cursorLineTo(<i32>min<i64>(line, i32.MAX_VALUE) - 1, <i32>min<i64>(column, i32.MAX_VALUE) - 1);
  if (!fullscreenBegin(1, true)) finish(1);
  keysRun();
  fullscreenEnd();
  finish(0);
}

function open(path: usize): void {
  const wrong = fileLoad(path);
  if (wrong.length > 0) {
    complain();
    err.cstr(path).text(": ").text(wrong).newline();
    finish(1);
  }
  if (fileIsNew) say("A new file");
  else if (fileIsFixed) say("Read-only here; ^O saves it elsewhere");
}
