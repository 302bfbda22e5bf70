// Turning the machine off: what was written to /home is durable first.

import { OpenFlag } from "../abi/syscall";
import { ctlText } from "./ctl";
import { close, open, shutdown } from "./sys";
import { putLiteral } from "./text";

const path: usize = memory.data(8);

/** Everything written to /home so far is durable when it returns. 0 or -errno. */
export function homeSync(): i32 {
  const fd = open(path, putLiteral(path, "/home"), OpenFlag.READ);
  if (fd < 0) return fd;
  const r = ctlText(fd, "sync");
  close(fd);
  return r < 0 ? r : 0;
}

/** Returns only if that may not be done: -errno. */
export function powerOff(status: i32): i32 {
  homeSync();
  return shutdown(status);
}
