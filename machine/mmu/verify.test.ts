// The verifier against modules that the rewriter would never make: each change below must be refused.

import { describe, expect, test } from "vitest";
import { rewrite, UnsafeModule, UnsupportedModule, verify } from "./index.ts";
import { parseModule, SectionId, sectionOf } from "./module.ts";
import { fromText, randomFrom } from "./testing/programs.ts";

const PROGRAM = fromText(`(module
  (memory 1)
  (data $passive "abcdef")
  (func (export "run") (param i32) (result i32) (local i32)
    (i32.store offset=4 align=1 (local.get 0) (i32.load offset=8 align=1 (local.get 0)))
    (i64.store offset=400 (local.get 0) (i64.load offset=4000 (local.get 0)))
    (loop
      (i32.store (local.get 0) (i32.load8_u offset=2 (local.get 1)))
      (br_if 0 (i32.load offset=1000 (local.get 1))))
    (memory.copy (local.get 0) (i32.const 4) (i32.const 4))
    (memory.init $passive (local.get 0) (i32.const 0) (i32.const 6))
    (drop (i32.atomic.rmw.add (local.get 0) (i32.const 4)))
    (memory.size)))`);
const rewritten = rewrite(PROGRAM, { hints: false }).bytes;

function find(bytes: Uint8Array, pattern: readonly number[], from = 0): number {
  for (let i = from; i + pattern.length <= bytes.length; i++)
    if (pattern.every((byte, j) => bytes[i + j] === byte)) return i;
  throw new Error("pattern not found");
}

/** Replaces bytes of the same length. */
function patched(
  pattern: readonly number[],
  replacement: readonly number[],
  from = 0,
): Uint8Array<ArrayBuffer> {
  const bytes = rewritten.slice();
  bytes.set(replacement, find(bytes, pattern, from));
  return bytes;
}

const codeStart = (sectionOf(parseModule(rewritten), SectionId.CODE) as { start: number }).start;

test("what the rewriter makes passes", () => verify(rewritten));
test("what a program is before rewriting does not", () => {
  expect(() => verify(PROGRAM)).toThrow(UnsafeModule);
});

describe("changes", () => {
  test.each<[string, () => Uint8Array]>([
    [
      "LEN read from another word",
      () => patched([0x23, 0, 0x28, 2, 0x04, 0x49], [0x23, 0, 0x28, 2, 0x0c, 0x49], codeStart),
    ],
    [
      "a signed test",
      () => patched([0x28, 2, 0x04, 0x49, 0x04], [0x28, 2, 0x04, 0x48, 0x04], codeStart),
    ],
    [
      "the offset of a near form",
      () => patched([0x6a, 0x28, 0, 8], [0x6a, 0x28, 0, 80], codeStart),
    ],
    [
      "a store behind the read window",
      () => patched([0x23, 0, 0x28, 2, 0x14, 0x49], [0x23, 0, 0x28, 2, 0x04, 0x49], codeStart),
    ],
    [
      "another local tested than used",
      () => patched([0x04, 0x7f, 0x20, 0, 0x23], [0x04, 0x7f, 0x20, 1, 0x23], codeStart),
    ],
    [
      "the entry of another page: the flat form's first shift",
      () => patched([0x42, 12, 0x88], [0x42, 11, 0x88], codeStart),
    ],
    [
      "the entry of another page: the second shift",
      () => patched([0x41, 3, 0x74, 0x6a], [0x41, 4, 0x74, 0x6a], codeStart),
    ],
    [
      "a sum that leaves the TLB",
      () => patched([0xad, 0x42, 0xa0, 0x1f, 0x7c], [0xad, 0x42, 0xa0, 0x5f, 0x7c], codeStart),
    ],
    [
      "a sum without its upper half",
      () => patched([0xad, 0x42, 0xa0, 0x1f, 0x7c], [0xac, 0x42, 0xa0, 0x1f, 0x7c], codeStart),
    ],
    [
      "a flat store by the read entry",
      () => patched([0x28, 2, 0x84, 0x20], [0x28, 2, 0x80, 0x20], codeStart),
    ],
    [
      "a word beside the TLB",
      () => patched([0x28, 2, 0x84, 0x20], [0x28, 2, 0x88, 0x20], codeStart),
    ],
    [
      "a flat form that tests another bit",
      () => patched([0x41, 1, 0x71, 0x20], [0x41, 3, 0x71, 0x20], codeStart),
    ],
    [
      "a flat form with a smaller alignment",
      () => patched([0x41, 7, 0x71, 0x4b], [0x41, 3, 0x71, 0x4b], codeStart),
    ],
    [
      "a flat test the other way round",
      () => patched([0x41, 7, 0x71, 0x4b], [0x41, 7, 0x71, 0x49], codeStart),
    ],
    [
      "a flat access at another offset",
      () => patched([0x29, 3, 0xff, 0x1f], [0x29, 3, 0xff, 0x2f], codeStart),
    ],
    ["a wider flat access", () => patched([0x29, 3, 0xff, 0x1f], [0xfd, 0, 3, 0xff], codeStart)],
    [
      "a helper with another mask",
      () => patched([0x41, 0xfd, 0x1f, 0x71], [0x41, 0xfe, 0x1f, 0x71], codeStart),
    ],
    [
      "memory.init of another length of its segment",
      () => patched([0x41, 0, 0x41, 6, 0x23], [0x41, 0, 0x41, 7, 0x23], codeStart),
    ],
    [
      "the atomic's alignment test",
      () =>
        patched(
          [0x41, 3, 0x71, 0x04, 0x40, 0x41, 3],
          [0x41, 1, 0x71, 0x04, 0x40, 0x41, 3],
          codeStart,
        ),
    ],
    [
      "an import renamed",
      () => patched([...Buffer.from("translate")], [...Buffer.from("translatf")]),
    ],
    [
      "cpu mutable",
      () => patched([...Buffer.from("cpu"), 3, 0x7f, 0], [...Buffer.from("cpu"), 3, 0x7f, 1]),
    ],
    [
      "memory not shared",
      () => patched([...Buffer.from("memory"), 2, 3, 0], [...Buffer.from("memory"), 2, 1, 0]),
    ],
  ])("%s", (_, make) => {
    const damaged = make();
    expect(() => verify(damaged)).toThrow();
  });

  test("a region's refresh taken away", () => {
    // call helper ; call $mmu_words ; local.set x4 -> the second call goes to another function
    const words = rewrite(PROGRAM, { hints: false });
    const bytes = words.bytes.slice();
    const call = find(bytes, [0x10], find(bytes, [0x03, 0x40], codeStart));
    let changed = 0;
    for (let at = call; at < call + 200; at++) {
      if (bytes[at] === 0x10 && bytes[at + 2] === 0x21) {
        bytes[at + 1] = 21;
        changed++;
      }
    }
    expect(changed).toBeGreaterThan(0);
    expect(() => verify(bytes)).toThrow(/region/);
  });
});

