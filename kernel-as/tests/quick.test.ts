// The way past the kernel lock: readers (arch/lock.ts), leases (mm/lease.ts), faults without the lock (mm/quick.ts, entry/quick.ts).

import { Worker } from "node:worker_threads";
import { beforeAll, describe, expect, it } from "vitest";
import { CpuBlock, CpuState } from "../../abi/cpu.ts";
import { MapFlag, Prot } from "../../abi/syscall.ts";
import { type Exports, kernelModule, Machine, seeded } from "./harness.ts";

beforeAll(() => void kernelModule());

const PAGE = 4096;
/** Where a word of the bitmap begins in the run. */
const HEAP = 0x20000;
const SCRATCH = 0x3100;
const ANON = MapFlag.PRIVATE | MapFlag.ANONYMOUS;

interface Lease {
  /** The words that it has frames of, lowest pair first, and how many. */
  words: number[];
  frames: number;
}

/** Run and loose lease of a CPU. */
function leases(m: Machine, slot = 0): { run: Lease; loose: Lease } {
  m.call("testLease", slot, SCRATCH);
  const at = (offset: number): Lease => {
    const lease: Lease = { words: [], frames: 0 };
    for (let pair = SCRATCH + offset; pair < SCRATCH + offset + 32; pair += 8) {
      const frames = bits(m.view.getUint32(pair + 4, true));
      if (frames > 0) lease.words.push(m.view.getUint32(pair, true));
      lease.frames += frames;
    }
    return lease;
  };
  return { run: at(0), loose: at(32) };
}

function bits(mask: number): number {
  let n = 0;
  for (let left = mask >>> 0; left !== 0; left &= left - 1) n++;
  return n;
}

/** A machine whose process has a heap of 1 MiB and an anonymous mapping of 1 MiB. */
function machine(ramBytes = 16 << 20) {
  const m = new Machine({ ramBytes });
  m.call("pmmSetJunk", 1);
  const empty = m.counts();
  const [process, space] = m.process();
  m.locked("testImage", space, 0, 0, 0, 0, 0x110000, 0xffffffff);
  const area = m.locked("sysMmapAnonymous", 0, 1 << 20, Prot.READ | Prot.WRITE, ANON) >>> 0;
  return { m, process, space, area, empty };
}

const frameOf = (m: Machine, space: number, va: number) =>
  Number((m.big("testLeaf", space, va >>> 12) >> 12n) & 0xfffffffn);

