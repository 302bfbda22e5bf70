// Grind: seeded random operations on the kernel's memory management, against a plain model, with mmCheck after each. A seed and a number of
// rounds replay exactly. Two CPUs run programs; clones and frozen spaces come and go; now and then all memory is taken away.
//
// Checked in every round: mmCheck; what a load gives; that an access the map forbids ends the program and no other does, unless no
// frame is free; that a pinned page and its frame show the same. At the end: everything is given back.

import { Errno } from "../../abi/errno.ts";
import { Access } from "../../abi/mmu.ts";
import { Advice, DeviceMapFlag, DirtyBit, MapFlag, Prot, RevokeFlag } from "../../abi/syscall.ts";
import { type Cell, cellOf, type Shared } from "./grindModel.ts";
import {
  BUFFER,
  GrindWorld,
  HEAP_PAGES,
  MMAP_END,
  PINS_MAX,
  PROTS,
  SPACES_MAX,
  TYPES,
  VRAM,
  VRAM_PAGES,
} from "./grindWorld.ts";

export class Grind extends GrindWorld {
  /** One operation, and what must be true after it. */
  round(): void {
    const [name, operation] = this.pick(OPERATIONS);
    const ok = operation.call(this);
    const count = this.done.get(name) ?? [0, 0];
    count[ok ? 0 : 1]++;
    this.done.set(name, count);
    this.checkPins();
    const broken = this.locked(0, "mmCheck");
    if (broken !== 0) throw new Error(`after ${name}: mmCheck: invariant ${broken}`);
    if (this.machine.panicked) throw new Error(`after ${name}: panic ${this.machine.panicked}`);
  }

  /** Ends everything; every count is what it was. */
  finish(): void {
    this.giveBack();
    for (const space of this.all()) this.verify(space);
    for (const pin of this.pins) this.locked(0, "wireUnpin", pin.wiring);
    this.pins = [];
    for (const space of this.clones.splice(0)) this.locked(0, "spaceDestroy", space.address);
    for (const process of this.processes) this.end(process);
    for (const cpu of [0, 1]) {
      this.locked(cpu, "testAck");
      this.locked(cpu, "wcDrain", cpu);
    }
    this.machine.check();
    const counts = this.machine.counts();
    if (counts.join() !== this.start.join())
      throw new Error(`leaked: ${this.start} before, ${counts} after`);
  }

  // ---- Operations: true if it did what it was asked ----

  mmapPrivate(): boolean {
    const p = this.running();
    const count = 1 + this.next(12);
    const prot = this.pick(PROTS);
    const how = this.next(4);
    const prefault = how === 0 && prot & Prot.WRITE ? MapFlag.PREFAULT_WRITE : 0;
    const fixed = how === 1 ? MapFlag.FIXED : how === 2 ? MapFlag.FIXED_NOREPLACE : 0;
    const hint = fixed !== 0 || this.next(2) ? this.somePlace(p.space) : 0;
    const flags = MapFlag.PRIVATE | MapFlag.ANONYMOUS | fixed | prefault;
    const free = p.space.model.isFree(hint, count);
    const va = this.address(p, "sysMmapAnonymous", hint * 4096, count * 4096, prot, flags);
    if (fixed === MapFlag.FIXED_NOREPLACE && !free && hint + count <= MMAP_END)
      this.expect(va === -Errno.EEXIST, `FIXED_NOREPLACE over a mapping: ${va}`);
    return this.mapped(p.space, va, count, hint, fixed, (start) =>
      p.space.model.mapPrivate(start, count, prot),
    );
  }

  mmapShared(): boolean {
    const p = this.running();
    const count = 1 + this.next(8);
    const flags = MapFlag.SHARED | MapFlag.ANONYMOUS;
    const va = this.address(p, "sysMmapAnonymous", 0, count * 4096, Prot.READ | Prot.WRITE, flags);
    const object = { pages: count, cells: [], maker: p.pid, gone: false, device: false };
    return this.mapped(p.space, va, count, 0, 0, (start) =>
      p.space.model.mapShared(start, count, Prot.READ | Prot.WRITE, object, 0, false),
    );
  }

