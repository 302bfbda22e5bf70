// Every way to take something from a program that runs on another CPU: it loses its translations at once, what it had looked up before may
// still arrive but meets nobody else's bytes, and its frames are free once it has entered the kernel. CPU 0 does it, CPU 1 runs the program;
// an access of CPU 1 is cut in two here, the lookup and the load or store, with CPU 0's work in between.

import { beforeAll, describe, expect, it } from "vitest";
import { CpuBlock, CpuState } from "../../abi/cpu.ts";
import { MemType } from "../../abi/pte.ts";
import { DeviceMapFlag, MapFlag, Prot } from "../../abi/syscall.ts";
import { type Exports, kernelModule, Machine } from "./harness.ts";

beforeAll(() => void kernelModule());

const RW = Prot.READ | Prot.WRITE;
const PAGE = 4096;
const VRAM = 0xe0000000n;
const SCRATCH = 0x3800;
const FREE = 1;
const QUARANTINE = 5;
const SHARED = MapFlag.SHARED | MapFlag.ANONYMOUS;
/** Pages of the program: what is taken is the one in the middle, so that windows reach over it. */
const PAGES = 5;
const MIDDLE = 2;

type Side = "read" | "write";

/** A CPU as the tests see it: program code that looks up, and a kernel of its own. */
class Cpu {
  readonly m: Machine;
  readonly slot: number;
  readonly k: Exports;
  readonly process: number;
  space: number;

  constructor(m: Machine, slot: number, pid: number) {
    this.m = m;
    this.slot = slot;
    this.k = m.attach(slot);
    this.process = m.locked("testProcess", pid);
    this.space = m.call("testSpace", this.process);
  }

  /** Runs `space` (its own), in user mode. */
  run(space = this.space): void {
    this.space = space;
    this.m.call("testLock");
    if (space !== this.m.call("testSpace", this.process))
      this.call("testGive", this.process, space);
    this.call("testRun", this.process);
    this.m.call("testUnlock");
  }

  call(name: string, ...args: (number | bigint)[]): number {
    const f = this.k[name];
    if (!f) throw new Error(`no export ${name}`);
    return Number(f(...args));
  }

  store(va: number, value: number): void {
    this.call("mmu_store32", va, 0, value);
  }

  load(va: number): number {
    return this.call("mmu_load32", va, 0) >>> 0;
  }

  /** True: the kernel ended the program for this access. */
  dies(name: string, ...args: number[]): boolean {
    try {
      this.call(name, ...args);
      return false;
    } catch {
      this.state = CpuState.USER;
      this.call("testForgetDeath");
      return true;
    }
  }

  set state(state: number) {
    const at = this.m.blocks + this.slot * CpuBlock.BYTES + CpuBlock.STATE;
    Atomics.store(new Int32Array(this.m.memory.buffer), at >> 2, state);
  }

  /** What rewritten code finds: host address of va by the window, then by the entry; 0: it calls the kernel. */
  lookup(va: number, side: Side): number {
    const window = side === "read" ? CpuBlock.READ_START : CpuBlock.WRITE_START;
    const start = this.m.block(window, this.slot);
    const length = this.m.block(window + 4, this.slot);
    if ((va - start) >>> 0 < length) return (va + this.m.block(window + 8, this.slot)) >>> 0;
    const entry = this.m.tlb(va >>> 12, this.slot)[side === "read" ? 0 : 1];
    return entry === 0 ? 0 : (va + entry + 4095) >>> 0;
  }

  /** Enters the kernel and leaves it again. */
  enter(): void {
    this.m.call("testLock");
    this.call("testAck");
    this.m.call("testUnlock");
  }

  get quarantined(): number {
    return this.m.call("testQuarantined", this.slot);
  }
}

function machine(options: { ramBytes?: number } = {}) {
  const m = new Machine({ ramBytes: 8 << 20, vramBytes: 8 << 20, ...options });
  m.call("pmmSetJunk", 1);
  m.call("testResource", 0xe0000000, 8 << 20, 1);
  const [, operator] = m.process(7);
  const cpu = new Cpu(m, 1, 9);
  m.locked("testImage", cpu.space, 0, 0, 0, 0, 0x400000, 0xffffffff);
  return { m, cpu, operator };
}

const HEAP = 0x20000;
const va = (page: number) => HEAP + page * PAGE;