describe("faults without the lock", () => {
  it("take the frames that were leased by the first, and the pages lie in one run", () => {
    const { m, space, area } = machine();
    for (const base of [HEAP, area]) {
      m.call("mmu_store32", base, 0, 1);
      const which = base === HEAP ? "run" : "loose";
      const leased = leases(m)[which];
      expect(leased.frames).toBeGreaterThan(8);
      for (let i = 1; i <= leased.frames; i++) m.call("mmu_store32", base + i * PAGE, 0, i);
      expect(leases(m)[which]).toEqual({ words: [], frames: 0 });
      const first = frameOf(m, space, base + PAGE) - 1;
      for (let i = 1; i <= leased.frames; i++) {
        expect(frameOf(m, space, base + i * PAGE)).toBe(first + i);
        expect(m.call("mmu_load32", base + i * PAGE, 0)).toBe(i);
      }
      m.check();
    }
  });

  it("need the lock once for four words, where memory is plenty", () => {
    const { m, space, area } = machine(64 << 20);
    for (const [base, which] of [
      [area, "loose"],
      [HEAP, "run"],
    ] as const) {
      m.call("mmu_store32", base, 0, 1);
      const { words, frames } = leases(m)[which];
      expect(words.length).toBe(4);
      expect(frames).toBeGreaterThan(96);
      for (let i = 1; i <= frames; i++) m.call("mmu_store32", base + i * PAGE, 0, i);
      expect(leases(m)[which].frames).toBe(0);
      const all = Array.from({ length: frames + 1 }, (_, i) => frameOf(m, space, base + i * PAGE));
      expect(new Set(all).size).toBe(frames + 1);
    }
    m.check();
  });

  it("never lease more of a run than its chunk has", () => {
    const m = new Machine({ ramBytes: 64 << 20 });
    const [, space] = m.process();
    const last = 0x200000 - 2 * PAGE;
    m.locked("testImage", space, 0, 0, 0, 0, 0x400000, 0xffffffff);
    m.call("mmu_store32", last - 64 * PAGE, 0, 1);
    m.call("mmu_store32", last, 0, 1);
    expect(leases(m).run.frames).toBeGreaterThan(0);
    const words = leases(m).run.words;
    const chunk = frameOf(m, space, last) >>> 9;
    expect(words.every((word) => word >>> 4 === chunk)).toBe(true);
    m.check();
  });

  it("give each page of a run its own place in it, in any order", () => {
    const { m, space } = machine();
    const random = seeded(7);
    const pages = Array.from({ length: 200 }, (_, i) => i);
    for (let i = pages.length - 1; i > 0; i--) {
      const j = random(i + 1);
      [pages[i], pages[j]] = [pages[j] as number, pages[i] as number];
    }
    for (const page of pages) m.call("mmu_store32", HEAP + page * PAGE, 0, page);
    const first = frameOf(m, space, HEAP);
    for (const page of pages) expect(frameOf(m, space, HEAP + page * PAGE)).toBe(first + page);
    m.check();
  });

  it("leave the first page of a run to the long way, whatever frames there are", () => {
    const { m, space, area } = machine();
    m.call("mmu_store32", area, 0, 1);
    expect(leases(m).loose.frames).toBeGreaterThan(8);
    for (let i = 0; i < 8; i++) m.call("mmu_store32", HEAP + i * PAGE, 0, i);
    const first = frameOf(m, space, HEAP);
    expect(first & 511).toBe((HEAP >>> 12) & 511);
    for (let i = 0; i < 8; i++) expect(frameOf(m, space, HEAP + i * PAGE)).toBe(first + i);
    m.check();
  });

  it("are not prepared by accesses to devices", () => {
    const m = new Machine({ ramBytes: 8 << 20 });
    m.call("testResource", 0xe0000000, 1 << 20, 1);
    m.process();
    const a = m.locked("sysMmapDevice", 0xe0000000n, 0x1000n, 1) >>> 0;
    m.call("mmu_store32", a, 0, 1);
    m.call("mmu_load32", a, 0);
    expect(leases(m).loose.frames).toBe(0);
    m.check();
  });

  it("give zeros, and count frames, faults and fills as the long way does", () => {
    const { m, space, area } = machine();
    m.call("mmu_store32", area, 0, 1);
    const before = m.counts();
    const faults = m.big("testCounter", 0);
    const fills = m.big("testCounter", 1);
    const resident = m.call("testResident", space);
    for (let i = 1; i <= 8; i++) expect(m.call("mmu_load32", area + i * PAGE, 0)).toBe(0);
    const after = m.counts();
    expect(after[0]).toBe((before[0] as number) - 8);
    expect(after[1]).toBe((before[1] as number) + 8);
    expect(m.call("testResident", space)).toBe(resident + 8);
    expect(m.big("testCounter", 0) - faults).toBe(8n);
    expect(m.big("testCounter", 1) - fills).toBe(8n);
    m.check();
  });

  it("are refused as with the lock: rights, guard pages, and nothing is mapped", () => {
    const { m, space, area } = machine();
    m.call("mmu_store32", area, 0, 1);
    expect(m.locked("sysMprotect", area + PAGE, PAGE, Prot.READ)).toBe(0);
    expect(m.locked("sysMprotect", area + 2 * PAGE, PAGE, Prot.NONE)).toBe(0);
    expect(m.dies("mmu_store32", area + PAGE, 0, 1)).toBe(true);
    expect(m.dies("mmu_load32", area + 2 * PAGE, 0)).toBe(true);
    expect(m.big("testLeaf", space, (area + 2 * PAGE) >>> 12)).toBe(0n);
    expect(m.call("mmu_load32", area + PAGE, 0)).toBe(0);
    expect(m.dies("mmu_store32", area + PAGE, 0, 1)).toBe(true);
    m.check();
  });

  it("leave tables that others share alone: a clone sees what was there", () => {
    const { m, space, area } = machine();
    m.call("mmu_store32", area, 0, 1);
    const clone = m.locked("spaceClone", space);
    const tables = m.call("pmmTableFrames");
    m.call("mmu_store32", area + PAGE, 0, 2);
    expect(m.call("pmmTableFrames")).toBeGreaterThan(tables);
    expect(m.big("testLeaf", clone, (area + PAGE) >>> 12)).toBe(0n);
    m.check();
    m.locked("spaceDestroy", clone);
    m.check();
  });

  it("do not happen once the process is told to end", () => {
    const { m, process, space, area } = machine();
    m.call("mmu_store32", area, 0, 1);
    m.call("testSignal", process, 9);
    const frames = leases(m).loose.frames;
    expect(m.dies("mmu_store32", area + PAGE, 0, 1)).toBe(true);
    m.call("testSignal", process, 0);
    m.call("testForgetDeath");
    expect(leases(m).loose.frames).toBe(frames);
    // The long way resolves the fault and then ends the process: what counts is that it ended.
    expect(m.call("testResident", space)).toBeGreaterThan(0);
    m.check();
  });

  it("do not happen while the process is stopped: it waits to be continued, and then has its page", async () => {
    const { m, process, area } = machine();
    m.call("mmu_store32", area, 0, 1);
    const worker = new Worker(new URL("continueWorker.mjs", import.meta.url), {
      workerData: {
        module: kernelModule(),
        memory: m.memory,
        blocks: m.blocks,
        slot: 2,
        process,
        done: SCRATCH,
      },
    });
    m.call("testStop", process, 19);
    m.call("mmu_store32", area + PAGE, 0, 2);
    expect(m.view.getInt32(SCRATCH, true)).toBe(1);
    expect(m.call("mmu_load32", area + PAGE, 0)).toBe(2);
    await worker.terminate();
    m.check();
  });

  it("of cacheable devices go to the device's memory, not to where RAM of that number would be", () => {
    const m = new Machine({ ramBytes: 8 << 20 });
    m.call("testResource", 0xe0000000, 1 << 20, 1);
    const [, space] = m.process();
    m.locked("testImage", space, 0, 0, 0, 0, 0x110000, 0xffffffff);
    const a = m.locked("sysMmapDevice", 0xe0000000n, 0x2000n, 0) >>> 0;
    m.view.setUint32(m.vramHost + PAGE + 8, 0x1234, true);
    // From here on the CPU may read.
    m.call("mmu_store32", HEAP, 0, 1);
    expect(m.call("testReaderEnter")).toBe(1);
    m.call("testReaderLeave");
    expect(m.call("mmu_load32", a + PAGE, 8)).toBe(0x1234);
    m.check();
  });

  it("acknowledge what was invalidated here, the long way", () => {
    const { m, k1, space } = other();
    k1["mmu_store32"]?.(0x5000, 0, 1);
    m.locked("testRemove", space, 5, 6);
    expect(m.call("testQuarantined", 1)).toBeGreaterThan(0);
    k1["mmu_store32"]?.(0x6000, 0, 1);
    expect(m.call("testQuarantined", 1)).toBe(0);
    m.check();
  });
});

