import { beforeAll, describe, expect, it } from "vitest";
import { CpuBlock } from "../../abi/cpu.ts";
import { MapFlag, Prot } from "../../abi/syscall.ts";
import { kernelModule, Machine, seeded } from "./harness.ts";

beforeAll(() => void kernelModule());

const RW = Prot.READ | Prot.WRITE;
const ANON = MapFlag.PRIVATE | MapFlag.ANONYMOUS;
const SHARED = MapFlag.SHARED | MapFlag.ANONYMOUS;
const HEAP = 0x20000;
const BUFFER = 0x3000;
/** PTE, table and page copies, reference operations. */
const COUNTERS = [16, 17, 18, 19];

function machine(options = {}) {
  const m = new Machine(options);
  m.call("testResource", 0xe0000000, 1 << 20, 0);
  const [process, space] = m.process();
  m.locked("testImage", space, 0, 0, 0, 0, HEAP, 0xffffffff);
  return { m, process, space };
}

const clone = (m: Machine, space: number) => {
  const made = m.locked("spaceClone", space);
  if (made === 0) throw new Error("no memory for a clone");
  return made;
};

/** A word of a space that need not run. */
function peek(m: Machine, space: number, va: number): number {
  expect(m.locked("copyIn", space, BUFFER, va, 4)).toBe(4);
  return m.view.getUint32(BUFFER, true);
}

function poke(m: Machine, space: number, va: number, value: number): void {
  m.view.setUint32(BUFFER, value, true);
  expect(m.locked("copyOut", space, va, BUFFER, 4)).toBe(4);
}

const mmap = (m: Machine, len: number, flags = ANON) =>
  m.locked("sysMmapAnonymous", 0, len, RW, flags) >>> 0;

const cost = (m: Machine) => COUNTERS.map((c) => Number(m.big("testCounter", c)));
const since = (m: Machine, before: number[]) => cost(m).map((n, i) => n - (before[i] as number));

describe("the reverse map", () => {
  // grind, seed 202937: the one node that was free was kept for the page, and its table's copy needed exactly that many.
  it("has a node for a page of an object beside those that the copy of its table takes", () => {
    const PV_FREE = 0x9c;
    const [first, second, other, more] = [0x60000000, 0x60010000, 0x50000000, 0x60020000];
    const fixed = (m: Machine, va: number, pages: number, flags: number) =>
      expect(m.locked("sysMmapAnonymous", va, pages * 4096, RW, flags | MapFlag.FIXED) >>> 0).toBe(
        va,
      );
    const build = (pages: number) => {
      const { m, space } = machine();
      fixed(m, first, 1, SHARED);
      const object = m.locked("objectGetAt", space, first) >>> 0;
      const flags = MapFlag.SHARED | MapFlag.FIXED;
      expect(m.locked("mapObject", space, second, 4096, RW, flags, object, 0n) >>> 0).toBe(second);
      m.locked("objectPut", object);
      m.call("mmu_store32", first, 0, 1);
      fixed(m, other, 256, ANON);
      for (let page = 0; page < 256; page++) m.call("mmu_store32", other + page * 4096, 0, 1);
      fixed(m, more, 400, ANON);
      for (let page = 0; page < pages; page++) m.call("mmu_store32", more + page * 4096, 0, 1);
      clone(m, space);
      m.call("mmu_store32", other, 0, 2); // copies another table: some nodes are in use, and the others free
      return { m, free: m.call("testSwapVar", PV_FREE) };
    };
    const { free } = build(0);
    const { m, free: same } = build(free - 1); // with that of the object the table has as many leaves as nodes are free
    expect(same).toBe(free);
    m.call("mmu_store32", second, 0, 5);
    expect(m.call("mmu_load32", first, 0)).toBe(5);
    m.check();
  });
});