test("a flat form that sets a local of its region", () => {
  const bytes = rewrite(PROGRAM, { hints: false }).bytes.slice();
  // local.set START' before the loop; the entry of the first flat form in the loop goes to START' instead
  const loop = find(bytes, [0x03, 0x40], codeStart);
  const entry = find(bytes, [0x28, 2, 0x80, 0x20, 0x22], loop) + 5;
  const start = find(bytes, [0x23, 0, 0x28, 2, 0, 0x21], codeStart) + 6;
  const e = bytes[entry] as number;
  for (let at = entry; at < entry + 40; at++)
    if (bytes[at] === e && (bytes[at - 1] === 0x20 || bytes[at - 1] === 0x22))
      bytes[at] = bytes[start] as number;
  expect(WebAssembly.validate(bytes)).toBe(true);
  expect(() => verify(bytes)).toThrow(/a local of a region is set/);
});

test("a flat form whose constant has more bits than a verifier might read", () => {
  const { bytes } = rewrite(
    fromText("(module (memory 1) (func (param i32) (drop (i32.load offset=4 (local.get 0)))))"),
    { hints: false },
  );
  const { start } = sectionOf(parseModule(bytes), SectionId.CODE) as { start: number };
  const at = find(bytes, [0xad, 0x42, 4, 0x7c], start) + 2;
  // 4 + 2^32 takes five bytes; the function and the section grow by four.
  const longer = new Uint8Array(bytes.length + 4);
  longer.set(bytes.subarray(0, at));
  longer.set([0x84, 0x80, 0x80, 0x80, 0x10], at);
  longer.set(bytes.subarray(at + 1), at + 5);
  grow(longer, start);
  expect(WebAssembly.validate(longer)).toBe(true);
  expect(() => verify(longer)).toThrow(/long constant|too large/);
});

/** Adds 4 to the sizes of the code section, whose size takes two bytes, and of its first function, whose size takes one. */
function grow(bytes: Uint8Array, sectionStart: number): void {
  for (const at of [sectionStart - 2, sectionStart + 1]) {
    bytes[at] = (bytes[at] as number) + 4;
  }
}

