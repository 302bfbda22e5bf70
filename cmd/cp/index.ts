// cp: copies files, and with -r directories.

import { arg, argc } from "../../lib/args";
import {
  copyFile,
  copyKeeps,
  copyLink,
  copyOptions,
  copyTree,
  isDirectory,
  isInside,
  isOver,
  mayReplace,
  refuse,
  targetPath,
  trimSlashes,
} from "../../lib/copy";
import { isLink, meansTarget } from "../../lib/link";
import { option, options } from "../../lib/options";
import { finish, help, usage } from "../../lib/program";
import { WalkLinks } from "../../lib/walk";

const USAGE = "cp [-r] [-f] [-n] [-i] [-p] [-P|-H|-L] [-v] FILE TO | cp ... FILE ... DIRECTORY";

export function _start(): void {
  help(
    "cp [-rRadfnipPHLv] FILE TO, cp FILE ... DIRECTORY: copies files; -r directories too, -f replaces what cannot be written, -n leaves what is there, -i asks before it writes over it, -p keeps the times, -a is -rpd, -v says what it copies; symbolic links are copied as links with -r, -d and -P, what they lead to without, with -L always and with -H for those named here\n  cp -r /etc /tmp",
  );
  let i = options("rRadfnipPHLv", USAGE);
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
    const links = linksOf(arg(i));
    trimSlashes(arg(i));
    const to = targetPath(arg(i), arg(last));
    if (to == 0 || !copy(arg(i), to, links)) status = 1;
  }
  finish(status);
}

function isRecursive(): bool {
  return option("r") || option("R") || option("a");
}

/** Which symbolic links are followed for an argument. */
function linksOf(from: usize): WalkLinks {
  if (option("L")) return WalkLinks.ALL;
  if (option("H") || meansTarget(from)) return WalkLinks.START;
  if (option("P") || option("d") || isRecursive()) return WalkLinks.NONE;
  return WalkLinks.ALL;
}

function copy(from: usize, to: usize, links: WalkLinks): bool {
  if (!isDirectory(to) && !mayReplace(to)) return true;
  const asLink = links == WalkLinks.NONE && isLink(from);
  if (isOver(from, to, asLink)) return refuse(to, "is the same file");
  if (asLink) return copyLink(from, to);
  if (!isDirectory(from)) return copyFile(from, to);
  if (!isRecursive()) return refuse(from, "is a directory (cp -r copies it and what is in it)");
  if (isInside(from, to)) return refuse(from, "a directory cannot be copied into itself");
  return copyTree(from, to, links);
}