describe("spaceClone", () => {
  it("shows the same bytes in both and keeps what either writes from the other", () => {
    const { m, space } = machine();
    const before = m.counts();
    for (let page = 1; page < 16; page++) poke(m, space, page * 4096, page);
    const child = clone(m, space);
    m.check();
    for (let page = 1; page < 16; page++) expect(peek(m, child, page * 4096)).toBe(page);
    poke(m, child, 0x3000, 99);
    m.check();
    expect(m.call("mmu_load32", 0x4000, 0)).toBe(4);
    m.call("mmu_store32", 0x4000, 0, 77);
    expect(m.call("mmu_load32", 0x4000, 0)).toBe(77);
    m.check();
    expect(peek(m, space, 0x3000)).toBe(3);
    expect(peek(m, child, 0x3000)).toBe(99);
    expect(peek(m, space, 0x4000)).toBe(77);
    expect(peek(m, child, 0x4000)).toBe(4);
    m.locked("spaceDestroy", child);
    m.check();
    m.locked("sysMadvise", 0x1000, HEAP - 0x1000, 4);
    m.check();
    expect(m.counts()).toEqual(before);
  });

  it("takes the write translations of the CPU that runs the source, and no read ones", () => {
    const { m, space } = machine();
    for (const va of [0x5000, 0x6000]) m.call("mmu_store32", va, 0, 5);
    m.call("mmu_load32", 0x5000, 0);
    const [read, write] = m.tlb(5);
    expect(write & 1).toBe(1);
    expect(m.block(CpuBlock.WRITE_LEN)).not.toBe(0);
    clone(m, space);
    expect(m.tlb(5)).toEqual([read, 0]);
    expect(m.tlb(6)[1]).toBe(0);
    expect(m.block(CpuBlock.WRITE_LEN)).toBe(0);
    m.check();
  });

  it("reaches a CPU in user mode, and says until when its stores may be in flight", () => {
    const m = new Machine();
    const other = m.attach(1);
    const space = m.call("testSpace", m.locked("testProcess", 9));
    m.locked("testImage", space, 0, 0, 0, 0, HEAP, 0xffffffff);
    poke(m, space, 0x5000, 1);
    m.locked("testPretendRun", space, 1, m.blocks + CpuBlock.BYTES);
    expect(m.locked("spaceIsSettled", space)).toBe(1);
    clone(m, space);
    expect(m.locked("spaceIsSettled", space)).toBe(0);
    other["testLock"]?.();
    other["testAck"]?.();
    other["testUnlock"]?.();
    expect(m.locked("spaceIsSettled", space)).toBe(1);
  });

  it("copies at most three tables and one page for a write, and nothing for the last owner", () => {
    const { m, space } = machine();
    poke(m, space, 0x5000, 1);
    poke(m, space, 0x6000, 2);
    const child = clone(m, space);
    let start = cost(m);
    poke(m, space, 0x5000, 3);
    expect(since(m, start).slice(1, 3)).toEqual([3, 1]);
    start = cost(m);
    poke(m, child, 0x5000, 4);
    // The tables have one sharer now, and so has the frame.
    expect(since(m, start)).toEqual([0, 0, 0, 0]);
    poke(m, child, 0x6000, 5);
    expect(since(m, start)[2]).toBe(1);
    start = cost(m);
    poke(m, space, 0x6000, 6);
    expect(since(m, start)).toEqual([0, 0, 0, 0]);
    expect([peek(m, space, 0x5000), peek(m, child, 0x5000)]).toEqual([3, 4]);
    m.check();
  });

  it("is left with one owner again by the death of the other, who then writes in place", () => {
    const { m, space } = machine();
    poke(m, space, 0x5000, 1);
    const host = m.call("testUserHost", space, 0x5000);
    const child = clone(m, space);
    m.locked("spaceDestroy", child);
    const start = cost(m);
    m.call("mmu_store32", 0x5000, 0, 2);
    expect(since(m, start)).toEqual([0, 0, 0, 0]);
    expect(m.call("testUserHost", space, 0x5000)).toBe(host);
    m.check();
  });

  it("unshares for every change of a leaf: munmap, mprotect, madvise, brk, a stack that grows, a page that comes", () => {
    const { m, space } = machine();
    const a = mmap(m, 0x800000);
    for (let va = a; va < a + 0x800000; va += 0x1000) poke(m, space, va, va);
    poke(m, space, 0x5000, 5);
    const child = clone(m, space);
    for (let va = a; va < a + 0x800000; va += 0x1000)
      expect(m.call("mmu_load32", va, 0) >>> 0).toBe(va);
    expect(m.locked("sysMprotect", a + 0x1000, 0x3ff000, Prot.READ)).toBe(0);
    m.check();
    expect(m.locked("sysMunmap", a + 0x3ff000, 0x300000)).toBe(0);
    m.check();
    expect(m.locked("sysMadvise", 0x5000, 0x1000, 4)).toBe(0);
    m.check();
    expect(m.locked("sysBrk", 0x40000)).toBe(0x40000);
    expect(m.locked("sysBrk", 0x8000)).toBeLessThan(0x40001);
    m.call("mmu_store8", 0xbf900000, 0, 1);
    m.call("mmu_load8", 0x6000, 0);
    m.check();
    expect(m.dies("mmu_store8", a + 0x1000, 0, 1)).toBe(true);
    expect(m.locked("copyIn", space, BUFFER, a + 0x400000, 4)).toBeLessThan(0);
    for (let va = a; va < a + 0x800000; va += 0x1000) {
      const here = va < a + 0x3ff000 || va >= a + 0x6ff000;
      if (here) expect(peek(m, space, va)).toBe(va);
      expect(peek(m, child, va)).toBe(va);
    }
    expect(peek(m, child, 0x5000)).toBe(5);
    poke(m, child, a + 0x1000, 1);
    expect(m.locked("copyIn", child, BUFFER, 0xbf900000, 4)).toBe(4);
    m.check();
    m.locked("spaceDestroy", child);
    m.check();
  });

  it("keeps MAP_SHARED memory shared, and protection what it was", () => {
    const { m, space } = machine();
    const shared = mmap(m, 0x3000, SHARED);
    const readOnly = mmap(m, 0x1000);
    poke(m, space, shared, 1);
    poke(m, space, readOnly, 2);
    m.locked("sysMprotect", readOnly, 0x1000, Prot.READ);
    const child = clone(m, space);
    poke(m, child, shared, 3);
    m.call("mmu_store32", shared, 4, 4);
    expect(peek(m, space, shared)).toBe(3);
    expect(peek(m, child, shared + 4)).toBe(4);
    poke(m, child, shared + 0x2000, 5);
    expect(peek(m, space, shared + 0x2000)).toBe(5);
    expect(m.locked("copyOut", child, readOnly, BUFFER, 4)).toBeLessThan(0);
    // Raised again, it must not be written in place: the frame has two owners.
    m.locked("sysMprotect", readOnly, 0x1000, RW);
    m.check();
    m.call("mmu_store32", readOnly, 0, 6);
    expect(peek(m, child, readOnly)).toBe(2);
    m.check();
    m.locked("spaceDestroy", child);
    m.check();
  });

  it("has 300 sharers of one frame, and frees it with the last", () => {
    const { m, space, process } = machine();
    const before = m.counts();
    poke(m, space, 0x5000, 7);
    const all: number[] = [];
    for (let i = 0; i < 300; i++) {
      const child = clone(m, space);
      // Its own tables, so that every one of them has a reference to the frame.
      poke(m, child, 0x6000, i);
      all.push(child);
    }
    const pfn = Number((m.big("testLeaf", space, 5) >> 12n) & 0xfffffffn);
    expect(m.view.getUint32(m.call("testPage", pfn) + 4, true)).toBe(301);
    m.check();
    for (const child of all) {
      expect(peek(m, child, 0x5000)).toBe(7);
      m.locked("spaceDestroy", child);
    }
    m.check();
    m.locked("sysMadvise", 0x5000, 0x2000, 4);
    expect(m.counts()).toEqual(before);
    m.locked("testEnd", process);
    m.check();
  });

  it("leaves free frames as they were after 1,000 rounds of clone, write, destroy", () => {
    const { m, space } = machine();
    for (let page = 1; page < 32; page++) poke(m, space, page * 4096, page);
    const before = m.counts();
    for (let round = 0; round < 1000; round++) {
      const child = clone(m, space);
      poke(m, child, 0x1000 * (1 + (round % 31)), round);
      m.locked("spaceDestroy", child);
    }
    expect(m.counts()).toEqual(before);
    m.check();
  });

  it("runs out of memory without a trace", () => {
    const { m, space } = machine({ ramBytes: 4 << 20 });
    poke(m, space, 0x5000, 1);
    const child = clone(m, space);
    const taken: number[] = [];
    for (let pfn = m.call("pmmAlloc", 0); pfn !== 0; pfn = m.call("pmmAlloc", 0)) taken.push(pfn);
    const before = m.counts();
    expect(m.locked("spaceClone", space)).toBe(0);
    expect(m.locked("copyOut", child, 0x5000, BUFFER, 4)).toBeLessThan(0);
    expect(m.locked("sysMprotect", 0x5000, 0x1000, Prot.READ)).toBeLessThan(0);
    expect(m.locked("sysMunmap", 0x5000, 0x1000)).toBeLessThan(0);
    expect(m.counts()).toEqual(before);
    m.check();
    for (const pfn of taken.splice(0, 2)) m.call("pmmFree", pfn);
    expect(m.locked("copyOut", child, 0x5000, BUFFER, 4)).toBeLessThan(0);
    m.check();
    for (const pfn of taken) m.call("pmmFree", pfn);
    poke(m, child, 0x5000, 2);
    expect(peek(m, space, 0x5000)).toBe(1);
    m.check();
  });
});

