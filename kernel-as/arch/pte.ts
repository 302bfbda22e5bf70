// Page-table entries as masks (Intel SDM 3A 4.5). Bit numbers are in abi/pte.ts; this folder is the only place that combines them.

import { PteBit } from "../../abi/pte";

export const PTE_P: u64 = 1 << <u64>PteBit.P;
export const PTE_RW: u64 = 1 << <u64>PteBit.RW;
export const PTE_US: u64 = 1 << <u64>PteBit.US;
export const PTE_PWT: u64 = 1 << <u64>PteBit.PWT;
export const PTE_PCD: u64 = 1 << <u64>PteBit.PCD;
export const PTE_A: u64 = 1 << <u64>PteBit.A;
export const PTE_D: u64 = 1 << <u64>PteBit.D;
export const PTE_PS: u64 = 1 << <u64>PteBit.PS;
export const PTE_G: u64 = 1 << <u64>PteBit.G;
export const PTE_COW: u64 = 1 << <u64>PteBit.COW;
export const PTE_SWAPPED: u64 = 1 << <u64>PteBit.SWAPPED;
export const PTE_DEMAND: u64 = 1 << <u64>PteBit.DEMAND;
export const PTE_PAT_4K: u64 = 1 << <u64>PteBit.PAT_4K;
export const PTE_PAT_2M: u64 = 1 << <u64>PteBit.PAT_2M;
export const PTE_WAS_DIRTY: u64 = (<u64>1) << <u64>PteBit.WAS_DIRTY;
export const PTE_NX: u64 = 1 << <u64>PteBit.NX;

/** The machine has 40 physical address bits (CPUID 0x80000008 of the machine it models). */
export const PTE_FRAME: u64 = 0x000000ff_fffff000;
export const PTE_FRAME_2M: u64 = 0x000000ff_ffe00000;
/** Reserved in every entry, and what is reserved besides in a 2 MiB leaf, and in entries that can only name a table. */
export const PTE_RSVD: u64 = 0x000fff00_00000000;
export const PTE_RSVD_2M: u64 = PTE_RSVD | 0x001fe000;
export const PTE_RSVD_TABLE: u64 = PTE_RSVD | PTE_PS;

/** Entries of a table, pages of a 2 MiB leaf. */
export const PT_ENTRIES: u32 = 512;

/** Frame number of an entry; exact for tables and 4 KiB leaves, the first frame for a 2 MiB leaf once PAT_2M is masked. */
// @ts-ignore: decorator
@inline
export function pteFrame(e: u64): u32 {
  return <u32>((e & PTE_FRAME) >> 12);
}

// @ts-ignore: decorator
@inline
export function pdeFrame2M(e: u64): u32 {
  return <u32>((e & PTE_FRAME_2M) >> 12);
}

/** An entry that names a table. Rights are narrowed by leaves only. */
// @ts-ignore: decorator
@inline
export function pteTable(pfn: u32, user: bool): u64 {
  return (<u64>pfn << 12) | PTE_P | PTE_RW | PTE_A | (user ? PTE_US : 0);
}

/** Right bits of a user leaf. Without any right it stays present but is the supervisor's (Prot.NONE keeps its frame). */
export function pteRights(readable: bool, writable: bool, executable: bool): u64 {
  let bits: u64 = PTE_P;
  if (readable || writable || executable) bits |= PTE_US;
  if (writable) bits |= PTE_RW;
  if (!executable) bits |= PTE_NX;
  return bits;
}

/** The bits that pteRights decides. */
export const PTE_RIGHTS: u64 = PTE_P | PTE_RW | PTE_US | PTE_NX;
