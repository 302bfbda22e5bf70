// Traps and faults: what ends a program, with which reason, and what was done before it.

import { describe, expect, test } from "vitest";
import { Access, Trap } from "../../abi/mmu.ts";
import { type RewriteOptions, rewrite } from "./rewrite.ts";
import { FlatMachine, type FlatOptions, MemoryFault, ProgramTrap } from "./testing/flat.ts";
import { fromText } from "./testing/programs.ts";

type Run = (...args: number[]) => number;

const VARIANTS: readonly (readonly [string, FlatOptions, RewriteOptions])[] = [
  ["scattered, calls", { layout: "scattered", windows: false, frames: 64 }, { inline: "none" }],
  ["windows, in line", { layout: "contiguous", windows: true, frames: 64 }, { inline: "all" }],
];

const PROGRAM = fromText(`(module
  (memory 1)
  (global $before (export "before") (mut i32) (i32.const 0))
  (data $d "abcdef")
  (data $active (i32.const 100) "xyz")
  (func (export "load32") (param i32) (result i32) (global.set $before (i32.const 1)) (i32.load (local.get 0)) (global.set $before (i32.const 2)))
  (func (export "load64") (param i32) (result i32) (i32.wrap_i64 (i64.load (local.get 0))))
  (func (export "far") (param i32) (result i32) (i32.load offset=4294967295 (local.get 0)))
  (func (export "store32") (param i32) (result i32) (i32.store (local.get 0) (i32.const -1)) (i32.const 0))
  (func (export "store128") (param i32) (result i32) (v128.store (local.get 0) (v128.const i32x4 -1 -1 -1 -1)) (i32.const 0))
  (func (export "atomic") (param i32) (result i32) (i32.atomic.rmw.add offset=2 (local.get 0) (i32.const 1)))
  (func (export "atomicLoad") (param i32) (result i32) (i32.atomic.load (local.get 0)))
  (func (export "notify") (param i32) (result i32) (memory.atomic.notify (local.get 0) (i32.const 1)))
  (func (export "wait") (param i32) (result i32) (memory.atomic.wait32 (local.get 0) (i32.const 77) (i64.const 0)))
  (func (export "copy") (param i32 i32 i32) (result i32) (memory.copy (local.get 0) (local.get 1) (local.get 2)) (i32.const 0))
  (func (export "fill") (param i32 i32) (result i32) (memory.fill (local.get 0) (i32.const 9) (local.get 1)) (i32.const 0))
  (func (export "init") (param i32 i32 i32) (result i32) (memory.init $d (local.get 0) (local.get 1) (local.get 2)) (i32.const 0))
  (func (export "initActive") (param i32 i32 i32) (result i32) (memory.init $active (local.get 0) (local.get 1) (local.get 2)) (i32.const 0))
  (func (export "drop") (result i32) (data.drop $d) (i32.const 0))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "size") (result i32) (memory.size)))`);

