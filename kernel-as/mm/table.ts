// Table: the life of page tables. Frames are taken for them on the way down and given back as soon as they are empty.
//
// Invariants
//   X1  The Page.refs of a table is the number of its entries that are not 0 (root: of its user half, slot 0).
//   X2  No table below the root is empty.
//   X3  A 2 MiB leaf and the 512 small leaves of its split have the same rights, type, G, A, D and software bits.
//
// Locks     kernel lock.
// Not here  Tables that several spaces share (mm/share.ts): only a space's own are changed here. What hardware does with tables
//           (arch/paging.ts); TLBs (mm/batch.ts drops translations before frames go).

import { Counter, counterAdd } from "../arch/counters";
import { ptSlot } from "../arch/paging";
import { patMerge, patSplit } from "../arch/pat";
import {
  PT_ENTRIES,
  PTE_A,
  PTE_D,
  PTE_FRAME,
  PTE_P,
  PTE_PS,
  PTE_RW,
  pteFrame,
  pteTable,
} from "../arch/pte";
import { Panic, panic } from "../lib/panic";
import { leafIsRam } from "./batch";
import { PageState, pageOf, pageSetState } from "./page";
import { pmmAlloc, pmmFree } from "./pmm";
import { shareIsOwn, shareOwn, shareOwnTable } from "./share";
import { Space } from "./space";
import { MmVar, mmVar } from "./vars";

const SELF_SLOT: usize = 510;

/** Owner of tables of spaces that are not page tables, and what is added to a page table's first page (mm/page.ts P4). */
const TABLE_OTHER: u32 = 1;
const TABLE_BASE: u32 = 1;
/** Its pages are not evicted: those of the first process, without which the machine is no use. */
const TABLE_KEPT: u32 = 2;
const FIRST_PID: u32 = 1;

/** The owner (mm/page.ts P4) of the page table around vpn. */
function tableOwner(space: Space, vpn: u32): u32 {
  const base = (vpn & ~(PT_ENTRIES - 1)) + TABLE_BASE;
  return space.ownerPid == FIRST_PID ? base | TABLE_KEPT : base;
}

/** The page that the entry at host address `at` of a page table maps. */
export function tablePage(at: usize): u32 {
  const base = <u32>pageOf(<u32>(at >> 12)).owner & ~(PT_ENTRIES - 1);
  return base + ((<u32>at & 4095) >> 3);
}

/** True if the page of the entry at host address `at` of a page table may be evicted. */
export function tableAllows(at: usize): bool {
  return (pageOf(<u32>(at >> 12)).owner & TABLE_KEPT) == 0;
}

/** An empty table; 0 no memory. owner: 0 the kernel's, else as mm/page.ts P4 says. */
export function tableAlloc(owner: u32): u32 {
  const pfn = pmmAlloc(true);
  if (pfn == 0) return 0;
  const page = pageOf(pfn);
  pageSetState(page, PageState.PTABLE);
  page.refs = 0;
  page.owner = owner;
  page.link = 1;
  return pfn;
}

/** A root whose upper half is the kernel's and whose slot 510 is itself; 0 no memory. */
export function tableRoot(space: bool): u32 {
  const root = tableAlloc(space ? TABLE_OTHER : 0);
  if (root == 0) return 0;
  const kernel = mmVar(MmVar.KERNEL_ROOT);
  if (kernel != 0) memory.copy(((<usize>root) << 12) + 2048, ((<usize>kernel) << 12) + 2048, 2048);
  store<u64>(((<usize>root) << 12) + (SELF_SLOT << 3), pteTable(root, false));
  return root;
}

/**
 * Makes the tables of a 4 KiB page that is not mapped, and makes them the space's own. Host address of its entry, for ptPut, or ptPrune if it
 * stays unmapped; 0: no memory, and nothing changed.
 */
export function ptRoom(space: Space, vpn: u32): usize {
  const at = descend(space, vpn, 1);
  if (at != 0 && load<u64>(at) != 0) panic(Panic.BAD_TABLE, vpn);
  return at;
}

/** Maps one 4 KiB page that is not mapped. Host address of its entry; 0: no memory, and nothing changed. */
export function ptMap(space: Space, vpn: u32, leaf: u64): usize {
  const at = ptRoom(space, vpn);
  if (at != 0) ptPut(at, leaf);
  return at;
}

