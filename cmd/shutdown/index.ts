// shutdown: turns the machine off.

import { argc, argNumber, argValue } from "../../lib/args";
import { errnoText } from "../../lib/errno";
import { err } from "../../lib/fmt";
import { powerOff } from "../../lib/power";
import { complain, finish, help } from "../../lib/program";

export function _start(): void {
  help("shutdown: turns the machine off; shutdown STATUS gives it an exit status");
  const status = argc() > 1 && argNumber(1) ? <i32>argValue & 255 : 0;
  const r = powerOff(status);
  complain();
  err.text(errnoText(r)).newline();
  finish(1);
}
