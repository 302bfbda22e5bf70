// uptime: how long the machine has been on, and how busy it is.

import { SysInfo } from "../../abi/syscall";
import { out } from "../../lib/fmt";
import { finish, help } from "../../lib/program";
import { sysinfo } from "../../lib/sys";
import { now, SECOND } from "../../lib/time";

const info: usize = memory.data(256, 8);

export function _start(): void {
  help("uptime: how long the machine has been on, its processes and CPUs");
  const t = now();
  const seconds = t / SECOND;
  out.text("up ");
  if (seconds >= 3600) out.dec(seconds / 3600).text(" h ");
  if (seconds >= 60) out.dec((seconds / 60) % 60).text(" min ");
  out
    .dec(seconds % 60)
    .byte(0x2e)
    .dec((t / (SECOND / 10)) % 10)
    .text(" s");
  if (sysinfo(info) >= 0) {
    out.text(", ").dec(load<u32>(info, SysInfo.PROCESSES)).text(" processes, ");
    out.dec(load<u32>(info, SysInfo.CPUS)).text(" CPUs of which ");
    out.dec(load<u32>(info, SysInfo.CPUS_IDLE)).text(" idle");
  }
  out.newline();
  finish(0);
}
