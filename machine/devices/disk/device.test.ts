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
      [DiskRequest.STATE, DiskRequestState.QUEUED],
    ];
    for (const [field, value] of words) views.store(at(id) + field, value);
    const head = views.load(offsets.disk + DiskState.SUBMIT_HEAD);
    views.store(offsets.disk + DiskState.SUBMIT + (head % DiskState.CAPACITY) * 4, id);
    views.store(offsets.disk + DiskState.SUBMIT_HEAD, head + 1);
    return id;
  };
  return {
    ...test,
    device,
    make,
    failures,
    submit,
    state: (id: number) => views.load(at(id)),
    word: (field: number) => views.load(offsets.disk + field),
    frame: (pfn: number) => views.bytes.subarray(pfn * 4096, pfn * 4096 + 4096),
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
    const d = disk({
      read: () => touched.push("read"),
      write: () => touched.push("write"),
      flush: () => touched.push("flush"),
      close: () => {},
    });
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
