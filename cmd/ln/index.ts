// ln: gives files other names, and with -s makes symbolic links.
//
// With -f the new link is made beside the name and renamed to it: the name is always there.

import { Errno } from "../../abi/errno";
import { FileType } from "../../abi/syscall";
import { arg, argc } from "../../lib/args";
import { isDirectory, isSame, lastName, refuse, targetPath, trimSlashes } from "../../lib/copy";
import { out } from "../../lib/fmt";
import { isLink, typeOf } from "../../lib/link";
import { option, options } from "../../lib/options";
import { PATH_BYTES, pathFull } from "../../lib/path";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { getpid, link, remove, rename, symlink } from "../../lib/sys";
import { bytesEqual, cstrLength, putDecimal, putLiteral } from "../../lib/text";

const USAGE = "ln [-s] [-f] [-n] [-T] [-v] FILE [NAME] | ln ... FILE ... DIRECTORY";
const HERE: usize = memory.data<u8>([0x2e, 0]);
const fresh: usize = memory.data(2200);
const near: usize = memory.data(3200);
const nearFull: usize = memory.data(3200);
const toFull: usize = memory.data(3200);

export function _start(): void {
  help(
    "ln [-sfnTv] FILE [NAME], ln FILE ... DIRECTORY: gives a file another name; -s makes a symbolic link, for which FILE need not be there and is as seen from where the link is, -f replaces a name that is there, -n takes a NAME that is a link to a directory for a name, -T any NAME, -v says what it makes\n  ln -s /home/notes /tmp/n\n  ln -sfn v2 current",
  );
  let i = options("sfnTv", USAGE);
  const count = argc() - i;
  if (count < 1 || (option("T") && count != 2)) usage(USAGE);
  if (count == 1) finish(one(arg(i), HERE) ? 0 : 1);
  const last = argc() - 1;
  const isFolder = !isName(arg(last)) && isDirectory(arg(last));
  if (count > 2 && !isFolder) {
    refuse(arg(last), "not a directory");
    finish(1);
  }
  let status = 0;
  for (; i < last; i++) if (!one(arg(i), arg(last))) status = 1;
  finish(status);
}

/** Whether what is named last is the link's name even if it leads to a directory. */
function isName(to: usize): bool {
  return option("T") || (option("n") && isLink(to));
}

function one(from: usize, to: usize): bool {
  const bytes = cstrLength(from);
  let path = to;
  if (!isName(to)) {
    // The target stays as it was typed.
    const name = heap.alloc(bytes + 1);
    memory.copy(name, from, bytes + 1);
    trimSlashes(name);
    path = targetPath(name, to);
    if (path == 0) return false;
  }
  if (!option("s") && typeOf(from) == FileType.DIRECTORY)
    return refuse(from, "is a directory: only ln -s makes a link to one");
  let r = make(from, bytes, path, cstrLength(path));
  if (r == -Errno.EEXIST && option("f")) {
    if (typeOf(path) == FileType.DIRECTORY) return refuse(path, "is a directory: not replaced");
    if (isOver(from, path)) return refuse(path, "is the same file");
    r = replace(from, bytes, path);
  }
  if (r < 0) {
    // What is wrong is more often the file than the name.
    const isFrom = !option("s") && r != -Errno.EEXIST && typeOf(from) == 0;
    complainErrno(isFrom ? from : path, r);
    return false;
  }
  if (option("v"))
    out
      .cstr(path)
      .text(option("s") ? " -> " : " => ")
      .cstr(from)
      .newline();
  return true;
}

function make(from: usize, fromBytes: i32, to: usize, toBytes: i32): i32 {
  return option("s") ? symlink(from, fromBytes, to, toBytes) : link(from, fromBytes, to, toBytes);
}

/** Whether the link would take the place of what it is to lead to. */
function isOver(from: usize, to: usize): bool {
  if (!option("s")) return isSame(from, to, true);
  const folder = <i32>(lastName(to) - to);
  const bytes = cstrLength(from);
  if (folder + bytes > PATH_BYTES || load<u8>(from) == 0x2f) memory.copy(near, from, bytes + 1);
  else {
    memory.copy(near, to, folder);
    memory.copy(near + folder, from, bytes + 1);
  }
  return bytesEqual(nearFull, pathFull(near, nearFull), toFull, pathFull(to, toFull));
}

/** Makes the link under a name beside the one that is there, whose place it then takes; -errno. */
function replace(from: usize, bytes: i32, to: usize): i32 {
  const folder = <i32>(lastName(to) - to);
  memory.copy(fresh, to, folder);
  let n = folder + putLiteral(fresh + folder, ".ln-");
  n += putDecimal(fresh + n, getpid());
  store<u8>(fresh + n, 0);
  let r = make(from, bytes, fresh, n);
  if (r < 0) return r;
  r = rename(fresh, n, to, cstrLength(to));
  if (r < 0) remove(fresh, n);
  return r;
}
