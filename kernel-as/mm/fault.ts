// Fault: the one resolver of page faults, for programs, usercopy and prefault.
//
// A fault asks the map: is there an entry, does it allow the access. Then it makes the page tables say so. Private anonymous and image
// pages get a frame of their own here; sharing frames copy-on-write belongs in supply().
//
// Locks     kernel lock. Never sleeps.
// Not here  The end of a program whose fault is not resolved (entry/fault.ts).

import { UserPage } from "../../abi/layout";
import { Access } from "../../abi/mmu";
import { ObjectKind, Prot } from "../../abi/syscall";
import { Counter, counterAdd } from "../arch/counters";
import { walk } from "../arch/paging";
import { Leaf } from "../arch/pat";
import { PTE_A, PTE_D, PTE_RW } from "../arch/pte";
import { Entry, EntryFlag, entryAt, entryIndex, entryLeaf, mapFind } from "./entry";
import { imageFill } from "./imagetable";
import { Obj, objectFrame, objectIsRam } from "./object";
import { PageState, pageGet, pageOf, pageSetState } from "./page";
import { pmmFree } from "./pmm";
import { runAlloc } from "./reserve";
import { RUN_SLOTS_AT, Space } from "./space";
import { ptLeafAt, ptMap } from "./table";

export const enum FaultResult {
  OK = 0, // the access works now
  BAD = 1, // the map does not allow it
  NO_MEMORY = 2,
}

/** Makes an access of a user byte at va possible, or says why not. access: Access.READ or Access.WRITE. */
export function faultResolve(space: Space, va: u32, access: Access): FaultResult {
  const vpn = va >> 12;
  let entry = mapFind(space, vpn);
  if (entry == null) {
    entry = growStack(space, vpn);
    if (entry == null) return FaultResult.BAD;
  }
  if (!entryAllows(entry, access)) return FaultResult.BAD;
  const at = ptLeafAt(space, vpn);
  if (at != 0) {
    const leaf = load<u64>(at);
    // Present with the rights that the entry gives now: the TLB did not have it yet.
    if (leaf != 0)
      return access == Access.READ || (leaf & PTE_RW) != 0 ? FaultResult.OK : FaultResult.BAD;
  }
  counterAdd(Counter.FAULTS, 1);
  space.faults++;
  const pfn = supply(space, entry, vpn);
  if (pfn == 0)
    return objectIsRam(changetype<Obj>(entry.object)) ? FaultResult.NO_MEMORY : FaultResult.BAD;
  const leaf = entryLeaf(entry, pfn, Leaf.PAGE_4K) | PTE_A | (access == Access.WRITE ? PTE_D : 0);
  if (!ptMap(space, vpn, leaf)) {
    if (changetype<Obj>(entry.object).kind != ObjectKind.SHARED_ANON) pmmFree(pfn);
    return FaultResult.NO_MEMORY;
  }
  if (changetype<Obj>(entry.object).kind == ObjectKind.SHARED_ANON) pageGet(pfn);
  space.residentPages++;
  return FaultResult.OK;
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
  if (!(entry.flags & EntryFlag.STACK)) return null;
  entry.start = vpn;
  return entry;
}

/** The frame that page vpn of an entry shows: a new one with its first contents, or the shared object's. 0: none. */
function supply(space: Space, entry: Entry, vpn: u32): u32 {
  const object = changetype<Obj>(entry.object);
  const kind = object.kind;
  if (kind == ObjectKind.SHARED_ANON)
    return objectFrame(object, entry.offset + (vpn - entry.start));
  if (kind != ObjectKind.ANON && kind != ObjectKind.IMAGE) return 0;
  const want = (space.brk + 4095) >> 12;
  const pfn = runAlloc(changetype<usize>(space) + RUN_SLOTS_AT, vpn, want, true);
  if (pfn == 0) return 0;
  const page = pageOf(pfn);
  pageSetState(page, PageState.OBJECT);
  page.owner = changetype<usize>(object);
  if (kind == ObjectKind.IMAGE) {
    const va = (object.first + entry.offset + (vpn - entry.start)) << 12;
    imageFill(object.table, object.tableCount, object.file, va, (<usize>pfn) << 12);
  }
  return pfn;
}
