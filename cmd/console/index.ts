// console: who has the screen, and which virtual terminal is shown; changes both.

import { OpenFlag } from "../../abi/syscall";
import { argc, argIs, argNumber, argValue } from "../../lib/args";
import { ctlNumber, ctlText } from "../../lib/ctl";
import { errnoText } from "../../lib/errno";
import { openLiteral, readFile } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import { complain, finish, help, usage } from "../../lib/program";

const USAGE = "console [take | release | show 1..4]";
const TEXT_BYTES = 1024;
const state: usize = memory.data(1024);

export function _start(): void {
  help(
    "console: who has the screen and what the virtual terminals hold (/proc/console)\n" +
      "console release: the kernel console has it, until console take: the console server may have it again\n" +
      "console show N: shows virtual terminal N; Alt+F1 to Alt+F4 do the same",
  );
  if (argc() == 1) {
    const n = readFile("/proc/console", state, TEXT_BYTES);
    if (n < 0) fail(n);
    out.bytes(state, n);
    finish(0);
  }
  const fd = openLiteral("/dev/console", OpenFlag.READWRITE);
  if (fd < 0) fail(fd);
  let r = 0;
  if (argc() == 2 && argIs(1, "take")) r = ctlText(fd, "screen take");
  else if (argc() == 2 && argIs(1, "release")) r = ctlText(fd, "screen release");
  else if (argc() == 3 && argIs(1, "show") && argNumber(2)) r = ctlNumber(fd, "show ", argValue);
  else usage(USAGE);
  if (r < 0) fail(r);
  finish(0);
}

function fail(errno: i32): void {
  complain();
  err.text(errnoText(errno)).newline();
  finish(1);
}
