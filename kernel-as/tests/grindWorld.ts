// GrindWorld: what the grind (grind.ts) works on and how it looks at it: the machine, its programs and the model of what they must see.
// A CPU that waits for memory sleeps in the test's only thread: the other one comes by the kernel then (onSleep). There is no disk, and no
// program may be ended for another's memory, whose end would take a thread of its own.

import { CpuBlock, CpuState } from "../../abi/cpu.ts";
import { Errno } from "../../abi/errno.ts";
import { MemType } from "../../abi/pte.ts";
import { MapFlag, Prot } from "../../abi/syscall.ts";
import {
  type Cell,
  cellOf,
  type PageState,
  type Shared,
  SpaceModel,
  STACK_LOW,
} from "./grindModel.ts";
import { type Exports, Machine } from "./harness.ts";

export const VRAM = 0xe0000;
export const VRAM_PAGES = 1024;
export const FILE_AT = 0x10000;
export const FILE_PAGES = 3;
export const IMAGE_PAGE = 3;
export const HEAP_PAGES = 0x20;
export const BUFFER = 0x3800;
export const MMAP_END = 0xb0000;
/** A cell after an access of several pages that ended for lack of memory: all pages allowed it, and some may have changed. */
export const UNKNOWN = -1;
export const PROCESSES = 4;
export const SPACES_MAX = 6;
export const PINS_MAX = 3;
export const FEW_FRAMES = 64;
export const TYPES = [MemType.UC, MemType.UC_MINUS, MemType.WC, MemType.WT, MemType.WB];
export const PROTS = [
  Prot.NONE,
  Prot.READ,
  Prot.WRITE,
  Prot.READ | Prot.WRITE,
  Prot.READ | Prot.WRITE,
];

export interface Space {
  address: number;
  model: SpaceModel;
  frozen: boolean;
}

export interface Process {
  readonly address: number;
  readonly pid: number;
  space: Space;
  /** CPU that runs it, or -1. */
  cpu: number;
}

export interface Pin {
  readonly wiring: number;
  readonly cells: Cell[];
}

export class GrindWorld {
  readonly machine: Machine;
  protected readonly cpus: Exports[];
  protected readonly next: (n: number) => number;
  protected readonly processes: Process[] = [];
  protected readonly clones: Space[] = [];
  protected pins: Pin[] = [];
  /** Frames that nobody else is to have. */
  protected readonly hoard: number[] = [];
  protected readonly start: number[];
  /** How often each operation did what it was asked, and how often not. */
  readonly done = new Map<string, [number, number]>();
  protected readonly vram: Shared = {
    pages: VRAM_PAGES,
    cells: [],
    maker: 0,
    gone: false,
    device: true,
  };

  constructor(seed: number, ramBytes = 6 << 20) {
    this.next = generator(seed);
    this.machine = new Machine({ ramBytes, vramBytes: VRAM_PAGES * 4096 });
    // A CPU that waits for a frame sleeps: the other comes by the kernel meanwhile.
    this.machine.onSleep = () => {
      for (const cpu of [0, 1]) this.machine.call("testAcknowledge", cpu);
    };
    this.machine.call("testResource", 0xe0000000, VRAM_PAGES * 4096, 1);
    this.machine.locked("pmmSetJunk", 1);
    this.cpus = [this.machine.k, this.machine.attach(1)];
    for (let i = 0; i < FILE_PAGES; i++) {
      this.machine.view.setUint32(FILE_AT + i * 4096, 1000 + i, true);
      this.machine.view.setUint32(FILE_AT + i * 4096 + 4092, 2000 + i, true);
    }
    this.start = this.machine.counts();
    for (let i = 0; i < PROCESSES; i++) {
      const address = this.locked(0, "testProcess", 10 + i);
      const space = this.newSpace(this.machine.call("testSpace", address));
      const pid = this.machine.call("testPid", address);
      this.processes.push({ address, pid, space, cpu: -1 });
    }
    this.run(0, this.process(0));
    this.run(1, this.process(1));
  }

  // ---- Parts ----

  protected giveBack(): void {
    for (const pfn of this.hoard.splice(0)) this.locked(0, "pmmFree", pfn);
  }

