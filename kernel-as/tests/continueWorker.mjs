// A CPU that continues a process as soon as that waits because it is stopped, and says that it has.

import { workerData } from "node:worker_threads";

const { module, memory, blocks, slot, process, done } = workerData;
const none = () => 0;
const { exports: k } = new WebAssembly.Instance(module, {
  env: { memory },
  machine: {
    busRead: none,
    busWrite: none,
    now: none,
    random: none,
    stackProbe: none,
    userFault: none,
    request: none,
    abort: none,
  },
});
const words = new Int32Array(memory.buffer);
k.testAttach(slot, blocks);
while (words[done >> 2] === 0) {
  k.testLock();
  if (k.testContinue(process)) Atomics.store(words, done >> 2, 1);
  k.testUnlock();
  Atomics.wait(words, done >> 2, 0, 1);
}
