// Exhaustion: no wait for memory lasts for ever. Each test is a way in which one could, without anybody else doing anything.
import { beforeAll, describe, expect, it } from "vitest";
import { CpuBlock } from "../../abi/cpu.ts";
import { DiskState } from "../../abi/disk.ts";
import { Errno } from "../../abi/errno.ts";
import { MapFlag, Prot } from "../../abi/syscall.ts";
import { kernelModule, Machine, type Options } from "./harness.ts";

beforeAll(() => void kernelModule());

const RW = Prot.READ | Prot.WRITE;
const ANON = MapFlag.PRIVATE | MapFlag.ANONYMOUS;
const BUFFER = 0x3000;
const FILE = 0x10000;
const FAR = 0x50000000;
/** Results of pageWait. */
const AGAIN = 0;
const NO_MEMORY = 1;
/** More turns than anything that ends takes. */
const MANY = 400;

class World {
  readonly m: Machine;
  readonly process: number;
  readonly space: number;
  readonly hoard: number[] = [];

  constructor(options: Options = {}) {
    this.m = new Machine({ ramBytes: 4 << 20, ...options });
    [this.process, this.space] = this.m.process();
  }

  /** Takes frames until `left` are free. */
  leave(left: number): void {
    while (this.m.call("pmmFreeFrames") > left) this.hoard.push(this.m.locked("pmmAlloc", 0));
    expect(this.m.call("pmmFreeFrames")).toBe(left);
  }

  /** Does what a call or an access does that lacks something; how it ended, "waits" if it would not have. */
  attempt(operation: () => number): { end: string; turns: number; result: number } {
    let result = 0;
    let end = "waits";
    let turns = 0;
    while (end === "waits" && turns < MANY) {
      result = operation();
      if (this.m.call("testWant") === 0) end = "done";
      else if (this.m.locked("pageWait", 0) === NO_MEMORY) end = "no memory";
      turns++;
    }
    this.m.call("pageWaitEnd");
    return { end, turns, result };
  }

  store(va: number) {
    return this.attempt(() => this.m.locked("copyOut", this.space, va, BUFFER, 4));
  }
}

describe("an access that needs several frames", () => {
  /** The first page of a space: itself, and three tables on its way. */
  const needs = 4;

  for (let left = 0; left < needs; left++)
    it(`fails when ${left} are free and none can be had, and gives those back`, () => {
      const w = new World();
      w.m.locked("sysMmapAnonymous", FAR, 4096, RW, ANON | MapFlag.FIXED);
      w.leave(left);
      expect(w.store(FAR).end).toBe("no memory");
      expect(w.m.call("pmmFreeFrames")).toBe(left);
      w.m.check();
      expect(w.m.dies("mmu_store32", FAR, 0, 1)).toBe(true);
    });

  it("fails when there is a frame for its table and none for the reverse map, and gives the table back", () => {
    const w = new World();
    const flags = MapFlag.SHARED | MapFlag.FIXED;
    const other = FAR + (2 << 20);
    w.m.locked("sysMmapAnonymous", FAR, 4096, RW, flags | MapFlag.ANONYMOUS);
    const object = w.m.locked("objectGetAt", w.space, FAR) >>> 0;
    expect(w.m.locked("mapObject", w.space, other, 4096, RW, flags, object, 0n) >>> 0).toBe(other);
    w.m.locked("objectPut", object);
    expect(w.store(FAR)).toMatchObject({ end: "done", result: 4 });
    const tables = w.m.call("testTables", w.space);
    w.leave(1);
    expect(w.store(other).end).toBe("no memory");
    expect(w.m.call("testTables", w.space)).toBe(tables);
    expect(w.m.call("pmmFreeFrames")).toBe(1);
    w.m.check();
    w.m.locked("pmmFree", w.hoard.pop() ?? 0);
    expect(w.store(other)).toMatchObject({ end: "done", result: 4 });
    w.m.check();
  });

  it("works with just enough", () => {
    const w = new World();
    w.m.locked("sysMmapAnonymous", FAR, 4096, RW, ANON | MapFlag.FIXED);
    w.leave(needs);
    w.m.call("mmu_store32", FAR, 0, 7);
    expect(w.m.call("pmmFreeFrames")).toBe(0);
    expect(w.m.call("mmu_load32", FAR, 0)).toBe(7);
    w.m.check();
  });

  it("gets them one after the other from pages of files, and keeps those that it has got", () => {
    const w = new World();
    const pages = 12;
    for (let i = 0; i < pages; i++) w.m.view.setUint32(FILE + i * 4096, 100 + i, true);
    w.m.locked("testImage", w.space, 0x4000, 0, pages * 4096, FILE, 0x20000, 0xffffffff);
    for (let i = 0; i < pages; i++)
      expect(w.m.call("mmu_load32", 0x4000 + i * 4096, 0)).toBe(100 + i);
    w.m.locked("sysMmapAnonymous", FAR, 4096, RW, ANON | MapFlag.FIXED);
    w.leave(1);
    expect(w.store(FAR)).toMatchObject({ end: "done", result: 4 });
    w.m.check();
    expect(w.m.big("testLeaf", w.space, FAR >>> 12) & 1n).toBe(1n);
    for (let i = 0; i < 4; i++) expect(w.m.call("mmu_load32", 0x4000, 0)).toBe(100);
  });
});

