import { beforeAll, describe, expect, it } from "vitest";
import { CpuBlock } from "../../abi/cpu.ts";
import { Errno } from "../../abi/errno.ts";
import { MemType } from "../../abi/pte.ts";
import { Advice, DeviceMapFlag, MapFlag, Prot } from "../../abi/syscall.ts";
import { kernelModule, Machine, seeded } from "./harness.ts";

beforeAll(() => void kernelModule());

const ANON = MapFlag.PRIVATE | MapFlag.ANONYMOUS;
const RW = Prot.READ | Prot.WRITE;
const VRAM = 0xe0000000n;
const TEST_BAR = 0x80000000;
/** MmVar: CPUs in a program's atomic wait. */
const WAITERS = 0x84;

function machine(options = {}) {
  const m = new Machine(options);
  m.call("testResource", 0xe0000000, 1 << 20, 0);
  const [process, space] = m.process();
  m.locked("testImage", space, 0, 0, 0, 0, 0x20000, 0xffffffff);
  return { m, process, space };
}

const mmap = (m: Machine, addr: number, len: number, prot = RW, flags = ANON) =>
  m.locked("sysMmapAnonymous", addr, len, prot, flags) >>> 0;
const device = (m: Machine, pa: bigint, size: bigint, flags: number) =>
  m.locked("sysMmapDevice", pa, size, flags);
describe("memory types in entries", () => {
  it("decode per level: 8 indices x 2 page sizes, and survive split and merge", () => {
    const m = new Machine({ ramBytes: 4 << 20 });
    const pat = 0x0001040600070406n;
    let ran = 0;
    for (let index = 0; index < 8; index++) {
      const type = Number((pat >> BigInt(8 * index)) & 7n);
      expect(m.call("patType", pat, index)).toBe(type);
      for (const level of [1, 2]) {
        const bits = m.big("patBitsOfIndex", index, level);
        const want =
          BigInt((index & 1) << 3) |
          BigInt((index & 2) << 3) |
          (index & 4 ? (level === 2 ? 1n << 12n : 1n << 7n) : 0n);
        expect(bits).toBe(want);
        expect(m.call(level === 2 ? "patIndex2M" : "patIndex4K", bits)).toBe(index);
        ran++;
      }
      const large =
        0x8000000000000067n | 0x100n | (1n << 7n) | 0xe0000000n | m.big("patBitsOfIndex", index, 2);
      const small = m.big("patSplit", large);
      expect(m.call("patIndex4K", small)).toBe(index);
      expect(m.big("patMerge", small)).toBe(large);
    }
    expect(ran).toBe(16);
    // Losing the PAT bit makes WC UC-, never WB.
    expect(m.call("patType", pat, 6 & 3)).toBe(MemType.UC_MINUS);
  });
});

describe("faults", () => {
  it("fills demand-zero pages, and the TLB only as the rules say", () => {
    const { m, space } = machine();
    expect(m.call("mmu_load32", 0x5000, 8)).toBe(0);
    const [read, write] = m.tlb(5);
    expect(read & 1).toBe(1);
    expect(write).toBe(0);
    m.call("mmu_store32", 0x5000, 8, 0x12345678);
    expect(m.tlb(5)[1]).toBe(read);
    expect(m.call("mmu_load32", 0x5000, 8)).toBe(0x12345678);
    expect((m.big("testLeaf", space, 5) >> 5n) & 3n).toBe(3n);
    m.check();
  });

  it("does misaligned and page-crossing accesses, and stores all or nothing", () => {
    const { m } = machine();
    m.call("mmu_store64", 0x5ffd, 0, 0x1122334455667788n);
    expect(m.big("mmu_load64", 0x5ffd, 0)).toBe(0x1122334455667788n);
    expect(m.call("mmu_load32", 0x5fff, 0)).toBe(0x33445566);
    m.call("mmu_store128", 0x6ff8, 0, 1n, 2n);
    m.call("mmu_load128", 0x6ff8, 0);
    expect(m.view.getBigUint64(m.blocks + CpuBlock.SCRATCH + 8, true)).toBe(2n);
    m.call("mmu_store32", 0x1f000, 0xffc, 7);
    expect(m.dies("mmu_store64", 0x1fffc, 0, 0n)).toBe(true);
    expect(m.call("mmu_load32", 0x1f000, 0xffc)).toBe(7);
  });

  it.each([
    ["null page", 0, 8],
    ["past the break", 0x20000, 0],
    ["offset overflow", 0xffffff00, 0x200],
    ["guard below the stack limit", 0xbf7ff000, 0],
    ["kernel half and the top", 0xc0000000, 0],
    ["last byte", 0xfffffffe, 0],
  ])("ends the program at the %s", (_name, a, k) => {
    const { m } = machine();
    expect(m.dies("mmu_load32", a, k)).toBe(true);
  });

  it("grows the stack at any distance down to its limit", () => {
    const { m, space } = machine();
    m.call("mmu_store8", 0xbfffff00, 0, 1);
    m.call("mmu_store8", 0xbf800000, 0, 1);
    expect(m.call("testFind", space, 0xbf900)).toBe(1);
    m.check();
  });

  it("copies to an untouched 41 KiB stack buffer", () => {
    const { m, space } = machine();
    expect(m.locked("copyOut", space, 0xbfff0000, 0x100000, 41 * 1024)).toBe(41 * 1024);
    m.check();
  });

  it("shows image bytes, zero between segments, and keeps pages private", () => {
    const m = new Machine();
    const [, space] = m.process();
    for (let i = 0; i < 0x3000; i++) m.bytes[m.vramHost + i] = i & 0xff;
    expect(
      m.locked("testImage", space, 0x1ff0, 0x10, 0x1020, m.vramHost, 0x10000, 0xffffffff),
    ).toBe(0);
    expect(m.call("mmu_load8", 0x1fef, 0)).toBe(0);
    expect(m.call("mmu_load8", 0x1ff0, 0)).toBe(0x10);
    expect(m.call("mmu_load8", 0x2000, 0)).toBe(0x20);
    expect(m.call("mmu_load8", 0x300f, 0)).toBe((0x10 + 0x101f) & 0xff);
    expect(m.call("mmu_load8", 0x3010, 0)).toBe(0);
    m.call("mmu_store8", 0x2000, 0, 0xaa);
    expect(m.bytes[m.vramHost + 0x20]).toBe(0x20);
    expect(m.locked("sysMadvise", 0x2000, 0x1000, Advice.DONTNEED)).toBe(0);
    expect(m.call("mmu_load8", 0x2000, 0)).toBe(0x20);
    m.check();
  });
});

