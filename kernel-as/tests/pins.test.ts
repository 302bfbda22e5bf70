// What stays where it is: pinned frames under clones, revocation without a free frame, stores on their way while another CPU drains;
// and the limits of a process.
import { beforeAll, describe, expect, it } from "vitest";
import { Errno } from "../../abi/errno.ts";
import { Access } from "../../abi/mmu.ts";
import { MemType } from "../../abi/pte.ts";
import { DeviceMapFlag, MapFlag, ProcessLimit, Prot } from "../../abi/syscall.ts";
import { kernelModule, Machine } from "./harness.ts";

beforeAll(() => void kernelModule());

const RW = Prot.READ | Prot.WRITE;
const VRAM = 0xe0000000n;
const PRIVATE = MapFlag.PRIVATE | MapFlag.ANONYMOUS;
const SHARED = MapFlag.SHARED | MapFlag.ANONYMOUS;
const NOCACHE = DeviceMapFlag.NOCACHE;
const WRITECOMBINE = DeviceMapFlag.WRITECOMBINE;
const HUGEPAGE = DeviceMapFlag.HUGEPAGE;
const COW = 1n << 9n;
/** Counter.PTE_COPIES and the three after it (arch/counters.ts). */
const COPIES = [16, 17, 18, 19];

function machine(options: { ramBytes?: number; vramBytes?: number } = {}) {
  const m = new Machine({ vramBytes: 4 << 20, ...options });
  m.call("testResource", 0xe0000000, options.vramBytes ?? 4 << 20, 1);
  const [process, space] = m.process();
  m.locked("testImage", space, 0, 0, 0, 0, 0x20000, 0xffffffff);
  return { m, process, space };
}

const mmap = (m: Machine, len: number, flags: number, prot = RW) =>
  m.locked("sysMmapAnonymous", 0, len, prot, flags) >>> 0;
const device = (m: Machine, pa: bigint, size: number, flags: number) =>
  m.locked("sysMmapDevice", pa, BigInt(size), flags);
const leaf = (m: Machine, space: number, va: number) => m.big("testLeaf", space, va >>> 12);
const frame = (m: Machine, space: number, va: number) =>
  Number((leaf(m, space, va) >> 12n) & 0xfffffn);
const word = (m: Machine, pfn: number) => m.view.getUint32(pfn * 4096, true);
const copies = (m: Machine) => COPIES.map((i) => Number(m.big("testCounter", i)));

/** Takes every free frame. */
function exhaust(m: Machine): number[] {
  const taken: number[] = [];
  for (let pfn = m.locked("pmmAlloc", 0); pfn !== 0; pfn = m.locked("pmmAlloc", 0)) taken.push(pfn);
  return taken;
}

function give(m: Machine, frames: number[]): void {
  for (const pfn of frames) m.locked("pmmFree", pfn);
}

/** The space of CPU 0 as another one sees it, once the clone runs there. */
function readIn(m: Machine, space: number, va: number): number {
  expect(m.locked("copyIn", space, 0x3800, va, 4)).toBe(4);
  return m.view.getUint32(0x3800, true);
}

