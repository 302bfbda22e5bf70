// rmdir: removes empty directories.

import { arg, argBytes, argc } from "../../lib/args";
import { exists, isDirectory, refuse, trimSlashes } from "../../lib/copy";
import { out } from "../../lib/fmt";
import { option, options } from "../../lib/options";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { remove } from "../../lib/sys";

const USAGE = "rmdir [-v] DIRECTORY ...";

export function _start(): void {
  help("rmdir [-v] DIRECTORY ...: removes empty directories; -v says what it removes");
  let i = options("v", USAGE);
  if (i >= argc()) usage(USAGE);
  let status = 0;
  for (; i < argc(); i++) {
    trimSlashes(arg(i));
    if (exists(arg(i)) && !isDirectory(arg(i))) {
      refuse(arg(i), "not a directory");
      status = 1;
      continue;
    }
    const r = remove(arg(i), argBytes(i));
    if (r < 0) {
      complainErrno(arg(i), r);
      status = 1;
    } else if (option("v")) out.text("removed ").cstr(arg(i)).newline();
  }
  finish(status);
}
