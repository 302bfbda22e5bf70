// Space: one user address space: its page tables, its map of entries, its break.
//
//   the space's frame: Space, then the run slots (mm/reserve.ts) from RUN_SLOTS_AT on
//
// Invariants
//   A1  A space is one WIRED frame; its root is a PTABLE frame whose upper half is the kernel's.
//   A2  It runs on at most one CPU: slot is that CPU, or -1; the CPU's record names the space.
//   A3  brkStart <= brk <= brkMax, and the heap entries end at brk rounded up to a page.
//   A4  residentPages counts its pages of RAM, in memory or swapped out, tablePages its tables.
//
// Locks     kernel lock.

import { CpuBlock } from "../../abi/cpu";
import { Errno } from "../../abi/errno";
import { Limit, UserPage } from "../../abi/layout";
import { MemType } from "../../abi/pte";
import { ObjectKind, Prot } from "../../abi/syscall";
import { cpuRecordOf, cpuSetSpace, cpuSlot } from "../arch/percpu";
import { tlbFlush } from "../arch/tlb";
import { Panic, panic } from "../lib/panic";
import { quarantineRelease } from "./batch";
import { EntryFlag, entriesPut, mapReserve } from "./entry";
import { imageFind } from "./imagecache";
import { imageTableFree, imageTableValid, segmentAt } from "./imagetable";
import { leaseReturn } from "./lease";
import { mapInsert, mapIsFree, mapRemove } from "./map";
import { Obj, objectAnon, objectCreate, objectGet, objectPut } from "./object";
import { pmmAlloc, pmmFree } from "./pmm";
import { reclaimCancel } from "./reclaim";
import { runRelease } from "./reserve";
import { shareDropTree } from "./share";
import { tableRoot, tableRootFree } from "./table";
import { MmVar, mmVar, mmVarSet } from "./vars";
import { wcDrain } from "./wc";

export const RUN_SLOTS_AT: usize = 2048;
/** Stack limit of a new space, and what its stack entry covers at first. */
const STACK_LIMIT_PAGES: u32 = 2048;
const STACK_FIRST_PAGES: u32 = 16;
const HEAP_END: u32 = UserPage.MMAP_START << 12;

@unmanaged
export class Space {
  /** Frame of the PML4: CR3 >> 12. */
  root: u32;
  /** Host address of the sorted entry array, entries in use, frames it fills (mm/entry.ts). */
  entries: usize;
  entryCount: u32;
  entryFrames: u32;
  /** Heap break and its bounds, bytes. */
  brkStart: u32;
  brk: u32;
  brkMax: u32;
  /** CPU that runs it, or -1. */
  slot: i32;
  /** Page where the next gap search begins. */
  hint: u32;
  /** Lowest page that the stack may grow down to. */
  stackLimit: u32;
  /** Index of the entry that the last lookup hit. */
  lastEntry: u32;
  /** Device mappings allowed at the same time. */
  deviceLimit: u32;
  /** A4: pages of RAM, in memory or swapped out; its tables. */
  residentPages: u32;
  tablePages: u32;
  /** Pid and NUL-padded name of the owner, for texts and the memory type table. */
  ownerPid: u32;
  /** List of all spaces. */
  next: usize;
  nameLow: u64;
  nameHigh: u64;
  /** Counters of this process: faults resolved, drains' bursts and their bytes, uncached device accesses. */
  faults: u64;
  bursts: u64;
  burstBytes: u64;
  ucReads: u64;
  ucWrites: u64;
  /** Pages read from the swap space for it. */
  pagedIn: u64;
  /** 1: contents that never change (mm/clone.ts). */
  frozen: u32;
  /** Scratch of mmCheck: this space is the first that shows its entries. */
  first: u32;
}

