// Grind: seeded random operations on the kernel's memory management, against a plain model, with mmCheck after each. A seed and a number of
// rounds replay exactly. Two CPUs run programs; clones and frozen spaces come and go; now and then all memory is taken away.
//
// Checked in every round: mmCheck; what a load gives; that an access the map forbids ends the program and no other does, unless no
// frame is free; that a pinned page and its frame show the same. At the end: everything is given back.

import { CpuBlock, CpuState } from "../../abi/cpu.ts";
import { Errno } from "../../abi/errno.ts";
import { Access } from "../../abi/mmu.ts";
import { MemType } from "../../abi/pte.ts";
import { Advice, DeviceMapFlag, DirtyBit, MapFlag, Prot, RevokeFlag } from "../../abi/syscall.ts";
import {
  type Cell,
  cellOf,
  type PageState,
  type Shared,
  SpaceModel,
  STACK_LOW,
} from "./grindModel.ts";
import { type Exports, Machine } from "./harness.ts";

const VRAM = 0xe0000;
const VRAM_PAGES = 1024;
const FILE_AT = 0x10000;
const FILE_PAGES = 3;
const IMAGE_PAGE = 3;
const HEAP_PAGES = 0x20;
const BUFFER = 0x3800;
const MMAP_END = 0xb0000;
/** A cell after an access of several pages that ended for lack of memory: all pages allowed it, and some may have changed. */
const UNKNOWN = -1;
const PROCESSES = 4;
const SPACES_MAX = 6;
const PINS_MAX = 3;
const FEW_FRAMES = 64;
const TYPES = [MemType.UC, MemType.UC_MINUS, MemType.WC, MemType.WT, MemType.WB];
const PROTS = [Prot.NONE, Prot.READ, Prot.WRITE, Prot.READ | Prot.WRITE, Prot.READ | Prot.WRITE];

interface Space {
  address: number;
  model: SpaceModel;
  frozen: boolean;
}

interface Process {
  readonly address: number;
  readonly pid: number;
  space: Space;
  /** CPU that runs it, or -1. */
  cpu: number;
}

interface Pin {
  readonly wiring: number;
  readonly cells: Cell[];
}

export class Grind {
  readonly machine: Machine;
  readonly #cpus: Exports[];
  readonly #next: (n: number) => number;
  readonly #processes: Process[] = [];
  readonly #clones: Space[] = [];
  #pins: Pin[] = [];
  #hoard: number[] = [];
  readonly #start: number[];
  /** How often each operation did what it was asked, and how often not. */
  readonly done = new Map<string, [number, number]>();
  readonly #vram: Shared = { pages: VRAM_PAGES, cells: [], maker: 0, gone: false, device: true };

  constructor(seed: number, ramBytes = 6 << 20) {
    this.#next = generator(seed);
    this.machine = new Machine({ ramBytes, vramBytes: VRAM_PAGES * 4096 });
    this.machine.call("testResource", 0xe0000000, VRAM_PAGES * 4096, 1);
    this.machine.locked("pmmSetJunk", 1);
    this.#cpus = [this.machine.k, this.machine.attach(1)];
    for (let i = 0; i < FILE_PAGES; i++) {
      this.machine.view.setUint32(FILE_AT + i * 4096, 1000 + i, true);
      this.machine.view.setUint32(FILE_AT + i * 4096 + 4092, 2000 + i, true);
    }
    this.#start = this.machine.counts();
    for (let i = 0; i < PROCESSES; i++) {
      const address = this.#locked(0, "testProcess", 10 + i);
      const space = this.#newSpace(this.machine.call("testSpace", address));
      const pid = this.machine.call("testPid", address);
      this.#processes.push({ address, pid, space, cpu: -1 });
    }
    this.#run(0, this.#process(0));
    this.#run(1, this.#process(1));
  }

