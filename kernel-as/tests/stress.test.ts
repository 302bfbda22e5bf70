// Programs on CPUs of their own, in Workers, while their pages are evicted, taken, protected, copied, retyped, revoked and written by the kernel on
// another CPU, and a disk in a Worker moves them: none ever sees a word that is not its own or loses one, no store arrives in a frame that is
// free (junk is on), lowered rights hold once they are acknowledged, and mmCheck finds nothing. With scarce memory the programs' CPUs evict each
// other's pages too. The work is bounded and seeded; which accesses meet which operation is the machine's choice.

import { Worker } from "node:worker_threads";
import { beforeAll, expect, it } from "vitest";
import { CpuBlock, CpuState } from "../../abi/cpu.ts";
import { DiskOp, DiskRequest, DiskRequestState, DiskState } from "../../abi/disk.ts";
import { MemType } from "../../abi/pte.ts";
import { Advice, MapFlag, Prot } from "../../abi/syscall.ts";
import { kernelModule, Machine, seeded } from "./harness.ts";

beforeAll(() => void kernelModule());

const RW = Prot.READ | Prot.WRITE;
const PAGE = 4096;
const HEAP = 0x20000;
const HEAP_PAGES = 24;
const SHARED_PAGES = 8;
/** After the heap: pages that the kernel never writes or zeroes for the program. */
const KEPT = HEAP + HEAP_PAGES * PAGE;
const KEPT_PAGES = 24;
/** Frames that are free above the reserve before the programs start, where memory is scarce: fewer than they and their tables want. */
const SCARCE_FRAMES = 80;
/** Variables of mm (mm/vars.ts), and counters (arch/counters.ts). */
const FRAMES = 0x08;
const RESERVE = 0x90;
const QUARANTINED = 12;
const INS = 20;
const OUTS = 21;
const EVICTIONS = 25;
const OPERATOR = 40;
const STOP = 0x3f00;
const READY = 0x3f04;
const SCRATCH = 0x3800;
const SHARED = MapFlag.SHARED | MapFlag.ANONYMOUS;
const OPERATIONS = 900;
/** Where the machine gives the programs' CPUs or the disk no time, it goes on until everything has happened, or this. */
const LAST_OPERATION = 20_000;
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

