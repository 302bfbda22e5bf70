import { beforeAll, describe, expect, it } from "vitest";
import { CpuBlock } from "../../abi/cpu.ts";
import { DiskLimit, DiskOp } from "../../abi/disk.ts";
import { PteBit } from "../../abi/pte.ts";
import { Advice, DirtyBit, MapFlag, Prot } from "../../abi/syscall.ts";
import { kernelModule, Machine, type Options, seeded } from "./harness.ts";

beforeAll(() => void kernelModule());

const RW = Prot.READ | Prot.WRITE;
const ANON = MapFlag.PRIVATE | MapFlag.ANONYMOUS;
const SHARED = MapFlag.SHARED | MapFlag.ANONYMOUS;
const HEAP = 0x40000;
const BUFFER = 0x3000;
const SWAPPED = 1n << BigInt(PteBit.SWAPPED);
const COW = 1n << BigInt(PteBit.COW);
const PRESENT = 1n;
/** Counters of arch/counters.ts. */
const INS = 20;
const OUTS = 21;
const HITS = 22;
const MAPPINGS = 26;
const CLEAN_DROPS = 27;
const EVICTIONS = 25;
const AHEAD = 33;
const AHEAD_USED = 34;
/** Variables of mm/vars.ts. */
const RESERVE = 0x90;
const CLEAN_COUNT = 0xe4;
/** Blocks of one request at most. */
const CLUSTER = DiskLimit.FRAMES;

function machine(options: Options = {}) {
  const m = new Machine({ swapBlocks: 4096, ...options });
  const disk = m.disk;
  if (disk === undefined) throw new Error("no disk");
  const [process, space] = m.process();
  m.locked("testImage", space, 0, 0, 0, 0, HEAP, 0xffffffff);
  return { m, disk, process, space };
}

type Test = ReturnType<typeof machine>;

const count = (m: Machine, which: number) => Number(m.big("testCounter", which));
const leaf = (m: Machine, space: number, va: number) => m.big("testLeaf", space, va >>> 12);
const slotOf = (entry: bigint) => Number((entry >> 12n) & 0xfffffffn);
const frameOf = slotOf;

/** Does what a call does that lacks a page: waits and tries again. */
function patiently(m: Machine, attempt: () => number, good: number): number {
  for (let i = 0; i < 64; i++) {
    const r = attempt();
    if (r === good || m.call("testWant") === 0) return r;
    const waited = m.locked("pageWait", 0);
    if (waited !== 0) return -1000 - waited;
  }
  return -2000;
}

function peek(m: Machine, space: number, va: number): number {
  const r = patiently(m, () => m.locked("copyIn", space, BUFFER, va, 4), 4);
  if (r !== 4) throw new Error(`copyIn: ${r}`);
  m.call("pageWaitEnd");
  return m.view.getUint32(BUFFER, true);
}

function poke(m: Machine, space: number, va: number, value: number): void {
  const attempt = () => {
    m.view.setUint32(BUFFER, value, true);
    return m.locked("copyOut", space, va, BUFFER, 4);
  };
  const r = patiently(m, attempt, 4);
  if (r !== 4) throw new Error(`copyOut: ${r}`);
  m.call("pageWaitEnd");
}

/** Takes the page out, all the way to the disk. */
function out({ m, disk }: Test, space: number, va: number): void {
  const result = m.locked("testEvict", space, va >>> 12);
  if (result <= 0) throw new Error(`evict: ${result}`);
  disk.serve();
  m.locked("testDropClean");
}

const mmap = (m: Machine, len: number, flags = ANON) =>
  m.locked("sysMmapAnonymous", 0, len, RW, flags) >>> 0;

