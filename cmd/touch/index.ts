// touch: makes empty files; one that is there gets the time now.

import { Errno } from "../../abi/errno";
import { Clock, OpenFlag, Stat } from "../../abi/syscall";
import { arg, argc } from "../../lib/args";
import { exists, isDirectory } from "../../lib/copy";
import { openPath } from "../../lib/files";
import { isLink } from "../../lib/link";
import { option, options } from "../../lib/options";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { clock, close, fstatx, wstatx } from "../../lib/sys";

const USAGE = "touch [-a] [-m] [-c] [-h] FILE ...";
const st: usize = memory.data(48, 8);

export function _start(): void {
  help(
    "touch [-amch] FILE ...: makes files that are not there yet, and sets the times of those that are; -a only that of access, -m only that of the last change, -c makes none, -h: those of a symbolic link itself",
  );
  let i = options("amch", USAGE);
  if (i >= argc()) usage(USAGE);
  let status = 0;
  for (; i < argc(); i++) {
    const r = touch(arg(i));
    if (r >= 0) continue;
    complainErrno(arg(i), r);
    status = 1;
  }
  finish(status);
}

function touch(path: usize): i32 {
  const itself = option("h") && isLink(path);
  const there = itself || exists(path);
  if (!there && option("c")) return 0;
  if (!there && option("h")) return -Errno.ENOENT;
  const fd = openPath(path, modeOf(path, itself));
  if (fd < 0 || !there) {
    if (fd >= 0) close(fd);
    return fd;
  }
  const r = timesSet(fd);
  close(fd);
  // A device has no time of its own.
  return r == -Errno.ENOSYS || r == -Errno.EPERM ? 0 : r;
}

function modeOf(path: usize, itself: bool): i32 {
  if (itself) return OpenFlag.READ | OpenFlag.NOFOLLOW;
  return isDirectory(path) ? OpenFlag.READ : OpenFlag.WRITE | OpenFlag.CREATE;
}

function timesSet(fd: i32): i32 {
  const r = fstatx(fd, st, Stat.LONG_BYTES);
  if (r < 0) return r;
  const now = clock(Clock.REALTIME);
  if (!option("a") || option("m")) store<i64>(st, now, Stat.MTIME);
  if (!option("m") || option("a")) store<i64>(st, now, Stat.ATIME);
  return wstatx(fd, st, Stat.LONG_BYTES);
}