describe("break", () => {
  it("is byte-exact and never touches a page in use", () => {
    const { m, space } = machine();
    expect(m.locked("sysBrk", 0x20123)).toBe(0x20123);
    m.call("mmu_store32", 0x20100, 0, 99);
    expect(m.locked("sysBrk", 0x21456)).toBe(0x21456);
    expect(m.call("mmu_load32", 0x20100, 0)).toBe(99);
    expect(m.locked("sysBrk", 0x20104)).toBe(0x20104);
    expect(m.call("mmu_load32", 0x20100, 0)).toBe(99);
    expect(m.call("mmu_size")).toBe(2);
    expect(m.call("mmu_grow", 1)).toBe(2);
    expect(m.call("testBrk", space)).toBe(0x30000);
    expect(m.call("mmu_grow", 0x10000)).toBe(-1);
    expect(m.locked("sysBrk", 0x40000001)).toBe(-Errno.ENOMEM);
    m.check();
  });

  it("of a program whose memory is empty at first does not grow by 4 GiB, nor over the null page", () => {
    // 65536 pages are 0 bytes in 32 bits: the break went back to 0, and all of the memory with it.
    const m = new Machine();
    const [, space] = m.process();
    m.locked("testImage", space, 0, 0, 0, 0, 0, 0xffffffff);
    expect(m.call("mmu_grow", 0x10000)).toBe(-1);
    expect(m.call("mmu_grow", 3)).toBe(0);
    m.call("mmu_store32", 0x1000, 0, 5);
    for (const pages of [0x10000 - 3, 0x10000, 0xffffffff, 0x4000 - 2])
      expect(m.call("mmu_grow", pages)).toBe(-1);
    expect(m.call("mmu_load32", 0x1000, 0)).toBe(5);
    expect(m.call("mmu_grow", 0x4000 - 3)).toBe(3);
    expect(m.call("mmu_size")).toBe(0x4000);
    expect(m.dies("mmu_load32", 0xffc, 0)).toBe(true);
    m.call("testForgetDeath");
    m.check();
  });
});