describe("a page that is evicted", () => {
  it("is written, comes back with its bytes, and gives frame and slot back", () => {
    const t = machine();
    const { m, space } = t;
    const before = m.counts();
    m.call("mmu_store32", 0x5000, 8, 0x1234);
    out(t, space, 0x5000);
    m.check();
    expect(leaf(m, space, 0x5000) & (PRESENT | SWAPPED)).toBe(SWAPPED);
    expect(m.tlb(5)).toEqual([0, 0]);
    expect(m.call("slotUsed")).toBe(1);
    expect(m.call("mmu_load32", 0x5000, 8)).toBe(0x1234);
    m.check();
    expect([count(m, OUTS), count(m, INS)]).toEqual([1, 1]);
    m.locked("sysMadvise", 0x5000, 0x1000, Advice.DONTNEED);
    m.check();
    expect(m.call("slotUsed")).toBe(0);
    expect(m.counts()).toEqual(before);
  });

  it("is dropped without a write when its slot still holds it, and written again once it was changed", () => {
    const t = machine();
    const { m, disk, space } = t;
    m.call("mmu_store32", 0x5000, 0, 7);
    out(t, space, 0x5000);
    expect(m.call("mmu_load32", 0x5000, 0)).toBe(7);
    out(t, space, 0x5000);
    expect(disk.served.map((one) => one.op)).toEqual([DiskOp.WRITE, DiskOp.READ]);
    expect(count(m, CLEAN_DROPS)).toBe(1);
    m.call("mmu_store32", 0x5000, 0, 8);
    m.check();
    out(t, space, 0x5000);
    expect(disk.served.map((one) => one.op)).toEqual([
      DiskOp.WRITE,
      DiskOp.READ,
      DiskOp.READ,
      DiskOp.WRITE,
    ]);
    expect(m.call("mmu_load32", 0x5000, 0)).toBe(8);
    m.check();
  });

  it("is written again when its D bit was cleared by mdirty after a store", () => {
    const t = machine();
    const { m, space } = t;
    m.call("mmu_store32", 0x5000, 0, 7);
    out(t, space, 0x5000);
    m.call("mmu_store32", 0x5000, 0, 8);
    expect(m.locked("sysMdirty", 0x5000, 0x1000, 0, 4)).toBe(0);
    m.check();
    out(t, space, 0x5000);
    expect(m.call("mmu_load32", 0x5000, 0)).toBe(8);
    m.check();
  });

  it("is dirty for mdirty as long as nobody clears it", () => {
    const t = machine();
    const { m, space } = t;
    m.call("mmu_store32", 0x5000, 0, 7);
    const vec = 0x8000;
    const bits = () => {
      const r = m.locked("sysMdirty", 0x5000, 0x1000, vec, 0);
      return r === 0 ? m.call("mmu_load8", vec, 0) : r;
    };
    expect(bits() & 4).toBe(4);
    out(t, space, 0x5000);
    expect(bits()).toBe(4);
    m.call("mmu_load32", 0x5000, 0);
    expect(bits() & 5).toBe(5);
    m.locked("sysMdirty", 0x5000, 0x1000, 0, 4);
    expect(bits() & 4).toBe(0);
    out(t, space, 0x5000);
    expect(bits() & 4).toBe(0);
    m.check();
  });

  it("is mapped again from the cache when it is touched before it was written, and after", () => {
    const { m, disk, space } = machine();
    for (const served of [false, true]) {
      m.call("mmu_store32", 0x5000, 0, 70);
      disk.serving = false;
      m.locked("testEvict", space, 5);
      disk.serving = served;
      disk.serve();
      m.locked("swapPoll");
      const reads = count(m, INS);
      const hits = count(m, HITS);
      expect(m.call("mmu_load32", 0x5000, 0)).toBe(70);
      expect(count(m, INS)).toBe(reads);
      expect(count(m, HITS)).toBe(hits + 1);
      m.check();
      m.call("mmu_store32", 0x5000, 0, 71);
      disk.serving = true;
      disk.serve();
      m.locked("swapPoll");
      m.check();
      expect(m.call("mmu_load32", 0x5000, 0)).toBe(71);
      expect(m.locked("testEvict", space, 5)).toBeGreaterThan(0);
      disk.serve();
      m.locked("testDropClean");
      expect(m.call("mmu_load32", 0x5000, 0)).toBe(71);
      m.check();
    }
  });

  it("keeps its protection: what mprotect said while it was away holds", () => {
    const t = machine();
    const { m, space } = t;
    m.call("mmu_store32", 0x5000, 0, 7);
    m.call("mmu_store32", 0x6000, 0, 8);
    m.locked("sysMprotect", 0x5000, 0x1000, Prot.READ);
    out(t, space, 0x5000);
    out(t, space, 0x6000);
    m.locked("sysMprotect", 0x6000, 0x1000, Prot.NONE);
    expect(m.call("mmu_load32", 0x5000, 0)).toBe(7);
    expect(m.dies("mmu_store32", 0x5000, 0, 1)).toBe(true);
    m.call("testForgetDeath");
    expect(m.dies("mmu_load32", 0x6000, 0)).toBe(true);
    m.call("testForgetDeath");
    m.locked("sysMprotect", 0x6000, 0x1000, RW);
    expect(m.call("mmu_load32", 0x6000, 0)).toBe(8);
    m.check();
  });

  it("of the heap, of mmap and of the stack is tracked: all of them go and come back", () => {
    const { m, disk, space } = machine();
    const area = mmap(m, 0x4000);
    m.locked("sysBrk", HEAP + 0x3000);
    const all = [0x5000, HEAP + 0x1000, area + 0x2000, 0xbffff000, 0xbff80000];
    for (const va of all) m.call("mmu_store32", va, 0, va & 0x7fffffff);
    expect(m.locked("testEvictAll")).toBeGreaterThanOrEqual(all.length);
    disk.serve();
    m.locked("testDropClean");
    for (const va of all) {
      expect(leaf(m, space, va) & (PRESENT | SWAPPED)).toBe(SWAPPED);
      expect(m.call("mmu_load32", va, 0)).toBe(va & 0x7fffffff);
    }
    m.check();
  });

  it("that a device uses, or that a program waits on, stays", () => {
    const { m, space } = machine();
    m.call("mmu_store32", 0x5000, 0, 7);
    const wiring = m.locked("wirePin", space, 0x5000, 4, 1);
    expect(m.locked("testEvict", space, 5)).toBe(-2);
    m.locked("wireUnpin", wiring);
    expect(m.locked("testEvict", space, 5)).toBeGreaterThan(0);
    m.check();
  });

  it("of a device is never one: its leaves stay, large and small, whatever goes", () => {
    const { m, disk, space } = machine();
    m.call("testResource", 0x80000000, 0x1000000, 1);
    const vram = m.locked("sysMmapDevice", 0x80000000n, 0x401000n, 6) >>> 0;
    const at = [vram, vram + 0x200000, vram + 0x400000];
    const before = at.map((va) => leaf(m, space, va));
    for (const entry of before) expect(entry & (PRESENT | COW)).toBe(PRESENT);
    m.call("mmu_store32", 0x5000, 0, 7);
    expect(m.locked("sysMadvise", vram, 0x401000, Advice.PAGEOUT)).toBe(0);
    expect(m.locked("testEvictAll")).toBeGreaterThan(0);
    disk.serve();
    m.locked("testDropClean");
    expect(leaf(m, space, 0x5000) & PRESENT).toBe(0n);
    expect(at.map((va) => leaf(m, space, va))).toEqual(before);
    m.check();
  });

  it("goes when it is unmapped while it is away, on its way out, or on its way in", () => {
    for (const when of ["away", "out", "in"]) {
      const t = machine();
      const { m, disk, space } = t;
      const before = m.counts();
      m.call("mmu_store32", 0x5000, 0, 7);
      if (when === "out") disk.serving = false;
      m.locked("testEvict", space, 5);
      if (when !== "out") disk.serve();
      if (when === "in") {
        m.locked("testDropClean");
        disk.serving = false;
        expect(m.locked("copyIn", space, BUFFER, 0x5000, 4)).toBeLessThan(0);
      }
      m.check();
      m.locked("sysMadvise", 0x5000, 0x1000, Advice.DONTNEED);
      m.check();
      disk.serving = true;
      disk.serve();
      m.locked("swapPoll");
      m.check();
      expect(m.call("slotUsed")).toBe(0);
      expect(m.counts()).toEqual(before);
    }
  });
});