describe("pinned frames and clones", () => {
  it.each(["spaceClone", "spaceFreeze", "spaceClonePerPage"])(
    "%s gives the copy to the clone: the program goes on writing where the device looks",
    (make) => {
      const { m, process, space } = machine();
      const before = m.counts();
      const a = mmap(m, 0x8000, PRIVATE | MapFlag.PREFAULT_WRITE);
      for (let i = 0; i < 8; i++) m.call("mmu_store32", a + i * 0x1000, 0, i + 1);
      const pin = m.locked("wirePin", space, a + 0x1000, 0x2000, Access.WRITE);
      const pinned = m.call("wireFrame", pin, 0);
      const clone = m.locked(make, space);
      expect(clone).not.toBe(0);
      m.check();
      expect(frame(m, space, a + 0x1000)).toBe(pinned);
      expect(frame(m, clone, a + 0x1000)).not.toBe(pinned);
      m.call("mmu_store32", a + 0x1000, 0, 77);
      expect(frame(m, space, a + 0x1000)).toBe(pinned);
      expect(word(m, pinned)).toBe(77);
      m.view.setUint32(m.call("wireFrame", pin, 1) * 4096, 88, true); // the device writes
      expect(m.call("mmu_load32", a + 0x2000, 0)).toBe(88);
      if (make !== "spaceFreeze")
        expect([readIn(m, clone, a + 0x1000), readIn(m, clone, a + 0x2000)]).toEqual([2, 3]);
      // A neighbour in the same table is copied on write, as ever.
      const shared = frame(m, space, a);
      m.call("mmu_store32", a, 0, 9);
      expect(frame(m, space, a)).not.toBe(shared);
      m.check();
      m.locked("wireUnpin", pin);
      m.check();
      m.locked("spaceDestroy", clone);
      m.locked("testEnd", process);
      m.check();
      expect(m.call("pmmObjectFrames")).toBe(0);
      expect(m.call("objectCount")).toBe(before[4]);
    },
  );

  it("a page that a device only reads is the program's alone too, and a read-only one stays read-only", () => {
    const { m, space } = machine();
    const a = mmap(m, 0x2000, PRIVATE | MapFlag.PREFAULT_WRITE);
    m.call("mmu_store32", a, 0, 5);
    m.locked("sysMprotect", a + 0x1000, 0x1000, Prot.READ);
    const first = m.locked("spaceClone", space);
    const pin = m.locked("wirePin", space, a, 0x2000, Access.READ);
    m.check();
    expect(frame(m, space, a)).not.toBe(frame(m, first, a));
    m.call("mmu_store32", a, 0, 6);
    expect(word(m, m.call("wireFrame", pin, 0))).toBe(6);
    expect(leaf(m, space, a + 0x1000) & (COW | 2n)).toBe(0n);
    const second = m.locked("spaceClone", space);
    m.check();
    expect(m.dies("mmu_store32", a + 0x1000, 0, 1)).toBe(true);
    m.call("testForgetDeath");
    expect([readIn(m, first, a), readIn(m, second, a)]).toEqual([5, 6]);
    m.locked("sysMprotect", a + 0x1000, 0x1000, RW);
    m.call("mmu_store32", a + 0x1000, 0, 7);
    expect(word(m, m.call("wireFrame", pin, 1))).toBe(7);
    m.check();
  });

  it("costs nothing when nothing is pinned, and the same at any size when something is", () => {
    const costs = [1, 16, 64].map((mebibytes) => {
      const { m, space } = machine({ ramBytes: 96 << 20 });
      mmap(m, mebibytes << 20, PRIVATE | MapFlag.PREFAULT_WRITE);
      const a = mmap(m, 0x1000, PRIVATE | MapFlag.PREFAULT_WRITE);
      const start = copies(m);
      m.locked("spaceClone", space);
      const bare = copies(m).map((n, i) => n - (start[i] ?? 0));
      m.call("mmu_store32", a, 0, 1); // the path of the page is the space's own again
      m.locked("wirePin", space, a, 0x1000, Access.WRITE);
      const again = copies(m);
      m.locked("spaceClone", space);
      const [, tables, pages] = copies(m).map((n, i) => n - (again[i] ?? 0));
      return { bare, tables, pages };
    });
    expect(costs[0]).toEqual({ bare: [1, 0, 0, 2], tables: 3, pages: 1 });
    expect(costs[1]).toEqual(costs[0]);
    expect(costs[2]).toEqual(costs[0]);
  });

  it("fails for lack of memory at any point without moving the pinned page", () => {
    const { m, space } = machine();
    const a = mmap(m, 0x4000, PRIVATE | MapFlag.PREFAULT_WRITE);
    m.call("mmu_store32", a, 0, 5);
    const pin = m.locked("wirePin", space, a, 0x2000, Access.WRITE);
    let failures = 0;
    for (let spare = 0; ; spare++) {
      const taken = exhaust(m);
      give(m, taken.splice(0, spare));
      const clone = m.locked("spaceClone", space);
      give(m, taken);
      m.check();
      m.call("mmu_store32", a, 0, spare);
      expect(frame(m, space, a)).toBe(m.call("wireFrame", pin, 0));
      expect(leaf(m, space, a + 0x1000) & COW).toBe(0n);
      if (clone !== 0) break;
      failures++;
    }
    expect(failures).toBeGreaterThan(4);
  });
});

