// A CPU of the lock test: an instance of the test kernel in a Worker of its own, that reads and writes two words by turns.

import { parentPort, workerData } from "node:worker_threads";
import { kernel } from "./workerCpu.mjs";

const { memory, slot, words, rounds, start } = workerData;

// All begin together, so that they meet.
const gate = new Int32Array(memory.buffer, start, 1);
Atomics.sub(gate, 0, 1);
Atomics.notify(gate, 0);
for (let left = Atomics.load(gate, 0); left !== 0; left = Atomics.load(gate, 0))
  Atomics.wait(gate, 0, left);

let reads = 0;
let differed = 0;
for (let i = 0; i < rounds; i++) {
  const seen = kernel.testReadWords(words, 1 + (i % 40));
  if (seen < 0 || i % 50 === slot) kernel.testWriteWords(words, 20 + (i % 60));
  if (seen >= 0) reads++;
  if (seen > 0) differed++;
}
parentPort.postMessage({ reads, differed });
