// Command substitution: $(...) runs in a child shell that writes to a pipe; what it wrote, without the newlines at the end, is the value.

import { Errno } from "../../abi/errno";
import { FdMap, Signal, WaitFlag, WaitStatus } from "../../abi/syscall";
import { err, out } from "../../lib/fmt";
import { close, kill, pipe, read, setgroup, waitchange } from "../../lib/sys";
import { putLiteral } from "../../lib/text";
import { childSpawn } from "./child";
import { foreground, interactive, setForeground } from "./exec";
import { fdOwn } from "./redirect";
import { signalsPoll } from "./signals";
import { stackMark, stackRelease, stackRoom } from "./stack";

const OUTPUT_BYTES = 65536;
export const output: usize = memory.data(65536);
export let outputBytes: i32 = 0;
/** Status of the last child; -1: none since it was set so. */
export let substituteStatus: i32 = -1;

const pipeFds: usize = memory.data(8);
const map: usize = memory.data(80);
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
  const fds = mapMake(load<i32>(pipeFds, 4));
  const pid = readsFile(text, bytes)
    ? catSpawn(text, bytes, fds)
    : childSpawn(text, bytes, map, fds);
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

/** The child's descriptors: the pipe as its output, and for the rest the shell's. Returns how many. */
function mapMake(output: i32): i32 {
  let n = 0;
  for (let fd = 0; fd < 10; fd++) {
    const parent = fd == 1 ? output : fdOwn(fd);
    if (parent < 0) continue;
    store<i32>(map + n * FdMap.BYTES, fd, FdMap.CHILD);
    store<i32>(map + n++ * FdMap.BYTES, parent, FdMap.PARENT);
  }
  return n;
}

/** $(< FILE) is the content of a file. */
function readsFile(text: usize, bytes: i32): bool {
  let i = 0;
  while (i < bytes && load<u8>(text + i) <= 0x20) i++;
  if (i + 1 >= bytes || load<u8>(text + i) != 0x3c) return false;
  const next = load<u8>(text + i + 1);
  return next != 0x3c && next != 0x26 && next != 0x28;
}

function catSpawn(text: usize, bytes: i32, fds: i32): i32 {
  const mark = stackMark();
  const command = stackRoom(bytes + 4);
  let pid = -1;
  if (command != 0) {
    const n = putLiteral(command, "cat ");
    memory.copy(command + n, text, bytes);
    pid = childSpawn(command, bytes + n, map, fds);
  }
  stackRelease(mark);
  return pid;
}
