// A CPU that continues a process as soon as that waits because it is stopped, and says that it has.

import { workerData } from "node:worker_threads";
import { kernel as k } from "./workerCpu.mjs";

const { memory, process, done } = workerData;
const words = new Int32Array(memory.buffer);
while (words[done >> 2] === 0) {
  k.testLock();
  if (k.testContinue(process)) Atomics.store(words, done >> 2, 1);
  k.testUnlock();
  Atomics.wait(words, done >> 2, 0, 1);
}
