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
  RESERVE = 0x90, // free frames that programs' pages leave to tables and the kernel (mm/reclaim.ts)
  CLOCK_HAND = 0x94, // next frame that the clock looks at
  PV_FRAMES = 0x98, // list of frames with free nodes of reverse maps (mm/rmap.ts)
  PV_FREE = 0x9c, // free nodes in them
  SLOTS = 0xa0, // slots of the swap space, 0: off (mm/slot.ts)
  SLOTS_USED = 0xa4,
  SLOT_ROOT = 0xa8, // frame that names the frames of the slot table
  SLOT_CURSOR = 0xac, // where the next free slot is looked for
  SWAP_BLOCK = 0xb0, // first block of the swap partition
  SWAP_STATE = 0xb4, // SwapState (mm/swap.ts)
  CLEAN_HEAD = 0xb8, // list of frames that can be had without I/O (mm/cachelist.ts)
  CLEAN_TAIL = 0xbc,
  PENDING_HEAD = 0xc0, // list of frames that are to be written
  PENDING_TAIL = 0xc4,
  SWAP_REQUESTS = 0xc8, // under way
  SWAP_FAILURES = 0xcc, // writes that failed since one succeeded
  TYPED_FRAMES = 0xd0, // frames of RAM whose memory type is not WB
  GONE = 0xd4, // the object of what was revoked
  WIRINGS = 0xd8, // list of wirings (mm/wire.ts)
  SETTLING = 0xdc, // frames that are to be written once no store to them can be in flight
  TICKETS = 0xe0, // places ever given to CPUs that wait for a frame
  CLEAN_COUNT = 0xe4, // frames on the clean list
  READING = 0xe8, // frames that the disk is filling
  LEASED = 0xf0, // u64, one bit for each CPU (mm/lease.ts)
  OPEN_SUMMARY = 0x100, // one bit for each chunk that is open and has a free frame (64 bytes)
  ANY_SUMMARY = 0x180, // one bit for each chunk that has a free frame
  SWAP_IDS = 0x1c0, // one bit for each disk request of swap that is under way (32 bytes)
  FRAME_LIST = 0xe00, // scratch: the frames of one request (256 bytes; mm/swap.ts, mm/readahead.ts)
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
