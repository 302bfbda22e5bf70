// Saving: into a new file beside the old one, which takes its place when it is whole and on the disk. So whatever goes wrong, the old file is
// there as it was. Only where no file can be made beside it, or take its place, the old one is written over.
// A symbolic link is followed: the new file takes the place of what it leads to. A file of several names keeps them: it is written over.
//
// Invariants
//   S1  After a failure that is not saveIsHalf the file is as it was, and nothing else is left.

import { Errno } from "../../abi/errno";
import { FileType, OpenFlag } from "../../abi/syscall";
import { ctlText } from "../../lib/ctl";
import { openPath, writeAll } from "../../lib/files";
import { isLink } from "../../lib/link";
import { Missing, pathCanonical } from "../../lib/path";
import { close, getpid, remove, rename, truncate } from "../../lib/sys";
import { cstrLength, putDecimal, putLiteral } from "../../lib/text";
import { fileEnds, fileIsDos, fileName, fileNames, fileType, folderBytes } from "./file";
import { textAddress, textByte, textBytes, textRun } from "./text";

const PART_BYTES = 32768;
const part: usize = memory.data(65536);
const NEWLINE: usize = memory.data<u8>([13, 10]);
const fresh: usize = memory.data(1100);
const FRESH: i32 = OpenFlag.WRITE | OpenFlag.CREATE | OpenFlag.TRUNCATE | OpenFlag.NOFOLLOW;
const real: usize = memory.data(3200);
const RESCUES = 100;
const rescued: usize = memory.data(1100);

/** The file could not be replaced and was written over. */
export let saveIsOver = false;
/** And that failed on the way. */
export let saveIsHalf = false;

/** Saves the text under a name; 0 or -errno. */
export function saveTo(name: usize): i32 {
  saveIsOver = false;
  saveIsHalf = false;
  let path = name;
  if (isLink(name)) {
    const r = pathCanonical(name, real, Missing.LAST);
    if (r < 0) return r;
    path = real;
  }
  const type = fileType(path);
  if (type == FileType.DIRECTORY) return -Errno.EISDIR;
  if (type != 0 && type != FileType.FILE) return writeOver(path, false);
  if (type != 0 && fileNames() > 1) return writeOver(path, true);
  const n = freshName(path);
  const fd = openPath(fresh, FRESH);
  if (fd < 0) return type != 0 && isRefused(fd) ? writeOver(path, true) : fd;
  let r = bytesWrite(fd);
  if (r >= 0) r = durable(fd);
  close(fd);
  const whole = r >= 0;
  if (whole) r = rename(fresh, n, path, cstrLength(path));
  if (r >= 0) return 0;
  remove(fresh, n);
  return whole && type != 0 && isRefused(r) ? writeOver(path, true) : r;
}

/** Saves the text under the file's name and .save, .save.1 and so on, if need be in /tmp. Where it is, 0: nowhere. */
export function saveRescue(): usize {
  let n = cstrLength(fileName);
  memory.copy(rescued, fileName, n);
  if (n == 0) n = putLiteral(rescued, "edit");
  if (rescue(n)) return rescued;
  return rescue(putLiteral(rescued, "/tmp/edit")) ? rescued : 0;
}

function rescue(n: i32): bool {
  n += putLiteral(rescued + n, ".save");
  for (let i = 0; i < RESCUES; i++) {
    let end = n;
    if (i > 0) end += putLiteral(rescued + n, ".");
    if (i > 0) end += putDecimal(rescued + end, i);
    store<u8>(rescued + end, 0);
    if (fileType(rescued) == 0) return saveTo(rescued) == 0;
  }
  return false;
}

/** A name beside the file, in `fresh`; its bytes. */
function freshName(path: usize): i32 {
  let n = folderBytes(path);
  memory.copy(fresh, path, n);
  n += putLiteral(fresh + n, ".edit-");
  n += putDecimal(fresh + n, getpid());
  store<u8>(fresh + n, 0);
  return n;
}

/** What writing over the file may help against: its directory, or its name, cannot be changed. */
function isRefused(errno: i32): bool {
  switch (-errno) {
    case Errno.EROFS:
    case Errno.EACCES:
    case Errno.EPERM:
    case Errno.EXDEV:
    case Errno.EBUSY:
    case Errno.ENOSYS:
    case Errno.ENAMETOOLONG:
      return true;
  }
  return false;
}

/** Writes into what is there. `cuts`: it is a file, which ends behind the text. */
function writeOver(path: usize, cuts: bool): i32 {
  const fd = openPath(path, OpenFlag.WRITE);
  if (fd < 0) return fd;
  let r = bytesWrite(fd);
  if (r >= 0 && cuts) r = truncate(fd, written);
  if (r >= 0) r = durable(fd);
  close(fd);
  saveIsOver = cuts;
  saveIsHalf = r < 0;
  return r < 0 ? r : 0;
}

/** The file's bytes are on the disk, where there is one; -errno. */
function durable(fd: i32): i32 {
  const r = ctlText(fd, "sync");
  return r == -Errno.ENOTTY || r == -Errno.EINVAL || r == -Errno.ENOSYS ? 0 : r;
}

let written: i64 = 0;

/** Writes the bytes of the file; -errno. */
function bytesWrite(fd: i32): i32 {
  written = 0;
  const r = fileIsDos ? dosWrite(fd) : unixWrite(fd);
  if (r < 0 || !fileEnds || textBytes == 0 || textByte(textBytes - 1) == 10) return r;
  return put(fd, fileIsDos ? NEWLINE : NEWLINE + 1, fileIsDos ? 2 : 1);
}

function unixWrite(fd: i32): i32 {
  for (let at = 0; at < textBytes; ) {
    const from = textAddress(at);
    const n = textRun;
    const r = put(fd, from, n);
    if (r < 0) return r;
    at += n;
  }
  return 0;
}

function dosWrite(fd: i32): i32 {
  for (let at = 0; at < textBytes; ) {
    let n = 0;
    for (; n < PART_BYTES * 2 - 1 && at < textBytes; at++) {
      const c = textByte(at);
      if (c == 10) store<u8>(part + n++, 13);
      store<u8>(part + n++, c);
    }
    const r = put(fd, part, n);
    if (r < 0) return r;
  }
  return 0;
}

function put(fd: i32, p: usize, n: i32): i32 {
  const r = writeAll(fd, p, n);
  if (r > 0) written += r;
  return r;
}