describe("a page that several show", () => {
  it("is evicted from all of them, keeps COW, and is read once", () => {
    const t = machine();
    const { m, space } = t;
    m.call("mmu_store32", 0x5000, 0, 7);
    const clones = [1, 2, 3].map(() => m.locked("spaceClone", space));
    // Tables of their own, so that each has an entry for the frame.
    for (const [i, one] of clones.entries()) poke(m, one, 0x6000, i);
    const spaces = [space, ...clones];
    expect(m.call("rmapCount", frameOf(leaf(m, space, 0x5000)))).toBe(4);
    const mappings = count(m, MAPPINGS);
    out(t, space, 0x5000);
    expect(count(m, MAPPINGS) - mappings).toBe(4);
    m.check();
    const slot = slotOf(leaf(m, space, 0x5000));
    for (const one of spaces)
      expect(leaf(m, one, 0x5000) & (PRESENT | SWAPPED | COW)).toBe(SWAPPED | COW);
    expect(m.call("slotRefs", slot)).toBe(4);
    for (const one of spaces) expect(peek(m, one, 0x5000)).toBe(7);
    expect(count(m, INS)).toBe(1);
    m.check();
    for (const [i, one] of spaces.entries()) poke(m, one, 0x5000, 100 + i);
    for (const [i, one] of spaces.entries()) expect(peek(m, one, 0x5000)).toBe(100 + i);
    m.check();
    for (const one of clones) m.locked("spaceDestroy", one);
    m.check();
  });

  it("is one owner's to write while others still have it in its slot", () => {
    const t = machine();
    const { m, space } = t;
    m.call("mmu_store32", 0x5000, 0, 7);
    const other = m.locked("spaceClone", space);
    poke(m, other, 0x6000, 1);
    out(t, space, 0x5000);
    m.call("mmu_store32", 0x5000, 0, 8);
    m.check();
    expect(peek(m, other, 0x5000)).toBe(7);
    expect(m.call("mmu_load32", 0x5000, 0)).toBe(8);
    m.check();
  });

  it("in tables that are shared is evicted and comes back without a copy of a table", () => {
    const t = machine();
    const { m, space } = t;
    m.call("mmu_store32", 0x5000, 0, 7);
    const other = m.locked("spaceClone", space);
    const tables = count(m, 17);
    out(t, space, 0x5000);
    m.check();
    expect(peek(m, other, 0x5000)).toBe(7);
    expect(leaf(m, space, 0x5000) & PRESENT).toBe(PRESENT);
    expect(count(m, 17)).toBe(tables);
    m.check();
    m.call("mmu_store32", 0x5000, 0, 8);
    expect(peek(m, other, 0x5000)).toBe(7);
    m.check();
  });

  it("is cloned while it is away, with a reference to the slot for each, and frees it with the last", () => {
    const t = machine();
    const { m, space, process } = t;
    m.call("mmu_store32", 0x5000, 0, 7);
    out(t, space, 0x5000);
    const clones = Array.from({ length: 20 }, () => m.locked("spaceClone", space));
    for (const [i, one] of clones.entries()) poke(m, one, 0x6000, i);
    const slot = slotOf(leaf(m, space, 0x5000));
    expect(m.call("slotRefs", slot)).toBe(21);
    m.check();
    for (const one of clones.splice(0, 10)) m.locked("spaceDestroy", one);
    m.check();
    for (const one of clones) expect(peek(m, one, 0x5000)).toBe(7);
    for (const one of clones) m.locked("spaceDestroy", one);
    m.locked("testEnd", process);
    m.check();
    expect(m.call("slotUsed")).toBe(0);
  });

  it("of shared memory goes from the index and every mapper, and all see what one writes afterwards", () => {
    const t = machine();
    const { m, space, process } = t;
    const a = mmap(m, 0x3000, SHARED);
    m.call("mmu_store32", a + 0x1000, 0, 7);
    const other = m.locked("spaceClone", space);
    poke(m, other, a + 0x1000, 8);
    out(t, space, a + 0x1000);
    m.check();
    expect(leaf(m, space, a + 0x1000) & (PRESENT | SWAPPED)).toBe(0n);
    poke(m, other, a + 0x1000, 9);
    expect(m.call("mmu_load32", a + 0x1000, 0)).toBe(9);
    m.check();
    m.call("mmu_store32", a + 0x1000, 0, 10);
    m.locked("sysMunmap", a, 0x3000);
    m.check();
    out(t, other, a + 0x1000);
    expect(peek(m, other, a + 0x1000)).toBe(10);
    m.locked("spaceDestroy", other);
    m.locked("testEnd", process);
    m.check();
    expect(m.call("slotUsed")).toBe(0);
    expect(m.call("objectCount")).toBe(0);
  });

  it("of shared memory is written although who changed it has unmapped it", () => {
    const t = machine();
    const { m, space } = t;
    const a = mmap(m, 0x1000, SHARED);
    m.call("mmu_store32", a, 0, 7);
    const other = m.locked("spaceClone", space);
    out(t, space, a);
    m.call("mmu_store32", a, 0, 8);
    expect(peek(m, other, a)).toBe(8);
    m.locked("sysMunmap", a, 0x1000);
    m.check();
    out(t, other, a);
    expect(peek(m, other, a)).toBe(8);
    m.check();
  });

  it("of the first process stays: a disk that fails must not end it", () => {
    const { m } = machine();
    const init = m.call("testSpace", m.locked("testProcess", 1));
    m.locked("testImage", init, 0, 0, 0, 0, HEAP, 0xffffffff);
    poke(m, init, 0x5000, 1);
    expect(m.locked("testEvict", init, 5)).toBe(-2);
    m.check();
  });

  it("in a frozen space comes back when it is restored", () => {
    const t = machine();
    const { m, space } = t;
    m.call("mmu_store32", 0x5000, 0, 7);
    const frozen = m.locked("spaceFreeze", space);
    m.call("mmu_store32", 0x5000, 0, 8);
    m.locked("testEvictAll");
    t.disk.serve();
    m.locked("testDropClean");
    m.check();
    m.locked("spaceReplace", space, frozen);
    expect(m.call("mmu_load32", 0x5000, 0)).toBe(7);
    m.check();
  });
});

