// unlink: removes one name of a file, or a symbolic link.

import { Errno } from "../../abi/errno";
import { FileType } from "../../abi/syscall";
import { arg, argBytes, argc } from "../../lib/args";
import { typeOf } from "../../lib/link";
import { options } from "../../lib/options";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { remove } from "../../lib/sys";

const USAGE = "unlink FILE";

export function _start(): void {
  help("unlink FILE: removes a name of a file, or a symbolic link itself; no directory");
  const i = options("", USAGE);
  if (argc() != i + 1) usage(USAGE);
  const isDirectory = typeOf(arg(i)) == FileType.DIRECTORY;
  const r = isDirectory ? -Errno.EISDIR : remove(arg(i), argBytes(i));
  if (r < 0) complainErrno(arg(i), r);
  finish(r < 0 ? 1 : 0);
}