  /** One operation, and what must be true after it. */
  round(): void {
    const [name, operation] = this.#pick(OPERATIONS);
    const ok = operation.call(this);
    const count = this.done.get(name) ?? [0, 0];
    count[ok ? 0 : 1]++;
    this.done.set(name, count);
    this.#checkPins();
    const broken = this.#locked(0, "mmCheck");
    if (broken !== 0) throw new Error(`after ${name}: mmCheck: invariant ${broken}`);
    if (this.machine.panicked) throw new Error(`after ${name}: panic ${this.machine.panicked}`);
  }

  /** Ends everything; every count is what it was. */
  finish(): void {
    this.#giveBack();
    for (const space of this.#all()) this.#verify(space);
    for (const pin of this.#pins) this.#locked(0, "wireUnpin", pin.wiring);
    this.#pins = [];
    for (const space of this.#clones.splice(0)) this.#locked(0, "spaceDestroy", space.address);
    for (const process of this.#processes) this.#end(process);
    for (const cpu of [0, 1]) {
      this.#locked(cpu, "testAck");
      this.#locked(cpu, "wcDrain", cpu);
    }
    this.machine.check();
    const counts = this.machine.counts();
    if (counts.join() !== this.#start.join())
      throw new Error(`leaked: ${this.#start} before, ${counts} after`);
  }

  // ---- Operations: true if it did what it was asked ----

  mmapPrivate(): boolean {
    const p = this.#running();
    const count = 1 + this.#next(12);
    const prot = this.#pick(PROTS);
    const how = this.#next(4);
    const prefault = how === 0 && prot & Prot.WRITE ? MapFlag.PREFAULT_WRITE : 0;
    const fixed = how === 1 ? MapFlag.FIXED : how === 2 ? MapFlag.FIXED_NOREPLACE : 0;
    const hint = fixed !== 0 || this.#next(2) ? this.#somePlace(p.space) : 0;
    const flags = MapFlag.PRIVATE | MapFlag.ANONYMOUS | fixed | prefault;
    const free = p.space.model.isFree(hint, count);
    const va = this.#address(p, "sysMmapAnonymous", hint * 4096, count * 4096, prot, flags);
    if (fixed === MapFlag.FIXED_NOREPLACE && !free && hint + count <= MMAP_END)
      this.#expect(va === -Errno.EEXIST, `FIXED_NOREPLACE over a mapping: ${va}`);
    return this.#mapped(p.space, va, count, hint, fixed, (start) =>
      p.space.model.mapPrivate(start, count, prot),
    );
  }

  mmapShared(): boolean {
    const p = this.#running();
    const count = 1 + this.#next(8);
    const flags = MapFlag.SHARED | MapFlag.ANONYMOUS;
    const va = this.#address(p, "sysMmapAnonymous", 0, count * 4096, Prot.READ | Prot.WRITE, flags);
    const object = { pages: count, cells: [], maker: p.pid, gone: false, device: false };
    return this.#mapped(p.space, va, count, 0, 0, (start) =>
      p.space.model.mapShared(start, count, Prot.READ | Prot.WRITE, object, 0, false),
    );
  }

  mmapDevice(): boolean {
    const p = this.#running();
    const large = this.#next(3) === 0;
    const first = large ? this.#next(2) * 256 : this.#next(VRAM_PAGES - 16);
    const count = large ? 512 + this.#next(200) : 1 + this.#next(16);
    const type = this.#pick([DeviceMapFlag.NOCACHE, DeviceMapFlag.WRITECOMBINE, 0]);
    const flags = type | (large ? DeviceMapFlag.HUGEPAGE : 0);
    const va = this.#address(
      p,
      "sysMmapDevice",
      BigInt(VRAM + first) << 12n,
      BigInt(count) << 12n,
      flags,
    );
    const object = this.#vramObject(p.pid, first, count);
    return this.#mapped(p.space, va, count, 0, 0, (start) =>
      p.space.model.mapShared(start, count, Prot.READ | Prot.WRITE, object, 0, false),
    );
  }

  mmapList(): boolean {
    const p = this.#running();
    const cells: Cell[] = [];
    const segments = 1 + this.#next(4);
    for (let i = 0; i < segments; i++) {
      const first = this.#next(VRAM_PAGES - 8);
      const count = 1 + this.#next(4);
      this.machine.view.setBigUint64(BUFFER + i * 16, BigInt(VRAM + first) << 12n, true);
      this.machine.view.setBigUint64(BUFFER + i * 16 + 8, BigInt(count) << 12n, true);
      for (let page = first; page < first + count; page++) cells.push(cellOf(this.#vram, page));
    }
    const place = [...p.space.model.pages].find(
      ([, page]) => page.object === null && (page.prot & Prot.WRITE) !== 0,
    );
    if (place === undefined) return false;
    const [vpn, page] = place;
    const at = vpn * 4096 + 8;
    if (
      this.#locked(p.cpu, "copyOut", p.space.address, at, BUFFER, segments * 16) !==
      segments * 16
    )
      return false;
    page.cell ??= { ...page.initial };
    const va = this.#address(p, "sysMmapSg", at, segments, DeviceMapFlag.WRITECOMBINE);
    const object = { pages: cells.length, cells, maker: p.pid, gone: false, device: true };
    return this.#mapped(p.space, va, cells.length, 0, 0, (start) =>
      p.space.model.mapShared(start, cells.length, Prot.READ | Prot.WRITE, object, 0, false),
    );
  }

  munmap(): boolean {
    const p = this.#running();
    const [start, count] = this.#range(p.space);
    if (start === 0) return false;
    const ok = this.#locked(p.cpu, "sysMunmap", start * 4096, count * 4096) === 0;
    if (ok) p.space.model.unmap(start, count);
    else this.#expectLow("munmap", p.space);
    return ok;
  }

  mprotect(): boolean {
    const p = this.#running();
    const [start, count] = this.#range(p.space);
    const prot = this.#pick(PROTS);
    const result = this.#locked(p.cpu, "sysMprotect", start * 4096, count * 4096, prot);
    if (!p.space.model.covers(start, count)) {
      this.#expect(result === -Errno.ENOMEM, "mprotect of a hole");
      return false;
    }
    if (result !== 0) {
      this.#expectLow("mprotect", p.space);
      return false;
    }
    for (let vpn = start; vpn < start + count; vpn++) this.#page(p.space, vpn).prot = prot;
    return true;
  }

  dontNeed(): boolean {
    const p = this.#running();
    const [start, count] = this.#range(p.space);
    if (this.#locked(p.cpu, "sysMadvise", start * 4096, count * 4096, Advice.DONTNEED) !== 0)
      return false;
    for (let vpn = start; vpn < start + count; vpn++) {
      const page = this.#page(p.space, vpn);
      if (page.object === null) page.cell = null;
    }
    return true;
  }

  brk(): boolean {
    const p = this.#running();
    const to = HEAP_PAGES * 4096 + this.#next(0x40000);
    const model = p.space.model;
    const now = (model.brk + 4095) >>> 12;
    const then = (to + 4095) >>> 12;
    if (this.#locked(p.cpu, "spaceBrk", p.space.address, to) !== 0) return false;
    if (then > now) model.mapPrivate(now, then - now, Prot.READ | Prot.WRITE);
    else model.unmap(then, now - then);
    model.brk = to;
    return true;
  }

  access(): boolean {
    const p = this.#running();
    for (let i = 0; i < 8; i++) {
      const vpn = this.#somePlace(p.space);
      const kind = this.#next(6);
      if (kind < 2) this.#load(p, vpn, kind === 1);
      else if (kind < 4) this.#store(p, vpn, kind === 3);
      else if (kind === 4) this.#crossStore(p, vpn);
      else this.#fill(p, vpn);
    }
    return true;
  }

  usercopy(): boolean {
    const space = this.#pick(this.#all());
    const vpn = this.#somePlace(space);
    const value = this.#next(1 << 30);
    this.machine.view.setUint32(BUFFER, value, true);
    const cell = space.frozen ? undefined : space.model.reach(vpn, true);
    const result = this.#locked(0, "copyOut", space.address, vpn * 4096, BUFFER, 4);
    if (result !== 4) {
      if (cell !== undefined) this.#expectLow("copyOut", space);
      return false;
    }
    if (cell === undefined) throw new Error("copyOut to a page that does not allow it");
    cell.first = value;
    return true;
  }

  mcache(): boolean {
    const p = this.#running();
    const [start, count] = this.#sharedRange(p.space);
    return (
      start !== 0 &&
      this.#locked(p.cpu, "sysMcache", start * 4096, count * 4096, this.#pick(TYPES)) === 0
    );
  }

  mdirty(): boolean {
    const p = this.#running();
    const [start, count] = this.#range(p.space);
    const clear = this.#pick([
      0,
      DirtyBit.ACCESSED,
      DirtyBit.DIRTY,
      DirtyBit.ACCESSED | DirtyBit.DIRTY,
    ]);
    return this.#locked(p.cpu, "sysMdirty", start * 4096, count * 4096, 0, clear) === 0;
  }

  mrevoke(): boolean {
    const p = this.#running();
    const [start] = this.#sharedRange(p.space);
    if (start === 0) return false;
    const object = this.#page(p.space, start).object as Shared;
    const keep = this.#next(2) === 1;
    const result = this.#locked(p.cpu, "sysMrevoke", start * 4096, keep ? RevokeFlag.KEEP_OWN : 0);
    if (result === 0) this.#takeBack(object, keep ? p.space : null, false);
    else if (result === -Errno.ENOMEM) this.#expect(keep, "mrevoke without KEEP_OWN has failed");
    else this.#expect(object.maker !== p.pid || object.gone, `mrevoke: ${result}`);
    return result === 0;
  }

  grant(): boolean {
    const from = this.#running();
    const [start, count] = this.#sharedRange(from.space);
    const to = this.#pick(this.#processes);
    if (start === 0) return false;
    const shown = this.#page(from.space, start);
    if (shown.object === null || shown.object.gone) return false;
    const object = this.#locked(0, "objectGetAt", from.space.address, start * 4096);
    const offset = this.machine.big("objectGetOffset");
    const prot = this.#pick(PROTS);
    const va =
      this.#locked(
        0,
        "mapObject",
        to.space.address,
        0,
        count * 4096,
        prot,
        MapFlag.SHARED,
        object,
        offset,
      ) >>> 0;
    this.#locked(0, "objectPut", object);
    const owner = shown.object;
    return this.#mapped(to.space, this.#signed(va), count, 0, 0, (at) =>
      to.space.model.mapShared(at, count, prot, owner, shown.page, true),
    );
  }