describe("mmap, munmap, mprotect", () => {
  it("refuses sizes of zero, overflow, and anything outside user space", () => {
    const { m } = machine();
    const bad = (r: number) => expect(r | 0).toBeLessThan(0);
    bad(mmap(m, 0, 0));
    bad(mmap(m, 0x40000000, 0xfffff000));
    bad(mmap(m, 0xc0000000, 4096, RW, ANON | MapFlag.FIXED));
    bad(mmap(m, 0, 4096, RW, ANON | MapFlag.FIXED));
    bad(m.locked("sysMunmap", 0x1001, 4096));
    bad(m.locked("sysMunmap", 0x40000000, 0));
    bad(m.locked("sysMunmap", 0xfffff000, 0x2000));
    bad(m.locked("sysMunmap", 0xc0000000, 4096));
    bad(m.locked("sysMprotect", 0x70000000, 4096, RW));
  });

  it("enforces protection at once, and gives it back", () => {
    const { m } = machine();
    const a = mmap(m, 0, 0x3000);
    m.call("mmu_store32", a + 0x1000, 0, 5);
    expect(m.locked("sysMprotect", a + 0x1000, 0x1000, Prot.READ)).toBe(0);
    expect(m.tlb((a >>> 12) + 1)).toEqual([0, 0]);
    expect(m.call("mmu_load32", a + 0x1000, 0)).toBe(5);
    expect(m.locked("sysMprotect", a + 0x1000, 0x1000, RW)).toBe(0);
    m.call("mmu_store32", a + 0x1000, 0, 6);
    expect(m.locked("sysMprotect", a, 0x3000, Prot.NONE)).toBe(0);
    m.check();
    expect(m.dies("mmu_load32", a + 0x1000, 0)).toBe(true);
  });

  it("replaces with FIXED, refuses with FIXED_NOREPLACE, reuses after munmap, honours hints", () => {
    const { m } = machine();
    const before = m.counts();
    const a = mmap(m, 0, 0x4000);
    m.call("mmu_store32", a, 0, 1);
    expect(mmap(m, a, 0x1000, RW, ANON | MapFlag.FIXED_NOREPLACE) | 0).toBe(-Errno.EEXIST);
    expect(mmap(m, a, 0x1000, RW, ANON | MapFlag.FIXED)).toBe(a);
    expect(m.call("mmu_load32", a, 0)).toBe(0);
    expect(mmap(m, 0x50000000, 0x1000)).toBe(0x50000000);
    expect(m.locked("sysMunmap", a, 0x4000)).toBe(0);
    expect(mmap(m, 0, 0x4000)).toBe(a);
    m.locked("sysMunmap", a, 0x4000);
    // Of single pages the lowest gap goes first, too.
    for (let i = 0; i < 8; i++) expect(mmap(m, 0, 0x1000)).toBe(a + i * 0x1000);
    for (const page of [6, 3, 1]) m.locked("sysMunmap", a + page * 0x1000, 0x1000);
    for (const page of [1, 3, 6, 8]) expect(mmap(m, 0, 0x1000)).toBe(a + page * 0x1000);
    m.locked("sysMunmap", a, 0x9000);
    m.locked("sysMunmap", 0x50000000, 0x1000);
    expect(m.counts()).toEqual(before);
    m.check();
  });

  it("uses the area to its last page, and nothing past it", () => {
    const { m } = machine();
    const last = 0xafffe000;
    expect(mmap(m, 0xaffff000, 0x2000) >>> 0).toBe(0x40000000);
    expect(mmap(m, last, 0x2000)).toBe(last);
    expect(m.locked("sysMunmap", 0x40000000, 0x2000)).toBe(0);
    // All of what is left, found by the search: to the page, at both ends.
    expect(mmap(m, 0, last - 0x40000000 + 0x1000) | 0).toBe(-Errno.ENOMEM);
    expect(mmap(m, 0, last - 0x40000000)).toBe(0x40000000);
    expect(mmap(m, 0, 0x1000) | 0).toBe(-Errno.ENOMEM);
    expect(m.locked("sysMunmap", last + 0x1000, 0x1000)).toBe(0);
    expect(mmap(m, 0, 0x2000) | 0).toBe(-Errno.ENOMEM);
    expect(mmap(m, 0, 0x1000)).toBe(last + 0x1000);
    expect(m.locked("sysMunmap", 0x40000000, 0x70000000)).toBe(0);
    m.check();
  });

  it("prefaults: no fault afterwards, D as asked", () => {
    const { m, space } = machine();
    const w = mmap(m, 0, 0x2000, RW, ANON | MapFlag.PREFAULT_WRITE);
    const r = mmap(m, 0, 0x2000, RW, ANON | MapFlag.PREFAULT_READ);
    expect((m.big("testLeaf", space, w >>> 12) >> 6n) & 1n).toBe(1n);
    expect((m.big("testLeaf", space, r >>> 12) >> 6n) & 1n).toBe(0n);
    m.check();
  });

  it("agrees with a plain list of pages over seeded random calls", () => {
    const { m, process, space } = machine();
    const before = m.counts();
    const random = seeded(20261);
    const base = 0x40000;
    const model = new Map<number, number>();
    for (let step = 0; step < 600; step++) {
      const start = random(48);
      const pages = 1 + random(12);
      const addr = (base + start) * 4096;
      const prot = [RW, Prot.READ, Prot.NONE, RW][random(4)] as number;
      const kind = random(4);
      if (kind === 0) {
        expect(mmap(m, addr, pages * 4096, prot, ANON | MapFlag.FIXED)).toBe(addr);
        for (let p = start; p < start + pages; p++) model.set(p, prot);
      } else if (kind === 1) {
        expect(m.locked("sysMunmap", addr, pages * 4096)).toBe(0);
        for (let p = start; p < start + pages; p++) model.delete(p);
      } else if (kind === 2) {
        const all = Array.from({ length: pages }, (_, i) => model.has(start + i)).every(Boolean);
        expect(m.locked("sysMprotect", addr, pages * 4096, prot)).toBe(all ? 0 : -Errno.ENOMEM);
        if (all) for (let p = start; p < start + pages; p++) model.set(p, prot);
      } else {
        for (let p = start; p < start + pages; p++) {
          const want = model.get(p) === RW ? 4 : -Errno.EFAULT;
          expect(m.locked("copyOut", space, (base + p) * 4096 + 8, 0x3000, 4)).toBe(want);
        }
      }
      if (step % 50 === 0) m.check();
    }
    m.locked("sysMunmap", base * 4096, 64 * 4096);
    m.check();
    expect(m.counts()).toEqual(before);
    m.locked("testEnd", process);
    m.check();
  });
});

