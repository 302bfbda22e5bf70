// Resources: the physical ranges that mmap_device may map: BARs of PCI devices and the local APIC page.
//
// Locks     kernel lock; entries are never removed.

import { PhysFrame } from "../../abi/layout";
import { literalCopy } from "../lib/bytes";
import { bootAlloc } from "./early";
import { MmVar, mmVar, mmVarSet } from "./vars";

const RESOURCES_MAX: u32 = 64;

@unmanaged
export class Resource {
  first: u32;
  frames: u32;
  /** 1: may be mapped WB. */
  cacheable: u32;
  prefetchable: u32;
  /** NUL-padded name. */
  nameLow: u64;
  nameHigh: u64;
}

if (offsetof<Resource>() != 32) ERROR("Resource is 32 bytes");

export function resourceBoot(): void {
  mmVarSet(MmVar.RESOURCES, bootAlloc(RESOURCES_MAX * 32));
  resourceAdd(PhysFrame.LAPIC << 12, 4096, false, false, "lapic");
}

/** Declares a device range. owner: a literal of at most 16 characters. False: the table is full or the range is not whole frames. */
export function resourceAdd(base: u32, bytes: u32, cacheable: bool, prefetchable: bool, owner: string): bool {
  const n = mmVar(MmVar.RESOURCE_COUNT);
  if (n == RESOURCES_MAX || bytes == 0 || ((base | bytes) & 0xfff) != 0) return false;
  const r = resourceAt(n);
  r.first = base >> 12;
  r.frames = bytes >> 12;
  r.cacheable = cacheable ? 1 : 0;
  r.prefetchable = prefetchable ? 1 : 0;
  literalCopy(changetype<usize>(r) + offsetof<Resource>("nameLow"), owner);
  mmVarSet(MmVar.RESOURCE_COUNT, n + 1);
  return true;
}

export function resourceCount(): u32 {
  return mmVar(MmVar.RESOURCE_COUNT);
}

export function resourceAt(i: u32): Resource {
  return changetype<Resource>(<usize>mmVar(MmVar.RESOURCES) + (<usize>i << 5));
}

/** The resource that holds all of [first, first + frames), or null. */
export function resourceFind(first: u32, frames: u32): Resource | null {
  const count = resourceCount();
  for (let i: u32 = 0; i < count; i++) {
    const r = resourceAt(i);
    if (first >= r.first && first - r.first < r.frames && frames <= r.frames - (first - r.first)) return r;
  }
  return null;
}

/** Host address of the memory behind a device frame (VRAM, ROM), 0 for registers, which only the bus reaches. */
// @ts-ignore: decorator
@inline
export function deviceHost(pfn: u32): usize {
  if (pfn - PhysFrame.VRAM < mmVar(MmVar.VRAM_FRAMES)) {
    return <usize>mmVar(MmVar.VRAM_HOST) + (<usize>(pfn - PhysFrame.VRAM) << 12);
  }
  if (pfn - PhysFrame.ROM < mmVar(MmVar.ROM_FRAMES) && mmVar(MmVar.ROM_HOST) != 0) {
    return <usize>mmVar(MmVar.ROM_HOST) + (<usize>(pfn - PhysFrame.ROM) << 12);
  }
  return 0;
}

/** Frames of VRAM by their number in it; past its end for everything else. */
// @ts-ignore: decorator
@inline
export function vramFrame(pfn: u32): u32 {
  return pfn - PhysFrame.VRAM;
}

// @ts-ignore: decorator
@inline
export function isVram(pfn: u32): bool {
  return pfn - PhysFrame.VRAM < mmVar(MmVar.VRAM_FRAMES);
}
