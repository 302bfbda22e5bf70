import { describe, expect, it, test } from "vitest";
import {
  DiskIrq,
  DiskLimit,
  DiskOp,
  DiskReg,
  DiskRequest,
  DiskRequestState,
  DiskState,
  DiskStatus,
  DiskValue,
} from "../../../abi/disk.ts";
import { PhysFrame } from "../../../abi/layout.ts";
import { Irq } from "../../../abi/machine.ts";
import { Bus } from "../../bus/bus.ts";
import { testMachine } from "../testing/testMemory.ts";
import { DiskDevice, stopDisk } from "./device.ts";
import { FaultyStore, parseFaultPlan } from "./faults.ts";
import { MemoryStore } from "./memoryStore.ts";
import { serveDisk } from "./serve.ts";
import type { DiskStore } from "./store.ts";

const RAM = 0x100000;
const BLOCKS = 64;

/** A disk and a driver that does what kernel-as/arch/disk.ts does. */
function disk(store: DiskStore | undefined = new MemoryStore()) {
  const test = testMachine();
  const { views, offsets } = test;
  const failures: string[] = [];
  const where = { disk: offsets.disk, machine: offsets.machine, ramBytes: RAM };
  const make = (served: DiskStore | undefined) =>
    new DiskDevice(test.memory, where, served, BLOCKS, (text) => failures.push(text));
  const device = make(store);
  device.announce();
  const at = (id: number) => offsets.disk + DiskState.REQUESTS + id * DiskRequest.BYTES;
  const submit = (
    id: number,
    op: number,
    block: number,
    pfn: number,
    count: number,
    ring = 0,
  ): number => {
    const words: [number, number][] = [
      [DiskRequest.OP, op],
      [DiskRequest.BLOCK, block],
      [DiskRequest.COUNT, count],
      [DiskRequest.PFN, pfn],
      [DiskRequest.RING, ring],
      [DiskRequest.LIST, 0],
      [DiskRequest.STATE, DiskRequestState.QUEUED],
    ];
    for (const [field, value] of words) views.store(at(id) + field, value);
    const head = views.load(offsets.disk + DiskState.SUBMIT_HEAD);
    views.store(offsets.disk + DiskState.SUBMIT + (head % DiskState.CAPACITY) * 4, id);
    views.store(offsets.disk + DiskState.SUBMIT_HEAD, head + 1);
    return id;
  };
  /** As submit, with a list of frames. */
  const submitList = (id: number, op: number, block: number, frames: readonly number[]): void => {
    submit(id, op, block, 0, frames.length);
    views.store(at(id) + DiskRequest.LIST, 1);
    for (const [i, pfn] of frames.slice(0, DiskLimit.FRAMES).entries())
      views.store(at(id) + DiskRequest.FRAMES + 4 * i, pfn);
  };
  return {
    ...test,
    device,
    make,
    failures,
    submit,
    submitList,
    state: (id: number) => views.load(at(id)),
    word: (field: number) => views.load(offsets.disk + field),
    frame: (pfn: number) => views.bytes.subarray(pfn * 4096, pfn * 4096 + 4096),
  };
}

/** A store that only says what it was asked to do. */
function tattler(touched: string[]): DiskStore {
  return {
    read: () => touched.push("read"),
    write: () => touched.push("write"),
    flush: () => touched.push("flush"),
    close: () => {},
  };
}

