// Hostile modules on the real machine: every trap ends its own program with the status and the report of its kind, and nothing that a
// program does changes a byte that its page tables do not give it.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import wabt from "wabt";
import { type HeadlessResult, headless } from "./headless.ts";
import { X86Walker } from "./x86Walker.ts";

const TIMEOUT = 60_000;
const FEATURES = {
  threads: true,
  bulk_memory: true,
  simd: true,
  sat_float_to_int: true,
  exceptions: true,
  reference_types: true,
} as const;
const SEGV = 139;
const FPE = 136;
const ILL = 132;

/** A program whose main is `body`: one page of memory with a byte at 1024, a table with one null entry. */
function program(body: string): string {
  return `(module
    (import "sys" "write" (func $write (param i32 i32 i32) (result i32)))
    (import "sys" "mmap" (func $mmap (param i32 i32 i32 i32 i32 i64) (result i32)))
    (memory (export "memory") 1 4)
    (data (i32.const 8192) "hello\\n")
    (data $passive "abcdefgh")
    (table 1 funcref)
    (type $void (func))
    (tag $oops)
    (global $count (mut i32) (i32.const 0))
    (func $endless (global.set $count (i32.add (global.get $count) (i32.const 1))) (call $endless))
    (func $calling (drop (call $write (i32.const 1) (i32.const 8192) (i32.const 0))) (call $calling)
      (global.set $count (i32.const 0)))
    (func $touching (i32.store (global.get $count) (i32.const 1))
      (global.set $count (i32.add (global.get $count) (i32.const 4096))) (call $touching) (global.set $count (i32.const 0)))
    (func $map (result i32) (call $mmap (i32.const 0) (i32.const 0x20000000) (i32.const 3) (i32.const 0x22) (i32.const -1) (i64.const 0)))
    (func (export "_start") ${body}))`;
}

