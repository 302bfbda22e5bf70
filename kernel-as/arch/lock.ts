// The kernel lock: one futex mutex for all shared state, with a way past it for CPUs that only touch what is their own. Every function
// of mm, proc, ipc and dev is called with it held unless its comment says otherwise.
//
// A CPU that reads (readerEnter to readerLeave) sees shared state that nobody changes, as if it held the lock, and runs beside other
// CPUs that read. It may change what no other CPU looks at without the lock: its block, its record, its space and that space's own
// tables and frames. It never sleeps and never takes the lock while it reads.
//
// Invariants
//   L1  The word is 0 free, 1 held, 2 held and somebody may sleep on it.
//   L2  OWNER is the slot of the holder plus one, 0 when free: taking it twice or releasing another's is a panic.
//   L3  While a CPU holds the lock no other CPU reads: it waited for each one that may (READERS) to leave.
//   L4  READERS changes only under the lock. A CPU without its bit there must take the lock once and ask for it (readerAdmit).
//
// Race      A CPU begins to read while another takes the lock. Both store first and then load, sequentially consistent: one its flag,
//           then the word; the other the word, then the flag. So at least one sees the other: the reader sees the word taken, leaves and
//           takes the lock itself, or the holder sees the flag and waits; both may happen, neither is missed.
// Race      A holder takes a reader's bit away while that CPU begins to read. If the reader loads the word free before the holder took
//           it, its flag was set before the holder looked, so the holder waited. If after the release, it loads READERS after the bit
//           went, and takes the lock instead. So no CPU reads without the bit, and a holder need not look at one without it.
//
// Blocking while it is held is a bug: waits happen with no lock held.

import { Panic, panic } from "../lib/panic";
import { Vars } from "../lib/vars";
import { CpuRecord, cpuBit, cpuRecord, cpuRecordOf, cpuSlot } from "./percpu";

const WORD: usize = Vars.ARCH + 0x00;
const OWNER: usize = Vars.ARCH + 0x04;
/** u64, one bit for each CPU that may read; how often holders have looked at readers. */
const READERS: usize = Vars.ARCH + 0x08;
const LOOKS: usize = Vars.ARCH + 0x10;
const SPINS = 2000;
/** What a reader waits for the lock to get free, and its holder for a reader to leave: less than a sleep costs. */
const READER_SPINS = 20000;
/** Every so many looks all bits are taken away: CPUs that have stopped faulting cost the lock nothing. A power of two. */
const LOOKS_KEPT: u32 = 16;

/** Takes the lock; spins briefly, then sleeps. Nobody reads afterwards. */
// @ts-ignore: decorator
@inline
export function kernelLock(): void {
  if (atomic.cmpxchg<u32>(WORD, 0, 1) != 0) lockContended();
  store<u32>(OWNER, cpuSlot + 1);
  if (load<u64>(READERS) != 0) readersWait();
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

/** This CPU may read from now on. Lock: held. */
export function readerAdmit(): void {
  store<u64>(READERS, load<u64>(READERS) | cpuBit);
}

/** True: this CPU reads until readerLeave. False: it must take the lock: it may not read yet, or the lock does not get free. */
// @ts-ignore: decorator
@inline
export function readerEnter(): bool {
  // Without the bit the flag is not worth its cost; what counts is the second look.
  if ((load<u64>(READERS) & cpuBit) == 0) return false;
  return readerTry() || readerContended();
}

// @ts-ignore: decorator
@inline
export function readerLeave(): void {
  const flag = cpuRecord + offsetof<CpuRecord>("reading");
  if (atomic.xchg<u32>(flag, 0) == 2) atomic.notify(flag, 1);
}

// @ts-ignore: decorator
@inline
function readerTry(): bool {
  atomic.store<u32>(cpuRecord + offsetof<CpuRecord>("reading"), 1);
  if (atomic.load<u32>(WORD) == 0 && (load<u64>(READERS) & cpuBit) != 0) return true;
  readerLeave();
  return false;
}

/**
 * The lock is held for a moment: waits for that instead of queueing up. A CPU that took it here would be in the way of the next reader,
 * and that one of the next: then all take it in turn and nobody reads.
 */
function readerContended(): bool {
  for (let i = 0; i < READER_SPINS; i++) {
    if (atomic.load<u32>(WORD) != 0) continue;
    if ((load<u64>(READERS) & cpuBit) == 0) return false;
    if (readerTry()) return true;
  }
  return false;
}

export function readerActive(): bool {
  return changetype<CpuRecord>(cpuRecord).reading != 0;
}

/** Waits until no other CPU reads (this one does not). Bounded by the length of one fault, and by the host's scheduler: after a while it sleeps. */
function readersWait(): void {
  const looks = load<u32>(LOOKS) + 1;
  store<u32>(LOOKS, looks);
  for (let others = load<u64>(READERS) & ~cpuBit; others != 0; others &= others - 1) {
    const flag = changetype<usize>(cpuRecordOf(<u32>ctz(others))) + offsetof<CpuRecord>("reading");
    for (let i = 0; i < READER_SPINS && atomic.load<u32>(flag) != 0; i++) {}
    while (atomic.load<u32>(flag) != 0) {
      if (atomic.cmpxchg<u32>(flag, 1, 2) != 0) atomic.wait<i32>(flag, 2, -1);
    }
  }
  if ((looks & (LOOKS_KEPT - 1)) == 0) readersForget();
}

/** No CPU may read until it has asked again. Lock: held, and readersWait is over. */
export function readersForget(): void {
  store<u64>(READERS, 0);
}

function lockContended(): void {
  // Only the holder writes its own slot here, so this cannot misread another CPU's change as ours.
  if (load<u32>(OWNER) == cpuSlot + 1) panic(Panic.LOCK, cpuSlot);
  for (let i = 0; i < SPINS; i++) {
    if (atomic.load<u32>(WORD) == 0 && atomic.cmpxchg<u32>(WORD, 0, 1) == 0) return;
  }
  while (atomic.xchg<u32>(WORD, 2) != 0) atomic.wait<i32>(WORD, 2, -1);
}