/** The program has stored to and loaded from all its pages. */
function warm(cpu: Cpu, base = HEAP): void {
  for (let i = 0; i < PAGES; i++) cpu.store(base + i * PAGE, 0x1000 + i);
  for (let i = 0; i < PAGES; i++) expect(cpu.load(base + i * PAGE)).toBe(0x1000 + i);
  for (const side of ["read", "write"] as const)
    for (let i = 0; i < PAGES; i++) expect(cpu.lookup(base + i * PAGE, side)).not.toBe(0);
}

const frameOf = (m: Machine, space: number, at: number) =>
  Number((m.big("testLeaf", space, at >>> 12) >> 12n) & 0xfffffffn);
const stateOf = (m: Machine, pfn: number) => m.view.getUint8(m.call("testPage", pfn));

describe("a page that is taken from a program on another CPU", () => {
  const ways: [string, (m: Machine, cpu: Cpu, vpn: number) => void][] = [
    ["unmapped", (m, cpu, vpn) => void m.locked("testRemove", cpu.space, vpn, vpn + 1)],
    ["given back (DONTNEED)", (m, cpu, vpn) => void m.locked("testZap", cpu.space, vpn, vpn + 1)],
  ];
  it.each(ways)("%s: no lookup finds it, its frame waits, then is free", (_, take) => {
    const { m, cpu } = machine();
    cpu.run();
    warm(cpu);
    const at = va(MIDDLE);
    const flying = cpu.lookup(at, "write");
    const pfn = flying >>> 12;
    const free = m.call("pmmFreeFrames");
    take(m, cpu, at >>> 12);
    for (const side of ["read", "write"] as const) expect(cpu.lookup(at, side)).toBe(0);
    expect(stateOf(m, pfn)).toBe(QUARANTINE);
    expect(cpu.quarantined).toBe(pfn);
    // The store that was under way arrives; junk is on, so that a free frame would tell.
    m.view.setUint32(flying, 0xdead, true);
    m.check();
    // Another quarantined frame, and a CPU that has nothing to do with it enters.
    take(m, cpu, (at >>> 12) + 1);
    m.locked("testAck");
    expect(stateOf(m, pfn)).toBe(QUARANTINE);
    cpu.enter();
    expect(stateOf(m, pfn)).toBe(FREE);
    expect(cpu.quarantined).toBe(0);
    expect(m.call("pmmFreeFrames")).toBe(free + 2);
    m.check();
  });

  it("is free at once when its program is in the kernel, asleep, or on no CPU", () => {
    const { m, cpu } = machine();
    cpu.run();
    warm(cpu);
    const pfn = frameOf(m, cpu.space, va(MIDDLE));
    cpu.state = CpuState.KERNEL;
    m.locked("testRemove", cpu.space, va(MIDDLE) >>> 12, (va(MIDDLE) >>> 12) + 1);
    expect(cpu.lookup(va(MIDDLE), "read")).toBe(0);
    expect(stateOf(m, pfn)).toBe(FREE);
    m.check();
  });

  it("waits for a CPU that is about to be terminated", () => {
    const { m, cpu } = machine();
    cpu.run();
    warm(cpu);
    const pfn = frameOf(m, cpu.space, va(MIDDLE));
    cpu.state = CpuState.DOOMED;
    m.locked("testRemove", cpu.space, va(MIDDLE) >>> 12, (va(MIDDLE) >>> 12) + 1);
    expect(stateOf(m, pfn)).toBe(QUARANTINE);
    m.locked("spaceDeactivate", cpu.space);
    expect(stateOf(m, pfn)).toBe(FREE);
    m.check();
  });
});

