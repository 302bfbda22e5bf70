// vmstat: what swap and replacement have done since the machine was switched on.

import { finish, help } from "../../lib/program";
import { showFile } from "../../lib/table";

export function _start(): void {
  help("vmstat: counts of faults, pages swapped in and out, evictions; and what is in swap now");
  finish(showFile("/proc/vmstat"));
}
