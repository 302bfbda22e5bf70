// readlink: the target of a symbolic link, or with -f, -e and -m the path without any.

import { Errno } from "../../abi/errno";
import { arg, argBytes, argc } from "../../lib/args";
import { out } from "../../lib/fmt";
import { linkRead } from "../../lib/link";
import { option, options } from "../../lib/options";
import { Missing, pathCanonical } from "../../lib/path";
import { complainErrno, finish, help, usage } from "../../lib/program";

const USAGE = "readlink [-f|-e|-m] [-n] [-v] FILE ...";
const path: usize = memory.data(3200);

export function _start(): void {
  help(
    "readlink [-f|-e|-m] [-n] [-v] FILE ...: what a symbolic link leads to, status 1 if it is none; -f: the path from the root without links, of which all but the last name must be there, with -e all and with -m none; -n ends without a newline, -v says what is wrong\n  readlink -f /tmp/n",
  );
  const first = options("femnqsv", USAGE);
  if (first >= argc()) usage(USAGE);
  const isLast = argc() == first + 1;
  let status = 0;
  for (let i = first; i < argc(); i++) {
    const n = answer(i);
    if (n >= 0) {
      out.bytes(path, n);
      if (!option("n") || !isLast) out.newline();
      continue;
    }
    status = 1;
    if (option("v")) complainErrno(arg(i), n);
  }
  finish(status);
}

/** Puts the answer into `path`; its bytes or -errno. */
function answer(i: i32): i32 {
  if (option("m")) return pathCanonical(arg(i), path, Missing.ALL);
  if (option("e")) return pathCanonical(arg(i), path, Missing.NONE);
  if (option("f")) return pathCanonical(arg(i), path, Missing.LAST);
  return argBytes(i) == 0 ? -Errno.ENOENT : linkRead(arg(i), argBytes(i), path);
}