describe("usercopy", () => {
  it("is short at the first bad page, -EFAULT when nothing was copied, and never wraps", () => {
    const { m, space } = machine();
    expect(m.locked("copyIn", space, 0x3800, 0x1fff0, 64)).toBe(16);
    expect(m.locked("copyIn", space, 0x3800, 0x20000, 64)).toBe(-Errno.EFAULT);
    expect(m.locked("copyOut", space, 0xfffffff8, 0x3000, 64)).toBe(-Errno.EFAULT);
    expect(m.locked("copyIn", space, 0x3800, 0, 1)).toBe(-Errno.EFAULT);
    expect(m.locked("copyIn", space, 0x3800, 0, 0)).toBe(0);
    expect(m.locked("copyString", space, 0x3800, 0x1000, 10, 9)).toBe(-Errno.ENAMETOOLONG);
    expect(m.locked("copyString", space, 0x3800, 0x1fffe, 5, 9)).toBe(-Errno.EFAULT);
    const other = m.call("testSpace", m.locked("testProcess", 8));
    m.locked("testImage", other, 0, 0, 0, 0, 0x20000, 0xffffffff);
    m.call("mmu_store32", 0x1ffe, 0, 0xcafef00d);
    expect(m.locked("copyCross", other, 0x2ffd, space, 0x1ffe, 4)).toBe(4);
    expect(m.locked("copyIn", other, 0x3800, 0x2ffd, 4)).toBe(4);
    expect(m.view.getUint32(0x3800, true)).toBe(0xcafef00d);
    m.check();
  });
});

describe("memory.copy and memory.fill", () => {
  it("copy overlapping ranges both ways across pages, and check whole ranges first", () => {
    const { m } = machine();
    for (let i = 0; i < 9000; i += 4) m.call("mmu_store32", 0x2000 + i, 0, i);
    m.call("mmu_copy", 0x2ffe, 0x2000, 8000);
    expect(m.call("mmu_load32", 0x2ffe + 4000, 0)).toBe(4000);
    m.call("mmu_copy", 0x2000, 0x2ffe, 8000);
    expect(m.call("mmu_load32", 0x2000 + 7996, 0)).toBe(7996);
    m.call("mmu_fill", 0x8ff0, 0xab, 0x20);
    expect(m.call("mmu_load32", 0x9000, 0) >>> 0).toBe(0xabababab);
    expect(m.dies("mmu_fill", 0x1f000, 1, 0x1001)).toBe(true);
    expect(m.call("mmu_load8", 0x1f000, 0)).toBe(0);
  });

  it("change nothing when they run into what was revoked, whatever rights its entry was given since", () => {
    const { m } = machine();
    const a = m.locked("sysMmapAnonymous", 0x50000000, 4096, RW, ANON | MapFlag.FIXED) >>> 0;
    const b =
      m.locked(
        "sysMmapAnonymous",
        0x50001000,
        4096,
        RW,
        MapFlag.SHARED | MapFlag.ANONYMOUS | MapFlag.FIXED,
      ) >>> 0;
    m.call("mmu_store32", a, 4092, 5);
    m.call("mmu_store32", b, 0, 6);
    expect(m.locked("sysMrevoke", b, 0)).toBe(0);
    expect(m.locked("sysMprotect", b, 4096, RW)).toBe(0);
    expect(m.dies("mmu_fill", a, 0xff, 8192)).toBe(true);
    m.call("testForgetDeath");
    expect(m.call("mmu_load32", a, 4092)).toBe(5);
    m.check();
  });
});

describe("windows", () => {
  it("cover a contiguous run, leave out its last 15 bytes, and shrink when a page goes", () => {
    const { m } = machine({ ramBytes: 32 << 20 });
    m.locked("sysBrk", 0x100000);
    for (let va = 0x1000; va < 0x100000; va += 0x1000) m.call("mmu_store8", va, 0, 1);
    expect(m.block(CpuBlock.WRITE_START)).toBe(0x1000);
    expect(m.block(CpuBlock.WRITE_LEN)).toBe(0xff000 - 15);
    m.check();
    m.locked("sysBrk", 0x80000);
    expect(m.block(CpuBlock.WRITE_LEN)).toBe(0x7f000 - 15);
    m.locked("sysMprotect", 0x2000, 0x1000, Prot.READ);
    expect(m.block(CpuBlock.WRITE_START)).toBe(0x3000);
    m.check();
  });
});

