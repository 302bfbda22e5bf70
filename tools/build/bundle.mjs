// bundle: the headless machine for Node, from TypeScript to build/node/*.mjs.

import path from "node:path";
import { build } from "esbuild";
import { writeOutput } from "./output.mjs";
import { buildFolder, root } from "./targets.mjs";

export async function bundleNode() {
  const { outputFiles } = await build({
    entryPoints: {
      headless: path.join(root, "machine/node/headless.ts"),
      cpuWorker: path.join(root, "machine/cpu/nodeWorker.ts"),
      diskWorker: path.join(root, "machine/node/diskWorker.ts"),
      translate: path.join(root, "machine/node/translate.ts"),
    },
    outdir: path.join(buildFolder, "node"),
    outExtension: { ".js": ".mjs" },
    bundle: true,
    write: false,
    platform: "node",
    target: "node20",
    format: "esm",
    sourcemap: true,
    logLevel: "warning",
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  for (const file of outputFiles) writeOutput(file.path, file.contents);
}