it("frames that must be neighbours and cannot be are no reason to wait", () => {
  const w = new World();
  w.leave(0);
  for (const [i, pfn] of w.hoard.entries()) if (i % 2 === 0) w.m.locked("pmmFree", pfn);
  const free = w.m.call("pmmFreeFrames");
  expect(w.attempt(() => w.m.locked("pmmAllocContiguous", 2)).end).toBe("no memory");
  expect(w.m.call("pmmFreeFrames")).toBe(free);
  w.m.check();
});

describe("a program on another CPU that computes without touching memory", () => {
  /** Its page 5 has a frame; the frames of what it loses wait for its acknowledgement. */
  function elsewhere(options: Options) {
    const w = new World(options);
    const other = w.m.attach(1);
    const space = w.m.call("testSpace", w.m.locked("testProcess", 9));
    w.m.locked("testImage", space, 0, 0, 0, 0, 0x100000, 0xffffffff);
    for (let i = 5; i < 25; i++) w.m.locked("copyOut", space, i * 4096, BUFFER, 4);
    w.m.locked("testPretendRun", space, 1, w.m.blocks + CpuBlock.BYTES);
    const acknowledge = () => {
      for (const name of ["testLock", "testAck", "testUnlock"]) other[name]?.();
    };
    return { w, space, acknowledge };
  }

  for (const swapBlocks of [undefined, 256]) {
    const what = swapBlocks === undefined ? "it unmapped" : "of it that are to be written";
    const options = swapBlocks === undefined ? {} : { swapBlocks };

    /** Uses all memory up; then pages of the other space go. */
    function scarce() {
      const { w, space, acknowledge } = elsewhere(options);
      const reserve = w.m.call("testSwapVar", 0x90);
      const va = w.m.locked("sysMmapAnonymous", 0, 4096, RW, ANON) >>> 0;
      expect(w.store(va).end).toBe("done");
      w.leave(reserve);
      // The last page keeps the table.
      if (swapBlocks === undefined) w.m.locked("testRemove", space, 5, 24);
      else for (let i = 5; i < 25; i++) w.m.locked("testEvict", space, i);
      w.m.check();
      const next = w.m.locked("sysMmapAnonymous", 0, 4096, RW, ANON) >>> 0;
      return { w, va: next, mine: va, acknowledge };
    }

    it(`does not hold up for ever who wants the frames ${what}`, () => {
      const { w, va } = scarce();
      const { end, turns } = w.store(va);
      expect(end).toBe("no memory");
      expect(turns).toBeGreaterThan(10);
      w.m.check();
    });

    // What pagequery put together lay over the counts of the wait: who had just asked was told that there is no memory.
    it.each(["", ", by one who has just asked about its pages"])(
      `is waited for: the frames ${what} come when it enters the kernel%s`,
      (asks) => {
        const { w, va, mine, acknowledge } = scarce();
        if (asks !== "") expect(w.m.locked("sysPagequery", 0, mine, mine)).toBe(0);
        let looks = 0;
        const attempt = w.attempt(() => {
          if (++looks === 10) acknowledge();
          w.m.disk?.serve();
          return w.m.locked("copyOut", w.space, va, BUFFER, 4);
        });
        expect(attempt).toMatchObject({ end: "done", result: 4 });
        w.m.check();
      },
    );
  }

  it("does not hold up for ever who gives the swap space up: it stays in use, and is given up later", () => {
    const { w, space, acknowledge } = elsewhere({ swapBlocks: 256 });
    w.m.onSleep = () => w.m.disk?.serve();
    for (let i = 5; i < 25; i++) w.m.locked("testEvict", space, i);
    expect(w.m.locked("sysSwapoff")).toBe(-Errno.EBUSY);
    w.m.check();
    acknowledge();
    expect(w.m.locked("sysSwapoff")).toBe(0);
    w.m.check();
  });
});

