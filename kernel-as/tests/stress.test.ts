// Programs on CPUs of their own, in Workers, while their pages are taken, protected, copied, retyped, revoked and written by the kernel on another
// CPU: none ever sees a word that is not its own, no store arrives in a frame that is free (junk is on), lowered rights hold once they are
// acknowledged, and mmCheck finds nothing. The work is bounded and seeded; which accesses meet which operation is the machine's choice.

import { Worker } from "node:worker_threads";
import { beforeAll, expect, it } from "vitest";
import { CpuBlock, CpuState } from "../../abi/cpu.ts";
import { MemType } from "../../abi/pte.ts";
import { MapFlag, Prot } from "../../abi/syscall.ts";
import { kernelModule, Machine, seeded } from "./harness.ts";

beforeAll(() => void kernelModule(), 120_000);

const RW = Prot.READ | Prot.WRITE;
const PAGE = 4096;
const HEAP = 0x20000;
const HEAP_PAGES = 24;
const SHARED_PAGES = 8;
const OPERATOR = 40;
const STOP = 0x3f00;
const READY = 0x3f04;
const SCRATCH = 0x3800;
const SHARED = MapFlag.SHARED | MapFlag.ANONYMOUS;
const OPERATIONS = 500;
const HEAP_TAG = 1;
const SHARED_TAG = 2;

interface Counts {
  loads: number;
  stores: number;
  hits: number;
  deaths: number;
  foreign: number;
  seen?: string;
}

interface Program {
  space: number;
  pid: number;
  shared: number;
  done: Promise<Counts>;
}

/** A word that the kernel stores for a program, as if by it. */
const tag = (owner: number, region: number, page: number) => (owner << 16) | (region << 8) | page;

it.each([1, 2])(
  "programs keep their memory apart while it is taken away under them (seed %i)",
  async (seed) => {
    const m = new Machine({ ramBytes: 8 << 20 });
    m.call("pmmSetJunk", 1);
    const [, operator] = m.process(OPERATOR);
    const random = seeded(seed * 7919);
    let shared = m.locked("sysMmapAnonymous", 0, SHARED_PAGES * PAGE, RW, SHARED) >>> 0;
    const programs = [1, 2].map((slot) => start(m, operator, shared, slot, seed));
    while (m.view.getInt32(READY, true) < programs.length)
      Atomics.wait(new Int32Array(m.memory.buffer), READY >> 2, m.view.getInt32(READY, true), 1);

    const spaceSettled = (space: number) => {
      while (m.locked("spaceIsSettled", space) === 0 && m.view.getInt32(STOP, true) === 0) {}
    };
    const word = (space: number, va: number): number => {
      expect(m.locked("copyIn", space, SCRATCH, va, 4)).toBe(4);
      return m.view.getUint32(SCRATCH, true);
    };
    const operations: ((p: Program, page: number, vpn: number) => void)[] = [
      // Pages go, and come back as zeros.
      (p, _, vpn) => void m.locked("testZap", p.space, vpn, vpn + 1 + random(3)),
      (p, _, vpn) => void m.locked("testZap", p.space, vpn, vpn + 1),
      // Rights go: nothing is stored any more once the CPU has acknowledged, and they come back.
      (p, _, vpn) => {
        expect(m.locked("testProtect", p.space, vpn, vpn + 1, Prot.READ)).toBe(0);
        spaceSettled(p.space);
        const before = word(p.space, vpn * PAGE);
        for (let i = random(300); i > 0; i--) m.view.getUint32(SCRATCH, true);
        expect(word(p.space, vpn * PAGE)).toBe(before);
        expect(m.locked("testProtect", p.space, vpn, vpn + 1, RW)).toBe(0);
      },
      // A clone keeps what it had.
      (p) => {
        const clone = m.locked("spaceClone", p.space);
        if (clone === 0) return;
        spaceSettled(p.space);
        const pages = Array.from({ length: 6 }, () => HEAP + random(HEAP_PAGES) * PAGE);
        const before = pages.map((va) => word(clone, va));
        for (let i = random(2000); i > 0; i--) m.view.getUint32(SCRATCH, true);
        expect(pages.map((va) => word(clone, va))).toEqual(before);
        m.locked("spaceDestroy", clone);
      },
      // The kernel writes for the program, into a copy if a clone has the page.
      (p, page, vpn) => {
        const clone = random(2) === 0 ? m.locked("spaceClone", p.space) : 0;
        m.view.setUint32(SCRATCH, tag(OPERATOR, HEAP_TAG, page), true);
        m.locked("copyOut", p.space, vpn * PAGE, SCRATCH, 4);
        if (clone !== 0) m.locked("spaceDestroy", clone);
      },
      // The CPU is interrupted.
      (p) => void m.locked("cpuInterrupt", programs.indexOf(p) + 1),
      // Frames are used by somebody else for a while.
      () => {
        const frames = Array.from({ length: 40 }, () => m.locked("pmmAlloc", 0)).filter(
          (f) => f !== 0,
        );
        const words = new Uint32Array(m.memory.buffer);
        for (const pfn of frames) words.fill(0xf0000000 + pfn, pfn << 10, (pfn + 1) << 10);
        for (const pfn of frames)
          for (let i = 0; i < 1024; i += 64) expect(words[(pfn << 10) + i]).toBe(0xf0000000 + pfn);
        for (const pfn of frames) m.locked("pmmFree", pfn);
      },
      // Shared memory changes its type, or is taken back and made anew.
      () => {
        m.locked(
          "sysMcache",
          shared,
          SHARED_PAGES * PAGE,
          [MemType.UC, MemType.WB, MemType.WC][random(3)] as number,
        );
      },
      () => {
        expect(m.locked("sysMrevoke", shared, 0)).toBe(0);
        m.locked("sysMunmap", shared, SHARED_PAGES * PAGE);
        shared = m.locked("sysMmapAnonymous", 0, SHARED_PAGES * PAGE, RW, SHARED) >>> 0;
        for (const p of programs) {
          m.locked("testRemove", p.space, p.shared >>> 12, (p.shared >>> 12) + SHARED_PAGES);
          expect(grant(m, operator, p.space, shared, p.shared)).toBe(p.shared);
        }
      },
    ];

    for (let i = 0; i < OPERATIONS && m.view.getInt32(STOP, true) === 0; i++) {
      const program = programs[random(programs.length)] as Program;
      const page = random(HEAP_PAGES - 4);
      (operations[random(operations.length)] as (typeof operations)[0])(
        program,
        page,
        (HEAP >>> 12) + page,
      );
      if (i % 100 === 0) m.check();
    }
    Atomics.store(new Int32Array(m.memory.buffer), STOP >> 2, 1);
    for (const { done } of programs) {
      const counts = await done;
      expect(counts.seen).toBeUndefined();
      expect(counts.foreign).toBe(0);
      expect(Math.min(counts.hits, counts.stores, counts.loads)).toBeGreaterThan(0);
    }
    expect(m.log()).not.toContain("panic");
    m.check();
    expect(m.big("testCounter", 12)).toBeGreaterThan(0n); // frames were quarantined
  },
  120_000,
);

