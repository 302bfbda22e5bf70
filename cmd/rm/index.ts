// rm: removes files, and with -r directories and what is in them. The root, "." and ".." are refused. Of a symbolic link only the link is
// removed, never what it leads to.

import { Errno } from "../../abi/errno";
import { FileType } from "../../abi/syscall";
import { arg, argBytes, argc } from "../../lib/args";
import { agreed, lastName, refuse, removeTree, trimSlashes } from "../../lib/copy";
import { out } from "../../lib/fmt";
import { meansTarget, typeOf } from "../../lib/link";
import { option, options } from "../../lib/options";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { remove } from "../../lib/sys";
import { cstrIs } from "../../lib/text";

const USAGE = "rm [-r] [-d] [-f] [-i] [-v] FILE ...";

export function _start(): void {
  help(
    "rm [-rRdfiv] FILE ...: removes files; -r also directories and what is in them, -d empty directories, -f: one that is not there is no error, -i asks first, -v says what it removes; a symbolic link is removed itself\n  rm -rf /tmp/old",
  );
  let i = options("rRdfiv", USAGE);
  if (i >= argc() && !option("f")) usage(USAGE);
  let status = 0;
  for (; i < argc(); i++) {
    const slashed = meansTarget(arg(i));
    trimSlashes(arg(i));
    if (!one(arg(i), argBytes(i), slashed)) status = 1;
  }
  finish(status);
}

/** `slashed`: a slash was behind the path, as for what a link leads to. */
function one(path: usize, bytes: i32, slashed: bool): bool {
  const name = lastName(path);
  if (cstrIs(path, "/")) return refuse(path, "the root is not removed");
  if (cstrIs(name, ".") || cstrIs(name, "..")) return refuse(path, ". and .. are not removed");
  const type = typeOf(path);
  if (option("f") && type == 0) return true;
  if (slashed && type == FileType.LINK)
    return refuse(path, "is a symbolic link (without a slash behind it, it is removed)");
  const asks = option("i") && !option("f");
  if (type == FileType.DIRECTORY) {
    if (option("r") || option("R")) return removeTree(path, option("v"), asks);
    if (!option("d")) return refuse(path, "is a directory (rm -r removes it and what is in it)");
  }
  if (asks && type != 0 && !agreed(path, "remove ")) return true;
  const r = remove(path, bytes);
  if (r < 0) {
    if (option("f") && r == -Errno.ENOENT) return true;
    complainErrno(path, r);
    return false;
  }
  if (option("v")) out.text("removed ").cstr(path).newline();
  return true;
}