  mmapDevice(): boolean {
    const p = this.running();
    const large = this.next(3) === 0;
    const first = large ? this.next(2) * 256 : this.next(VRAM_PAGES - 16);
    const count = large ? 512 + this.next(200) : 1 + this.next(16);
    const type = this.pick([DeviceMapFlag.NOCACHE, DeviceMapFlag.WRITECOMBINE, 0]);
    const flags = type | (large ? DeviceMapFlag.HUGEPAGE : 0);
    const va = this.address(
      p,
      "sysMmapDevice",
      BigInt(VRAM + first) << 12n,
      BigInt(count) << 12n,
      flags,
    );
    const object = this.vramObject(p.pid, first, count);
    return this.mapped(p.space, va, count, 0, 0, (start) =>
      p.space.model.mapShared(start, count, Prot.READ | Prot.WRITE, object, 0, false),
    );
  }

  mmapList(): boolean {
    const p = this.running();
    const cells: Cell[] = [];
    const segments = 1 + this.next(4);
    for (let i = 0; i < segments; i++) {
      const first = this.next(VRAM_PAGES - 8);
      const count = 1 + this.next(4);
      this.machine.view.setBigUint64(BUFFER + i * 16, BigInt(VRAM + first) << 12n, true);
      this.machine.view.setBigUint64(BUFFER + i * 16 + 8, BigInt(count) << 12n, true);
      for (let page = first; page < first + count; page++) cells.push(cellOf(this.vram, page));
    }
    const place = [...p.space.model.pages].find(
      ([, page]) => page.object === null && (page.prot & Prot.WRITE) !== 0,
    );
    if (place === undefined) return false;
    const [vpn, page] = place;
    const at = vpn * 4096 + 8;
    if (this.locked(p.cpu, "copyOut", p.space.address, at, BUFFER, segments * 16) !== segments * 16)
      return false;
    page.cell ??= { ...page.initial };
    const va = this.address(p, "sysMmapSg", at, segments, DeviceMapFlag.WRITECOMBINE);
    const object = { pages: cells.length, cells, maker: p.pid, gone: false, device: true };
    return this.mapped(p.space, va, cells.length, 0, 0, (start) =>
      p.space.model.mapShared(start, cells.length, Prot.READ | Prot.WRITE, object, 0, false),
    );
  }

  munmap(): boolean {
    const p = this.running();
    const [start, count] = this.range(p.space);
    if (start === 0) return false;
    const ok = this.locked(p.cpu, "sysMunmap", start * 4096, count * 4096) === 0;
    if (ok) p.space.model.unmap(start, count);
    else this.expectLow("munmap", p.space);
    return ok;
  }

  mprotect(): boolean {
    const p = this.running();
    const [start, count] = this.range(p.space);
    const prot = this.pick(PROTS);
    const result = this.locked(p.cpu, "sysMprotect", start * 4096, count * 4096, prot);
    if (!p.space.model.covers(start, count)) {
      this.expect(result === -Errno.ENOMEM, "mprotect of a hole");
      return false;
    }
    if (result !== 0) {
      this.expectLow("mprotect", p.space);
      return false;
    }
    for (let vpn = start; vpn < start + count; vpn++) this.page(p.space, vpn).prot = prot;
    return true;
  }

  dontNeed(): boolean {
    const p = this.running();
    const [start, count] = this.range(p.space);
    if (this.locked(p.cpu, "sysMadvise", start * 4096, count * 4096, Advice.DONTNEED) !== 0)
      return false;
    for (let vpn = start; vpn < start + count; vpn++) {
      const page = this.page(p.space, vpn);
      if (page.object === null) page.cell = null;
    }
    return true;
  }

