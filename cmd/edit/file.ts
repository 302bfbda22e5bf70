// The file that the text is from: its name, how it is read, and what is known of it.
//
// Invariants
//   F1  The bytes of the file are the text's, with CR before each newline if fileIsDos; nothing else is ever changed in them.

import { Errno } from "../../abi/errno";
import { FileType, OpenFlag, Stat } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { openPath, readFull } from "../../lib/files";
import { close, open, read, stat } from "../../lib/sys";
import { cstrLength } from "../../lib/text";
import { TEXT_BYTES, textLoaded, textRoom } from "./text";

const NAME_BYTES = 1023;
/** NUL-terminated; "" before it has one. */
export const fileName: usize = memory.data(1024);
export let fileIsNew = true;
/** Every line ends with CR and newline. */
export let fileIsDos = false;
/** It can be read but not changed. */
export let fileIsFixed = false;
/** A newline belongs behind the last line: a new file gets one, and one that had none stays without. */
export let fileEnds = true;

const st: usize = memory.data(32, 8);
const CURRENT: usize = memory.data<u8>([0x2e, 0]);
let size: u64 = 0;
let time: i64 = 0;

/** Reads a file that is there, or begins a new one. "", or why that cannot be. */
export function fileLoad(path: usize): string {
  const n = cstrLength(path);
  if (n > NAME_BYTES) return errnoText(Errno.ENAMETOOLONG);
  memory.copy(fileName, path, n + 1);
  const r = stat(path, n, st);
  if (r == -Errno.ENOENT) return hasFolder(path) ? "" : "its directory does not exist";
  if (r < 0) return errnoText(r);
  const type = load<u32>(st, Stat.TYPE);
  if (type == FileType.DIRECTORY) return errnoText(Errno.EISDIR);
  if (type == FileType.DEVICE) return "is a device";
  if (type != FileType.FILE) return "is not a file";
  fileIsNew = false;
  remember();
  const fd = openPath(path, OpenFlag.READ);
  if (fd < 0) return errnoText(fd);
  const bytes = readFull(fd, textRoom(), TEXT_BYTES);
  const more = bytes == TEXT_BYTES ? read(fd, st, 1) : 0;
  close(fd);
  if (bytes < 0) return errnoText(bytes);
  if (more > 0) return "is too large: 16 MiB is the most";
  fileEnds = bytes == 0 || load<u8>(textRoom() + bytes - 1) == 10;
  if (!textLoaded(unixLines(bytes))) return "has too many lines: 2097152 are the most";
  const changes = openPath(path, OpenFlag.WRITE);
  fileIsFixed = changes < 0;
  if (changes >= 0) close(changes);
  return "";
}

/** The text is in a file of this name now. */
export function fileIsNow(path: usize): void {
  memory.copy(fileName, path, cstrLength(path) + 1);
  fileIsNew = false;
  fileIsFixed = false;
  if (stat(fileName, cstrLength(fileName), st) >= 0) remember();
}

/** Whether somebody else has changed the file since it was read or saved. */
export function fileHasChanged(): bool {
  if (fileIsNew || stat(fileName, cstrLength(fileName), st) < 0) return false;
  return load<u64>(st, Stat.SIZE) != size || load<i64>(st, Stat.MTIME) != time;
}

/** The abi FileType of what has a name, 0: nothing. */
export function fileType(path: usize): i32 {
  return stat(path, cstrLength(path), st) < 0 ? 0 : load<u32>(st, Stat.TYPE);
}

/** How many names the file has that fileType() was last asked about. */
export function fileNames(): u32 {
  return load<u32>(st, Stat.LINKS);
}

/** Bytes of a path up to the last slash, with it. */
export function folderBytes(path: usize): i32 {
  let n = cstrLength(path);
  while (n > 0 && load<u8>(path + n - 1) != 0x2f) n--;
  return n;
}

function hasFolder(path: usize): bool {
  const n = folderBytes(path);
  const fd = n == 0 ? openPath(CURRENT, OpenFlag.READ) : open(path, max(n - 1, 1), OpenFlag.READ);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

function remember(): void {
  size = load<u64>(st, Stat.SIZE);
  time = load<i64>(st, Stat.MTIME);
}

/** If each newline has CR before it they are taken out; the bytes left. */
function unixLines(n: i32): i32 {
  const p = textRoom();
  let lines = 0;
  for (let i = 0; i < n; i++) {
    if (load<u8>(p + i) != 10) continue;
    if (i == 0 || load<u8>(p + i - 1) != 13) return n;
    lines++;
  }
  fileIsDos = lines > 0;
  if (!fileIsDos) return n;
  let to = 0;
  for (let i = 0; i < n; i++) {
    const c = load<u8>(p + i);
    if (c == 13 && i + 1 < n && load<u8>(p + i + 1) == 10) continue;
    store<u8>(p + to++, c);
  }
  return to;
}
