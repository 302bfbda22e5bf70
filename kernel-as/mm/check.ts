// mmCheck: walks all of memory management and names the first broken invariant. The numbers are those of the headers.

import { CpuBlock } from "../../abi/cpu";
import { UserPage } from "../../abi/layout";
import { MemType } from "../../abi/pte";
import { ObjectKind } from "../../abi/syscall";
import { walk } from "../arch/paging";
import { PAT_VALUE, patIndex2M, patIndex4K, patType } from "../arch/pat";
import { cpuRecordOf } from "../arch/percpu";
import {
  PTE_A,
  PTE_COW,
  PTE_D,
  PTE_DEMAND,
  PTE_FRAME,
  PTE_P,
  PTE_PS,
  PTE_RW,
  PTE_SWAPPED,
  PTE_US,
  pteFrame,
} from "../arch/pte";
import { Side, tlbEntry } from "../arch/tlb";
import { kprint, kprintDec, kprintHex } from "../lib/klog";
import { Vars } from "../lib/vars";
import { leafIsRam } from "./batch";
import { checkSwap } from "./checkswap";
import { Entry, entryAt, mapFind, mergeable } from "./entry";
import { directType, frameType } from "./frametype";
import { leaseHas } from "./lease";
import { memtypeAt, memtypeCount } from "./memtype";
import { INDEX_SWAPPED, OBJECTS_MAX, Obj, objectAt, objectIsRam } from "./object";
import { PageFlag, PageState, pageCount, pageOf } from "./page";
import { CHUNK_FRAMES, chunkFree, chunkOwner, pmmIsFree } from "./pmm";
import { rangeFrame, rangeIsDevice, rangeRun } from "./ranges";
import { deviceHost } from "./resource";
import { rmapHas } from "./rmap";
import { frameIsPrivate } from "./share";
import { slotClearSeen, slotFrame, slotIsKnown, slotRefs, slotSee } from "./slot";
import { Space } from "./space";
import { ptLeafAt } from "./table";
import { MmVar, mmVar } from "./vars";
import { frameIsPinned, framePins, wireCountSeen } from "./wire";

export const enum Check {
  OK = 0,
  P1_STATE_COUNTS = 1,
  P2_FREE_BIT = 2,
  P3_OBJECT_REFS = 3,
  P4_TABLE_COUNT = 4,
  P4_TABLE_LOST = 5,
  F2_CHUNK_COUNT = 6,
  F4_RESERVATION = 7,
  E1_ORDER = 8,
  E2_NEIGHBOURS = 9,
  O1_OBJECT_REFS = 10,
  Y1_TYPES_DIFFER = 11,
  Y2_RESERVATION = 12,
  A2_SLOT = 13,
  A3_BREAK = 14,
  A4_RESIDENT = 15,
  X2_EMPTY_TABLE = 16,
  MAP_TABLE = 17, // a leaf outside every entry, or with a right or frame that its entry does not give
  B1_TLB = 18,
  B3_WINDOW = 19,
  W1_WC = 20,
  S1_SHARERS = 21,
  S2_SHARED_WRITABLE = 22, // an entry with RW names a table that others share
  S4_COW_MARK = 23, // a private frame with several references lacks COW, or COW and RW are both set
  S5_NOT_COW = 24, // a device's or a shared object's leaf has COW
  E4_ENTRY_ARRAY = 25,
  I1_IMAGE_CACHE = 26,
  I2_CACHED_LEAF = 27,
  I3_INDEX = 28,
  N1_FROZEN = 29,
  B1_ACCESSED = 30, // a translation outlived the A bit of its leaf
  N3_PINNED_COW = 31, // a pinned private frame could be copied away from
  B1_REVERSE_MAP = 32, // a leaf that is not in the reverse map of its frame, or the other way round
  L1_SLOT_REFS = 33,
  L2_SLOT_FRAME = 34,
  L3_SLOT_COUNT = 35,
  K1_CACHE_STATE = 36,
  K3_CACHE_DIRTY = 37, // what a slot stands for is elsewhere: the frame was changed, or may be
  V1_LIST = 38,
  W1_REQUESTS = 39,
  G1_AHEAD = 40, // a page that was read for nobody's sake is mapped, or cannot be had
}

