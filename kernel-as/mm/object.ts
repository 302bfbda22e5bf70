// Object: what an entry of a map shows. Private anonymous memory has one object for all; its frames are held by the PTEs that name
// them. A shared anonymous object holds its frames in an index, so that every mapper finds the same ones.
//
//   index frame: 1024 u32 leaf frames -> leaf frame: 1024 u32 frames of memory, or slots with INDEX_SWAPPED        (4 GiB)
//
// Invariants
//   O1  refs is the number of entries (in distinct arrays) that name the object, plus the references taken with objectGetAt.
//   O2  An object in use has kind != NONE; the rest are on the free list.
//   O3  A device object has no frames: its pages have no descriptor and no references.
//   O4  The index of a shared object holds one reference to each frame and slot in it; an image's holds none (mm/imagecache.ts).
//   O5  Page.link of a shared object's frame is its page in the index.
//
// Locks     kernel lock.

import { MemType } from "../../abi/pte";
import { ObjectKind } from "../../abi/syscall";
import { Panic, panic } from "../lib/panic";
import { frameDrop } from "./batch";
import { bootAlloc } from "./early";
import { frameSetType } from "./frametype";
import { imageTableFree } from "./imagetable";
import { PageFlag, PageState, pageOf, pageSetState } from "./page";
import { pmmAlloc, pmmAllocUser, pmmFree } from "./pmm";
import { Sglist, sglistFree } from "./sglist";
import { slotFrame } from "./slot";
import { swapRead, swapReady } from "./swap";
import { swapSlotPut, swapTake } from "./swapcache";
import { MmVar, mmVar, mmVarSet } from "./vars";

export const OBJECTS_MAX: u32 = 1024;
const OBJECT_BYTES: u32 = 48;
const INDEX_ENTRIES: u32 = 1024;
/** In an index entry: the rest is a slot of swap space. */
export const INDEX_SWAPPED: u32 = 0x80000000;

@unmanaged
export class Obj {
  kind: u8;
  /** Default memory type. */
  type: u8;
  spare: u16;
  refs: u32;
  /** DEVICE: first frame. */
  first: u32;
  /** Size in pages; 0 unbounded. */
  pages: u32;
  /** IMAGE: segment table, its records, the host address of the file's bytes. SG: the list, with a reference. */
  table: usize;
  tableCount: u32;
  file: usize;
  /** SHARED_ANON, IMAGE: index frame, 0 none yet. */
  index: u32;
  /** Frames in the index. */
  held: u32;
  next: usize;
  /** Pid of the process that made it, 0 the kernel: it may revoke it, and its end takes the grants back. */
  owner: u32;
  /** Times that it was revoked: grants made before are void. */
  revocations: u32;
}

if (offsetof<Obj>() != 48) ERROR("Obj is 48 bytes");

export function objectBoot(): void {
  const table = bootAlloc(OBJECTS_MAX * OBJECT_BYTES);
  mmVarSet(MmVar.OBJECTS, table);
  for (let i: u32 = OBJECTS_MAX; i > 0; i--) {
    const object = changetype<Obj>(table + <usize>(i - 1) * OBJECT_BYTES);
    object.next = mmVar(MmVar.OBJECT_FREE);
    mmVarSet(MmVar.OBJECT_FREE, changetype<usize>(object));
  }
  const anon = objectCreate(ObjectKind.ANON, MemType.WB);
  mmVarSet(MmVar.ANON, changetype<usize>(anon));
  mmVarSet(MmVar.GONE, changetype<usize>(objectCreate(ObjectKind.GONE, MemType.WB)));
  mmVarSet(MmVar.OBJECT_COUNT, 0);
}

/** Objects in use; the one of all private anonymous memory does not count. */
export function objectCount(): u32 {
  return mmVar(MmVar.OBJECT_COUNT);
}

/** Object i of the table, of any kind. */
export function objectAt(i: u32): Obj {
  return changetype<Obj>(<usize>mmVar(MmVar.OBJECTS) + <usize>(i * OBJECT_BYTES));
}

/** A new object with one reference, or null: the table is full. */
export function objectCreate(kind: ObjectKind, type: MemType): Obj | null {
  const at = mmVar(MmVar.OBJECT_FREE);
  if (at == 0) return null;
  const object = changetype<Obj>(at);
  mmVarSet(MmVar.OBJECT_FREE, object.next);
  memory.fill(at, 0, OBJECT_BYTES);
  object.kind = <u8>kind;
  object.type = <u8>type;
  object.refs = 1;
  mmVarSet(MmVar.OBJECT_COUNT, objectCount() + 1);
  return object;
}

/** The object of private anonymous memory, with a reference. */
export function objectAnon(): Obj {
  const anon = changetype<Obj>(mmVar(MmVar.ANON));
  anon.refs++;
  return anon;
}

/** The object that entries show after a revocation, with a reference. */
export function objectGone(): Obj {
  const gone = changetype<Obj>(mmVar(MmVar.GONE));
  gone.refs++;
  return gone;
}

/** True if frames of RAM are behind the object: not a device, and not gone. */
export function objectIsRam(object: Obj): bool {
  return <i32>object.kind < ObjectKind.DEVICE;
}

