// Tests of swap: more memory than RAM, pages that are away when a call needs them, and giving the swap space up.

import { Errno } from "../../abi/errno";
import { Advice, SysInfo } from "../../abi/syscall";
import { out } from "../../lib/fmt";
import {
  close,
  getuid,
  madvise,
  mincore,
  munmap,
  nanosleep,
  pipe,
  random,
  read,
  setuid,
  swapoff,
  swapon,
  sysinfo,
  write,
} from "../../lib/sys";
import { expect, expectEqual, expectErrno, expectGood, mapPages, PAGE } from "./check";

const info: usize = memory.data(256, 8);
const fds: usize = memory.data(8);
const vec: usize = memory.data(16);
/** Up to this much RAM the working set is four times RAM; above, it is what is free and FRAMES_MORE, so that a run stays short. */
const FRAMES_SMALL: u32 = 8192;
const FRAMES_MORE: u32 = 4096;
/** Milliseconds for a disk to write three pages. */
const PATIENCE = 5000;

/** A program with more pages than there are frames reads what it wrote, and slots go back to zero. */
export function swapHoldsMoreThanRam(): void {
  if (!hasSwap()) return;
  const total = load<u32>(info, SysInfo.TOTAL_FRAMES);
  const free = load<u32>(info, SysInfo.FREE_FRAMES);
  const wanted = total <= FRAMES_SMALL ? total * 4 : free + FRAMES_MORE;
  const pages = min(wanted, load<u32>(info, SysInfo.SWAP_SLOTS) - 512);
  const at = mapPages(pages);
  for (let i: u32 = 0; i < pages; i++) {
    store<u32>(at + i * PAGE, i * 2654435761);
    store<u32>(at + i * PAGE + 4092, ~i);
  }
  sysinfo(info);
  expect(load<u32>(info, SysInfo.SWAP_SLOTS_USED) >= pages - total, "what does not fit is in swap");
  for (let i: u32 = 0; i < pages; i++) {
    if (load<u32>(at + i * PAGE) == i * 2654435761 && load<u32>(at + i * PAGE + 4092) == ~i)
      continue;
    expectEqual(load<u32>(at + i * PAGE), i * 2654435761, "a word of a page that was swapped");
  }
  expectGood(munmap(at, pages * PAGE), "munmap");
  sysinfo(info);
  expect(load<u32>(info, SysInfo.SWAP_SLOTS_USED) < pages / 2, "slots go with their pages");
  everythingBack();
}

/** One call that fills more memory than there is goes on where it was when a page had to go out. */
export function randomFillsMoreThanRam(): void {
  if (!hasSwap()) return;
  const total = load<u32>(info, SysInfo.TOTAL_FRAMES);
  const pages: i32 = total <= FRAMES_SMALL ? total : 64;
  const at = mapPages(pages);
  expectEqual(random(at, pages * PAGE), pages * PAGE, "all of it is filled");
  for (let i = 0; i < pages; i++)
    expect(load<u64>(at + i * PAGE) != 0 || load<u64>(at + i * PAGE, 8) != 0, "every page is");
  munmap(at, pages * PAGE);
  everythingBack();
}

/** Calls read from and write to pages that are in swap. */
export function swappedBuffersWork(): void {
  if (!hasSwap()) return;
  const from = mapPages(3);
  const to = mapPages(3);
  for (let i: i32 = 0; i < 3 * PAGE; i += 4) store<u32>(from + i, i * 3);
  memory.fill(to, 1, 3 * PAGE);
  expectGood(pipe(fds), "pipe");
  // Across a page boundary on both sides.
  for (let done = 0; done < 2 * PAGE; done += 1024) {
    goOut(from);
    expectEqual(write(load<i32>(fds, 4), from + 700 + done, 1024), 1024, "bytes written from swap");
    goOut(to);
    expectEqual(read(load<i32>(fds), to + 300 + done, 1024), 1024, "bytes read into swap");
  }
  goOut(from);
  goOut(to);
  for (let i = 0; i < 2 * PAGE; i++)
    expectEqual(load<u8>(to + 300 + i), load<u8>(from + 700 + i), "a byte that went through");
  expectEqual(load<u8>(to), 1, "a byte before them");
  close(load<i32>(fds));
  close(load<i32>(fds, 4));
  goOut(from);
  memory.copy(to + 5, from, 2 * PAGE);
  for (let i = 0; i < 2 * PAGE; i += 4)
    expectEqual(load<u32>(to + 5 + i), i * 3, "a word that was copied out of swap");
  munmap(from, 3 * PAGE);
  munmap(to, 3 * PAGE);
  everythingBack();
}

/** swapon and swapoff are root's, and say what is wrong. */
export function swapIsRootsAlone(): void {
  if (!hasSwap()) return;
  expectErrno(swapon(), Errno.EBUSY, "swapon while it is on");
  expectGood(setuid(1000), "setuid");
  expectEqual(getuid(), 1000, "uid");
  expectErrno(swapon(), Errno.EPERM, "swapon by a user");
  expectErrno(swapoff(), Errno.EPERM, "swapoff by a user");
}

/** Three pages go, and are away. One that the disk is still writing since the last time goes when that is done. */
function goOut(at: usize): void {
  for (let tries = 0; tries < PATIENCE; tries++) {
    expectGood(madvise(at, 3 * PAGE, Advice.PAGEOUT), "madvise");
    expectGood(mincore(at, 3 * PAGE, vec), "mincore");
    if (load<u8>(vec) + load<u8>(vec, 1) + load<u8>(vec, 2) == 0) return;
    nanosleep(1000000);
  }
  expect(false, "pages go when they are told to");
}

/** Every page of every process is in memory again, and no slot is left; then swap is used as before. */
export function everythingBack(): void {
  expectGood(swapoff(), "swapoff");
  sysinfo(info);
  expectEqual(load<u32>(info, SysInfo.SWAP_SLOTS_USED), 0, "slots in use after swapoff");
  expectEqual(load<u32>(info, SysInfo.SWAP_SLOTS), 0, "slots after swapoff");
  expectGood(swapon(), "swapon");
}

export function hasSwap(): bool {
  sysinfo(info);
  if (load<u32>(info, SysInfo.SWAP_SLOTS) != 0) return true;
  out.text(" (no swap space)").flush();
  return false;
}