describe("mmap_device", () => {
  it.each<[string, bigint, bigint, number, number]>([
    ["unknown flag", VRAM, 4096n, 8, Errno.EINVAL],
    ["both types", VRAM, 4096n, 3, Errno.EINVAL],
    ["size 0", VRAM, 0n, 1, Errno.EINVAL],
    ["misaligned", VRAM + 1n, 4096n, 1, Errno.EINVAL],
    ["wrap", 0xfffffffffffff000n, 8192n, 1, Errno.EOVERFLOW],
    ["RAM", 0x200000n, 4096n, 1, Errno.EACCES],
    ["page tables", 0x100000n, 4096n, 1, Errno.EACCES],
    ["nothing there", 0xd0000000n, 4096n, 1, Errno.ENXIO],
    ["past the BAR", VRAM, (1n << 20n) + 1n, 1, Errno.ENXIO],
    ["above 4 GiB", 0x100000000n, 4096n, 1, Errno.ENXIO],
    ["WB of what is not cacheable", VRAM, 4096n, 0, Errno.EINVAL],
    ["APIC as WC, which the kernel has as UC", 0xfee00000n, 4096n, 2, Errno.EBUSY],
  ])("refuses %s and leaves no trace", (_name, pa, size, flags, errno) => {
    const { m } = machine();
    const before = m.counts();
    expect(device(m, pa, size, flags)).toBe(-errno);
    expect(m.counts()).toEqual(before);
    m.check();
  });

  it("is root's alone", () => {
    const { m, process } = machine();
    m.call("testSetUid", process, 5);
    expect(device(m, VRAM, 4096n, 2)).toBe(-Errno.EACCES);
  });

  it.each([
    ["aligned", 0, 0, 128, 0],
    ["4 KiB past", 0x1000, 512, 127, 2],
  ])("256 MiB %s: mixed pages and the phase kept", (_name, shift, small, large, tables) => {
    const m = new Machine();
    m.call("testResource", TEST_BAR, 0x18000000, 1);
    const [process, space] = m.process();
    const before = m.counts();
    const tablesBefore = m.call("testTables", space);
    const a =
      device(
        m,
        BigInt(TEST_BAR + shift),
        256n << 20n,
        DeviceMapFlag.WRITECOMBINE | DeviceMapFlag.HUGEPAGE,
      ) >>> 0;
    expect(a % 0x200000).toBe(shift);
    const count = { small: 0, large: 0 };
    for (let off = 0; off < 256 << 20; ) {
      const leaf = m.big("testLeaf", space, (a + off) >>> 12);
      const isLarge =
        (leaf & 0x80n) !== 0n && (a + off) % 0x200000 === 0 && off + 0x200000 <= 256 << 20;
      if (isLarge) count.large++;
      else count.small++;
      off += isLarge ? 0x200000 : 0x1000;
    }
    expect(count).toEqual({ small, large });
    // PML4 is there; PDPT, one PD, and the page tables of the small ends.
    expect(m.call("testTables", space) - tablesBefore).toBe(2 + tables);
    m.check();
    expect(m.locked("sysMunmap", a, 256 << 20)).toBe(0);
    expect(m.counts()).toEqual(before);
    m.locked("testEnd", process);
  });

  it("splits a 2 MiB leaf, keeps its bits, merges it again, and follows with the reservation", () => {
    const m = new Machine();
    m.call("testResource", TEST_BAR, 0x400000, 0);
    const [process, space] = m.process();
    const before = m.counts();
    const a = device(m, BigInt(TEST_BAR), 4n << 20n, 6) >>> 0;
    const vpn = a >>> 12;
    const large = m.big("testLeaf", space, vpn);
    expect(large & 0x109fn).toBe(0x1097n);
    expect(m.locked("sysMprotect", a + 0x5000, 0x1000, Prot.READ)).toBe(0);
    const leaf = m.big("testLeaf", space, vpn + 5);
    expect(leaf & 0x9fn).toBe(0x95n);
    expect(leaf >> 63n).toBe(large >> 63n);
    expect(m.big("testLeaf", space, vpn + 6) & 0x9fn).toBe(0x97n);
    m.check();
    expect(m.locked("sysMprotect", a + 0x5000, 0x1000, RW)).toBe(0);
    expect(m.big("testLeaf", space, vpn)).toBe(large);
    expect(m.call("testEntryCount", space)).toBe(2);
    m.check();
    expect(m.locked("sysMunmap", a + 0x1000, 0x1000)).toBe(0);
    m.check();
    m.locked("testEnd", process);
    const after = m.counts();
    expect(after.slice(4)).toEqual(before.slice(4));
    m.check();
  });

  it("changes no page beside a range that begins and ends inside 2 MiB leaves", () => {
    const m = new Machine();
    m.call("testResource", TEST_BAR, 0x800000, 0);
    const [, space] = m.process();
    const leaf = (page: number) => m.big("testLeaf", space, (a >>> 12) + page);
    const a = device(m, BigInt(TEST_BAR), 8n << 20n, 6) >>> 0;
    expect(m.locked("sysMprotect", a + 0x3000, 0x400000, Prot.READ)).toBe(0);
    for (const [page, rights, large] of [
      [2, 2n, false],
      [3, 0n, false],
      [511, 0n, false],
      [512, 0n, true],
      [1023, 0n, true],
      [1024, 0n, false],
      [1026, 0n, false],
      [1027, 2n, false],
      [1535, 2n, false],
      [1536, 2n, true],
    ] as const) {
      expect(leaf(page) & 2n, `page ${page}`).toBe(rights);
      // Bit 7 is PS only where bit 12 is the PAT bit: the leaf of page 512 and of page 1536.
      expect(leaf(page) === leaf(page ^ 1), `page ${page}`).toBe(large);
    }
    m.check();
    expect(m.locked("sysMunmap", a + 0x4000, 0x401000)).toBe(0);
    for (const page of [3, 1029, 1535, 1536, 2047]) expect(leaf(page) & 1n).toBe(1n);
    for (const page of [4, 1028]) expect(m.call("testFind", space, (a >>> 12) + page)).toBe(0);
    m.check();
  });

  it("is of 2 MiB leaves again at both ends of a range that gets its rights back", () => {
    const m = new Machine();
    m.call("testResource", TEST_BAR, 0x800000, 0);
    const [, space] = m.process();
    const a = device(m, BigInt(TEST_BAR), 8n << 20n, 6) >>> 0;
    const tables = m.call("testTables", space);
    const leaves = () => [0, 1, 2, 3].map((i) => m.big("testLeaf", space, (a >>> 12) + i * 512));
    const large = leaves();
    expect(m.locked("sysMprotect", a + 0x3000, 0x500000, Prot.READ)).toBe(0);
    expect(m.call("testTables", space)).toBe(tables + 2);
    expect(m.locked("sysMprotect", a + 0x3000, 0x500000, RW)).toBe(0);
    expect(m.call("testTables", space)).toBe(tables);
    expect(leaves()).toEqual(large);
    m.check();
  });

  it("keeps A and D of a 2 MiB leaf over its split and of its parts over their merge, and merges only what is alike to the last page", () => {
    const m = new Machine();
    m.call("testResource", TEST_BAR, 0x200000, 1);
    const [, space] = m.process();
    const a = device(m, BigInt(TEST_BAR), 2n << 20n, 6) >>> 0;
    const used = (page: number) => m.big("testLeaf", space, (a >>> 12) + page) & 0x60n;
    const large = m.big("testLeaf", space, a >>> 12);
    const protect = (page: number, prot: number) =>
      expect(m.locked("sysMprotect", a + page * 4096, 4096, prot)).toBe(0);
    protect(5, Prot.READ);
    m.call("mmu_load32", a + 0x7000, 0);
    m.call("mmu_store32", a + 0x9000, 0, 1);
    expect([5, 7, 9].map(used)).toEqual([0n, 0x20n, 0x60n]);
    protect(511, Prot.READ);
    protect(5, RW);
    expect([7, 9, 511].map(used)).toEqual([0x20n, 0x60n, 0n]);
    m.check();
    protect(511, RW);
    expect(m.big("testLeaf", space, a >>> 12)).toBe(large | 0x60n);
    m.check();
    protect(5, Prot.READ);
    const last = (a >>> 12) + 511;
    const leaf = m.big("testLeaf", space, last);
    m.call("testSetLeaf", space, last, leaf & ~2n);
    protect(5, RW);
    expect(m.big("testLeaf", space, last)).toBe(leaf & ~2n);
    m.call("testSetLeaf", space, last, leaf);
    protect(7, Prot.READ);
    protect(7, RW);
    expect(m.big("testLeaf", space, a >>> 12)).toBe(large | 0x60n);
    m.check();
    protect(5, Prot.READ);
    expect([5, 511].map(used)).toEqual([0x60n, 0x60n]);
    m.check();
  });

  it("allows 8 at a time", () => {
    const { m } = machine();
    for (let i = 0; i < 8; i++)
      expect(device(m, VRAM + BigInt(i * 4096), 4096n, 2) >>> 0).toBeGreaterThanOrEqual(0x40000000);
    expect(device(m, VRAM, 4096n, 2)).toBe(-Errno.ENOSPC);
    m.check();
  });

  it("keeps frames and addresses constant over 10,000 rounds", () => {
    const { m } = machine();
    const first = device(m, VRAM, 0x8000n, 2);
    m.locked("sysMunmap", first, 0x8000);
    const before = m.counts();
    for (let i = 0; i < 10000; i++) {
      const a = device(m, VRAM, 0x8000n, 2);
      if (a !== first) throw new Error(`round ${i}: ${a.toString(16)}`);
      m.locked("sysMunmap", a, 0x8000);
    }
    expect(m.counts()).toEqual(before);
    m.check();
  });

  it("reaches registers with their width, and VRAM stores uncached are bursts of their own", () => {
    const { m } = machine();
    const apic = device(m, 0xfee00000n, 4096n, 1) >>> 0;
    m.busValues.set(0xfee00030, 0x50014);
    expect(m.call("mmu_load32", apic, 0x30)).toBe(0x50014);
    m.call("mmu_store16", apic, 0x40, 0x1234);
    m.call("mmu_store64", apic, 0x80, 0x1_0000_0002n);
    expect(m.bus).toEqual([
      { pa: 0xfee00030, width: 4 },
      { pa: 0xfee00040, width: 2, value: 0x1234 },
      { pa: 0xfee00080, width: 4, value: 2 },
      { pa: 0xfee00084, width: 4, value: 1 },
    ]);
    expect(m.tlb(apic >>> 12)).toEqual([0, 0]);
    const vram = device(m, VRAM, 0x1000n, 1) >>> 0;
    m.call("mmu_store32", vram, 0x10, 0xff);
    m.call("mmu_store8", vram, 0x20, 0xff);
    expect(m.bursts()).toEqual([
      [0x10, 4],
      [0x20, 1],
    ]);
    expect(m.bytes[m.vramHost + 0x10]).toBe(0xff);
    m.check();
  });
});

