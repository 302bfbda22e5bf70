// cp: copies files, and with -r directories.

import { arg, argc } from "../../lib/args";
import {
  copyFile,
  copyKeeps,
  copyOptions,
  copyTree,
  exists,
  isDirectory,
  isInside,
  isSame,
  mayReplace,
  refuse,
  targetPath,
  trimSlashes,
} from "../../lib/copy";
import { option, options } from "../../lib/options";
import { finish, help, usage } from "../../lib/program";

const USAGE = "cp [-r] [-f] [-n] [-i] [-p] [-v] FILE TO | cp ... FILE ... DIRECTORY";

export function _start(): void {
  help(
    "cp [-rRafnipv] FILE TO, cp FILE ... DIRECTORY: copies files; -r directories too, -f replaces what cannot be written, -n leaves what is there, -i asks before it writes over it, -p keeps the time, -a is -rp, -v says what it copies\n  cp -r /etc /tmp",
  );
  let i = options("rRafnipv", USAGE);
  const last = argc() - 1;
  if (last - i < 1) usage(USAGE);
  copyOptions(option("f"), option("p") || option("a"), option("v"));
  copyKeeps(option("n"), option("i") && !option("f"));
  if (last - i > 1 && !isDirectory(arg(last))) {
    refuse(arg(last), "not a directory");
    finish(1);
  }
  let status = 0;
  for (; i < last; i++) {
    trimSlashes(arg(i));
    const to = targetPath(arg(i), arg(last));
    if (to == 0 || !copy(arg(i), to)) status = 1;
  }
  finish(status);
}

function copy(from: usize, to: usize): bool {
  if (!isDirectory(to) && !mayReplace(to)) return true;
  if (exists(from) && isSame(from, to)) return refuse(to, "is the same file");
  if (!isDirectory(from)) return copyFile(from, to);
  if (!option("r") && !option("R") && !option("a")) {
    return refuse(from, "is a directory (cp -r copies it and what is in it)");
  }
  if (isInside(from, to)) return refuse(from, "a directory cannot be copied into itself");
  return copyTree(from, to);
}
