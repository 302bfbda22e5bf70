// Memory at boot, by CPU 0: kernel tables (bootAlloc), then the memory map and the frame allocator.
//
//   0        1 MiB    KERNEL_TABLES ...     early end        initrd            RAM_BYTES
//   | low    | static | tables of all parts |  free          | reserved | free |
//
// Invariants
//   M1  Before the first frame is given out everything else is reserved: the low MiB, the kernel's data and tables, boot modules and
//       the holes of the memory map. Every other frame is free, also in a last chunk that is not whole.

import { BootBlock, MapType } from "../../abi/boot";
import { Frame, PhysAddr, PhysFrame } from "../../abi/layout";
import { Rom } from "../../abi/rom";
import { Panic, panic } from "../lib/panic";
import { bootAlloc, bootWord } from "./early";
import { kernelHalfBoot } from "./kernelhalf";
import { memtypeBoot } from "./memtype";
import { objectBoot } from "./object";
import { PageState } from "./page";
import { CHUNK_FRAMES, CHUNKS_MAX, pmmDonate } from "./pmm";
import { resourceBoot } from "./resource";
import { MmVar, mmVar, mmVarSet } from "./vars";

export { bootAlloc, mmBootEarly } from "./early";

const MAP_ENTRIES_MAX: u32 = 32;
const MAP_ENTRY_BYTES: usize = 24;

/** Frame allocator, tables of mm, kernel half of the page tables. Every other part has called bootAlloc before. */
export function mmBoot(): void {
  const ramBytes = bootWord(BootBlock.RAM_BYTES);
  const frames = ramBytes >> Frame.SHIFT;
  const chunks = (frames + CHUNK_FRAMES - 1) / CHUNK_FRAMES;
  if (frames <= <u32>PhysFrame.LOW_END || chunks > CHUNKS_MAX)
    panic(Panic.BOOT_BLOCK, BootBlock.RAM_BYTES);
  mmVarSet(MmVar.VRAM_HOST, bootWord(BootBlock.VRAM_HOST));
  mmVarSet(MmVar.VRAM_FRAMES, bootWord(BootBlock.VRAM_BYTES) >> Frame.SHIFT);
  mmVarSet(MmVar.ROM_HOST, bootWord(BootBlock.ROM_HOST));
  mmVarSet(MmVar.ROM_FRAMES, Rom.BYTES >> Frame.SHIFT);
  mmVarSet(MmVar.DISPLAY_HOST, bootWord(BootBlock.DISPLAY_HOST));

  mmVarSet(MmVar.FRAMES, frames);
  mmVarSet(MmVar.CHUNKS, chunks);
  mmVarSet(MmVar.PAGES, bootAlloc(frames << 5));
  mmVarSet(MmVar.BITMAP, bootAlloc(chunks << 6));
  mmVarSet(MmVar.CHUNK_FREE, bootAlloc(chunks << 1));
  mmVarSet(MmVar.CHUNK_OWNER, bootAlloc(chunks << 2));
  mmVarSet(<MmVar>(MmVar.COUNTS + (PageState.RESERVED << 2)), frames);
  objectBoot();
  memtypeBoot();
  resourceBoot();

  donateMap(frames);
  mmVarSet(MmVar.EARLY_END, mmVar(MmVar.EARLY_NEXT));
  kernelHalfBoot(frames);
}

/** Frees what the memory map calls RAM, without what is in use. */
function donateMap(frames: u32): void {
  const count = min<u32>(bootWord(BootBlock.MAP_COUNT), MAP_ENTRIES_MAX);
  for (let i: u32 = 0; i < count; i++) {
    const at = <usize>PhysAddr.BOOT_BLOCK + BootBlock.MAP + <usize>i * MAP_ENTRY_BYTES;
    if (load<u32>(at, 16) != MapType.RAM) continue;
    const base = load<u64>(at);
    const end = base + load<u64>(at, 8);
    const first = <u32>min<u64>((base + 4095) >> 12, <u64>frames);
    const stop = <u32>min<u64>(end >> 12, <u64>frames);
    for (let pfn = first; pfn < stop; pfn++) {
      if (!bootInUse(pfn) && !reservedByMap(pfn, count)) pmmDonate(pfn, pfn + 1);
    }
  }
}

/** A later entry of another type over a RAM entry is a hole in it. */
function reservedByMap(pfn: u32, count: u32): bool {
  const pa = (<u64>pfn) << 12;
  for (let i: u32 = 0; i < count; i++) {
    const at = <usize>PhysAddr.BOOT_BLOCK + BootBlock.MAP + <usize>i * MAP_ENTRY_BYTES;
    if (load<u32>(at, 16) == MapType.RAM) continue;
    const base = load<u64>(at);
    if (pa + 4096 > base && pa < base + load<u64>(at, 8)) return true;
  }
  return false;
}

function bootInUse(pfn: u32): bool {
  if (pfn < <u32>PhysFrame.LOW_END) return true;
  const pa = pfn << 12;
  if (pa < mmVar(MmVar.EARLY_NEXT)) return true;
  const initrd = bootWord(BootBlock.INITRD);
  if (initrd != 0 && pa + 4096 > initrd && pa < initrd + bootWord(BootBlock.INITRD_BYTES))
    return true;
  const line = bootWord(BootBlock.COMMAND_LINE);
  return pa + 4096 > line && pa < line + 4096;
}
