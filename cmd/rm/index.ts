// rm: removes files and empty directories.

import { Errno } from "../../abi/errno";
import { arg, argBytes, argc, argIs } from "../../lib/args";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { remove } from "../../lib/sys";

export function _start(): void {
  help(
    "rm [-f] FILE ...: removes files and empty directories; -f: one that is not there is no error",
  );
  const force = argIs(1, "-f");
  let i = force ? 2 : 1;
  if (i >= argc() && !force) usage("rm [-f] FILE ...");
  let status = 0;
  for (; i < argc(); i++) {
    const r = remove(arg(i), argBytes(i));
    if (r >= 0 || (force && r == -Errno.ENOENT)) continue;
    complainErrno(arg(i), r);
    status = 1;
  }
  finish(status);
}
