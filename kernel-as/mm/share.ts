// Share: page tables that several spaces name, from the root down. A clone copies one entry; what differs is copied when it changes.
//
//   root A --RW 0--+
//                  +--> PDPT (2 sharers) --RW 1--> PD --RW 1--> PT --RW 1--> frame
//   root B --RW 0--+
//
// Before anything below a root changes, the tables on the way become the space's own (shareOwn): a table with one sharer is made writable
// again; one with several is copied, and its children get one sharer more. At most three tables are copied for one page.
//
// Invariants
//   S1  The sharers of a table are the entries that name it; a root has one.
//   S2  An entry that names a table with several sharers has RW clear. Rights are the AND over the levels (arch/paging.ts G1), so nobody
//       writes through it; A may be set through it by whoever walks.
//   S3  A table is changed only when RW is set in every entry on the way to it; except by what changes nothing that its pages show: taking
//       frames away and bringing them back (mm/evict.ts, mm/pagein.ts).
//   S4  A leaf of private memory whose frame or slot has several references, taken together and pins apart, has COW set. COW is never set
//       together with RW.
//   S5  Leaves of devices and of shared objects keep RW, also in a copied table, and never have COW.
//
// Locks     kernel lock.
// Not here  Copies of pages (mm/cow.ts); whole spaces (mm/clone.ts).

import { ObjectKind } from "../../abi/syscall";
import { Counter, counterAdd } from "../arch/counters";
import { ptSlot } from "../arch/paging";
import {
  PT_ENTRIES,
  PTE_COW,
  PTE_P,
  PTE_PS,
  PTE_RW,
  PTE_SWAPPED,
  pteFrame,
  pteTable,
} from "../arch/pte";
import { leafDrop, leafIsRam } from "./batch";
import { Obj } from "./object";
import { pageGet, pageOf } from "./page";
import { pmmFree } from "./pmm";
import { rmapAdd, rmapReserve, rmapTrim } from "./rmap";
import { slotGet } from "./slot";
import { Space } from "./space";
import { ptNext, tableAlloc } from "./table";
import { MmVar, mmVar } from "./vars";

/** Entries that name a table. */
export function tableSharers(pfn: u32): u32 {
  return pageOf(pfn).link;
}

/** True if a frame is RAM that a write must not change for others: its object is private. */
export function frameIsPrivate(pfn: u32): bool {
  if (pfn >= mmVar(MmVar.FRAMES)) return false;
  const owner = pageOf(pfn).owner;
  if (owner == 0) return false;
  const kind = changetype<Obj>(owner).kind;
  return kind == ObjectKind.ANON || kind == ObjectKind.IMAGE;
}

/** True if the tables on the way to the entry of vpn in its PT (PD for a 2 MiB leaf) are this space's own, as far as there are any. */
export function shareIsOwn(space: Space, vpn: u32): bool {
  const va = (<u64>vpn) << 12;
  const e4 = load<u64>(ptSlot((<u64>space.root) << 12, va, 39));
  if (!(e4 & PTE_P)) return true;
  if (!(e4 & PTE_RW)) return false;
  const e3 = load<u64>(ptSlot(e4, va, 30));
  if (!(e3 & PTE_P)) return true;
  if (!(e3 & PTE_RW)) return false;
  const e2 = load<u64>(ptSlot(e3, va, 21));
  return !(e2 & PTE_P) || (e2 & (PTE_PS | PTE_RW)) != 0;
}

/**
 * Makes the tables on the way to vpn, down to `level` (1 PT, 2 PD), this space's own, as far as there are any. False: no memory; what
 * became its own stays so, which nobody sees.
 */
export function shareOwn(space: Space, vpn: u32, level: u32): bool {
  const va = (<u64>vpn) << 12;
  let at = ptSlot((<u64>space.root) << 12, va, 39);
  for (let below: u32 = 3; below >= level; below--) {
    const e = load<u64>(at);
    if (!(e & PTE_P) || (below == 1 && (e & PTE_PS) != 0)) return true;
    if (!(e & PTE_RW) && !shareOwnTable(space, at, below)) return false;
    at = ptSlot(load<u64>(at), va, <u64>(3 + 9 * below));
  }
  return true;
}

/**
 * Makes all tables of [start, end) this space's own before its leaves change. `whole`: the caller is going to clear them, so that shared page
 * tables that lie inside the range as a whole may stay (they are dropped), and those without a leaf in the range too. False: no memory.
 */
export function shareOwnRange(space: Space, start: u32, end: u32, whole: bool): bool {
  let vpn = start;
  while (vpn < end) {
    if (whole) vpn = ptNext(space, vpn, end);
    if (vpn >= end) break;
    const from = max(start, vpn & ~(PT_ENTRIES - 1));
    const next = min((vpn | (PT_ENTRIES - 1)) + 1, end);
    const level: u32 = whole && next - from == PT_ENTRIES && !isSoleTable(space, vpn) ? 2 : 1;
    if (!shareOwn(space, vpn, level)) return false;
    vpn = next;
  }
  return true;
}

/** Makes the table (level 1 PT to 3 PDPT) that the entry at `at` names the space's own: writable again, or copied. False: no memory. */
export function shareOwnTable(space: Space, at: usize, level: u32): bool {
  const e = load<u64>(at);
  const old = pageOf(pteFrame(e));
  if (old.link == 1) {
    store<u64>(at, e | PTE_RW);
    return true;
  }
  if (level == 1 && !rmapReserve(leavesPresent(pteFrame(e)))) return false;
  const pfn = tableAlloc(<u32>old.owner);
  if (pfn == 0) {
    rmapTrim();
    return false;
  }
  const from = (<usize>pteFrame(e)) << 12;
  const to = (<usize>pfn) << 12;
  if (level == 1) copyLeaves(from, to);
  else copyTables(from, to);
  pageOf(pfn).refs = old.refs;
  old.link--;
  store<u64>(at, pteTable(pfn, true));
  counterAdd(Counter.TABLE_COPIES, 1);
  counterAdd(Counter.PTE_COPIES, old.refs);
  counterAdd(Counter.REFERENCE_OPS, 1);
  return true;
}

