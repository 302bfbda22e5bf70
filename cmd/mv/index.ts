// mv: renames files and directories; to another file system they are copied and then removed.

import { Errno } from "../../abi/errno";
import { arg, argc } from "../../lib/args";
import {
  agreed,
  copyFile,
  copyOptions,
  copyTree,
  exists,
  isDirectory,
  isInside,
  isSame,
  refuse,
  removeTree,
  targetPath,
  tell,
  trimSlashes,
} from "../../lib/copy";
import { errnoText } from "../../lib/errno";
import { err } from "../../lib/fmt";
import { option, options } from "../../lib/options";
import { complain, complainErrno, finish, help, usage } from "../../lib/program";
import { rename } from "../../lib/sys";
import { cstrLength } from "../../lib/text";

const USAGE = "mv [-f] [-n] [-i] [-v] FILE TO | mv ... FILE ... DIRECTORY";

export function _start(): void {
  help(
    "mv [-fniv] FILE TO, mv FILE ... DIRECTORY: renames or moves files and directories; -n leaves what is there, -i asks before it puts something in its place, -v says what it moves\n  mv /tmp/notes /home",
  );
  let i = options("fniv", USAGE);
  const last = argc() - 1;
  if (last - i < 1) usage(USAGE);
  copyOptions(true, true, option("v"));
  if (last - i > 1 && !isDirectory(arg(last))) {
    refuse(arg(last), "not a directory");
    finish(1);
  }
  let status = 0;
  for (; i < last; i++) {
    trimSlashes(arg(i));
    const to = targetPath(arg(i), arg(last));
    if (to == 0 || !move(arg(i), to)) status = 1;
  }
  finish(status);
}

function move(from: usize, to: usize): bool {
  if (option("n") && exists(to)) return true;
  if (option("i") && !option("f") && exists(to) && !agreed(to, "write over ")) return true;
  if (exists(from) && isSame(from, to)) return refuse(to, "is the same file");
  const directory = isDirectory(from);
  if (directory && isInside(from, to)) {
    return refuse(from, "a directory cannot be moved into itself");
  }
  const r = rename(from, cstrLength(from), to, cstrLength(to));
  if (r == -Errno.EXDEV) {
    const copied = directory ? copyTree(from, to) : copyFile(from, to);
    return copied && removeTree(from, false, false);
  }
  if (r >= 0) tell(from, to);
  else if (!exists(from)) complainErrno(from, r);
  else {
    complain();
    err.cstr(from).text(" to ").cstr(to).text(": ").text(errnoText(r)).newline();
  }
  return r >= 0;
}