describe("trees of clones", () => {
  it.each([1, 2, 3, 4, 5, 6])(
    "agree with a model over random writes, changes and deaths, seed %i",
    (seed) => {
      const { m, space, process } = machine({ ramBytes: 24 << 20 });
      const before = m.counts();
      const random = seeded(seed * 7919);
      const base = mmap(m, 0x500000);
      const pages = [1, 2, 3, 30, 31].map((p) => p * 4096);
      for (let i = 0; i < 24; i++) pages.push(base + random(0x500) * 4096);
      pages.push(0xbffff000, 0xbfff0000);
      type Model = Map<number, number>;
      const live: { space: number; model: Model; frozen: boolean }[] = [
        { space, model: new Map(), frozen: false },
      ];
      const pick = () => live[random(live.length)] as (typeof live)[number];
      for (let step = 0; step < 900; step++) {
        const kind = random(20);
        const one = pick();
        if (kind < 2 && live.length < 24) {
          const frozen = random(3) === 0;
          const made = m.locked(frozen ? "spaceFreeze" : "spaceClone", one.space);
          live.push({ space: made, model: new Map(one.model), frozen });
        } else if (kind === 2 && one.space !== space) {
          m.locked("spaceDestroy", one.space);
          live.splice(live.indexOf(one), 1);
        } else if (kind === 3) {
          const from = pick();
          if (from.frozen && !one.frozen) {
            m.locked("spaceReplace", one.space, from.space);
            one.model = new Map(from.model);
          }
        } else if (kind === 4 && one.space === space) {
          const at = pages[random(pages.length)] as number;
          m.locked("sysMadvise", at, 0x1000, 4);
          one.model.delete(at);
        } else if (kind < 14 && !one.frozen) {
          const at = pages[random(pages.length)] as number;
          poke(m, one.space, at, step + 1);
          one.model.set(at, step + 1);
        } else if (!one.frozen) {
          const at = pages[random(pages.length)] as number;
          expect(peek(m, one.space, at)).toBe(one.model.get(at) ?? 0);
        }
        if (step % 30 === 0) m.check();
      }
      for (const one of live) {
        const here = one.frozen ? clone(m, one.space) : one.space;
        for (const [at, value] of one.model) expect(peek(m, here, at)).toBe(value);
        if (one.frozen) m.locked("spaceDestroy", here);
      }
      m.check();
      for (const one of live) if (one.space !== space) m.locked("spaceDestroy", one.space);
      m.check();
      m.locked("testEnd", process);
      m.check();
      const after = m.counts();
      expect(after.slice(1, 3)).toEqual([0, (before[2] as number) - 1]);
      expect(after[4]).toBe(0);
    },
  );
});

