// The fixed variables of mm: one page of shared memory (lib/vars.ts), laid out here.

import { Vars } from "../lib/vars";

export const enum MmVar {
  EARLY_NEXT = 0x00, // bootAlloc: next byte, end
  EARLY_END = 0x04,
  FRAMES = 0x08, // frames of RAM by number: holes count
  PAGES = 0x0c, // host address of the Page array
  BITMAP = 0x10, // one bit for each frame, 1 free
  CHUNKS = 0x14, // 2 MiB chunks
  CHUNK_FREE = 0x18, // u16 free frames of each chunk
  CHUNK_OWNER = 0x1c, // u32 for each chunk: host address of the u16 that reserves it, 0 open
  HINT = 0x20, // chunk where the next search begins
  JUNK = 0x24, // 1: junk fill and check
  COUNTS = 0x28, // frames by state, in the order of PageState
  KERNEL_ROOT = 0x48, // PML4 of CPUs without a process
  SPACES = 0x4c, // list of spaces
  OBJECTS = 0x50, // host address of the object table
  OBJECT_FREE = 0x54, // free list
  OBJECT_COUNT = 0x58, // in use
  ANON = 0x5c, // the object of all private anonymous memory
  MEMTYPES = 0x60, // host address of the memory type table
  MEMTYPE_COUNT = 0x64,
  RESOURCES = 0x68,
  RESOURCE_COUNT = 0x6c,
  VRAM_HOST = 0x70,
  VRAM_FRAMES = 0x74,
  ROM_HOST = 0x78,
  ROM_FRAMES = 0x7c,
  DISPLAY_HOST = 0x80,
  WAITERS = 0x84, // CPUs in a program's atomic wait
  GRANT_OFFSET = 0x88, // u64
  TYPED_FRAMES = 0xd0, // frames of RAM whose memory type is not WB
  GONE = 0xd4, // the object of what was revoked
  WIRINGS = 0xd8, // list of wirings (mm/wire.ts)
  LEASED = 0xf0, // u64, one bit for each CPU (mm/lease.ts)
  OPEN_SUMMARY = 0x100, // one bit for each chunk that is open and has a free frame (64 bytes)
  ANY_SUMMARY = 0x180, // one bit for each chunk that has a free frame
}

// @ts-ignore: decorator
@inline
export function mmVar(which: MmVar): u32 {
  return load<u32>(Vars.MM + <usize>which);
}

// @ts-ignore: decorator
@inline
export function mmVarSet(which: MmVar, value: u32): void {
  store<u32>(Vars.MM + <usize>which, value);
}
