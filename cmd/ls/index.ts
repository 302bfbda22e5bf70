// ls: what is in a directory, sorted, in columns; -l with type, rights, size and time.

import { Errno } from "../../abi/errno";
import { DirEntry, FileType, OpenFlag, Stat } from "../../abi/syscall";
import { arg, argc } from "../../lib/args";
import { putMinute } from "../../lib/calendar";
import { columns, consoleSize } from "../../lib/console";
import { lastName, refuse } from "../../lib/copy";
import { openPath } from "../../lib/files";
import { out } from "../../lib/fmt";
import { isDangling, linkStat, meansTarget, putTarget } from "../../lib/link";
import { option, options } from "../../lib/options";
import { complainErrno, finish, help } from "../../lib/program";
import { putRights } from "../../lib/rights";
import { close, fstat, readdir, stat } from "../../lib/sys";
import { cstrLength } from "../../lib/text";
import { SECOND } from "../../lib/time";
import {
  WalkLinks,
  walkDepth,
  walkFailed,
  walkIsFolder,
  walkLinks,
  walkNext,
  walkPath,
  walkStart,
} from "../../lib/walk";

const USAGE = "ls [-l] [-a] [-h] [-R] [-1] [-t] [-S] [-r] [-d] [-F] [-L] [PATH ...]";
const RECORD_BYTES = 4096;
const records: usize = memory.data(4096);
const NAMES_MAX = 4096;
const names: usize = memory.data(16384); // addresses of DirEntry records, sorted
const NAME_BYTES = 262144;
const pool: usize = memory.data(262144); // the records themselves
const st: usize = memory.data(32, 8);
const path: usize = memory.data(1600);
const HERE: usize = memory.data<u8>([0x2e, 0]);

let count = 0;
let full = false;
let poolUsed = 0;
let long = false;
let all = false;
let status = 0;

export function _start(): void {
  help(
    "ls [-lahR1tSrdFL] [PATH ...]: what is in a directory; -l one a line with type, rights, size and time, -a names that start with a dot too, -h sizes like 1.2M, -R also below, -1 one a line, -t newest first, -S largest first, -r the other way round, -d a directory itself, -F an @ behind symbolic links, -L what they lead to in their place\n  ls -lh /bin",
  );
  let i = options("laAhR1tSrdFL", USAGE);
  long = option("l");
  all = option("a") || option("A");
  const paths = argc() - i;
  if (paths == 0) show(HERE);
  for (let first = i; i < argc(); i++) {
    if (paths > 1 && !option("R") && !option("d")) {
      if (i > first) out.newline();
      out.cstr(arg(i)).text(":\n");
    }
    show(arg(i));
  }
  finish(status != 0 || walkFailed ? 1 : 0);
}

/** Whether a link that is named as an argument is shown, and not what it leads to. */
function isItself(where: usize): bool {
  return (long || option("d") || option("F")) && !option("L") && !meansTarget(where);
}

/** -R: each folder with its name above. */
function show(where: usize): void {
  const itself = isItself(where);
  if (!option("R") || (!option("L") && isDangling(where))) {
    list(where, itself);
    return;
  }
  let skip = false;
  walkLinks(option("L") ? WalkLinks.ALL : itself ? WalkLinks.NONE : WalkLinks.START);
  if (!walkStart(where)) return;
  while (walkNext(skip)) {
    const name = lastName(walkPath);
    skip = !all && walkDepth > 0 && load<u8>(name) == 0x2e;
    if (skip || (walkDepth > 0 && !walkIsFolder)) continue;
    if (walkIsFolder) {
      if (shown) out.newline();
      out.cstr(walkPath).text(":\n");
    }
    shown = true;
    list(walkPath, itself && !walkIsFolder);
  }
}

let shown = false;

/** A descriptor or -errno. A link that leads nowhere is opened itself, but with -L. */
function openShown(where: usize, itself: bool): i32 {
  const fd = openPath(where, itself ? OpenFlag.READ | OpenFlag.NOFOLLOW : OpenFlag.READ);
  if ((fd != -Errno.ENOENT && fd != -Errno.ELOOP) || itself || option("L")) return fd;
  return openPath(where, OpenFlag.READ | OpenFlag.NOFOLLOW);
}

function list(where: usize, itself: bool): void {
  const fd = openShown(where, itself);
  if (fd < 0) {
    complainErrno(where, fd);
    status = 1;
    return;
  }
  if (fstat(fd, st) >= 0 && (option("d") || load<u32>(st, Stat.TYPE) != FileType.DIRECTORY)) {
    close(fd);
    listOne(where);
    return;
  }
  count = 0;
  poolUsed = 0;
  full = false;
  for (;;) {
    const n = readdir(fd, records, RECORD_BYTES);
    if (n < 0) {
      complainErrno(where, n);
      status = 1;
    }
    if (n <= 0) break;
    for (let at = 0; at < n; at += DirEntry.NAME + <i32>load<u8>(records + at, DirEntry.NAME_BYTES))
      add(where, records + at);
  }
  close(fd);
  if (long) listLong(where);
  else listColumns();
}

/** The argument itself, of which `st` is known. */
function listOne(where: usize): void {
  const bytes = cstrLength(where);
  const type = load<u32>(st, Stat.TYPE);
  if (long) printLong(where, bytes, type);
  else out.cstr(where);
  if (type == FileType.LINK) linkEnd(where, bytes);
  out.newline();
}

