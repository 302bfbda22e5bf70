// Memory types, lists, revocation, A and D bits and wiring in the kernel, in plain Node.
import { beforeAll, describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { MemType } from "../../abi/pte.ts";
import { Advice, DeviceMapFlag, DirtyBit, MapFlag, Prot } from "../../abi/syscall.ts";
import { kernelModule, Machine, seeded } from "./harness.ts";

beforeAll(() => void kernelModule());

const RW = Prot.READ | Prot.WRITE;
const VRAM = 0xe0000000n;
const APIC = 0xfee00000n;
const PRIVATE = MapFlag.PRIVATE | MapFlag.ANONYMOUS;
const SHARED = MapFlag.SHARED | MapFlag.ANONYMOUS;
const NOCACHE = DeviceMapFlag.NOCACHE;
const WRITECOMBINE = DeviceMapFlag.WRITECOMBINE;
const HUGEPAGE = DeviceMapFlag.HUGEPAGE;
const TYPES = [MemType.UC, MemType.UC_MINUS, MemType.WC, MemType.WT, MemType.WB];

/** A machine with VRAM that may be cached, and a process with a heap on CPU 0. */
function machine(vramBytes = 1 << 20) {
  const m = new Machine({ vramBytes, ramBytes: 16 << 20 });
  m.call("testResource", 0xe0000000, vramBytes, 1);
  const [process, space] = m.process();
  m.locked("testImage", space, 0, 0, 0, 0, 0x20000, 0xffffffff);
  return { m, process, space };
}

/** A second process, on no CPU: its space. */
function other(m: Machine, pid = 8): [number, number] {
  const process = m.locked("testProcess", pid);
  return [process, m.call("testSpace", process)];
}

/** Maps what the running process has at `at` in another space, as T_MMAP does. */
function grant(m: Machine, from: number, to: number, at: number, len: number, prot = RW): number {
  const object = m.locked("objectGetAt", from, at) >>> 0;
  const offset = m.big("objectGetOffset");
  const va = m.locked("mapObject", to, 0, len, prot, MapFlag.SHARED, object, offset) >>> 0;
  m.locked("objectPut", object);
  return va;
}

const device = (m: Machine, pa: bigint, size: number, flags: number) =>
  m.locked("sysMmapDevice", pa, BigInt(size), flags) >>> 0;
const mmap = (m: Machine, len: number, flags: number) =>
  m.locked("sysMmapAnonymous", 0, len, RW, flags) >>> 0;
const leaf = (m: Machine, space: number, va: number) => m.big("testLeaf", space, va >>> 12);
/** The type that the 4 KiB leaf of va gives. */
const typeAt = (m: Machine, space: number, va: number) =>
  m.call("patType", 0x0001040600070406n, m.call("patIndex4K", leaf(m, space, va)));

describe("a row of 1024 pixels", () => {
  const row = (m: Machine, at: number) => {
    for (let x = 0; x < 1024; x++) m.call("mmu_store32", at, x * 4, x);
  };
  it.each([
    ["UC", 1024, 1024, NOCACHE],
    ["WC", 0, 1, WRITECOMBINE],
  ])("is %s: %i bus writes before the drain, %i after", (_name, before, after, flags) => {
    const { m } = machine();
    const at = device(m, VRAM, 4096, flags);
    row(m, at);
    expect(m.bursts().length).toBe(before);
    m.locked("sysSfence");
    expect(m.bursts().length).toBe(after);
    expect(m.bursts().reduce((sum, [, n]) => sum + n, 0)).toBe(4096);
    expect(m.view.getUint32(m.vramHost + 4 * 1023, true)).toBe(1023);
    m.check();
  });

  it("is WT: each store goes to the bus, loads come from the TLB; WB: neither does", () => {
    const { m } = machine();
    const at = device(m, VRAM, 4096, 0);
    row(m, at);
    expect(m.bursts().length).toBe(0);
    expect(m.tlb(at >>> 12)[1] & 1).toBe(1);
    expect(m.locked("sysMcache", at, 4096, MemType.WT)).toBe(0);
    m.consume();
    const before = m.bursts().length;
    row(m, at);
    expect(m.bursts().length - before).toBe(1024);
    m.call("mmu_load32", at, 0);
    expect(m.tlb(at >>> 12)[0] & 1).toBe(1);
    expect(m.tlb(at >>> 12)[1]).toBe(0);
    m.check();
  });

  it("is flushed only as WC: nothing else was held back", () => {
    const { m } = machine();
    const at = device(m, VRAM, 4096, WRITECOMBINE);
    for (const type of TYPES) {
      expect(m.locked("sysMcache", at, 4096, type)).toBe(0);
      const want = type === MemType.WC ? 0 : -Errno.EINVAL;
      expect(m.locked("sysMflush", at, 64, 2, 1024)).toBe(want);
    }
    expect(m.bursts()).toEqual([
      [0, 64],
      [1024, 64],
    ]);
  });
});

describe("every PAT index in both page sizes", () => {
  const cases = [1, 2].flatMap((level) => [0, 1, 2, 3, 4, 5, 6, 7].map((index) => [index, level]));
  it.each(cases)(
    "index %i at level %i decides what the TLB may hold and what the bus sees",
    (index, level) => {
      const { m, space } = machine(4 << 20);
      const huge = level === 2 ? HUGEPAGE : 0;
      const at = device(m, VRAM, 2 << 20, WRITECOMBINE | huge);
      const vpn = at >>> 12;
      const mask = m.big("patBitsOfIndex", 7, level);
      const want = (leaf(m, space, at) & ~mask) | m.big("patBitsOfIndex", index, level);
      m.locked("testSetLeaf", space, vpn, want);
      m.locked("cpuInterrupt", 0);
      for (let i = 0; i < 3; i++) m.call("mmu_store32", at, i * 4, i + 1);
      expect(m.call("mmu_load32", at, 8)).toBe(3);
      const type = Number((0x0001040600070406n >> BigInt(index * 8)) & 7n);
      const cached = type === MemType.WB || type === MemType.WC;
      expect(m.tlb(vpn).map((e) => e & 1)).toEqual([
        cached || type === MemType.WT ? 1 : 0,
        cached ? 1 : 0,
      ]);
      expect(m.bursts()).toEqual(
        cached
          ? []
          : [
              [0, 4],
              [4, 4],
              [8, 4],
            ],
      );
    },
  );
});

describe("mmap against a list of pages", () => {
  it("finds gaps, honours hints, refuses and replaces as the list says, and reuses what was unmapped", () => {
    const { m, process, space } = machine();
    const before = m.counts();
    const random = seeded(4242);
    const low = 0x40000;
    const taken = new Set<number>();
    const free = (start: number, n: number) =>
      Array.from({ length: n }, (_, i) => !taken.has(start + i)).every(Boolean);
    for (let step = 0; step < 1500; step++) {
      const start = low + random(200);
      const n = 1 + random(16);
      const kind = random(4);
      if (kind === 0) {
        m.locked("sysMunmap", start * 4096, n * 4096);
        for (let p = start; p < start + n; p++) taken.delete(p);
      } else {
        const fixed =
          kind === 1 ? MapFlag.FIXED_NOREPLACE : kind === 2 && random(3) === 0 ? MapFlag.FIXED : 0;
        const hint = kind === 3 && random(2) === 0 ? 0 : start * 4096;
        const sharing = random(2) === 0 ? PRIVATE : SHARED;
        const got = m.locked("sysMmapAnonymous", hint, n * 4096, RW, sharing | fixed) | 0;
        if (fixed === MapFlag.FIXED_NOREPLACE && hint !== 0 && !free(start, n)) {
          expect(got).toBe(-Errno.EEXIST);
          continue;
        }
        if (fixed !== 0 && hint === 0) {
          expect(got).toBe(-Errno.EINVAL);
          continue;
        }
        const page = got >>> 12;
        if (fixed !== 0 || (hint !== 0 && free(start, n))) expect(page).toBe(start);
        else expect(free(page, n)).toBe(true);
        expect(page >= low && page + n <= 0xb0000).toBe(true);
        for (let p = page; p < page + n; p++) taken.add(p);
      }
      const probe = low + random(260);
      expect(m.locked("testFind", space, probe)).toBe(taken.has(probe) ? 1 : 0);
      if (step % 100 === 0) m.check();
    }
    // Gaps are reused, not run away from.
    expect(Math.max(...taken)).toBeLessThan(low + taken.size + 256);
    m.locked("sysMunmap", low * 4096, 0x70000000);
    // Wired frames: the array of entries has grown.
    const kept = (counts: number[]) => [counts[1], counts[2], counts[4], counts[5]];
    expect(kept(m.counts())).toEqual(kept(before));
    m.locked("testEnd", process);
    m.check();
  });
});

describe("mcache", () => {
  it("retypes every alias at once, splits large leaves at the edges, and merges them again", () => {
    const { m, space } = machine(4 << 20);
    const [, two] = other(m);
    const a = device(m, VRAM, 4 << 20, WRITECOMBINE | HUGEPAGE);
    const b = grant(m, space, two, a + 0x3000, 0x10000);
    const large = leaf(m, space, a);
    expect(large & 0x80n).toBe(0x80n);
    m.call("mmu_store32", a + 0x5000, 0, 7);
    const before = m.counts();
    expect(m.locked("sysMcache", a + 0x5000, 0x2000, MemType.UC)).toBe(0);
    // What was stored as WC is on its way, and no write entry is left.
    expect(m.bursts()).toEqual([[0x5000, 0x1000]]);
    expect(m.tlb((a >>> 12) + 5)).toEqual([0, 0]);
    for (const [page, type] of [
      [4, MemType.WC],
      [5, MemType.UC],
      [6, MemType.UC],
      [7, MemType.WC],
    ] as const) {
      expect(typeAt(m, space, a + page * 4096)).toBe(type);
      expect(typeAt(m, two, b + (page - 3) * 4096)).toBe(type);
      expect(m.locked("memtypeOf", 0xe0000 + page)).toBe(type);
    }
    m.check();
    expect(m.locked("sysMcache", a + 0x5000, 0x2000, MemType.WC)).toBe(0);
    expect(leaf(m, space, a) & ~0x60n).toBe(large & ~0x60n);
    expect(m.counts()).toEqual(before);
    m.check();
  });

  it("gives a 2 MiB leaf every type as a whole, and nothing else of it changes", () => {
    const { m, space } = machine(2 << 20);
    const a = device(m, VRAM, 2 << 20, WRITECOMBINE | HUGEPAGE);
    const mask = m.big("patBitsOfIndex", 7, 2);
    const rest = leaf(m, space, a) & ~mask;
    for (const from of TYPES)
      for (const to of TYPES) {
        for (const type of [from, to]) expect(m.locked("sysMcache", a, 2 << 20, type)).toBe(0);
        const now = leaf(m, space, a);
        expect(now & ~mask).toBe(rest);
        expect(m.call("patType", 0x0001040600070406n, m.call("patIndex2M", now))).toBe(to);
        m.check();
      }
  });

  it("shoots down the TLB of an alias that runs on another CPU", () => {
    const { m, space } = machine();
    const a = device(m, VRAM, 0x4000, WRITECOMBINE);
    const k1 = m.attach(1);
    const [process, two] = other(m);
    const b = grant(m, space, two, a, 0x4000);
    m.call("testLock");
    k1["testRun"]?.(process);
    m.call("testUnlock");
    k1["mmu_store32"]?.(b, 0, 1);
    k1["mmu_load32"]?.(b, 0);
    expect(m.tlb(b >>> 12, 1).map((e) => e & 1)).toEqual([1, 1]);
    expect(m.locked("sysMcache", a, 0x4000, MemType.UC)).toBe(0);
    expect(m.tlb(b >>> 12, 1)).toEqual([0, 0]);
    expect(m.bursts()).toEqual([[0, 0x1000]]);
    k1["mmu_store32"]?.(b, 8, 1);
    expect(m.bursts().at(-1)).toEqual([8, 4]);
    m.check();
  });

  it("is EBUSY with nothing changed where the kernel or a reservation refuses; the kernel's mapping follows", () => {
    const { m, space } = machine();
    const apic = device(m, APIC, 4096, NOCACHE);
    const root = m.call("testKernelRoot");
    const kernelLeaf = () => m.big("testWalk", root, 0xffffc00000000000n + APIC, 0, 0);
    const before = [kernelLeaf(), leaf(m, space, apic), ...m.counts()];
    expect(m.locked("sysMcache", apic, 4096, MemType.WC)).toBe(-Errno.EBUSY);
    expect(m.log()).toContain(
      "asks for WC at 0xfee00000-0xfee01000, kernel (0) has 0xfee00000-0xfee01000 as UC\n",
    );
    expect([kernelLeaf(), leaf(m, space, apic), ...m.counts()]).toEqual(before);
    expect(m.locked("sysMcache", apic, 4096, MemType.UC_MINUS)).toBe(0);
    expect(m.call("patIndex4K", kernelLeaf())).toBe(2);
    expect(typeAt(m, space, apic)).toBe(MemType.UC_MINUS);
    m.check();
    const a = device(m, VRAM, 0x8000, WRITECOMBINE);
    // Somebody reserved pages 6 to 9 without a mapping: pages 4 to 7 cannot be retyped.
    m.locked("testReserve", 0xe0006, 4, MemType.WC, 1, 0);
    expect(m.locked("sysMcache", a + 0x4000, 0x4000, MemType.UC)).toBe(-Errno.EBUSY);
    expect(typeAt(m, space, a + 0x4000)).toBe(MemType.WC);
    m.check();
    expect(m.locked("sysMcache", a, 0x4000, MemType.UC)).toBe(0);
    m.check();
    m.locked("testReserve", 0xe0020, 4, MemType.WC, 1, 9);
    const c = device(m, VRAM + 0x22000n, 0x4000, WRITECOMBINE);
    expect(m.locked("sysMcache", c, 0x4000, MemType.UC)).toBe(-Errno.EBUSY);
    expect([typeAt(m, space, c), m.locked("memtypeOf", 0xe0020)]).toEqual([MemType.WC, MemType.WC]);
    m.locked("memtypeFree", 0xe0020, 4, MemType.WC);
    m.check();
  });

  it.each([
    ["private memory", (m: Machine) => mmap(m, 0x2000, PRIVATE), Errno.EINVAL],
    ["a part of shared memory", (m: Machine) => mmap(m, 0x4000, SHARED), Errno.EINVAL],
    ["an image", () => 0x1000, Errno.EINVAL],
    ["nothing", () => 0x70000000, Errno.ENOMEM],
  ])("refuses %s", (_name, make, errno) => {
    const { m } = machine();
    expect(m.locked("sysMcache", make(m), 0x2000, MemType.WC)).toBe(-errno);
    m.check();
  });

  it("refuses a mix of RAM and device, another user, and a cached type for registers", () => {
    const { m, process } = machine();
    const a = device(m, VRAM, 0x2000, WRITECOMBINE);
    const at = a + 0x2000;
    m.locked("sysMmapAnonymous", at, 0x1000, RW, SHARED | MapFlag.FIXED);
    expect(m.locked("sysMcache", a, 0x3000, MemType.UC)).toBe(-Errno.EINVAL);
    expect(m.locked("memtypeOf", 0xe0000)).toBe(MemType.WC);
    const apic = device(m, APIC, 4096, NOCACHE);
    expect(m.locked("sysMcache", apic, 4096, MemType.WB)).toBe(-Errno.EINVAL);
    expect(m.locked("sysMcache", a, 0x1000, 2)).toBe(-Errno.EINVAL);
    m.call("testSetUid", process, 5);
    expect(m.locked("sysMcache", a, 0x2000, MemType.UC)).toBe(-Errno.EACCES);
    m.check();
  });

  it("retypes a whole shared object: frames now and later, later mappers, the direct map; all WB again at the end", () => {
    const { m, process, space } = machine();
    const before = m.counts();
    const a = mmap(m, 0x8000, SHARED);
    m.call("mmu_store32", a, 0, 41);
    expect(m.locked("sysMcache", a, 0x8000, MemType.UC)).toBe(0);
    m.call("mmu_store32", a + 0x3000, 0, 42);
    const pfn = Number((leaf(m, space, a + 0x3000) >> 12n) & 0xffffn);
    expect(m.tlb((a >>> 12) + 3)).toEqual([0, 0]);
    expect(m.call("directType", pfn)).toBe(MemType.UC);
    expect(m.call("frameTypedCount")).toBe(2);
    const [, two] = other(m);
    const b = grant(m, space, two, a, 0x8000);
    m.locked("copyIn", two, 0x3800, b + 0x3000, 4);
    expect(m.view.getUint32(0x3800, true)).toBe(42);
    expect(typeAt(m, two, b + 0x3000)).toBe(MemType.UC);
    m.check();
    for (const type of TYPES) {
      expect(m.locked("sysMcache", a, 0x8000, type)).toBe(0);
      m.call("mmu_store32", a + 0x3000, 4, type);
      expect(m.call("mmu_load32", a + 0x3000, 4)).toBe(type);
      expect([typeAt(m, space, a), typeAt(m, two, b + 0x3000)]).toEqual([type, type]);
      expect(m.call("directType", pfn)).toBe(type);
      m.check();
    }
    m.locked("sysMcache", a, 0x8000, MemType.WC);
    m.locked("testRemove", two, 0, 0xc0000);
    m.locked("sysMunmap", a, 0x8000);
    expect(m.call("frameTypedCount")).toBe(0);
    expect(m.call("directType", pfn)).toBe(MemType.WB);
    m.check();
    expect(m.counts()[4]).toBe(before[4]);
    m.locked("testEnd", process);
    m.check();
  });

  it("changes nothing when there is no memory to split", () => {
    const { m, space } = machine(4 << 20);
    const a = device(m, VRAM, 4 << 20, WRITECOMBINE | HUGEPAGE);
    const large = leaf(m, space, a);
    while (m.locked("pmmAlloc", 0) !== 0);
    expect(m.locked("sysMcache", a + 0x5000, 0x1000, MemType.UC)).toBe(-Errno.ENOMEM);
    expect(leaf(m, space, a)).toBe(large);
    expect(m.locked("memtypeOf", 0xe0005)).toBe(MemType.WC);
  });

  it("agrees with a plain list of types over seeded random calls in three spaces", () => {
    const { m, process, space } = machine();
    const pages = 64;
    const a = device(m, VRAM, pages * 4096, WRITECOMBINE);
    const spaces: [number, number, number][] = [[space, a, 0]];
    for (let i = 0; i < 3; i++) {
      const to = other(m, 20 + i)[1];
      spaces.push([to, grant(m, space, to, a + i * 5 * 4096, 40 * 4096), i * 5]);
    }
    const model = new Array<number>(pages).fill(MemType.WC);
    const random = seeded(77);
    for (let step = 0; step < 200; step++) {
      const start = random(pages);
      const n = 1 + random(Math.min(9, pages - start));
      const type = TYPES[random(5)] ?? MemType.WB;
      expect(m.locked("sysMcache", a + start * 4096, n * 4096, type)).toBe(0);
      model.fill(type, start, start + n);
      for (const [s, va, first] of spaces) {
        const page = random(40);
        expect(typeAt(m, s, va + page * 4096)).toBe(model[first + page]);
      }
      if (step % 20 === 0) m.check();
    }
    for (const [s, va] of spaces.slice(1)) m.locked("testRemove", s, va >>> 12, (va >>> 12) + 40);
    m.locked("testEnd", process);
    m.check();
    // The kernel's two are left.
    expect(m.call("memtypeCount")).toBe(2);
  });
});

describe("sglist", () => {
  const P = 4096n;
  const list = (m: Machine, max: number, ...ranges: [bigint, bigint][]) => {
    const l = m.locked("sglistCreate", max);
    for (const [pa, bytes] of ranges) expect(m.locked("sglistAppend", l, pa, bytes)).toBe(0);
    return l;
  };
  const segments = (m: Machine, l: number) =>
    Array.from({ length: m.call("sglistCount", l) }, (_, i) => [
      m.view.getUint32(l + 16 + i * 8, true),
      m.view.getUint32(l + 20 + i * 8, true),
    ]);
  const OUT = 0x3900;
  const out = (m: Machine) => m.view.getUint32(OUT, true);

  it("appends whole pages, joins neighbours, and stays as it was when it fails", () => {
    const m = new Machine();
    const l = list(m, 2, [0xe0000000n, P], [0xe0001000n, 2n * P], [0xe0008000n, P]);
    expect(segments(m, l)).toEqual([
      [0xe0000, 3],
      [0xe0008, 1],
    ]);
    for (const [pa, bytes, errno] of [
      [0xe0100000n, P, Errno.EFBIG],
      [0xe0000001n, P, Errno.EINVAL],
      [0xe0000000n, 5n, Errno.EINVAL],
      [0xe0000000n, 0n, Errno.EINVAL],
      [0xfffffffffffff000n, P, Errno.EINVAL],
    ] as const)
      expect(m.locked("sglistAppend", l, pa, bytes)).toBe(-errno);
    expect(m.locked("sglistAppend", l, 0xe0009000n, P)).toBe(0);
    expect(m.big("sglistLength", l)).toBe(5n * P);
    m.locked("sglistFree", l);
  });

  it("joins, slices and splits; a shared list is immutable", () => {
    const m = new Machine();
    const free = m.call("pmmFreeFrames");
    const a = list(m, 3, [0x80000000n, 2n * P], [0x80010000n, P]);
    const b = list(m, 3, [0x80011000n, P], [0x80020000n, 4n * P]);
    const c = list(m, 1, [0x90000000n, P]);
    expect(m.locked("sglistJoin", a, b)).toBe(0);
    expect(m.call("sglistCount", b)).toBe(0);
    expect(segments(m, a)).toEqual([
      [0x80000, 2],
      [0x80010, 2],
      [0x80020, 4],
    ]);
    expect(m.locked("sglistJoin", a, c)).toBe(-Errno.EFBIG);
    expect(m.call("sglistCount", c)).toBe(1);
    expect(m.locked("sglistSlice", a, P, 4n * P, OUT)).toBe(0);
    const s = out(m);
    expect(segments(m, s)).toEqual([
      [0x80001, 1],
      [0x80010, 2],
      [0x80020, 1],
    ]);
    expect(m.locked("sglistSlice", a, 8n * P, P, OUT)).toBe(-Errno.EINVAL);
    expect(m.locked("sglistSlice", a, 0n, 0n, OUT)).toBe(-Errno.EINVAL);
    m.locked("sglistHold", a);
    expect(m.locked("sglistSplit", a, P, OUT)).toBe(-Errno.EBUSY);
    expect(m.locked("sglistAppend", a, 0xa0000000n, P)).toBe(-Errno.EBUSY);
    expect(m.locked("sglistJoin", a, c)).toBe(-Errno.EBUSY);
    expect(m.locked("sglistSlice", a, 0n, P, OUT)).toBe(0);
    m.locked("sglistFree", out(m));
    m.locked("sglistFree", a);
    expect(m.locked("sglistSplit", a, 3n * P, OUT)).toBe(0);
    const head = out(m);
    expect(segments(m, head)).toEqual([
      [0x80000, 2],
      [0x80010, 1],
    ]);
    expect(segments(m, a)).toEqual([
      [0x80011, 1],
      [0x80020, 4],
    ]);
    for (const l of [a, b, c, s, head]) m.locked("sglistFree", l);
    expect(m.call("pmmFreeFrames")).toBe(free);
    expect(m.call("sglistCreate", 0)).toBe(0);
    while (m.locked("pmmAlloc", 0) !== 0);
    expect(m.locked("sglistCreate", 3)).toBe(0);
  });

  it("is one contiguous mapping: a byte at each boundary, splits, types and reservations", () => {
    const { m, process, space } = machine();
    const before = m.counts();
    const order: [number, number][] = [
      [0x10000, 2],
      [0x2000, 1],
      [0x40000, 3],
      [0x2000, 1],
    ];
    order.forEach(([at, pages], i) => {
      m.view.setBigUint64(0x3a00 + i * 16, VRAM + BigInt(at), true);
      m.view.setBigUint64(0x3a08 + i * 16, BigInt(pages * 4096), true);
    });
    m.locked("copyOut", space, 0x5000, 0x3a00, 64);
    for (let i = 0; i < 1 << 20; i += 4096) {
      m.bytes[m.vramHost + i] = i >> 12;
      m.bytes[m.vramHost + i + 4095] = (i >> 12) ^ 0xff;
    }
    const a = m.locked("sysMmapSg", 0x5000, 4, WRITECOMBINE) >>> 0;
    expect(a).toBeLessThan(0xc0000000);
    let at = a;
    for (const [offset, pages] of order) {
      expect(m.call("mmu_load8", at, 0)).toBe(offset >> 12);
      at += pages * 4096;
      const last = (offset >> 12) + pages - 1;
      expect(m.call("mmu_load8", at - 1, 0)).toBe(last ^ 0xff);
    }
    m.call("mmu_store64", a + 0x2000 - 4, 0, 0x1122334455667788n);
    expect(m.view.getUint32(m.vramHost + 0x2000, true)).toBe(0x11223344);
    expect(m.view.getUint32(m.vramHost + 0x11ffc, true)).toBe(0x55667788);
    m.check();
    expect(m.locked("sysSfence")).toBe(0);
    expect(m.bursts()).toEqual([
      [0x2000, 0x1000],
      [0x11000, 0x1000],
    ]);
    // Both appearances of page 2 are aliases of each other.
    expect(m.locked("sysMcache", a + 0x2000, 0x1000, MemType.UC)).toBe(0);
    expect(typeAt(m, space, a + 0x6000)).toBe(MemType.UC);
    m.check();
    expect(m.locked("sysMcache", a + 0x2000, 0x1000, MemType.WC)).toBe(0);
    expect(m.locked("sysMprotect", a + 0x4000, 0x1000, Prot.READ)).toBe(0);
    m.check();
    expect(m.locked("sysMprotect", a + 0x4000, 0x1000, RW)).toBe(0);
    m.check();
    expect(m.locked("sysMunmap", a + 0x1000, 0x1000)).toBe(0);
    m.check();
    expect(m.call("mmu_load8", a + 0x3000, 0)).toBe(0x40);
    expect(m.locked("sysMunmap", a, 0x7000)).toBe(0);
    m.check();
    m.locked("testEnd", process);
    expect(m.counts().slice(4)).toEqual(before.slice(4));
    m.check();
  });

  it("refuses RAM, gaps and too many, and leaves no trace", () => {
    const { m, space } = machine();
    m.view.setBigUint64(0x3a00, VRAM, true);
    m.view.setBigUint64(0x3a08, 4096n, true);
    m.view.setBigUint64(0x3a10, 0x200000n, true);
    m.view.setBigUint64(0x3a18, 4096n, true);
    m.locked("copyOut", space, 0x5000, 0x3a00, 32);
    const before = m.counts();
    expect(m.locked("sysMmapSg", 0x5000, 2, NOCACHE)).toBe(-Errno.EACCES);
    expect(m.locked("sysMmapSg", 0x5000, 0, NOCACHE)).toBe(-Errno.EINVAL);
    expect(m.locked("sysMmapSg", 0x5000, 1, 3)).toBe(-Errno.EINVAL);
    expect(m.locked("sysMmapSg", 0x5000, 511, NOCACHE)).toBe(-Errno.EFBIG);
    expect(m.locked("sysMmapSg", 0x70000000, 1, NOCACHE)).toBe(-Errno.EFAULT);
    expect(m.counts()).toEqual(before);
    m.check();
  });
});

describe("revocation", () => {
  it("leaves entries that stay apart, whatever is unmapped and revoked beside them", () => {
    // The rest of one entry followed at the offset where the next one's pages ended: neighbours that were one by E2.
    const { m } = machine();
    const a = device(m, VRAM, 0x4000, WRITECOMBINE);
    expect(m.locked("sysMrevoke", a, 0)).toBe(0);
    expect(m.locked("sysMunmap", a, 0x2000)).toBe(0);
    expect(device(m, VRAM, 0x2000, WRITECOMBINE)).toBe(a);
    expect(m.locked("sysMrevoke", a, 0)).toBe(0);
    m.check();
    expect(m.locked("sysMunmap", a, 0x4000)).toBe(0);
    m.check();
  });

  it("takes every mapping away; the next touch ends the program and says why", () => {
    const { m, process, space } = machine();
    const [, two] = other(m);
    const a = device(m, VRAM, 0x4000, WRITECOMBINE);
    const b = grant(m, space, two, a, 0x4000);
    m.call("mmu_store32", a, 0, 1);
    expect(m.locked("sysMrevoke", a + 0x1000, 1)).toBe(0);
    expect(leaf(m, two, b)).toBe(0n);
    expect(m.locked("copyIn", two, 0x3800, b, 4)).toBe(-Errno.EFAULT);
    expect(m.call("mmu_load32", a, 0)).toBe(1);
    m.check();
    expect(m.locked("sysMrevoke", a, 0)).toBe(0);
    expect(m.tlb(a >>> 12)).toEqual([0, 0]);
    expect(m.call("objectCount")).toBe(0);
    m.check();
    expect(m.dies("mmu_load32", a, 0)).toBe(true);
    m.call("testForgetDeath");
    expect(m.locked("sysMprotect", a, 0x4000, RW)).toBe(0);
    expect(m.dies("mmu_load32", a, 0)).toBe(true);
    m.call("testForgetDeath");
    m.check();
    expect(m.locked("prefault", space, a, 1, MapFlag.PREFAULT_READ)).toBe(-Errno.EACCES);
    expect(m.locked("sysMunmap", a, 0x4000)).toBe(0);
    m.locked("testRemove", two, b >>> 12, (b >>> 12) + 4);
    m.check();
    m.locked("testEnd", process);
    expect(m.call("memtypeCount")).toBe(2);
  });

  it("is the maker's; a grant ends with its maker, what the others made themselves stays", () => {
    const { m, process, space } = machine();
    const [second, two] = other(m);
    const a = device(m, VRAM, 0x4000, WRITECOMBINE);
    const b = grant(m, space, two, a, 0x4000);
    m.locked("testEnd", process);
    m.locked("testRun", second);
    const mine = device(m, VRAM, 0x4000, WRITECOMBINE);
    expect(m.locked("sysMrevoke", b, 0)).toBe(-Errno.EPERM);
    expect(m.locked("sysMrevoke", 0x70000000, 0)).toBe(-Errno.EINVAL);
    expect(m.locked("sysMrevoke", mine, 2)).toBe(-Errno.EINVAL);
    expect(m.call("mmu_load8", b, 0)).toBe(0);
    m.locked("revokeGrantsOf", m.call("testPid", process));
    expect(m.call("mmu_load8", mine, 0)).toBe(0);
    expect(leaf(m, two, b)).toBe(0n);
    m.check();
  });

  it("takes shared memory back from a CPU that runs elsewhere, frames in quarantine", () => {
    const { m, space } = machine();
    const a = mmap(m, 0x2000, SHARED);
    m.call("mmu_store32", a, 0, 5);
    const k1 = m.attach(1);
    const [process, two] = other(m);
    const b = grant(m, space, two, a, 0x2000);
    m.call("testLock");
    k1["testRun"]?.(process);
    m.call("testUnlock");
    expect(k1["mmu_load32"]?.(b, 0)).toBe(5);
    expect(m.locked("sysMrevoke", a, 0)).toBe(0);
    expect(m.tlb(b >>> 12, 1)).toEqual([0, 0]);
    k1["testLock"]?.();
    k1["testAck"]?.();
    k1["testUnlock"]?.();
    expect(m.call("objectCount")).toBe(0);
    m.check();
  });
});

describe("clones", () => {
  it.each(["spaceClone", "spaceFreeze"])(
    "%s: its mappings are retyped and revoked with the others",
    (make) => {
      const { m, process, space } = machine(4 << 20);
      const before = m.counts();
      const a = device(m, VRAM, 4 << 20, WRITECOMBINE | HUGEPAGE);
      const s = mmap(m, 0x4000, SHARED);
      m.call("mmu_store32", s, 0, 5);
      m.call("mmu_store32", 0x5000, 0, 6);
      const clone = m.locked(make, space);
      m.check();
      expect(m.locked("sysMcache", a + 0x3000, 0x2000, MemType.UC)).toBe(0);
      expect([typeAt(m, space, a + 0x4000), typeAt(m, clone, a + 0x4000)]).toEqual([
        MemType.UC,
        MemType.UC,
      ]);
      m.check();
      expect(m.locked("sysMcache", s, 0x4000, MemType.WC)).toBe(0);
      expect([typeAt(m, space, s), typeAt(m, clone, s)]).toEqual([MemType.WC, MemType.WC]);
      m.check();
      expect(m.locked("sysMdirty", 0x5000, 0x1000, 0, DirtyBit.DIRTY)).toBe(0);
      expect((leaf(m, clone, 0x5000) >> 6n) & 1n).toBe(1n);
      expect(m.locked("sysMrevoke", a, 0)).toBe(0);
      expect([leaf(m, space, a), leaf(m, clone, a)]).toEqual([0n, 0n]);
      m.check();
      m.locked("spaceDestroy", clone);
      m.locked("testEnd", process);
      m.check();
      expect(m.call("objectCount")).toBe(before[4]);
      expect(m.call("memtypeCount")).toBe(before[5]);
      expect(m.call("frameTypedCount")).toBe(0);
    },
  );
});

describe("A and D bits", () => {
  const bits = (m: Machine, space: number, at: number, pages: number, clear: number) => {
    expect(m.locked("sysMdirty", at, pages * 4096, 0x6000, clear)).toBe(0);
    m.locked("copyIn", space, 0x3800, 0x6000, pages);
    return [...m.bytes.slice(0x3800, 0x3800 + pages)];
  };
  const RESIDENT = DirtyBit.RESIDENT;
  const ACCESSED = DirtyBit.ACCESSED;
  const DIRTY = DirtyBit.DIRTY;

  it("tell what was read and written since they were cleared, with the TLB dropped", () => {
    const { m, space } = machine();
    const a = mmap(m, 0x4000, PRIVATE);
    m.call("mmu_load32", a, 0);
    m.call("mmu_store32", a + 0x1000, 0, 1);
    const both = RESIDENT | ACCESSED;
    expect(bits(m, space, a, 4, ACCESSED | DIRTY)).toEqual([both, both | DIRTY, 0, 0]);
    expect(bits(m, space, a, 4, 0)).toEqual([RESIDENT, RESIDENT, 0, 0]);
    // A translation that is left in the TLB would hide these.
    m.call("mmu_load32", a + 0x1000, 0);
    m.call("mmu_store32", a, 0, 2);
    expect(bits(m, space, a, 4, DIRTY)).toEqual([both | DIRTY, both, 0, 0]);
    m.call("mmu_load32", a, 0);
    expect(bits(m, space, a, 4, 0)).toEqual([both, both, 0, 0]);
    m.call("mmu_store32", a, 0, 3);
    expect(bits(m, space, a, 1, 0)).toEqual([both | DIRTY]);
    m.check();
  });

  it("refuse what is not mapped, devices, unknown bits and bad pointers", () => {
    const { m } = machine();
    const a = mmap(m, 0x1000, PRIVATE);
    m.call("mmu_store32", a, 0, 1);
    expect(m.locked("sysMdirty", a, 0x2000, 0, 0)).toBe(-Errno.ENOMEM);
    expect(m.locked("sysMdirty", a, 0x1000, 0, RESIDENT)).toBe(-Errno.EINVAL);
    expect(m.locked("sysMdirty", a + 1, 0x1000, 0, 0)).toBe(-Errno.EINVAL);
    expect(m.locked("sysMdirty", a, 0x1000, 0x70000000, DIRTY)).toBe(-Errno.EFAULT);
    const v = device(m, VRAM, 0x1000, WRITECOMBINE);
    expect(m.locked("sysMdirty", v, 0x1000, 0, 0)).toBe(-Errno.EINVAL);
    expect(m.locked("sysMdirty", a, 0x1000, 0x6000, 0)).toBe(0);
  });
});

describe("prefault, wiring, advice", () => {
  it("prefault takes no fault afterwards, and is unwound when it fails", () => {
    const { m, space } = machine();
    const w = mmap(m, 0x3000, SHARED | MapFlag.PREFAULT_WRITE);
    const faults = Number(m.big("testCounter", 0));
    m.call("mmu_store32", w + 0x2000, 0, 1);
    expect(Number(m.big("testCounter", 0))).toBe(faults);
    expect((leaf(m, space, w + 0x1000) >> 6n) & 1n).toBe(1n);
    const before = m.counts();
    const refused = m.locked(
      "sysMmapAnonymous",
      0,
      0x3000,
      Prot.READ,
      PRIVATE | MapFlag.PREFAULT_WRITE,
    );
    expect(refused).toBe(-Errno.EACCES);
    expect(m.counts()).toEqual(before);
    const entries = m.call("testEntryCount", space);
    expect(m.locked("sysMmapAnonymous", 0, 64 << 20, RW, PRIVATE | MapFlag.PREFAULT_READ)).toBe(
      -Errno.ENOMEM,
    );
    expect(m.call("testEntryCount", space)).toBe(entries);
    expect(m.counts()).toEqual(before);
    const v = device(m, VRAM, 0x2000, WRITECOMBINE);
    expect(m.locked("prefault", space, v, 2, MapFlag.PREFAULT_WRITE) >>> 0).toBe(v);
    expect((leaf(m, space, v + 0x1000) >> 6n) & 1n).toBe(1n);
    m.check();
  });

  it("a pinned frame outlives its mapping, is not retyped, and is free after the last unpin", () => {
    const { m, space } = machine();
    const a = mmap(m, 0x4000, SHARED);
    const free = m.call("pmmFreeFrames");
    const one = m.locked("wirePin", space, a, 0x2001, 2);
    const two = m.locked("wirePin", space, a, 0x1000, 1);
    expect(one !== 0 && two !== 0).toBe(true);
    const pfn = m.call("wireFrame", one, 0);
    expect(pfn).toBe(Number((leaf(m, space, a) >> 12n) & 0xfffffn));
    m.check();
    expect(m.locked("sysMcache", a, 0x4000, MemType.WC)).toBe(-Errno.EBUSY);
    m.locked("sysMunmap", a, 0x4000);
    m.check();
    m.bytes[pfn * 4096] = 7; // the device writes
    m.locked("wireUnpin", one);
    expect(m.call("frameIsPinned", pfn)).toBe(1);
    m.check();
    m.locked("wireUnpin", two);
    expect(m.call("frameIsPinned", pfn)).toBe(0);
    expect(m.call("pmmFreeFrames")).toBe(free);
    m.check();
    const v = device(m, VRAM, 0x1000, WRITECOMBINE);
    const before = m.counts();
    expect(m.locked("wirePin", space, v, 0x1000, 2)).toBe(0);
    expect(m.locked("wirePin", space, 0x1f000, 0x2000, 1)).toBe(0);
    expect(m.locked("wirePin", space, 0x1f000, 0, 1)).toBe(0);
    expect(m.locked("wirePin", space, 0xfffff000, 0x2000, 1)).toBe(0);
    // The page that could be pinned has become resident; no wiring is left.
    expect(m.counts()[3]).toBe(before[3]);
    m.check();
  });

  it("DONTNEED gives private frames back, and they read as new", () => {
    const { m } = machine();
    const a = mmap(m, 0x8000, PRIVATE | MapFlag.PREFAULT_WRITE);
    m.call("mmu_store32", a, 0, 9);
    const free = m.call("pmmFreeFrames");
    expect(m.locked("sysMadvise", a, 0x8000, Advice.DONTNEED)).toBe(0);
    expect(m.call("pmmFreeFrames")).toBeGreaterThanOrEqual(free + 8);
    expect(m.call("mmu_load32", a, 0)).toBe(0);
    m.check();
  });
});

describe("a program's fault handler", () => {
  const handled = () => {
    const world = machine();
    world.m.call("userHandler", 1);
    return world;
  };

  it("sees address, access and error bits, repairs, and the access goes on", () => {
    const { m } = handled();
    const seen: number[][] = [];
    m.onFault = (va, access, bits) => {
      seen.push([va, access, bits]);
      m.locked("sysMmapAnonymous", va & ~4095, 4096, RW, PRIVATE | MapFlag.FIXED);
      return 1;
    };
    m.call("mmu_store32", 0x50000010, 4, 77);
    expect(m.call("mmu_load32", 0x50000014, 0)).toBe(77);
    expect(seen).toEqual([[0x50000014, 2, 6]]);
    // Across two pages, both missing: both are asked for, and the store is whole.
    m.call("mmu_store64", 0x50001ffc, 0, 0x1122334455667788n);
    expect(m.big("mmu_load64", 0x50001ffc, 0)).toBe(0x1122334455667788n);
    expect(seen.length).toBe(3);
    m.call("mmu_copy", 0x60000ffe, 0x50000014, 4);
    expect(m.call("mmu_load32", 0x60000ffe, 0)).toBe(77);
    m.check();
  });

  it("makes a write barrier of mprotect", () => {
    const { m } = handled();
    const a = mmap(m, 0x2000, PRIVATE);
    m.call("mmu_store32", a, 0, 1);
    m.locked("sysMprotect", a, 0x2000, Prot.READ);
    let asked = 0;
    m.onFault = (va, access, bits) => {
      asked++;
      expect([va, access, bits]).toEqual([a, 2, 7]);
      return m.locked("sysMprotect", a, 0x1000, RW) === 0 ? 1 : 0;
    };
    m.call("mmu_store32", a, 0, 2);
    m.call("mmu_store32", a, 0, 3);
    expect([asked, m.call("mmu_load32", a, 0)]).toEqual([1, 3]);
    m.check();
  });

  it("ends the program when it says no, and when it faults itself", () => {
    const { m } = handled();
    m.onFault = () => 0;
    expect(m.dies("mmu_load32", 0x70000000, 0)).toBe(true);
    m.call("testForgetDeath");
    const second = handled();
    let depth = 0;
    second.m.onFault = () => {
      depth++;
      second.m.call("mmu_load32", 0x70001000, 0);
      return 1;
    };
    expect(second.m.dies("mmu_load32", 0x70000000, 0)).toBe(true);
    expect(depth).toBe(1);
  });

  it("is asked again from the first page when it takes away what was there: all is stored or nothing", () => {
    const { m } = handled();
    const a = mmap(m, 0x3000, PRIVATE | MapFlag.PREFAULT_WRITE);
    m.locked("sysMprotect", a + 0x2000, 0x1000, Prot.READ);
    let asked = 0;
    m.onFault = () => {
      if (++asked > 1) return 0;
      m.locked("sysMprotect", a + 0x1000, 0x1000, Prot.READ);
      m.locked("sysMprotect", a + 0x2000, 0x1000, RW);
      return 1;
    };
    expect(m.dies("mmu_fill", a, 0xff, 0x3000)).toBe(true);
    m.call("testForgetDeath");
    expect([asked, m.call("mmu_load32", a, 0)]).toEqual([2, 0]);
    m.check();
  });

  it.each([
    ["mmu_store16", 1, [0x7777]],
    ["mmu_store32", 3, [0x77777777]],
    ["mmu_store64", 5, [0x7777777777777777n]],
    ["mmu_store128", 9, [-1n, -1n]],
  ])(
    "the same for %s over two pages, however often it gives one and takes the other",
    (name, before, value) => {
      for (let most = 1; most <= 8; most++) {
        const { m } = handled();
        const a = mmap(m, 0x2000, PRIVATE | MapFlag.PREFAULT_WRITE);
        m.locked("sysMprotect", a + 0x1000, 0x1000, Prot.READ);
        const [first, second] = [a + 0x1000 - before, a + 0x1000];
        const asked: number[] = [];
        m.onFault = (va) => {
          asked.push(va);
          if (asked.length > most) return 0;
          m.locked("sysMprotect", va === second ? a : second, 0x1000, Prot.READ);
          m.locked("sysMprotect", va & ~4095, 0x1000, RW);
          return 1;
        };
        expect(m.dies(name, first, 0, ...value)).toBe(true);
        m.call("testForgetDeath");
        expect(asked).toEqual(Array.from({ length: most + 1 }, (_, i) => (i & 1 ? first : second)));
        const left = [m.call("mmu_load32", a + 0xffc, 0), m.call("mmu_load32", second, 0)];
        expect(left).toEqual([0, 0]);
        m.check();
      }
    },
  );
});