describe("rights that are lowered for a program on another CPU", () => {
  it("read only: stores end it at once, loads go on; a store under way meets its own page", () => {
    const { m, cpu } = machine();
    cpu.run();
    warm(cpu);
    const vpn = va(MIDDLE) >>> 12;
    const flying = cpu.lookup(va(MIDDLE), "write");
    expect(m.locked("testProtect", cpu.space, vpn, vpn + 1, Prot.READ)).toBe(0);
    expect(cpu.lookup(va(MIDDLE), "write")).toBe(0);
    m.view.setUint32(flying, 0x77, true);
    expect(cpu.load(va(MIDDLE))).toBe(0x77);
    expect(cpu.dies("mmu_store32", va(MIDDLE), 0, 1)).toBe(true);
    m.check();
  });

  it("none: loads end it too", () => {
    const { m, cpu } = machine();
    cpu.run();
    warm(cpu);
    const vpn = va(MIDDLE) >>> 12;
    expect(m.locked("testProtect", cpu.space, vpn, vpn + 1, Prot.NONE)).toBe(0);
    for (const side of ["read", "write"] as const) expect(cpu.lookup(va(MIDDLE), side)).toBe(0);
    expect(cpu.dies("mmu_load32", va(MIDDLE), 0)).toBe(true);
    m.check();
  });

  it("in the middle of a 2 MiB leaf, and the whole of it", () => {
    const { m, cpu, operator } = machine();
    const a = m.locked("sysMmapDevice", VRAM, 4n << 20n, DeviceMapFlag.HUGEPAGE) >>> 0;
    const object = m.locked("objectGetAt", operator, a) >>> 0;
    const offset = m.big("objectGetOffset");
    const b =
      m.locked("mapObject", cpu.space, 0, 4 << 20, RW, MapFlag.SHARED, object, offset) >>> 0;
    m.locked("objectPut", object);
    cpu.run();
    for (const at of [b, b + 0x1ff000, b + 0x200000, b + 0x2a0000]) cpu.load(at);
    expect(m.locked("testRemove", cpu.space, (b >>> 12) + 0x1ff, (b >>> 12) + 0x200)).toBe(0);
    expect(cpu.lookup(b + 0x1ff000, "read")).toBe(0);
    expect(m.locked("testRemove", cpu.space, (b >>> 12) + 0x200, (b >>> 12) + 0x400)).toBe(0);
    for (const at of [b + 0x200000, b + 0x2a0000]) expect(cpu.lookup(at, "read")).toBe(0);
    expect(cpu.dies("mmu_load32", b + 0x200000, 0)).toBe(true);
    m.check();
  });
});

describe("copy-on-write beside a program that runs", () => {
  it("a clone: it writes to copies from then on, and the clone sees what was there", () => {
    const { m, cpu } = machine();
    cpu.run();
    warm(cpu);
    const clone = m.locked("spaceClone", cpu.space);
    for (let i = 0; i < PAGES; i++) expect(cpu.lookup(va(i), "write")).toBe(0);
    // A store may be under way, and belongs to the clone or not.
    expect(m.locked("spaceIsSettled", cpu.space)).toBe(0);
    cpu.store(va(MIDDLE), 0x55);
    expect(m.locked("spaceIsSettled", cpu.space)).toBe(1);
    expect(m.locked("copyIn", clone, SCRATCH, va(MIDDLE), 4)).toBe(4);
    expect(m.view.getUint32(SCRATCH, true)).toBe(0x1000 + MIDDLE);
    expect(cpu.load(va(MIDDLE))).toBe(0x55);
    m.check();
    m.locked("spaceDestroy", clone);
    m.check();
  });

  it("a page that the kernel writes for it: it reads the copy, and the old frame waits", () => {
    const { m, cpu } = machine();
    cpu.run();
    warm(cpu);
    const clone = m.locked("spaceClone", cpu.space);
    cpu.enter();
    expect(cpu.load(va(MIDDLE))).toBe(0x1000 + MIDDLE);
    const flying = cpu.lookup(va(MIDDLE), "read");
    m.locked("spaceDestroy", clone);
    // The last owner needs no copy; so one that has a clone again.
    const second = m.locked("spaceClone", cpu.space);
    cpu.enter();
    expect(cpu.load(va(MIDDLE))).toBe(0x1000 + MIDDLE);
    m.view.setUint32(SCRATCH, 0x99, true);
    expect(m.locked("copyOut", cpu.space, va(MIDDLE), SCRATCH, 4)).toBe(4);
    expect(cpu.lookup(va(MIDDLE), "read")).toBe(0);
    expect(cpu.load(va(MIDDLE))).toBe(0x99);
    expect(m.view.getUint32(flying, true)).toBe(0x1000 + MIDDLE);
    m.check();
    m.locked("spaceDestroy", second);
    m.check();
  });

  it("the clone's owner takes the old frame only when nobody can read it any more", () => {
    const { m, cpu } = machine();
    cpu.run();
    warm(cpu);
    const clone = m.locked("spaceClone", cpu.space);
    cpu.enter();
    cpu.load(va(MIDDLE));
    const flying = cpu.lookup(va(MIDDLE), "read");
    m.view.setUint32(SCRATCH, 0x99, true);
    m.locked("copyOut", cpu.space, va(MIDDLE), SCRATCH, 4);
    // The clone has the frame alone now, but a load of CPU 1 may be under way: a store of the clone must not show in it.
    m.view.setUint32(SCRATCH, 0x11, true);
    m.locked("copyOut", clone, va(MIDDLE), SCRATCH, 4);
    expect(m.view.getUint32(flying, true)).toBe(0x1000 + MIDDLE);
    m.locked("spaceDestroy", clone);
    m.check();
  });

  it("a whole table that a clone has too is unmapped: nothing of it is found, its frames wait", () => {
    const { m, cpu } = machine();
    cpu.run();
    warm(cpu, 0x200000);
    const flying = cpu.lookup(0x200000, "read");
    const clone = m.locked("spaceClone", cpu.space);
    cpu.enter();
    for (let i = 0; i < PAGES; i++) cpu.load(0x200000 + i * PAGE);
    m.locked("testRemove", cpu.space, 0x200, 0x400);
    for (let i = 0; i < PAGES; i++) expect(cpu.lookup(0x200000 + i * PAGE, "read")).toBe(0);
    m.check();
    m.locked("spaceDestroy", clone);
    expect(stateOf(m, flying >>> 12)).toBe(QUARANTINE);
    cpu.enter();
    expect(stateOf(m, flying >>> 12)).toBe(FREE);
    m.check();
  });
});

