// Fault: the one resolver of page faults, for programs, usercopy and prefault.
//
// A fault asks the map: is there an entry, does it allow the access. Then it makes the page tables say so. Private anonymous pages and
// image pages that are written get a frame of their own here; image pages that are read share it with the program's other processes.
// Pages that were taken away come back (mm/pagein.ts), as soon as the disk has read them.
//
// Locks     kernel lock. Never sleeps.
// Not here  The end of a program whose fault is not resolved (entry/fault.ts).

import { UserPage } from "../../abi/layout";
import { Access } from "../../abi/mmu";
import { ObjectKind, Prot } from "../../abi/syscall";
import { counterFault } from "../arch/counters";
import { walk } from "../arch/paging";
import { Leaf } from "../arch/pat";
import { PTE_A, PTE_COW, PTE_D, PTE_P, PTE_RW, PTE_SWAPPED, PTE_WAS_DIRTY } from "../arch/pte";
import { frameDrop } from "./batch";
import { cowResolve } from "./cow";
import {
  Entry,
  EntryFlag,
  entryAt,
  entryIndex,
  entryJoin,
  entryLeaf,
  mapFind,
  mapReserve,
} from "./entry";
import { imageCacheGet, imageCachePut } from "./imagecache";
import { imageFill, imageHas } from "./imagetable";
import { Obj, objectFrame, objectIsRam } from "./object";
import { PageFlag, PageState, pageGet, pageOf, pageSetState } from "./page";
import { swapIn } from "./pagein";
import { runAlloc } from "./reserve";
import { rmapAdd, rmapNeedsNode, rmapReserve } from "./rmap";
import { shareOwn } from "./share";
import { RUN_SLOTS_AT, Space } from "./space";
import { ptLeafAt, ptPrune, ptPut, ptRoom } from "./table";
import { isWanting, wantClear } from "./want";

export const enum FaultResult {
  OK = 0, // the access works now
  BAD = 1, // the map does not allow it
  WAIT = 2, // it may work when what is wanted has come (mm/want.ts)
}

/** Makes an access of a user byte at va possible, or says why not. access: Access.READ or Access.WRITE. */
export function faultResolve(space: Space, va: u32, access: Access): FaultResult {
  wantClear();
  if (space.frozen != 0) return FaultResult.BAD;
  const vpn = va >> 12;
  let entry = mapFind(space, vpn);
  if (entry == null) {
    entry = growStack(space, vpn);
    if (entry == null) return isWanting() ? FaultResult.WAIT : FaultResult.BAD;
  }
  if (!entryAllows(entry, access)) return FaultResult.BAD;
  const at = ptLeafAt(space, vpn);
  const old: u64 = at == 0 ? 0 : load<u64>(at);
  // Present with the rights that the entry gives now: the TLB did not have it yet, or a write is to make it this space's own.
  if (old & PTE_P) return access == Access.READ ? FaultResult.OK : cowResolve(space, vpn);
  if (old & PTE_SWAPPED) return swapIn(space, entry, vpn, access);
  if (old != 0 && access == Access.WRITE && !shareOwn(space, vpn, 1)) return FaultResult.WAIT;
  const pfn = supply(space, entry, vpn, access);
  if (pfn == 0)
    return objectIsRam(changetype<Obj>(entry.object)) ? FaultResult.WAIT : FaultResult.BAD;
  let leaf = entryLeaf(entry, pfn, Leaf.PAGE_4K) | PTE_A | (access == Access.WRITE ? PTE_D : 0);
  if (pageOf(pfn).flags & PageFlag.CACHED) leaf = (leaf & ~PTE_RW) | PTE_COW;
  if (!enter(space, vpn, leaf, pfn, old)) {
    frameDrop(pfn, -1);
    return FaultResult.WAIT;
  }
  counterFault();
  space.faults++;
  return FaultResult.OK;
}

/** Makes the entry of page vpn, which was `old`, name the frame pfn, to which the caller holds a reference. False: no memory. */
function enter(space: Space, vpn: u32, leaf: u64, pfn: u32, old: u64): bool {
  // Tables first: a copy of one takes nodes of the reverse map too.
  const at = old != 0 ? ptLeafAt(space, vpn) : ptRoom(space, vpn);
  if (at == 0) return false;
  if (rmapNeedsNode(pfn) && !rmapReserve(1)) {
    if (old == 0) ptPrune(space, vpn);
    return false;
  }
  if (old != 0) {
    store<u64>(at, leaf | (old & PTE_WAS_DIRTY));
  } else {
    ptPut(at, leaf);
    space.residentPages++;
  }
  rmapAdd(pfn, at);
  return true;
}

/** Translates va for a user access, resolving a fault if need be: the effective leaf of walk(), or 0 (then walkError says why). */
export function faultWalk(space: Space, va: u32, access: Access): u64 {
  const write = access == Access.WRITE;
  const leaf = walk(space.root, va, write, true);
  if (leaf != 0) return leaf;
  return faultResolve(space, va, access) == FaultResult.OK ? walk(space.root, va, write, true) : 0;
}

export function entryAllows(entry: Entry, access: Access): bool {
  return access == Access.WRITE ? (entry.prot & Prot.WRITE) != 0 : entry.prot != Prot.NONE;
}

/** Extends the stack entry down to vpn if its limit allows. */
function growStack(space: Space, vpn: u32): Entry | null {
  if (vpn < space.stackLimit || vpn >= <u32>UserPage.STACK_TOP) return null;
  const i = entryIndex(space, vpn);
  if (i == space.entryCount) return null;
  const entry = entryAt(space, i);
  if (!(entry.flags & EntryFlag.STACK) || !mapReserve(space, 0)) return null;
  entryAt(space, i).start = vpn;
  // It may have met a piece that an munmap has left below.
  if (i > 0) entryJoin(space, i - 1);
  return mapFind(space, vpn);
}

/** The frame that page vpn of an entry shows, with a reference: a new one with its first contents, or the object's. 0: none. */
function supply(space: Space, entry: Entry, vpn: u32, access: Access): u32 {
  const object = changetype<Obj>(entry.object);
  const kind = object.kind;
  const index = entry.offset + (vpn - entry.start);
  if (kind == ObjectKind.SHARED_ANON) return withReference(objectFrame(object, index));
  const cached = kind == ObjectKind.IMAGE && access == Access.READ;
  if (cached) {
    const have = imageCacheGet(object, index);
    if (have != 0) return withReference(have);
  }
  if (kind != ObjectKind.ANON && kind != ObjectKind.IMAGE) return 0;
  const want = (space.brk + 4095) >> 12;
  const pfn = runAlloc(changetype<usize>(space) + RUN_SLOTS_AT, vpn, want, true);
  if (pfn == 0) return 0;
  const page = pageOf(pfn);
  pageSetState(page, PageState.OBJECT);
  page.owner = changetype<usize>(object);
  if (kind == ObjectKind.IMAGE) {
    const va = (object.first + index) << 12;
    imageFill(object.table, object.tableCount, object.file, va, (<usize>pfn) << 12);
    // Zeros are not worth sharing: they are about to be written.
    if (cached && imageHas(object.table, object.tableCount, va)) imageCachePut(object, index, pfn);
  }
  return pfn;
}

function withReference(pfn: u32): u32 {
  if (pfn != 0) pageGet(pfn);
  return pfn;
}
