// Pipe: one frame of bytes between writers and readers.
//
// Invariants
//   I1  0 <= head - tail <= PIPE_BYTES; both only grow (modulo 2^32).
//   I2  readers and writers count files of each end; a pipe with neither is free and has no frame.
//
// Locks     kernel lock. Readers and writers sleep with the pipe's address as their key.
import { Errno } from "../../abi/errno";
import { Frame } from "../../abi/layout";
import { Access } from "../../abi/mmu";
import { Vars } from "../lib/vars";
import { pmmAlloc, pmmFree } from "../mm/pmm";
import { copyIn, copyOut, copyReady } from "../mm/usercopy";
import { Process } from "../proc/process";
import { FOREVER, processSleepCatching, wakeAll } from "../proc/sleep";

const PIPES: u32 = 128;
const PIPE_BYTES: u32 = Frame.BYTES;

@unmanaged
export class Pipe {
  frame: u32; // 0: free
  head: u32;
  tail: u32;
  readers: u32;
  writers: u32;
}

const enum PipeVar {
  TABLE = 0,
  COUNT = 4,
}

export const PIPE_TABLE_BYTES: u32 = PIPES * offsetof<Pipe>();

export function pipeInit(table: usize): void {
  store<u32>(Vars.IPC, table, PipeVar.TABLE);
}

export function pipeCount(): u32 {
  return load<u32>(Vars.IPC, PipeVar.COUNT);
}

/** A pipe with one reader and one writer, or null: no frame or no record left. */
export function pipeCreate(): Pipe | null {
  const table = load<u32>(Vars.IPC, PipeVar.TABLE);
  for (let i: u32 = 0; i < PIPES; i++) {
    const pipe = changetype<Pipe>(table + i * offsetof<Pipe>());
    if (pipe.frame != 0) continue;
    const frame = pmmAlloc(false);
    if (frame == 0) return null;
    pipe.frame = frame;
    pipe.head = 0;
    pipe.tail = 0;
    pipe.readers = 1;
    pipe.writers = 1;
    store<u32>(Vars.IPC, pipeCount() + 1, PipeVar.COUNT);
    return pipe;
  }
  return null;
}

/** Closes one end; the other side sees end of file or EPIPE. */
export function pipeClose(pipe: Pipe, writer: bool): void {
  if (writer) pipe.writers--;
  else pipe.readers--;
  wakeAll(changetype<usize>(pipe));
  if (pipe.readers != 0 || pipe.writers != 0) return;
  pmmFree(pipe.frame);
  pipe.frame = 0;
  store<u32>(Vars.IPC, pipeCount() - 1, PipeVar.COUNT);
}

/** Reads up to n bytes to user memory; sleeps while the pipe is empty and has writers. Bytes, 0 at the end, or -errno. */
export function pipeRead(process: Process, pipe: Pipe, va: u32, n: u32): i32 {
  if (n == 0) return 0;
  while (pipe.head == pipe.tail) {
    if (pipe.writers == 0) return 0;
    if (!processSleepCatching(changetype<usize>(pipe), FOREVER)) return -Errno.EINTR;
  }
  let done: u32 = 0;
  while (done < n && pipe.head != pipe.tail) {
    const at = pipe.tail & (PIPE_BYTES - 1);
    const part = min(n - done, min(pipe.head - pipe.tail, PIPE_BYTES - at));
    const copied = copyOut(
      process.space!,
      va + done,
      ((<usize>pipe.frame) << Frame.SHIFT) + at,
      part,
    );
    if (copied <= 0) break;
    pipe.tail += <u32>copied;
    done += <u32>copied;
    if (<u32>copied < part) break;
  }
  if (done == 0) return -Errno.EFAULT;
  wakeAll(changetype<usize>(pipe));
  return <i32>done;
}

/**
 * Writes all n bytes from user memory, sleeping while the pipe is full. What fits into an empty pipe goes in as one, with nothing of another
 * writer in between. Bytes, or -EPIPE without readers, -EFAULT, -EINTR.
 */
export function pipeWrite(process: Process, pipe: Pipe, va: u32, n: u32): i32 {
  const isWhole = n <= PIPE_BYTES;
  let done: u32 = 0;
  while (done < n) {
    if (pipe.readers == 0) return done > 0 ? <i32>done : -Errno.EPIPE;
    const room = PIPE_BYTES - (pipe.head - pipe.tail);
    if (isWhole && done == 0 && room >= n && !copyReady(process.space!, va, n, Access.READ))
      return -Errno.EFAULT;
    if (room == 0 || (isWhole && done == 0 && room < n)) {
      if (!processSleepCatching(changetype<usize>(pipe), FOREVER))
        return done > 0 ? <i32>done : -Errno.EINTR;
      continue;
    }
    const at = pipe.head & (PIPE_BYTES - 1);
    const part = min(n - done, min(room, PIPE_BYTES - at));
    const copied = copyIn(
      process.space!,
      ((<usize>pipe.frame) << Frame.SHIFT) + at,
      va + done,
      part,
    );
    if (copied <= 0) return done > 0 ? <i32>done : -Errno.EFAULT;
    pipe.head += <u32>copied;
    done += <u32>copied;
    wakeAll(changetype<usize>(pipe));
    if (<u32>copied < part) return <i32>done;
  }
  return <i32>done;
}

/** Writes kernel text without waiting: what does not fit is dropped. */
export function pipePut(pipe: Pipe, p: usize, n: u32): void {
  for (let i: u32 = 0; i < n && pipe.head - pipe.tail < PIPE_BYTES; i++) {
    store<u8>(
      ((<usize>pipe.frame) << Frame.SHIFT) + (pipe.head & (PIPE_BYTES - 1)),
      load<u8>(p + i),
    );
    pipe.head++;
  }
  wakeAll(changetype<usize>(pipe));
}

/** Bytes that can be read now. */
export function pipeAvailable(pipe: Pipe): u32 {
  return pipe.head - pipe.tail;
}
