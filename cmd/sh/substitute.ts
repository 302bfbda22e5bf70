// Command substitution: $(...) runs in a child shell that writes to a pipe; what it wrote, without the newlines at the end, is the value.

import { Errno } from "../../abi/errno";
import { FdMap, Signal, WaitFlag, WaitStatus } from "../../abi/syscall";
import { err, out } from "../../lib/fmt";
import { close, kill, pipe, read, setgroup, waitchange } from "../../lib/sys";
import { childSpawn } from "./child";
import { foreground, interactive, setForeground } from "./exec";
import { signalsPoll } from "./signals";

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
  const around = foreground;
  if (pid > 0 && interactive) {
    setgroup(pid, pid);
    setForeground(pid);
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
  if (pid > 0) substituteStatus = statusOf(pid);
  if (interactive) setForeground(around);
  while (outputBytes > 0 && load<u8>(output + outputBytes - 1) == 10) outputBytes--;
  return fits;
}

/** Waits for the child. ^Z cannot leave half a value behind: a stopped child is ended. */
function statusOf(pid: i32): i32 {
  for (;;) {
    const r = waitchange(pid, status, WaitFlag.STOPS);
    if (r == -Errno.EINTR) {
      signalsPoll();
      continue;
    }
    if (r < 0) return 127;
    if (load<i32>(status) < WaitStatus.STOPPED) return load<i32>(status);
    kill(-pid, Signal.INT);
    kill(pid, Signal.INT);
  }
  // biome-ignore lint/correctness/noUnreachable: asc wants it.
  return 127;
}

const status: usize = memory.data(4);

function mapSet(fd: i32, parent: i32): void {
  store<i32>(map + fd * FdMap.BYTES, fd, FdMap.CHILD);
  store<i32>(map + fd * FdMap.BYTES, parent, FdMap.PARENT);
}
