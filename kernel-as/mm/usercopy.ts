// Usercopy: the only code that follows user addresses for the kernel. It works in any space, running or not, page by page, through the
// same page tables and the same fault resolver as the program itself. A page that is not in memory ends a copy as a bad address does; isWanting()
// tells the difference (mm/want.ts), and entry/calls.ts runs the call again when the page is there.
//
// Locks     kernel lock.

import { Errno } from "../../abi/errno";
import { Access } from "../../abi/mmu";
import { CpuRecord, cpuRecord } from "../arch/percpu";
import { PTE_SWAPPED, pteFrame } from "../arch/pte";
import { FaultResult, faultResolve, faultWalk } from "./fault";
import { deviceHost } from "./resource";
import { Space } from "./space";
import { ptLeafAt } from "./table";
import { MmVar, mmVar } from "./vars";
import { isWanting, Want } from "./want";
import { wcPost, wcWake } from "./wc";

/** Copies n bytes from user memory to the kernel. Bytes copied (short at the first bad page), or -EFAULT when none were. */
export function copyIn(space: Space, host: usize, va: u32, n: u32): i32 {
  let done: u32 = 0;
  while (done < n) {
    const from = userHost(space, va, done, Access.READ);
    if (from == 0) break;
    const part = min(n - done, 4096 - ((va + done) & 4095));
    memory.copy(host + done, from, part);
    done += part;
  }
  return done == 0 && n != 0 ? -Errno.EFAULT : <i32>done;
}

/** Copies n bytes to user memory. As copyIn. */
export function copyOut(space: Space, va: u32, host: usize, n: u32): i32 {
  let done: u32 = 0;
  while (done < n) {
    const to = userHost(space, va, done, Access.WRITE);
    if (to == 0) break;
    const part = min(n - done, 4096 - ((va + done) & 4095));
    memory.copy(to, host + done, part);
    posted(space, to, part);
    done += part;
  }
  return done == 0 && n != 0 ? -Errno.EFAULT : <i32>done;
}

/** Copies n bytes between two spaces. As copyIn. */
export function copyCross(dst: Space, dstVa: u32, src: Space, srcVa: u32, n: u32): i32 {
  let done: u32 = 0;
  while (done < n) {
    const from = userHost(src, srcVa, done, Access.READ);
    if (from == 0) break;
    const to = userHost(dst, dstVa, done, Access.WRITE);
    if (to == 0) break;
    const part = min(n - done, min(4096 - ((srcVa + done) & 4095), 4096 - ((dstVa + done) & 4095)));
    memory.copy(to, from, part);
    posted(dst, to, part);
    done += part;
  }
  return done == 0 && n != 0 ? -Errno.EFAULT : <i32>done;
}

/**
 * Brings the pages of [va, va + n) in that were swapped out. False: one is on its way or needs a frame (mm/want.ts). What is not allowed or not
 * there is no matter here.
 */
export function copyNear(space: Space, va: u32, n: u32): bool {
  let there = true;
  if (n == 0 || va + (n - 1) < va) return true;
  for (let vpn = va >> 12; vpn <= (va + (n - 1)) >> 12; vpn++) {
    const at = ptLeafAt(space, vpn);
    if (at == 0 || !(load<u64>(at) & PTE_SWAPPED)) continue;
    if (faultResolve(space, vpn << 12, Access.READ) != FaultResult.WAIT) continue;
    there = false;
    if (changetype<CpuRecord>(cpuRecord).want < <u32>Want.MIN_WORD) break;
  }
  return there;
}

/**
 * Makes every page of [va, va + n), at most a message, ready for the access, all at once: a copy that follows at once is not short for want of
 * memory. False: one is on its way or needs a frame (mm/want.ts). A page that refuses the access refuses the copy as well.
 */
export function copyReady(space: Space, va: u32, n: u32, access: Access): bool {
  if (n == 0 || va + (n - 1) < va) return true;
  for (let vpn = va >> 12; vpn <= (va + (n - 1)) >> 12; vpn++) {
    if (faultWalk(space, vpn << 12, access) == 0) return !isWanting();
  }
  return true;
}

/** The error of a copy that was not complete: its own, or EFAULT when it was short. */
export function copyError(copied: i32): i32 {
  return copied < 0 ? copied : -Errno.EFAULT;
}

/** True if every one of n bytes of user memory can be reached for the access: which side of a failed copyCross was at fault. */
export function userReachable(space: Space, va: u32, n: u32, access: Access): bool {
  for (let done: u32 = 0; done < n; done += 4096 - ((va + done) & 4095)) {
    if (userHost(space, va, done, access) == 0) return false;
  }
  return true;
}

/** Copies a text of len bytes: len, -ENAMETOOLONG if len > limit, -EFAULT if any byte cannot be read. No NUL is added. */
export function copyString(space: Space, host: usize, va: u32, len: u32, limit: u32): i32 {
  if (len > limit) return -Errno.ENAMETOOLONG;
  return copyIn(space, host, va, len) == <i32>len ? <i32>len : -Errno.EFAULT;
}

/** Host address of the user byte at va + offset, 0: the access is not allowed, wraps, or only the bus reaches it. */
function userHost(space: Space, va: u32, offset: u32, access: Access): usize {
  const at = va + offset;
  if (at < va || (space.frozen != 0 && access == Access.WRITE)) return 0; // mm/clone.ts N1
  const leaf = faultWalk(space, at, access);
  if (leaf == 0) return 0;
  const pfn = pteFrame(leaf);
  const page = pfn < mmVar(MmVar.FRAMES) ? (<usize>pfn) << 12 : deviceHost(pfn);
  return page == 0 ? 0 : page + (at & 4095);
}

/** The kernel stores to VRAM as a device: what it copied there is a burst at once. */
function posted(space: Space, host: usize, n: u32): void {
  const offset = <u32>host - mmVar(MmVar.VRAM_HOST);
  if (<u32>host < mmVar(MmVar.VRAM_HOST) || offset >> 12 >= mmVar(MmVar.VRAM_FRAMES)) return;
  wcPost(space, offset, n);
  wcWake();
}