/** Behind the name of a link. */
function linkEnd(p: usize, bytes: i32): void {
  if (long) putTarget(out, p, bytes);
  else if (option("F")) out.byte(0x40);
}

/** Keeps what stat says (32 bytes) and the record, in the order asked for. */
function add(where: usize, record: usize): void {
  const bytes = DirEntry.NAME + <i32>load<u8>(record, DirEntry.NAME_BYTES);
  if (load<u8>(record, DirEntry.NAME) == 0x2e && !all) return;
  if (count == NAMES_MAX || poolUsed + Stat.BYTES + bytes + 8 > NAME_BYTES) {
    if (!full) refuse(where, "too many names to show");
    full = true;
    status = 1;
    return;
  }
  const known = pool + poolUsed;
  const kept = known + Stat.BYTES;
  memory.copy(kept, record, bytes);
  poolUsed = (poolUsed + Stat.BYTES + bytes + 7) & ~7;
  memory.fill(known, 0, Stat.BYTES);
  const isFollowed = option("L") && load<u8>(kept, DirEntry.TYPE) == FileType.LINK;
  if (long || option("t") || option("S") || isFollowed) fill(where, kept, known);
  let i = count++;
  for (; i > 0 && compare(load<usize>(names + (i - 1) * 4), kept) > 0; i--) {
    store<usize>(names + i * 4, load<usize>(names + (i - 1) * 4));
  }
  store<usize>(names + i * 4, kept);
}

function fill(where: usize, record: usize, to: usize): void {
  const n = pathPut(where, record);
  if ((option("L") && stat(path, n, to) >= 0) || linkStat(path, n, to) >= 0) {
    store<u8>(record, load<u32>(to, Stat.TYPE), DirEntry.TYPE);
    return;
  }
  memory.fill(to, 0, Stat.BYTES);
  store<u64>(to, load<u32>(record, DirEntry.SIZE), Stat.SIZE);
}

/** Puts the path of a record's name into `path`; its bytes. */
function pathPut(where: usize, record: usize): i32 {
  let prefix = min(cstrLength(where), 1200);
  memory.copy(path, where, prefix);
  if (prefix > 0 && load<u8>(path + prefix - 1) != 0x2f) store<u8>(path + prefix++, 0x2f);
  const bytes: i32 = load<u8>(record, DirEntry.NAME_BYTES);
  memory.copy(path + prefix, record + DirEntry.NAME, bytes);
  return prefix + bytes;
}

function compare(a: usize, b: usize): i32 {
  const order = inOrder(a, b);
  return option("r") ? -order : order;
}

function inOrder(a: usize, b: usize): i32 {
  const key: usize = option("S") ? Stat.SIZE : Stat.MTIME;
  const x = load<u64>(a - Stat.BYTES + key);
  const y = load<u64>(b - Stat.BYTES + key);
  if ((option("S") || option("t")) && x != y) return x > y ? -1 : 1;
  const n: i32 = load<u8>(a, DirEntry.NAME_BYTES);
  const m: i32 = load<u8>(b, DirEntry.NAME_BYTES);
  const order = memory.compare(a + DirEntry.NAME, b + DirEntry.NAME, min(n, m));
  return order != 0 ? order : n - m;
}

function printName(record: usize): void {
  out.bytes(record + DirEntry.NAME, load<u8>(record, DirEntry.NAME_BYTES));
  const mark = markOf(record);
  if (mark != 0) out.byte(mark);
}

/** What is shown behind a name, 0: nothing. */
function markOf(record: usize): i32 {
  const type = load<u8>(record, DirEntry.TYPE);
  if (type == FileType.DIRECTORY) return 0x2f;
  return type == FileType.LINK && option("F") ? 0x40 : 0;
}

/** Columns when the output is a console, else one name a line. */
function listColumns(): void {
  let width = 0;
  for (let i = 0; i < count; i++) {
    const record = load<usize>(names + i * 4);
    width = max(width, <i32>load<u8>(record, DirEntry.NAME_BYTES) + <i32>(markOf(record) != 0));
  }
  width += 2;
  const across = !option("1") && consoleSize(1) ? max(1, columns / width) : 1;
  const rows = (count + across - 1) / across;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < across; column++) {
      const i = column * rows + row;
      if (i >= count) break;
      if (column > 0) out.tab(column * width);
      printName(load<usize>(names + i * 4));
    }
    out.newline();
  }
}

function listLong(where: usize): void {
  for (let i = 0; i < count; i++) {
    const record = load<usize>(names + i * 4);
    const bytes: i32 = load<u8>(record, DirEntry.NAME_BYTES);
    memory.copy(st, record - Stat.BYTES, Stat.BYTES);
    const type = load<u8>(record, DirEntry.TYPE);
    printLong(record + DirEntry.NAME, bytes, type);
    if (type == FileType.LINK) linkEnd(path, pathPut(where, record));
    out.newline();
  }
}

/** One line from `st`, without its end. */
function printLong(name: usize, bytes: i32, type: u32): void {
  putRights(type, load<u32>(st, Stat.MODE));
  if (option("h")) out.size(load<u64>(st, Stat.SIZE), 11);
  else out.dec(load<i64>(st, Stat.SIZE), 11);
  out.spaces(2);
  const time = load<i64>(st, Stat.MTIME);
  // What the kernel and the initrd have has no time.
  if (time == 0) out.spaces(16);
  else putMinute(time / SECOND);
  out.spaces(2).bytes(name, bytes);
  if (type == FileType.DIRECTORY) out.byte(0x2f);
}
