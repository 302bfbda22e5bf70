// stty: the console's size and mode.

import { argc, argIs } from "../../lib/args";
import {
  columns,
  consoleCooked,
  consoleIsRaw,
  consoleRaw,
  consoleSize,
  rows,
} from "../../lib/console";
import { err, out } from "../../lib/fmt";
import { complain, finish, help, usage } from "../../lib/program";

export function _start(): void {
  help(
    "stty [size|raw|cooked|sane]: shows the console's size in columns and rows and its mode, or sets the mode",
  );
  if (!consoleSize(0)) {
    complain();
    err.text("standard input is not a console").newline();
    finish(1);
  }
  if (argc() > 2) usage("stty [size|raw|cooked|sane]");
  if (argIs(1, "raw")) {
    consoleRaw(0);
  } else if (argIs(1, "cooked") || argIs(1, "sane")) {
    consoleCooked(0);
  } else if (argc() == 1 || argIs(1, "size") || argIs(1, "-a")) {
    out.dec(columns).byte(0x20).dec(rows);
    if (!argIs(1, "size")) out.text(consoleIsRaw(0) ? " raw" : " cooked");
    out.newline();
  } else {
    usage("stty [size|raw|cooked|sane]");
  }
  finish(0);
}