/** A new space with a stack and nothing else, or null: no memory. Its texts have no owner until spaceSetOwner. */
export function spaceCreate(): Space | null {
  const space = spaceNew();
  if (space == null) return null;
  space.hint = UserPage.MMAP_START;
  space.stackLimit = UserPage.STACK_TOP - STACK_LIMIT_PAGES;
  space.deviceLimit = Limit.DEVICE_MAPPINGS;
  if (!mapReserve(space, 1)) {
    spaceFree(space);
    return null;
  }
  const top = <u32>UserPage.STACK_TOP;
  mapInsert(
    space,
    top - STACK_FIRST_PAGES,
    top,
    objectAnon(),
    0,
    Prot.READ | Prot.WRITE,
    MemType.WB,
    EntryFlag.STACK,
  );
  return space;
}

/** A space with a root and nothing else, no entries either, or null: no memory. */
export function spaceNew(): Space | null {
  const pfn = pmmAlloc(true);
  if (pfn == 0) return null;
  const space = changetype<Space>((<usize>pfn) << 12);
  space.slot = -1;
  space.root = tableRoot(true);
  if (space.root == 0) {
    pmmFree(pfn);
    return null;
  }
  space.tablePages = 1;
  space.next = mmVar(MmVar.SPACES);
  mmVarSet(MmVar.SPACES, changetype<usize>(space));
  return space;
}

/** Names the owner in texts: pid, and up to 15 of nameBytes bytes at host address name. */
export function spaceSetOwner(space: Space, pid: u32, name: usize, nameBytes: u32): void {
  space.ownerPid = pid;
  space.nameLow = 0;
  space.nameHigh = 0;
  memory.copy(changetype<usize>(space) + offsetof<Space>("nameLow"), name, min<u32>(nameBytes, 15));
}

/** Unmaps everything and frees the space. It runs on no CPU. */
export function spaceDestroy(space: Space): void {
  if (space.slot >= 0) panic(Panic.BAD_STATE, space.slot);
  shareDropTree(space);
  entriesPut(space);
  spaceFree(space);
}

/** Frees a space that has neither leaves nor entries. */
function spaceFree(space: Space): void {
  runRelease(changetype<usize>(space) + RUN_SLOTS_AT);
  tableRootFree(space);
  unlink(space);
  pmmFree(<u32>(changetype<usize>(space) >> 12));
}

/** The CPU `slot`, whose block is at `block`, runs the space from now on. Its TLB is empty. */
export function spaceActivate(space: Space, block: usize, slot: u32): void {
  if (space.slot >= 0 || space.frozen != 0) panic(Panic.BAD_STATE, slot);
  const record = cpuRecordOf(slot);
  record.block = block;
  record.space = changetype<usize>(space);
  space.slot = slot;
  store<u32>(block, space.brk, CpuBlock.BREAK);
  if (slot == cpuSlot) cpuSetSpace(changetype<usize>(space));
}

/** The CPU that ran the space (this one, or one that is dead) no longer does: WC set drained, TLB and windows empty. */
export function spaceDeactivate(space: Space): void {
  if (space.slot < 0) return;
  const slot = <u32>space.slot;
  const record = cpuRecordOf(slot);
  wcDrain(slot);
  tlbFlush(record.block, record);
  quarantineRelease(record);
  reclaimCancel(record);
  leaseReturn(slot);
  store<u32>(record.block, 0, CpuBlock.BREAK);
  record.space = 0;
  space.slot = -1;
  if (slot == cpuSlot) cpuSetSpace(0);
}

/**
 * Maps an image. which 0: the program: image pages, heap up to minBytes, break. which 1: the library at UserPage.LIBRARY.. up to minBytes.
 * The table (count records {va, fileOffset, length}, sorted) came from imageTableAlloc and now belongs to the image, also on failure.
 * maxBytes bounds the break (0xffffffff: only by the mmap area). 0, -EINVAL (table out of order or past minBytes), -ENOMEM.
 */