/** 0, or the number of the first broken invariant, which is logged with what broke it. */
export function mmCheck(): i32 {
  clearSeen();
  slotClearSeen();
  wireCountSeen();
  changetype<Tree>(TREE).leaves = 0;
  let bad = checkFrames();
  for (let at = <usize>mmVar(MmVar.SPACES); at != 0 && bad == 0; at = changetype<Space>(at).next) {
    const space = changetype<Space>(at);
    bad = checkEntries(space);
    if (bad == 0) bad = checkTables(space);
    if (bad == 0 && space.frozen != 0 && space.slot >= 0) bad = broken(Check.N1_FROZEN, space.root);
    if (bad == 0 && space.slot >= 0) bad = checkTlb(space, Side.READ);
    if (bad == 0 && space.slot >= 0) bad = checkTlb(space, Side.WRITE);
  }
  if (bad == 0) bad = checkObjects();
  if (bad == 0) bad = checkArrays();
  if (bad == 0) bad = checkSeen();
  if (bad == 0) bad = checkMemtypes();
  if (bad == 0) bad = checkSwap(changetype<Tree>(TREE).leaves);
  return bad;
}

export function broken(which: Check, what: u64): i32 {
  kprint("mmCheck: invariant ");
  kprintDec(which);
  kprint(" is broken at ");
  kprintHex(what, 8);
  kprint("\n");
  return which;
}

function clearSeen(): void {
  const frames = mmVar(MmVar.FRAMES);
  for (let pfn: u32 = 0; pfn < frames; pfn++) pageOf(pfn).seen = 0;
}

function checkFrames(): i32 {
  const frames = mmVar(MmVar.FRAMES);
  let free: u32 = 0;
  let objects: u32 = 0;
  let tables: u32 = 0;
  let wired: u32 = 0;
  for (let pfn: u32 = 0; pfn < frames; pfn++) {
    const page = pageOf(pfn);
    const isFree = page.state == PageState.FREE;
    if (
      isFree != (pmmIsFree(pfn) || leaseHas(pfn)) ||
      (pmmIsFree(pfn) && leaseHas(pfn)) ||
      (isFree && page.refs != 0)
    )
      return broken(Check.P2_FREE_BIT, pfn);
    if (isFree) free++;
    else if (page.state == PageState.OBJECT) objects++;
    else if (page.state == PageState.PTABLE) tables++;
    else if (page.state == PageState.WIRED) wired++;
  }
  if (free != pageCount(PageState.FREE)) return broken(Check.P1_STATE_COUNTS, free);
  if (objects != pageCount(PageState.OBJECT)) return broken(Check.P1_STATE_COUNTS, objects);
  if (tables != pageCount(PageState.PTABLE)) return broken(Check.P1_STATE_COUNTS, tables);
  if (wired != pageCount(PageState.WIRED)) return broken(Check.P1_STATE_COUNTS, wired);
  for (let chunk: u32 = 0; chunk < mmVar(MmVar.CHUNKS); chunk++) {
    let n: u32 = 0;
    for (let i: u32 = 0; i < CHUNK_FRAMES; i++) n += pmmIsFree(chunk * CHUNK_FRAMES + i) ? 1 : 0;
    if (n != chunkFree(chunk)) return broken(Check.F2_CHUNK_COUNT, chunk);
    const slot = chunkOwner(chunk);
    if (slot != 0 && load<u16>(slot) != chunk + 1) return broken(Check.F4_RESERVATION, chunk);
  }
  return 0;
}

