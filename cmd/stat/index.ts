// stat: what is known of a file.

import { FileType, OpenFlag, Stat } from "../../abi/syscall";
import { arg, argc } from "../../lib/args";
import { putMinute, putTwo, second } from "../../lib/calendar";
import { openPath } from "../../lib/files";
import { out } from "../../lib/fmt";
import { options, optionText } from "../../lib/options";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { putRights } from "../../lib/rights";
import { close, fstat } from "../../lib/sys";
import { putLiteral } from "../../lib/text";
import { SECOND } from "../../lib/time";

const USAGE = "stat [-c FORMAT] FILE ...";
const LISTING = "%n: %F of %s bytes, %A, number %i, changed %y";
const listing: usize = memory.data(64);
const st: usize = memory.data(32, 8);

export function _start(): void {
  help(
    "stat [-c FORMAT] FILE ...: size, kind, rights, number and time of files; FORMAT: %n name, %s bytes, %F kind, %a rights in octal, %A as ls -l shows them, %i number, %y time, %Y the same in seconds since 1970\n  stat -c '%s %n' /bin/sh",
  );
  const first = options("c:", USAGE);
  if (argc() == first) usage(USAGE);
  let format = optionText("c");
  if (format == 0) {
    format = listing;
    store<u8>(listing + putLiteral(listing, LISTING), 0);
  }
  let status = 0;
  for (let i = first; i < argc(); i++) {
    const fd = openPath(arg(i), OpenFlag.READ);
    const r = fd < 0 ? fd : fstat(fd, st);
    if (fd >= 0) close(fd);
    if (r >= 0) print(format, arg(i));
    else {
      complainErrno(arg(i), r);
      status = 1;
    }
  }
  finish(status);
}

function print(format: usize, name: usize): void {
  for (let p = format; load<u8>(p) != 0; p++) {
    if (load<u8>(p) != 0x25 || load<u8>(p + 1) == 0) out.byte(load<u8>(p));
    else part(load<u8>(++p), name);
  }
  out.newline();
}

function part(letter: i32, name: usize): void {
  const time = load<i64>(st, Stat.MTIME);
  switch (letter) {
    case 0x6e: // n
      out.cstr(name);
      break;
    case 0x73: // s
      out.dec(load<i64>(st, Stat.SIZE));
      break;
    case 0x46: // F
      out.text(kind());
      break;
    case 0x61: // a
      octal(load<u32>(st, Stat.MODE) & 0o777);
      break;
    case 0x41: // A
      putRights(load<u32>(st, Stat.TYPE), load<u32>(st, Stat.MODE));
      break;
    case 0x69: // i
      out.dec(load<u32>(st, Stat.INO));
      break;
    case 0x79: // y
      putTime(time / SECOND);
      break;
    case 0x59: // Y
      out.dec(time / SECOND);
      break;
    case 0x25:
      out.byte(0x25);
      break;
    default:
      usage(USAGE);
  }
}

function kind(): string {
  switch (load<u32>(st, Stat.TYPE)) {
    case FileType.DIRECTORY:
      return "directory";
    case FileType.DEVICE:
      return "device";
    case FileType.PIPE:
      return "pipe";
    case FileType.CHANNEL:
      return "channel";
    default:
      return load<u64>(st, Stat.SIZE) == 0 ? "regular empty file" : "regular file";
  }
}

function octal(mode: u32): void {
  for (let shift = 6; shift >= 0; shift -= 3) out.byte(0x30 + ((mode >> shift) & 7));
}

/** "2026-01-31 09:05:00", in UTC. */
function putTime(seconds: i64): void {
  putMinute(seconds).byte(0x3a);
  putTwo(second);
}
