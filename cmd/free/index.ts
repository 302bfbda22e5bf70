// free: how much memory is used, and by what.

import { SysInfo } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { err, out } from "../../lib/fmt";
import { option, options } from "../../lib/options";
import { complain, finish, help } from "../../lib/program";
import { sysinfo } from "../../lib/sys";

const info: usize = memory.data(256, 8);

export function _start(): void {
  help(
    "free: memory in frames of 4 KiB and in bytes, by use; -c: the counts that nothing may leave changed, one in a line",
  );
  options("chmgk", "free [-c]"); // -h, -m and the like: sizes are for people anyway
  const r = sysinfo(info);
  if (r < 0) {
    complain();
    err.text(errnoText(r)).newline();
    finish(1);
  }
  if (option("c")) {
    counts();
    finish(0);
  }
  const total = load<u32>(info, SysInfo.TOTAL_FRAMES);
  const free = load<u32>(info, SysInfo.FREE_FRAMES);
  out.text("               frames      size\n");
  row("total", total);
  row("free", free);
  row("used", total - free);
  row("  wired", load<u32>(info, SysInfo.WIRED_FRAMES));
  row("  page tables", load<u32>(info, SysInfo.PTABLE_FRAMES));
  row("  objects", load<u32>(info, SysInfo.OBJECT_FRAMES));
  row("reserved", load<u32>(info, SysInfo.RESERVED_FRAMES)); // not in the total: the kernel, its tables and the initrd
  const slots = load<u32>(info, SysInfo.SWAP_SLOTS);
  if (slots > 0) {
    row("swap", slots);
    row("  used", load<u32>(info, SysInfo.SWAP_SLOTS_USED));
  }
  finish(0);
}

/** The first block of sysinfo, which the leak gate compares. */
function counts(): void {
  count("free frames", SysInfo.FREE_FRAMES);
  count("page-table frames", SysInfo.PTABLE_FRAMES);
  count("object frames", SysInfo.OBJECT_FRAMES);
  count("swap slots", SysInfo.SWAP_SLOTS_USED);
  count("channels", SysInfo.CHANNELS);
  count("objects", SysInfo.OBJECTS);
  count("memory-type ranges", SysInfo.MEMTYPE_RANGES);
  count("open files", SysInfo.OPEN_FILES);
  count("pipes", SysInfo.PIPES);
  count("processes", SysInfo.PROCESSES);
}

function count(name: string, at: usize): void {
  out
    .text(name)
    .text(" ")
    .dec(load<u32>(info + at))
    .newline();
}

function row(name: string, frames: u32): void {
  out
    .text(name)
    .tab(14)
    .dec(frames, 7)
    .size((<u64>frames) << 12, 10)
    .newline();
}