function checkEntries(space: Space): i32 {
  let end: u32 = 0;
  const array = pageOf(<u32>(space.entries >> 12));
  space.first = array.seen == 0 ? 1 : 0;
  array.seen++;
  for (let i: u32 = 0; i < space.entryCount; i++) {
    const e = entryAt(space, i);
    if (e.start < end || e.start >= e.end || e.end > <u32>UserPage.STACK_TOP)
      return broken(Check.E1_ORDER, e.start);
    end = e.end;
    if (i + 1 < space.entryCount && mergeable(e, entryAt(space, i + 1)))
      return broken(Check.E2_NEIGHBOURS, e.end);
  }
  if (space.brk < space.brkStart || space.brk > space.brkMax)
    return broken(Check.A3_BREAK, space.brk);
  if (space.slot >= 0 && cpuRecordOf(space.slot).space != changetype<usize>(space))
    return broken(Check.A2_SLOT, space.slot);
  return 0;
}

/** What the walk of a tree has found; one walk at a time. */
@unmanaged
class Tree {
  resident: u32;
  tables: u32;
  /** Over all spaces: leaves that name frames, each once. */
  leaves: u32;
}

/** In the page of mm's variables, where nothing else is. */
const TREE: usize = Vars.MM + 0xf00;

/** Walks the tree of a space: counts, and every leaf against the map. What a shared table names is counted for the first space only. */
function checkTables(space: Space): i32 {
  const tree = changetype<Tree>(TREE);
  tree.resident = 0;
  tree.tables = 1;
  const root = pageOf(space.root);
  if (root.state != PageState.PTABLE) return broken(Check.P4_TABLE_LOST, space.root);
  root.seen = 1;
  const e4 = load<u64>((<usize>space.root) << 12);
  if (root.refs != (e4 == 0 ? 0 : 1)) return broken(Check.P4_TABLE_COUNT, space.root);
  if (e4 == 0) return space.residentPages == 0 ? 0 : broken(Check.A4_RESIDENT, 0);
  let bad = checkTable(e4, true);
  const first = pageOf(pteFrame(e4)).seen == 1;
  for (let i: u32 = 0; i < 512 && bad == 0; i++) {
    const e3 = load<u64>(<usize>(e4 & PTE_FRAME) + (i << 3));
    if (e3 != 0) bad = checkDirectory(space, e3, i << 18, first);
  }
  if (bad != 0) return bad;
  if (tree.resident != space.residentPages || tree.tables != space.tablePages)
    return broken(Check.A4_RESIDENT, tree.resident);
  return 0;
}

/** `named`: nobody has counted yet that this entry names its table. */
function checkDirectory(space: Space, e3: u64, base: u32, named: bool): i32 {
  let bad = checkTable(e3, named);
  const first = named && pageOf(pteFrame(e3)).seen == 1;
  for (let j: u32 = 0; j < 512 && bad == 0; j++) {
    const e2 = load<u64>(<usize>(e3 & PTE_FRAME) + (j << 3));
    if (e2 == 0) continue;
    if (!(e2 & PTE_PS)) bad = checkLeaves(space, e2, base | (j << 9), first);
    else bad = checkLeaf(space, base | (j << 9), e2, pteFrame(e2 & ~0x1fffff), false);
  }
  return bad;
}

function checkLeaves(space: Space, e2: u64, base: u32, named: bool): i32 {
  let bad = checkTable(e2, named);
  const first = named && pageOf(pteFrame(e2)).seen == 1;
  for (let k: u32 = 0; k < 512 && bad == 0; k++) {
    const at = <usize>(e2 & PTE_FRAME) + (k << 3);
    const leaf = load<u64>(at);
    if (leaf == 0) continue;
    if (leafIsRam(leaf)) changetype<Tree>(TREE).resident++;
    if (!(leaf & PTE_P)) {
      bad = checkGone(space, base | k, leaf);
      if (bad == 0 && first && leaf & PTE_SWAPPED) slotSee(pteFrame(leaf));
      continue;
    }
    bad = checkLeaf(space, base | k, leaf, pteFrame(leaf), true);
    if (!leafIsRam(leaf)) continue;
    if (bad == 0 && !rmapHas(pteFrame(leaf), at)) bad = broken(Check.B1_REVERSE_MAP, base | k);
    if (!first) continue;
    pageOf(pteFrame(leaf)).seen++;
    changetype<Tree>(TREE).leaves++;
  }
  return bad;
}

