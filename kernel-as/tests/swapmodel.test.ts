import { beforeAll, describe, expect, it } from "vitest";
import { DiskOp } from "../../abi/disk.ts";
import { MapFlag, Prot } from "../../abi/syscall.ts";
import { kernelModule, Machine, seeded } from "./harness.ts";

beforeAll(() => void kernelModule());

const RW = Prot.READ | Prot.WRITE;
const ANON = MapFlag.PRIVATE | MapFlag.ANONYMOUS;
const SHARED = MapFlag.SHARED | MapFlag.ANONYMOUS;
const BUFFER = 0x3000;
const AREA = 0x300;

/** One space and what its private pages should hold; shared pages are one model for all that were cloned from the first. */
interface Member {
  space: number;
  model: Map<number, number>;
  frozen: boolean;
}

class World {
  readonly m: Machine;
  readonly process: number;
  readonly random: (n: number) => number;
  readonly live: Member[];
  readonly shared = new Map<number, number>();
  readonly area: number;
  readonly sharedArea: number;
  running: Member;

  constructor(seed: number, ramBytes: number) {
    this.m = new Machine({ ramBytes, swapBlocks: 2048 });
    const [process, space] = this.m.process();
    this.process = process;
    this.random = seeded(seed);
    this.m.locked("testImage", space, 0, 0, 0, 0, 0x20000, 0xffffffff);
    this.area = this.m.locked("sysMmapAnonymous", 0, AREA * 4096, RW, ANON) >>> 0;
    this.sharedArea = this.m.locked("sysMmapAnonymous", 0, 16 * 4096, RW, SHARED) >>> 0;
    this.running = { space, model: new Map(), frozen: false };
    this.live = [this.running];
  }

  get disk() {
    const disk = this.m.disk;
    if (disk === undefined) throw new Error("no disk");
    return disk;
  }

  /** A page: most of them from few, so that spaces meet. */
  place(): number {
    const kind = this.random(10);
    if (kind === 0) return this.sharedArea + this.random(16) * 4096;
    if (kind < 6) return this.area + this.random(24) * 0x8000;
    return this.area + this.random(AREA) * 4096;
  }

  modelOf(member: Member, at: number): Map<number, number> {
    return at >= this.sharedArea && at < this.sharedArea + 16 * 4096 ? this.shared : member.model;
  }

  pick(): Member {
    return this.live[this.random(this.live.length)] as Member;
  }

