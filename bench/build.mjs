// What the benchmark is made of: guest programs and floors by asc, the runner and its Worker by esbuild, the page by vite.
//
//   build/bench/NAME.wasm   build/node/bench.mjs   build/node/benchWorker.mjs   build/bench/site/

import path from "node:path";
import { build } from "esbuild";
import { compileAll } from "../tools/build/asc.mjs";
import { buildFolder, root } from "../tools/build/targets.mjs";

const PROGRAM_CONFIG = ["--config", "bench/asconfig.json"];
const FLOOR_CONFIG = ["--config", "bench/floors/asconfig.json"];

const program = (name) => ({
  name: `bench/${name}`,
  entry: `bench/programs/${name}/index.ts`,
  output: `bench/${name}.wasm`,
  flags: PROGRAM_CONFIG,
});
const floor = (name, flags = []) => ({
  name: `bench/${name}`,
  entry: `bench/floors/${name}.ts`,
  output: `bench/${name}.wasm`,
  flags: [...FLOOR_CONFIG, ...flags],
});
const SHARED = "--importMemory --sharedMemory --maximumMemory 65536 --enable threads".split(" ");

export async function buildPrograms() {
  await compileAll([
    ...["agent", "child", "server", "twin", "kernels"].map(program),
    floor("callee"),
    floor("caller"),
    floor("zero", SHARED),
  ]);
}

/** The runner lies beside cpuWorker.mjs, which tools/build bundles and the machine starts by its place. */
export async function bundleRunner() {
  await build({
    entryPoints: {
      bench: path.join(root, "bench/node/main.ts"),
      benchWorker: path.join(root, "bench/node/pingWorker.ts"),
    },
    outdir: path.join(buildFolder, "node"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    sourcemap: true,
    logLevel: "warning",
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
}
