// mv: renames files and directories; to another file system they are copied and then removed.

import { Errno } from "../../abi/errno";
import { FileType } from "../../abi/syscall";
import { arg, argc } from "../../lib/args";
import {
  agreed,
  copyFile,
  copyLink,
  copyOptions,
  copyTree,
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
import { isLink, isThere, typeOf } from "../../lib/link";
import { option, options } from "../../lib/options";
import { complain, complainErrno, finish, help, usage } from "../../lib/program";
import { remove, rename } from "../../lib/sys";
import { cstrLength } from "../../lib/text";
import { WalkLinks } from "../../lib/walk";

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

/** A symbolic link is moved as one, and one at `to` is replaced. */
function move(from: usize, to: usize): bool {
  if (option("n") && isThere(to)) return true;
  if (option("i") && !option("f") && isThere(to) && !agreed(to, "write over ")) return true;
  // A link is not put in the place of what it leads to.
  const itself = isLink(to) || !isLink(from);
  if (isThere(from) && isSame(from, to, itself)) return refuse(to, "is the same file");
  const type = typeOf(from);
  if (type == FileType.DIRECTORY && isInside(from, to)) {
    return refuse(from, "a directory cannot be moved into itself");
  }
  const r = rename(from, cstrLength(from), to, cstrLength(to));
  if (r == -Errno.EXDEV) return carry(from, to, type) && removeTree(from, false, false);
  if (r >= 0) tell(from, to);
  else if (!isThere(from)) complainErrno(from, r);
  else {
    complain();
    err.cstr(from).text(" to ").cstr(to).text(": ").text(errnoText(r)).newline();
  }
  return r >= 0;
}

/** Copies to another file system; false after saying what is wrong. */
function carry(from: usize, to: usize, type: i32): bool {
  if (type == FileType.LINK) return copyLink(from, to);
  if (type == FileType.DIRECTORY) return copyTree(from, to, WalkLinks.NONE);
  if (isLink(to)) remove(to, cstrLength(to));
  return copyFile(from, to);
}