  brk(): boolean {
    const p = this.running();
    const to = HEAP_PAGES * 4096 + this.next(0x40000);
    const model = p.space.model;
    const now = (model.brk + 4095) >>> 12;
    const then = (to + 4095) >>> 12;
    if (this.locked(p.cpu, "spaceBrk", p.space.address, to) !== 0) return false;
    if (then > now) model.mapPrivate(now, then - now, Prot.READ | Prot.WRITE);
    else model.unmap(then, now - then);
    model.brk = to;
    return true;
  }

  access(): boolean {
    const p = this.running();
    for (let i = 0; i < 8; i++) {
      const vpn = this.somePlace(p.space);
      const kind = this.next(6);
      if (kind < 2) this.load(p, vpn, kind === 1);
      else if (kind < 4) this.store(p, vpn, kind === 3);
      else if (kind === 4) this.crossStore(p, vpn);
      else this.fill(p, vpn);
    }
    return true;
  }

  usercopy(): boolean {
    const space = this.pick(this.all());
    const vpn = this.somePlace(space);
    const value = this.next(1 << 30);
    this.machine.view.setUint32(BUFFER, value, true);
    const cell = space.frozen ? undefined : space.model.reach(vpn, true);
    const result = this.locked(0, "copyOut", space.address, vpn * 4096, BUFFER, 4);
    if (result !== 4) {
      if (cell !== undefined) this.expectLow("copyOut", space);
      return false;
    }
    if (cell === undefined) throw new Error("copyOut to a page that does not allow it");
    cell.first = value;
    return true;
  }

  mcache(): boolean {
    const p = this.running();
    const [start, count] = this.sharedRange(p.space);
    return (
      start !== 0 &&
      this.locked(p.cpu, "sysMcache", start * 4096, count * 4096, this.pick(TYPES)) === 0
    );
  }

  mdirty(): boolean {
    const p = this.running();
    const [start, count] = this.range(p.space);
    const clear = this.pick([
      0,
      DirtyBit.ACCESSED,
      DirtyBit.DIRTY,
      DirtyBit.ACCESSED | DirtyBit.DIRTY,
    ]);
    return this.locked(p.cpu, "sysMdirty", start * 4096, count * 4096, 0, clear) === 0;
  }

  mrevoke(): boolean {
    const p = this.running();
    const [start] = this.sharedRange(p.space);
    if (start === 0) return false;
    const object = this.page(p.space, start).object as Shared;
    const keep = this.next(2) === 1;
    const result = this.locked(p.cpu, "sysMrevoke", start * 4096, keep ? RevokeFlag.KEEP_OWN : 0);
    if (result === 0) this.takeBack(object, keep ? p.space : null, false);
    else if (result === -Errno.ENOMEM) this.expect(keep, "mrevoke without KEEP_OWN has failed");
    else this.expect(object.maker !== p.pid || object.gone, `mrevoke: ${result}`);
    return result === 0;
  }

