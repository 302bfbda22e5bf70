// Frametype: the memory type of a frame of RAM, and the kernel's own mappings, which follow it: no frame is mapped with two types.
// Device ranges are in the table of mm/memtype.ts; frames of RAM keep their type in their descriptor, since they are scattered.
//
// Invariants
//   Y4  The type of a frame (Page.flags, 0 is WB) is that of its entry in the direct map and of every user leaf that names it.
//   Y5  Only frames of shared anonymous objects have another type than WB; a frame that is freed is WB again.
//   Y6  A 2 MiB leaf of the direct map is split while one of its frames has another type, and merged when none has.
//
// Locks     kernel lock.

import { MemType } from "../../abi/pte";
import { ptSlot } from "../arch/paging";
import {
  Leaf,
  PAT_VALUE,
  patBits,
  patIndex4K,
  patMask,
  patMerge,
  patSplit,
  patType,
} from "../arch/pat";
import { PT_ENTRIES, PTE_FRAME, PTE_P, PTE_PS, pteFrame, pteTable } from "../arch/pte";
import { DEVICE_MAP, DIRECT_MAP } from "./kernelhalf";
import { pageOf } from "./page";
import { pmmFree } from "./pmm";
import { tableAlloc } from "./table";
import { MmVar, mmVar, mmVarSet } from "./vars";

/** Bits of Page.flags: the type, kept as its difference from WB, and whether the frame is pinned (mm/wire.ts). */
const TYPE_SHIFT: u8 = 4;
const TYPE_MASK: u8 = 0x70;
export const FRAME_PINNED: u8 = 0x80;

export function frameType(pfn: u32): MemType {
  return <MemType>(((pageOf(pfn).flags & TYPE_MASK) >> TYPE_SHIFT) ^ MemType.WB);
}

/** Frames of RAM whose type is not WB. */
export function frameTypedCount(): u32 {
  return mmVar(MmVar.TYPED_FRAMES);
}

/** Gives a frame of RAM a type, in its descriptor and in the kernel's mapping. False: no memory for a table, and nothing changed. */
export function frameSetType(pfn: u32, type: MemType): bool {
  const page = pageOf(pfn);
  const old = frameType(pfn);
  if (old == type) return true;
  if (!directSet(pfn, type)) return false;
  page.flags = (page.flags & ~TYPE_MASK) | ((<u8>type ^ <u8>MemType.WB) << TYPE_SHIFT);
  const change: u32 = old == MemType.WB ? 1 : type == MemType.WB ? u32.MAX_VALUE : 0;
  mmVarSet(MmVar.TYPED_FRAMES, frameTypedCount() + change);
  return true;
}

/** The kernel's own mapping of device frames takes a type; frames that the kernel does not map are none of its business. */
export function kernelDeviceSet(first: u32, frames: u32, type: MemType): void {
  for (let i: u32 = 0; i < frames; i++) {
    const at = smallLeafAt(DEVICE_MAP + ((<u64>(first + i)) << 12));
    if (at != 0) retag(at, type);
  }
}

/** The type with which the kernel's direct map has a frame of RAM. */
export function directType(pfn: u32): MemType {
  const at2 = directory(DIRECT_MAP + ((<u64>pfn) << 12));
  if (at2 == 0 || !(load<u64>(at2) & PTE_P)) return MemType.WB;
  const e2 = load<u64>(at2);
  const leaf = e2 & PTE_PS ? patSplit(e2) : load<u64>(ptSlot(e2, (<u64>pfn) << 12, 12));
  return patType(PAT_VALUE, patIndex4K(leaf));
}

function directSet(pfn: u32, type: MemType): bool {
  const va = DIRECT_MAP + ((<u64>pfn) << 12);
  const at2 = directory(va);
  if (at2 == 0) return true;
  if (load<u64>(at2) & PTE_PS && !splitLarge(at2)) return false;
  const at = smallLeafAt(va);
  if (at == 0) return true;
  retag(at, type);
  if (type == MemType.WB) mergeSmall(at2);
  return true;
}

function splitLarge(at2: usize): bool {
  const table = tableAlloc(0);
  if (table == 0) return false;
  const small = patSplit(load<u64>(at2));
  for (let i: u32 = 0; i < PT_ENTRIES; i++) {
    store<u64>(((<usize>table) << 12) + ((<usize>i) << 3), small + ((<u64>i) << 12));
  }
  pageOf(table).refs = PT_ENTRIES;
  store<u64>(at2, pteTable(table, false));
  return true;
}

/** The 2 MiB leaf again if all 512 entries are there and alike. The first chunk (no page 0) and a short tail never are. */
function mergeSmall(at2: usize): void {
  const e2 = load<u64>(at2);
  const table = <usize>(e2 & PTE_FRAME);
  const first = load<u64>(table);
  if (!(first & PTE_P) || (pteFrame(first) & (PT_ENTRIES - 1)) != 0) return;
  for (let i: u32 = 1; i < PT_ENTRIES; i++) {
    if (load<u64>(table + ((<usize>i) << 3)) != first + ((<u64>i) << 12)) return;
  }
  store<u64>(at2, patMerge(first));
  pmmFree(pteFrame(e2));
}

function retag(at: usize, type: MemType): void {
  store<u64>(at, (load<u64>(at) & ~patMask(Leaf.PAGE_4K)) | patBits(type, Leaf.PAGE_4K));
}

/** Host address of the kernel's PD entry of va, 0: there is no PD. */
function directory(va: u64): usize {
  const e4 = load<u64>(ptSlot((<u64>mmVar(MmVar.KERNEL_ROOT)) << 12, va, 39));
  if (!(e4 & PTE_P)) return 0;
  const e3 = load<u64>(ptSlot(e4, va, 30));
  return e3 & PTE_P ? ptSlot(e3, va, 21) : 0;
}

/** Host address of the kernel's present 4 KiB leaf of va, 0: none. */
function smallLeafAt(va: u64): usize {
  const at2 = directory(va);
  if (at2 == 0) return 0;
  const e2 = load<u64>(at2);
  if ((e2 & (PTE_P | PTE_PS)) != PTE_P) return 0;
  const at = ptSlot(e2, va, 12);
  return load<u64>(at) & PTE_P ? at : 0;
}
