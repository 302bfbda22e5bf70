// Memory types: the only place where they are encoded into and decoded from page-table entries (Intel SDM 3A 12.12).
//
// Invariants
//   T1  The PAT bit is bit 7 of a 4 KiB entry and bit 12 of a 2 MiB entry, where bit 7 is PS.
//   T2  Clearing the PAT bit of an entry that patBits made gives the same type or a stricter one.

import { MemType } from "../../abi/pte";
import { PTE_PAT_2M, PTE_PAT_4K, PTE_PCD, PTE_PS, PTE_PWT } from "./pte";

/** Entries 0..7 from the low byte: WB WT UC- UC WB WT WC UC. */
export const PAT_VALUE: u64 = 0x0001_0406_0007_0406;

export const enum Leaf {
  PAGE_4K = 1,
  PAGE_2M = 2,
}

/** The type that a PAT value gives to an index. */
// @ts-ignore: decorator
@inline
export function patType(pat: u64, index: u32): MemType {
  return <MemType>((<u32>(pat >> <u64>(index << 3))) & 7);
}

/** The index by which this kernel asks for a type. Types the PAT does not have are asked for as UC. */
export function patIndexOf(type: MemType): u32 {
  switch (type) {
    case MemType.WB: return 0;
    case MemType.WT: return 1;
    case MemType.UC_MINUS: return 2;
    case MemType.WC: return 6;
    default: return 3;
  }
}

/** Entry bits of a PAT index in a leaf of a size. */
export function patBitsOfIndex(index: u32, leaf: Leaf): u64 {
  let bits: u64 = 0;
  if (index & 1) bits |= PTE_PWT;
  if (index & 2) bits |= PTE_PCD;
  if (index & 4) bits |= leaf == Leaf.PAGE_2M ? PTE_PAT_2M : PTE_PAT_4K;
  return bits;
}

/** Entry bits that ask for a memory type in a leaf of a size. */
export function patBits(type: MemType, leaf: Leaf): u64 {
  return patBitsOfIndex(patIndexOf(type), leaf);
}

/** PAT index of a 4 KiB leaf. */
// @ts-ignore: decorator
@inline
export function patIndex4K(e: u64): u32 {
  return (<u32>(e >> 3) & 3) | ((<u32>(e >> 7) & 1) << 2);
}

/** PAT index of a 2 MiB leaf. */
// @ts-ignore: decorator
@inline
export function patIndex2M(e: u64): u32 {
  return (<u32>(e >> 3) & 3) | ((<u32>(e >> 12) & 1) << 2);
}

/** The mask of all bits that choose the type in a leaf of a size. */
export function patMask(leaf: Leaf): u64 {
  return PTE_PWT | PTE_PCD | (leaf == Leaf.PAGE_2M ? PTE_PAT_2M : PTE_PAT_4K);
}

/** The first 4 KiB leaf of a split 2 MiB leaf: the PAT bit moves from 12 to 7 and PS goes. */
// @ts-ignore: decorator
@inline
export function patSplit(e: u64): u64 {
  const pat: u64 = (e & PTE_PAT_2M) >> 5;
  return (e & ~(PTE_PAT_2M | PTE_PS)) | pat;
}

/** The 2 MiB leaf whose first page is the 4 KiB leaf e: the inverse of patSplit. */
// @ts-ignore: decorator
@inline
export function patMerge(e: u64): u64 {
  const pat: u64 = (e & PTE_PAT_4K) << 5;
  return (e & ~PTE_PAT_4K) | pat | PTE_PS;
}