/** name, body, status (0: it must survive) */
const CASES: [string, string, number][] = [
  ["unreachable", "unreachable", ILL],
  ["division by zero", "(drop (i32.div_s (i32.const 1) (i32.const 0)))", FPE],
  ["remainder by zero", "(drop (i64.rem_u (i64.const 1) (i64.const 0)))", FPE],
  ["smallest by minus one", "(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))", FPE],
  ["conversion of NaN", "(drop (i32.trunc_f64_s (f64.const nan)))", FPE],
  ["conversion out of range", "(drop (i64.trunc_f32_u (f32.const 1e30)))", FPE],
  ["null in the table", "(call_indirect (type $void) (i32.const 0))", ILL],
  ["past the table", "(call_indirect (type $void) (i32.const 7))", ILL],
  ["table.get past the end", "(drop (table.get 0 (i32.const 9)))", ILL],
  ["endless recursion", "(call $endless)", ILL],
  ["endless recursion with a call into the kernel at each level", "(call $calling)", ILL],
  [
    "endless recursion with a page fault at each level",
    "(global.set $count (call $map)) (call $touching)",
    ILL,
  ],
  ["uncaught exception", "(throw $oops)", ILL],
  ["a trap is not an exception", "(try (do unreachable) (catch_all))", ILL],
  [
    "a fault is not an exception",
    "(try (do (i32.store (i32.const 0) (i32.const 1))) (catch_all))",
    SEGV,
  ],
  ["null pointer", "(i32.store (i32.const 0) (i32.const 1))", SEGV],
  ["first byte past memory", "(drop (i32.load8_u (i32.const 65536)))", SEGV],
  ["last byte of memory", "(i32.store8 (i32.const 65535) (i32.const 1))", 0],
  ["a load across the end", "(drop (i64.load (i32.const 65532)))", SEGV],
  ["a store across the end", "(i32.store (i32.const 65533) (i32.const 1))", SEGV],
  ["a vector across the end", "(v128.store (i32.const 65528) (v128.const i64x2 1 1))", SEGV],
  ["a load across two pages", "(drop (i64.load (i32.const 8190)))", 0],
  ["offset that wraps", "(drop (i32.load offset=4294967295 (i32.const 8193)))", SEGV],
  ["base that wraps", "(drop (i32.load8_u offset=8193 (i32.const -1)))", SEGV],
  ["offset of 4 GiB - 1", "(drop (i32.load8_u offset=4294967295 (i32.const 0)))", SEGV],
  ["the kernel's half", "(drop (i32.load (i32.const 0xc0000000)))", SEGV],
  ["the local APIC's address", "(drop (i32.load (i32.const 0xfee00020)))", SEGV],
  ["unaligned atomic load", "(drop (i32.atomic.load (i32.const 8193)))", ILL],
  ["unaligned atomic add", "(drop (i64.atomic.rmw.add (i32.const 8196) (i64.const 1)))", ILL],
  [
    "unaligned wait",
    "(drop (memory.atomic.wait32 (i32.const 8194) (i32.const 0) (i64.const 0)))",
    ILL,
  ],
  ["aligned atomic add", "(drop (i64.atomic.rmw.add (i32.const 8200) (i64.const 1)))", 0],
  ["atomic past memory", "(drop (i32.atomic.rmw.add (i32.const 65536) (i32.const 1)))", SEGV],
  ["fill past the end", "(memory.fill (i32.const 65000) (i32.const 1) (i32.const 1000))", SEGV],
  ["copy past the end", "(memory.copy (i32.const 65000) (i32.const 8192) (i32.const 1000))", SEGV],
  [
    "fill of nothing past the end",
    "(memory.fill (i32.const 65537) (i32.const 1) (i32.const 0))",
    SEGV,
  ],
  ["copy of nothing to nowhere", "(memory.copy (i32.const -1) (i32.const 0) (i32.const 0))", SEGV],
  [
    "copy of nothing from nowhere",
    "(memory.copy (i32.const 0) (i32.const 65537) (i32.const 0))",
    SEGV,
  ],
  [
    "init of nothing past the end",
    "(memory.init $passive (i32.const 65537) (i32.const 0) (i32.const 0))",
    SEGV,
  ],
  [
    "fill of nothing at the end, in a mapping, at its end, and in the stack",
    `(memory.fill (i32.const 65536) (i32.const 1) (i32.const 0))
     (memory.fill (call $map) (i32.const 1) (i32.const 0))
     (memory.fill (i32.add (call $map) (i32.const 0x20000000)) (i32.const 1) (i32.const 0))
     (memory.fill (i32.const 0xbffe0000) (i32.const 1) (i32.const 0))`,
    0,
  ],
  ["copy of 4 GiB", "(memory.copy (i32.const 8192) (i32.const 8193) (i32.const -1))", SEGV],
  [
    "init past the segment",
    "(memory.init $passive (i32.const 9000) (i32.const 4) (i32.const 5))",
    SEGV,
  ],
  [
    "init of a dropped segment",
    "(data.drop $passive) (memory.init $passive (i32.const 9000) (i32.const 0) (i32.const 1))",
    SEGV,
  ],
  [
    "init past memory",
    "(memory.init $passive (i32.const 65532) (i32.const 0) (i32.const 8))",
    SEGV,
  ],
  [
    "grow past the maximum",
    "(if (i32.ne (memory.grow (i32.const 4)) (i32.const -1)) (then unreachable))",
    0,
  ],
  [
    "grow to the maximum",
    "(if (i32.ne (memory.grow (i32.const 3)) (i32.const 1)) (then unreachable)) (i32.store (i32.const 262140) (i32.const 1))",
    0,
  ],
  [
    "a bad pointer to a call is an error",
    "(if (i32.ne (call $write (i32.const 1) (i32.const 0xb0000000) (i32.const 8)) (i32.const -14)) (then unreachable))",
    0,
  ],
  [
    "a length that wraps is an error",
    "(if (i32.ge_s (call $mmap (i32.const 0) (i32.const -1) (i32.const 3) (i32.const 0x22) (i32.const -1) (i64.const 0)) (i32.const 0)) (then unreachable))",
    0,
  ],
];

