// cp: copies files.

import { arg, argBytes, argc } from "../../lib/args";
import { copyFile, isDirectory, targetPath } from "../../lib/copy";
import { err } from "../../lib/fmt";
import { complain, finish, help, usage } from "../../lib/program";
import { bytesEqual, cstrLength } from "../../lib/text";

export function _start(): void {
  help("cp FILE TO, cp FILE ... DIRECTORY: copies files");
  const last = argc() - 1;
  if (last < 2) usage("cp FILE TO | cp FILE ... DIRECTORY");
  if (last > 2 && !isDirectory(arg(last))) {
    complain();
    err.cstr(arg(last)).text(": not a directory").newline();
    finish(1);
  }
  let status = 0;
  for (let i = 1; i < last; i++) {
    const to = targetPath(arg(i), arg(last));
    if (isDirectory(arg(i))) {
      complain();
      err.cstr(arg(i)).text(": is a directory").newline();
      status = 1;
    } else if (bytesEqual(arg(i), argBytes(i), to, cstrLength(to))) {
      complain();
      err.cstr(to).text(": is the same file").newline();
      status = 1;
    } else if (!copyFile(arg(i), to)) status = 1;
  }
  finish(status);
}