describe("a disk that fails", () => {
  it("keeps the page in memory when it cannot be written, says so once, and frees the slot", () => {
    const { m, disk, space } = machine();
    disk.fails = (one) => one.op === DiskOp.WRITE;
    for (const page of [5, 6, 7]) m.call("mmu_store32", page * 4096, 0, page);
    for (const page of [5, 6, 7]) {
      expect(m.locked("testEvict", space, page)).toBeGreaterThan(0);
      disk.serve();
      m.locked("testDropClean");
    }
    m.check();
    for (const page of [5, 6, 7]) expect(m.call("mmu_load32", page * 4096, 0)).toBe(page);
    m.check();
    expect(count(m, INS)).toBe(0);
    expect(m.call("slotUsed")).toBe(0);
    expect(m.log().split("write error").length).toBe(2);
    disk.fails = () => false;
    m.locked("testEvict", space, 5);
    disk.serve();
    m.locked("testDropClean");
    expect(m.call("mmu_load32", 0x5000, 0)).toBe(5);
    expect(count(m, INS)).toBe(1);
    m.check();
  });

  it("ends who touches a page that cannot be read, and nobody else", () => {
    const t = machine();
    const { m, disk, space } = t;
    m.call("mmu_store32", 0x5000, 0, 7);
    out(t, space, 0x5000);
    disk.fails = (one) => one.op === DiskOp.READ;
    expect(m.dies("mmu_load32", 0x5000, 0)).toBe(true);
    m.call("testForgetDeath");
    expect(m.locked("copyIn", space, BUFFER, 0x5000, 4)).toBeLessThan(0);
    expect(m.locked("pageWait", 0)).toBe(0);
    expect(m.locked("copyIn", space, BUFFER, 0x5000, 4)).toBeLessThan(0);
    expect(m.locked("pageWait", 0)).toBe(2);
    expect(m.log()).toContain("read error");
    m.check();
    disk.fails = () => false;
    expect(m.call("mmu_load32", 0x5000, 0)).toBe(7);
    m.check();
  });
});

describe("more memory than RAM", () => {
  const pages = 3 * 1024;
  const options = { ramBytes: 8 << 20, swapBlocks: 8192 };

  it("is written and read through the TLB: every page has its own bytes", () => {
    const { m, process } = machine(options);
    const a = mmap(m, pages * 4096);
    for (let i = 0; i < pages; i++) m.call("mmu_store32", a + i * 4096, 4, i * 7 + 1);
    m.check();
    for (let i = 0; i < pages; i++) expect(m.call("mmu_load32", a + i * 4096, 4)).toBe(i * 7 + 1);
    m.check();
    expect(count(m, OUTS)).toBeGreaterThan(1000);
    expect(m.call("slotUsed")).toBeGreaterThan(1000);
    m.locked("testEnd", process);
    m.disk?.serve();
    m.locked("swapPoll");
    m.check();
    expect(m.call("slotUsed")).toBe(0);
    expect(m.counts()[1]).toBe(0);
  });

  it("is written in clusters, neighbours together", () => {
    const { m, disk } = machine(options);
    const a = mmap(m, pages * 4096);
    for (let i = 0; i < pages; i++) m.call("mmu_store32", a + i * 4096, 4, i);
    const writes = disk.served.filter((one) => one.op === DiskOp.WRITE);
    const blocks = writes.reduce((sum, one) => sum + one.count, 0);
    expect(blocks / writes.length).toBeGreaterThan(4);
  });

  it("is copied and filled by one instruction, upwards and downwards", () => {
    const { m } = machine(options);
    const bytes = pages * 4096;
    const a = mmap(m, bytes * 2);
    m.call("mmu_fill", a, 0x5a, bytes);
    for (let i = 0; i < pages; i += 16) m.call("mmu_store32", a + i * 4096, 4, i);
    m.call("mmu_copy", a + 0x1800, a, bytes);
    expect(m.call("mmu_load32", a + 0x1800, 4)).toBe(0);
    for (let i = 0; i < pages; i += 16)
      expect(m.call("mmu_load32", a + 0x1800 + i * 4096, 4)).toBe(i);
    m.check();
  });

  it("is prefaulted and gives up what it touched first", () => {
    const { m } = machine(options);
    const va = m.locked("sysMmapAnonymous", 0, pages * 4096, RW, ANON | MapFlag.PREFAULT_WRITE);
    expect(va >>> 0).toBeLessThan(0xc0000000);
    m.check();
  });
});