describe("clones that run", () => {
  it.each([11, 12, 13])("see through their TLB what they wrote, seed %i", (seed) => {
    const { m, space, process } = machine({ ramBytes: 24 << 20 });
    const random = seeded(seed * 104729);
    const base = mmap(m, 0x400000);
    const spots = Array.from({ length: 40 }, () => base + random(0x400) * 4096 + random(1024) * 4);
    type Member = { space: number; model: Map<number, number> };
    const live: Member[] = [{ space, model: new Map() }];
    let running = live[0] as Member;
    for (let step = 0; step < 1500; step++) {
      const kind = random(16);
      const at = spots[random(spots.length)] as number;
      const other = live[random(live.length)] as Member;
      if (kind === 0 && live.length < 16) {
        live.push({ space: clone(m, running.space), model: new Map(running.model) });
      } else if (kind === 1) {
        m.locked("testSwitch", process, other.space);
        running = other;
      } else if (kind === 2 && other !== running) {
        m.locked("spaceDestroy", other.space);
        live.splice(live.indexOf(other), 1);
      } else if (kind === 3) {
        m.locked("sysMunmap", at & ~4095, 0x1000);
        m.locked("sysMmapAnonymous", at & ~4095, 0x1000, RW, ANON | MapFlag.FIXED);
        for (const spot of spots) if (spot >>> 12 === at >>> 12) running.model.delete(spot);
      } else if (kind === 4) {
        const prot = random(2) === 0 ? Prot.READ : RW;
        m.locked("sysMprotect", at & ~4095, 0x1000, prot);
        if (prot === Prot.READ) expect(m.dies("mmu_store32", at, 0, 1)).toBe(true);
        m.locked("sysMprotect", at & ~4095, 0x1000, RW);
      } else if (kind < 10) {
        m.call("mmu_store32", at, 0, step + 1);
        running.model.set(at, step + 1);
      } else {
        expect(m.call("mmu_load32", at, 0)).toBe(running.model.get(at) ?? 0);
      }
      if (step % 50 === 0) m.check();
    }
    for (const one of live) {
      if (one === running) continue;
      for (const [at, value] of one.model) expect(peek(m, one.space, at)).toBe(value);
      m.locked("spaceDestroy", one.space);
    }
    m.check();
    m.locked("testEnd", process);
    m.check();
    expect(m.counts()[1]).toBe(0);
  });
});

