// A disk in a Worker of its own (abi/disk.ts), for tests with several CPUs: it serves requests in order, keeps its blocks in memory, and takes
// its time now and then, so that much can happen to a page on its way. `words` are abi/disk.ts's numbers.

import { workerData } from "node:worker_threads";

const { memory, host, words, seed, ready } = workerData;
const i32 = new Int32Array(memory.buffer);
const bytes = new Uint8Array(memory.buffer);
const blocks = new Map();
const nothing = new Int32Array(new SharedArrayBuffer(4));
const at = (offset) => (host + offset) >> 2;

let x = seed | 1;
function random(n) {
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  return (x >>> 0) % n;
}

function transfer(request) {
  const read = i32[(request + words.op) >> 2] === words.read;
  const block = i32[(request + words.block) >> 2];
  const count = i32[(request + words.count) >> 2];
  for (let i = 0; i < count; i++) {
    const pfn = i32[((request + words.frames) >> 2) + i];
    const frame = bytes.subarray(pfn * 4096, pfn * 4096 + 4096);
    if (!read) blocks.set(block + i, frame.slice());
    else if (pfn !== 0) frame.set(blocks.get(block + i) ?? new Uint8Array(4096));
  }
}

Atomics.add(i32, ready >> 2, 1);
Atomics.notify(i32, ready >> 2);
for (;;) {
  const wake = Atomics.load(i32, at(words.wake));
  while (Atomics.load(i32, at(words.submitTail)) !== Atomics.load(i32, at(words.submitHead))) {
    const tail = i32[at(words.submitTail)];
    const id = i32[at(words.submit) + (tail & (words.capacity - 1))];
    Atomics.store(i32, at(words.submitTail), tail + 1);
    const request = host + words.requests + id * words.requestBytes;
    if (random(4) === 0) Atomics.wait(nothing, 0, 0, random(3));
    transfer(request);
    const head = i32[at(words.doneHead)];
    i32[at(words.done) + (head & (words.capacity - 1))] = id;
    Atomics.store(i32, at(words.doneHead), head + 1);
    Atomics.store(i32, request >> 2, words.finished);
    Atomics.notify(i32, request >> 2);
  }
  Atomics.wait(i32, at(words.wake), wake);
}
