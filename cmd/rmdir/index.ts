// rmdir: removes empty directories.

import { Errno } from "../../abi/errno";
import { FileType } from "../../abi/syscall";
import { arg, argBytes, argc } from "../../lib/args";
import { trimSlashes } from "../../lib/copy";
import { out } from "../../lib/fmt";
import { typeOf } from "../../lib/link";
import { option, options } from "../../lib/options";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { remove } from "../../lib/sys";
import { cstrLength } from "../../lib/text";

const USAGE = "rmdir [-p] [-v] DIRECTORY ...";

export function _start(): void {
  help(
    "rmdir [-p] [-v] DIRECTORY ...: removes empty directories; -p those that they are in too, -v says what it removes",
  );
  let i = options("pv", USAGE);
  if (i >= argc()) usage(USAGE);
  let status = 0;
  for (; i < argc(); i++) {
    trimSlashes(arg(i));
    do {
      const type = typeOf(arg(i));
      const isOther = type != 0 && type != FileType.DIRECTORY;
      const r = isOther ? -Errno.ENOTDIR : remove(arg(i), argBytes(i));
      if (r < 0) {
        complainErrno(arg(i), r);
        status = 1;
        break;
      }
      if (option("v")) out.text("removed ").cstr(arg(i)).newline();
    } while (option("p") && parentOf(arg(i)));
  }
  finish(status);
}

/** Cuts the last name off a path; false when that was all of it. */
function parentOf(path: usize): bool {
  trimSlashes(path);
  let n = cstrLength(path);
  while (n > 0 && load<u8>(path + n) != 0x2f) n--;
  if (n == 0) return false;
  store<u8>(path + n, 0);
  return true;
}
