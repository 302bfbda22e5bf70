// bind: makes a name show what another one is.

import { arg, argBytes, argc } from "../../lib/args";
import { placeArguments, placeOption } from "../../lib/names";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { bind } from "../../lib/sys";

export function _start(): void {
  help(
    "bind [-b|-a] FROM TO: TO shows what FROM is; -b in front of what is there, -a behind it\n" +
      "FROM '#/PATH' is the kernel's own tree, '#N/PATH' channel N, whatever is mounted",
  );
  const flags = placeOption();
  const first = placeArguments;
  if (argc() != first + 2) usage("bind [-b|-a] FROM TO");
  const r = bind(arg(first), argBytes(first), arg(first + 1), argBytes(first + 1), flags);
  if (r < 0) {
    complainErrno(arg(first), r);
    finish(1);
  }
  finish(0);
}
