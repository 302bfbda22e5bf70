// A CPU of the stress test, in a Worker: program code that looks its translations up as rewritten code does, waits a little between the
// lookup and the access, and enters a kernel of its own when it finds none. Every word that it stores says whose it is and where. In its kept
// region, which nobody else writes, it knows every word.

import { parentPort, workerData } from "node:worker_threads";
import { kernel as k } from "./workerCpu.mjs";

const { memory, blocks, slot, process, pid, regions, words, seed } = workerData;
const u32 = new Uint32Array(memory.buffer);
const i32 = new Int32Array(memory.buffer);

/** Of the CPU block (abi/cpu.ts), in words. */
const BLOCK = (blocks + slot * words.blockBytes) >> 2;
const STATE = BLOCK + (words.state >> 2);
const TLB = BLOCK + (words.tlb >> 2);
const READ = { window: BLOCK + (words.readStart >> 2), side: 0, call: k.mmu_load32 };
const WRITE = { window: BLOCK + (words.writeStart >> 2), side: 1, call: k.mmu_store32 };

let x = seed | 1;
function random(n) {
  x ^= x << 13;
  x ^= x >>> 17;
  x ^= x << 5;
  return (x >>> 0) % n;
}

/** Host address of va, 0: none. */
function lookup(va, { window, side }) {
  const start = u32[window];
  if ((va - start) >>> 0 < u32[window + 1]) return (va + u32[window + 2]) >>> 0;
  const entry = u32[TLB + (va >>> 12) * 2 + side];
  return entry === 0 ? 0 : (va + entry + 4095) >>> 0;
}

let spun = 0;
function pause(n) {
  for (let i = 0; i < n; i++) spun += u32[BLOCK + (words.readStart >> 2)] & 1;
}

const counts = { loads: 0, stores: 0, hits: 0, deaths: 0, foreign: 0, spun: 0 };

/** The access that the program makes; undefined: it is not allowed, and would have ended the program. */
function access(va, how, value) {
  const host = lookup(va, how);
  if (host !== 0) {
    counts.hits++;
    // Mostly as short as between a program's lookup and its access; now and then as long as the disk takes to move a page.
    pause(random(128) === 0 ? 40_000 : random(8) === 0 ? random(400) : random(20));
    if (how === WRITE) u32[host >> 2] = value;
    return how === WRITE ? value : u32[host >> 2];
  }
  try {
    return how.call(va, 0, value) >>> 0;
  } catch {
    counts.deaths++;
    k.testForgetDeath();
    Atomics.store(i32, STATE, words.user);
    return undefined;
  }
}

k.testLock();
k.testRun(process);
k.testUnlock();
Atomics.add(i32, words.ready >> 2, 1);
Atomics.notify(i32, words.ready >> 2);

/** What the words of the kept region hold. */
const kept = new Map();
let last = 0;

function stop(what) {
  counts.foreign++;
  counts.seen = what;
  Atomics.store(i32, words.stop >> 2, 1);
}

/** A load or a store where every word is known: none is lost, and none comes from elsewhere. */
function keep(va) {
  if (random(5) < 2) {
    counts.stores++;
    if (access(va, WRITE, ++last) !== undefined) kept.set(va, last);
    return;
  }
  counts.loads++;
  const value = access(va, READ, 0);
  const known = kept.get(va) ?? 0;
  if (value !== undefined && value !== known)
    stop(`${value.toString(16)} instead of ${known.toString(16)} at ${va.toString(16)}`);
}

while (Atomics.load(i32, words.stop >> 2) === 0) {
  for (let i = 0; i < 200 && counts.foreign === 0; i++) {
    const region = regions[random(regions.length)];
    const page = random(region.pages);
    const va = region.va + page * 4096 + random(4) * 4;
    if (region.kept) {
      keep(va);
      continue;
    }
    if (random(5) < 2) {
      counts.stores++;
      access(va, WRITE, (((pid << 16) | (region.tag << 8) | page) >>> 0) | 0);
      continue;
    }
    counts.loads++;
    const value = access(va, READ, 0);
    if (value === undefined || value === 0) continue;
    const owner = value >>> 16;
    const place = value & 0xffff;
    const mine = owner === pid || owner === words.operator || (region.shared && owner < 64);
    if (!mine || place !== ((region.tag << 8) | page))
      stop(`${value.toString(16)} at ${va.toString(16)}`);
  }
}
counts.spun = spun;
parentPort.postMessage(counts);
