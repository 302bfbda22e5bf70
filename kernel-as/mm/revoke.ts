// Revoke: an object is taken back. Its mappings go from every process; what is left in their maps is an entry of the object GONE without
// rights, so that the next touch ends the toucher with a report that says why, and the addresses stay taken until they are unmapped.
//
// Invariants
//   K1  After a revocation no leaf and no TLB of another process leads to a page of the object, and no reservation is held for it there.
//   K2  A GONE entry has no rights, no leaves and no reservation; its offset is its first page, so that neighbours join.
//
// Locks     kernel lock.

import { MemType } from "../../abi/pte";
import { ObjectKind, Prot } from "../../abi/syscall";
import { kprint } from "../lib/klog";
import { Entry, EntryFlag, entryAt, entryIndex, mapReserve } from "./entry";
import { mapZap, settle } from "./map";
import { OBJECTS_MAX, Obj, objectAt, objectGet, objectGone, objectPut } from "./object";
import { rangeIsDevice, rangesFree } from "./ranges";
import { Space } from "./space";
import { MmVar, mmVar } from "./vars";

/**
 * Takes an object out of every map but that of `keep` (null: out of all). grantsOnly: only where it came from another process. False: a
 * space that shares its tables could not get its own for lack of memory, and keeps its mapping.
 */
export function revoke(object: Obj, keep: Space | null, grantsOnly: bool): bool {
  objectGet(object);
  object.revocations++;
  let done = true;
  for (let at = <usize>mmVar(MmVar.SPACES); at != 0; at = changetype<Space>(at).next) {
    const space = changetype<Space>(at);
    if (space == keep) continue;
    const frozen = space.frozen;
    space.frozen = 0; // what is gone is gone from snapshots too
    if (!revokeIn(space, object, grantsOnly)) done = false;
    space.frozen = frozen;
  }
  objectPut(changetype<usize>(object));
  return done;
}

/** The process has ended: the device memory that it made and others have mapped by its grant is gone. */
export function revokeGrantsOf(pid: u32): void {
  for (let i: u32 = 0; i < OBJECTS_MAX; i++) {
    const object = objectAt(i);
    if (object.kind == ObjectKind.NONE || object.owner != pid || !rangeIsDevice(object)) continue;
    if (!revoke(object, null, true))
      kprint("revoke: no memory; a mapping of a dead server stays\n");
  }
}

/** True if what the entry showed was revoked. */
export function entryIsGone(entry: Entry): bool {
  return changetype<Obj>(entry.object).kind == ObjectKind.GONE;
}

function revokeIn(space: Space, object: Obj, grantsOnly: bool): bool {
  let vpn: u32 = 0;
  for (let i: u32 = 0; i < space.entryCount; i = entryIndex(space, vpn)) {
    let e = entryAt(space, i);
    const start = e.start;
    vpn = e.end;
    if (e.object != changetype<usize>(object)) continue;
    if (grantsOnly && !(e.flags & EntryFlag.GRANTED)) continue;
    if (!mapReserve(space, 0) || !mapZap(space, start, vpn)) return false;
    e = entryAt(space, i); // the array may be another one now
    if (rangeIsDevice(object)) rangesFree(object, e.offset, vpn - start, <MemType>e.type);
    e.object = changetype<usize>(objectGone());
    e.offset = start;
    e.prot = <u8>Prot.NONE;
    e.type = <u8>MemType.WB;
    e.flags = <u16>EntryFlag.SHARED;
    objectPut(changetype<usize>(object));
    settle(space, start, vpn);
  }
  return true;
}
