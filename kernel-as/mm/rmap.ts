// Rmap: the reverse map, from a frame to every page-table entry that names it.
//
//   Page.rmap  0                   nobody
//              an entry's address  one
//              a node + 1          several: node {rest, entry}, rest being any of the three
//
//   node frame: 512 nodes of 8 bytes; its Page: rmap first free node, slot nodes in use, link and next its neighbours on the list of
//   frames with free nodes
//
// Invariants
//   B1  A present leaf that names an OBJECT frame is in the frame's reverse map once, and nothing else is.
//   B2  A node frame is there only while one of its nodes is in use; PV_FREE counts the free ones.
//
// Locks     kernel lock.

import { Panic, panic } from "../lib/panic";
import { Page, pageOf } from "./page";
import { pmmAlloc, pmmFree } from "./pmm";
import { MmVar, mmVar, mmVarSet } from "./vars";

const NODE_TAG: u32 = 1;
const NODES: u32 = 512;

/** The only entry that names a new frame. */
// @ts-ignore: decorator
@inline
export function rmapSetSole(pfn: u32, at: usize): void {
  pageOf(pfn).rmap = <u32>at;
}

/** True if rmapAdd needs a node: rmapReserve comes first. */
// @ts-ignore: decorator
@inline
export function rmapNeedsNode(pfn: u32): bool {
  return pageOf(pfn).rmap != 0;
}

/** Room for n nodes, until the next reservation: two do not add up. False: no memory, and nothing changed. */
export function rmapReserve(n: u32): bool {
  while (mmVar(MmVar.PV_FREE) < n) {
    const pfn = pmmAlloc(false);
    if (pfn == 0) {
      rmapTrim();
      return false;
    }
    const base = (<usize>pfn) << 12;
    for (let i: u32 = 0; i < NODES; i++) {
      store<u32>(base + ((<usize>i) << 3), i + 1 < NODES ? <u32>(base + ((<usize>(i + 1)) << 3)) : 0);
    }
    const page = pageOf(pfn);
    page.rmap = <u32>base;
    page.slot = 0;
    listPut(pfn);
    mmVarSet(MmVar.PV_FREE, mmVar(MmVar.PV_FREE) + NODES);
  }
  return true;
}

/** The entry at host address `at` names the frame too. A node was reserved if rmapNeedsNode. */
export function rmapAdd(pfn: u32, at: usize): void {
  const page = pageOf(pfn);
  if (page.rmap == 0) {
    page.rmap = <u32>at;
    return;
  }
  const node = nodeTake();
  store<u32>(node, page.rmap);
  store<u32>(node, <u32>at, 4);
  page.rmap = <u32>node | NODE_TAG;
}

/** The entry at `at` does not name the frame any more. Costs a step for each entry that was added after it. */
export function rmapRemove(pfn: u32, at: usize): void {
  const page = pageOf(pfn);
  let word = page.rmap;
  let behind: usize = 0;
  while (word != 0) {
    const isNode = (word & NODE_TAG) != 0;
    if (rmapEntry(word) == at) {
      const rest: u32 = isNode ? load<u32>(<usize>(word - NODE_TAG)) : 0;
      if (rest == 0 && behind != 0) unlinkLast(page, behind);
      else {
        if (behind == 0) page.rmap = rest;
        else store<u32>(behind, rest);
        if (isNode) nodeFree(<usize>(word - NODE_TAG));
      }
      return;
    }
    behind = <usize>(word - NODE_TAG);
    word = rmapRest(word);
  }
  panic(Panic.BAD_REFERENCE, pfn);
}

/** Forgets every entry of the frame. */
export function rmapClear(pfn: u32): void {
  const page = pageOf(pfn);
  let word = page.rmap;
  page.rmap = 0;
  while (word & NODE_TAG) {
    const node = <usize>(word - NODE_TAG);
    word = load<u32>(node);
    nodeFree(node);
  }
}

/** Host address of the first entry of a part of a reverse map that is not 0; Page.rmap is the whole. */
// @ts-ignore: decorator
@inline
export function rmapEntry(word: u32): usize {
  return <usize>(word & NODE_TAG ? load<u32>(<usize>(word - NODE_TAG), 4) : word);
}

/** What follows rmapEntry(word); 0 the end. */
// @ts-ignore: decorator
@inline
export function rmapRest(word: u32): u32 {
  return word & NODE_TAG ? load<u32>(<usize>(word - NODE_TAG)) : 0;
}

/** True if the entry at `at` is in the frame's reverse map. */
export function rmapHas(pfn: u32, at: usize): bool {
  for (let word = pageOf(pfn).rmap; word != 0; word = rmapRest(word)) if (rmapEntry(word) == at) return true;
  return false;
}

/** Entries that name the frame. */
export function rmapCount(pfn: u32): u32 {
  let n: u32 = 0;
  for (let word = pageOf(pfn).rmap; word != 0; word = rmapRest(word)) n++;
  return n;
}

/** Frees node frames that nothing uses: after a reservation that was not needed. */
export function rmapTrim(): void {
  let pfn = mmVar(MmVar.PV_FRAMES);
  while (pfn != 0) {
    const next = pageOf(pfn).next;
    if (pageOf(pfn).slot == 0) frameFree(pfn);
    pfn = next;
  }
}

/** The bare entry at the end goes: the node before it, at `last`, becomes its own entry. */
function unlinkLast(page: Page, last: usize): void {
  const entry = load<u32>(last, 4);
  let at = changetype<usize>(page) + offsetof<Page>("rmap");
  let word = page.rmap;
  while (<usize>(word - NODE_TAG) != last) {
    at = <usize>(word - NODE_TAG);
    word = load<u32>(at);
  }
  store<u32>(at, entry);
  nodeFree(last);
}

function nodeTake(): usize {
  const pfn = mmVar(MmVar.PV_FRAMES);
  if (pfn == 0) panic(Panic.BAD_STATE, 0);
  const page = pageOf(pfn);
  const node = <usize>page.rmap;
  page.rmap = load<u32>(node);
  page.slot++;
  if (page.rmap == 0) listRemove(pfn);
  mmVarSet(MmVar.PV_FREE, mmVar(MmVar.PV_FREE) - 1);
  return node;
}

function nodeFree(node: usize): void {
  const pfn = <u32>(node >> 12);
  const page = pageOf(pfn);
  if (page.rmap == 0) listPut(pfn);
  store<u32>(node, page.rmap);
  page.rmap = <u32>node;
  page.slot--;
  mmVarSet(MmVar.PV_FREE, mmVar(MmVar.PV_FREE) + 1);
  if (page.slot == 0) frameFree(pfn);
}

function frameFree(pfn: u32): void {
  listRemove(pfn);
  mmVarSet(MmVar.PV_FREE, mmVar(MmVar.PV_FREE) - NODES);
  pmmFree(pfn);
}

function listPut(pfn: u32): void {
  const page = pageOf(pfn);
  const first = mmVar(MmVar.PV_FRAMES);
  page.link = 0;
  page.next = first;
  if (first != 0) pageOf(first).link = pfn;
  mmVarSet(MmVar.PV_FRAMES, pfn);
}

function listRemove(pfn: u32): void {
  const page = pageOf(pfn);
  if (page.link != 0) pageOf(page.link).next = page.next;
  else mmVarSet(MmVar.PV_FRAMES, page.next);
  if (page.next != 0) pageOf(page.next).link = page.link;
}