describe("reading ahead", () => {
  /** n pages, page i holding i, in slots one after the other; none is in memory. */
  function away(n: number, options: Options = {}) {
    const t = machine(options);
    const { m, disk, space } = t;
    const a = mmap(m, n * 4096);
    for (let i = 0; i < n; i++) m.call("mmu_store32", a + i * 4096, 0, i);
    m.locked("sysMadvise", a, n * 4096, Advice.PAGEOUT);
    disk.serve();
    m.locked("testDropClean");
    const first = slotOf(leaf(m, space, a));
    expect(slotOf(leaf(m, space, a + (n - 1) * 4096))).toBe(first + n - 1);
    const load = (i: number) => m.call("mmu_load32", a + i * 4096, 0);
    /** Begins to bring page i in and does not wait. */
    const begin = (i: number) =>
      expect(m.locked("copyIn", space, BUFFER, a + i * 4096, 4)).toBeLessThan(0);
    const reads = () => disk.served.filter((one) => one.op === DiskOp.READ);
    return { ...t, a, first, load, begin, reads };
  }

  /** Reads pages one after the other, to the end of the first request that has as many as there can be. The page that follows. */
  function warm({ m, first, load, reads }: ReturnType<typeof away>): number {
    let page = 0;
    while ((reads().at(-1)?.count ?? 0) < CLUSTER) load(page++);
    const end = (reads().at(-1)?.block ?? 0) + CLUSTER - first;
    while (page < end) load(page++);
    m.check();
    return page;
  }

  it("brings what was written together with few requests, and counts what was of use", () => {
    const t = away(512);
    for (let i = 0; i < 512; i++) expect(t.load(i)).toBe(i);
    t.m.check();
    expect(t.reads().length).toBeLessThan(512 / 16);
    expect(Math.max(...t.reads().map((one) => one.count))).toBe(CLUSTER);
    expect(count(t.m, INS)).toBe(512);
    expect(count(t.m, AHEAD)).toBe(512 - t.reads().length);
    expect(count(t.m, AHEAD_USED)).toBe(count(t.m, AHEAD));
    expect(count(t.m, HITS)).toBe(0);
  });

  it("does so backwards, and past pages that are there already", () => {
    const t = away(1024);
    for (let i = 511; i >= 0; i--) expect(t.load(i)).toBe(i);
    expect(t.reads().length).toBeLessThan(512 / 16);
    for (let i = 512; i < 1024; i += 3) expect(t.load(i)).toBe(i);
    t.m.check();
    const before = t.reads().length;
    for (let i = 512; i < 1024; i++) expect(t.load(i)).toBe(i);
    t.m.check();
    expect(t.reads().length - before).toBeLessThan(512 / 16);
    expect(t.reads().some((one) => one.frames.includes(0))).toBe(true);
  });

  it("begins to, too, for a program that goes through two places in turn", () => {
    const t = away(1024);
    for (let i = 128; i < 384; i++) for (const at of [i, i + 512]) expect(t.load(at)).toBe(at);
    t.m.check();
    expect(t.reads().length).toBeLessThan(512 / 4);
  });

  it("stops when nobody wants what it brings", () => {
    const t = away(1024);
    const random = seeded(5);
    const before = warm(t);
    const reads = t.reads().length;
    for (let i = 0; i < 200; i++) t.load(before + random(1024 - before));
    t.m.check();
    const late = t.reads().slice(reads + 10);
    const blocks = late.reduce((sum, one) => sum + one.count, 0);
    expect(blocks / late.length).toBeLessThan(2);
  });

  it("takes half of the frames that are to be had at once, evicts nothing, and leaves all to who waits for one", () => {
    const t = away(400, { ramBytes: 6 << 20 });
    const { m, disk } = t;
    const page = warm(t);
    const more = mmap(m, 12 * 4096);
    for (let i = 0; i < 12; i++) m.call("mmu_store32", more + i * 4096, 0, i);
    m.locked("testDropClean");
    while (m.call("pmmFreeFrames") > m.call("testSwapVar", RESERVE)) m.call("pmmAlloc", 0);
    m.locked("sysMadvise", more, 12 * 4096, Advice.PAGEOUT);
    disk.serve();
    m.locked("swapPoll");
    expect(m.call("testSwapVar", CLEAN_COUNT)).toBe(12);
    const evictions = count(m, EVICTIONS);
    m.locked("testGrantOne");
    t.begin(page);
    m.check();
    disk.serve();
    expect(t.reads().at(-1)?.count).toBe(1 + 6);
    m.locked("swapPoll");
    expect(m.call("testSwapVar", CLEAN_COUNT)).toBe(12);
    expect(count(m, EVICTIONS)).toBe(evictions);
    m.check();
    // The next window would be as large; but another CPU is hungry now.
    m.attach(1);
    m.locked("testHungry", 1);
    m.locked("testGrantOne");
    t.begin(page + 64);
    disk.serve();
    expect(t.reads().at(-1)?.count).toBe(1);
    m.locked("testReclaimEnd");
    m.check();
  });

  it("gives way: what was read ahead goes first, without a write, and is read again when it is wanted", () => {
    const t = away(400);
    const { m, disk } = t;
    const page = warm(t);
    expect(t.load(page)).toBe(page);
    expect(m.call("testSwapVar", CLEAN_COUNT)).toBe(CLUSTER - 1);
    const served = disk.served.length;
    m.locked("testDropClean");
    m.check();
    expect(disk.served.length).toBe(served);
    for (let i = page; i < page + CLUSTER; i++) expect(t.load(i)).toBe(i);
    m.check();
  });

  it("harms nobody when a neighbour cannot be read: the wanted page is read alone, and only the bad one is lost", () => {
    const t = away(400);
    const { m, disk } = t;
    const page = warm(t);
    const bad = page + 5;
    disk.fails = ({ op, block, count: n }) =>
      op === DiskOp.READ && block <= t.first + bad && block + n > t.first + bad;
    const before = t.reads().length;
    expect(t.load(page)).toBe(page);
    m.check();
    expect(
      t
        .reads()
        .slice(before)
        .map((one) => one.count),
    ).toEqual([CLUSTER, 1]);
    expect(m.log()).not.toContain("read error");
    for (let i = page + 1; i < page + 40; i++) if (i !== bad) expect(t.load(i)).toBe(i);
    m.check();
    expect(m.dies("mmu_load32", t.a + bad * 4096, 0)).toBe(true);
    m.call("testForgetDeath");
    expect(m.log()).toContain("read error");
    m.check();
  });

  it("harms nobody when a neighbour goes, is wanted too, or all of it ends meanwhile", () => {
    const t = away(400);
    const { m, disk, space, process } = t;
    const page = warm(t);
    const used = count(m, AHEAD_USED);
    disk.serving = false;
    t.begin(page);
    m.check();
    m.locked("sysMadvise", t.a + (page + 1) * 4096, 4096, Advice.DONTNEED);
    const clone = m.locked("spaceClone", space);
    t.begin(page + 2);
    m.check();
    expect(count(m, AHEAD_USED)).toBe(used + 1);
    disk.serving = true;
    disk.serve();
    m.locked("swapPoll");
    m.check();
    // What two have come for is not on the clean list, from which others might take it.
    expect(m.call("testSwapVar", CLEAN_COUNT)).toBe(CLUSTER - 3);
    m.call("mmu_store32", t.a + (page + 2) * 4096, 0, 77);
    m.call("mmu_store32", t.a + (page + 3) * 4096, 0, 78);
    m.check();
    expect([0, 1, 2, 3].map((i) => t.load(page + i))).toEqual([page, 0, 77, 78]);
    const inClone = [0, 1, 2, 3].map((i) => peek(m, clone, t.a + (page + i) * 4096));
    expect(inClone).toEqual([page, 0, page + 2, page + 3]);
    m.locked("spaceDestroy", clone);
    t.begin(page + CLUSTER);
    m.locked("testEnd", process);
    m.check();
    disk.serve();
    m.locked("swapPoll");
    m.check();
    expect(m.call("slotUsed")).toBe(0);
    expect(m.call("pmmObjectFrames")).toBe(0);
  });

  it("keeps frames ready: who waits for a page sends the next ones out as one request, before anybody needs them", () => {
    const { m, disk } = machine({ ramBytes: 8 << 20, swapBlocks: 8192 });
    const a = mmap(m, 2048 * 4096);
    for (let i = 0; i < 2048; i++) m.call("mmu_store32", a + i * 4096, 0, i);
    disk.serve();
    m.locked("testDropClean");
    while (m.call("pmmFreeFrames") > m.call("testSwapVar", RESERVE)) m.call("pmmAlloc", 0);
    m.locked("testGrantOne");
    disk.served.length = 0;
    m.call("mmu_load32", a, 0);
    m.check();
    const [read, write] = disk.served;
    expect([read?.op, write?.op, write?.count]).toEqual([DiskOp.READ, DiskOp.WRITE, CLUSTER]);
    expect(m.call("testSwapVar", CLEAN_COUNT)).toBeGreaterThanOrEqual(CLUSTER);
  });

  it("goes with what is written: frames that are not adjacent, or settle in any order, are one request", () => {
    const t = machine();
    const { m, disk, space } = t;
    const a = mmap(m, 64 * 4096);
    for (let i = 0; i < 64; i++) m.call("mmu_store32", a + ((i * 37) % 64) * 4096, 0, i);
    m.locked("sysMadvise", a, CLUSTER * 4096, Advice.PAGEOUT);
    disk.serve();
    expect(disk.served.map((one) => one.count)).toEqual([CLUSTER]);
    const frames = disk.served[0]?.frames ?? [];
    expect(frames.some((pfn, i) => i > 0 && pfn !== (frames[i - 1] ?? 0) + 1)).toBe(true);
    m.check();
    expect(leaf(m, space, a) & PRESENT).toBe(0n);
  });
});

