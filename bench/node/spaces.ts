// Spaces: clones of address spaces in the kernel's memory management alone, as its unit tests run it: what a fork of so many MiB costs,
// counted, and what the first write to a page of a clone costs, timed; what swap makes of a program that is larger than RAM, counted.

import { Machine, seeded } from "../../kernel-as/tests/harness.ts";
import type { SpaceCosts, SwapTraffic } from "../host/surroundings.ts";

const MIB = 1 << 20;
const PAGE = 4096;
const RW = 3;
const PRIVATE_ANONYMOUS = 0x22;
/** PTE, table and page copies, reference operations (kernel-as/arch/counters.ts). */
const COUNTERS = [16, 17, 18, 19];
const FRAME_STEPS = 30;
const WARM_ROUNDS = 3;
const ROUNDS = 9;
const PAGES = 2048;

/** Counters of pages read, written and found in the swap cache, of pages evicted and of the entries that named them; of disk requests. */
const SWAP_INS = 20;
const SWAP_OUTS = 21;
const SWAP_HITS = 22;
const EVICTIONS = 25;
const EVICT_MAPPINGS = 26;
const SWAP_READS = 31;
const SWAP_WRITES = 32;
const SWAP_AHEAD_USED = 34;
const PAGEOUT = 21;

export const spaceCosts: SpaceCosts = {
  cloneOps,
  cowFault,
  allocSteps,
  cacheFault,
  evictMappings,
  swapTraffic,
};

function machineWith(mib: number): { m: Machine; space: number; at: number } {
  const m = new Machine({ ramBytes: (mib + 40) * MIB });
  const [, space] = m.process();
  const at = m.locked("sysMmapAnonymous", 0, mib * MIB, RW, PRIVATE_ANONYMOUS) >>> 0;
  for (let page = 0; page < mib * MIB; page += PAGE) m.call("mmu_store32", at + page, 0, page);
  return { m, space, at };
}

function cloneOps(mib: number, how: "shared" | "per page"): number {
  const { m, space } = machineWith(mib);
  const counted = () =>
    COUNTERS.reduce((sum, which) => sum + Number(m.big("testCounter", which)), 0);
  const before = counted();
  if (m.locked(how === "shared" ? "spaceClone" : "spaceClonePerPage", space) === 0)
    throw new Error(`no memory for a clone of ${mib} MiB`);
  return counted() - before;
}

/** Words that the frame allocator looks at for a frame of 1 GiB of which every hundredth is free, on average. */
function allocSteps(): number {
  const m = new Machine({ ramBytes: 1024 * MIB });
  const taken: number[] = [];
  for (let pfn = m.call("pmmAlloc", 0); pfn !== 0; pfn = m.call("pmmAlloc", 0)) taken.push(pfn);
  const free = taken.filter((_, i) => i % 100 === 0);
  for (const pfn of free) m.call("pmmFree", pfn);
  const before = Number(m.big("testCounter", FRAME_STEPS));
  for (const _ of free) m.call("pmmAlloc", 0);
  return (Number(m.big("testCounter", FRAME_STEPS)) - before) / free.length;
}

/** Nanoseconds of the first write to a page that a clone has too, copy included: the best of the rounds. */
function cowFault(): number {
  const { m, space, at } = machineWith((PAGES * PAGE) / MIB);
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < WARM_ROUNDS + ROUNDS; round++) {
    const clone = m.locked("spaceClone", space);
    const start = performance.now();
    for (let i = 0; i < PAGES; i++) m.call("mmu_store32", at + i * PAGE, 0, i);
    const ns = ((performance.now() - start) * 1e6) / PAGES;
    if (round >= WARM_ROUNDS) best = Math.min(best, ns);
    m.locked("spaceDestroy", clone);
  }
  return best;
}