describe("spaceFreeze and spaceReplace", () => {
  it("restore the contents any number of times, also after the process has ended", () => {
    const { m, space, process } = machine();
    poke(m, space, 0x5000, 1);
    m.locked("sysBrk", 0x30000);
    const frozen = m.locked("spaceFreeze", space);
    for (let round = 0; round < 3; round++) {
      m.call("mmu_store32", 0x5000, 0, 50 + round);
      m.locked("sysMunmap", 0x6000, 0x1000);
      m.locked("sysBrk", 0x20000);
      expect(m.call("mmu_size")).toBe(2);
      expect(m.call("mmu_load32", 0x5000, 0)).toBe(50 + round);
      m.locked("spaceReplace", space, frozen);
      m.check();
      expect(m.call("mmu_load32", 0x5000, 0)).toBe(1);
      expect(m.call("mmu_load32", 0x6000, 0)).toBe(0);
      expect(m.call("mmu_size")).toBe(3);
    }
    m.locked("testEnd", process);
    const [, next] = m.process(8);
    m.locked("spaceReplace", next, frozen);
    expect(m.call("mmu_load32", 0x5000, 0)).toBe(1);
    m.check();
    m.locked("spaceDestroy", frozen);
    expect(m.call("mmu_load32", 0x5000, 0)).toBe(1);
    m.check();
  });

  it("costs the same at any size, and never changes what is frozen", () => {
    const { m, space } = machine({ ramBytes: 48 << 20 });
    const a = mmap(m, 32 << 20);
    const deltas: number[][] = [];
    for (const mib of [1, 8, 32]) {
      for (let va = a; va < a + (mib << 20); va += 4096) poke(m, space, va, va);
      const start = cost(m);
      const frozen = m.locked("spaceFreeze", space);
      m.locked("spaceReplace", space, frozen);
      deltas.push(since(m, start));
      m.locked("spaceDestroy", frozen);
    }
    expect(deltas[1]).toEqual(deltas[0]);
    expect(deltas[2]).toEqual(deltas[0]);
    m.check();
  });

  it("refuses to run or to change a frozen space", () => {
    const { m, space } = machine();
    const frozen = m.locked("spaceFreeze", space);
    expect(m.locked("copyIn", frozen, BUFFER, 0x5000, 4)).toBeLessThan(0);
    m.call("testLock");
    expect(() => m.call("spaceBrk", frozen, 0x30000)).toThrow();
  });
});

