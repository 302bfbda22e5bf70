// Command substitution: $(...) runs in a child shell that writes to a pipe; what it wrote, without the newlines at the end, is the value.

import { FdMap } from "../../abi/syscall";
import { consoleForeground } from "../../lib/console";
import { err, out } from "../../lib/fmt";
import { close, pipe, read, setgroup } from "../../lib/sys";
import { childSpawn } from "./child";
import { foreground, interactive } from "./exec";
import { jobWait } from "./jobs";

const OUTPUT_BYTES = 65536;
export const output: usize = memory.data(65536);
export let outputBytes: i32 = 0;
/** Status of the last child; -1: none since it was set so. */
export let substituteStatus: i32 = -1;

const pipeFds: usize = memory.data(8);
const map: usize = memory.data(24);
const spill: usize = memory.data(256);

export function substituteReset(): void {
  substituteStatus = -1;
}

/** Runs the text; its output is in output, outputBytes. False when that was too long. */
export function substitute(text: usize, bytes: i32): bool {
  outputBytes = 0;
  substituteStatus = 126;
  out.flush();
  err.flush();
  if (pipe(pipeFds) < 0) return true;
  const from = load<i32>(pipeFds);
  mapSet(0, 0);
  mapSet(1, load<i32>(pipeFds, 4));
  mapSet(2, 2);
  const pid = childSpawn(text, bytes, map, 3);
  close(load<i32>(pipeFds, 4));
  if (pid > 0 && interactive) {
    setgroup(pid, pid);
    consoleForeground(0, pid);
  }
  let fits = true;
  while (pid > 0) {
    const room = OUTPUT_BYTES - outputBytes;
    const n = read(from, room > 0 ? output + outputBytes : spill, room > 0 ? room : 256);
    if (n <= 0) break;
    if (room > 0) outputBytes += n;
    else fits = false;
  }
  close(from);
  if (pid > 0) substituteStatus = jobWait(pid);
  if (interactive) consoleForeground(0, foreground);
  while (outputBytes > 0 && load<u8>(output + outputBytes - 1) == 10) outputBytes--;
  return fits;
}

function mapSet(fd: i32, parent: i32): void {
  store<i32>(map + fd * FdMap.BYTES, fd, FdMap.CHILD);
  store<i32>(map + fd * FdMap.BYTES, parent, FdMap.PARENT);
}