export function objectGet(object: Obj): void {
  if (object.refs == 0 || object.refs == u32.MAX_VALUE)
    panic(Panic.BAD_REFERENCE, changetype<usize>(object));
  object.refs++;
}

/** Drops a reference; the last one frees the object and what it holds. Its address, as objectGetAt returned it. */
export function objectPut(address: usize): void {
  const object = changetype<Obj>(address);
  if (object.refs == 0) panic(Panic.BAD_REFERENCE, address);
  object.refs--;
  if (object.refs != 0) return;
  if (object.kind == ObjectKind.IMAGE) imageTableFree(object.table, object.tableCount);
  if (object.kind == ObjectKind.SG) sglistFree(changetype<Sglist>(object.table));
  if (object.index != 0) indexFree(object);
  object.kind = <u8>ObjectKind.NONE;
  object.next = mmVar(MmVar.OBJECT_FREE);
  mmVarSet(MmVar.OBJECT_FREE, address);
  mmVarSet(MmVar.OBJECT_COUNT, objectCount() - 1);
}

/** The frame that a shared object has for a page, zeroed when new, with no reference for the caller. 0: no memory. */
export function objectFrame(object: Obj, page: u32): u32 {
  if (object.index == 0) {
    object.index = pmmAlloc(true);
    if (object.index == 0) return 0;
  }
  const leafAt = ((<usize>object.index) << 12) + ((<usize>(page / INDEX_ENTRIES)) << 2);
  if (load<u32>(leafAt) == 0) {
    const leaf = pmmAlloc(true);
    if (leaf == 0) return 0;
    store<u32>(leafAt, leaf);
  }
  const at = ((<usize>load<u32>(leafAt)) << 12) + ((<usize>(page % INDEX_ENTRIES)) << 2);
  const have = load<u32>(at);
  if (have & INDEX_SWAPPED) return bringIn(object, page, at);
  if (have != 0) return have;
  const pfn = pmmAllocUser(true);
  if (pfn == 0) return 0;
  if (object.type != MemType.WB && !frameSetType(pfn, <MemType>object.type)) {
    pmmFree(pfn);
    return 0;
  }
  const descriptor = pageOf(pfn);
  pageSetState(descriptor, PageState.OBJECT);
  descriptor.owner = changetype<usize>(object);
  descriptor.link = page;
  store<u32>(at, pfn);
  object.held++;
  return pfn;
}

/** The frame of a page that is in the slot which the index names at `at`. 0: it is on its way, or there is no memory. */
function bringIn(object: Obj, page: u32, at: usize): u32 {
  const slot = load<u32>(at) & ~INDEX_SWAPPED;
  if (slotFrame(slot) == 0) {
    const spare = pmmAllocUser(false);
    if (spare != 0) swapRead(slot, spare);
    return 0;
  }
  const pfn = swapReady(slot);
  if (pfn == 0 || !frameSetType(pfn, <MemType>object.type)) return 0;
  swapTake(pfn, changetype<usize>(object));
  pageOf(pfn).link = page;
  store<u32>(at, pfn);
  swapSlotPut(slot);
  return pfn;
}

/** Host address of the index entry of a page, for which there is one. */
export function objectIndexAt(object: Obj, page: u32): usize {
  const leaf = load<u32>(((<usize>object.index) << 12) + ((<usize>(page / INDEX_ENTRIES)) << 2));
  return ((<usize>leaf) << 12) + ((<usize>(page % INDEX_ENTRIES)) << 2);
}

/** The frame that a shared object has for a page now; 0 none, or it is swapped out. */
export function objectPeek(object: Obj, page: u32): u32 {
  if (object.index == 0) return 0;
  const leaf = load<u32>(((<usize>object.index) << 12) + ((<usize>(page / INDEX_ENTRIES)) << 2));
  if (leaf == 0) return 0;
  const have = load<u32>(((<usize>leaf) << 12) + ((<usize>(page % INDEX_ENTRIES)) << 2));
  return have & INDEX_SWAPPED ? 0 : have;
}

/** Accesses to the frames of a shared object may be in flight through mappings that are gone: they are freed after every CPU's acknowledgement. */
export function objectMarkInFlight(object: Obj): void {
  if (object.kind != ObjectKind.SHARED_ANON) return;
  for (let i: u32 = 0; i < object.pages; i++) {
    const pfn = objectPeek(object, i);
    if (pfn != 0) pageOf(pfn).flags |= <u8>PageFlag.IN_FLIGHT;
  }
}

function indexFree(object: Obj): void {
  const index = (<usize>object.index) << 12;
  for (let i: u32 = 0; i < INDEX_ENTRIES; i++) {
    const leaf = load<u32>(index + ((<usize>i) << 2));
    if (leaf == 0) continue;
    for (let j: u32 = 0; j < INDEX_ENTRIES; j++) {
      const pfn = load<u32>(((<usize>leaf) << 12) + ((<usize>j) << 2));
      if (pfn & INDEX_SWAPPED) swapSlotPut(pfn & ~INDEX_SWAPPED);
      else if (pfn != 0) frameDrop(pfn, -1);
    }
    pmmFree(leaf);
  }
  pmmFree(object.index);
  object.index = 0;
}
