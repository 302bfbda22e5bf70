import { beforeAll, describe, expect, it } from "vitest";
import { kernelModule, Machine } from "./harness.ts";

beforeAll(() => void kernelModule());

/** Counter.FRAME_STEPS (arch/counters.ts). */
const FRAME_STEPS = 30;
/** Both summaries, 17 words each at most, and the 16 words of a chunk. */
const MOST_STEPS = 50;

describe("frame allocator", () => {
  it("makes every frame of an odd RAM size allocatable, the tail included, and none of a hole", () => {
    const ramBytes = 20484 * 1024;
    const m = new Machine({ ramBytes, holes: [[0x900000, 0x3000]], initrd: [0x700000, 0x1234] });
    const free = m.call("pmmFreeFrames");
    const seen = new Set<number>();
    for (let i = 0; i < free; i++) seen.add(m.call("pmmAlloc", 0));
    expect(seen.size).toBe(free);
    expect(m.call("pmmAlloc", 0)).toBe(0);
    expect(seen.has(ramBytes / 4096 - 1)).toBe(true);
    for (const pfn of [0, 0x100, 0x180, 0x700, 0x701, 0x900, 0x901, 0x902])
      expect(seen.has(pfn)).toBe(false);
    expect(seen.has(0x903)).toBe(true);
    expect(seen.has(0x702)).toBe(true);
    for (const pfn of seen) m.call("pmmFree", pfn);
    expect(m.call("pmmFreeFrames")).toBe(free);
    m.check();
  });

  it.each([64, 1024])(
    "finds the last percent of %i MiB in the same few steps, however it is spread",
    (mebibytes) => {
      const m = new Machine({ ramBytes: mebibytes << 20 });
      const taken: number[] = [];
      for (let pfn = m.call("pmmAlloc", 0); pfn !== 0; pfn = m.call("pmmAlloc", 0)) taken.push(pfn);
      const steps = () => Number(m.big("testCounter", FRAME_STEPS));
      for (const spread of [100, 1]) {
        // One frame in a hundred; then the same number side by side, at the far end.
        const spare = Math.floor(taken.length / 100);
        const free = Array.from({ length: spare }, (_, i) =>
          spread === 1 ? (taken[taken.length - 1 - i] as number) : (taken[i * spread] as number),
        );
        for (const pfn of free) m.call("pmmFree", pfn);
        const before = steps();
        const got = free.map(() => {
          const start = steps();
          const pfn = m.call("pmmAlloc", 0);
          expect(steps() - start).toBeLessThanOrEqual(MOST_STEPS);
          return pfn;
        });
        expect(got.toSorted((a, b) => a - b)).toEqual(free.toSorted((a, b) => a - b));
        expect((steps() - before) / spare).toBeLessThan(18);
        expect(m.call("pmmAlloc", 0)).toBe(0);
      }
    },
  );

  it("frees contiguous runs as it gave them", () => {
    const m = new Machine();
    const before = m.counts();
    for (let round = 0; round < 50; round++) {
      const a = m.call("pmmAllocContiguous", 700);
      const b = m.call("pmmAllocContiguous", 3);
      expect(a).toBeGreaterThan(0);
      expect(b).toBeGreaterThan(0);
      m.call("pmmFreeContiguous", a, 700);
      m.call("pmmFreeContiguous", b, 3);
    }
    expect(m.counts()).toEqual(before);
    expect(m.call("pmmAllocContiguous", 1 << 20)).toBe(0);
    m.check();
  });

  it("panics on a double free, a reserved frame and a device frame", () => {
    const m = new Machine();
    const pfn = m.call("pmmAlloc", 0);
    m.call("pmmFree", pfn);
    expect(() => m.call("pmmFree", pfn)).toThrow();
    expect(m.panicked?.[1]).toBe(pfn);
    expect(() => new Machine().call("pmmFree", 0xe0000)).toThrow();
    expect(() => new Machine().call("pmmFree", 2)).toThrow();
  });

  it("notices a write to a free frame when junk is on", () => {
    const m = new Machine({ ramBytes: 4 << 20 });
    m.call("pmmSetJunk", 1);
    const pfn = m.call("pmmAlloc", 1);
    expect(m.view.getUint32(pfn * 4096, true)).toBe(0);
    m.call("pmmFree", pfn);
    m.view.setUint8(pfn * 4096 + 77, 1);
    expect(() => {
      for (;;) if (m.call("pmmAlloc", 0) === 0) return;
    }).toThrow();
  });

  it("gives a space's low pages frames at a constant distance, while others keep away", () => {
    const m = new Machine({ ramBytes: 48 << 20 });
    const [, space] = m.process();
    m.locked("testImage", space, 0, 0, 0, 0, 3 << 20, 0xffffffff);
    const distance = new Set<number>();
    for (let va = 0x1000; va < 3 << 20; va += 0x1000) {
      m.call("mmu_store32", va, 0, va);
      if (va % 0x10000 === 0) m.call("pmmAlloc", 0);
      distance.add(m.call("testUserHost", space, va) - va);
    }
    expect(distance.size).toBe(1);
    m.check();
  });

  it("breaks reservations before it runs out of memory", () => {
    const m = new Machine({ ramBytes: 8 << 20 });
    const [process, space] = m.process();
    m.locked("testImage", space, 0, 0, 0, 0, 0x10000, 0xffffffff);
    m.call("mmu_store8", 0x1000, 0, 1);
    const free = m.call("pmmFreeFrames");
    const taken: number[] = [];
    for (let pfn = m.call("pmmAlloc", 0); pfn !== 0; pfn = m.call("pmmAlloc", 0)) taken.push(pfn);
    expect(taken.length).toBe(free);
    m.check();
    for (const pfn of taken) m.call("pmmFree", pfn);
    m.locked("testEnd", process);
    m.check();
  });
});