describe("a store in flight", () => {
  /** A space that CPU 1 runs in user mode, with a page that has been written. */
  function elsewhere(t: Test): { space: number; acknowledge: () => void } {
    const { m } = t;
    const other = m.attach(1);
    const space = m.call("testSpace", m.locked("testProcess", 9));
    m.locked("testImage", space, 0, 0, 0, 0, HEAP, 0xffffffff);
    poke(m, space, 0x5000, 7);
    m.locked("testPretendRun", space, 1, m.blocks + CpuBlock.BYTES);
    const acknowledge = () => {
      for (const name of ["testLock", "testAck", "testUnlock"]) other[name]?.();
    };
    return { space, acknowledge };
  }

  it("has ended before the page is written", () => {
    const t = machine();
    const { m, disk } = t;
    const { space, acknowledge } = elsewhere(t);
    const frame = frameOf(leaf(m, space, 0x5000));
    m.locked("testEvict", space, 5);
    m.check();
    disk.serve();
    expect(disk.served).toEqual([]);
    m.view.setUint32(frame * 4096, 8, true);
    acknowledge();
    m.check();
    m.locked("reclaim");
    m.locked("swapFlush");
    disk.serve();
    m.locked("testDropClean");
    m.check();
    expect(peek(m, space, 0x5000)).toBe(8);
    expect(count(m, INS)).toBe(1);
  });

  it("of several pages has ended before any is written; then they go as one request, in whatever order they were freed", () => {
    const t = machine();
    const { m, disk } = t;
    const { space, acknowledge } = elsewhere(t);
    for (let page = 5; page < 13; page++) poke(m, space, page * 4096, page);
    for (let page = 5; page < 13; page++) m.locked("testEvict", space, page);
    disk.serve();
    expect(disk.served).toEqual([]);
    acknowledge();
    m.check();
    m.locked("swapFlush");
    disk.serve();
    expect(disk.served.map((one) => one.count)).toEqual([8]);
    m.locked("testDropClean");
    for (let page = 5; page < 13; page++) expect(peek(m, space, page * 4096)).toBe(page);
    m.check();
  });

  it("finds the page mapped again if it is touched before that", () => {
    const t = machine();
    const { m, disk } = t;
    const { space, acknowledge } = elsewhere(t);
    m.locked("testEvict", space, 5);
    poke(m, space, 0x5000, 9);
    m.check();
    acknowledge();
    m.check();
    disk.serve();
    expect(disk.served).toEqual([]);
    expect(peek(m, space, 0x5000)).toBe(9);
    expect(m.call("slotUsed")).toBe(0);
  });

  it("leaves a page that goes without a write unread by others until then", () => {
    const t = machine();
    const { m } = t;
    const { space, acknowledge } = elsewhere(t);
    m.locked("testEvict", space, 5);
    acknowledge();
    m.locked("swapFlush");
    t.disk.serve();
    m.locked("testDropClean");
    expect(peek(m, space, 0x5000)).toBe(7);
    const free = m.call("pmmFreeFrames");
    expect(m.locked("testEvict", space, 5)).toBe(2);
    expect(m.call("pmmFreeFrames")).toBe(free);
    m.check();
    acknowledge();
    expect(m.call("pmmFreeFrames")).toBe(free + 1);
    m.check();
  });
});

