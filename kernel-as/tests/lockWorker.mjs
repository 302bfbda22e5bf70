// A CPU of the lock test: an instance of the test kernel in a Worker of its own, that reads and writes two words by turns.

import { parentPort, workerData } from "node:worker_threads";

const { module, memory, blocks, slot, words, rounds, start } = workerData;
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

// All begin together, so that they meet.
const gate = new Int32Array(memory.buffer, start, 1);
Atomics.sub(gate, 0, 1);
Atomics.notify(gate, 0);
for (let left = Atomics.load(gate, 0); left !== 0; left = Atomics.load(gate, 0))
  Atomics.wait(gate, 0, left);

let reads = 0;
let differed = 0;
for (let i = 0; i < rounds; i++) {
  const seen = exports.testReadWords(words, 1 + (i % 40));
  if (seen < 0 || i % 50 === slot) exports.testWriteWords(words, 20 + (i % 60));
  if (seen >= 0) reads++;
  if (seen > 0) differed++;
}
parentPort.postMessage({ reads, differed });
