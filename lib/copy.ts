// Copying files, for cp and mv: one file to a path, which may be a directory.

import { FileType, OpenFlag, Stat } from "../abi/syscall";
import { openPath, writeAll } from "./files";
import { complainErrno } from "./program";
import { close, read, stat } from "./sys";
import { cstrLength } from "./text";

const buffer: usize = memory.data(16384);
const st: usize = memory.data(32, 8);
const path: usize = memory.data(2100);

export function isDirectory(p: usize): bool {
  return stat(p, cstrLength(p), st) >= 0 && load<u32>(st, Stat.TYPE) == FileType.DIRECTORY;
}

/** The path itself, or for a directory the name of `from` in it. */
export function targetPath(from: usize, to: usize): usize {
  let n = cstrLength(to);
  if (n > 1024 || cstrLength(from) > 1024 || !isDirectory(to)) return to;
  memory.copy(path, to, n);
  if (n > 0 && load<u8>(path + n - 1) != 0x2f) store<u8>(path + n++, 0x2f);
  const end = from + cstrLength(from);
  let name = end;
  while (name > from && load<u8>(name - 1) != 0x2f) name--;
  memory.copy(path + n, name, <usize>(end - name) + 1);
  return path;
}

/** Copies bytes; false after saying what is wrong. */
export function copyFile(from: usize, to: usize): bool {
  const source = openPath(from, OpenFlag.READ);
  if (source < 0) {
    complainErrno(from, source);
    return false;
  }
  const target = openPath(to, OpenFlag.WRITE | OpenFlag.CREATE | OpenFlag.TRUNCATE);
  if (target < 0) {
    complainErrno(to, target);
    close(source);
    return false;
  }
  let good = true;
  for (;;) {
    const n = read(source, buffer, 16384);
    if (n < 0) complainErrno(from, n);
    if (n <= 0) {
      good = n == 0;
      break;
    }
    const written = writeAll(target, buffer, n);
    if (written < 0) {
      complainErrno(to, written);
      good = false;
      break;
    }
  }
  close(source);
  close(target);
  return good;
}