describe("replacement", () => {
  it("gives a page that was used since the hand passed a second chance, and ages the others", () => {
    const { m, disk, space } = machine();
    for (const page of [5, 6]) m.call("mmu_store32", page * 4096, 0, page);
    const frames = m.call("testSwapVar", 0x08);
    const turn = () => {
      for (let i = 0; i < frames; i++) m.locked("clockStep");
    };
    turn();
    expect(m.tlb(5)).toEqual([0, 0]);
    m.check();
    m.call("mmu_load32", 0x5000, 0);
    turn();
    expect(leaf(m, space, 0x5000) & PRESENT).toBe(PRESENT);
    expect(leaf(m, space, 0x6000) & PRESENT).toBe(0n);
    m.locked("swapFlush");
    disk.serve();
    m.check();
  });

  it("tells the working set from the A bits, and from what the clock saw of them", () => {
    const { m, space } = machine();
    const used = () => m.call("testWorkingSet", space);
    const others = used();
    for (const page of [5, 6, 7]) m.call("mmu_store32", page * 4096, 0, page);
    expect(used()).toBe(others + 3);
    m.locked("sysMdirty", 0x5000, 0x3000, 0, DirtyBit.ACCESSED);
    expect(used()).toBe(others);
    m.call("mmu_load32", 0x6000, 0);
    expect(used()).toBe(others + 1);
    const frames = m.call("testSwapVar", 0x08);
    for (let i = 0; i < frames; i++) m.locked("clockStep");
    expect(m.tlb(6)).toEqual([0, 0]);
    expect(used()).toBe(others + 1);
    m.check();
  });

  it("hands the frame to the CPU that has waited longest, not to the free list", () => {
    const t = machine({ ramBytes: 4 << 20 });
    const { m, disk } = t;
    m.attach(1);
    const a = mmap(m, 512 * 4096);
    for (let i = 0; i < 512; i++) m.call("mmu_store32", a + i * 4096, 0, i);
    while (m.call("pmmFreeFrames") > m.call("testSwapVar", 0x90)) m.call("pmmAlloc", 0);
    m.locked("testHungry", 1);
    let rounds = 0;
    while (m.call("testGrant", 0) === 0 && rounds++ < 100) {
      const free = m.call("pmmFreeFrames");
      m.locked("reclaim");
      disk.serve();
      expect(m.call("pmmFreeFrames")).toBeLessThanOrEqual(
        Math.max(free, m.call("testSwapVar", 0x90)),
      );
      if (m.call("testGrant", 0) !== 0) expect(m.call("testGrant", 1)).not.toBe(0);
    }
    expect(m.call("testGrant", 0)).not.toBe(0);
    m.locked("testReclaimEnd");
    m.check();
  });

  it("leaves the reserve to page tables: they are had when no page is", () => {
    const { m } = machine({ ramBytes: 4 << 20 });
    const a = mmap(m, 400 * 4096);
    for (let i = 0; i < 400; i++) m.call("mmu_store32", a + i * 4096, 0, i);
    while (m.call("pmmFreeFrames") > m.call("testSwapVar", 0x90)) m.call("pmmAlloc", 0);
    // Each of these needs a table of its own.
    for (let i = 1; i <= 8; i++) {
      const at = 0x50000000 + i * 0x200000;
      m.locked("sysMmapAnonymous", at, 4096, RW, ANON | MapFlag.FIXED);
      m.call("mmu_store32", at, 0, i);
    }
    for (let i = 1; i <= 8; i++) expect(m.call("mmu_load32", 0x50000000 + i * 0x200000, 0)).toBe(i);
    m.check();
  });
});

describe("thrashing", () => {
  it("is 50 pages in one window of a second; the window starts anew and a calm one ends it", () => {
    const { m, process } = machine();
    const second = 1_000_000_000;
    const waits = (n: number) => {
      let state = 0;
      for (let i = 0; i < n; i++) state = m.locked("testThrash", process);
      return state;
    };
    m.nowNs = 5 * second;
    expect(waits(49)).toBe(0);
    m.nowNs = 6 * second;
    // 98 in two windows are not 50 in one.
    expect(waits(49)).toBe(0);
    expect(waits(1)).toBe(1);
    expect(m.log().split("thrash: ").length).toBe(2);
    m.nowNs = 7 * second;
    expect(waits(10)).toBe(1);
    m.nowNs = 8 * second;
    expect(waits(1)).toBe(0);
  });

  it("pauses the process only while another waits for pages too", () => {
    const { m, process } = machine();
    const other = m.locked("testProcess", 9);
    m.nowNs = 5_000_000_000;
    for (let i = 0; i < 64; i++) m.locked("testThrash", process);
    expect(count(m, 28)).toBe(0);
    m.locked("testThrash", other);
    for (let i = 0; i < 64; i++) m.locked("testThrash", process);
    expect(count(m, 28)).toBe(4);
  });
});

