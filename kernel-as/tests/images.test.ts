import { beforeAll, describe, expect, it } from "vitest";
import { Advice } from "../../abi/syscall.ts";
import { kernelModule, Machine, seeded } from "./harness.ts";

beforeAll(() => void kernelModule());

const BUFFER = 0x3000;

/** Two processes of one program: bytes from 0x1800 to 0x5800, break at 0x20000. The first runs. */
function twins() {
  const m = new Machine();
  for (let i = 0; i < 0x4000; i++) m.bytes[m.vramHost + i] = (i * 7) & 0xff;
  const before = m.counts();
  const [process, a] = m.process(7);
  const other = m.locked("testProcess", 8);
  const b = m.call("testSpace", other);
  for (const space of [a, b])
    expect(m.locked("testImage", space, 0x1800, 0, 0x4000, m.vramHost, 0x20000, -1)).toBe(0);
  return { m, process, other, a, b, before };
}

const frame = (m: Machine, space: number, va: number) =>
  Number((m.big("testLeaf", space, va >>> 12) >> 12n) & 0xfffffffn);

function byte(m: Machine, space: number, va: number): number {
  expect(m.locked("copyIn", space, BUFFER, va, 1)).toBe(1);
  return m.view.getUint8(BUFFER);
}

function write(m: Machine, space: number, va: number, value: number): void {
  m.view.setUint8(BUFFER, value);
  expect(m.locked("copyOut", space, va, BUFFER, 1)).toBe(1);
}

const file = (va: number) => ((va - 0x1800) * 7) & 0xff;

describe("image pages", () => {
  it("are one frame for all processes of a program until one writes", () => {
    const { m, a, b } = twins();
    expect(m.call("objectCount")).toBe(1);
    expect(byte(m, a, 0x2345)).toBe(file(0x2345));
    expect(byte(m, b, 0x2345)).toBe(file(0x2345));
    expect(frame(m, a, 0x2000)).toBe(frame(m, b, 0x2000));
    m.check();
    m.call("mmu_store8", 0x2345, 0, 0x5a);
    expect(frame(m, a, 0x2000)).not.toBe(frame(m, b, 0x2000));
    expect(byte(m, a, 0x2345)).toBe(0x5a);
    expect(byte(m, b, 0x2345)).toBe(file(0x2345));
    m.check();
  });

  it("that are written first, or hold no bytes of the file, are nobody else's", () => {
    const { m, a, b } = twins();
    write(m, a, 0x3000, 0x11);
    expect(byte(m, b, 0x3000)).toBe(file(0x3000));
    expect(frame(m, a, 0x3000)).not.toBe(frame(m, b, 0x3000));
    expect(byte(m, a, 0x1010)).toBe(0);
    expect(byte(m, b, 0x1810)).toBe(file(0x1810));
    m.check();
  });

  it("are written in place by the last that shows them, and read from the file afterwards", () => {
    const { m, a, b } = twins();
    byte(m, a, 0x4000);
    byte(m, b, 0x4000);
    const pfn = frame(m, a, 0x4000);
    expect(m.locked("testRemove", b, 4, 5)).toBe(0);
    const copies = m.big("testCounter", 18);
    m.call("mmu_store8", 0x4000, 0, 0x77);
    expect(frame(m, a, 0x4000)).toBe(pfn);
    expect(m.big("testCounter", 18)).toBe(copies);
    m.check();
    m.locked("sysMadvise", 0x4000, 0x1000, Advice.DONTNEED);
    expect(m.call("mmu_load8", 0x4000, 0)).toBe(file(0x4000));
    m.check();
  });

  it("are no meeting place: notify in one process must not wake a wait in another", () => {
    const { m, a, b } = twins();
    byte(m, a, 0x2000);
    byte(m, b, 0x2000);
    expect(frame(m, a, 0x2000)).toBe(frame(m, b, 0x2000));
    expect(m.call("mmu_notify", 0x2000, 0, 1)).toBe(0);
    expect(frame(m, a, 0x2000)).not.toBe(frame(m, b, 0x2000));
    m.check();
  });

  it("go with the last user: nothing is kept and nothing leaks", () => {
    const { m, process, other, a, b, before } = twins();
    for (let va = 0x1800; va < 0x5800; va += 0x800) {
      expect(byte(m, a, va)).toBe(file(va));
      expect(byte(m, b, va)).toBe(file(va));
    }
    m.locked("testEnd", process);
    m.check();
    expect(byte(m, b, 0x5000)).toBe(file(0x5000));
    m.locked("testEnd", other);
    m.check();
    expect(m.counts()).toEqual(before);
  });

  it("are told apart by file, place and segments", () => {
    const { m, a } = twins();
    const third = m.call("testSpace", m.locked("testProcess", 9));
    m.locked("testImage", third, 0x1800, 0x10, 0x4000, m.vramHost, 0x20000, -1);
    expect(m.call("objectCount")).toBe(2);
    expect(byte(m, a, 0x2000)).toBe(file(0x2000));
    expect(byte(m, third, 0x2000)).toBe(file(0x2010));
    m.check();
  });

  it("agree with a model in processes and clones that read, write, drop and die", () => {
    const { m, process, other, a, b, before } = twins();
    const random = seeded(5);
    const live = [a, b].map((space) => ({ space, model: new Map<number, number>() }));
    for (let step = 0; step < 800; step++) {
      const one = live[random(live.length)] as (typeof live)[number];
      const va = 0x1800 + random(0x4000);
      const kind = random(12);
      if (kind === 0 && live.length < 12) {
        live.push({ space: m.locked("spaceClone", one.space), model: new Map(one.model) });
      } else if (kind === 1 && one.space !== a && one.space !== b) {
        m.locked("spaceDestroy", one.space);
        live.splice(live.indexOf(one), 1);
      } else if (kind === 2 && one.space === a) {
        m.locked("sysMadvise", va & ~4095, 0x1000, Advice.DONTNEED);
        for (const at of [...one.model.keys()]) if (at >>> 12 === va >>> 12) one.model.delete(at);
      } else if (kind < 5) {
        write(m, one.space, va, step & 0xff);
        one.model.set(va, step & 0xff);
      } else {
        expect(byte(m, one.space, va)).toBe(one.model.get(va) ?? file(va));
      }
      if (step % 40 === 0) m.check();
    }
    m.check();
    for (const one of live)
      if (one.space !== a && one.space !== b) m.locked("spaceDestroy", one.space);
    m.locked("testEnd", process);
    m.locked("testEnd", other);
    m.check();
    expect(m.counts()).toEqual(before);
  });
});