describe("memory.atomic.wait and notify", () => {
  it("meet in one frame, whatever the addresses", () => {
    const { m, space } = machine();
    m.call("mmu_store32", 0x5000, 8, 1);
    m.call("testWaiter", 1, m.call("testUserHost", space, 0x5008));
    expect(m.call("mmu_notify", 0x5000, 12, 1)).toBe(0);
    expect(m.call("mmu_notify", 0x5000, 8, 5)).toBe(1);
    expect(m.call("mmu_notify", 0x5000, 8, 5)).toBe(0);
    expect(m.dies("mmu_notify", 0x5000, 2, 1)).toBe(true);
  });

  it("are not for registers, which have no memory to meet in", () => {
    // Their host address was 0, as that of CPUs that wait for nothing: a notify there woke all of those, and their count was wrong from then on.
    const { m, space } = machine();
    const apic = device(m, 0xfee00000n, 4096n, 1) >>> 0;
    m.call("mmu_store32", 0x5000, 0, 1);
    m.call("testWaiter", 1, m.call("testUserHost", space, 0x5000));
    expect(m.dies("mmu_notify", apic, 0, 64)).toBe(true);
    expect(m.dies("mmu_wait32", apic, 0, 0, 0n)).toBe(true);
    m.call("testForgetDeath");
    expect(m.call("testSwapVar", WAITERS)).toBe(1);
    expect(m.call("mmu_notify", 0x5000, 0, 1)).toBe(1);
    expect(m.call("testSwapVar", WAITERS)).toBe(0);
  });
});

