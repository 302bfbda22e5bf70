// Environ: the NAME=VALUE strings that a process was started with, for programs to read. A block is never changed: setenviron makes another, and
// children share their parent's.
//
//   block  {refs u32, bytes u32}, then the strings, each ended by NUL; in contiguous frames
//
// Invariants
//   V1  refs is the number of processes that name the block.
//
// Locks     kernel lock.
import { Frame } from "../../abi/layout";
import { pmmAllocContiguous, pmmFreeContiguous } from "../mm/pmm";
import { Process } from "./process";

const HEADER_BYTES: u32 = 8;
const ENVIRON_FRAMES: u32 = 4;
/** The longest environment. */
export const ENVIRON_BYTES: u32 = ENVIRON_FRAMES * Frame.BYTES - HEADER_BYTES;

/** A block for so many bytes of strings, with one reference, or 0: no memory. */
export function environCreate(bytes: u32): usize {
  const first = pmmAllocContiguous(framesFor(bytes));
  if (first == 0) return 0;
  const block = (<usize>first) << Frame.SHIFT;
  store<u32>(block, 1);
  store<u32>(block, bytes, 4);
  return block;
}

/** Where the strings of a block lie. */
export function environBlockText(block: usize): usize {
  return block + HEADER_BYTES;
}

export function environBlockPut(block: usize): void {
  const refs = load<u32>(block) - 1;
  store<u32>(block, refs);
  if (refs == 0) pmmFreeContiguous(<u32>(block >> Frame.SHIFT), framesFor(load<u32>(block, 4)));
}

/** The child gets its parent's environment. */
export function environShare(child: Process, parent: Process): void {
  const block = parent.environment;
  if (block != 0) store<u32>(block, load<u32>(block) + 1);
  child.environment = block;
}

export function environPut(process: Process): void {
  if (process.environment != 0) environBlockPut(process.environment);
  process.environment = 0;
}

export function environBytes(process: Process): u32 {
  return process.environment == 0 ? 0 : load<u32>(process.environment, 4);
}

export function environText(process: Process): usize {
  return environBlockText(process.environment);
}

function framesFor(bytes: u32): u32 {
  return (HEADER_BYTES + bytes + Frame.BYTES - 1) >> Frame.SHIFT;
}
