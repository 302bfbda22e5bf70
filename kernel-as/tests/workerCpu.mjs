// What a Worker of these tests is: a CPU with a test kernel of its own (mm.ts), attached to its slot.

import { workerData } from "node:worker_threads";

const none = () => 0;
const { module, memory, blocks, slot } = workerData;

/** The kernel's exports. `now` in nanoseconds. */
export const { exports: kernel } = new WebAssembly.Instance(module, {
  env: { memory },
  machine: {
    busRead: none,
    busWrite: none,
    now: () => performance.now() * 1e6,
    random: none,
    stackProbe: none,
    userFault: none,
    request: none,
    abort: none,
  },
});
kernel.testAttach(slot, blocks);
