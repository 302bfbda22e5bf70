// Paging: what hardware does with four-level tables (Intel SDM 3A 4.5 to 4.8). Tables are read where they lie in RAM.
//
// Invariants
//   G1  Rights are the AND of RW and US over the levels and the OR of NX.
//   G2  A is set in every entry that a successful walk used, D in the leaf of a write, each with one atomic or.
//   G3  A present entry with a reserved bit set faults with RSVD and P, whatever the access.
//
// Locks     kernel lock: tables only change under it.
// Not here  Making, counting and freeing tables (mm/table.ts).

import { FaultBit } from "../../abi/pte";
import { patSplit } from "./pat";
import { CpuRecord, cpuRecord } from "./percpu";
import {
  PTE_A,
  PTE_D,
  PTE_FRAME,
  PTE_NX,
  PTE_P,
  PTE_PS,
  PTE_RSVD,
  PTE_RSVD_2M,
  PTE_RSVD_TABLE,
  PTE_RW,
  PTE_US,
} from "./pte";

/** Host address of the entry of va in the table at pfn, for the level whose index starts at bit `shift`. */
// @ts-ignore: decorator
@inline
export function ptSlot(table: u64, va: u64, shift: u64): usize {
  return <usize>(table & PTE_FRAME) + ((<usize>(va >> shift) & 511) << 3);
}

/**
 * Translates va as the MMU does for a data access by user or supervisor code. Returns the leaf as a 4 KiB entry with the rights of all
 * levels folded in (a page of a 2 MiB leaf looks like the 4 KiB leaf that a split would give), or 0: then the CPU record's walkError
 * holds the page-fault error code. Sets A and D.
 */
export function walk(root: u32, va: u64, write: bool, user: bool): u64 {
  const at4 = ptSlot(<u64>root << 12, va, 39);
  const e4 = load<u64>(at4);
  if (!(e4 & PTE_P)) return fail(0, write, user);
  if (e4 & PTE_RSVD_TABLE) return fail(FaultBit.P | FaultBit.RSVD, write, user);
  const at3 = ptSlot(e4, va, 30);
  const e3 = load<u64>(at3);
  if (!(e3 & PTE_P)) return fail(0, write, user);
  if (e3 & PTE_RSVD_TABLE) return fail(FaultBit.P | FaultBit.RSVD, write, user);
  const at2 = ptSlot(e3, va, 21);
  const e2 = load<u64>(at2);
  if (!(e2 & PTE_P)) return fail(0, write, user);
  let rights = e4 & e3 & e2;
  let never = e4 | e3 | e2;
  let leafAt = at2;
  let leaf = e2;
  if (e2 & PTE_PS) {
    if (e2 & PTE_RSVD_2M) return fail(FaultBit.P | FaultBit.RSVD, write, user);
  } else {
    if (e2 & PTE_RSVD) return fail(FaultBit.P | FaultBit.RSVD, write, user);
    leafAt = ptSlot(e2, va, 12);
    leaf = load<u64>(leafAt);
    if (!(leaf & PTE_P)) return fail(0, write, user);
    if (leaf & PTE_RSVD) return fail(FaultBit.P | FaultBit.RSVD, write, user);
    rights &= leaf;
    never |= leaf;
  }
  // CR0.WP is 1: a supervisor write needs RW as well.
  if ((user && !(rights & PTE_US)) || (write && !(rights & PTE_RW))) return fail(FaultBit.P, write, user);
  if (!(e4 & e3 & e2 & PTE_A)) {
    if (!(e4 & PTE_A)) atomic.or<u64>(at4, PTE_A);
    if (!(e3 & PTE_A)) atomic.or<u64>(at3, PTE_A);
    if (leafAt != at2 && !(e2 & PTE_A)) atomic.or<u64>(at2, PTE_A);
  }
  const want: u64 = write ? PTE_A | PTE_D : PTE_A;
  if ((leaf & want) != want) leaf = atomic.or<u64>(leafAt, want) | want;
  if (leafAt == at2) leaf = patSplit(leaf) + (va & 0x1ff000);
  return (leaf & ~(PTE_RW | PTE_US)) | (rights & (PTE_RW | PTE_US)) | (never & PTE_NX);
}

/**
 * Host address of the entry that decides about va: its leaf, or the first entry on the way that is not present, 4 KiB level when
 * everything above is. Nothing is changed. The level of the entry (1 to 4) is left in walkLevel of the CPU record.
 */
export function walkEntry(root: u32, va: u64): usize {
  const record = changetype<CpuRecord>(cpuRecord);
  let table = <u64>root << 12;
  for (let level: u32 = 4; level > 1; level--) {
    const at = ptSlot(table, va, <u64>(3 + 9 * level));
    const e = load<u64>(at);
    if (!(e & PTE_P) || (level == 2 && (e & PTE_PS) != 0)) {
      record.walkLevel = level;
      return at;
    }
    table = e;
  }
  record.walkLevel = 1;
  return ptSlot(table, va, 12);
}

// @ts-ignore: decorator
@inline
function fail(bits: u32, write: bool, user: bool): u64 {
  changetype<CpuRecord>(cpuRecord).walkError = bits | (write ? FaultBit.W : 0) | (user ? FaultBit.U : 0);
  return 0;
}
