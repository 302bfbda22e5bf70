// ConsoleWatch: the calls of a console server: wait for a change, and read what the virtual terminals hold.
//
// Locks     kernel lock. Watchers sleep with EVENTS_KEY.
import { ConsoleDevice, ConsoleInfo, Vt } from "../../abi/console";
import { Errno } from "../../abi/errno";
import { bytesZero } from "../lib/bytes";
import { klogWatch } from "../lib/klog";
import { copyIn, copyOut } from "../mm/usercopy";
import { fileConsoles } from "../proc/file";
import { Process, ProcessText } from "../proc/process";
import { processSleep, wakeAll } from "../proc/sleep";
import { SLOW_KEY } from "./console";
import {
  consoleEvents,
  consoleHost,
  consoleWatchers,
  EVENTS_KEY,
  vtHead,
  vtOldest,
  vtOutput,
  vtState,
} from "./consolevt";
import {
  screenDriverPid,
  screenGeneration,
  screenIsWanted,
  screenOwner,
  screenState,
  screenVt,
} from "./screen";

/**
 * Fills the ConsoleInfo at va once something has changed since the EVENTS in it, or timeoutNs has passed (below 0: waits for ever), or the
 * caller was woken for another reason (a child has ended). 0, -EFAULT, -EINTR.
 */
export function consoleWait(process: Process, va: u32, timeoutNs: i64): i32 {
  const info = process.text + ProcessText.SCRATCH;
  if (copyIn(process.space!, info, va, 4) != 4) return -Errno.EFAULT;
  const seen = load<u32>(info, ConsoleInfo.EVENTS);
  let alive = true;
  if (consoleEvents() == seen && timeoutNs != 0) {
    klogWatch(consoleWatchers(1) != 0);
    alive = processSleep(EVENTS_KEY, timeoutNs);
    klogWatch(consoleWatchers(-1) != 0);
  }
  if (!alive) return -Errno.EINTR;
  bytesZero(info, ConsoleInfo.BYTES);
  store<u32>(info, consoleEvents(), ConsoleInfo.EVENTS);
  store<u32>(info, screenState(), ConsoleInfo.STATE);
  store<i32>(info, screenOwner(), ConsoleInfo.OWNER);
  store<u32>(info, <u32>screenIsWanted(), ConsoleInfo.WANTED);
  store<i32>(info, screenDriverPid(), ConsoleInfo.DRIVER);
  store<u32>(info, screenGeneration(), ConsoleInfo.GENERATION);
  store<u32>(info, screenVt(), ConsoleInfo.SHOWN);
  store<u32>(info, load<u32>(consoleHost(), ConsoleDevice.COLUMNS), ConsoleInfo.COLUMNS);
  store<u32>(info, load<u32>(consoleHost(), ConsoleDevice.ROWS), ConsoleInfo.ROWS);
  for (let vt: u32 = Vt.FIRST; vt <= <u32>Vt.COUNT; vt++) {
    const record = info + ConsoleInfo.VTS + (vt - 1) * ConsoleInfo.VT_BYTES;
    store<u32>(record, vtHead(vt));
    store<u32>(record, fileConsoles(vt), 4);
  }
  return copyOut(process.space!, va, info, ConsoleInfo.BYTES) == ConsoleInfo.BYTES
    ? 0
    : -Errno.EFAULT;
}

/**
 * Copies output of a VT from a position on to va, at most n bytes. Bytes, 0 when there is none yet; -ERANGE: it is no longer there, or
 * was never written; -EFAULT, -EINVAL.
 */
export function consoleFetch(process: Process, vt: u32, position: u32, va: u32, n: u32): i32 {
  if (vt < <u32>Vt.FIRST || vt > <u32>Vt.COUNT) return -Errno.EINVAL;
  const head = vtHead(vt);
  if (head - position > head - vtOldest(vt)) return -Errno.ERANGE;
  let at = position;
  let done: u32 = 0;
  while (at != head && done < n) {
    const slot = at & (ConsoleDevice.OUTPUT_BYTES - 1);
    const part = min<u32>(min(head - at, n - done), ConsoleDevice.OUTPUT_BYTES - slot);
    if (copyOut(process.space!, va + done, vtOutput(vt) + slot, part) != <i32>part)
      return -Errno.EFAULT;
    at += part;
    done += part;
  }
  if (process.pid == screenOwner() && vt <= <u32>Vt.SHELLS) {
    vtState(vt).fetched = at;
    wakeAll(SLOW_KEY);
  }
  return <i32>done;
}