describe("write combining", () => {
  it("hands over merged bursts at a drain and marks again afterwards", () => {
    const { m } = machine();
    const a = device(m, VRAM, 0x10000n, 2) >>> 0;
    for (const page of [1, 2, 3, 7]) m.call("mmu_store32", a + page * 4096, 0, page);
    expect(m.bursts()).toEqual([]);
    expect(m.tlb((a >>> 12) + 1)[1] & 1).toBe(1);
    expect(m.locked("sysSfence")).toBe(0);
    const first: [number, number][] = [
      [0x1000, 0x3000],
      [0x7000, 0x1000],
    ];
    expect(m.bursts()).toEqual(first);
    expect(m.tlb((a >>> 12) + 1)[1]).toBe(0);
    m.locked("sysSfence");
    expect(m.bursts()).toEqual(first);
    m.call("mmu_store32", a + 0x2000, 0, 1);
    const apic = device(m, 0xfee00000n, 4096n, 1) >>> 0;
    m.call("mmu_store32", apic, 0x80, 0);
    expect(m.bursts()).toEqual([...first, [0x2000, 0x1000]]);
    m.check();
  });

  it("drains when the process leaves the CPU", () => {
    const { m, process } = machine();
    const a = device(m, VRAM, 0x10000n, 2) >>> 0;
    m.call("mmu_fill", a + 0x800, 0xff, 0x1000);
    m.locked("testEnd", process);
    expect(m.bursts()).toEqual([[0, 0x2000]]);
  });
});

