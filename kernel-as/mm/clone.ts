// Clone: copies of whole spaces, each in a number of steps that does not depend on how much memory they have.
//
//   spaceClone    another space with the same contents            (fork)
//   spaceFreeze   contents that never run and never change        (checkpoint)
//   spaceReplace  a space gets the contents of a frozen one       (restore)
//
// The page tables are shared from the root (mm/share.ts), the entries as one array (mm/entry.ts E4). What a space no longer shares is freed
// when it goes, which costs what it had for itself.
//
// Invariants
//   N1  A frozen space runs on no CPU; its entries and what its pages show never change.
//
// Locks     kernel lock. A space that is cloned or replaced runs on no CPU, on this one, or on one that is in the kernel: a store of a CPU
//           in user mode may be in flight, and then belongs to the clone or not; spaceIsSettled says when that is over.

import { CpuBlock } from "../../abi/cpu";
import { UserPage } from "../../abi/layout";
import { cpuRecordOf, cpuSlot } from "../arch/percpu";
import { Panic, panic } from "../lib/panic";
import { batchFlush, batchProtect } from "./batch";
import { entriesPut, entriesShare } from "./entry";
import { shareDropTree, shareOwnRange, shareTree } from "./share";
import { Space, spaceDestroy, spaceNew } from "./space";
import { wcDrain } from "./wc";
import { wireRestore, wireSplit } from "./wire";

/** A space with the contents of `source`, private pages copy-on-write in both, or null: no memory. It has the source's owner. */
export function spaceClone(source: Space): Space | null {
  const space = spaceNew();
  if (space == null) return null;
  space.ownerPid = source.ownerPid;
  space.nameLow = source.nameLow;
  space.nameHigh = source.nameHigh;
  share(space, source);
  const split = wireSplit(space, source);
  if (!split) spaceDestroy(space);
  wireRestore(source);
  batchProtect(source);
  return split ? space : null;
}

/** The contents of `source` as they are now, never to change: for spaceReplace. Or null: no memory. */
export function spaceFreeze(source: Space): Space | null {
  const space = spaceClone(source);
  if (space != null) space.frozen = 1;
  return space;
}

/** The contents of `space` become those of a frozen one; what it had goes. WC stores are drained first. Cannot fail. */
export function spaceReplace(space: Space, frozen: Space): void {
  if (frozen.frozen == 0 || space.frozen != 0) panic(Panic.BAD_STATE, changetype<usize>(frozen));
  if (space.slot >= 0 && space.slot != <i32>cpuSlot) panic(Panic.BAD_STATE, space.slot);
  if (space.slot >= 0) wcDrain(space.slot);
  batchFlush(space);
  shareDropTree(space);
  entriesPut(space);
  share(space, frozen);
  if (space.slot >= 0) store<u32>(cpuRecordOf(space.slot).block, space.brk, CpuBlock.BREAK);
}

/** As spaceClone, but every table and leaf is copied at once, as fork did before: what clones are measured against. */
export function spaceClonePerPage(source: Space): Space | null {
  const space = spaceClone(source);
  if (space == null) return null;
  if (!shareOwnRange(space, 0, UserPage.STACK_TOP, false)) {
    spaceDestroy(space);
    return null;
  }
  shareOwnRange(source, 0, UserPage.STACK_TOP, false);
  return space;
}

/** True if no store of a CPU that ran `space` when it was cloned can be in flight any more. */
export function spaceIsSettled(space: Space): bool {
  return space.slot < 0 || cpuRecordOf(space.slot).ackPending == 0;
}

/** Contents of `source` for `space`, which has none. */
function share(space: Space, source: Space): void {
  entriesShare(space, source);
  space.brkStart = source.brkStart;
  space.brk = source.brk;
  space.brkMax = source.brkMax;
  space.hint = source.hint;
  space.stackLimit = source.stackLimit;
  space.deviceLimit = source.deviceLimit;
  space.residentPages = source.residentPages;
  space.tablePages = source.tablePages;
  shareTree(space, source);
}