/** A table's count is the number of its entries and not 0; the entry that names it has RW only if nobody shares it. */
function checkTable(e: u64, named: bool): i32 {
  const pfn = pteFrame(e);
  const page = pageOf(pfn);
  changetype<Tree>(TREE).tables++;
  if (named) page.seen++;
  if (page.state != PageState.PTABLE) return broken(Check.P4_TABLE_LOST, pfn);
  if (page.link > 1 && (e & PTE_RW) != 0) return broken(Check.S2_SHARED_WRITABLE, pfn);
  if (page.seen > 1) return 0;
  let n: u32 = 0;
  for (let i: u32 = 0; i < 512; i++) n += load<u64>(((<usize>pfn) << 12) + (i << 3)) != 0 ? 1 : 0;
  return n == page.refs && n != 0 ? 0 : broken(Check.P4_TABLE_COUNT, pfn);
}

/** A page that was taken away: its entry shows RAM, and it has COW if its slot has another owner. */
function checkGone(space: Space, vpn: u32, leaf: u64): i32 {
  const e = mapFind(space, vpn);
  if (e == null || !objectIsRam(changetype<Obj>(e.object))) return broken(Check.MAP_TABLE, vpn);
  const kind = changetype<Obj>(e.object).kind;
  if (!(leaf & PTE_SWAPPED)) {
    const known = (leaf & PTE_DEMAND) != 0 && kind != ObjectKind.ANON;
    return known ? 0 : broken(Check.MAP_TABLE, vpn);
  }
  const slot = pteFrame(leaf);
  if (!slotIsKnown(slot) || kind == ObjectKind.SHARED_ANON) return broken(Check.MAP_TABLE, vpn);
  const frame = slotFrame(slot);
  const owners = slotRefs(slot) + (frame == 0 ? 0 : pageOf(frame).refs);
  return owners > 1 && !(leaf & PTE_COW) ? broken(Check.S4_COW_MARK, vpn) : 0;
}

/** A leaf against the map, and its mark against the references of its frame. */
function checkLeaf(space: Space, vpn: u32, leaf: u64, pfn: u32, small: bool): i32 {
  if (!leafAgrees(space, vpn, leaf, pfn, small)) return broken(Check.MAP_TABLE, vpn);
  if (
    pfn < mmVar(MmVar.FRAMES) &&
    pageOf(pfn).slot != 0 &&
    slotRefs(pageOf(pfn).slot) != 0 &&
    leaf & (PTE_RW | PTE_D)
  )
    return broken(Check.K3_CACHE_DIRTY, vpn);
  if (!frameIsPrivate(pfn)) return leaf & PTE_COW ? broken(Check.S5_NOT_COW, vpn) : 0;
  if ((leaf & (PTE_COW | PTE_RW)) == (PTE_COW | PTE_RW)) return broken(Check.S4_COW_MARK, vpn);
  if (frameIsPinned(pfn) && leaf & PTE_COW) return broken(Check.N3_PINNED_COW, vpn);
  if (pageOf(pfn).refs > 1 + framePins(pfn) && !(leaf & PTE_COW))
    return broken(Check.S4_COW_MARK, vpn);
  if (pageOf(pfn).flags & PageFlag.CACHED && !(leaf & PTE_COW))
    return broken(Check.I2_CACHED_LEAF, vpn);
  return 0;
}

function leafAgrees(space: Space, vpn: u32, leaf: u64, pfn: u32, small: bool): bool {
  const e = mapFind(space, vpn);
  if (e == null || !(leaf & PTE_P)) return false;
  if ((leaf & PTE_RW) != 0 && !(e.prot & 2)) return false;
  if ((leaf & PTE_US) != 0 && e.prot == 0) return false;
  const object = changetype<Obj>(e.object);
  const type = patType(PAT_VALUE, small ? patIndex4K(leaf) : patIndex2M(leaf));
  if (type != <MemType>e.type) return false;
  if (rangeIsDevice(object)) return pfn == rangeFrame(object, e.offset + (vpn - e.start));
  if (type != frameType(pfn) || type != directType(pfn)) return false;
  return pageOf(pfn).state == PageState.OBJECT && pageOf(pfn).owner == changetype<usize>(object);
}