describe("shared memory of a program on another CPU", () => {
  function granted() {
    const { m, cpu, operator } = machine();
    const a = m.locked("sysMmapAnonymous", 0, PAGES * PAGE, RW, SHARED) >>> 0;
    const object = m.locked("objectGetAt", operator, a) >>> 0;
    const offset = m.big("objectGetOffset");
    const b =
      m.locked("mapObject", cpu.space, 0, PAGES * PAGE, RW, MapFlag.SHARED, object, offset) >>> 0;
    m.locked("objectPut", object);
    cpu.run();
    warm(cpu, b);
    return { m, cpu, a, b };
  }

  it("revoked: it ends at the next touch, and the frames wait", () => {
    const { m, cpu, a, b } = granted();
    const flying = cpu.lookup(b, "write");
    expect(m.locked("sysMrevoke", a, 0)).toBe(0);
    for (let i = 0; i < PAGES; i++)
      for (const side of ["read", "write"] as const) expect(cpu.lookup(b + i * PAGE, side)).toBe(0);
    expect(stateOf(m, flying >>> 12)).toBe(QUARANTINE);
    m.view.setUint32(flying, 0xdead, true);
    expect(cpu.dies("mmu_load32", b, 0)).toBe(true);
    expect(stateOf(m, flying >>> 12)).toBe(FREE);
    m.check();
  });

  it("revoked, mapped by tables that a clone has too: the same", () => {
    const { m, cpu, a, b } = granted();
    const clone = m.locked("spaceClone", cpu.space);
    cpu.enter();
    for (let i = 0; i < PAGES; i++) cpu.load(b + i * PAGE);
    const flying = cpu.lookup(b, "read");
    expect(flying).not.toBe(0);
    expect(m.locked("sysMrevoke", a, 0)).toBe(0);
    for (let i = 0; i < PAGES; i++) expect(cpu.lookup(b + i * PAGE, "read")).toBe(0);
    expect(stateOf(m, flying >>> 12)).toBe(QUARANTINE);
    m.check();
    cpu.enter();
    expect(stateOf(m, flying >>> 12)).toBe(FREE);
    m.locked("spaceDestroy", clone);
    m.check();
  });

  it("retyped: the next access is of the new type", () => {
    const { m, cpu, a, b } = granted();
    expect(m.locked("sysMcache", a, PAGES * PAGE, MemType.UC)).toBe(0);
    for (let i = 0; i < PAGES; i++)
      for (const side of ["read", "write"] as const) expect(cpu.lookup(b + i * PAGE, side)).toBe(0);
    // The first acknowledges, the second needs no lock any more: both go to the bus.
    for (let i = 0; i < 2; i++) {
      expect(cpu.load(b)).toBe(0x1000);
      expect(cpu.lookup(b, "read")).toBe(0);
    }
    m.check();
  });
});

