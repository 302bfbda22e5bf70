// A store that waits in the middle, for the display to take what was combined before it: the lock is free meanwhile, and what the store was
// looked up with may not be true any more when it goes on.

import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DisplayState } from "../../abi/display.ts";
import { MemType } from "../../abi/pte.ts";
import { DeviceMapFlag, MapFlag, Prot, Signal } from "../../abi/syscall.ts";
import { steppedKernel } from "./stepped.ts";
import { DATA, type Program, System } from "./system.ts";

const RW = Prot.READ | Prot.WRITE;
const PAGE = 4096;
const OUT = DATA + 0x4000;
const VRAM = 0xe1f00000n;
/** Where the programs map shared memory. */
const UNCACHED = 0x50000000;
const CACHED = UNCACHED + PAGE;
const OLD = 0x11111111;

let kernel: WebAssembly.Module;
let system: System;
let maker: Program;
let writer: Program;
let vram: number;

beforeAll(async () => {
  kernel = await steppedKernel();
});

/** A page of shared memory of a type, which both programs map at `at`. */
function share(at: number, type: MemType): void {
  const flags = MapFlag.SHARED | MapFlag.ANONYMOUS | MapFlag.FIXED;
  expect(maker.sys("mmap", at, PAGE, RW, flags, -1, 0n)).toBe(at);
  expect(maker.sys("mcache", at, PAGE, type)).toBe(0);
  for (let i = 0; i < PAGE; i += 4) maker.store(at + i, OLD);
}

/** Starts the writer, whose descriptors 0 and 1 are grants of both pages. */
function spawnWriter(): void {
  const first = maker.sys("grant", UNCACHED, PAGE, RW);
  const second = maker.sys("grant", CACHED, PAGE, RW);
  for (const [i, word] of [0, first, 1, second].entries()) maker.store(OUT + i * 4, word);
  maker.poke(DATA, new TextEncoder().encode("prog"));
  expect(maker.sys("spawn", DATA, 4, DATA, 4, OUT, 2)).toBeGreaterThan(0);
}

const frame = (at: number): number => {
  expect(maker.sys("pagequery", 0, at, OUT)).toBe(0);
  return maker.load(OUT + 32);
};

const display = (word: number): number => (system.layout.display + word) >> 2;

beforeEach(() => {
  system = new System("quiet", kernel);
  maker = system.start();
  share(UNCACHED, MemType.UC);
  share(CACHED, MemType.WB);
  spawnWriter();
  writer = system.start();
  const flags = MapFlag.SHARED | MapFlag.FIXED;
  expect(writer.sys("mmap", UNCACHED, PAGE, RW, flags, 0, 0n)).toBe(UNCACHED);
  expect(writer.sys("mmap", CACHED, PAGE, RW, flags, 1, 0n)).toBe(CACHED);
  vram = writer.sys("mmap_device", VRAM, BigInt(PAGE), DeviceMapFlag.WRITECOMBINE);
  expect(vram).toBeGreaterThan(0);
  new Int32Array(system.memory.buffer)[display(DisplayState.DEVICE_READY)] = 1;
});

/** The writer has combined a store; while its next one waits for the display, `meanwhile` happens, and then the display has taken it. */
function whileDraining(store: () => void, meanwhile: () => void): number {
  writer.store(vram, 1);
  let waits = 0;
  system.onSleep = () => {
    if (waits++ === 0) meanwhile();
    const words = new Int32Array(system.memory.buffer);
    words[display(DisplayState.BURST_TAIL)] = words[display(DisplayState.BURST_HEAD)] as number;
  };
  store();
  system.onSleep = undefined;
  return waits;
}

const STORES: [string, number, (at: number) => void][] = [
  ["32 bits", 4, (at) => writer.store(at, 0x22222222)],
  ["8 bits", 1, (at) => writer.poke(at, new Uint8Array([0x22]))],
];

it("a flush of more rows than the display's ring has room for keeps nobody else waiting", () => {
  const rows = DisplayState.BURST_CAPACITY + 100;
  let calls = 0;
  system.onSleep = () => {
    // With the lock held this call would wait as well, and never come back.
    expect(++calls).toBeLessThan(10);
    expect(maker.sys("sysinfo", OUT)).toBe(0);
    const words = new Int32Array(system.memory.buffer);
    words[display(DisplayState.BURST_TAIL)] = words[display(DisplayState.BURST_HEAD)] as number;
  };
  expect(writer.sys("mflush", vram, 1, rows, 3)).toBe(0);
  system.onSleep = undefined;
  expect(calls).toBeGreaterThan(1);
  const words = new Int32Array(system.memory.buffer);
  expect(words[display(DisplayState.BURST_HEAD)]).toBe(rows);
});

describe("an uncached store that waits for what was combined before it", () => {
  it.each(STORES)("of %s goes on when the display has it", (_name, _width, store) => {
    expect(
      whileDraining(
        () => store(UNCACHED + 8),
        () => {},
      ),
    ).toBe(1);
    expect(maker.load(UNCACHED + 8) & 0xff).toBe(0x22);
    expect(system.check()).toBe(0);
  });

  it.each(STORES)(
    "of %s ends the program when its page is taken back meanwhile, and meets no other's memory",
    (_n, _w, store) => {
      const pa = frame(UNCACHED);
      const waits = () =>
        whileDraining(
          () => writer.ends(() => store(UNCACHED + 8)),
          () => expect(maker.sys("mrevoke", UNCACHED, 0)).toBe(0),
        );
      expect(waits()).toBe(1);
      expect(system.word(pa + 8)).toBe(OLD);
      expect(maker.sys("wait", -1, OUT)).toBe(writer.pid);
      expect(maker.load(OUT)).toBe(128 + Signal.SEGV);
      expect(system.check()).toBe(0);
    },
  );

  it("is as the page's type is when it goes on", () => {
    whileDraining(
      () => writer.store(UNCACHED + 8, 0x22222222),
      () => expect(maker.sys("mcache", UNCACHED, PAGE, MemType.WB)).toBe(0),
    );
    expect(maker.load(UNCACHED + 8)).toBe(0x22222222);
    expect(system.check()).toBe(0);
  });

  it("over two pages stores nothing when the other page is taken back meanwhile", () => {
    const pa = frame(UNCACHED);
    whileDraining(
      () => writer.ends(() => writer.store(CACHED - 2, 0x22222222)),
      () => expect(maker.sys("mrevoke", CACHED, 0)).toBe(0),
    );
    expect(system.word(pa + PAGE - 4)).toBe(OLD);
    expect(maker.sys("wait", -1, OUT)).toBe(writer.pid);
    expect(maker.load(OUT)).toBe(128 + Signal.SEGV);
    expect(system.check()).toBe(0);
  });
});