  protected newSpace(address: number): Space {
    const model = new SpaceModel();
    const none = 0xffffffff;
    const length = (FILE_PAGES - 1) * 4096 + 4096;
    const error = this.locked(
      0,
      "testImage",
      address,
      IMAGE_PAGE * 4096,
      0,
      length,
      FILE_AT,
      HEAP_PAGES * 4096,
      none,
    );
    if (error !== 0) {
      throw new Error(`testImage: ${error}`);
    }
    // The image object begins at page 1; what lies around the segment is zero.
    model.mapPrivate(1, IMAGE_PAGE + FILE_PAGES - 1, Prot.READ | Prot.WRITE, (vpn) => {
      const page = vpn - IMAGE_PAGE;
      return page >= 0 ? { first: 1000 + page, last: 2000 + page } : { first: 0, last: 0 };
    });
    const heap = IMAGE_PAGE + FILE_PAGES;
    model.mapPrivate(heap, HEAP_PAGES - heap, Prot.READ | Prot.WRITE);
    model.mapPrivate(0xc0000 - 16, 16, Prot.READ | Prot.WRITE);
    model.brk = HEAP_PAGES * 4096;
    return { address, model, frozen: false };
  }

  protected run(cpu: number, process: Process): void {
    this.locked(cpu, "testRun", process.address);
    process.cpu = cpu;
  }

  protected end(process: Process): void {
    const cpu = Math.max(process.cpu, 0);
    this.verify(process.space);
    this.locked(cpu, "testEnd", process.address);
    process.cpu = -1;
    this.locked(cpu, "revokeGrantsOf", process.pid);
    const made = new Set<Shared>();
    for (const space of this.all())
      for (const { object } of space.model.pages.values())
        if (object?.maker === process.pid && object.device && !object.gone) made.add(object);
    for (const object of made) this.takeBack(object, null, true);
  }

  /** A revocation in the model: pages that it reaches show nothing any more. */
  protected takeBack(object: Shared, keep: Space | null, grantsOnly: boolean): void {
    const gone: Shared = { ...object, gone: true };
    for (const space of this.all()) {
      if (space === keep) continue;
      for (const [vpn, page] of space.model.pages)
        if (page.object === object && (!grantsOnly || page.granted))
          space.model.pages.set(vpn, { ...page, object: gone, prot: Prot.NONE });
    }
  }

  protected vramObject(maker: number, first: number, count: number): Shared {
    const cells = Array.from({ length: count }, (_, i) => cellOf(this.vram, first + i));
    return { pages: count, cells, maker, gone: false, device: true };
  }

  protected load(p: Process, vpn: number, last: boolean): void {
    const cell = p.space.model.reach(vpn, false);
    const value = this.user(p, "mmu_load32", vpn * 4096, last ? 4092 : 0);
    if (value === undefined) this.died(p, cell, "load");
    else if (cell === undefined) throw new Error(`a load at page ${vpn} was allowed`);
    else this.same(last ? cell.last : cell.first, value, `load at page ${vpn.toString(16)}`);
  }

  protected store(p: Process, vpn: number, last: boolean): void {
    const cell = p.space.model.reach(vpn, true);
    const value = this.next(1 << 30);
    if (this.user(p, "mmu_store32", vpn * 4096, last ? 4092 : 0, value) === undefined) {
      this.died(p, cell, "store");
      return;
    }
    if (cell === undefined) throw new Error(`a store at page ${vpn} was allowed`);
    if (last) cell.last = value;
    else cell.first = value;
  }

  /** Eight bytes, half in each of two pages: both change, or none. */
  protected crossStore(p: Process, vpn: number): void {
    const low = p.space.model.reach(vpn, true);
    // The second page is not looked at when the first refuses.
    const high = low === undefined ? undefined : p.space.model.reach(vpn + 1, true);
    const [a, b] = [this.next(1 << 30), this.next(1 << 30)];
    const value = (BigInt(b) << 32n) | BigInt(a);
    if (this.user(p, "mmu_store64", vpn * 4096, 4092, value) === undefined) {
      this.died(
        p,
        low === undefined || high === undefined ? undefined : low,
        "store over two pages",
      );
      if (low !== undefined && high !== undefined) low.last = high.first = UNKNOWN;
      return;
    }
    if (low === undefined || high === undefined)
      throw new Error("a store over two pages was allowed");
    low.last = a;
    high.first = b;
  }