function grant(m: Machine, from: number, to: number, at: number, where: number): number {
  const object = m.locked("objectGetAt", from, at) >>> 0;
  const offset = m.big("objectGetOffset");
  const flags = MapFlag.SHARED | (where === 0 ? 0 : MapFlag.FIXED);
  const va = m.locked("mapObject", to, where, SHARED_PAGES * PAGE, RW, flags, object, offset) >>> 0;
  m.locked("objectPut", object);
  return va;
}

function start(m: Machine, operator: number, shared: number, slot: number, seed: number): Program {
  const pid = 10 + slot;
  const process = m.locked("testProcess", pid);
  const space = m.call("testSpace", process);
  m.locked("testImage", space, 0, 0, 0, 0, HEAP + HEAP_PAGES * PAGE, 0xffffffff);
  const mapped = grant(m, operator, space, shared, 0);
  const worker = new Worker(new URL("programWorker.mjs", import.meta.url), {
    workerData: {
      module: kernelModule(),
      memory: m.memory,
      blocks: m.blocks,
      slot,
      process,
      pid,
      seed: seed * 104729 + slot,
      regions: [
        { va: HEAP, pages: HEAP_PAGES, tag: HEAP_TAG, shared: false },
        { va: mapped, pages: SHARED_PAGES, tag: SHARED_TAG, shared: true },
      ],
      words: {
        blockBytes: CpuBlock.BYTES,
        state: CpuBlock.STATE,
        tlb: CpuBlock.TLB,
        readStart: CpuBlock.READ_START,
        writeStart: CpuBlock.WRITE_START,
        user: CpuState.USER,
        operator: OPERATOR,
        stop: STOP,
        ready: READY,
      },
    },
  });
  const done = new Promise<Counts>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  return { space, pid, shared: mapped, done };
}