it("a page whose read finds no room at the disk is asked for again, and its program goes on", () => {
  const w = new World({ swapBlocks: 256 });
  const { m } = w;
  m.locked("testImage", w.space, 0, 0, 0, 0, 0x20000, 0xffffffff);
  m.call("mmu_store32", 0x5000, 0, 9);
  expect(m.locked("testEvict", w.space, 5)).toBeGreaterThan(0);
  m.disk?.serve();
  m.locked("testDropClean");
  const inUse = m.displayHost + 0x10000 + DiskState.IN_USE;
  m.view.setUint32(inUse, DiskState.CAPACITY, true);
  m.locked("copyIn", w.space, BUFFER, 0x5000, 4);
  expect(m.call("testWant")).not.toBe(0);
  expect(m.locked("pageWait", 0)).toBe(AGAIN);
  let looks = 0;
  m.onSleep = () => {
    if (++looks === 6) m.view.setUint32(inUse, 0, true);
  };
  expect(m.call("mmu_load32", 0x5000, 0)).toBe(9);
  m.check();
});

describe("an access over two pages that were swapped out", () => {
  /** Pages 5 and 6 are on the disk; `left` frames can be had for pages, one after the other or at once. */
  function apart(left: number) {
    const w = new World({ swapBlocks: 256 });
    w.m.locked("testImage", w.space, 0, 0, 0, 0, 0x20000, 0xffffffff);
    w.m.call("mmu_store32", 0x5000, 4092, 0x11223344);
    w.m.call("mmu_store32", 0x6000, 0, 0x55667788);
    for (const page of [5, 6]) expect(w.m.locked("testEvict", w.space, page)).toBeGreaterThan(0);
    w.m.disk?.serve();
    w.m.locked("testDropClean");
    w.leave(w.m.call("testSwapVar", 0x90) + left);
    return w;
  }

  it("works when both fit", () => {
    const w = apart(2);
    expect(w.m.call("mmu_load32", 0x5000, 4094) >>> 0).toBe(0x77881122);
    w.m.check();
  });

  it("ends the program when memory holds only one of them at a time", () => {
    const w = apart(1);
    expect(w.m.dies("mmu_load32", 0x5000, 4094)).toBe(true);
    w.m.call("testForgetDeath");
    expect(w.m.call("mmu_load32", 0x5000, 4092)).toBe(0x11223344);
    expect(w.m.call("mmu_load32", 0x6000, 0)).toBe(0x55667788);
    w.m.check();
  });
});
