// Matrix: every memory instruction x offset x address, untranslated against rewritten, over scattered, contiguous and windowed memory:
// the same results, the same traps, the same bytes.

import { expect, test } from "vitest";
import { rewrite } from "./rewrite.ts";
import { FlatMachine, type FlatOptions } from "./testing/flat.ts";
import { accessModule, randomFrom } from "./testing/programs.ts";

const PAGES = 1;
const BYTES = PAGES * 65536;
const ALL_OFFSETS = [
  0, 1, 7, 8, 15, 16, 17, 100, 4095, 4096, 5000, 65535, 65536, 0x1fffff, 0x200000, 0x7fffffff,
  0x80000000, 0xfffffff0, 0xffffffff,
];
// MMU_LONG=1 takes them all.
const OFFSETS = process.env.MMU_LONG
  ? ALL_OFFSETS
  : ALL_OFFSETS.filter((_, i) => i % 3 === 0 || i > 12);
const MACHINES: readonly FlatOptions[] = [
  { layout: "scattered", windows: false },
  { layout: "scattered", windows: false, tlb: false },
  { layout: "contiguous", windows: true },
];

type Run = (address: number, first: bigint, second: bigint) => [bigint, bigint];

function outcome(run: Run, address: number, first: bigint, second: bigint): string {
  try {
    return run(address, first, second).join();
  } catch {
    return "trap";
  }
}

function addressesFor(k: number, random: () => number): number[] {
  const edges = [
    0,
    1,
    3,
    4,
    8,
    4080,
    4088,
    4092,
    4095,
    4096,
    8190,
    BYTES - 16,
    BYTES - 8,
    BYTES - 4,
    BYTES - 1,
    BYTES,
    0x80000000,
    0xffffffff,
  ];
  const around = edges.map((edge) => (edge - k) >>> 0);
  return [
    ...edges,
    ...around,
    ...Array.from({ length: 6 }, () => ((random() % BYTES) - Math.min(k, 180000) - 1) >>> 0),
  ];
}

for (const inLoop of [false, true]) {
  // Declared alignment decides between the forms: unaligned ones are window forms, natural ones flat forms. In a loop both are
  // window forms; with "all" the natural ones have a flat form behind them.
  const modes = inLoop
    ? ([
        ["all", false],
        ["all", true],
        ["loops", true],
      ] as const)
    : ([
        ["none", false],
        ["all", false],
        ["all", true],
      ] as const);
  for (const [inline, natural] of modes) {
    const alignment = natural ? "natural" : "no";
    test(`${inLoop ? "in a loop" : "straight"}, inline ${inline}, ${alignment} alignment`, () => {
      let cases = 0;
      for (const k of OFFSETS) {
        const random = randomFrom(k + 99);
        const { bytes, functions } = accessModule(k, PAGES, inLoop, natural);
        const plain = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
        const plainMemory = new Uint8Array((plain.memory as WebAssembly.Memory).buffer);
        const rewritten = rewrite(bytes, { inline });
        const machines = MACHINES.map((options) => {
          const machine = new FlatMachine({ ...options, frames: 32 });
          return { machine, exports: machine.instantiate(rewritten, bytes).exports };
        });
        const initial = Uint8Array.from({ length: BYTES }, (_, i) => (i * 31 + (i >> 8)) & 255);
        plainMemory.set(initial);
        for (const { machine } of machines) machine.write(0, initial);
        for (const { name, access } of functions) {
          for (const address of addressesFor(k, random)) {
            const first = (BigInt(random()) << 32n) | BigInt(random());
            const second = BigInt(random());
            const wanted = outcome(plain[name] as Run, address, first, second);
            for (const { machine, exports } of machines) {
              const got = outcome(exports[name] as Run, address, first, second);
              if (got !== wanted) {
                const where = `0x${access.code.toString(16)} k=${k} at ${address}`;
                expect.unreachable(
                  `${where}: ${got} instead of ${wanted} on ${JSON.stringify(machine.options)}`,
                );
              }
              cases++;
            }
          }
        }
        for (const { machine } of machines)
          expect(Buffer.compare(machine.read(0, BYTES), plainMemory)).toBe(0);
      }
      expect(cases).toBeGreaterThan(50000);
    });
  }
}