/** Every valid TLB entry and window against a walk. */
function checkTlb(space: Space, side: Side): i32 {
  const record = cpuRecordOf(space.slot);
  const block = record.block;
  for (let page: u32 = 0; page < 2048; page++) {
    const touched = load<u32>(block + CpuBlock.TOUCHED + ((<usize>(page >> 5)) << 2));
    if (!((touched >> (page & 31)) & 1)) continue;
    for (let i: u32 = 0; i < 512; i++) {
      const vpn = (page << 9) | i;
      const e = tlbEntry(block, vpn, side);
      if (e == 0) continue;
      const at = ptLeafAt(space, vpn);
      if (at == 0 || !(load<u64>(at) & PTE_A)) return broken(Check.B1_ACCESSED, vpn);
      const leaf = walk(space.root, (<u64>vpn) << 12, false, true);
      const pfn = pteFrame(leaf);
      const host = pfn < mmVar(MmVar.FRAMES) ? (<usize>pfn) << 12 : deviceHost(pfn);
      const type = patType(record.pat, patIndex4K(leaf));
      if (leaf == 0 || e != ((<u32>host - (vpn << 12) - 4096) | 1))
        return broken(Check.B1_TLB, vpn);
      if (type == MemType.UC || type == MemType.UC_MINUS) return broken(Check.B1_TLB, vpn);
      if (side == Side.WRITE && (!(leaf & PTE_RW) || !(leaf & PTE_D) || type == MemType.WT))
        return broken(Check.B1_TLB, vpn);
    }
  }
  const w = block + (side == Side.READ ? CpuBlock.READ_START : CpuBlock.WRITE_START);
  const len = load<u32>(w, 4);
  if (len == 0) return 0;
  const start = load<u32>(w) >> 12;
  const want = (load<u32>(w, 8) - 4096) | 1;
  for (let i: u32 = 0; i < (len + 15) >> 12; i++) {
    if (tlbEntry(block, start + i, side) != want) return broken(Check.B3_WINDOW, start + i);
  }
  return 0;
}

/** Object references against the entries of all spaces; frames in indexes. */
function checkObjects(): i32 {
  for (let i: u32 = 0; i < OBJECTS_MAX; i++) {
    const object = objectAt(i);
    if (object.kind == ObjectKind.NONE) continue;
    let refs: u32 = isStatic(object) ? 1 : 0;
    for (let at = <usize>mmVar(MmVar.SPACES); at != 0; at = changetype<Space>(at).next) {
      const space = changetype<Space>(at);
      if (space.first == 0) continue;
      for (let j: u32 = 0; j < space.entryCount; j++)
        refs += entryAt(space, j).object == changetype<usize>(object) ? 1 : 0;
    }
    // A grant on its way holds one more.
    if (refs > object.refs) return broken(Check.O1_OBJECT_REFS, changetype<usize>(object));
    if (object.index == 0) continue;
    if (object.kind != ObjectKind.IMAGE) countIndex(object);
    else if (!imageIndexAgrees(object))
      return broken(Check.I1_IMAGE_CACHE, changetype<usize>(object));
  }
  return 0;
}

/** The objects that are there from boot on hold one reference to themselves. */
function isStatic(object: Obj): bool {
  const at = <u32>changetype<usize>(object);
  return at == mmVar(MmVar.ANON) || at == mmVar(MmVar.GONE);
}

function countIndex(object: Obj): void {
  for (let i: u32 = 0; i < 1024; i++) {
    const leaf = load<u32>(((<usize>object.index) << 12) + (i << 2));
    if (leaf == 0) continue;
    for (let j: u32 = 0; j < 1024; j++) {
      const pfn = load<u32>(((<usize>leaf) << 12) + (j << 2));
      if (pfn & INDEX_SWAPPED) slotSee(pfn & ~INDEX_SWAPPED);
      else if (pfn != 0) pageOf(pfn).seen++;
    }
  }
}

