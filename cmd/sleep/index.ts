// sleep: waits.

import { arg, argc } from "../../lib/args";
import { durationAdd, durationRead } from "../../lib/duration";
import { finish, help, usage } from "../../lib/program";
import { nanosleep } from "../../lib/sys";

export function _start(): void {
  help("sleep TIME ...: waits; TIME is seconds, such as 0.25, or 2m, 1h, 1d, inf; several add up");
  if (argc() < 2) usage("sleep TIME ...");
  let ns: i64 = 0;
  for (let i = 1; i < argc(); i++) {
    const part = durationRead(arg(i));
    if (part < 0) usage("sleep TIME ...");
    ns = durationAdd(ns, part);
  }
  nanosleep(ns);
  finish(0);
}