it.each([
  [1, "plenty"],
  [2, "plenty"],
  [3, "scarce"],
])(
  "programs keep their memory apart while it is taken away under them (seed %i, %s of memory)",
  async (seed, memory) => {
    const m = new Machine({ ramBytes: 8 << 20, swapBlocks: 4096 });
    const disk = startDisk(m, seed);
    m.call("pmmSetJunk", 1);
    const [, operator] = m.process(OPERATOR);
    const random = seeded(seed * 7919);
    let shared = m.locked("sysMmapAnonymous", 0, SHARED_PAGES * PAGE, RW, SHARED) >>> 0;
    if (memory === "scarce") {
      const left = m.call("testSwapVar", RESERVE) + SCARCE_FRAMES;
      while (m.call("pmmFreeFrames") > left) m.locked("pmmAlloc", 0);
    }
    const programs = [1, 2].map((slot) => start(m, operator, shared, slot, seed));
    while (m.view.getInt32(READY, true) < programs.length + 1)
      Atomics.wait(new Int32Array(m.memory.buffer), READY >> 2, m.view.getInt32(READY, true), 1);

    const spaceSettled = (space: number) => {
      while (m.locked("spaceIsSettled", space) === 0 && m.view.getInt32(STOP, true) === 0) {}
    };
    /** A copy of a word, when its page has come. */
    const patiently = (copy: () => number): void => {
      while (copy() !== 4) {
        expect(m.call("testWant")).not.toBe(0);
        expect(m.locked("pageWait", 0)).toBe(0);
      }
      m.locked("pageWaitEnd");
    };
    const word = (space: number, va: number): number => {
      patiently(() => m.locked("copyIn", space, SCRATCH, va, 4));
      return m.view.getUint32(SCRATCH, true);
    };
    /** A page of the heap or of the kept region. */
    const anyPage = () => (HEAP >>> 12) + random(HEAP_PAGES + KEPT_PAGES);
    const operations: ((p: Program, page: number, vpn: number) => void)[] = [
      // Pages go, and come back as zeros.
      (p, _, vpn) => void m.locked("testZap", p.space, vpn, vpn + 1 + random(3)),
      (p, _, vpn) => void m.locked("testZap", p.space, vpn, vpn + 1),
      // Pages go to the disk, one or several, and the frames that they were in; whoever touches them brings them back.
      (p) => void m.locked("testEvict", p.space, anyPage()),
      (p) => {
        const first = anyPage();
        for (let i = random(12); i > 0; i--) m.locked("testEvict", p.space, first + i);
      },
      () => void m.locked("testEvict", operator, (shared >>> 12) + random(SHARED_PAGES)),
      () => void m.locked("sysMadvise", shared, SHARED_PAGES * PAGE, Advice.PAGEOUT),
      () => {
        for (let i = random(2 * m.call("testSwapVar", FRAMES)); i > 0; i--) m.locked("clockStep");
        m.locked("swapFlush");
      },
      () => void m.locked("testDropClean"),
      () => void m.locked("testDropClean"),
      // Rights go: nothing is stored any more once the CPU has acknowledged, and they come back.
      (p) => {
        const vpn = anyPage();
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
        const pages = Array.from({ length: 6 }, () => anyPage() * PAGE);
        const before = pages.map((va) => word(clone, va));
        for (let i = random(2000); i > 0; i--) m.view.getUint32(SCRATCH, true);
        expect(pages.map((va) => word(clone, va))).toEqual(before);
        m.locked("spaceDestroy", clone);
      },
      // The kernel writes for the program, into a copy if a clone has the page.
      (p, page, vpn) => {
        const clone = random(2) === 0 ? m.locked("spaceClone", p.space) : 0;
        patiently(() => {
          m.view.setUint32(SCRATCH, tag(OPERATOR, HEAP_TAG, page), true);
          return m.locked("copyOut", p.space, vpn * PAGE, SCRATCH, 4);
        });
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

    const missing = () =>
      [QUARANTINED, EVICTIONS, OUTS, INS].filter((which) => m.big("testCounter", which) === 0n);
    const goesOn = (i: number) => i < OPERATIONS || (i < LAST_OPERATION && missing().length > 0);
    for (let i = 0; goesOn(i) && m.view.getInt32(STOP, true) === 0; i++) {
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
    expect(missing()).toEqual([]);
    await disk.terminate();
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

/** The machine's disk, in a Worker instead of this thread. */
function startDisk(m: Machine, seed: number): Worker {
  if (m.disk !== undefined) m.disk.serving = false;
  const words = {
    wake: DiskState.WAKE,
    submit: DiskState.SUBMIT,
    submitHead: DiskState.SUBMIT_HEAD,
    submitTail: DiskState.SUBMIT_TAIL,
    done: DiskState.DONE,
    doneHead: DiskState.DONE_HEAD,
    capacity: DiskState.CAPACITY,
    requests: DiskState.REQUESTS,
    requestBytes: DiskRequest.BYTES,
    op: DiskRequest.OP,
    block: DiskRequest.BLOCK,
    count: DiskRequest.COUNT,
    frames: DiskRequest.FRAMES,
    read: DiskOp.READ,
    finished: DiskRequestState.DONE,
  };
  const workerData = {
    memory: m.memory,
    host: m.diskHost,
    words,
    seed: seed * 15485863,
    ready: READY,
  };
  return new Worker(new URL("diskWorker.mjs", import.meta.url), { workerData });
}

function start(m: Machine, operator: number, shared: number, slot: number, seed: number): Program {
  const pid = 10 + slot;
  const process = m.locked("testProcess", pid);
  const space = m.call("testSpace", process);
  m.locked("testImage", space, 0, 0, 0, 0, KEPT + KEPT_PAGES * PAGE, 0xffffffff);
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
        { va: KEPT, pages: KEPT_PAGES, kept: true },
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
