// Cachelist: the two lists of frames in the swap cache: CLEAN, those that can be had at once, oldest first; PENDING, those that are to be
// written, in the order of their slots where possible.
//
// Invariants
//   V1  A frame with io CLEAN is on the clean list and one with io PENDING on the pending list; nobody else is. Both are in state SWAP.
//   V2  CLEAN_COUNT is the number of frames on the clean list.
//
// Locks     kernel lock.

import { PageIo, pageOf } from "./page";
import { MmVar, mmVar, mmVarSet } from "./vars";

/** Puts a frame behind the others of the list that `io` names. */
export function listPut(pfn: u32, io: PageIo): void {
  const head = headOf(io);
  const tail = <MmVar>(head + 4);
  const page = pageOf(pfn);
  const last = mmVar(tail);
  page.io = <u8>io;
  page.link = last;
  page.next = 0;
  if (last != 0) pageOf(last).next = pfn;
  else mmVarSet(head, pfn);
  mmVarSet(tail, pfn);
  if (io == PageIo.CLEAN) mmVarSet(MmVar.CLEAN_COUNT, mmVar(MmVar.CLEAN_COUNT) + 1);
}

/** Takes a frame off its list; its io is NONE. */
export function listRemove(pfn: u32): void {
  const page = pageOf(pfn);
  if (page.io == PageIo.CLEAN) mmVarSet(MmVar.CLEAN_COUNT, mmVar(MmVar.CLEAN_COUNT) - 1);
  const head = headOf(<PageIo>page.io);
  const tail = <MmVar>(head + 4);
  if (page.link != 0) pageOf(page.link).next = page.next;
  else mmVarSet(head, page.next);
  if (page.next != 0) pageOf(page.next).link = page.link;
  else mmVarSet(tail, page.link);
  page.link = 0;
  page.next = 0;
  page.io = <u8>PageIo.NONE;
}

/** The first frame of a list, 0: it is empty. */
export function listFirst(io: PageIo): u32 {
  return mmVar(headOf(io));
}

function headOf(io: PageIo): MmVar {
  return io == PageIo.CLEAN ? MmVar.CLEAN_HEAD : MmVar.PENDING_HEAD;
}
