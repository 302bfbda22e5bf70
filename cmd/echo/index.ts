// echo: prints its arguments.

import { arg, argc } from "../../lib/args";
import { echoRun } from "../../lib/echo";
import { finish, help } from "../../lib/program";

export function _start(): void {
  help(
    "echo [-n] [-e] [TEXT ...]: prints its arguments; -n without the newline, -e with \\n \\t \\e \\xHH escapes",
  );
  // Arguments lie one after another.
  echoRun(arg(1), argc() - 1);
  finish(0);
}