/** Maps 2 MiB at vpn, a multiple of 512, where nothing is mapped. False: no memory, and nothing changed. */
export function ptMapLarge(space: Space, vpn: u32, leaf: u64): bool {
  const at = descend(space, vpn, 2);
  if (at == 0) return false;
  if (load<u64>(at) != 0) panic(Panic.BAD_TABLE, vpn);
  ptPut(at, leaf | PTE_PS);
  return true;
}

/** Host address of the leaf entry that maps vpn (PS set: a 2 MiB leaf), 0 if there is no table for it. It may hold 0. */
export function ptLeafAt(space: Space, vpn: u32): usize {
  const va = (<u64>vpn) << 12;
  const e4 = load<u64>(ptSlot((<u64>space.root) << 12, va, 39));
  if (!(e4 & PTE_P)) return 0;
  const e3 = load<u64>(ptSlot(e4, va, 30));
  if (!(e3 & PTE_P)) return 0;
  const at = ptSlot(e3, va, 21);
  const e2 = load<u64>(at);
  if (!(e2 & PTE_P)) return 0;
  return e2 & PTE_PS ? at : ptSlot(e2, va, 12);
}

/** As ptLeafAt, but 0 also when a table on the way is not the space's own (mm/share.ts S3), or the leaf is one of 2 MiB. */
export function ptOwnLeafAt(space: Space, vpn: u32): usize {
  const va = (<u64>vpn) << 12;
  const own = PTE_P | PTE_RW;
  const e4 = load<u64>(ptSlot((<u64>space.root) << 12, va, 39));
  if ((e4 & own) != own) return 0;
  const e3 = load<u64>(ptSlot(e4, va, 30));
  if ((e3 & own) != own) return 0;
  const e2 = load<u64>(ptSlot(e3, va, 21));
  return (e2 & (own | PTE_PS)) == own ? ptSlot(e2, va, 12) : 0;
}

/** The first page in [vpn, end) that a leaf maps, or end. Whole tables that are absent cost one step. */
export function ptNext(space: Space, vpn: u32, end: u32): u32 {
  while (vpn < end) {
    const va = (<u64>vpn) << 12;
    const e4 = load<u64>(ptSlot((<u64>space.root) << 12, va, 39));
    if (!(e4 & PTE_P)) return end;
    const e3 = load<u64>(ptSlot(e4, va, 30));
    if (!(e3 & PTE_P)) {
      vpn = (vpn | 0x3ffff) + 1;
      continue;
    }
    const e2 = load<u64>(ptSlot(e3, va, 21));
    if (!(e2 & PTE_P)) {
      vpn = (vpn | 511) + 1;
      continue;
    }
    if (e2 & PTE_PS) return vpn;
    const table = <usize>(e2 & PTE_FRAME);
    do {
      if (load<u64>(table + ((<usize>(vpn & 511)) << 3)) != 0) return vpn;
      vpn++;
    } while (vpn < end && (vpn & 511) != 0);
  }
  return end;
}

/** Clears the leaf at `at` (from ptLeafAt), which maps vpn, and frees tables that become empty. The TLB is the caller's. */
export function ptClear(space: Space, vpn: u32, at: usize): void {
  ptPut(at, 0);
  ptPrune(space, vpn);
}

/** Takes the shared page table around vpn out of this space's directory, which is its own. The table's frame. */
export function ptDropTable(space: Space, vpn: u32): u32 {
  const at = directorySlot(space, vpn);
  const pfn = pteFrame(load<u64>(at));
  const page = pageOf(pfn);
  if (page.link < 2) panic(Panic.BAD_TABLE, vpn);
  page.link--;
  counterAdd(Counter.REFERENCE_OPS, 1);
  space.tablePages--;
  ptPut(at, 0);
  ptPrune(space, vpn);
  return pfn;
}

/** True if the page table around vpn is there and not this space's own, its directory being so. */
export function ptIsShared(space: Space, vpn: u32): bool {
  const at = directorySlot(space, vpn);
  return at != 0 && (load<u64>(at) & (PTE_P | PTE_RW | PTE_PS)) == PTE_P;
}

