// The user's half of the litmus test: on its way from the kernel to user mode it stores USER and then looks up, over and over, each time when
// the other CPU is about to clear that translation.

import { workerData } from "node:worker_threads";

const { buffer, state, entry, turn, seen, rounds, spins, user } = workerData;
const words = new Int32Array(buffer);

for (let round = 1; round <= rounds; round++) {
  for (let n = 0; Atomics.load(words, turn >> 2) !== round; n++) {
    if (n > spins) Atomics.wait(words, turn >> 2, round - 1, 1);
  }
  Atomics.store(words, state >> 2, user);
  words[seen >> 2] = words[entry >> 2];
  Atomics.store(words, (turn >> 2) + 1, round);
}