describe("requests", () => {
  it("move whole blocks between the store and frames", () => {
    const d = disk();
    d.frame(2).fill(7);
    d.frame(3).fill(8);
    d.submit(0, DiskOp.WRITE, 10, 2, 2);
    d.submit(1, DiskOp.READ, 11, 5, 1);
    d.submit(2, DiskOp.FLUSH, 0, 0, 0);
    d.submit(3, DiskOp.READ, 12, 2, 1);
    expect(d.device.serve()).toBe(4);
    expect([0, 1, 2, 3].map(d.state)).toEqual(Array(4).fill(DiskRequestState.DONE));
    expect(d.frame(5).every((byte) => byte === 8)).toBe(true);
    expect(d.frame(2).every((byte) => byte === 0)).toBe(true);
    expect([DiskState.READS, DiskState.WRITES, DiskState.FLUSHES].map(d.word)).toEqual([2, 1, 1]);
    expect([DiskState.READ_BLOCKS, DiskState.WRITE_BLOCKS].map(d.word)).toEqual([2, 2]);
  });

  it("move blocks between the store and frames that are listed in any order", () => {
    const d = disk();
    const frames = [9, 4, 5, 6, 2];
    for (const pfn of frames) d.frame(pfn).fill(pfn);
    d.submitList(0, DiskOp.WRITE, 10, frames);
    d.device.serve();
    for (const pfn of frames) d.frame(pfn).fill(0);
    d.submitList(1, DiskOp.READ, 10, [20, 22, 21, 23, 30]);
    d.device.serve();
    expect([d.state(0), d.state(1)]).toEqual(Array(2).fill(DiskRequestState.DONE));
    for (const [i, pfn] of [20, 22, 21, 23, 30].entries())
      expect(d.frame(pfn).every((byte) => byte === frames[i])).toBe(true);
    expect([DiskState.READS, DiskState.READ_BLOCKS].map(d.word)).toEqual([1, 5]);
  });

  it("pass over blocks of a list that nobody wants to read", () => {
    const d = disk();
    for (const pfn of [2, 3, 4, 5]) d.frame(pfn).fill(pfn);
    const low = d.frame(0).slice();
    d.submit(0, DiskOp.WRITE, 10, 2, 4);
    d.submitList(1, DiskOp.READ, 10, [20, 0, 0, 21]);
    d.device.serve();
    expect(d.state(1)).toBe(DiskRequestState.DONE);
    expect([d.frame(20)[0], d.frame(21)[0]]).toEqual([2, 5]);
    expect(d.frame(0)).toEqual(low);
  });

  it("move adjacent frames in one piece, listed or not, without a copy", () => {
    const targets: Uint8Array[] = [];
    const d = disk({ ...tattler([]), read: (_, target) => targets.push(target) });
    d.submit(0, DiskOp.READ, 10, 7, 3);
    d.submitList(1, DiskOp.READ, 10, [7, 8, 9]);
    d.submitList(2, DiskOp.READ, 10, [7, 9]);
    d.device.serve();
    const ram = d.frame(7).buffer;
    expect(targets.map(({ buffer, length }) => [buffer === ram, length / 4096])).toEqual([
      [true, 3],
      [true, 3],
      [false, 2],
    ]);
  });

  it.each([
    ["a frame past the end of RAM", DiskOp.READ, [2, RAM / 4096]],
    ["an adjacent frame past it", DiskOp.READ, [2, 3, RAM / 4096 - 1, RAM / 4096]],
    ["a frame that wraps", DiskOp.WRITE, [2, 0xffffffff]],
    ["more frames than a list has", DiskOp.WRITE, Array<number>(DiskLimit.FRAMES + 1).fill(2)],
    ["no frame", DiskOp.READ, []],
  ])("a list with %s: FAILED, and nothing is touched", (_, op, frames) => {
    const touched: string[] = [];
    const d = disk(tattler(touched));
    d.submitList(0, op, 0, frames);
    d.device.serve();
    expect(d.state(0)).toBe(DiskRequestState.FAILED);
    expect(touched).toEqual([]);
  });

  it.each([
    ["a block past the end", DiskOp.WRITE, BLOCKS, 2, 1],
    ["blocks that reach past the end", DiskOp.WRITE, BLOCKS - 1, 2, 2],
    ["blocks that wrap", DiskOp.WRITE, 0xffffffff, 2, 2],
    ["no block", DiskOp.READ, 0, 2, 0],
    ["too many blocks", DiskOp.READ, 0, 2, DiskLimit.COUNT + 1],
    ["a count that overflows", DiskOp.READ, 0, 2, 0xffffffff],
    ["a frame past the end of RAM", DiskOp.READ, 0, RAM / 4096, 1],
    ["frames that reach past it", DiskOp.READ, 0, RAM / 4096 - 1, 2],
    ["a frame that wraps", DiskOp.READ, 0, 0xfffff, 1],
    ["an unknown operation", 9, 0, 2, 1],
  ])("%s: FAILED, and nothing is touched", (_, op, block, pfn, count) => {
    const touched: string[] = [];
    const d = disk(tattler(touched));
    d.submit(0, op, block, pfn, count);
    d.device.serve();
    expect(d.state(0)).toBe(DiskRequestState.FAILED);
    expect(touched).toEqual([]);
    expect(d.word(DiskState.FAILURES)).toBe(1);
  });

  it("go to the completion ring before their state, with an interrupt, if they ask for it", () => {
    const d = disk();
    d.submit(4, DiskOp.READ, 0, 2, 1, 1);
    d.submit(9, DiskOp.READ, 0, 2, 1, 0);
    d.submit(7, DiskOp.READ, BLOCKS, 2, 1, 1);
    d.device.serve();
    expect(d.word(DiskState.DONE_HEAD)).toBe(2);
    expect([d.word(DiskState.DONE), d.word(DiskState.DONE + 4)]).toEqual([4, 7]);
    expect(d.pendingIrqs()).toBe(0);
    d.views.store(d.offsets.disk + DiskState.IRQ_MASK, DiskIrq.DONE);
    d.submit(4, DiskOp.READ, 0, 2, 1, 1);
    d.device.serve();
    expect(d.pendingIrqs()).toBe(1 << Irq.DISK);
  });

  it("use the rings round and round", () => {
    const d = disk();
    for (let i = 0; i < 3 * DiskState.CAPACITY; i++) {
      const id = d.submit((i * 7) % DiskState.CAPACITY, DiskOp.READ, i % BLOCKS, 2, 1, 1);
      expect(d.device.serve()).toBe(1);
      expect(d.state(id)).toBe(DiskRequestState.DONE);
    }
  });

  it("fail when the device's thread has died, those in its hands too", () => {
    const d = disk();
    d.submit(1, DiskOp.READ, 0, 2, 1, 1);
    d.views.store(d.offsets.disk + DiskState.SUBMIT_TAIL, 1); // taken, never finished
    d.submit(2, DiskOp.FLUSH, 0, 0, 0);
    const stand = d.make(undefined);
    stand.failAll();
    expect([d.state(1), d.state(2)]).toEqual([DiskRequestState.FAILED, DiskRequestState.FAILED]);
    d.submit(3, DiskOp.READ, 0, 2, 1);
    stand.serve();
    expect(d.state(3)).toBe(DiskRequestState.FAILED);
    expect(d.word(DiskState.DONE_HEAD)).toBe(1);
  });
});