describe("revocation takes no memory", () => {
  it.each([
    ["a device", (m: Machine) => device(m, VRAM, 0x4000, WRITECOMBINE) >>> 0],
    ["2 MiB pages", (m: Machine) => device(m, VRAM, 4 << 20, WRITECOMBINE | HUGEPAGE) >>> 0],
    ["shared memory", (m: Machine) => mmap(m, 0x4000, SHARED | MapFlag.PREFAULT_WRITE)],
  ])("%s of a tree of clones goes with no frame free", (_what, make) => {
    const { m, process, space } = machine();
    const before = m.counts();
    const a = make(m);
    const p = mmap(m, 0x2000, PRIVATE | MapFlag.PREFAULT_WRITE);
    m.call("mmu_store32", p, 0, 4);
    m.call("mmu_store32", a, 0, 3);
    const one = m.locked("spaceClone", space);
    m.call("mmu_store32", p, 0, 5); // space has tables of its own now
    const two = m.locked("spaceClone", space);
    const three = m.locked("spaceFreeze", one);
    const four = m.locked("spaceClone", two);
    m.check();
    const taken = exhaust(m);
    expect(m.locked("sysMrevoke", a, 0)).toBe(0);
    m.check();
    for (const each of [space, one, two, three, four]) expect(leaf(m, each, a)).toBe(0n);
    expect(m.dies("mmu_load32", a, 0)).toBe(true);
    m.call("testForgetDeath");
    expect([readIn(m, one, p), readIn(m, four, p)]).toEqual([4, 5]);
    expect([m.call("objectCount"), m.call("memtypeCount")]).toEqual([before[4], before[5]]);
    give(m, taken);
    for (const each of [two, three, one, four]) m.locked("spaceDestroy", each);
    m.locked("testEnd", process);
    m.check();
    expect(m.call("pmmObjectFrames")).toBe(0);
  });

  it("KEEP_OWN keeps the caller's mapping, or with clones and no memory changes nothing", () => {
    const { m, space } = machine();
    const a = device(m, VRAM, 0x4000, NOCACHE) >>> 0;
    const clone = m.locked("spaceClone", space);
    const taken = exhaust(m);
    const state = [leaf(m, space, a), leaf(m, clone, a), ...m.counts()];
    expect(m.locked("sysMrevoke", a, 1)).toBe(-Errno.ENOMEM);
    expect([leaf(m, space, a), leaf(m, clone, a), ...m.counts()]).toEqual(state);
    m.check();
    give(m, taken);
    expect(m.locked("sysMrevoke", a, 1)).toBe(0);
    expect(leaf(m, space, a)).not.toBe(0n);
    expect(leaf(m, clone, a)).toBe(0n);
    m.check();
  });

  it("frames of shared memory wait for a CPU whose tables were cleared with another's", () => {
    const { m, space } = machine();
    const a = mmap(m, 0x2000, SHARED | MapFlag.PREFAULT_WRITE);
    const k1 = m.attach(1);
    const child = m.locked("testProcess", 8);
    const clone = m.locked("spaceClone", space);
    m.call("testLock");
    k1["testGive"]?.(child, clone);
    k1["testRun"]?.(child);
    m.call("testUnlock");
    expect(k1["mmu_load32"]?.(a, 0)).toBe(0);
    const free = m.call("pmmFreeFrames");
    const pfn = frame(m, space, a);
    expect(m.locked("sysMrevoke", a, 0)).toBe(0);
    m.bytes[pfn * 4096] = 1; // the store that was under way
    expect(m.tlb(a >>> 12, 1)).toEqual([0, 0]);
    expect(m.call("testQuarantined", 1)).not.toBe(0);
    m.check();
    k1["testLock"]?.();
    k1["testAck"]?.();
    k1["testUnlock"]?.();
    expect(m.call("testQuarantined", 1)).toBe(0);
    expect(m.call("pmmFreeFrames")).toBeGreaterThan(free);
    m.check();
  });
});