describe("device mappings and clones", () => {
  it("stay writable and are never copied: MMIO under copy-on-write froze the screen", () => {
    const { m, space, process } = machine();
    const before = m.counts();
    const vram = m.locked("sysMmapDevice", 0xe0000000n, 0x10000n, 2) >>> 0;
    m.call("mmu_store32", vram, 0, 1);
    const child = clone(m, space);
    m.check();
    const copied = cost(m)[2];
    poke(m, child, vram + 4, 2);
    m.call("mmu_store32", vram, 8, 3);
    expect(cost(m)[2]).toBe(copied);
    expect(m.view.getUint32(m.vramHost + 4, true)).toBe(2);
    expect(m.view.getUint32(m.vramHost + 8, true)).toBe(3);
    for (const s of [space, child]) {
      const leaf = m.big("testLeaf", s, vram >>> 12);
      expect(leaf & 0x202n).toBe(2n);
      expect((leaf >> 12n) & 0xfffffn).toBe(0xe0000n);
    }
    // The child's entries are its own once they change; the reservation is then held twice.
    m.check();
    m.locked("sysMunmap", vram, 0x10000);
    m.check();
    poke(m, child, vram + 12, 4);
    m.locked("testEnd", process);
    m.check();
    m.locked("spaceDestroy", child);
    m.check();
    expect(m.counts().slice(4)).toEqual([before[4], before[5]]);
  });

  it("large leaves are shared and split per space", () => {
    const m = new Machine();
    m.call("testResource", 0x80000000, 0x1000000, 1);
    const [, space] = m.process();
    const a = m.locked("sysMmapDevice", 0x80000000n, 0x800000n, 6) >>> 0;
    const child = clone(m, space);
    m.check();
    expect(m.locked("sysMunmap", a + 0x1000, 0x1000)).toBe(0);
    m.check();
    expect(m.big("testLeaf", child, (a >>> 12) + 1) & 0x82n).toBe(0x82n);
    expect(m.big("testLeaf", space, (a >>> 12) + 1)).toBe(0n);
    m.locked("spaceDestroy", child);
    m.check();
  });
});