describe("modules written by an attacker", () => {
  test.each<[string, string]>([
    [
      "a function",
      `(module (import "mmu" "translate" (func (param i32 i32 i32 i32) (result i32))) (func))`,
    ],
    ["the memory", `(module (import "mmu" "memory" (memory 1)))`],
    ["the CPU block", `(module (import "mmu" "cpu" (global i32)))`],
  ])("import %s from mmu", (_, text) => {
    expect(() => rewrite(fromText(text))).toThrow(/reserved/);
  });

  test("look-alike code is translated like any other", () => {
    const { bytes, stats } = rewrite(
      fromText(`(module (memory 1) (global $cpu i32 (i32.const 4096))
      (func (param i32) (result i32)
        (if (result i32) (i32.lt_u (i32.sub (local.get 0) (i32.load (global.get $cpu))) (i32.load offset=4 (global.get $cpu)))
          (then (i32.load (i32.add (local.get 0) (i32.load offset=8 (global.get $cpu)))))
          (else (i32.const 0)))))`),
      { inline: "none" },
    );
    expect(stats.sitesHelper).toBe(4);
    verify(bytes);
  });

  test.each<[string, string, RegExp]>([
    ["two memories", `(module (memory 1) (memory 1))`, /multiple memories/],
    ["memory64", `(module (memory i64 1))`, /memory64/],
    [
      "an operand that is missing",
      `(module (func $first) (func $second (drop (i32.add (i32.const 1)))))`,
      /this engine refuses it: .*#1.*@\+\d+/,
    ],
    [
      "a segment outside",
      `(module (memory 1) (data (i32.const 65530) "0123456789"))`,
      /data segment 0 .* outside the initial memory/,
    ],
    [
      "a segment at an imported global",
      `(module (import "env" "base" (global i32)) (memory 1) (data (global.get 0) "x"))`,
      /segment 0/,
    ],
    [
      "a segment at a mutable global",
      `(module (global (mut i32) (i32.const 8)) (memory 1) (data (global.get 0) "x"))`,
      /segment 0: it is not a constant of the module/,
    ],
  ])("%s", (_, text, sentence) => {
    expect(() => rewrite(fromText(text))).toThrow(UnsupportedModule);
    expect(() => rewrite(fromText(text))).toThrow(sentence);
  });
});

test.each<[string, number[], number[]]>([
  ["exported", [...Buffer.from("shown"), 3, 1], [...Buffer.from("shown"), 3, 0]],
  ["copied into a global", [0x7f, 1, 0x41, 5, 0x0b], [0x7f, 1, 0x23, 0, 0x0b]],
])("the address of the CPU block, %s", (_, pattern, replacement) => {
  const { bytes } = rewrite(
    fromText(`(module (memory 1) (global (export "shown") (mut i32) (i32.const 5)))`),
  );
  verify(bytes);
  bytes.set(replacement, find(bytes, pattern));
  expect(WebAssembly.validate(bytes)).toBe(true);
  expect(() => verify(bytes)).toThrow(UnsafeModule);
});

// A module of 200 KB took 18 GB in the engine when it was first called.
test("many locals in many blocks are refused", () => {
  const leb = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...leb(n >> 7)]);
  const section = (id: number, content: number[]): number[] => [
    id,
    ...leb(content.length),
    ...content,
  ];
  const nested = (locals: number, blocks: number): Uint8Array => {
    const body = [
      1,
      ...leb(locals),
      0x7e,
      ...Array(blocks).fill([2, 0x40]).flat(),
      ...Array(blocks + 1).fill(0x0b),
    ];
    return Uint8Array.from([
      ...PROGRAM.subarray(0, 8),
      ...section(1, [1, 0x60, 0, 0]),
      ...section(3, [1, 0]),
      ...section(10, [1, ...leb(body.length), ...body]),
    ]);
  };
  rewrite(nested(40000, 800), { validate: false });
  rewrite(nested(300, 50000), { validate: false });
  expect(() => rewrite(nested(40000, 900))).toThrow(
    /839 blocks inside one another and 40000 locals.* at byte/,
  );
});

// Both were refused: the verifier looked for the bytes of global.get and memory.init, and found numbers that look like them.
test.each<[string, string]>([
  ["a segment of 35 bytes (global.get is 35)", `(data $d "${"x".repeat(35)}")`],
  [
    "a flag that is global 1148 (fc 08)",
    `${"(global i32 (i32.const 0))".repeat(1147)} (data $d "x")`,
  ],
])("memory.init of %s is known for what it is", (_, fields) => {
  const program = `(module (memory 1) ${fields}
    (func (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $d)))`;
  verify(rewrite(fromText(program)).bytes);
});

test("random changes to a rewritten module: refused, or still without a raw access", () => {
  const random = randomFrom(3);
  const { start, end } = sectionOf(parseModule(rewritten), SectionId.CODE) as {
    start: number;
    end: number;
  };
  let valid = 0;
  for (let i = 0; i < 4000; i++) {
    const bytes = rewritten.slice();
    bytes[start + (random() % (end - start))] = random() & 255;
    if (Buffer.compare(bytes, rewritten) === 0 || !WebAssembly.validate(bytes)) continue;
    valid++;
    try {
      verify(bytes);
    } catch (error) {
      expect(error).toSatisfy((e) => e instanceof UnsafeModule || e instanceof UnsupportedModule);
    }
  }
  expect(valid).toBeGreaterThan(100);
});