describe("a store that is under way while another CPU drains", () => {
  it("is in a burst of its own CPU's next drain", () => {
    const { m, space } = machine();
    const a = device(m, VRAM, 0x2000, WRITECOMBINE) >>> 0;
    const k1 = m.attach(1);
    const child = m.locked("testProcess", 8);
    const clone = m.locked("spaceClone", space);
    m.call("testLock");
    k1["testGive"]?.(child, clone);
    k1["testRun"]?.(child);
    m.call("testUnlock");
    k1["mmu_store32"]?.(a + 0x1000, 0, 1);
    expect(m.tlb((a >>> 12) + 1, 1)[1] & 1).toBe(1);
    expect(m.locked("sysMcache", a, 0x2000, MemType.UC)).toBe(0);
    expect(m.bursts()).toEqual([[0x1000, 0x1000]]);
    expect(m.tlb((a >>> 12) + 1, 1)[1]).toBe(0);
    m.check();
    m.view.setUint32(m.vramHost + 0x1000, 2, true); // it had looked its page up before
    k1["testLock"]?.();
    k1["testAck"]?.();
    k1["wcDrain"]?.(1);
    expect(m.bursts()).toEqual([
      [0x1000, 0x1000],
      [0x1000, 0x1000],
    ]);
    k1["wcDrain"]?.(1);
    k1["testUnlock"]?.();
    expect(m.bursts().length).toBe(2);
    m.check();
  });
});

describe("setlimit", () => {
  it("raises the number of device mappings for root, lowers it for anyone, and refuses the rest", () => {
    const { m, process } = machine({ vramBytes: 4 << 20 });
    const set = (value: number, which: number = ProcessLimit.DEVICE_MAPPINGS) =>
      m.locked("sysSetlimit", which, value);
    const map = (i: number) => device(m, VRAM + BigInt(i * 0x1000), 0x1000, WRITECOMBINE);
    expect(set(ProcessLimit.ASK)).toBe(8);
    for (let i = 0; i < 8; i++) expect(map(i) >>> 0).toBeLessThan(0xc0000000);
    expect(map(8)).toBe(-Errno.ENOSPC);
    expect(set(10)).toBe(8);
    expect([map(8) >>> 0, map(9) >>> 0].every((va) => va < 0xc0000000)).toBe(true);
    expect(map(10)).toBe(-Errno.ENOSPC);
    expect([set(513), set(-2), set(1, 0), set(1, 3)]).toEqual(Array(4).fill(-Errno.EINVAL));
    m.call("testSetUid", process, 1000);
    expect(set(11)).toBe(-Errno.EPERM);
    expect([set(3), set(ProcessLimit.ASK)]).toEqual([10, 3]);
    expect(set(4)).toBe(-Errno.EPERM);
    m.check();
  });

  it("moves the lowest page that a stack may grow to", () => {
    const { m } = machine();
    const set = (value: number) => m.locked("sysSetlimit", ProcessLimit.STACK_BYTES, value);
    expect(set(16 << 20)).toBe(8 << 20);
    m.call("mmu_store32", 0xc0000000 - (16 << 20), 0, 1);
    expect(set(1 << 20)).toBe(16 << 20);
    m.call("mmu_store32", 0xc0000000 - (16 << 20), 0, 2); // what is in use stays
    expect(m.dies("mmu_store32", 0xc0000000 - (17 << 20), 0, 1)).toBe(true);
    m.call("testForgetDeath");
    expect(set(0x10000000)).toBe(-Errno.EINVAL);
    m.check();
  });
});