describe("frames in flight", () => {
  it("wait for a CPU that lost an earlier reference to them", () => {
    const m = new Machine();
    const other = m.attach(1);
    const [, space] = m.process();
    m.locked("testImage", space, 0, 0, 0, 0, HEAP, 0xffffffff);
    poke(m, space, 0x5000, 1);
    poke(m, space, 0x7000, 1);
    const child = clone(m, space);
    poke(m, child, 0x6000, 1);
    poke(m, space, 0x6000, 1);
    m.locked("testPretendRun", child, 1, m.blocks + CpuBlock.BYTES);
    m.locked("testRemove", child, 5, 6);
    const free = m.call("pmmFreeFrames");
    m.locked("sysMadvise", 0x5000, 0x1000, 4);
    expect(m.call("testQuarantined", 1)).toBeGreaterThan(0);
    expect(m.call("pmmFreeFrames")).toBe(free);
    other["testLock"]?.();
    other["testAck"]?.();
    other["testUnlock"]?.();
    expect(m.call("pmmFreeFrames")).toBe(free + 1);
    m.check();
  });
});

describe("frames in flight that are written", () => {
  it("are copied while a CPU may still read them through a mapping that is gone", () => {
    const m = new Machine();
    const other = m.attach(1);
    const [, space] = m.process();
    m.locked("testImage", space, 0, 0, 0, 0, HEAP, 0xffffffff);
    for (const va of [0x5000, 0x6000]) poke(m, space, va, 1);
    const child = clone(m, space);
    poke(m, child, 0x7000, 1);
    m.locked("testPretendRun", child, 1, m.blocks + CpuBlock.BYTES);
    m.locked("testRemove", child, 5, 7);
    let start = cost(m);
    m.call("mmu_store32", 0x5000, 0, 2);
    expect(since(m, start)[2]).toBe(1);
    other["testLock"]?.();
    other["testAck"]?.();
    other["testUnlock"]?.();
    start = cost(m);
    m.call("mmu_store32", 0x6000, 0, 2);
    expect(since(m, start)[2]).toBe(0);
    m.check();
  });
});

describe("A bits", () => {
  it("are cleared together with the translations that would hide the next access", () => {
    const { m, space } = machine();
    m.call("mmu_store32", 0x5000, 0, 1);
    m.call("mmu_load32", 0x5000, 0);
    m.locked("testAge", space, 5);
    m.check();
    expect(m.big("testLeaf", space, 5) & 0x20n).toBe(0n);
    m.call("mmu_load32", 0x5000, 0);
    expect(m.big("testLeaf", space, 5) & 0x20n).toBe(0x20n);
    m.check();
  });
});

describe("counters", () => {
  it("are equal for 1, 16, 64 and 256 MiB, and 65 times fewer than page by page", () => {
    const { m, space } = machine({ ramBytes: 288 << 20 });
    const a = mmap(m, 256 << 20);
    const perClone: number[][] = [];
    let done = 0;
    for (const mib of [1, 16, 64, 256]) {
      for (; done < mib << 20; done += 4096) m.call("mmu_store32", a + done, 0, done);
      const start = cost(m);
      const child = clone(m, space);
      perClone.push(since(m, start));
      m.locked("spaceDestroy", child);
    }
    for (const delta of perClone) expect(delta).toEqual(perClone[0]);
    const sum = (list: number[]) => list.reduce((x, y) => x + y, 0);
    let start = cost(m);
    const child = clone(m, space);
    poke(m, child, a, 1);
    const lazy = sum(since(m, start));
    m.locked("spaceDestroy", child);
    start = cost(m);
    const eager = m.locked("spaceClonePerPage", space);
    const perPage = sum(since(m, start));
    expect(eager).not.toBe(0);
    expect(peek(m, eager, a + 0x5000)).toBe(0x5000);
    expect(perPage / lazy).toBeGreaterThan(65);
    m.locked("spaceDestroy", eager);
    m.check();
  });
});
