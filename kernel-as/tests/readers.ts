// What of mm.ts lets a test play a CPU on the way past the lock: it reads, it may not read yet, and others write meanwhile.

import {
  kernelLock,
  kernelUnlock,
  readerAdmit,
  readerEnter,
  readerLeave,
  readersForget,
} from "../arch/lock";
import { CpuRecord, cpuRecordOf } from "../arch/percpu";

export function testReaderAdmit(): void {
  readerAdmit();
}
/** No CPU may read until it has asked again. */
export function testForgetReaders(): void {
  kernelLock();
  readersForget();
  kernelUnlock();
}
export function testReaderEnter(): bool {
  return readerEnter();
}
export function testReaderLeave(): void {
  readerLeave();
}
/** Host address of the word that says whether a CPU reads. */
export function testReadingAt(slot: u32): usize {
  return changetype<usize>(cpuRecordOf(slot)) + offsetof<CpuRecord>("reading");
}
/** This CPU looks at `words` times as a reader, without the lock: how often they differed; -1 it had to take the lock instead. */
export function testReadWords(words: usize, times: u32): i32 {
  if (!readerEnter()) return -1;
  let differed = 0;
  for (let i: u32 = 0; i < times; i++) {
    if (atomic.load<u32>(words) != atomic.load<u32>(words, 4)) differed++;
  }
  readerLeave();
  return differed;
}
/** Changes both words under the lock, the second `times` looks after the first, and lets this CPU read from now on. */
export function testWriteWords(words: usize, times: u32): void {
  kernelLock();
  const value = load<u32>(words) + 1;
  atomic.store<u32>(words, value);
  for (let i: u32 = 0; i < times; i++) atomic.load<u32>(words);
  atomic.store<u32>(words, value, 4);
  readerAdmit();
  kernelUnlock();
}