  #again(attempt: () => number): void {
    for (let i = 0; i < 200; i++) {
      if (attempt() === 4) {
        this.m.call("pageWaitEnd");
        return;
      }
      if (this.m.call("testWant") === 0) throw new Error("refused");
      const waited = this.m.locked("pageWait", 0);
      if (waited !== 0) throw new Error(`waiting: ${waited}; ${this.m.log().slice(-300)}`);
    }
    throw new Error("no end to the waiting");
  }

  write(member: Member, at: number, value: number): void {
    if (member === this.running && this.random(2) === 0) this.m.call("mmu_store32", at, 0, value);
    else
      this.#again(() => {
        this.m.view.setUint32(BUFFER, value, true);
        return this.m.locked("copyOut", member.space, at, BUFFER, 4);
      });
    this.modelOf(member, at).set(at, value);
  }

  read(member: Member, at: number): void {
    let value: number;
    if (member === this.running && this.random(2) === 0) value = this.m.call("mmu_load32", at, 0);
    else {
      this.#again(() => this.m.locked("copyIn", member.space, BUFFER, at, 4));
      value = this.m.view.getUint32(BUFFER, true);
    }
    expect(value).toBe(this.modelOf(member, at).get(at) ?? 0);
  }

  /** The disk and the clock do something, or a page goes. */
  disturb(): void {
    const kind = this.random(8);
    if (kind === 0) this.disk.serve(1 + this.random(3));
    else if (kind === 1) this.m.locked("swapPoll");
    else if (kind === 2) this.m.locked("testDropClean");
    else if (kind === 3) for (let i = this.random(200); i > 0; i--) this.m.locked("clockStep");
    else {
      const member = this.pick();
      this.m.locked("testEvict", member.space, this.place() >>> 12);
    }
  }

  step(n: number): void {
    const kind = this.random(24);
    const member = this.pick();
    const at = this.place();
    if (kind === 0 && this.live.length < 12) {
      const frozen = this.random(3) === 0;
      const made = this.m.locked(frozen ? "spaceFreeze" : "spaceClone", member.space);
      if (made !== 0) this.live.push({ space: made, model: new Map(member.model), frozen });
    } else if (kind === 1 && member !== this.running) {
      this.m.locked("spaceDestroy", member.space);
      this.live.splice(this.live.indexOf(member), 1);
    } else if (kind === 2 && !member.frozen) {
      this.m.locked("testSwitch", this.process, member.space);
      this.running = member;
    } else if (kind === 3) {
      const from = this.pick();
      if (from.frozen && !member.frozen) {
        this.m.locked("spaceReplace", member.space, from.space);
        member.model = new Map(from.model);
      }
    } else if (kind === 4 && at < this.sharedArea) {
      const done = this.m.locked("sysMadvise", at, 0x1000, 4);
      if (done === 0) this.running.model.delete(at);
    } else if (kind === 5) {
      this.m.locked("sysMprotect", at, 0x1000, Prot.READ);
      this.m.locked("sysMprotect", at, 0x1000, RW);
    } else if (kind < 12) this.disturb();
    else if (kind < 18) {
      if (!member.frozen) this.write(member, at, n + 1);
    } else if (!member.frozen) {
      this.read(member, at);
      if (kind === 18) this.sweep(member);
    }
  }

  /** Writes a few pages in a row, sends them out together and reads them back, which reads ahead. */
  sweep(member: Member): void {
    const first = this.random(AREA - 16);
    const pages = Array.from({ length: 16 }, (_, i) => this.area + (first + i) * 4096);
    for (const at of pages) if (this.random(2) === 0) this.write(member, at, at + this.random(99));
    for (const at of pages) this.m.locked("testEvict", member.space, at >>> 12);
    this.disk.serve();
    this.m.locked("testDropClean");
    for (const at of pages) {
      this.read(member, at);
      if (this.random(8) === 0) this.disturb();
    }
  }

  /** Everything is what the model says, in frozen spaces too; then all of it goes and nothing is left. */
  finish(): void {
    for (const member of this.live) {
      const space = member.frozen ? this.m.locked("spaceClone", member.space) : member.space;
      expect(space).not.toBe(0);
      const reader = { ...member, space };
      for (const at of member.model.keys()) this.read(reader, at);
      if (member.frozen) this.m.locked("spaceDestroy", space);
    }
    this.m.check();
    for (const member of this.live)
      if (member !== this.running) this.m.locked("spaceDestroy", member.space);
    this.m.locked("testEnd", this.process);
    this.disk.serve();
    this.m.locked("swapPoll");
    this.m.check();
    expect(this.m.call("slotUsed")).toBe(0);
    expect(this.m.call("pmmObjectFrames")).toBe(0);
    expect(this.m.call("testSwapVar", 0x98)).toBe(0);
  }
}

describe("spaces, clones and a disk", () => {
  it.each(Array.from({ length: 24 }, (_, i) => i + 1))(
    "agree with a model over random accesses, evictions, clones and deaths, seed %i",
    (seed) => {
      const world = new World(seed * 7919, 6 << 20);
      for (let n = 0; n < 700; n++) {
        world.step(n);
        if (n % 25 === 0) world.m.check();
      }
      world.finish();
    },
  );

  it.each(Array.from({ length: 8 }, (_, i) => i + 1))(
    "lose nothing when every other request for several pages cannot be read, seed %i",
    (seed) => {
      const world = new World(seed * 15485863, 6 << 20);
      const fate = seeded(seed);
      let failed = 0;
      world.disk.fails = ({ op, count }) => {
        if (op !== DiskOp.READ || count === 1 || fate(2) === 0) return false;
        failed++;
        return true;
      };
      for (let n = 0; n < 700; n++) {
        world.step(n);
        if (n % 25 === 0) world.m.check();
      }
      world.finish();
      expect(failed).toBeGreaterThan(0);
    },
  );

  it.each(Array.from({ length: 8 }, (_, i) => i + 1))(
    "lose nothing when the disk fails to write now and then, seed %i",
    (seed) => {
      const world = new World(seed * 104729, 6 << 20);
      const fate = seeded(seed);
      world.disk.fails = (one) => one.op === DiskOp.WRITE && fate(4) === 0;
      for (let n = 0; n < 500; n++) {
        world.step(n);
        if (n % 25 === 0) world.m.check();
      }
      world.disk.fails = () => false;
      world.finish();
    },
  );
});
