// What rewriting does to everything but accesses: indices, segments, the stack pointer, names; and golden files of the code.
// MMU_GOLDEN=1 writes the golden files anew; read the difference.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type RewriteOptions, rewrite } from "./rewrite.ts";
import { normalise } from "./segments.ts";
import { FlatMachine } from "./testing/flat.ts";
import { fromText, randomFrom, toText } from "./testing/programs.ts";

const GOLDEN = new URL("golden/", import.meta.url);

describe("golden", () => {
  for (const name of readdirSync(GOLDEN).filter(
    (file) => file.endsWith(".wat") && !file.endsWith(".expect.wat"),
  )) {
    test(name, () => {
      const text = readFileSync(new URL(name, GOLDEN), "utf8");
      const inline = (/^;; inline (\w+)/m.exec(text)?.[1] ?? "auto") as RewriteOptions["inline"] &
        string;
      const output = toText(rewrite(fromText(text), { inline, hints: false }).bytes);
      const expected = new URL(name.replace(".wat", ".expect.wat"), GOLDEN);
      if (process.env.MMU_GOLDEN) writeFileSync(expected, output);
      expect(output).toBe(readFileSync(expected, "utf8"));
    });
  }
});

function run(text: string, name: string, ...args: number[]): unknown {
  const file = fromText(text);
  const machine = new FlatMachine({ layout: "scattered", windows: false, frames: 64 });
  const imports = { env: { twice: (x: number) => x * 2, base: 40 } };
  return (
    machine.instantiate(rewrite(file), file, imports).exports[name] as (
      ...args: number[]
    ) => unknown
  )(...args);
}

describe("indices move together", () => {
  test("calls, ref.func, tables, start, globals", () => {
    const text = `(module
      (import "env" "twice" (func $twice (param i32) (result i32)))
      (import "env" "base" (global $base i32))
      (memory 1)
      (type $unary (func (param i32) (result i32)))
      (table $t 8 funcref)
      (global $g (mut i32) (global.get $base))
      (global $f funcref (ref.func $add))
      (elem (table $t) (i32.const 0) func $twice $add)
      (elem $passive funcref (ref.func $add) (ref.null func))
      (elem declare func $add)
      (start $init)
      (func $init (global.set $g (i32.add (global.get $g) (i32.const 2))))
      (func $add (param i32) (result i32) (i32.add (local.get 0) (i32.load (i32.const 0))))
      (func (export "run") (param i32) (result i32)
        (i32.store (i32.const 0) (global.get $g))
        (table.set $t (i32.const 5) (ref.func $add))
        (table.init $t $passive (i32.const 6) (i32.const 0) (i32.const 1))
        (call_indirect $t (type $unary)
          (call_indirect $t (type $unary) (call $add (call $twice (local.get 0))) (i32.const 5)) (local.get 0)))
      (func (export "tail") (param i32) (result i32) (return_call $add (local.get 0))))`;
    expect(run(text, "run", 0)).toBe((0 + 42 + 42) * 2);
    expect(run(text, "run", 1)).toBe(2 + 42 * 3);
    expect(run(text, "run", 6)).toBe(12 + 42 * 3);
  });

  test("exception handling", () => {
    expect(
      run(
        `(module (memory 1) (tag $t (param i32))
      (func (export "run") (param i32) (result i32)
        (try (result i32) (do (loop (i32.store (local.get 0) (i32.const 7)) (throw $t (i32.load (local.get 0)))) (i32.const 0))
          (catch $t (i32.add (i32.load (local.get 0)))))))`,
        "run",
        64,
      ),
    ).toBe(14);
  });

  test("memory.size in a program without a memory export", () => {
    expect(
      run(`(module (memory 3 5) (func (export "run") (result i32) (memory.size)))`, "run"),
    ).toBe(3);
  });
});