/** Makes vpn a boundary between leaves: splits the 2 MiB leaf that it lies inside. False: no memory, and nothing changed. */
export function ptSplit(space: Space, vpn: u32): bool {
  if ((vpn & 511) == 0) return true;
  let at = ptLeafAt(space, vpn);
  if (at == 0) return true;
  if (!ptIsLarge(space, vpn)) return true;
  if (!shareOwn(space, vpn, 2)) return false;
  at = ptLeafAt(space, vpn);
  const large = load<u64>(at);
  const pfn = tableAlloc(tableOwner(space, vpn));
  if (pfn == 0) return false;
  space.tablePages++;
  const small = patSplit(large);
  for (let i: u32 = 0; i < PT_ENTRIES; i++) {
    store<u64>(((<usize>pfn) << 12) + ((<usize>i) << 3), small + ((<u64>i) << 12));
  }
  pageOf(pfn).refs = PT_ENTRIES;
  store<u64>(at, pteTable(pfn, true));
  counterAdd(Counter.SPLITS, 1);
  return true;
}

/** True if a 2 MiB leaf maps vpn. */
export function ptIsLarge(space: Space, vpn: u32): bool {
  const va = (<u64>vpn) << 12;
  const e4 = load<u64>(ptSlot((<u64>space.root) << 12, va, 39));
  if (!(e4 & PTE_P)) return false;
  const e3 = load<u64>(ptSlot(e4, va, 30));
  if (!(e3 & PTE_P)) return false;
  const e2 = load<u64>(ptSlot(e3, va, 21));
  return (e2 & (PTE_P | PTE_PS)) == (PTE_P | PTE_PS);
}

/** Undoes a split around vpn if the 512 leaves are one aligned range with equal bits (A and D apart, which are joined). */
export function ptMerge(space: Space, vpn: u32): bool {
  const at = ptLeafAt(space, vpn);
  if (at == 0 || ptIsLarge(space, vpn) || !shareIsOwn(space, vpn)) return false;
  const table = at & ~0xfff;
  const first = load<u64>(table);
  if (!(first & PTE_P) || (pteFrame(first) & 511) != 0) return false;
  const want = first & ~(PTE_A | PTE_D);
  let used: u64 = 0;
  for (let i: u32 = 0; i < PT_ENTRIES; i++) {
    const e = load<u64>(table + ((<usize>i) << 3));
    if ((e & ~(PTE_A | PTE_D)) != want + ((<u64>i) << 12)) return false;
    used |= e & (PTE_A | PTE_D);
  }
  const va = (<u64>vpn) << 12;
  const e4 = load<u64>(ptSlot((<u64>space.root) << 12, va, 39));
  const e3 = load<u64>(ptSlot(e4, va, 30));
  store<u64>(ptSlot(e3, va, 21), patMerge(want | used));
  tableFree(space, <u32>(table >> 12));
  counterAdd(Counter.MERGES, 1);
  return true;
}

/** Frees the tables around vpn that are empty. */
export function ptPrune(space: Space, vpn: u32): void {
  const va = (<u64>vpn) << 12;
  const at4 = ptSlot((<u64>space.root) << 12, va, 39);
  const e4 = load<u64>(at4);
  if (!(e4 & PTE_P)) return;
  const at3 = ptSlot(e4, va, 30);
  const e3 = load<u64>(at3);
  if (e3 & PTE_P) {
    const at2 = ptSlot(e3, va, 21);
    const e2 = load<u64>(at2);
    if ((e2 & (PTE_P | PTE_PS)) == PTE_P && pageOf(pteFrame(e2)).refs == 0) {
      ptPut(at2, 0);
      tableFree(space, pteFrame(e2));
    }
    if (pageOf(pteFrame(e3)).refs == 0) {
      ptPut(at3, 0);
      tableFree(space, pteFrame(e3));
    }
  }
  if (pageOf(pteFrame(e4)).refs == 0) {
    ptPut(at4, 0);
    tableFree(space, pteFrame(e4));
  }
}

/** Clears the leaf at `at` and nothing else: the tables around it may be shared. What it was. */
export function ptEmpty(at: usize): u64 {
  const leaf = load<u64>(at);
  ptPut(at, 0);
  return leaf;
}

/**
 * Takes empty tables around vpn out of those above them, also where those are shared: nobody sees a difference. True: it took one;
 * ptRecount of every space is due.
 */
