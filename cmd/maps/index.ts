// maps: the address space of a process.

import { argc, argNumber, argValue } from "../../lib/args";
import { finish, help, usage } from "../../lib/program";
import { getppid } from "../../lib/sys";
import { showTablePath } from "../../lib/table";
import { putDecimal, putLiteral } from "../../lib/text";

const path: usize = memory.data(64);

export function _start(): void {
  help(
    "maps [PID]: the address space of a process (the shell's without PID): range, rights, memory type, object, name",
  );
  let pid: i64 = getppid();
  if (argc() > 1) {
    if (!argNumber(1) || argValue <= 0) usage("maps [PID]");
    pid = argValue;
  }
  let n = putLiteral(path, "/proc/");
  n += putDecimal(path + n, pid);
  n += putLiteral(path + n, "/maps");
  store<u8>(path + n, 0);
  finish(showTablePath(path, 4));
}