  clone(): boolean {
    const source = this.#pick(this.#all());
    if (this.#clones.length >= SPACES_MAX) return false;
    const how = this.#pick(["spaceClone", "spaceClone", "spaceFreeze", "spaceClonePerPage"]);
    if (source.frozen && how === "spaceClonePerPage") return false;
    const address = this.#locked(0, how, source.address);
    if (address === 0) {
      this.#expectLow(how, source);
      return false;
    }
    this.#clones.push({ address, model: source.model.copy(), frozen: how === "spaceFreeze" });
    return true;
  }

  destroy(): boolean {
    if (this.#clones.length === 0) return false;
    const [space] = this.#clones.splice(this.#next(this.#clones.length), 1);
    if (space === undefined) return false;
    this.#verify(space);
    this.#locked(0, "spaceDestroy", space.address);
    return true;
  }

  /** fork's child gets to run: a clone becomes the space of a process. */
  adopt(): boolean {
    const process = this.#pick(this.#processes);
    const at = this.#clones.findIndex((clone) => !clone.frozen);
    if (process.cpu >= 0 || at < 0) return false;
    const [clone] = this.#clones.splice(at, 1);
    if (clone === undefined) return false;
    this.#locked(0, "testGive", process.address, clone.address);
    process.space = clone;
    return true;
  }

  restore(): boolean {
    const p = this.#running();
    const frozen = this.#clones.find((clone) => clone.frozen);
    if (frozen === undefined) return false;
    this.#locked(p.cpu, "spaceReplace", p.space.address, frozen.address);
    p.space.model = frozen.model.copy();
    return true;
  }

  schedule(): boolean {
    const cpu = this.#next(2);
    const process = this.#pick(this.#processes);
    if (process.cpu >= 0) return false;
    const now = this.#processes.find((p) => p.cpu === cpu);
    if (now !== undefined) {
      this.#locked(cpu, "spaceDeactivate", now.space.address);
      now.cpu = -1;
    }
    this.#run(cpu, process);
    return true;
  }

  endProcess(): boolean {
    const process = this.#pick(this.#processes);
    const cpu = process.cpu;
    this.#end(process);
    const address = this.#locked(0, "testRenew", process.address, process.pid);
    if (address === 0) {
      // No memory for a new one: there is, once the hoard is given back.
      this.#giveBack();
      process.space = this.#newSpace(this.#locked(0, "testRenew", process.address, process.pid));
    } else process.space = this.#newSpace(address);
    if (cpu >= 0) this.#run(cpu, process);
    return true;
  }

  pin(): boolean {
    const p = this.#running();
    const [start, count] = this.#range(p.space);
    if (start === 0 || this.#pins.length >= PINS_MAX) return false;
    const access = this.#pick([Access.READ, Access.WRITE]);
    const wiring = this.#locked(0, "wirePin", p.space.address, start * 4096, count * 4096, access);
    const cells: Cell[] = [];
    let allowed = true;
    for (let vpn = start; vpn < start + count && allowed; vpn++) {
      const page = p.space.model.touch(vpn);
      const cell = p.space.model.reach(vpn, access === Access.WRITE);
      allowed = cell !== undefined && !(page?.object?.device === true);
      if (cell !== undefined) cells.push(cell);
    }
    if (wiring === 0) {
      if (allowed || this.#isLow()) this.#expectLow("wirePin", p.space);
      return false;
    }
    if (!allowed)
      throw new Error(
        `wirePin: ${this.#describe(p.space, start + cells.length)}, access ${access}`,
      );
    this.#pins.push({ wiring, cells });
    return true;
  }

  unpin(): boolean {
    const [pin] = this.#pins.splice(0, 1);
    if (pin === undefined) return false;
    this.#locked(0, "wireUnpin", pin.wiring);
    return true;
  }

  /** The device stores to a page that is pinned. */
  deviceWrites(): boolean {
    if (this.#pins.length === 0) return false;
    const pin = this.#pick(this.#pins);
    const i = this.#next(pin.cells.length);
    const cell = pin.cells[i] as Cell;
    cell.first = this.#next(1 << 30);
    const pfn = this.machine.call("wireFrame", pin.wiring, i);
    this.machine.view.setUint32(pfn * 4096, cell.first, true);
    return true;
  }

  sfence(): boolean {
    this.machine.consume();
    return this.#locked(this.#running().cpu, "sysSfence") === 0;
  }

  /** The other CPU comes by the kernel. */
  acknowledge(): boolean {
    this.#locked(1, "testAck");
    return true;
  }

  takeMemory(): boolean {
    const leave = this.#next(24);
    for (let free = this.machine.call("pmmFreeFrames"); free > leave; free--)
      this.#hoard.push(this.#locked(0, "pmmAlloc", 0));
    return true;
  }

  giveMemory(): boolean {
    this.#giveBack();
    return true;
  }

  verifyAll(): boolean {
    for (const space of this.#all()) this.#verify(space);
    return true;
  }

  // ---- Parts ----

  #newSpace(address: number): Space {
    const model = new SpaceModel();
    const none = 0xffffffff;
    const length = (FILE_PAGES - 1) * 4096 + 4096;
    const error = this.#locked(
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
      this.#giveBack();
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

  #run(cpu: number, process: Process): void {
    this.#locked(cpu, "testRun", process.address);
    process.cpu = cpu;
  }

  #end(process: Process): void {
    const cpu = Math.max(process.cpu, 0);
    this.#verify(process.space);
    this.#locked(cpu, "testEnd", process.address);
    process.cpu = -1;
    this.#locked(cpu, "revokeGrantsOf", process.pid);
    const made = new Set<Shared>();
    for (const space of this.#all())
      for (const { object } of space.model.pages.values())
        if (object?.maker === process.pid && object.device && !object.gone) made.add(object);
    for (const object of made) this.#takeBack(object, null, true);
  }

  /** A revocation in the model: pages that it reaches show nothing any more. */
  #takeBack(object: Shared, keep: Space | null, grantsOnly: boolean): void {
    const gone: Shared = { ...object, gone: true };
    for (const space of this.#all()) {
      if (space === keep) continue;
      for (const [vpn, page] of space.model.pages)
        if (page.object === object && (!grantsOnly || page.granted))
          space.model.pages.set(vpn, { ...page, object: gone, prot: Prot.NONE });
    }
  }

  #vramObject(maker: number, first: number, count: number): Shared {
    const cells = Array.from({ length: count }, (_, i) => cellOf(this.#vram, first + i));
    return { pages: count, cells, maker, gone: false, device: true };
  }

  #load(p: Process, vpn: number, last: boolean): void {
    const cell = p.space.model.reach(vpn, false);
    const value = this.#user(p, "mmu_load32", vpn * 4096, last ? 4092 : 0);
    if (value === undefined) this.#died(p, cell, "load");
    else if (cell === undefined) throw new Error(`a load at page ${vpn} was allowed`);
    else this.#same(last ? cell.last : cell.first, value, `load at page ${vpn.toString(16)}`);
  }

  #store(p: Process, vpn: number, last: boolean): void {
    const cell = p.space.model.reach(vpn, true);
    const value = this.#next(1 << 30);
    if (this.#user(p, "mmu_store32", vpn * 4096, last ? 4092 : 0, value) === undefined) {
      this.#died(p, cell, "store");
      return;
    }
    if (cell === undefined) throw new Error(`a store at page ${vpn} was allowed`);
    if (last) cell.last = value;
    else cell.first = value;
  }

  /** Eight bytes, half in each of two pages: both change, or none. */
  #crossStore(p: Process, vpn: number): void {
    const low = p.space.model.reach(vpn, true);
    // The second page is not looked at when the first refuses.
    const high = low === undefined ? undefined : p.space.model.reach(vpn + 1, true);
    const [a, b] = [this.#next(1 << 30), this.#next(1 << 30)];
    const value = (BigInt(b) << 32n) | BigInt(a);
    if (this.#user(p, "mmu_store64", vpn * 4096, 4092, value) === undefined) {
      this.#died(
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

  #fill(p: Process, vpn: number): void {
    const count = 1 + this.#next(3);
    const cells: Cell[] = [];
    for (let i = 0; i < count; i++) {
      const cell = p.space.model.reach(vpn + i, true);
      if (cell === undefined) break;
      cells.push(cell);
    }
    const byte = this.#next(256);
    if (this.#user(p, "mmu_fill", vpn * 4096, byte, count * 4096) === undefined) {
      this.#died(p, cells.length === count ? cells[0] : undefined, "fill");
      if (cells.length === count) for (const cell of cells) cell.first = cell.last = UNKNOWN;
      return;
    }
    this.#expect(cells.length === count, "a fill that must not be");
    for (const cell of cells) cell.first = cell.last = (byte * 0x01010101) >>> 0;
  }

  /** What an mmu call gives, or undefined: it has ended the program, which is forgotten. */
  #user(p: Process, name: string, ...args: (number | bigint)[]): number | undefined {
    try {
      return Number(this.#call(p.cpu, name, ...args) ?? 0) >>> 0;
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError) || this.machine.panicked) throw error;
      const block = this.machine.blocks + p.cpu * CpuBlock.BYTES;
      Atomics.store(
        new Int32Array(this.machine.memory.buffer),
        (block + CpuBlock.STATE) >> 2,
        CpuState.USER,
      );
      this.#call(p.cpu, "testForgetDeath");
      return undefined;
    }
  }

  #died(p: Process, cell: Cell | undefined, what: string): void {
    if (cell !== undefined || this.#isLow()) this.#expectLow(what, p.space);
  }

  #isLow(): boolean {
    return this.machine.call("pmmFreeFrames") < FEW_FRAMES;
  }

  /** Only for lack of memory may this have failed. What the model grew of the stack meanwhile may not have come about. */
  #expectLow(what: string, space: Space): void {
    const free = this.machine.call("pmmFreeFrames");
    this.#expect(free < FEW_FRAMES, `${what} has failed with ${free} frames free`);
    for (const vpn of space.model.pages.keys())
      if (vpn >= STACK_LOW && this.machine.call("testFind", space.address, vpn) === 0)
        space.model.pages.delete(vpn);
  }