describe("leases", () => {
  it("are returned when the space leaves the CPU, and nothing is lost", () => {
    const { m, process, area, empty } = machine();
    // The first touch of a run returns all leases.
    m.call("mmu_store32", HEAP, 0, 1);
    m.call("mmu_store32", area, 0, 1);
    expect(leases(m).run.frames).toBeGreaterThan(0);
    expect(leases(m).loose.frames).toBeGreaterThan(0);
    m.locked("testEnd", process);
    expect(leases(m).run.frames + leases(m).loose.frames).toBe(0);
    expect(m.counts()).toEqual(empty);
    m.check();
  });

  it("count as free and are there for whoever needs the last frame", () => {
    const { m, area } = machine(8 << 20);
    m.call("mmu_store32", area, 0, 1);
    const leased = leases(m).loose.frames;
    expect(leased).toBeGreaterThan(0);
    const free = m.call("pmmFreeFrames");
    const taken: number[] = [];
    for (let pfn = m.locked("pmmAlloc", 0); pfn !== 0; pfn = m.locked("pmmAlloc", 0))
      taken.push(pfn);
    expect(new Set(taken).size).toBe(free);
    expect(leases(m).loose.frames).toBe(0);
    for (const pfn of taken) m.locked("pmmFree", pfn);
    m.check();
  });

  it("are not taken when memory is short", () => {
    const { m, area } = machine(8 << 20);
    while (m.call("pmmFreeFrames") > 200) m.locked("pmmAlloc", 0);
    m.call("mmu_store32", area, 0, 1);
    m.call("mmu_store32", HEAP, 0, 1);
    expect(leases(m).run.frames + leases(m).loose.frames).toBe(0);
  });

  it("give way to who wants one of their frames, or adjacent ones", () => {
    const { m, area } = machine(8 << 20);
    m.call("mmu_store32", area, 0, 1);
    const {
      words: [word = 0],
      frames,
    } = leases(m).loose;
    const last = word * 32 + 31;
    expect(frames).toBeGreaterThan(0);
    expect(m.locked("pmmAllocAt", last, 0)).toBe(last);
    expect(leases(m).loose.frames).toBe(0);
    m.check();
    m.call("mmu_store32", area + PAGE, 0, 1);
    expect(leases(m).loose.frames).toBeGreaterThan(0);
    // What is longest at first, then what is left, the leased frames among it.
    for (let most = longestRun(m); most > 0; most = longestRun(m))
      expect(m.locked("pmmAllocContiguous", most)).toBeGreaterThan(0);
    expect(leases(m).loose.frames).toBe(0);
    m.check();
  });
});

