// df: the room in each mounted file system that knows it ("space", lib/fs), and in swap.

import { OpenFlag, SysInfo } from "../../abi/syscall";
import { arg, argc } from "../../lib/args";
import { ctlText, reply } from "../../lib/ctl";
import { line, lineBytes, lineNext, lineStart, openPath, readFile } from "../../lib/files";
import { err, out } from "../../lib/fmt";
import { option, options } from "../../lib/options";
import { complain, complainErrno, finish, help } from "../../lib/program";
import { close, sysinfo } from "../../lib/sys";
import { bytesFind, bytesIndex, parseNumber } from "../../lib/text";

const BLOCK: u64 = 4096; // of the file system and of swap
const MOUNTS = 8192;
const mounts: usize = memory.data(8193);
const info: usize = memory.data(256, 8);
const TMP: usize = memory.data<u8>([0x2f, 0x74, 0x6d, 0x70, 0]); // "/tmp"

export function _start(): void {
  help(
    "df [-h] [PATH ...]: KiB of room in the file systems, or in those of PATH, and in swap; -h sizes like 1.2M\n  df -h /home",
  );
  let i = options("hk", "df [-h] [PATH ...]");
  out.text(option("h") ? "    size" : "     KiB").text("     used     free  use  on\n");
  let status = 0;
  if (i < argc()) {
    for (; i < argc(); i++) if (!place(arg(i), true)) status = 1;
    finish(status);
  }
  const n = readFile("/proc/mounts", mounts, MOUNTS);
  lineStart(mounts, max(n, 0));
  while (lineNext()) {
    const end = bytesIndex(line, lineBytes, 0x20);
    if (end <= 0) continue;
    store<u8>(line + end, 0);
    place(line, false);
  }
  if (sysinfo(info) >= 0 && load<u32>(info, SysInfo.SWAP_SLOTS) > 0) {
    const slots: u64 = load<u32>(info, SysInfo.SWAP_SLOTS);
    room(slots, slots - load<u32>(info, SysInfo.SWAP_SLOTS_USED));
    out.text("swap").newline();
  }
  finish(n < 0 ? 1 : status);
}

/** A line for the file system that has the path. `asked`: says so when it does not tell its room. */
function place(path: usize, asked: bool): bool {
  // What / opens is the kernel's own part of that union; /tmp is in the part that can be written.
  const root = load<u8>(path) == 0x2f && load<u8>(path, 1) == 0;
  const fd = openPath(root ? TMP : path, OpenFlag.READ);
  // The answer takes the place of the question, and is longer.
  const n =
    fd < 0 ? fd : ctlText(fd, "space                                                           ");
  if (fd >= 0) close(fd);
  const blocks = n < 0 ? -1 : field(n, "blocks ");
  const free = n < 0 ? -1 : field(n, " free ");
  if (blocks < 0 || free < 0) {
    if (!asked) return false;
    if (fd < 0) complainErrno(path, fd);
    else {
      complain();
      err.cstr(path).text(": does not tell how much room it has").newline();
    }
    return false;
  }
  room(blocks, free);
  out.cstr(path).newline();
  return true;
}

function field(n: i32, name: string): i64 {
  const at = bytesFind(reply, n, name);
  return at < 0 ? -1 : parseNumber(reply + at + name.length, n - at - name.length);
}

function room(blocks: u64, free: u64): void {
  const used = blocks - free;
  size(blocks);
  size(used);
  size(free);
  out.dec(blocks == 0 ? 0 : (used * 100 + blocks - 1) / blocks, 4).text("%  ");
}

function size(blocks: u64): void {
  if (option("h")) out.size(blocks * BLOCK, 8);
  else out.dec((blocks * BLOCK) >> 10, 8);
  out.byte(0x20);
}