/** Nanoseconds of the first touch of a page that was written to swap and is still in the swap cache: the best of the rounds. */
function cacheFault(): number {
  const m = new Machine({ ramBytes: 32 * MIB, swapBlocks: 4 * PAGES });
  m.process();
  const at = m.locked("sysMmapAnonymous", 0, PAGES * PAGE, RW, PRIVATE_ANONYMOUS) >>> 0;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < WARM_ROUNDS + ROUNDS; round++) {
    for (let i = 0; i < PAGES; i++) m.call("mmu_store32", at + i * PAGE, 0, i);
    m.locked("sysMadvise", at, PAGES * PAGE, PAGEOUT);
    m.disk?.serve();
    m.locked("swapPoll");
    const hits = Number(m.big("testCounter", SWAP_HITS));
    const start = performance.now();
    for (let i = 0; i < PAGES; i++) m.call("mmu_load32", at + i * PAGE, 0);
    const found = Number(m.big("testCounter", SWAP_HITS)) - hits;
    if (found !== PAGES) throw new Error(`${found} of ${PAGES} pages were in the swap cache`);
    const ns = ((performance.now() - start) * 1e6) / PAGES;
    if (round >= WARM_ROUNDS) best = Math.min(best, ns);
  }
  return best;
}

/** Entries touched for each entry that named an evicted page, with 64 spaces around of which 4 show it. */
function evictMappings(): number {
  const m = new Machine({ ramBytes: 32 * MIB, swapBlocks: PAGES });
  const [, space] = m.process();
  const at = m.locked("sysMmapAnonymous", 0, 2 * PAGE, RW, PRIVATE_ANONYMOUS) >>> 0;
  m.call("mmu_store32", at, 0, 1);
  for (let i = 0; i < 64; i++) {
    const clone = m.locked("spaceClone", space);
    m.view.setUint32(0x3000, i, true);
    // A write beside it gives the clone a table of its own; a write to it, a page of its own.
    m.locked("copyOut", clone, at + PAGE, 0x3000, 4);
    if (i >= 3) m.locked("copyOut", clone, at, 0x3000, 4);
  }
  const before = [EVICTIONS, EVICT_MAPPINGS].map((which) => Number(m.big("testCounter", which)));
  m.locked("testEvict", space, at >>> 12);
  const [evicted = 0, touched = 0] = [EVICTIONS, EVICT_MAPPINGS].map(
    (which, i) => Number(m.big("testCounter", which)) - (before[i] ?? 0),
  );
  return touched / (evicted * 4);
}

/** A program with three times the pages that there are frames writes all, reads all in order, and reads as many at random. */
function swapTraffic(): SwapTraffic {
  const mib = 8;
  const pages = (3 * mib * MIB) / PAGE;
  const m = new Machine({ ramBytes: mib * MIB, swapBlocks: 4 * pages });
  m.process();
  const at = m.locked("sysMmapAnonymous", 0, pages * PAGE, RW, PRIVATE_ANONYMOUS) >>> 0;
  const counted = () =>
    [SWAP_INS, SWAP_OUTS, SWAP_READS, SWAP_WRITES, SWAP_AHEAD_USED].map((which) =>
      Number(m.big("testCounter", which)),
    );
  const during = (work: () => void) => {
    const before = counted();
    work();
    const [ins = 0, outs = 0, reads = 0, writes = 0, used = 0] = counted().map(
      (n, i) => n - (before[i] ?? 0),
    );
    return { ins, outs, reads, writes, used };
  };
  const random = seeded(7);
  const written = during(() => {
    for (let i = 0; i < pages; i++) m.call("mmu_store32", at + i * PAGE, 0, i);
  });
  const inOrder = during(() => {
    for (let i = 0; i < pages; i++) m.call("mmu_load32", at + i * PAGE, 0);
  });
  const scattered = during(() => {
    for (let i = 0; i < pages; i++) m.call("mmu_load32", at + random(pages) * PAGE, 0);
  });
  return {
    written: written.outs / written.writes,
    inOrder: inOrder.ins / inOrder.reads,
    atRandom: scattered.ins / (scattered.reads + scattered.used),
  };
}