describe("readers and the lock", () => {
  it("who takes the lock waits for a CPU that reads", async () => {
    const m = new Machine();
    const k1 = m.attach(1);
    m.call("testLock");
    k1["testReaderAdmit"]?.();
    m.call("testUnlock");
    expect(k1["testReaderEnter"]?.()).toBe(1);
    const words = new Int32Array(m.memory.buffer);
    const flag = m.call("testReadingAt", 1) >> 2;
    const worker = new Worker(new URL("lockerWorker.mjs", import.meta.url), {
      workerData: {
        module: kernelModule(),
        memory: m.memory,
        blocks: m.blocks,
        slot: 2,
        done: SCRATCH,
      },
    });
    // It says that it sleeps, or it has the lock, which it must not.
    while (words[flag] !== 2 && Atomics.load(words, SCRATCH >> 2) === 0)
      Atomics.wait(words, flag, 1, 1);
    expect(Atomics.load(words, SCRATCH >> 2)).toBe(0);
    k1["testReaderLeave"]?.();
    while (Atomics.load(words, SCRATCH >> 2) === 0) Atomics.wait(words, SCRATCH >> 2, 0, 100);
    await worker.terminate();
  });

  it("nobody reads while the lock is held, nor without having been admitted", () => {
    const m = new Machine();
    const k1 = m.attach(1);
    expect(k1["testReaderEnter"]?.()).toBe(0);
    m.call("testLock");
    k1["testReaderAdmit"]?.();
    expect(k1["testReaderEnter"]?.()).toBe(0);
    m.call("testUnlock");
    expect(k1["testReaderEnter"]?.()).toBe(1);
    k1["testReaderLeave"]?.();
    // Admissions are taken back after some looks, so that a CPU that has stopped faulting costs nothing.
    for (let i = 0; i < 40; i++) m.locked("pmmFreeFrames");
    expect(k1["testReaderEnter"]?.()).toBe(0);
  });

  it("never overlap: Workers that read and write by turns see no half of a change", async () => {
    const m = new Machine();
    const words = SCRATCH;
    const start = SCRATCH + 64;
    const cpus = 2;
    m.view.setInt32(start, cpus, true);
    const results = await Promise.all(
      Array.from({ length: cpus }, (_, slot) => lockWorker(m, slot, words, start)),
    );
    for (const { reads, differed } of results) {
      expect(differed).toBe(0);
      expect(reads).toBeGreaterThan(0);
    }
  });
});

describe("an address that leaves the kernel", () => {
  it("keeps its frame until the CPU enters again, whatever the state says meanwhile", () => {
    for (const first of ["the long way", "without the lock"]) {
      const { m, k1, space } = other();
      k1["mmu_store32"]?.(0x5000, 0, 1);
      if (first === "the long way") m.call("testForgetReaders");
      const host = Number(k1["mmu_translate"]?.(0x6000, 0, 4, 1));
      // The lock is free and USER is not stored yet.
      Atomics.store(
        new Int32Array(m.memory.buffer),
        (m.blocks + CpuBlock.BYTES + CpuBlock.STATE) >> 2,
        CpuState.KERNEL,
      );
      m.locked("testRemove", space, 6, 7);
      expect(m.call("testQuarantined", 1), first).toBe(host >>> 12);
      m.check();
      // It has entered since, and put the address down: now the state is to be believed.
      m.call("testLock");
      k1["testAck"]?.();
      m.call("testUnlock");
      m.locked("testRemove", space, 5, 6);
      expect(m.call("testQuarantined", 1), first).toBe(0);
      m.check();
    }
  });
});

/** A machine whose CPU 1 runs a process with a heap. */
function other(): { m: Machine; k1: Exports; space: number } {
  const m = new Machine();
  const k1 = m.attach(1);
  const process = m.locked("testProcess", 9);
  const space = m.call("testSpace", process);
  m.locked("testImage", space, 0, 0, 0, 0, 0x40000, 0xffffffff);
  k1["testLock"]?.();
  k1["testRun"]?.(process);
  k1["testUnlock"]?.();
  return { m, k1, space };
}

/** The most adjacent frames that are FREE, leased or not. */
function longestRun(m: Machine): number {
  let best = 0;
  let run = 0;
  for (let pfn = 1; pfn < m.ramBytes / PAGE; pfn++) {
    run = m.view.getUint8(m.call("testPage", pfn)) === 1 ? run + 1 : 0;
    best = Math.max(best, run);
  }
  return best;
}

function lockWorker(
  m: Machine,
  slot: number,
  words: number,
  start: number,
): Promise<{ reads: number; differed: number }> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL("lockWorker.mjs", import.meta.url), {
      workerData: {
        module: kernelModule(),
        memory: m.memory,
        blocks: m.blocks,
        slot,
        words,
        rounds: 100_000,
        start,
      },
    });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