test("a disk that is stopped finishes what was submitted, then lets its store go", async () => {
  const calls: string[] = [];
  class Recorder extends MemoryStore {
    override write(at: number, source: Uint8Array): void {
      if (at === 0x7000) calls.push("write");
      super.write(at, source);
    }
    override close(): void {
      calls.push("close");
    }
  }
  const d = disk();
  d.submit(0, DiskOp.WRITE, 7, 2, 1);
  stopDisk(d.views, d.offsets.disk);
  const start = {
    memory: d.memory,
    offsets: { disk: d.offsets.disk, machine: d.offsets.machine, ramBytes: RAM },
    file: undefined,
    sizeBytes: undefined,
    faults: undefined,
  };
  await serveDisk(
    start,
    () => new Recorder(),
    ({ text }) => calls.push(text),
  );
  expect(calls).toEqual(["write", "close"]);
  expect(d.state(0)).toBe(DiskRequestState.DONE);
});

describe("a store that fails", () => {
  it("fails the requests of the plan, changes nothing, and says so once", () => {
    const store = new MemoryStore();
    const d = disk(new FaultyStore(store, parseFaultPlan("writes=1,flushes=0,block=9")));
    d.frame(2).fill(1);
    d.submit(0, DiskOp.WRITE, 1, 2, 1);
    d.submit(1, DiskOp.WRITE, 2, 2, 1);
    d.submit(2, DiskOp.FLUSH, 0, 0, 0);
    d.submit(3, DiskOp.READ, 8, 3, 2);
    d.submit(4, DiskOp.READ, 1, 3, 1);
    d.device.serve();
    expect([0, 1, 2, 3, 4].map(d.state)).toEqual([2, 3, 3, 3, 2]);
    expect(d.failures).toEqual(["write 1 fails as planned"]);
    const block = new Uint8Array(4096);
    store.read(2 * 4096, block);
    expect(block.every((byte) => byte === 0)).toBe(true);
  });

  it("has a plan that makes sense", () => {
    expect(() => parseFaultPlan("wishes=3")).toThrow(/no disk fault/);
  });
});

describe("registers", () => {
  it("tell what the disk is, and take the doorbell and the interrupt mask", () => {
    const d = disk();
    const bus = new Bus(d.memory, 0);
    const base = PhysFrame.DISK_REGS * 4096;
    expect(bus.read(base + DiskReg.ID, 4)).toBe(DiskValue.ID);
    expect(bus.read(base + DiskReg.BLOCKS, 4)).toBe(BLOCKS);
    expect(bus.read(base + DiskReg.STATUS, 4)).toBe(DiskStatus.READY);
    const wake = d.word(DiskState.WAKE);
    bus.write(base + DiskReg.DOORBELL, 4, 1);
    expect(d.word(DiskState.WAKE)).toBe(wake + 1);
    bus.write(base + DiskReg.IRQ_MASK, 4, 0xffffffff);
    expect(bus.read(base + DiskReg.IRQ_MASK, 4)).toBe(DiskIrq.DONE);
    d.submit(0, DiskOp.READ, 0, 2, 1, 1);
    d.device.serve();
    expect(bus.read(base + DiskReg.IRQ_STATUS, 1)).toBe(DiskIrq.DONE);
    bus.write(base + DiskReg.IRQ_STATUS, 4, DiskIrq.DONE);
    expect(bus.read(base + DiskReg.IRQ_STATUS, 4)).toBe(0);
    bus.write(base + DiskReg.BLOCKS, 4, 1);
    expect(bus.read(base + DiskReg.BLOCKS, 4)).toBe(BLOCKS);
  });
});
