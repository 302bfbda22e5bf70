// cat: copies files, or standard input, to standard output.

import { OpenFlag } from "../../abi/syscall";
import { arg, argc, argIs } from "../../lib/args";
import { openPath, writeAll } from "../../lib/files";
import { out } from "../../lib/fmt";
import { option, options } from "../../lib/options";
import { complainErrno, finish, help } from "../../lib/program";
import { close, read } from "../../lib/sys";

const BUFFER_BYTES = 16384;
const buffer: usize = memory.data(16384);
const STDIN: usize = memory.data<u8>([0x2d, 0]);
const STDOUT: usize = memory.data<u8>([0x6f, 0x75, 0x74, 0x70, 0x75, 0x74, 0]);

let status = 0;
let changes = false; // an option wants other bytes than those that are read
let ends = false;
let tabs = false;
let controls = false;

export function _start(): void {
  help(
    "cat [-nbsAETv] [FILE ...]: prints files; - or nothing: standard input; -n numbers the lines, -b those that are not empty, -s shows one empty line of several, -E the ends of lines as $, -T tabs as ^I, -v other control characters, -A all of these",
  );
  let i = options("nbsuAETvet", "cat [-nbsAETv] [FILE ...]");
  ends = option("E") || option("A") || option("e");
  tabs = option("T") || option("A") || option("t");
  controls = option("v") || option("A") || option("e") || option("t");
  changes = option("n") || option("b") || option("s") || ends || tabs || controls;
  if (i >= argc()) copy(0, STDIN);
  for (; i < argc(); i++) {
    if (argIs(i, "-")) {
      copy(0, STDIN);
      continue;
    }
    const fd = openPath(arg(i), OpenFlag.READ);
    if (fd < 0) {
      complainErrno(arg(i), fd);
      status = 1;
      continue;
    }
    copy(fd, arg(i));
    close(fd);
  }
  finish(status);
}

function copy(fd: i32, name: usize): void {
  for (;;) {
    const n = read(fd, buffer, BUFFER_BYTES);
    if (n == 0) return;
    if (n < 0) {
      complainErrno(name, n);
      status = 1;
      return;
    }
    if (changes) {
      change(n);
      continue;
    }
    const written = writeAll(1, buffer, n);
    if (written < 0) {
      complainErrno(STDOUT, written);
      finish(1);
    }
  }
}

let lines = 0;
let lineBegins = true;
let empty = 0; // lines without anything in them, one after another

/** Writes the bytes as the options want them. */
function change(n: i32): void {
  for (let i = 0; i < n; i++) {
    const c: i32 = load<u8>(buffer + i);
    if (lineBegins) {
      empty = c == 10 ? empty + 1 : 0;
      if (option("s") && empty > 1) continue;
      if (option("b") ? c != 10 : option("n")) out.dec(++lines, 6).byte(9);
    }
    lineBegins = c == 10;
    if (c == 10) {
      if (ends) out.byte(0x24);
      out.byte(c);
    } else if (c == 9) {
      if (tabs) out.text("^I");
      else out.byte(c);
    } else show(c);
  }
  out.flush();
  if (out.failed != 0) finish(1);
}

function show(c: i32): void {
  if (controls && c >= 0x80) {
    out.text("M-");
    c -= 0x80;
  }
  if (controls && (c < 0x20 || c == 0x7f)) out.byte(0x5e).byte(c ^ 0x40);
  else out.byte(c);
}
