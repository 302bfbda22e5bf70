// Handle: what a client has open. Files without a state of their own share one handle; one of fb or ctl has a slot.
//
// Invariants
//   H1  view is the number of a used view. A slot that took it holds it alone, and drops it when it is closed.
//   H2  View.vblanks counts the slots with `vblank`.

import { Errno } from "../../abi/errno";
import { clientTerminal } from "../../lib/server";
import { vblankUnmask } from "./adapter";
import { VIEWS, viewAt, viewDrop, viewTake } from "./views";

export const enum Handle {
  DIRECTORY = 1,
  INFO = 2,
  STATUS = 3,
  SLOT = 16, // the first slot's
}

@unmanaged
export class Slot {
  /** 0 free, else the name that was opened (files.ts). */
  file: i32;
  view: i32;
  vblank: i32;
}
const SLOTS = 48;
const SLOT_BYTES = 12;
const slots: usize = memory.data(576);

/** The slot of a handle, or null. */
export function slotOf(handle: i32): Slot | null {
  const i = handle - Handle.SLOT;
  if (i < 0 || i >= SLOTS) return null;
  const slot = changetype<Slot>(slots + i * SLOT_BYTES);
  return slot.file != 0 ? slot : null;
}

/** A handle for a file of fb or ctl, on the base view; ENFILE. */
export function slotOpen(file: i32): i32 {
  for (let i = 0; i < SLOTS; i++) {
    const slot = changetype<Slot>(slots + i * SLOT_BYTES);
    if (slot.file != 0) continue;
    slot.file = file;
    slot.view = 0;
    slot.vblank = 0;
    return Handle.SLOT + i;
  }
  return -Errno.ENFILE;
}

export function slotClose(slot: Slot): void {
  slotDrop(slot);
  slotVblank(slot, false);
  slot.file = 0;
}

/** Gives the slot a view of its own; 0 or -errno. */
export function slotTake(slot: Slot): i32 {
  if (slot.view != 0) return 0;
  const i = viewTake(clientTerminal());
  if (i < 0) return i;
  const wants = slot.vblank != 0;
  slotVblank(slot, false);
  slot.view = i;
  slotVblank(slot, wants);
  return 0;
}

/** Back to the base view. */
export function slotDrop(slot: Slot): void {
  if (slot.view == 0) return;
  const wants = slot.vblank != 0;
  slotVblank(slot, false);
  viewDrop(slot.view);
  slot.view = 0;
  slotVblank(slot, wants);
}

/** Whether the slot's view is told of vblanks. Nothing runs while nobody wants to know. */
export function slotVblank(slot: Slot, on: bool): void {
  if ((slot.vblank != 0) == on) return;
  const before = wanted();
  slot.vblank = on ? 1 : 0;
  viewAt(slot.view).vblanks += on ? 1 : -1;
  const after = wanted();
  if (before != after) vblankUnmask(after);
}

function wanted(): bool {
  for (let i = 0; i < VIEWS; i++) if (viewAt(i).vblanks != 0) return true;
  return false;
}
