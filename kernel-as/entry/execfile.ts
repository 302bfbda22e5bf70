// Execfile: a program whose file a server keeps. The CPU that is to run it reads the file before, and stores its data segments in its
// memory: pages of such a program are its own, where those of the initrd's programs are shown from the file.
//
//   execOpen says EXEC_READ -> execRead until 0 -> execTable execCommit, with the extent of its image and no bytes -> execStore ...
//
// Locks     these functions take the kernel lock themselves; it is dropped while the server is asked, or a frame is waited for.
import { Errno } from "../../abi/errno";
import { kernelLock, kernelUnlock } from "../arch/lock";
import { remoteReadMessage } from "../ipc/remote";
import { Place } from "../ipc/request";
import { copyOut } from "../mm/usercopy";
import { isWanting, wantClear } from "../mm/want";
import { File } from "../proc/file";
import { PageWait, pageWait, pageWaitEnd } from "../proc/pagewait";
import { currentProcess, Process, ProcessState } from "../proc/process";
import { programPut } from "../sys/program";
import { TEXT_BYTES, textBuffer } from "./exec";

/** Reads the program's file at an offset into the text buffer. Bytes, at most TEXT_BYTES; 0: that was all, and the file is closed; -errno. */
export function execRead(offset: u32): i32 {
  kernelLock();
  const process = currentProcess();
  let result = -Errno.EBADF;
  if (process.program != 0) {
    const file = changetype<File>(process.program);
    result = remoteReadMessage(process, file, Place.KERNEL, textBuffer(), TEXT_BYTES, offset);
  }
  if (result == 0) programPut(process);
  return leaveEmbryo(process, result);
}

/** Stores n bytes of the text buffer in the memory of the program that has been committed. 0, -EINTR, -ENOMEM, -EFAULT. */
export function execStore(va: u32, n: u32): i32 {
  kernelLock();
  const process = currentProcess();
  let result = n > TEXT_BYTES ? -Errno.EINVAL : 0;
  let done: u32 = 0;
  wantClear();
  while (done < n && result == 0) {
    const copied = copyOut(process.space!, va + done, textBuffer() + done, n - done);
    if (copied > 0) done += <u32>copied;
    else if (!isWanting()) result = -Errno.EFAULT;
    else if (pageWait(false) != PageWait.AGAIN) result = -Errno.ENOMEM;
    else wantClear();
  }
  wantClear();
  pageWaitEnd();
  if (process.signal != 0) result = -Errno.EINTR;
  return leaveEmbryo(process, result);
}

/** Who has slept was RUNNING, and is not yet. */
function leaveEmbryo(process: Process, result: i32): i32 {
  process.state = ProcessState.EMBRYO;
  kernelUnlock();
  return result;
}