describe("device memory of a program on another CPU", () => {
  function mapped() {
    const { m, cpu, operator } = machine();
    const a =
      m.locked("sysMmapDevice", VRAM, BigInt(PAGES * PAGE), DeviceMapFlag.WRITECOMBINE) >>> 0;
    const object = m.locked("objectGetAt", operator, a) >>> 0;
    const offset = m.big("objectGetOffset");
    const b =
      m.locked("mapObject", cpu.space, 0, PAGES * PAGE, RW, MapFlag.SHARED, object, offset) >>> 0;
    m.locked("objectPut", object);
    cpu.run();
    warm(cpu, b);
    return { m, cpu, a, b };
  }
  const all: [number, number][] = [[0, PAGES * PAGE]];

  it.each([
    [
      "unmapped",
      (m: Machine, cpu: Cpu, b: number) =>
        m.locked("testRemove", cpu.space, b >>> 12, (b >>> 12) + PAGES),
    ],
    [
      "protected",
      (m: Machine, cpu: Cpu, b: number) =>
        m.locked("testProtect", cpu.space, b >>> 12, (b >>> 12) + PAGES, Prot.READ),
    ],
    [
      "retyped",
      (m: Machine, _cpu: Cpu, _b: number, a: number) =>
        m.locked("sysMcache", a, PAGES * PAGE, MemType.UC),
    ],
    ["revoked", (m: Machine, _cpu: Cpu, _b: number, a: number) => m.locked("sysMrevoke", a, 0)],
  ])("%s: what it had stored is on its way to the screen before", (_, take) => {
    const { m, cpu, a, b } = mapped();
    expect(m.bursts()).toEqual([]);
    expect(take(m, cpu, b, a)).toBe(0);
    expect(m.bursts()).toEqual(all);
    for (let i = 0; i < PAGES; i++) expect(cpu.lookup(b + i * PAGE, "write")).toBe(0);
    m.check();
  });

  it("left by its program: the same", () => {
    const { m, cpu } = mapped();
    m.locked("spaceDeactivate", cpu.space);
    expect(m.bursts()).toEqual(all);
    m.check();
  });

  it.each([
    ["for another type: one under way is in its own next drain", "wcDrainForRetype", 2],
    ["because the page goes: one under way is lost with it", "wcDrain", 1],
  ])("drained by another, the next store is marked again; %s", (_, drain, bursts) => {
    const { m, cpu, b } = mapped();
    m.locked(drain, 1);
    expect(m.bursts()).toEqual(all);
    for (let i = 0; i < PAGES; i++) expect(cpu.lookup(b + i * PAGE, "write")).toBe(0);
    m.locked("wcDrain", 1);
    expect(m.bursts().length).toBe(bursts);
    m.check();
  });
});

describe("a whole CPU", () => {
  it("that is interrupted enters the kernel at its next access, by entry or window", () => {
    const { m, cpu } = machine();
    cpu.run();
    warm(cpu);
    expect(m.locked("cpuInterrupt", 1)).toBe(1);
    for (let i = 0; i < PAGES; i++)
      for (const side of ["read", "write"] as const) expect(cpu.lookup(va(i), side)).toBe(0);
    cpu.load(va(0));
    expect(m.locked("spaceIsSettled", cpu.space)).toBe(1);
    m.check();
  });

  it("that its space leaves keeps nothing of it", () => {
    const { m, cpu } = machine();
    cpu.run();
    warm(cpu);
    m.locked("spaceDeactivate", cpu.space);
    for (let i = 0; i < PAGES; i++)
      for (const side of ["read", "write"] as const) expect(cpu.lookup(va(i), side)).toBe(0);
    m.check();
  });

  it("dirty bits that are cleared are set again by its next store", () => {
    const { m, cpu } = machine();
    cpu.run();
    warm(cpu);
    m.locked("dirtyClear", cpu.space, va(MIDDLE) >>> 12, 6);
    expect(m.big("testLeaf", cpu.space, va(MIDDLE) >>> 12) & 0x60n).toBe(0n);
    for (const side of ["read", "write"] as const) expect(cpu.lookup(va(MIDDLE), side)).toBe(0);
    cpu.store(va(MIDDLE), 1);
    expect(m.big("testLeaf", cpu.space, va(MIDDLE) >>> 12) & 0x60n).toBe(0x60n);
    m.check();
  });
});