test("what a program imports and exports", () => {
  const { imports, exports, memoryMinPages, memoryMaxPages, hasMemory } = rewrite(
    fromText(`(module
    (import "sys" "write" (func (param i32))) (import "env" "m" (memory 2 9)) (import "env" "t" (table 1 funcref))
    (func (export "_start")) (export "memory" (memory 0)) (global (export "g") i32 (i32.const 1)))`),
  );
  expect(imports).toEqual([
    { module: "sys", name: "write", kind: "function" },
    { module: "env", name: "t", kind: "table" },
  ]);
  expect(exports).toEqual([
    { name: "_start", kind: "function", signature: { params: [], results: [] } },
    { name: "g", kind: "global" },
  ]);
  expect([hasMemory, memoryMinPages, memoryMaxPages]).toEqual([true, 2, 9]);
});

describe("stack pointer", () => {
  const value = (text: string, options: RewriteOptions = {}): unknown => {
    const file = fromText(text);
    const machine = new FlatMachine({ layout: "scattered", windows: false, frames: 64 });
    return (machine.instantiate(rewrite(file, options), file).exports.get as () => number)() >>> 0;
  };
  test.each<[string, string, number]>([
    [
      "exported",
      `(module (memory 1) (global (export "__stack_pointer") (mut i32) (i32.const 4096)) (func (export "get") (result i32) (global.get 0)))`,
      0xbfffffc0,
    ],
    [
      "named",
      `(module (memory 1) (global $__stack_pointer (mut i32) (i32.const 4096)) (func (export "get") (result i32) (global.get 0)))`,
      0xbfffffc0,
    ],
    [
      "of another name",
      `(module (memory 1) (global $sp (mut i32) (i32.const 4096)) (func (export "get") (result i32) (global.get 0)))`,
      4096,
    ],
    [
      "immutable",
      `(module (memory 1) (global (export "__stack_pointer") i32 (i32.const 4096)) (func (export "get") (result i32) (global.get 0)))`,
      4096,
    ],
  ])("%s", (_, text, expected) => {
    expect(value(text, { stackTop: 0xbfffffc0 })).toBe(expected);
    expect(rewrite(fromText(text)).stackPointer).toEqual(
      expected === 4096 ? { moved: false, original: 0 } : { moved: true, original: 4096 },
    );
  });
});

describe("what a program can make the engine allocate", () => {
  /** What growing table 0 gives, by each of these numbers of entries. */
  const grown = (table: string, ...entries: number[]): unknown[] => {
    const file = fromText(`(module (memory 1) ${table}
      (func (export "grow") (param i32) (result i32) (table.grow 0 (ref.null extern) (local.get 0))))`);
    const machine = new FlatMachine({ layout: "scattered", windows: false, frames: 64 });
    const { grow } = machine.instantiate(rewrite(file), file).exports;
    return entries.map((n) => (grow as (n: number) => number)(n));
  };

  // 60 tables of 10,000,000 entries ended the machine: the engine ran out of heap.
  test("tables have a maximum, of all together", () => {
    expect(grown("(table 4 externref)", 1 << 20, (1 << 20) - 4, 1)).toEqual([-1, 4, -1]);
    expect(grown("(table 4 9 externref)", 6, 5, 1)).toEqual([-1, 4, -1]);
    expect(grown("(table 0 externref) (table 0 externref)", (1 << 19) + 1, 1 << 19)).toEqual([
      -1, 0,
    ]);
    expect(() => grown("(table 1 externref) (table 1048576 externref)")).toThrow(
      /tables of more than 1048576 entries in all at byte/,
    );
  });

  test("an exception has few values", () => {
    const tag = (values: number): unknown =>
      rewrite(fromText(`(module (tag (param ${"v128 ".repeat(values)})))`));
    tag(32);
    expect(() => tag(33)).toThrow(/exception of 33 values, more than 32 at byte/);
  });
});