  grant(): boolean {
    const from = this.running();
    const [start, count] = this.sharedRange(from.space);
    const to = this.pick(this.processes);
    if (start === 0) return false;
    const shown = this.page(from.space, start);
    if (shown.object === null || shown.object.gone) return false;
    const object = this.locked(0, "objectGetAt", from.space.address, start * 4096);
    const offset = this.machine.big("objectGetOffset");
    const prot = this.pick(PROTS);
    const va =
      this.locked(
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
    this.locked(0, "objectPut", object);
    const owner = shown.object;
    return this.mapped(to.space, this.signed(va), count, 0, 0, (at) =>
      to.space.model.mapShared(at, count, prot, owner, shown.page, true),
    );
  }

  clone(): boolean {
    const source = this.pick(this.all());
    if (this.clones.length >= SPACES_MAX) return false;
    const how = this.pick(["spaceClone", "spaceClone", "spaceFreeze", "spaceClonePerPage"]);
    if (source.frozen && how === "spaceClonePerPage") return false;
    const address = this.locked(0, how, source.address);
    if (address === 0) {
      this.expectLow(how, source);
      return false;
    }
    this.clones.push({ address, model: source.model.copy(), frozen: how === "spaceFreeze" });
    return true;
  }

  destroy(): boolean {
    if (this.clones.length === 0) return false;
    const [space] = this.clones.splice(this.next(this.clones.length), 1);
    if (space === undefined) return false;
    this.verify(space);
    this.locked(0, "spaceDestroy", space.address);
    return true;
  }

  /** fork's child gets to run: a clone becomes the space of a process. */
  adopt(): boolean {
    const process = this.pick(this.processes);
    const at = this.clones.findIndex((clone) => !clone.frozen);
    if (process.cpu >= 0 || at < 0) return false;
    const [clone] = this.clones.splice(at, 1);
    if (clone === undefined) return false;
    this.locked(0, "testGive", process.address, clone.address);
    process.space = clone;
    return true;
  }

  restore(): boolean {
    const p = this.running();
    const frozen = this.clones.find((clone) => clone.frozen);
    if (frozen === undefined) return false;
    this.locked(p.cpu, "spaceReplace", p.space.address, frozen.address);
    p.space.model = frozen.model.copy();
    return true;
  }

  schedule(): boolean {
    const cpu = this.next(2);
    const process = this.pick(this.processes);
    if (process.cpu >= 0) return false;
    const now = this.processes.find((p) => p.cpu === cpu);
    if (now !== undefined) {
      this.locked(cpu, "spaceDeactivate", now.space.address);
      now.cpu = -1;
    }
    this.run(cpu, process);
    return true;
  }

  endProcess(): boolean {
    const process = this.pick(this.processes);
    const cpu = process.cpu;
    this.end(process);
    // A new one takes memory: some of the hoard is given back.
    this.giveBack();
    process.space = this.newSpace(this.locked(0, "testRenew", process.address, process.pid));
    if (cpu >= 0) this.run(cpu, process);
    return true;
  }

  pin(): boolean {
    const p = this.running();
    const [start, count] = this.range(p.space);
    if (start === 0 || this.pins.length >= PINS_MAX) return false;
    const access = this.pick([Access.READ, Access.WRITE]);
    const wiring = this.locked(0, "wirePin", p.space.address, start * 4096, count * 4096, access);
    const cells: Cell[] = [];
    let allowed = true;
    for (let vpn = start; vpn < start + count && allowed; vpn++) {
      const page = p.space.model.touch(vpn);
      const cell = p.space.model.reach(vpn, access === Access.WRITE);
      allowed = cell !== undefined && !(page?.object?.device === true);
      if (cell !== undefined) cells.push(cell);
    }
    if (wiring === 0) {
      if (allowed || this.isLow()) this.expectLow("wirePin", p.space);
      return false;
    }
    if (!allowed)
      throw new Error(`wirePin: ${this.describe(p.space, start + cells.length)}, access ${access}`);
    this.pins.push({ wiring, cells });
    return true;
  }

  unpin(): boolean {
    const [pin] = this.pins.splice(0, 1);
    if (pin === undefined) return false;
    this.locked(0, "wireUnpin", pin.wiring);
    return true;
  }

  /** The device stores to a page that is pinned. */
  deviceWrites(): boolean {
    if (this.pins.length === 0) return false;
    const pin = this.pick(this.pins);
    const i = this.next(pin.cells.length);
    const cell = pin.cells[i] as Cell;
    cell.first = this.next(1 << 30);
    const pfn = this.machine.call("wireFrame", pin.wiring, i);
    this.machine.view.setUint32(pfn * 4096, cell.first, true);
    return true;
  }

  sfence(): boolean {
    this.machine.consume();
    return this.locked(this.running().cpu, "sysSfence") === 0;
  }

  /** The other CPU comes by the kernel. */
  acknowledge(): boolean {
    this.locked(1, "testAck");
    return true;
  }

  takeMemory(): boolean {
    const leave = this.next(24);
    for (let free = this.machine.call("pmmFreeFrames"); free > leave; free--)
      this.hoard.push(this.locked(0, "pmmAlloc", 0));
    return true;
  }

  giveMemory(): boolean {
    this.giveBack();
    return true;
  }

  verifyAll(): boolean {
    for (const space of this.all()) this.verify(space);
    return true;
  }
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