describe("when neither frames nor slots are left", () => {
  const options = { ramBytes: 4 << 20, swapBlocks: 64 };

  it("the program that asks ends if it has the most pages, with a report that says why", () => {
    const { m, process } = machine(options);
    const a = mmap(m, 2048 * 4096);
    let died = false;
    for (let i = 0; i < 2048 && !died; i++) died = m.dies("mmu_store32", a + i * 4096, 0, i);
    expect(died).toBe(true);
    expect(m.call("slotUsed")).toBe(63);
    m.check();
    m.locked("testEnd", process);
    m.disk?.serve();
    m.locked("swapPoll");
    m.check();
    expect(m.call("slotUsed")).toBe(0);
  });

  it("the process with the most pages ends, and the one that asked goes on", () => {
    const { m } = machine(options);
    const large = m.locked("testProcess", 9);
    const space = m.call("testSpace", large);
    m.locked("testImage", space, 0, 0, 0, 0, 500 * 4096, 0xffffffff);
    m.call("testLive", large);
    for (let i = 1; i < 480; i++) poke(m, space, i * 4096, i);
    m.onSleep = () => {
      if (m.call("testSignalled", large) === 0 || m.call("testSpace", large) === 0) return;
      m.call("testEnd", large);
    };
    const a = mmap(m, 450 * 4096);
    for (let i = 0; i < 450; i++) m.call("mmu_store32", a + i * 4096, 0, i);
    expect(m.call("testSignalled", large)).toBe(9);
    expect(m.log()).toMatch(/out of memory: pid \d+ .*ends/);
    for (let i = 0; i < 450; i++) expect(m.call("mmu_load32", a + i * 4096, 0)).toBe(i);
    m.check();
  });

  it("a call gets ENOMEM and nobody ends", () => {
    const { m } = machine(options);
    const flags = ANON | MapFlag.PREFAULT_WRITE;
    expect(m.locked("sysMmapAnonymous", 0, 2048 * 4096, RW, flags)).toBe(-12);
    m.check();
    m.call("mmu_store32", 0x5000, 0, 1);
    expect(m.call("mmu_load32", 0x5000, 0)).toBe(1);
  });
});

describe("swap space", () => {
  const leave = (m: Machine) => {
    const begun = m.locked("swapLeaveBegin");
    if (begun !== 0) return begun;
    for (let i = 0; i < 2000; i++) {
      const step = m.locked("swapLeave");
      if (step !== 1) return step;
      const waited = m.locked("pageWait", 0);
      if (waited !== 0) {
        m.locked("swapLeaveStop");
        m.call("pageWaitEnd");
        return -waited;
      }
    }
    return -99;
  };

  it("is given up while pages are being read ahead", () => {
    const t = machine();
    const { m, disk } = t;
    const a = mmap(m, 128 * 4096);
    for (let i = 0; i < 128; i++) m.call("mmu_store32", a + i * 4096, 0, i);
    m.locked("sysMadvise", a, 128 * 4096, Advice.PAGEOUT);
    disk.serve();
    m.locked("testDropClean");
    for (let i = 0; i < 40; i++) m.call("mmu_load32", a + i * 4096, 0);
    disk.serving = false;
    for (let i = 40; m.locked("copyIn", t.space, BUFFER, a + i * 4096, 4) === 4; ) i++;
    expect(m.call("testSwapVar", 0xe8)).toBeGreaterThan(1);
    expect(m.locked("swapLeaveBegin")).toBe(0);
    expect(m.locked("swapLeave")).toBe(1);
    m.check();
    m.locked("swapLeaveStop");
    disk.serving = true;
    expect(leave(m)).toBe(0);
    m.check();
    expect([m.call("slotUsed"), m.call("slotCount")]).toEqual([0, 0]);
    for (let i = 0; i < 128; i++) expect(m.call("mmu_load32", a + i * 4096, 0)).toBe(i);
  });

  it("is given up: everything comes back, shared and frozen too, and no slot is left", () => {
    const t = machine();
    const { m, space } = t;
    const a = mmap(m, 0x4000, SHARED);
    for (let i = 5; i < 25; i++) m.call("mmu_store32", i * 4096, 0, i);
    for (let i = 0; i < 4; i++) m.call("mmu_store32", a + i * 4096, 0, 100 + i);
    const frozen = m.locked("spaceFreeze", space);
    const other = m.locked("spaceClone", space);
    poke(m, other, 0x5000, 55);
    m.locked("testEvictAll");
    t.disk.serve();
    m.locked("testDropClean");
    expect(m.call("slotUsed")).toBeGreaterThan(20);
    expect(leave(m)).toBe(0);
    m.check();
    expect([m.call("slotUsed"), m.call("slotCount")]).toEqual([0, 0]);
    for (let i = 5; i < 25; i++) expect(m.call("mmu_load32", i * 4096, 0)).toBe(i);
    for (let i = 0; i < 4; i++) expect(peek(m, other, a + i * 4096)).toBe(100 + i);
    expect(peek(m, other, 0x5000)).toBe(55);
    m.locked("spaceReplace", space, frozen);
    expect(m.call("mmu_load32", 0x5000, 0)).toBe(5);
    expect(m.locked("swapEnter", 0, 4096)).toBe(0);
    expect(m.locked("testEvict", space, 6)).toBeGreaterThan(0);
    m.check();
  });

  it("stays in use when memory is too small for what is in it, and nothing is lost", () => {
    const { m } = machine({ ramBytes: 4 << 20, swapBlocks: 4096 });
    const a = mmap(m, 1500 * 4096);
    for (let i = 0; i < 1500; i++) m.call("mmu_store32", a + i * 4096, 0, i);
    expect(leave(m)).not.toBe(0);
    m.check();
    for (let i = 0; i < 1500; i++) expect(m.call("mmu_load32", a + i * 4096, 0)).toBe(i);
    m.check();
  });

  it("is empty when the machine starts, whatever the disk holds", () => {
    const { m } = machine();
    expect([m.call("slotUsed"), m.call("slotCount")]).toEqual([0, 4095]);
    expect(m.locked("swapEnter", 0, 10)).toBe(-16);
  });
});
