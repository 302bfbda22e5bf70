// ls: what is in a directory, sorted, in columns; -l with type, rights and size.

import { DirEntry, FileType, OpenFlag, Stat } from "../../abi/syscall";
import { arg, argc, argIs } from "../../lib/args";
import { columns, consoleSize } from "../../lib/console";
import { openPath } from "../../lib/files";
import { out } from "../../lib/fmt";
import { complainErrno, finish, help } from "../../lib/program";
import { close, fstat, readdir, stat } from "../../lib/sys";
import { cstrLength } from "../../lib/text";

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
let poolUsed = 0;
let long = false;
let all = false;
let status = 0;

export function _start(): void {
  help(
    "ls [-l] [-a] [PATH ...]: what is in a directory; -l one a line with type, rights and size, -a names that start with a dot too",
  );
  let i = 1;
  for (; i < argc(); i++) {
    if (argIs(i, "-l")) long = true;
    else if (argIs(i, "-a")) all = true;
    else if (argIs(i, "-la") || argIs(i, "-al")) {
      long = true;
      all = true;
    } else break;
  }
  const paths = argc() - i;
  if (paths == 0) list(HERE);
  for (let first = i; i < argc(); i++) {
    if (paths > 1) {
      if (i > first) out.newline();
      out.cstr(arg(i)).text(":\n");
    }
    list(arg(i));
  }
  finish(status);
}

function list(where: usize): void {
  const fd = openPath(where, OpenFlag.READ);
  if (fd < 0) {
    complainErrno(where, fd);
    status = 1;
    return;
  }
  if (fstat(fd, st) >= 0 && load<u32>(st, Stat.TYPE) != FileType.DIRECTORY) {
    if (long) printLong(where, cstrLength(where), load<u32>(st, Stat.TYPE));
    else out.cstr(where).newline();
    close(fd);
    return;
  }
  count = 0;
  poolUsed = 0;
  for (;;) {
    const n = readdir(fd, records, RECORD_BYTES);
    if (n < 0) {
      complainErrno(where, n);
      status = 1;
    }
    if (n <= 0) break;
    for (let at = 0; at < n; at += DirEntry.NAME + <i32>load<u8>(records + at, DirEntry.NAME_BYTES))
      add(records + at);
  }
  close(fd);
  if (long) listLong(where);
  else listColumns();
}

/** Keeps a record, in the order of names. */
function add(record: usize): void {
  const bytes = DirEntry.NAME + <i32>load<u8>(record, DirEntry.NAME_BYTES);
  if (load<u8>(record, DirEntry.NAME) == 0x2e && !all) return;
  if (count == NAMES_MAX || poolUsed + bytes > NAME_BYTES) return;
  const kept = pool + poolUsed;
  memory.copy(kept, record, bytes);
  poolUsed += bytes;
  let i = count++;
  for (; i > 0 && compare(load<usize>(names + (i - 1) * 4), kept) > 0; i--) {
    store<usize>(names + i * 4, load<usize>(names + (i - 1) * 4));
  }
  store<usize>(names + i * 4, kept);
}

function compare(a: usize, b: usize): i32 {
  const n: i32 = load<u8>(a, DirEntry.NAME_BYTES);
  const m: i32 = load<u8>(b, DirEntry.NAME_BYTES);
  const order = memory.compare(a + DirEntry.NAME, b + DirEntry.NAME, min(n, m));
  return order != 0 ? order : n - m;
}

function printName(record: usize): void {
  out.bytes(record + DirEntry.NAME, load<u8>(record, DirEntry.NAME_BYTES));
  if (load<u8>(record, DirEntry.TYPE) == FileType.DIRECTORY) out.byte(0x2f);
}

/** Columns when the output is a console, else one name a line. */
function listColumns(): void {
  let width = 0;
  for (let i = 0; i < count; i++) {
    const record = load<usize>(names + i * 4);
    width = max(
      width,
      <i32>load<u8>(record, DirEntry.NAME_BYTES) +
        <i32>(load<u8>(record, DirEntry.TYPE) == FileType.DIRECTORY),
    );
  }
  width += 2;
  const across = consoleSize(1) ? max(1, columns / width) : 1;
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
  let prefix = cstrLength(where);
  if (prefix > 1200) prefix = 1200;
  memory.copy(path, where, prefix);
  if (prefix > 0 && load<u8>(path + prefix - 1) != 0x2f) store<u8>(path + prefix++, 0x2f);
  for (let i = 0; i < count; i++) {
    const record = load<usize>(names + i * 4);
    const bytes: i32 = load<u8>(record, DirEntry.NAME_BYTES);
    memory.copy(path + prefix, record + DirEntry.NAME, bytes);
    const known = stat(path, prefix + bytes, st) >= 0;
    if (!known) {
      memory.fill(st, 0, Stat.BYTES);
      store<u64>(st, load<u32>(record, DirEntry.SIZE), Stat.SIZE);
    }
    printLong(record + DirEntry.NAME, bytes, load<u8>(record, DirEntry.TYPE));
  }
}

/** One line from `st`. */
function printLong(name: usize, bytes: i32, type: u32): void {
  const mode = load<u32>(st, Stat.MODE);
  out.byte(
    type == FileType.DIRECTORY
      ? 0x64
      : type == FileType.DEVICE
        ? 0x63
        : type == FileType.PIPE
          ? 0x70
          : 0x2d,
  );
  for (let shift = 6; shift >= 0; shift -= 3) {
    const rights = (mode >> shift) & 7;
    out
      .byte(rights & 4 ? 0x72 : 0x2d)
      .byte(rights & 2 ? 0x77 : 0x2d)
      .byte(rights & 1 ? 0x78 : 0x2d);
  }
  out.dec(load<i64>(st, Stat.SIZE), 11).byte(0x20).bytes(name, bytes);
  if (type == FileType.DIRECTORY) out.byte(0x2f);
  out.newline();
}