describe.each(VARIANTS)("%s", (_, machineOptions, options) => {
  const make = () => {
    const module = rewrite(PROGRAM, options);
    const machine = new FlatMachine(machineOptions);
    const exports = machine.instantiate(module, PROGRAM).exports;
    const call = (name: string, ...args: number[]): number => (exports[name] as Run)(...args);
    const failure = (name: string, ...args: number[]): unknown => {
      try {
        call(name, ...args);
      } catch (error) {
        return error;
      }
      return undefined;
    };
    const before = () => (exports.before as WebAssembly.Global).value as number;
    return { machine, call, failure, before };
  };
  const trapOf = (error: unknown): Trap | undefined =>
    error instanceof ProgramTrap ? error.trap : undefined;

  test("offset overflow, precisely", () => {
    const { failure } = make();
    expect(trapOf(failure("far", 1))).toBe(Trap.OFFSET_OVERFLOW);
    expect(failure("far", 0)).toMatchObject({ va: 0xffffffff });
  });

  test("a fault leaves what came before it done and what comes after it not done", () => {
    const { failure, before } = make();
    expect(failure("load32", 0x10000)).toMatchObject({ va: 0x10000, access: Access.READ });
    expect(before()).toBe(1);
  });

  test("an access that crosses into an unmapped page touches nothing", () => {
    const { machine, call, failure } = make();
    expect(call("load32", 0xfffc)).toBe(0);
    expect(failure("load32", 0xfffd)).toMatchObject({ va: 0x10000 });
    machine.unmap(0x3000, 4096);
    machine.write(0x2ff0, new Uint8Array(16));
    expect(failure("store32", 0x2ffe)).toMatchObject({ va: 0x3000, access: Access.WRITE });
    expect(failure("store128", 0x2ff1)).toMatchObject({ va: 0x3000 });
    expect([...machine.read(0x2ff0, 16)]).toEqual(Array(16).fill(0));
    expect(call("load32", 0x2ffc)).toBe(0);
  });

  test("rights: a read-only page is read at once and never written", () => {
    const { machine, call, failure } = make();
    machine.protect(0x2000, 4096, true, false);
    expect(call("load32", 0x2000)).toBe(0);
    expect(failure("store32", 0x2000)).toBeInstanceOf(MemoryFault);
    expect(failure("atomic", 0x2002)).toMatchObject({ access: Access.WRITE });
    expect(call("atomicLoad", 0x2000)).toBe(0);
    expect(failure("copy", 0x1ff0, 0x5000, 32)).toMatchObject({ va: 0x2000 });
  });

  test("misaligned plain accesses work in a page, across pages and after a flush", () => {
    const { machine, call } = make();
    machine.write(0xffd, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    expect(call("load32", 0xffd)).toBe(0x04030201);
    expect(call("load32", 0x1001)).toBe(0x08070605);
    machine.flush();
    expect(call("load32", 0x1001)).toBe(0x08070605);
    expect(call("load64", 0xffd)).toBe(0x04030201);
  });

  test("atomics", () => {
    const { failure, call } = make();
    expect(trapOf(failure("atomic", 1))).toBe(Trap.UNALIGNED_ATOMIC);
    expect(trapOf(failure("atomicLoad", 0x10002))).toBe(Trap.UNALIGNED_ATOMIC);
    expect(trapOf(failure("atomic", 0xffffffff))).toBe(Trap.OFFSET_OVERFLOW);
    expect(failure("atomicLoad", 0x10000)).toBeInstanceOf(MemoryFault);
    expect(trapOf(failure("notify", 2))).toBe(Trap.UNALIGNED_ATOMIC);
    expect(trapOf(failure("wait", 1))).toBe(Trap.UNALIGNED_ATOMIC);
    expect(call("wait", 8)).toBe(1); // not equal
    expect(call("notify", 8)).toBe(0);
    expect(call("atomic", 6)).toBe(0);
    expect(call("atomicLoad", 8)).toBe(1);
  });

  test("bulk operations out of bounds write nothing", () => {
    const { machine, failure, call } = make();
    machine.write(0xfff0, new Uint8Array(16).fill(5));
    expect(failure("fill", 0xfff0, 17)).toBeDefined();
    expect(failure("copy", 0xfff0, 0, 17)).toBeDefined();
    expect(failure("init", 0xfffe, 0, 3)).toBeDefined();
    expect([...machine.read(0xfff0, 16)]).toEqual(Array(16).fill(5));
    expect(trapOf(failure("fill", 0x10001, 0))).toBe(Trap.MEMORY_BOUNDS);
    expect(call("fill", 0x10000, 0)).toBe(0);
    expect(call("fill", 0xffff, 1)).toBe(0);
  });

  test("copy: overlapping both ways, over several pages", () => {
    const { machine, call } = make();
    const source = Uint8Array.from({ length: 9000 }, (_, i) => i % 251);
    for (const [to, from] of [
      [0x1003, 0x1000],
      [0x1000, 0x1003],
    ] as const) {
      machine.write(from, source);
      call("copy", to, from, source.length);
      expect(Buffer.compare(machine.read(to, source.length), source)).toBe(0);
    }
  });

  test("memory.init, data.drop", () => {
    const { machine, call, failure } = make();
    call("init", 0x1ffe, 1, 4);
    expect(Buffer.from(machine.read(0x1ffe, 4)).toString()).toBe("bcde");
    expect(trapOf(failure("init", 0, 3, 4))).toBe(Trap.SEGMENT_BOUNDS);
    expect(trapOf(failure("init", 0, 0xffffffff, 2))).toBe(Trap.SEGMENT_BOUNDS);
    expect(trapOf(failure("initActive", 0, 0, 1))).toBe(Trap.SEGMENT_BOUNDS);
    expect(call("initActive", 0, 0, 0)).toBe(0);
    call("drop");
    expect(trapOf(failure("init", 0, 0, 1))).toBe(Trap.SEGMENT_BOUNDS);
    expect(call("init", 0, 0, 0)).toBe(0);
    expect(Buffer.from(machine.read(100, 3)).toString()).toBe("xyz");
  });

  test("memory.size and grow", () => {
    const { call, failure } = make();
    expect(call("size")).toBe(1);
    expect(call("grow", 1)).toBe(1);
    expect(call("size")).toBe(2);
    expect(call("load32", 0x1fffc)).toBe(0);
    expect(failure("load32", 0x1fffd)).toBeInstanceOf(MemoryFault);
    expect(call("grow", 65536)).toBe(-1);
  });
});

test("a loop sees its window cleared, and goes on through the kernel", () => {
  const program = fromText(`(module (import "env" "poke" (func $poke)) (memory 1)
    (func (export "run") (param i32) (result i32) (local i32)
      (loop (local.set 1 (i32.add (local.get 1) (i32.load (local.get 0))))
        (br_if 0 (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 4))) (i32.const 65536))))
      (call $poke)
      (i32.add (local.get 1) (i32.load (i32.const 0)))))`);
  const machine = new FlatMachine({ layout: "contiguous", windows: true, frames: 64 });
  const exports = machine.instantiate(rewrite(program), program, {
    env: { poke: () => machine.flush() },
  }).exports;
  machine.write(0, new Uint8Array(65536).fill(1));
  const misses = machine.misses;
  (exports.run as Run)(0);
  expect(machine.misses - misses).toBeLessThan(4);
});
