// Revoke: an object is taken back. Its mappings go from every process; what is left in their maps is an entry of the object GONE without
// rights, so that the next touch ends the toucher with a report that says why, and the addresses stay taken until they are unmapped.
//
// Invariants
//   K1  After a revocation no leaf and no TLB of another process leads to a page of the object, and no reservation is held for it there.
//   K2  A GONE entry has no rights, no leaves and no reservation, and is never joined with a neighbour: an array that several spaces show
//       cannot lose an entry.
//   K3  A revocation takes no memory: tables and entry arrays that several spaces share are changed for all of them at once.
//
// Locks     kernel lock.

import { MemType } from "../../abi/pte";
import { ObjectKind, Prot } from "../../abi/syscall";
import { PT_ENTRIES } from "../arch/pte";
import { shootdown } from "../arch/shootdown";
import { batchClear, batchClearShared } from "./batch";
import { Entry, EntryFlag, entryAt, mapReserve } from "./entry";
import {
  OBJECTS_MAX,
  Obj,
  objectAt,
  objectGet,
  objectGone,
  objectMarkInFlight,
  objectPut,
} from "./object";
import { rangeIsDevice, rangesFree } from "./ranges";
import { shareIsOwn, shareOwnRange } from "./share";
import { Space } from "./space";
import { ptLeafAt, ptNext, ptPruneShared, ptRecount } from "./table";
import { MmVar, mmVar } from "./vars";
import { wcDrain } from "./wc";

/**
 * Takes an object out of every map but that of `keep` (null: out of all). grantsOnly: only where it came from another process. False, with
 * nothing changed: `keep` shares its tables with clones, and there is no memory for its own. Without `keep` it cannot fail.
 */
export function revoke(object: Obj, keep: Space | null, grantsOnly: bool): bool {
  if (keep != null && !separate(keep, object)) return false;
  objectGet(object);
  object.revocations++;
  let inFlight = false;
  let inPlace = false;
  for (let at = <usize>mmVar(MmVar.SPACES); at != 0; at = changetype<Space>(at).next) {
    const space = changetype<Space>(at);
    if (space == keep) continue;
    for (let i: u32 = 0; i < space.entryCount; i++) {
      const e = entryAt(space, i);
      if (!isMeant(e, object, grantsOnly)) continue;
      if (space.slot >= 0) wcDrain(space.slot);
      if (clearAll(space, e.start, e.end)) inPlace = true;
      if (space.slot >= 0 && shootdown(space.slot, e.start, e.end - e.start)) inFlight = true;
    }
  }
  for (let at = <usize>mmVar(MmVar.SPACES); at != 0; at = changetype<Space>(at).next) {
    const space = changetype<Space>(at);
    if (space == keep) continue;
    // An array that several spaces show is done with the first of them.
    for (let i: u32 = 0; i < space.entryCount; i++) {
      if (isMeant(entryAt(space, i), object, grantsOnly)) entryEnd(entryAt(space, i));
    }
    if (inPlace) ptRecount(space);
  }
  // The frames go with the object's last reference; until every CPU has entered the kernel an access to them may be under way.
  if (inFlight) objectMarkInFlight(object);
  objectPut(changetype<usize>(object));
  return true;
}

/** The process has ended: the device memory that it made and others have mapped by its grant is gone. */
export function revokeGrantsOf(pid: u32): void {
  for (let i: u32 = 0; i < OBJECTS_MAX; i++) {
    const object = objectAt(i);
    if (object.kind == ObjectKind.NONE || object.owner != pid || !rangeIsDevice(object)) continue;
    revoke(object, null, true);
  }
}

/** True if what the entry showed was revoked. */
export function entryIsGone(entry: Entry): bool {
  return changetype<Obj>(entry.object).kind == ObjectKind.GONE;
}

/** Entries and tables where `keep` shows the object become its own. False: no memory, and nothing that anyone sees has changed. */
function separate(keep: Space, object: Obj): bool {
  if (!mapReserve(keep, 0)) return false;
  for (let i: u32 = 0; i < keep.entryCount; i++) {
    const e = entryAt(keep, i);
    if (e.object == changetype<usize>(object) && !shareOwnRange(keep, e.start, e.end, false))
      return false;
  }
  return true;
}

function isMeant(e: Entry, object: Obj, grantsOnly: bool): bool {
  return (
    e.object == changetype<usize>(object) && (!grantsOnly || (e.flags & EntryFlag.GRANTED) != 0)
  );
}

/**
 * Clears the leaves of [start, end). Spaces that share a table have the same mappings in it and lose them all, so that it is changed in
 * place and nothing is copied. True: some were, and ptRecount is due.
 */
function clearAll(space: Space, start: u32, end: u32): bool {
  let inPlace = false;
  let vpn = ptNext(space, start, end);
  while (vpn < end) {
    if (shareIsOwn(space, vpn)) {
      vpn = ptNext(space, vpn + batchClear(space, vpn, ptLeafAt(space, vpn)), end);
      continue;
    }
    inPlace = true;
    vpn = ptNext(space, vpn + batchClearShared(space, vpn), end);
  }
  // Tables that are empty since another space cleared them.
  for (vpn = start; vpn < end; vpn = (vpn | (PT_ENTRIES - 1)) + 1) {
    if (ptPruneShared(space, vpn)) inPlace = true;
  }
  return inPlace;
}

/** K2, and what the entry held is given back. */
function entryEnd(e: Entry): void {
  const object = changetype<Obj>(e.object);
  if (rangeIsDevice(object)) rangesFree(object, e.offset, e.end - e.start, <MemType>e.type);
  e.object = changetype<usize>(objectGone());
  e.offset = 0;
  e.prot = <u8>Prot.NONE;
  e.type = <u8>MemType.WB;
  e.flags = <u16>EntryFlag.SHARED;
  objectPut(changetype<usize>(object));
}
