// Fuzz: random modules from binaryen's generator, untranslated against rewritten: the same calls, results, traps and memory.
// MMU_FUZZ=200 runs that many modules, MMU_SEED=n starts elsewhere. A failure prints the seed, which makes the same module again.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rewrite, roundTrip } from "./index.ts";
import { FlatMachine } from "./testing/flat.ts";
import { randomFrom } from "./testing/programs.ts";

const COUNT = Number(process.env.MMU_FUZZ ?? 6);
const FIRST_SEED = Number(process.env.MMU_SEED ?? 1);
const WASM_OPT = new URL("../../node_modules/binaryen/bin/wasm-opt", import.meta.url).pathname;
const FEATURES = [
  "--mvp-features",
  "--enable-simd",
  "--enable-bulk-memory",
  "--enable-sign-ext",
  "--enable-nontrapping-float-to-int",
  "--enable-multivalue",
  "--enable-mutable-globals",
  "--enable-tail-call",
];

function generate(seed: number): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), "mmu-fuzz-"));
  try {
    const random = randomFrom(seed * 7919);
    const input = Uint8Array.from({ length: 1500 + (random() % 6000) }, () => random() & 255);
    writeFileSync(join(folder, "in"), input);
    execFileSync(
      process.execPath,
      [WASM_OPT, "-ttf", join(folder, "in"), "-o", join(folder, "out"), ...FEATURES],
      { stdio: "ignore" },
    );
    return new Uint8Array(readFileSync(join(folder, "out")));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Calls every exported function twice; the log has everything that can be seen, or is undefined if the engine's stack ran out. */
function observe(
  instantiate: (imports: WebAssembly.Imports) => WebAssembly.Instance,
  module: WebAssembly.Module,
): string[] | undefined {
  const log: string[] = [];
  const imports: Record<string, Record<string, unknown>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    if (from === "mmu") continue;
    imports[from] ??= {};
    imports[from][name] = (...values: unknown[]) => {
      log.push(`${name} ${values.map(String).join()}`);
      if (name === "throw") throw new Error("thrown");
    };
  }
  let exports: WebAssembly.Exports;
  try {
    exports = instantiate(imports as WebAssembly.Imports).exports;
  } catch (error) {
    if (error instanceof WebAssembly.LinkError) throw error;
    return ["no instance"];
  }
  for (let round = 0; round < 2; round++) {
    for (const { name, kind } of WebAssembly.Module.exports(module)) {
      if (kind !== "function") continue;
      try {
        log.push(`${name}: ${String((exports[name] as (...args: unknown[]) => unknown)())}`);
      } catch (error) {
        if (error instanceof RangeError) return undefined;
        log.push(`${name}: ${error instanceof TypeError ? "type" : "trap"}`);
      }
    }
  }
  return log;
}

test(
  `${COUNT} random modules`,
  () => {
    let compared = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + COUNT; seed++) {
      const bytes = generate(seed);
      expect(Buffer.compare(roundTrip(bytes), bytes), `seed ${seed}`).toBe(0);
      if (!WebAssembly.validate(bytes)) continue;
      const plain = new WebAssembly.Module(bytes);
      const wanted = observe((imports) => new WebAssembly.Instance(plain, imports), plain);
      for (const [layout, windows, inline] of [
        ["scattered", false, "none"],
        ["contiguous", true, "all"],
        ["contiguous", true, "loops"],
      ] as const) {
        const rewritten = rewrite(bytes, { inline });
        const machine = new FlatMachine({ layout, windows, frames: 1024 });
        const got = observe(
          (imports) => machine.instantiate(rewritten, bytes, imports),
          new WebAssembly.Module(rewritten.bytes),
        );
        if (wanted === undefined || got === undefined) continue;
        expect(got, `seed ${seed}, ${layout}, ${inline}`).toEqual(wanted);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(COUNT);
  },
  30000 + COUNT * 10000,
);
