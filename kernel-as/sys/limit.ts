// setlimit: what a process may have at most. A new program begins with the defaults; a clone has what its source has.
//
// Locks     kernel lock held on entry and on return.

import { Errno } from "../../abi/errno";
import { UserPage } from "../../abi/layout";
import { ProcessLimit } from "../../abi/syscall";
import { MEMTYPES_MAX } from "../mm/memtype";
import { Space } from "../mm/space";
import { currentProcess } from "../proc/process";
import { mySpace } from "./memory";

const STACK_BYTES_MAX: u32 = (UserPage.STACK_TOP - UserPage.STACK_START - 1) << 12;

/**
 * Sets a limit of the calling process; what it was. ASK: only that. Anybody may lower a limit, also below what is in use, which stays.
 * -EPERM: only root raises one. -EINVAL: no such limit, or more than the machine has.
 */
export function sysSetlimit(which: u32, value: i32): i32 {
  const space = mySpace();
  if (which != ProcessLimit.DEVICE_MAPPINGS && which != ProcessLimit.STACK_BYTES)
    return -Errno.EINVAL;
  const old = limitOf(space, which);
  if (value == ProcessLimit.ASK) return old;
  const most = which == ProcessLimit.STACK_BYTES ? STACK_BYTES_MAX : MEMTYPES_MAX;
  if (value < 0 || <u32>value > most) return -Errno.EINVAL;
  if (value > old && currentProcess().uid != 0) return -Errno.EPERM;
  if (which == ProcessLimit.DEVICE_MAPPINGS) space.deviceLimit = value;
  else space.stackLimit = UserPage.STACK_TOP - (<u32>value >> 12);
  return old;
}

function limitOf(space: Space, which: u32): i32 {
  if (which == ProcessLimit.DEVICE_MAPPINGS) return space.deviceLimit;
  return (UserPage.STACK_TOP - space.stackLimit) << 12;
}
