// Early: the allocator of tables that live for ever, before there are frames to allocate.

import { BootBlock, BootMagic } from "../../abi/boot";
import { PhysAddr } from "../../abi/layout";
import { Panic, panic } from "../lib/panic";
import { Vars } from "../lib/vars";
import { MmVar, mmVar, mmVarSet } from "./vars";

/** Opens bootAlloc: the first call of boot(). */
export function mmBootEarly(): void {
  if (bootWord(BootBlock.MAGIC) != BootMagic.VALUE) panic(Panic.BOOT_BLOCK, BootBlock.MAGIC);
  memory.fill(Vars.MM, 0, 4096);
  mmVarSet(MmVar.EARLY_NEXT, PhysAddr.KERNEL_TABLES);
  const initrd = bootWord(BootBlock.INITRD);
  mmVarSet(MmVar.EARLY_END, initrd != 0 ? initrd : bootWord(BootBlock.RAM_BYTES));
}

/** A zeroed table of this many bytes that lives for ever, 64-byte aligned. Between mmBootEarly and mmBoot; panics when out of room. */
export function bootAlloc(bytes: u32): usize {
  const at = (mmVar(MmVar.EARLY_NEXT) + 63) & ~63;
  if (at > mmVar(MmVar.EARLY_END) || bytes > mmVar(MmVar.EARLY_END) - at)
    panic(Panic.TABLES_OVERLAP, bytes);
  mmVarSet(MmVar.EARLY_NEXT, at + bytes);
  memory.fill(at, 0, bytes);
  return at;
}

/** A word of the boot block. */
export function bootWord(which: BootBlock): u32 {
  return load<u32>(<usize>PhysAddr.BOOT_BLOCK + <usize>which);
}