  protected fill(p: Process, vpn: number): void {
    const count = 1 + this.next(3);
    const cells: Cell[] = [];
    for (let i = 0; i < count; i++) {
      const cell = p.space.model.reach(vpn + i, true);
      if (cell === undefined) break;
      cells.push(cell);
    }
    const byte = this.next(256);
    if (this.user(p, "mmu_fill", vpn * 4096, byte, count * 4096) === undefined) {
      this.died(p, cells.length === count ? cells[0] : undefined, "fill");
      if (cells.length === count) for (const cell of cells) cell.first = cell.last = UNKNOWN;
      return;
    }
    this.expect(cells.length === count, "a fill that must not be");
    for (const cell of cells) cell.first = cell.last = (byte * 0x01010101) >>> 0;
  }

  /** What an mmu call gives, or undefined: it has ended the program, which is forgotten. */
  protected user(p: Process, name: string, ...args: (number | bigint)[]): number | undefined {
    try {
      return Number(this.call(p.cpu, name, ...args) ?? 0) >>> 0;
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError) || this.machine.panicked) throw error;
      const block = this.machine.blocks + p.cpu * CpuBlock.BYTES;
      Atomics.store(
        new Int32Array(this.machine.memory.buffer),
        (block + CpuBlock.STATE) >> 2,
        CpuState.USER,
      );
      this.call(p.cpu, "testForgetDeath");
      return undefined;
    }
  }

  protected died(p: Process, cell: Cell | undefined, what: string): void {
    if (cell !== undefined || this.isLow()) this.expectLow(what, p.space);
  }

  protected isLow(): boolean {
    return this.machine.call("pmmFreeFrames") < FEW_FRAMES;
  }

  /** Only for lack of memory may this have failed. What the model grew of the stack meanwhile may not have come about. */
  protected expectLow(what: string, space: Space): void {
    const free = this.machine.call("pmmFreeFrames");
    this.expect(free < FEW_FRAMES, `${what} has failed with ${free} frames free`);
    for (const vpn of space.model.pages.keys())
      if (vpn >= STACK_LOW && this.machine.call("testFind", space.address, vpn) === 0)
        space.model.pages.delete(vpn);
  }

  protected checkPins(): void {
    for (const pin of this.pins)
      for (const [i, cell] of pin.cells.entries()) {
        const pfn = this.machine.call("wireFrame", pin.wiring, i);
        this.same(cell.first, this.machine.view.getUint32(pfn * 4096, true), "a pinned frame");
      }
  }

  /** Every page that a space lets the kernel read. */
  protected verify(space: Space): void {
    if (space.frozen) return;
    for (const vpn of [...space.model.pages.keys()]) {
      const cell = space.model.reach(vpn, false);
      const n = this.locked(0, "copyIn", space.address, BUFFER, vpn * 4096, 4096);
      if (cell === undefined) {
        if (n !== -Errno.EFAULT) throw new Error(`${this.describe(space, vpn)} is readable`);
      } else if (n !== 4096) this.expectLow("copyIn", space);
      else {
        this.same(
          cell.first,
          this.machine.view.getUint32(BUFFER, true),
          `page ${vpn.toString(16)}`,
        );
        this.same(
          cell.last,
          this.machine.view.getUint32(BUFFER + 4092, true),
          `end of page ${vpn.toString(16)}`,
        );
      }
    }
  }

  protected mapped(
    space: Space,
    va: number,
    count: number,
    hint: number,
    fixed: number,
    enter: (start: number) => void,
  ): boolean {
    if (va < 0) {
      // FIXED has unmapped what was there, unless even that took memory.
      if (fixed === MapFlag.FIXED && va === -Errno.ENOMEM) this.resync(space, hint, count);
      return false;
    }
    const start = va / 4096;
    if (fixed !== 0) this.expect(start === hint, "a fixed address");
    if (fixed === MapFlag.FIXED) space.model.unmap(start, count);
    this.expect(space.model.isFree(start, count), `mapped over page ${start.toString(16)}`);
    enter(start);
    return true;
  }

  /** After a FIXED mapping that failed: the range is as it was, or unmapped as a whole. */
  protected resync(space: Space, start: number, count: number): void {
    this.expectLow("mmap FIXED", space);
    for (let vpn = start; vpn < start + count; vpn++)
      if (this.machine.call("testFind", space.address, vpn) === 0) space.model.pages.delete(vpn);
  }

  /** A page as the model has it, and the entry that the kernel has for it: start, end, rights, type. */
  protected describe(space: Space, vpn: number): string {
    const page = space.model.pages.get(vpn);
    const model = page === undefined ? "nothing" : `rights ${page.prot}, gone ${page.object?.gone}`;
    const entries = this.machine.call("testEntryCount", space.address);
    for (let i = 0; i < entries; i++) {
      this.machine.call("testEntry", space.address, i, BUFFER);
      const words = [0, 4, 8, 12].map((at) => this.machine.view.getUint32(BUFFER + at, true));
      if (vpn >= (words[0] ?? 0) && vpn < (words[1] ?? 0))
        return `page ${vpn.toString(16)} (${model}; entry ${words.map((n) => n.toString(16)).join(" ")})`;
    }
    return `page ${vpn.toString(16)} (${model}; no entry)`;
  }

  protected all(): Space[] {
    return [...this.processes.map((p) => p.space), ...this.clones];
  }

  protected process(i: number): Process {
    return this.processes[i] as Process;
  }

  protected running(): Process {
    return this.pick(this.processes.filter((p) => p.cpu >= 0));
  }

  protected page(space: Space, vpn: number): PageState {
    const page = space.model.pages.get(vpn);
    if (page === undefined) throw new Error(`page ${vpn.toString(16)} should be mapped`);
    return page;
  }

  /** A page, mapped or near one that is. */
  protected somePlace(space: Space): number {
    const kind = this.next(10);
    if (kind === 0) return 0x40000 + this.next(64);
    if (kind === 1) return 0xc0000 - 1 - this.next(60);
    const pages = [...space.model.pages.keys()];
    return pages.length === 0
      ? 0x40000
      : (pages[this.next(pages.length)] as number) + (kind === 2 ? 1 : 0);
  }

  protected range(space: Space): [number, number] {
    const start = this.somePlace(space);
    return [Math.min(start, 0xbfff0), 1 + this.next(this.next(6) === 0 ? 700 : 10)].map((n, i) =>
      i === 1 ? Math.min(n, 0xc0000 - Math.min(start, 0xbfff0)) : n,
    ) as [number, number];
  }

  /** Pages that show an object from one page of it on: [start, count], or [0, 0]. */
  protected sharedRange(space: Space): [number, number] {
    const shared = [...space.model.pages].filter(([, page]) => page.object !== null);
    if (shared.length === 0) return [0, 0];
    const [picked, { object }] = shared[this.next(shared.length)] as [number, PageState];
    const same = (vpn: number) => space.model.pages.get(vpn)?.object === object;
    let start = picked;
    let end = picked + 1;
    while (same(start - 1) && this.page(space, start - 1).page === this.page(space, start).page - 1)
      start--;
    while (same(end) && this.page(space, end).page === this.page(space, end - 1).page + 1) end++;
    if (this.next(2)) return [start, end - start];
    const from = start + this.next(end - start);
    return [from, 1 + this.next(end - from)];
  }

  protected address(p: Process, name: string, ...args: (number | bigint)[]): number {
    return this.signed(this.locked(p.cpu, name, ...args) >>> 0);
  }

  protected signed(va: number): number {
    return va >= 0xfffff000 ? va - 0x100000000 : va;
  }

  protected locked(cpu: number, name: string, ...args: (number | bigint)[]): number {
    this.call(cpu, "testLock");
    const result = this.call(cpu, name, ...args);
    this.call(cpu, "testUnlock");
    return Number(result);
  }

  protected call(cpu: number, name: string, ...args: (number | bigint)[]): number | bigint {
    const f = this.cpus[cpu]?.[name];
    if (f === undefined) throw new Error(`no export ${name}`);
    return f(...args);
  }

  protected pick<T>(list: readonly T[]): T {
    return list[this.next(list.length)] as T;
  }

  protected same(expected: number, actual: number, what: string): void {
    if (expected !== actual && expected !== UNKNOWN)
      throw new Error(`${what}: ${actual}, expected ${expected}`);
  }

  protected expect(condition: boolean, what: string): void {
    if (!condition) throw new Error(what);
  }
}

/** mulberry32: numbers below n. */
function generator(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}
