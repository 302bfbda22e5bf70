// free: how much memory is used, and by what.

import { SysInfo } from "../../abi/syscall";
import { errnoText } from "../../lib/errno";
import { err, out } from "../../lib/fmt";
import { complain, finish, help } from "../../lib/program";
import { sysinfo } from "../../lib/sys";

const info: usize = memory.data(256, 8);

export function _start(): void {
  help("free: memory in frames of 4 KiB and in bytes, by use");
  const r = sysinfo(info);
  if (r < 0) {
    complain();
    err.text(errnoText(r)).newline();
    finish(1);
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

function row(name: string, frames: u32): void {
  out
    .text(name)
    .tab(14)
    .dec(frames, 7)
    .size((<u64>frames) << 12, 10)
    .newline();
}
