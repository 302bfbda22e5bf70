// ps: the processes.

import { argc, argIs } from "../../lib/args";
import { options } from "../../lib/options";
import { finish, help, usage } from "../../lib/program";
import { showTable } from "../../lib/table";

export function _start(): void {
  help("ps: lists the processes, with their memory, swap and working set in KiB");
  // ps aux and ps -ef are what hands type: every process is shown anyway.
  const i = options("aAefxulH", "ps");
  if (i < argc() && !argIs(i, "aux") && !argIs(i, "ax")) usage("ps");
  finish(showTable("/proc/processes", 9));
}
