// realpath: paths from the root, without symbolic links, "." and "..".

import { arg, argc } from "../../lib/args";
import { out } from "../../lib/fmt";
import { option, options } from "../../lib/options";
import { Missing, pathCanonical } from "../../lib/path";
import { complainErrno, finish, help, usage } from "../../lib/program";

const USAGE = "realpath [-e|-m] [-q] FILE ...";
const path: usize = memory.data(3200);

export function _start(): void {
  help(
    "realpath [-e|-m] [-q] FILE ...: the path from the root without symbolic links, of which all but the last name must be there, with -e all and with -m none; -q says nothing of what is wrong\n  realpath .",
  );
  let i = options("emq", USAGE);
  if (i >= argc()) usage(USAGE);
  const missing = option("m") ? Missing.ALL : option("e") ? Missing.NONE : Missing.LAST;
  let status = 0;
  for (; i < argc(); i++) {
    const n = pathCanonical(arg(i), path, missing);
    if (n >= 0) {
      out.bytes(path, n).newline();
      continue;
    }
    status = 1;
    if (!option("q")) complainErrno(arg(i), n);
  }
  finish(status);
}
