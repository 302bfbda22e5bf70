// ps: the processes.

import { finish, help } from "../../lib/program";
import { showTable } from "../../lib/table";

export function _start(): void {
  help("ps: lists the processes, with their memory, swap and working set in KiB");
  finish(showTable("/proc/processes", 9));
}
