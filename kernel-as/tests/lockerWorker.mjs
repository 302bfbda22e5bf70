// A CPU that takes the kernel lock once and says so.

import { workerData } from "node:worker_threads";

const { module, memory, blocks, slot, done } = workerData;
const none = () => 0;
const { exports } = new WebAssembly.Instance(module, {
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
exports.testAttach(slot, blocks);
exports.testLock();
Atomics.store(new Int32Array(memory.buffer), done >> 2, 1);
Atomics.notify(new Int32Array(memory.buffer), done >> 2);
exports.testUnlock();
