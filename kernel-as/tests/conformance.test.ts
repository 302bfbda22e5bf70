// Rows of docs/vm-conformance.md that no other test here covers.
import { beforeAll, describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { MemType } from "../../abi/pte.ts";
import { DeviceMapFlag, MapFlag, Prot } from "../../abi/syscall.ts";
import { kernelModule, Machine, seeded } from "./harness.ts";

beforeAll(() => void kernelModule());

const RW = Prot.READ | Prot.WRITE;
const PRIVATE = MapFlag.PRIVATE | MapFlag.ANONYMOUS;
const SHARED = MapFlag.SHARED | MapFlag.ANONYMOUS;
const VRAM = 0xe0000000n;
const NOCACHE = DeviceMapFlag.NOCACHE;
const WRITECOMBINE = DeviceMapFlag.WRITECOMBINE;
const HUGEPAGE = DeviceMapFlag.HUGEPAGE;

function machine() {
  const m = new Machine({ ramBytes: 4 << 20, vramBytes: 4 << 20 });
  m.call("testResource", 0xe0000000, 4 << 20, 1);
  const [process, space] = m.process();
  m.locked("testImage", space, 0, 0, 0, 0, 0x20000, 0xffffffff);
  return { m, process, space };
}

/** Takes every frame but `left`. */
function exhaust(m: Machine, left = 0): number[] {
  const taken: number[] = [];
  for (let pfn = m.call("pmmAlloc", 0); pfn !== 0; pfn = m.call("pmmAlloc", 0)) taken.push(pfn);
  for (let i = 0; i < left; i++) m.call("pmmFree", taken.pop() as number);
  return taken;
}

const device = (m: Machine, pa: bigint, size: number, flags: number) =>
  m.locked("sysMmapDevice", pa, BigInt(size), flags);
const mmap = (m: Machine, at: number, len: number, flags: number) =>
  m.locked("sysMmapAnonymous", at, len, RW, flags) >>> 0;

describe("mmap_device", () => {
  it("rounds its size up to pages, and not past the resource", () => {
    const { m, space } = machine();
    const a = device(m, VRAM, 1, WRITECOMBINE) >>> 0;
    expect(m.call("testFind", space, a >>> 12)).toBe(1);
    expect(m.call("testFind", space, (a >>> 12) + 1)).toBe(0);
    expect(device(m, VRAM + 0x3ff000n, 4095, WRITECOMBINE) >>> 0).toBeLessThan(0xc0000000);
    expect(device(m, VRAM + 0x3ff000n, 4097, WRITECOMBINE)).toBe(-Errno.ENXIO);
    m.check();
  });

  it("leaves no trace when memory ends after any number of frames", () => {
    const { m, space } = machine();
    let refused = 0;
    for (let left = 0; left < 12; left++) {
      const taken = exhaust(m, left);
      const before = [...m.counts(), m.call("testEntryCount", space), m.call("testTables", space)];
      const a = device(m, VRAM + 0x1000n, 0x3ff000, WRITECOMBINE | HUGEPAGE);
      if (a >>> 0 > 0xfffff000) {
        expect(a).toBe(-Errno.ENOMEM);
        refused++;
      } else expect(m.locked("sysMunmap", a, 0x3ff000)).toBe(0);
      expect([...m.counts(), m.call("testEntryCount", space), m.call("testTables", space)]).toEqual(
        before,
      );
      m.check();
      for (const pfn of taken) m.call("pmmFree", pfn);
    }
    expect(refused).toBeGreaterThan(1);
    expect(refused).toBeLessThan(12);
  });
});

describe("memory types", () => {
  it("a 2 MiB leaf keeps every other bit over split and merge", () => {
    const m = new Machine({ ramBytes: 4 << 20 });
    const random = seeded(99);
    for (let i = 0; i < 2000; i++) {
      // P RW US PWT PCD A D PS G, three software bits, PAT, a 2 MiB address, NX, eleven more software bits.
      const low = BigInt(random(1 << 13)) | 0x80n;
      const high = (BigInt(random(1 << 12)) << 52n) | (BigInt(random(1 << 14)) << 21n);
      const large = high | low;
      const small = m.big("patSplit", large);
      expect(small & ~0x1080n).toBe(large & ~0x1080n);
      expect((small >> 7n) & 1n).toBe((large >> 12n) & 1n);
      expect(m.big("patMerge", small)).toBe(large);
    }
  });

  it("a flexible request takes what is in force where that is safe, and is refused where overlaps differ", () => {
    const UC = MemType.UC;
    const UC_MINUS = MemType.UC_MINUS;
    const WC = MemType.WC;
    const WT = MemType.WT;
    const WB = MemType.WB;
    const safe: [MemType, MemType[]][] = [
      [UC, [UC_MINUS, WC]],
      [UC_MINUS, [UC, WC]],
      [WC, []],
      [WT, [WC, WB]],
      [WB, []],
    ];
    for (const [have, wants] of safe) {
      for (const want of [UC, UC_MINUS, WC, WT, WB]) {
        const m = new Machine({ ramBytes: 4 << 20 });
        m.locked("testReserve", 0xe0000, 8, have, 1, 9);
        const got = m.locked("testReserve", 0xe0002, 2, want, 0, 9);
        const name = `${want} where ${have} is`;
        if (want === have) expect(got, name).toBe(0);
        else if (wants.includes(want)) expect(got, name).toBe(0x100 + have);
        else expect(got, name).toBe(-Errno.EBUSY);
      }
    }
    const m = new Machine({ ramBytes: 4 << 20 });
    m.locked("testReserve", 0xe0000, 4, UC, 1, 9);
    m.locked("testReserve", 0xe0004, 4, UC_MINUS, 1, 9);
    const count = m.call("memtypeCount");
    for (const want of [UC, UC_MINUS, WC, WB])
      expect(m.locked("testReserve", 0xe0002, 4, want, 0, 9)).toBe(-Errno.EBUSY);
    expect(m.call("memtypeCount")).toBe(count);
  });

  it("a device page that nobody reserved is UC-, and again once its mapping is gone", () => {
    const { m } = machine();
    expect(m.locked("memtypeOf", 0xe0010)).toBe(MemType.UC_MINUS);
    const a = device(m, VRAM + 0x10000n, 0x1000, WRITECOMBINE) >>> 0;
    expect(m.locked("memtypeOf", 0xe0010)).toBe(MemType.WC);
    m.locked("sysMunmap", a, 0x1000);
    expect(m.locked("memtypeOf", 0xe0010)).toBe(MemType.UC_MINUS);
  });
});

describe("entries", () => {
  it("are one with a neighbour only where object, offset, rights and type agree", () => {
    const { m, space } = machine();
    const count = () => m.call("testEntryCount", space);
    const first = count();
    const at = 0x50000000;
    mmap(m, at, 0x2000, PRIVATE);
    mmap(m, at + 0x2000, 0x2000, PRIVATE);
    expect(count()).toBe(first + 1);
    m.locked("sysMprotect", at + 0x1000, 0x1000, Prot.READ);
    expect(count()).toBe(first + 3);
    m.locked("sysMprotect", at + 0x1000, 0x1000, RW);
    expect(count()).toBe(first + 1);
    mmap(m, at + 0x4000, 0x1000, SHARED);
    mmap(m, at + 0x5000, 0x1000, SHARED);
    expect(count()).toBe(first + 3);
    const a = device(m, VRAM, 0x4000, WRITECOMBINE) >>> 0;
    expect(count()).toBe(first + 4);
    m.locked("sysMcache", a + 0x1000, 0x1000, MemType.UC);
    expect(count()).toBe(first + 6);
    m.locked("sysMcache", a + 0x1000, 0x1000, MemType.WC);
    expect(count()).toBe(first + 4);
    m.check();
  });

  it("of one shared object at offsets that do not follow stay two", () => {
    const { m, space } = machine();
    const a = mmap(m, 0x50000000, 0x4000, SHARED);
    const object = m.locked("objectGetAt", space, a) >>> 0;
    const count = m.call("testEntryCount", space);
    const flags = MapFlag.SHARED | MapFlag.FIXED;
    const show = (at: number, page: number) =>
      m.locked("mapObject", space, at, 0x1000, RW, flags, object, BigInt(page) << 12n) >>> 0;
    expect(show(0x60000000, 0)).toBe(0x60000000);
    expect(show(0x60001000, 2)).toBe(0x60001000);
    expect(m.call("testEntryCount", space)).toBe(count + 2);
    expect(show(0x60001000, 1)).toBe(0x60001000);
    expect(m.call("testEntryCount", space)).toBe(count + 1);
    m.call("mmu_store32", a + 0x1000, 0, 17);
    expect(m.call("mmu_load32", 0x60001000, 0)).toBe(17);
    m.locked("objectPut", object);
    m.check();
  });
});

describe("out of memory", () => {
  it("ends the program that faults, is an error for a call, and both work once there is memory", () => {
    const { m, process, space } = machine();
    const a = mmap(m, 0, 0x400000, PRIVATE);
    m.call("mmu_store32", a, 0, 7);
    const taken = exhaust(m);
    expect(m.locked("copyOut", space, a + 0x2000, 0x3000, 4)).toBeLessThan(0);
    expect(m.call("mmu_load32", a, 0)).toBe(7);
    expect(m.dies("mmu_store32", a + 0x3000, 0, 1)).toBe(true);
    expect(m.panicked).toBeUndefined();
    m.call("testForgetDeath");
    m.check();
    for (const pfn of taken) m.call("pmmFree", pfn);
    m.call("mmu_store32", a + 0x3000, 0, 8);
    expect(m.call("mmu_load32", a + 0x3000, 0)).toBe(8);
    m.locked("testEnd", process);
    m.check();
  });
});

describe("contiguous frames", () => {
  it("are found where they were freed, in memory that is otherwise full", () => {
    const m = new Machine({ ramBytes: 8 << 20 });
    const taken = new Set(exhaust(m));
    expect(m.call("pmmAllocContiguous", 2)).toBe(0);
    // A run of 40 across the boundary of two chunks of 2 MiB.
    const first = 1024 - 20;
    for (let pfn = first; pfn < first + 40; pfn++) {
      expect(taken.has(pfn)).toBe(true);
      m.call("pmmFree", pfn);
    }
    expect(m.call("pmmAllocContiguous", 41)).toBe(0);
    expect(m.call("pmmAllocContiguous", 40)).toBe(first);
    expect(m.call("pmmFreeFrames")).toBe(0);
    m.call("pmmFreeContiguous", first, 40);
    expect(m.call("pmmFreeFrames")).toBe(40);
    m.check();
  });
});

describe("two types for one device page", () => {
  it("are refused between processes too, and the log names both", () => {
    const { m, space } = machine();
    device(m, VRAM, 0x4000, WRITECOMBINE);
    m.locked("spaceDeactivate", space);
    m.locked("testRun", m.locked("testProcess", 8));
    expect(device(m, VRAM + 0x1000n, 0x1000, NOCACHE)).toBe(-Errno.EBUSY);
    expect(m.log()).toContain(
      "memtype: test (8) asks for UC at 0xe0001000-0xe0002000, test (7) has 0xe0000000-0xe0004000 as WC\n",
    );
    expect(device(m, VRAM + 0x1000n, 0x1000, WRITECOMBINE) >>> 0).toBeLessThan(0xc0000000);
    m.check();
  });
});
