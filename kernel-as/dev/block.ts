// Block: the disk and its partitions as files. Bytes go through a run of frames that is had for the call: the disk moves whole blocks
// between it and the store, and it is copied to or from the program.
//
// Invariants
//   K1  The run belongs to the disk from submit until the request has finished, which a program that is told to end waits for too.
//   K2  No block outside the part is named in a request.
//
// Locks     kernel lock, dropped while the disk works.
import { DiskOp, DiskOwner, DiskRequestState } from "../../abi/disk";
import { Errno } from "../../abi/errno";
import { Frame } from "../../abi/layout";
import {
  diskPresent,
  diskRelease,
  diskRequestState,
  diskRequestWord,
  diskSubmit,
} from "../arch/disk";
import { pmmAlloc, pmmAllocContiguous, pmmFreeContiguous } from "../mm/pmm";
import { copyError, copyIn, copyOut } from "../mm/usercopy";
import { Process } from "../proc/process";
import { processSleepOnDevice } from "../proc/sleep";
import { partBlocks, partFirst } from "./partitions";

/** Frames of a run; fewer when memory is short. */
const RUN: u32 = 128;
const MASK: u32 = Frame.BYTES - 1;

/** Reads up to n bytes at offset into user memory. Bytes, 0 at the end, -EIO, -ENOMEM, -EFAULT. Sleeps. */
export function blockRead(process: Process, part: u32, va: u32, n: u32, offset: u64): i32 {
  const size = (<u64>partBlocks(part)) << Frame.SHIFT;
  if (offset >= size) return 0;
  const total = <u32>min<u64>(n, size - offset);
  let done: u32 = 0;
  let error: i32 = 0;
  while (done < total && error == 0) {
    const at = offset + done;
    const inside = <u32>at & MASK;
    const wanted = min(RUN, (inside + total - done + MASK) >> Frame.SHIFT);
    const got = runAlloc(wanted);
    if (got == 0) return done > 0 ? <i32>done : -Errno.ENOMEM;
    const blocks = <u32>(got >> 32);
    const bytes = min(total - done, (blocks << Frame.SHIFT) - inside);
    error = transfer(DiskOp.READ, part, <u32>(at >> Frame.SHIFT), <u32>got, blocks);
    if (error == 0) {
      const copied = copyOut(
        process.space!,
        va + done,
        ((<usize>(<u32>got)) << Frame.SHIFT) + inside,
        bytes,
      );
      if (copied > 0) done += <u32>copied;
      if (copied < <i32>bytes) error = copyError(copied);
    }
    pmmFreeContiguous(<u32>got, blocks);
  }
  return done > 0 ? <i32>done : error;
}

/** Writes whole blocks of user memory. Bytes, -EINVAL: not whole blocks, -ENOSPC, -EIO, -ENOMEM, -EFAULT. Sleeps. */
export function blockWrite(process: Process, part: u32, va: u32, n: u32, offset: u64): i32 {
  if (((<u32>offset | n) & MASK) != 0) return -Errno.EINVAL;
  const size = (<u64>partBlocks(part)) << Frame.SHIFT;
  if (n == 0) return 0;
  if (offset >= size) return -Errno.ENOSPC;
  const total = <u32>min<u64>(n, size - offset);
  let done: u32 = 0;
  let error: i32 = 0;
  while (done < total && error == 0) {
    const got = runAlloc(min(RUN, (total - done) >> Frame.SHIFT));
    if (got == 0) return done > 0 ? <i32>done : -Errno.ENOMEM;
    const blocks = <u32>(got >> 32);
    const bytes = blocks << Frame.SHIFT;
    const copied = copyIn(process.space!, (<usize>(<u32>got)) << Frame.SHIFT, va + done, bytes);
    if (copied != <i32>bytes) error = copyError(copied);
    else
      error = transfer(DiskOp.WRITE, part, <u32>((offset + done) >> Frame.SHIFT), <u32>got, blocks);
    if (error == 0) done += bytes;
    pmmFreeContiguous(<u32>got, blocks);
  }
  return done > 0 ? <i32>done : error;
}

/** Everything written before is durable when it returns. 0, -EIO. Sleeps. */
export function blockFlush(): i32 {
  return finish(submit(DiskOp.FLUSH, 0, 0, 0));
}

/** A run of up to `wanted` frames: frames in the high word, the first in the low; 0: there is none. */
function runAlloc(wanted: u32): u64 {
  if (wanted > 1) {
    const first = pmmAllocContiguous(wanted);
    if (first != 0) return first | ((<u64>wanted) << 32);
  }
  const one = pmmAlloc(false);
  return one == 0 ? 0 : one | ((<u64>1) << 32);
}

function transfer(op: DiskOp, part: u32, block: u32, pfn: u32, blocks: u32): i32 {
  return finish(submit(op, partFirst(part) + block, pfn, blocks));
}

/** Queues a request, when there is room for it. */
function submit(op: DiskOp, block: u32, pfn: u32, blocks: u32): i32 {
  while (true) {
    if (!diskPresent()) return -Errno.EIO;
    const id = diskSubmit(op, block, pfn, blocks, DiskOwner.FILE << DiskOwner.SHIFT);
    if (id >= 0) return id;
    processSleepOnDevice(0, 0); // somebody else's requests fill the queue
  }
}

function finish(id: i32): i32 {
  if (id < 0) return id;
  while (diskRequestState(id) == DiskRequestState.QUEUED)
    processSleepOnDevice(diskRequestWord(id), DiskRequestState.QUEUED);
  const done = diskRequestState(id) == DiskRequestState.DONE;
  diskRelease(id);
  return done ? 0 : -Errno.EIO;
}