  #checkPins(): void {
    for (const pin of this.#pins)
      for (const [i, cell] of pin.cells.entries()) {
        const pfn = this.machine.call("wireFrame", pin.wiring, i);
        this.#same(cell.first, this.machine.view.getUint32(pfn * 4096, true), "a pinned frame");
      }
  }

  /** Every page that a space lets the kernel read. */
  #verify(space: Space): void {
    if (space.frozen) return;
    for (const vpn of [...space.model.pages.keys()]) {
      const cell = space.model.reach(vpn, false);
      const n = this.#locked(0, "copyIn", space.address, BUFFER, vpn * 4096, 4096);
      if (cell === undefined) {
        if (n !== -Errno.EFAULT) throw new Error(`${this.#describe(space, vpn)} is readable`);
      } else if (n !== 4096) this.#expectLow("copyIn", space);
      else {
        this.#same(
          cell.first,
          this.machine.view.getUint32(BUFFER, true),
          `page ${vpn.toString(16)}`,
        );
        this.#same(
          cell.last,
          this.machine.view.getUint32(BUFFER + 4092, true),
          `end of page ${vpn.toString(16)}`,
        );
      }
    }
  }

  #mapped(
    space: Space,
    va: number,
    count: number,
    hint: number,
    fixed: number,
    enter: (start: number) => void,
  ): boolean {
    if (va < 0) {
      // FIXED has unmapped what was there, unless even that took memory.
      if (fixed === MapFlag.FIXED && va === -Errno.ENOMEM) this.#resync(space, hint, count);
      return false;
    }
    const start = va / 4096;
    if (fixed !== 0) this.#expect(start === hint, "a fixed address");
    if (fixed === MapFlag.FIXED) space.model.unmap(start, count);
    this.#expect(space.model.isFree(start, count), `mapped over page ${start.toString(16)}`);
    enter(start);
    return true;
  }

  /** After a FIXED mapping that failed: the range is as it was, or unmapped as a whole. */
  #resync(space: Space, start: number, count: number): void {
    this.#expectLow("mmap FIXED", space);
    for (let vpn = start; vpn < start + count; vpn++)
      if (this.machine.call("testFind", space.address, vpn) === 0) space.model.pages.delete(vpn);
  }

  /** A page as the model has it, and the entry that the kernel has for it: start, end, rights, type. */
  #describe(space: Space, vpn: number): string {
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

  #giveBack(): void {
    for (const pfn of this.#hoard.splice(0)) this.#locked(0, "pmmFree", pfn);
  }

  #all(): Space[] {
    return [...this.#processes.map((p) => p.space), ...this.#clones];
  }

  #process(i: number): Process {
    return this.#processes[i] as Process;
  }

  #running(): Process {
    return this.#pick(this.#processes.filter((p) => p.cpu >= 0));
  }

  #page(space: Space, vpn: number): PageState {
    const page = space.model.pages.get(vpn);
    if (page === undefined) throw new Error(`page ${vpn.toString(16)} should be mapped`);
    return page;
  }

  /** A page, mapped or near one that is. */
  #somePlace(space: Space): number {
    const kind = this.#next(10);
    if (kind === 0) return 0x40000 + this.#next(64);
    if (kind === 1) return 0xc0000 - 1 - this.#next(60);
    const pages = [...space.model.pages.keys()];
    return pages.length === 0
      ? 0x40000
      : (pages[this.#next(pages.length)] as number) + (kind === 2 ? 1 : 0);
  }

  #range(space: Space): [number, number] {
    const start = this.#somePlace(space);
    return [Math.min(start, 0xbfff0), 1 + this.#next(this.#next(6) === 0 ? 700 : 10)].map((n, i) =>
      i === 1 ? Math.min(n, 0xc0000 - Math.min(start, 0xbfff0)) : n,
    ) as [number, number];
  }

  /** Pages that show an object from one page of it on: [start, count], or [0, 0]. */
  #sharedRange(space: Space): [number, number] {
    const shared = [...space.model.pages].filter(([, page]) => page.object !== null);
    if (shared.length === 0) return [0, 0];
    const [picked, { object }] = shared[this.#next(shared.length)] as [number, PageState];
    const same = (vpn: number) => space.model.pages.get(vpn)?.object === object;
    let start = picked;
    let end = picked + 1;
    while (
      same(start - 1) &&
      this.#page(space, start - 1).page === this.#page(space, start).page - 1
    )
      start--;
    while (same(end) && this.#page(space, end).page === this.#page(space, end - 1).page + 1) end++;
    if (this.#next(2)) return [start, end - start];
    const from = start + this.#next(end - start);
    return [from, 1 + this.#next(end - from)];
  }

  #address(p: Process, name: string, ...args: (number | bigint)[]): number {
    return this.#signed(this.#locked(p.cpu, name, ...args) >>> 0);
  }

  #signed(va: number): number {
    return va >= 0xfffff000 ? va - 0x100000000 : va;
  }

  #locked(cpu: number, name: string, ...args: (number | bigint)[]): number {
    this.#call(cpu, "testLock");
    const result = this.#call(cpu, name, ...args);
    this.#call(cpu, "testUnlock");
    return Number(result);
  }

  #call(cpu: number, name: string, ...args: (number | bigint)[]): number | bigint {
    const f = this.#cpus[cpu]?.[name];
    if (f === undefined) throw new Error(`no export ${name}`);
    return f(...args);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#next(list.length)] as T;
  }

  #same(expected: number, actual: number, what: string): void {
    if (expected !== actual && expected !== UNKNOWN)
      throw new Error(`${what}: ${actual}, expected ${expected}`);
  }

  #expect(condition: boolean, what: string): void {
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

/** Name, operation; those that are named twice are more likely. */
const OPERATIONS: readonly [string, (this: Grind) => boolean][] = (
  [
    "mmapPrivate mmapPrivate mmapShared mmapDevice mmapList munmap munmap mprotect mprotect dontNeed brk access access access",
    "access usercopy mcache mdirty mrevoke grant clone clone destroy adopt restore schedule schedule endProcess pin unpin",
    "deviceWrites sfence acknowledge acknowledge takeMemory giveMemory giveMemory verifyAll",
  ]
    .join(" ")
    .split(" ") as (keyof Grind)[]
).map((name) => [name, Grind.prototype[name] as unknown as (this: Grind) => boolean]);

/** Rounds of one seed. Throws with the seed, the round and the reason. */
export function grind(seed: number, rounds: number): Map<string, [number, number]> {
  const run = new Grind(seed);
  let round = 0;
  try {
    for (; round < rounds; round++) run.round();
    run.finish();
  } catch (error) {
    const log = run.machine.log().split("\n").slice(-4).join(" / ");
    throw new Error(
      `seed ${seed}, round ${round} of ${rounds}: ${(error as Error).message}; ${log}`,
      {
        cause: error,
      },
    );
  }
  return run.done;
}
