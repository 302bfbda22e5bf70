// The kernel lock: one futex mutex for all shared state. Every function of mm, proc, ipc and dev is called with it held unless its
// comment says otherwise.
//
// Invariants
//   L1  The word is 0 free, 1 held, 2 held and somebody may sleep on it.
//   L2  OWNER is the slot of the holder plus one, 0 when free: taking it twice or releasing another's is a panic.
//
// Blocking while it is held is a bug: waits happen with no lock held.

import { Panic, panic } from "../lib/panic";
import { Vars } from "../lib/vars";
import { cpuSlot } from "./percpu";

const WORD: usize = Vars.ARCH + 0x00;
const OWNER: usize = Vars.ARCH + 0x04;
const SPINS = 2000;

/** Takes the lock; spins briefly, then sleeps. */
// @ts-ignore: decorator
@inline
export function kernelLock(): void {
  if (atomic.cmpxchg<u32>(WORD, 0, 1) != 0) lockContended();
  store<u32>(OWNER, cpuSlot + 1);
}

// @ts-ignore: decorator
@inline
export function kernelUnlock(): void {
  if (load<u32>(OWNER) != cpuSlot + 1) panic(Panic.LOCK, cpuSlot);
  store<u32>(OWNER, 0);
  if (atomic.xchg<u32>(WORD, 0) == 2) atomic.notify(WORD, 1);
}

export function kernelLockHeld(): bool {
  return load<u32>(OWNER) == cpuSlot + 1;
}

function lockContended(): void {
  // Only the holder writes its own slot here, so this cannot misread another CPU's change as ours.
  if (load<u32>(OWNER) == cpuSlot + 1) panic(Panic.LOCK, cpuSlot);
  for (let i = 0; i < SPINS; i++) {
    if (atomic.load<u32>(WORD) == 0 && atomic.cmpxchg<u32>(WORD, 0, 1) == 0) return;
  }
  while (atomic.xchg<u32>(WORD, 2) != 0) atomic.wait<i32>(WORD, 2, -1);
}