export function spaceSetImage(
  space: Space,
  which: i32,
  table: usize,
  count: u32,
  fileHost: usize,
  minBytes: u32,
  maxBytes: u32,
): i32 {
  const library = which == 1;
  const limit = library ? (<u32>UserPage.MMAP_END) << 12 : HEAP_END;
  let error = minBytes > limit ? -Errno.ENOMEM : 0;
  if (error == 0 && !imageTableValid(table, count, minBytes)) error = -Errno.EINVAL;
  let start = <u32>(library ? UserPage.LIBRARY : 1);
  let imageEnd = start;
  if (count != 0 && error == 0) {
    const last = segmentAt(table, count - 1);
    const first = segmentAt(table, 0).va >> 12;
    if (library && first < start) error = -Errno.EINVAL;
    if (first == 0) start = 0;
    imageEnd = max(start, (last.va + last.length + 4095) >> 12);
  }
  if (library) imageEnd = max(start, (minBytes + 4095) >> 12);
  if (error == 0 && !mapIsFree(space, start, max(imageEnd, (minBytes + 4095) >> 12)))
    error = -Errno.EBUSY;
  if (error != 0 || imageEnd == start) {
    imageTableFree(table, count);
  } else {
    error = mapImage(space, start, imageEnd, table, count, fileHost);
  }
  if (error != 0 || library) return error;
  space.brkMax = min(maxBytes, HEAP_END);
  space.brkStart = min(imageEnd << 12, minBytes);
  space.brk = space.brkStart;
  error = growHeap(space, imageEnd, (minBytes + 4095) >> 12);
  if (error == 0) setBreak(space, minBytes);
  if (space.brkMax < space.brk) space.brkMax = space.brk;
  return error;
}

/** Sets the break, byte-exact: nothing below it changes. 0, or -ENOMEM (out of bounds, or something is mapped there). */
export function spaceBrk(space: Space, addr: u32): i32 {
  if (addr < space.brkStart || addr > space.brkMax) return -Errno.ENOMEM;
  const now = (space.brk + 4095) >> 12;
  const then = (addr + 4095) >> 12;
  const error =
    then > now ? growHeap(space, now, then) : then < now ? mapRemove(space, then, now) : 0;
  if (error == 0) setBreak(space, addr);
  return error;
}

function setBreak(space: Space, addr: u32): void {
  space.brk = addr;
  if (space.slot >= 0) store<u32>(cpuRecordOf(space.slot).block, addr, CpuBlock.BREAK);
}

/** Maps heap pages [from, to), but never the null page, where the break of a program begins that starts without memory. */
function growHeap(space: Space, from: u32, to: u32): i32 {
  if (from == 0) from = 1;
  if (from >= to) return 0;
  if (!mapIsFree(space, from, to)) return -Errno.ENOMEM;
  const object = objectAnon();
  const error = mapInsert(
    space,
    from,
    to,
    object,
    0,
    Prot.READ | Prot.WRITE,
    MemType.WB,
    EntryFlag.HEAP,
  );
  if (error != 0) objectPut(changetype<usize>(object));
  return error;
}

function mapImage(
  space: Space,
  start: u32,
  end: u32,
  table: usize,
  count: u32,
  fileHost: usize,
): i32 {
  const object = imageObject(start, end, table, count, fileHost);
  if (object == null) return -Errno.ENOMEM;
  const error = mapInsert(space, start, end, object, 0, Prot.READ | Prot.WRITE, MemType.WB, 0);
  if (error != 0) objectPut(changetype<usize>(object));
  return error;
}

/** The object of an image, with a reference: the one that other processes of the program have, or a new one. It takes the table over. */
function imageObject(start: u32, end: u32, table: usize, count: u32, fileHost: usize): Obj | null {
  const same = imageFind(fileHost, start, end - start, table, count);
  const object = same == null ? objectCreate(ObjectKind.IMAGE, MemType.WB) : same;
  if (object == null || same != null) {
    imageTableFree(table, count);
    if (same != null) objectGet(same);
    return object;
  }
  object.table = table;
  object.tableCount = count;
  object.file = fileHost;
  object.first = start;
  object.pages = end - start;
  return object;
}

function unlink(space: Space): void {
  let at = <usize>mmVar(MmVar.SPACES);
  if (at == changetype<usize>(space)) {
    mmVarSet(MmVar.SPACES, space.next);
    return;
  }
  while (at != 0) {
    const other = changetype<Space>(at);
    if (other.next == changetype<usize>(space)) {
      other.next = space.next;
      return;
    }
    at = other.next;
  }
  panic(Panic.BAD_STATE, changetype<usize>(space));
}