/** The empty tree of `space` becomes that of `source`: one entry. The caller drops the write translations of the source. */
export function shareTree(space: Space, source: Space): void {
  const from = (<usize>source.root) << 12;
  const e = load<u64>(from) & ~PTE_RW;
  if (e == 0) return;
  store<u64>(from, e);
  store<u64>((<usize>space.root) << 12, e);
  pageOf(space.root).refs = 1;
  pageOf(pteFrame(e)).link++;
  counterAdd(Counter.PTE_COPIES, 1);
  counterAdd(Counter.REFERENCE_OPS, 1);
}

/** Empties the tree of a space that no CPU has translations of. Costs one entry, and what no other space shares. */
export function shareDropTree(space: Space): void {
  const at = (<usize>space.root) << 12;
  const e4 = load<u64>(at);
  space.residentPages = 0;
  space.tablePages = 1;
  if (e4 == 0) return;
  store<u64>(at, 0);
  pageOf(space.root).refs = 0;
  if (!isLastSharer(e4)) return;
  const pdpt = (<usize>pteFrame(e4)) << 12;
  for (let i: usize = 0; i < 4096; i += 8) {
    const e3 = load<u64>(pdpt + i);
    if (e3 != 0) dropDirectory(e3);
  }
  pmmFree(pteFrame(e4));
}

/** True if vpn's page table has one sharer, or there is none: owning it costs nothing. */
function isSoleTable(space: Space, vpn: u32): bool {
  const va = (<u64>vpn) << 12;
  const e4 = load<u64>(ptSlot((<u64>space.root) << 12, va, 39));
  if (!(e4 & PTE_P)) return true;
  if (tableSharers(pteFrame(e4)) > 1) return false;
  const e3 = load<u64>(ptSlot(e4, va, 30));
  if (!(e3 & PTE_P)) return true;
  if (tableSharers(pteFrame(e3)) > 1) return false;
  const e2 = load<u64>(ptSlot(e3, va, 21));
  return (e2 & (PTE_P | PTE_PS)) != PTE_P || tableSharers(pteFrame(e2)) == 1;
}

/** Copies a table of tables: each child has one sharer more, in both without RW. 2 MiB leaves are devices' and stay as they are. */
function copyTables(from: usize, to: usize): void {
  for (let i: usize = 0; i < 4096; i += 8) {
    let e = load<u64>(from + i);
    if (e == 0) continue;
    if (!(e & PTE_PS)) {
      e &= ~PTE_RW;
      store<u64>(from + i, e);
      pageOf(pteFrame(e)).link++;
      counterAdd(Counter.REFERENCE_OPS, 1);
    }
    store<u64>(to + i, e);
  }
}

/** Copies a page table: each frame of RAM and each slot has one reference more; private ones are copy-on-write in both. */
function copyLeaves(from: usize, to: usize): void {
  const frames = mmVar(MmVar.FRAMES);
  for (let i: usize = 0; i < 4096; i += 8) {
    let leaf = load<u64>(from + i);
    if (leaf == 0) continue;
    const pfn = pteFrame(leaf);
    if (leaf & PTE_SWAPPED) {
      slotGet(pfn);
      counterAdd(Counter.REFERENCE_OPS, 1);
      leaf |= PTE_COW;
      store<u64>(from + i, leaf);
    } else if (leaf & PTE_P && pfn < frames) {
      pageGet(pfn);
      rmapAdd(pfn, to + i);
      counterAdd(Counter.REFERENCE_OPS, 1);
      if (frameIsPrivate(pfn)) {
        leaf = (leaf & ~PTE_RW) | PTE_COW;
        store<u64>(from + i, leaf);
      }
    }
    store<u64>(to + i, leaf);
  }
}

/** Leaves of a page table that name frames of RAM. */
function leavesPresent(pfn: u32): u32 {
  const frames = mmVar(MmVar.FRAMES);
  const table = (<usize>pfn) << 12;
  let n: u32 = 0;
  for (let i: usize = 0; i < 4096; i += 8) {
    const leaf = load<u64>(table + i);
    if (leaf & PTE_P && pteFrame(leaf) < frames) n++;
  }
  return n;
}

/** Takes one sharer from the table that e names. True: it was the last. */
function isLastSharer(e: u64): bool {
  const page = pageOf(pteFrame(e));
  counterAdd(Counter.REFERENCE_OPS, 1);
  page.link--;
  return page.link == 0;
}

function dropDirectory(e3: u64): void {
  if (!isLastSharer(e3)) return;
  const directory = (<usize>pteFrame(e3)) << 12;
  for (let i: usize = 0; i < 4096; i += 8) {
    const e2 = load<u64>(directory + i);
    if (e2 != 0 && !(e2 & PTE_PS)) dropTable(e2);
  }
  pmmFree(pteFrame(e3));
}

function dropTable(e2: u64): void {
  if (!isLastSharer(e2)) return;
  const table = (<usize>pteFrame(e2)) << 12;
  for (let i: usize = 0; i < 4096; i += 8) {
    const leaf = load<u64>(table + i);
    if (leafIsRam(leaf)) leafDrop(leaf, table + i, -1);
  }
  pmmFree(pteFrame(e2));
}
