// mkdir: makes directories, where the file system has them.

import { OpenFlag } from "../../abi/syscall";
import { arg, argBytes, argc } from "../../lib/args";
import { isDirectory } from "../../lib/copy";
import { out } from "../../lib/fmt";
import { option, options } from "../../lib/options";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { close, create } from "../../lib/sys";

const USAGE = "mkdir [-p] [-v] DIRECTORY ...";
let status = 0;

export function _start(): void {
  help(
    "mkdir [-p] [-v] DIRECTORY ...: makes directories; -p: also those above them, and one that is there is no error; -v says what it makes\n  mkdir -p /tmp/a/b",
  );
  let i = options("pv", USAGE);
  if (i >= argc()) usage(USAGE);
  for (; i < argc(); i++) {
    if (!option("p")) make(arg(i), argBytes(i));
    else if (!parents(arg(i))) status = 1;
  }
  finish(status);
}

/** Makes each directory of the path that is not there; false after saying what is wrong. */
function parents(path: usize): bool {
  for (let end = path + 1; ; end++) {
    const c = load<u8>(end);
    if (c != 0x2f && c != 0) continue;
    store<u8>(end, 0);
    const good = isDirectory(path) || make(path, <i32>(end - path));
    store<u8>(end, c);
    if (!good || c == 0) return good;
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return false;
}

function make(path: usize, bytes: i32): bool {
  const fd = create(path, bytes, OpenFlag.DIRECTORY | OpenFlag.EXCLUSIVE);
  if (fd < 0) {
    complainErrno(path, fd);
    status = 1;
    return false;
  }
  close(fd);
  if (option("v")) out.text("made ").cstr(path).newline();
  return true;
}