describe("a space that is put back to a checkpoint", () => {
  it("keeps no translation and no page of what it was, and what it had drawn is on its way", () => {
    const { m, cpu, operator } = machine();
    const a =
      m.locked("sysMmapDevice", VRAM, BigInt(PAGES * PAGE), DeviceMapFlag.WRITECOMBINE) >>> 0;
    const object = m.locked("objectGetAt", operator, a) >>> 0;
    const offset = m.big("objectGetOffset");
    const b =
      m.locked("mapObject", cpu.space, 0, PAGES * PAGE, RW, MapFlag.SHARED, object, offset) >>> 0;
    m.locked("objectPut", object);
    cpu.run();
    warm(cpu);
    const frozen = m.locked("spaceFreeze", cpu.space);
    cpu.store(va(MIDDLE), 0x55);
    cpu.store(b, 1);
    expect(m.bursts()).toEqual([]);
    m.call("testLock");
    cpu.call("spaceReplace", cpu.space, frozen);
    m.call("testUnlock");
    expect(m.bursts()).toEqual([[0, PAGE]]);
    for (const side of ["read", "write"] as const) {
      for (let i = 0; i < PAGES; i++) expect(cpu.lookup(va(i), side)).toBe(0);
      expect(cpu.lookup(b, side)).toBe(0);
    }
    expect(cpu.load(va(MIDDLE))).toBe(0x1000 + MIDDLE);
    m.check();
    m.locked("spaceDestroy", frozen);
    m.check();
  });
});

describe("the run of pages that grows beside a window", () => {
  /** A window over pages 20 to 29, and a run of three from page 4 on that may outgrow it. */
  function beside(side: Side) {
    const { m, cpu } = machine();
    cpu.run();
    const touch = (page: number) =>
      side === "read" ? void cpu.load(va(page)) : cpu.store(va(page), page);
    for (let page = 20; page < 30; page++) touch(page);
    for (let page = 4; page < 7; page++) touch(page);
    return { m, cpu, touch };
  }

  it.each(["read", "write"] as const)("does not take back what was dropped (%s)", (side) => {
    const { m, cpu, touch } = beside(side);
    m.locked("testRemove", cpu.space, va(5) >>> 12, (va(5) >>> 12) + 1);
    for (let page = 7; page < 19; page++) touch(page);
    expect(cpu.lookup(va(5), side)).toBe(0);
    expect(cpu.lookup(va(18), side)).not.toBe(0);
    m.check();
  });

  it.each(["read", "write"] as const)("does not survive a flush (%s)", (side) => {
    const { m, cpu, touch } = beside(side);
    m.locked("cpuInterrupt", 1);
    touch(7);
    for (let page = 4; page < 7; page++) expect(cpu.lookup(va(page), side)).toBe(0);
    m.check();
  });
});

describe("two CPUs that may use one frame", () => {
  it("both must have entered the kernel before it is free, in either order", () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      const { m, cpu: one, operator } = machine();
      const two = new Cpu(m, 2, 10);
      const a = m.locked("sysMmapAnonymous", 0, PAGES * PAGE, RW, SHARED) >>> 0;
      const bases = [one, two].map((cpu) => {
        const object = m.locked("objectGetAt", operator, a) >>> 0;
        const offset = m.big("objectGetOffset");
        const b =
          m.locked("mapObject", cpu.space, 0, PAGES * PAGE, RW, MapFlag.SHARED, object, offset) >>>
          0;
        m.locked("objectPut", object);
        cpu.run();
        warm(cpu, b);
        return b;
      });
      const pfn = one.lookup(bases[0] as number, "write") >>> 12;
      expect(m.locked("sysMrevoke", a, 0)).toBe(0);
      const cpus = [one, two];
      (cpus[order[0] as number] as Cpu).enter();
      expect(stateOf(m, pfn)).toBe(QUARANTINE);
      m.check();
      (cpus[order[1] as number] as Cpu).enter();
      expect(stateOf(m, pfn)).toBe(FREE);
      m.check();
    }
  });
});
