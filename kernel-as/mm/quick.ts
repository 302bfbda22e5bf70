// Quick: what a CPU answers about its own space without the lock: a page that is present, and the first touch of private anonymous
// memory. It changes its own space, that space's own tables and frames that are leased to it; whatever needs more is left to
// mm/fault.ts, which gives the same answer with the lock.
//
// Locks     none, but this CPU reads (arch/lock.ts): no map, table or frame changes under it except by itself.
// Not here  Stack growth, images, shared objects, copies, devices: the resolver with the lock (mm/fault.ts).

import { Access } from "../../abi/mmu";
import { MemType } from "../../abi/pte";
import { ObjectKind } from "../../abi/syscall";
import { counterFault } from "../arch/counters";
import { walk } from "../arch/paging";
import { Leaf } from "../arch/pat";
import { PTE_A, PTE_D } from "../arch/pte";
import { entryLeaf, mapFind } from "./entry";
import { entryAllows } from "./fault";
import { leaseTake } from "./lease";
import { Obj } from "./object";
import { pageOf } from "./page";
import { rmapSetSole } from "./rmap";
import { RUN_SLOTS_AT, Space } from "./space";
import { ptOwnLeafAt, ptPut } from "./table";

/** As faultWalk for the space that this CPU runs; 0 also when it takes the lock to say. */
export function quickWalk(space: Space, va: u32, access: Access): u64 {
  const write = access == Access.WRITE;
  const leaf = walk(space.root, va, write, true);
  if (leaf != 0) return leaf;
  return quickZero(space, va >> 12, access) ? walk(space.root, va, write, true) : 0;
}

/** Gives page vpn of private anonymous memory its first frame, of zeros. */
function quickZero(space: Space, vpn: u32, access: Access): bool {
  const entry = mapFind(space, vpn);
  if (entry == null || !entryAllows(entry, access) || entry.type != <u8>MemType.WB) return false;
  const object = entry.object;
  if (changetype<Obj>(object).kind != ObjectKind.ANON) return false;
  const at = ptOwnLeafAt(space, vpn);
  if (at == 0 || load<u64>(at) != 0) return false;
  const pfn = leaseTake(changetype<usize>(space) + RUN_SLOTS_AT, vpn);
  if (pfn == 0) return false;
  memory.fill((<usize>pfn) << 12, 0, 4096);
  pageOf(pfn).owner = object;
  rmapSetSole(pfn, at);
  ptPut(at, entryLeaf(entry, pfn, Leaf.PAGE_4K) | PTE_A | (access == Access.WRITE ? PTE_D : 0));
  space.residentPages++;
  space.faults++;
  counterFault();
  return true;
}
