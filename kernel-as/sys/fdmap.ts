// The fd map of spawn: pairs {child fd, parent fd}.
import { Errno } from "../../abi/errno";
import { Limit } from "../../abi/layout";
import { FdMap } from "../../abi/syscall";
import { copyIn } from "../mm/usercopy";
import { fdFile } from "../proc/file";
import { Process, ProcessText } from "../proc/process";

/**
 * Copies the map to the process's SCRATCH and checks it: every parent fd is open, every child fd is in range and given once.
 * 0, -EINVAL, -EBADF, -EFAULT. Leaves PATH alone.
 */
export function wellFormedFdMap(process: Process, va: u32, pairs: u32): i32 {
  if (pairs > <u32>Limit.FDS) return -Errno.EINVAL;
  const map = process.text + ProcessText.SCRATCH;
  const bytes = pairs * FdMap.BYTES;
  if (bytes > 0 && copyIn(process.space!, map, va, bytes) != <i32>bytes) return -Errno.EFAULT;
  let given: u64 = 0;
  for (let i: u32 = 0; i < pairs; i++) {
    const child = load<u32>(map + i * FdMap.BYTES, FdMap.CHILD);
    if (child >= <u32>Limit.FDS || (given & ((<u64>1) << child)) != 0) return -Errno.EINVAL;
    given |= (<u64>1) << child;
    if (fdFile(process, load<i32>(map + i * FdMap.BYTES, FdMap.PARENT)) === null)
      return -Errno.EBADF;
  }
  return 0;
}
