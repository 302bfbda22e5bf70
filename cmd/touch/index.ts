// touch: makes empty files; one that is there gets the time now.

import { Errno } from "../../abi/errno";
import { Clock, OpenFlag, Stat } from "../../abi/syscall";
import { arg, argc } from "../../lib/args";
import { exists, isDirectory } from "../../lib/copy";
import { openPath } from "../../lib/files";
import { option, options } from "../../lib/options";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { clock, close, fstat, wstat } from "../../lib/sys";

const USAGE = "touch [-c] FILE ...";
const st: usize = memory.data(32, 8);

export function _start(): void {
  help(
    "touch [-c] FILE ...: makes files that are not there yet, and sets the time of those that are; -c makes none",
  );
  let i = options("c", USAGE);
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
  const there = exists(path);
  if (!there && option("c")) return 0;
  const mode = isDirectory(path) ? OpenFlag.READ : OpenFlag.WRITE | OpenFlag.CREATE;
  const fd = openPath(path, mode);
  if (fd < 0 || !there) {
    if (fd >= 0) close(fd);
    return fd;
  }
  let r = fstat(fd, st);
  if (r >= 0) {
    store<i64>(st, clock(Clock.REALTIME), Stat.MTIME);
    r = wstat(fd, st);
  }
  close(fd);
  // A device has no time of its own.
  return r == -Errno.ENOSYS || r == -Errno.EPERM ? 0 : r;
}