describe("hostile modules", { timeout: TIMEOUT }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "quire-hostile-"));
  let result: HeadlessResult;

  beforeAll(async () => {
    const compiler = await wabt();
    const adds = CASES.flatMap(([, body], index) => {
      const file = path.join(folder, `${index}.wasm`);
      const module = compiler.parseWat(`${index}.wat`, program(body), FEATURES);
      writeFileSync(file, module.toBinary({}).buffer);
      return ["--add", `h${index}=${file}`];
    });
    const line = CASES.map((_, index) => `h${index}; echo case ${index} status $?`).join("; ");
    result = await headless([
      ...adds,
      "-c",
      `${line}; usertests --help > /dev/null; echo the system goes on`,
    ]);
  }, TIMEOUT);

  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(CASES.map(([name, , status], index) => [name, index, status] as const))(
    "%s",
    (_, index, status) => {
      expect(result.stdout).toContain(`case ${index} status ${status}\n`);
    },
  );

  test("the system goes on, and each death was reported once", () => {
    expect(result.stdout).toContain("the system goes on\n");
    const deaths = CASES.filter(([, , status]) => status !== 0).length;
    expect(result.stderr.match(/^(fault|trap): pid/gm)?.length).toBe(deaths);
  });
});

describe("a module that the rewriter refuses", { timeout: TIMEOUT }, () => {
  test.each([
    ["not a module", Buffer.from("hello, this is no wasm")],
    ["two memories", Buffer.from("0061736d01000000050502000100010a", "hex")],
    [
      "an import from mmu",
      Buffer.from("0061736d01000000010401600000020901036d6d75016600000a", "hex"),
    ],
  ])("%s ends exec with a sentence and status 126", async (_, bytes) => {
    const folder = mkdtempSync(path.join(tmpdir(), "quire-refused-"));
    const file = path.join(folder, "bad.wasm");
    writeFileSync(file, bytes);
    const { status, stdout } = await headless(["--add", `bad=${file}`, "-c", "bad"]);
    rmSync(folder, { recursive: true });
    expect(status).toBe(126);
    expect(stdout).toMatch(/^bad: .{10,}\n$/);
  });
});

describe("a program that cannot be linked or called", { timeout: TIMEOUT }, () => {
  test("ends exec with a sentence and status 126, and the machine goes on", async () => {
    const cases: [string, string][] = [
      [
        `(import "sys" "write" (func (param i64))) (func (export "_start"))`,
        `it cannot be linked: .*"write".*type`,
      ],
      [
        `(import "sys" "write" (func (param i64))) (func $s) (start $s) (func (export "_start"))`,
        `it cannot be linked: .*"write".*type`,
      ],
      [
        `(table 1 funcref) (func $f (export "_start")) (elem (i32.const 1) $f)`,
        "it cannot be linked: .*table",
      ],
      [`(func (export "main") (param i64))`, "its main cannot be called"],
      [
        `(func (export "_initialize") (param f32)) (func (export "_start"))`,
        "its _initialize cannot be called",
      ],
      [
        `(import "a\\1b[2J\\0ab" "c" (func)) (func (export "_start"))`,
        "it imports the function a\\?\\[2J\\?b\\.c, which nothing here provides",
      ],
      [`(table 10000000 funcref) (func (export "_start"))`, "unsupported table: .* at byte"],
    ];
    const folder = mkdtempSync(path.join(tmpdir(), "quire-unlinked-"));
    const compiler = await wabt();
    const adds = cases.flatMap(([fields], index) => {
      const file = path.join(folder, `${index}.wasm`);
      const module = compiler.parseWat(`${index}.wat`, `(module ${fields} (memory 1))`, FEATURES);
      writeFileSync(file, module.toBinary({}).buffer);
      return ["--add", `u${index}=${file}`];
    });
    const line = cases.map((_, index) => `u${index} 2>&1; echo status $?`).join("; ");
    const { stdout } = await headless([...adds, "-c", `${line}; echo the system goes on`]);
    rmSync(folder, { recursive: true });
    const lines = stdout.split("\n");
    cases.forEach(([, sentence], index) => {
      expect(lines[index * 2]).toMatch(new RegExp(`^u${index}: ${sentence}`));
      expect(lines[index * 2 + 1]).toBe("status 126");
    });
    expect(lines[cases.length * 2]).toBe("the system goes on");
  });
});