describe("memory type table", () => {
  const reserve = (m: Machine, first: number, frames: number, type: MemType, strict = 1) =>
    m.locked("testReserve", first, frames, type, strict, 9);
  it("counts, refuses, stands in and shrinks as the rules say", () => {
    const m = new Machine();
    expect(reserve(m, 0xe0000, 16, MemType.WC)).toBe(0);
    expect(reserve(m, 0xe0000, 16, MemType.WC)).toBe(0);
    expect(reserve(m, 0xe0004, 2, MemType.UC)).toBe(-Errno.EBUSY);
    expect(m.log()).toContain(
      "test (9) asks for UC at 0xe0004000-0xe0006000, test (9) has 0xe0000000-0xe0010000 as WC\n",
    );
    expect(reserve(m, 0xe0004, 2, MemType.WB, 0)).toBe(-Errno.EBUSY);
    expect(reserve(m, 0xe0004, 2, MemType.UC_MINUS, 0)).toBe(-Errno.EBUSY);
    expect(reserve(m, m.ramBytes / 4096 - 1, 2, MemType.WB)).toBe(-Errno.EINVAL);
    expect(m.locked("memtypeFree", 0xe0001, 3, MemType.WC)).toBe(-Errno.EINVAL);
    expect(m.locked("memtypeFree", 0xe0000, 16, MemType.WC)).toBe(0);
    expect(m.locked("memtypeFree", 0xe0008, 8, MemType.WC)).toBe(0);
    expect(m.locked("memtypeFree", 0xe0008, 8, MemType.WC)).toBe(-Errno.EINVAL);
    expect(m.locked("memtypeFree", 0xe0000, 8, MemType.WC)).toBe(0);
    expect(reserve(m, 0xe0000, 4, MemType.UC)).toBe(0);
    expect(reserve(m, 0xe0000, 4, MemType.WC, 0)).toBe(0x100 + MemType.UC);
  });
});

describe("shootdown", () => {
  it("keeps frames of a space that runs elsewhere until that CPU acknowledges", () => {
    const m = new Machine();
    const k1 = m.attach(1);
    const space = m.call("testSpace", m.locked("testProcess", 9));
    m.locked("testImage", space, 0, 0, 0, 0, 0x20000, 0xffffffff);
    m.locked("copyOut", space, 0x5000, 0x3000, 4);
    m.locked("testPretendRun", space, 1, m.blocks + CpuBlock.BYTES);
    const free = m.call("pmmFreeFrames");
    m.locked("testRemove", space, 5, 6);
    expect(m.call("pmmFreeFrames")).toBeLessThan(free + 1 + 3);
    expect(m.call("testQuarantined", 1)).toBeGreaterThan(0);
    const held = m.call("pmmFreeFrames");
    k1["testLock"]?.();
    k1["testAck"]?.();
    k1["testUnlock"]?.();
    expect(m.call("testQuarantined", 1)).toBe(0);
    expect(m.call("pmmFreeFrames")).toBe(held + 1);
    m.check();
  });
});

describe("walker", () => {
  it("faults on reserved bits, and sets A and D", () => {
    const { m, space } = machine();
    m.call("mmu_load8", 0x5000, 0);
    const root = m.call("testRoot", space);
    const leaf = m.big("testLeaf", space, 5);
    const at = (() => {
      let table = BigInt(root) << 12n;
      for (const index of [0n, 0n, 0n])
        table = m.view.getBigUint64(Number(table + index * 8n), true) & 0xfffffff000n;
      return Number(table) + 5 * 8;
    })();
    m.view.setBigUint64(at, leaf & ~0x60n, true);
    m.big("testWalk", root, 0x5000n, 0, 1);
    expect(m.view.getBigUint64(at, true) & 0x60n).toBe(0x20n);
    m.big("testWalk", root, 0x5000n, 1, 1);
    expect(m.view.getBigUint64(at, true) & 0x60n).toBe(0x60n);
    m.view.setBigUint64(at, leaf | (1n << 45n), true);
    expect(m.big("testWalk", root, 0x5000n, 0, 1)).toBe(0n);
    expect(m.call("testWalkError")).toBe(1 | 4 | 8);
    m.view.setBigUint64(at, leaf & ~2n, true);
    expect(m.big("testWalk", root, 0x5000n, 1, 1)).toBe(0n);
    expect(m.call("testWalkError")).toBe(1 | 2 | 4);
    expect(m.big("testWalk", root, 0xffff800000300000n, 0, 0) & 0xfff000n).toBe(0x300000n);
    expect(m.big("testWalk", root, 0xffff800000300000n, 0, 1)).toBe(0n);
    expect(m.big("testWalk", root, 0xffff800000000000n, 0, 0)).toBe(0n);
  });
});
