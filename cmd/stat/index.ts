// stat: what is known of a file.

import { FileType, Stat } from "../../abi/syscall";
import { arg, argBytes, argc } from "../../lib/args";
import { putMinute, putTwo, second } from "../../lib/calendar";
import { out } from "../../lib/fmt";
import { longStat, meansTarget, putTarget } from "../../lib/link";
import { option, options, optionText } from "../../lib/options";
import { complainErrno, finish, help, usage } from "../../lib/program";
import { putRights } from "../../lib/rights";
import { cstrLength, putLiteral } from "../../lib/text";
import { SECOND } from "../../lib/time";

const USAGE = "stat [-L] [-c FORMAT] FILE ...";
const LISTING = "%N: %F of %s bytes, %A, number %i, links %h";
/** Of files that have times: those of most servers' devices have none. */
const TIMES = ", accessed %x, changed %y";
const listing: usize = memory.data(96);
const st: usize = memory.data(48, 8);

export function _start(): void {
  help(
    "stat [-L] [-c FORMAT] FILE ...: size, kind, rights, number, links and times of files, -L of what symbolic links lead to; FORMAT: %n name, %N with what a link leads to, %s bytes, %F kind, %a rights in octal, %A as ls -l shows them, %i number, %h how many names it has, %x time of access, %y of the last change, %X %Y the same in seconds since 1970\n  stat -c '%s %n' /bin/sh",
  );
  const first = options("Lc:", USAGE);
  if (argc() == first) usage(USAGE);
  const given = optionText("c");
  let status = 0;
  for (let i = first; i < argc(); i++) {
    const follows = option("L") || meansTarget(arg(i));
    const r = longStat(arg(i), argBytes(i), follows, st);
    if (r >= 0) print(given != 0 ? given : listingMake(), arg(i));
    else {
      complainErrno(arg(i), r);
      status = 1;
    }
  }
  finish(status);
}

function listingMake(): usize {
  let n = putLiteral(listing, LISTING);
  if (load<i64>(st, Stat.MTIME) != 0) n += putLiteral(listing + n, TIMES);
  store<u8>(listing + n, 0);
  return listing;
}

function print(format: usize, name: usize): void {
  for (let p = format; load<u8>(p) != 0; p++) {
    if (load<u8>(p) != 0x25 || load<u8>(p + 1) == 0) out.byte(load<u8>(p));
    else part(load<u8>(++p), name);
  }
  out.newline();
}

function part(letter: i32, name: usize): void {
  switch (letter) {
    case 0x6e: // n
      out.cstr(name);
      break;
    case 0x4e: // N
      out.cstr(name);
      if (load<u32>(st, Stat.TYPE) == FileType.LINK) putTarget(out, name, cstrLength(name));
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
    case 0x68: // h
      out.dec(max<u32>(load<u32>(st, Stat.LINKS), 1)); // 0: its server does not tell
      break;
    case 0x78: // x
      putTime(secondsOf(Stat.ATIME));
      break;
    case 0x58: // X
      out.dec(secondsOf(Stat.ATIME));
      break;
    case 0x79: // y
    case 0x7a: // z
      putTime(secondsOf(Stat.MTIME));
      break;
    case 0x59: // Y
    case 0x5a: // Z
      out.dec(secondsOf(Stat.MTIME));
      break;
    case 0x25:
      out.byte(0x25);
      break;
    default:
      usage(USAGE);
  }
}

function secondsOf(at: usize): i64 {
  return load<i64>(st + at) / SECOND;
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
    case FileType.LINK:
      return "symbolic link";
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