// More than 65,536 were "out of memory".
test("a program of 100,000 data segments, all that engines allow, runs", {
  timeout: TIMEOUT,
}, async () => {
  const segments = Array.from(
    { length: 100_000 },
    (_, i) => `(data (i32.const ${4096 + i * 600}) "\\07")`,
  );
  const text = `(module (memory 1000) ${segments.join("")}
    (func (export "main") (result i32) (i32.load8_u (i32.const ${4096 + 99_999 * 600}))))`;
  const folder = mkdtempSync(path.join(tmpdir(), "quire-segments-"));
  const file = path.join(folder, "s.wasm");
  const compiler = await wabt();
  writeFileSync(file, compiler.parseWat("s.wat", text, FEATURES).toBinary({}).buffer);
  const { status, stdout } = await headless(["--add", `segments=${file}`, "-c", "segments"]);
  rmSync(folder, { recursive: true });
  expect([status, stdout]).toEqual([7, ""]);
});

describe("a program that stores everywhere", { timeout: TIMEOUT }, () => {
  const MARK = Buffer.from("f00dfacecafebeef5ca1ab1edeadc0de", "hex");

  test("reaches its own pages only", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "quire-marks-"));
    mkdirSync(folder, { recursive: true });
    const compiler = await wabt();
    // Child N of 64 starts at N * 64 MiB and stores the mark every 4 KiB until it dies; the pages it owns it marks all.
    const body = `(module
      (import "sys" "args" (func $args (param i32 i32) (result i32)))
      (memory 8)
      (func (export "_start") (local $at i32)
        (drop (call $args (i32.const 4096) (i32.const 64)))
        (local.set $at (i32.const 8192))
        (loop $own
          (v128.store (local.get $at) (v128.const i32x4 0xcefa0df0 0xefbefeca 0x1eaba15c 0xdec0adde))
          (br_if $own (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 4096))) (i32.const 524288))))
        (local.set $at (i32.shl (i32.sub (i32.load8_u (i32.const 4098)) (i32.const 48)) (i32.const 29)))
        (loop $all
          (v128.store offset=64 (local.get $at) (v128.const i32x4 0xcefa0df0 0xefbefeca 0x1eaba15c 0xdec0adde))
          (local.set $at (i32.add (local.get $at) (i32.const 4096)))
          (br $all))))`;
    const file = path.join(folder, "m.wasm");
    writeFileSync(file, compiler.parseWat("m.wat", body, FEATURES).toBinary({}).buffer);
    const line = Array.from({ length: 8 }, (_, n) => `m ${n}`).join("; ");
    const { stdout } = await headless([
      "--add",
      `m=${file}`,
      "--dump",
      folder,
      "-c",
      `${line}; echo $?`,
    ]);
    expect(stdout).toContain("139\n");

    const ram = readFileSync(path.join(folder, "ram.bin"));
    const vram = readFileSync(path.join(folder, "vram.bin"));
    const machine = JSON.parse(readFileSync(path.join(folder, "machine.json"), "utf8"));
    rmSync(folder, { recursive: true });
    expect(vram.includes(MARK)).toBe(false);
    const walker = new X86Walker(new Uint8Array(ram), BigInt(machine.pat));
    for (const cpu of machine.cpus) {
      for (const leaf of walker.leaves(BigInt(cpu.cr3))) {
        if (!leaf.user || leaf.pa >= BigInt(ram.length)) continue;
        const frame = ram.subarray(Number(leaf.pa), Number(leaf.pa) + 4096);
        expect(frame.includes(MARK), `${cpu.name} at ${leaf.va.toString(16)}`).toBe(false);
      }
      const root = Number(BigInt(cpu.cr3));
      expect(ram.subarray(root, root + 4096).includes(MARK)).toBe(false);
    }
    expect(ram.subarray(0, 0x200000).includes(MARK), "the kernel's own memory").toBe(false);
  });
});
