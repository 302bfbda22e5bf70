// mv: renames files; to another place they are copied and then removed.

import { Errno } from "../../abi/errno";
import { arg, argBytes, argc } from "../../lib/args";
import { copyFile, isDirectory, targetPath } from "../../lib/copy";
import { err } from "../../lib/fmt";
import { complain, complainErrno, finish, help, usage } from "../../lib/program";
import { remove, rename } from "../../lib/sys";
import { cstrLength } from "../../lib/text";

export function _start(): void {
  help("mv FILE TO, mv FILE ... DIRECTORY: renames or moves files");
  const last = argc() - 1;
  if (last < 2) usage("mv FILE TO | mv FILE ... DIRECTORY");
  if (last > 2 && !isDirectory(arg(last))) {
    complain();
    err.cstr(arg(last)).text(": not a directory").newline();
    finish(1);
  }
  let status = 0;
  for (let i = 1; i < last; i++)
    if (!move(arg(i), argBytes(i), targetPath(arg(i), arg(last)))) status = 1;
  finish(status);
}

function move(from: usize, bytes: i32, to: usize): bool {
  let r = rename(from, bytes, to, cstrLength(to));
  if (r == -Errno.EXDEV && !isDirectory(from)) {
    if (!copyFile(from, to)) return false;
    r = remove(from, bytes);
  }
  if (r < 0) complainErrno(from, r);
  return r >= 0;
}
