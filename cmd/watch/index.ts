// watch: runs a program again and again, each time on an empty screen, until ^C.

import { arg, argc, argIs, argNumber, argValue } from "../../lib/args";
import { out } from "../../lib/fmt";
import { finish, help, usage } from "../../lib/program";
import { runStart, runWait } from "../../lib/run";
import { nanosleep } from "../../lib/sys";
import { SECOND } from "../../lib/time";

const USAGE = "watch [-n SECONDS] PROGRAM [ARG ...]";

export function _start(): void {
  help(
    "watch [-n SECONDS] PROGRAM [ARG ...]: runs PROGRAM every 2 seconds until ^C\n  watch -n 1 free",
  );
  let first = 1;
  let seconds: i64 = 2;
  if (argIs(1, "-n")) {
    if (!argNumber(2) || argValue < 1 || argValue > 86400) usage(USAGE);
    seconds = argValue;
    first = 3;
  }
  if (argc() <= first) usage(USAGE);
  for (;;) {
    out.text("\x1b[H\x1b[2JEvery ").dec(seconds).text(" s:");
    for (let i = first; i < argc(); i++) out.byte(0x20).cstr(arg(i));
    out.text("\n\n");
    runStart(first);
    const status = runWait();
    if (status == 126 || status == 127) finish(status);
    nanosleep(seconds * SECOND);
  }
}