describe("a function that in line is past a limit of engines is translated as calls", () => {
  const access = "(local.set 0 (i32.load offset=100 (local.get 0)))";
  const program = (body: string) =>
    fromText(`(module (memory 1) (func $small (param i32) ${access})
      (func (export "run") (param i32) (result i32) ${body} (local.get 0)))`);

  test("50,000 locals", () => {
    const file = program(`(local ${"i64 ".repeat(49999)}) ${access}`);
    const module = rewrite(file);
    const machine = new FlatMachine({ layout: "scattered", windows: false, frames: 64 });
    const { run } = machine.instantiate(module, file).exports;
    machine.write(104, Uint8Array.of(7, 1, 0, 0));
    expect((run as (a: number) => number)(4)).toBe(0x107);
    expect(module.stats.sitesInline).toBeGreaterThan(0);
  });

  test("8 MB of code", () => {
    const { stats } = rewrite(program(access.repeat(180000)));
    expect([stats.sitesHelper, stats.sitesInline]).toEqual([180000, 1]);
  });
});

test("a start function: the imports can be linked without running it", () => {
  const file = fromText(`(module (import "env" "twice" (func (param i32) (result i32))) (memory 1)
    (func $start (unreachable)) (start $start) (func (export "_start")))`);
  const { linkage } = rewrite(file);
  const { memory, ...functions } = new FlatMachine({
    layout: "scattered",
    windows: false,
  }).imports();
  const link = (twice: unknown): void =>
    void new WebAssembly.Instance(new WebAssembly.Module(linkage as Uint8Array<ArrayBuffer>), {
      env: { twice },
      mmu: { ...functions, memory },
    } as WebAssembly.Imports);
  link((x: number) => x);
  expect(() => link(5)).toThrow(WebAssembly.LinkError);
  expect(rewrite(fromText("(module (memory 1))")).linkage).toBeUndefined();
});

describe("segments", () => {
  test("sorted, without overlap, the later one wins", () => {
    const random = randomFrom(5);
    for (let round = 0; round < 200; round++) {
      const segments = Array.from({ length: random() % 9 }, (_, i) => ({
        va: random() % 60,
        fileOffset: 100 * i,
        length: (random() % 20) + 1,
      }));
      const flat = new Map<number, number>();
      for (const { va, fileOffset, length } of segments)
        for (let i = 0; i < length; i++) flat.set(va + i, fileOffset + i);
      const result = normalise(segments);
      let end = 0;
      let covered = 0;
      for (const { va, fileOffset, length } of result) {
        expect(va).toBeGreaterThanOrEqual(end);
        expect(length).toBeGreaterThan(0);
        for (let i = 0; i < length; i++) expect(flat.get(va + i)).toBe(fileOffset + i);
        end = va + length;
        covered += length;
      }
      expect(covered).toBe(flat.size);
    }
  });

  test("offsets may name the module's own immutable globals", () => {
    const file =
      fromText(`(module (memory 1) (global $a i32 (i32.const 40)) (global $b i32 (i32.add (global.get $a) (i32.const 2)))
      (data (global.get $b) "x") (data (i32.sub (global.get $b) (global.get $a)) "y"))`);
    expect(rewrite(file, { validate: false }).segments.map(({ va }) => va)).toEqual([2, 42]);
    const chain = fromText(`(module (memory 1) (global i32 (i32.const 8))
      ${Array.from({ length: 20000 }, (_, i) => `(global i32 (global.get ${i}))`).join("")} (data (global.get 20000) "x"))`);
    expect(rewrite(chain, { validate: false }).segments[0]?.va).toBe(8);
  });

  test("offsets may be sums; empty segments vanish; bytes lie in the original file", () => {
    const file = fromText(
      `(module (memory 1) (data (i32.const 20) "") (data (i32.add (i32.const 8) (i32.const 4)) "abc") (data (i32.const 13) "Z"))`,
    );
    const { segments } = rewrite(file, { validate: false });
    expect(
      segments.map(({ va, fileOffset, length }) => [
        va,
        Buffer.from(file.subarray(fileOffset, fileOffset + length)).toString(),
      ]),
    ).toEqual([
      [12, "a"],
      [13, "Z"],
      [14, "c"],
    ]);
  });
});
