// Kernel half: the upper half of every root, made once at boot.
//
//   0xFFFF_8000_0000_0000   direct map of RAM: 2 MiB global NX supervisor leaves; small leaves for the first 2 MiB (page 0 is mapped
//                           to nobody) and for a tail that is not a whole 2 MiB
//   0xFFFF_C000_0000_0000   devices the kernel itself uses, at this base plus their physical address, UC
//   slot 510                the root itself
//
// Locks     boot only; constant afterwards, so that spaces copy the entries of the root.

import { Frame, PhysFrame } from "../../abi/layout";
import { MemType } from "../../abi/pte";
import { ptSlot } from "../arch/paging";
import { Leaf, patBits } from "../arch/pat";
import {
  PT_ENTRIES,
  PTE_A,
  PTE_D,
  PTE_G,
  PTE_NX,
  PTE_P,
  PTE_PS,
  PTE_RW,
  pteTable,
} from "../arch/pte";
import { Panic, panic } from "../lib/panic";
import { memtypeReserve } from "./memtype";
import { pageOf } from "./page";
import { tableAlloc, tableRoot } from "./table";
import { MmVar, mmVarSet } from "./vars";

export const DIRECT_MAP: u64 = 0xffff_8000_0000_0000;
export const DEVICE_MAP: u64 = 0xffff_c000_0000_0000;
const KERNEL_LEAF: u64 = PTE_P | PTE_RW | PTE_G | PTE_NX | PTE_A | PTE_D;
/** One bus of configuration space: 32 devices of 8 functions of 4 KiB. */
const ECAM_FRAMES: u32 = 256;

export function kernelHalfBoot(frames: u32): void {
  const root = tableRoot(false);
  if (root == 0) panic(Panic.NO_MEMORY, 0);
  mmVarSet(MmVar.KERNEL_ROOT, root);
  let pfn: u32 = 1;
  const ram = KERNEL_LEAF | patBits(MemType.WB, Leaf.PAGE_4K);
  while (pfn < frames) {
    const va = DIRECT_MAP + ((<u64>pfn) << 12);
    if ((pfn & 511) == 0 && pfn + PT_ENTRIES <= frames) {
      kernelMap(
        root,
        va,
        2,
        ((<u64>pfn) << 12) | KERNEL_LEAF | PTE_PS | patBits(MemType.WB, Leaf.PAGE_2M),
      );
      pfn += PT_ENTRIES;
    } else {
      kernelMap(root, va, 1, ((<u64>pfn) << 12) | ram);
      pfn++;
    }
  }
  mapDevice(root, PhysFrame.ECAM, ECAM_FRAMES);
  mapDevice(root, PhysFrame.LAPIC, 1);
}

function mapDevice(root: u32, first: u32, frames: u32): void {
  if (memtypeReserve(first, frames, MemType.UC, true, 0, 0x6c656e72656b, 0) != 0)
    panic(Panic.NO_MEMORY, first);
  for (let i: u32 = 0; i < frames; i++) {
    const pa = (<u64>(first + i)) << (<u64>Frame.SHIFT);
    kernelMap(root, DEVICE_MAP + pa, 1, pa | KERNEL_LEAF | patBits(MemType.UC, Leaf.PAGE_4K));
  }
}

function kernelMap(root: u32, va: u64, level: u32, leaf: u64): void {
  let at = ptSlot((<u64>root) << 12, va, 39);
  for (let shift: u64 = 30; ; shift -= 9) {
    let e = load<u64>(at);
    if (e == 0) {
      const pfn = tableAlloc(0);
      if (pfn == 0) panic(Panic.NO_MEMORY, pfn);
      e = pteTable(pfn, false);
      store<u64>(at, e);
      if (shift != 30) pageOf(<u32>(at >> 12)).refs++;
    }
    at = ptSlot(e, va, shift);
    if ((shift == 21 && level == 2) || shift == 12) break;
  }
  store<u64>(at, leaf);
  pageOf(<u32>(at >> 12)).refs++;
}