export function ptPruneShared(space: Space, vpn: u32): bool {
  const va = (<u64>vpn) << 12;
  const at4 = ptSlot((<u64>space.root) << 12, va, 39);
  const e4 = load<u64>(at4);
  if (!(e4 & PTE_P)) return false;
  const at3 = ptSlot(e4, va, 30);
  const e3 = load<u64>(at3);
  let took = false;
  if (e3 & PTE_P) {
    const at2 = ptSlot(e3, va, 21);
    const e2 = load<u64>(at2);
    if ((e2 & (PTE_P | PTE_PS)) == PTE_P) took = dropEmpty(at2);
    if (dropEmpty(at3)) took = true;
  }
  return dropEmpty(at4) || took;
}

/** Counts again what a space's tables hold: itself, its tables, and its pages of RAM. */
export function ptRecount(space: Space): void {
  space.tablePages = 1;
  space.residentPages = 0;
  const e4 = load<u64>((<usize>space.root) << 12);
  if (e4 == 0) return;
  space.tablePages++;
  for (let i: u32 = 0; i < PT_ENTRIES; i++) {
    const e3 = load<u64>(<usize>(e4 & PTE_FRAME) + (i << 3));
    if (e3 != 0) recountDirectory(space, e3);
  }
}

function recountDirectory(space: Space, e3: u64): void {
  space.tablePages++;
  for (let i: u32 = 0; i < PT_ENTRIES; i++) {
    const e2 = load<u64>(<usize>(e3 & PTE_FRAME) + (i << 3));
    if (e2 == 0 || (e2 & PTE_PS) != 0) continue;
    space.tablePages++;
    for (let j: u32 = 0; j < PT_ENTRIES; j++) {
      const leaf = load<u64>(<usize>(e2 & PTE_FRAME) + (j << 3));
      if (leafIsRam(leaf)) space.residentPages++;
    }
  }
}

/** Clears the entry at `at` if it names an empty table, which goes with its last sharer. True: it did. */
function dropEmpty(at: usize): bool {
  const pfn = pteFrame(load<u64>(at));
  const page = pageOf(pfn);
  if (page.refs != 0) return false;
  ptPut(at, 0);
  page.link--;
  if (page.link == 0) pmmFree(pfn);
  return true;
}

/** Frees the root, once nothing is mapped. */
export function tableRootFree(space: Space): void {
  if (pageOf(space.root).refs != 0) panic(Panic.BAD_TABLE, space.root);
  tableFree(space, space.root);
}

function tableFree(space: Space, pfn: u32): void {
  if (pageOf(pfn).state != PageState.PTABLE) panic(Panic.BAD_TABLE, pfn);
  space.tablePages--;
  pmmFree(pfn);
}

/** Host address of the entry of vpn at a level (1 PT, 2 PD), with the tables above it made. 0: no memory, and nothing changed. */
function descend(space: Space, vpn: u32, level: u32): usize {
  const va = (<u64>vpn) << 12;
  let at = ptSlot((<u64>space.root) << 12, va, 39);
  for (let shift: u64 = 30; ; shift -= 9) {
    let e = load<u64>(at);
    if (!(e & PTE_P)) {
      const pfn = tableAlloc(shift == 12 ? tableOwner(space, vpn) : TABLE_OTHER);
      if (pfn == 0) {
        ptPrune(space, vpn);
        return 0;
      }
      space.tablePages++;
      e = pteTable(pfn, true);
      ptPut(at, e);
    } else if (shift != 30 && (e & PTE_PS) != 0) {
      panic(Panic.BAD_TABLE, vpn);
    } else if (!(e & PTE_RW)) {
      if (!shareOwnTable(space, at, <u32>(shift - 3) / 9)) return 0;
      e = load<u64>(at);
    }
    at = ptSlot(e, va, shift);
    if ((shift == 21 && level == 2) || shift == 12) break;
  }
  return at;
}

/** Host address of vpn's entry in its page directory; 0: there is none. */
function directorySlot(space: Space, vpn: u32): usize {
  const va = (<u64>vpn) << 12;
  const e4 = load<u64>(ptSlot((<u64>space.root) << 12, va, 39));
  if (!(e4 & PTE_P)) return 0;
  const e3 = load<u64>(ptSlot(e4, va, 30));
  return e3 & PTE_P ? ptSlot(e3, va, 21) : 0;
}

/** Writes an entry of a table that is the space's own and keeps the table's count. */
export function ptPut(at: usize, e: u64): void {
  const table = pageOf(<u32>(at >> 12));
  if (load<u64>(at) != 0) table.refs--;
  store<u64>(at, e);
  if (e != 0) table.refs++;
}
