// Grow: memory.size and memory.grow of programs (exported as mmu_*): the break, in 64 KiB.
//
// Locks     taken here; dropped while the kernel waits for memory for its tables.
import { CpuBlock } from "../../abi/cpu";
import { cpuBlock, cpuSpace } from "../arch/percpu";
import { Space, spaceBrk } from "../mm/space";
import { isWanting, wantClear } from "../mm/want";
import { PageWait, pageWait, pageWaitEnd } from "../proc/pagewait";
import { kernelEnter, kernelLeave } from "./enter";

const PAGE_64K: u32 = 16;
/** All pages but the last: with that the size in bytes would be 0. The break ends far below. */
const PAGES_MAX: u32 = 0xffff;

/** memory.size, in 64 KiB. */
export function mmu_size(): u32 {
  return load<u32>(cpuBlock, CpuBlock.BREAK) >> PAGE_64K;
}

/** memory.grow: the old size in 64 KiB, or -1. */
export function mmu_grow(pages: u32): i32 {
  kernelEnter();
  const space = changetype<Space>(cpuSpace);
  const old = space.brk >> PAGE_64K;
  let result = <i32>old;
  wantClear();
  while (
    pages > PAGES_MAX - old ||
    (pages != 0 && spaceBrk(space, (old + pages) << PAGE_64K) != 0)
  ) {
    if (isWanting() && pageWait(false) == PageWait.AGAIN) continue;
    result = -1;
    break;
  }
  pageWaitEnd();
  kernelLeave();
  return result;
}
