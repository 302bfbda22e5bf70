// Spaces: clones of address spaces in the kernel's memory management alone, as its unit tests run it: what a fork of so many MiB costs,
// counted, and what the first write to a page of a clone costs, timed.

import { Machine } from "../../kernel-as/tests/harness.ts";
import type { SpaceCosts } from "../host/surroundings.ts";

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

export const spaceCosts: SpaceCosts = { cloneOps, cowFault, allocSteps };

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
