// System calls about swap space. Each is called with the kernel lock held, by the wrapper of its name in entry/calls.ts.
import { Errno } from "../../abi/errno";
import { Part, partBlocks, partFirst } from "../dev/partitions";
import { Leave, swapEnter, swapLeave, swapLeaveBegin, swapLeaveStop } from "../mm/swapspace";
import { isWantingAcknowledge, wantClear } from "../mm/want";
import { PageWait, pageWait } from "../proc/pagewait";
import { currentProcess } from "../proc/process";
import { thrashForget } from "../proc/thrash";

/** Waits for another CPU's acknowledgement, a millisecond each, before giving up. */
const LOOKS_MAX: u32 = 1000;

/** Takes the disk's swap partition into use. Root only. -ENXIO: there is none; -EBUSY: it is in use. */
export function sysSwapon(): i32 {
  if (currentProcess().uid != 0) return -Errno.EPERM;
  const blocks = partBlocks(Part.SWAP);
  return blocks == 0 ? -Errno.ENXIO : swapEnter(partFirst(Part.SWAP), blocks);
}

/**
 * Brings everything back in and gives the swap space up. Root only; sleeps. -EINVAL: there is none in use; -EBUSY: somebody is at it, or a
 * program on another CPU computes and has not touched memory since a page of its went; -ENOMEM: it does not fit in memory; -EIO: a page
 * cannot be read; -EINTR. On failure the space stays in use and nothing is lost.
 */
export function sysSwapoff(): i32 {
  const process = currentProcess();
  if (process.uid != 0) return -Errno.EPERM;
  const result = swapLeaveBegin();
  if (result != 0) return result;
  let looks: u32 = 0;
  while (true) {
    const step = swapLeave();
    if (step == Leave.DONE) return 0;
    if (step == Leave.STOPPED) return stop(-Errno.ENOMEM);
    looks = isWantingAcknowledge() ? looks + 1 : 0;
    if (looks > LOOKS_MAX) return stop(-Errno.EBUSY);
    const waited = pageWait(false);
    thrashForget(process);
    if (waited == PageWait.NO_MEMORY) return stop(-Errno.ENOMEM);
    if (waited == PageWait.LOST) return stop(-Errno.EIO);
    if (waited == PageWait.ENDED) return stop(-Errno.EINTR);
  }
}

function stop(error: i32): i32 {
  wantClear();
  swapLeaveStop();
  return error;
}
