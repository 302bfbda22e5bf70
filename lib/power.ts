// Turning the machine off: what was written to /home is durable first.

import { OpenFlag } from "../abi/syscall";
import { ctlText } from "./ctl";
import { close, open, shutdown } from "./sys";
import { putLiteral } from "./text";

const path: usize = memory.data(8);

/** Returns only if that may not be done: -errno. */
export function powerOff(status: i32): i32 {
  const fd = open(path, putLiteral(path, "/home"), OpenFlag.READ);
  if (fd >= 0) {
    ctlText(fd, "sync");
    close(fd);
  }
  return shutdown(status);
}
