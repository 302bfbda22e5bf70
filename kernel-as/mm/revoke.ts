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
import { Entry, EntryFlag, entryAt, entryIndex } from "./entry";
import { mapZap, settle } from "./map";
import { OBJECTS_MAX, Obj, objectAt, objectGet, objectGone, objectPut } from "./object";
import { rangeIsDevice, rangesFree } from "./ranges";
import { Space } from "./space";
import { MmVar, mmVar } from "./vars";

/** Takes an object out of every map but that of `keep` (null: out of all). grantsOnly: only where it came from another process. */
export function revoke(object: Obj, keep: Space | null, grantsOnly: bool): void {
  objectGet(object);
  for (let at = <usize>mmVar(MmVar.SPACES); at != 0; at = changetype<Space>(at).next) {
    const space = changetype<Space>(at);
    if (space != keep) revokeIn(space, object, grantsOnly);
  }
  objectPut(changetype<usize>(object));
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

function revokeIn(space: Space, object: Obj, grantsOnly: bool): void {
  for (let vpn: u32 = 0; ; ) {
    const i = entryIndex(space, vpn);
    if (i >= space.entryCount) return;
    const e = entryAt(space, i);
    const start = e.start;
    vpn = e.end;
    if (e.object != changetype<usize>(object)) continue;
    if (grantsOnly && !(e.flags & EntryFlag.GRANTED)) continue;
    mapZap(space, start, vpn);
    if (rangeIsDevice(object)) rangesFree(object, e.offset, vpn - start, <MemType>e.type);
    e.object = changetype<usize>(objectGone());
    e.offset = start;
    e.prot = <u8>Prot.NONE;
    e.type = <u8>MemType.WB;
    e.flags = <u16>EntryFlag.SHARED;
    objectPut(changetype<usize>(object));
    settle(space, start, vpn);
  }
}