/** I1 and I3: every frame in the index of an image is CACHED there, counts are right; and marks for I1 the other way round. */
function imageIndexAgrees(object: Obj): bool {
  let held: u32 = 0;
  for (let i: u32 = 0; i < 1024; i++) {
    const leaf = load<u32>(((<usize>object.index) << 12) + (i << 2));
    if (leaf == 0) continue;
    let n: u32 = 0;
    for (let j: u32 = 0; j < 1024; j++) {
      const pfn = load<u32>(((<usize>leaf) << 12) + (j << 2));
      if (pfn == 0) continue;
      const page = pageOf(pfn);
      if (!(page.flags & PageFlag.CACHED) || page.state != PageState.OBJECT) return false;
      if (page.owner != changetype<usize>(object) || page.link != ((i << 10) | j)) return false;
      n++;
    }
    if (n == 0 || n != pageOf(leaf).link) return false;
    held += n;
  }
  return held == object.held && held != 0;
}

/** E4: an entry array has a reference for each space that shows it. */
function checkArrays(): i32 {
  let cached: u32 = 0;
  for (let at = <usize>mmVar(MmVar.SPACES); at != 0; at = changetype<Space>(at).next) {
    const array = pageOf(<u32>(changetype<Space>(at).entries >> 12));
    if (array.state != PageState.WIRED || array.seen != <u16>array.refs)
      return broken(Check.E4_ENTRY_ARRAY, changetype<Space>(at).root);
  }
  for (let pfn: u32 = 0; pfn < mmVar(MmVar.FRAMES); pfn++)
    cached += pageOf(pfn).flags & PageFlag.CACHED ? 1 : 0;
  let held: u32 = 0;
  for (let i: u32 = 0; i < OBJECTS_MAX; i++)
    held += objectAt(i).kind == ObjectKind.IMAGE ? objectAt(i).held : 0;
  return cached == held ? 0 : broken(Check.I1_IMAGE_CACHE, cached);
}

/** Every OBJECT frame has the references that were found, every PTABLE frame below the kernel's root is in a tree. */
function checkSeen(): i32 {
  const frames = mmVar(MmVar.FRAMES);
  for (let pfn: u32 = 0; pfn < frames; pfn++) {
    const page = pageOf(pfn);
    if (page.state == PageState.OBJECT && page.seen != <u16>page.refs)
      return broken(Check.P3_OBJECT_REFS, pfn);
    if (page.state != PageState.PTABLE || page.owner == 0) continue;
    if (page.seen == 0) return broken(Check.P4_TABLE_LOST, pfn);
    if (page.seen != <u16>page.link) return broken(Check.S1_SHARERS, pfn);
  }
  return 0;
}

function checkMemtypes(): i32 {
  const count = memtypeCount();
  for (let i: u32 = 0; i < count; i++) {
    const a = memtypeAt(i);
    let refs: u32 = 0;
    for (let at = <usize>mmVar(MmVar.SPACES); at != 0; at = changetype<Space>(at).next) {
      const space = changetype<Space>(at);
      if (space.first == 0) continue;
      for (let j: u32 = 0; j < space.entryCount; j++)
        refs += covers(entryAt(space, j), a.first, a.frames, a.type);
    }
    if (a.ownerPid != 0 && refs != a.refs) return broken(Check.Y2_RESERVATION, a.first);
    for (let j: u32 = 0; j < i; j++) {
      const b = memtypeAt(j);
      if (a.first < b.first + b.frames && b.first < a.first + a.frames && a.type != b.type) {
        return broken(Check.Y1_TYPES_DIFFER, a.first);
      }
    }
  }
  return 0;
}

/** How often an entry shows exactly this run with this type. */
function covers(e: Entry, first: u32, frames: u32, type: u32): u32 {
  const object = changetype<Obj>(e.object);
  if (!rangeIsDevice(object) || e.type != type) return 0;
  const end = e.offset + (e.end - e.start);
  let times: u32 = 0;
  for (let page = e.offset; page < end; ) {
    const n = rangeRun(object, page, end - page);
    if (n == frames && rangeFrame(object, page) == first) times++;
    page += n;
  }
  return times;
}
