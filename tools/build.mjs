// build: kernel, programs, system file and the Node bundles, each only when something it is made of has changed.
//
//   node tools/build.mjs            everything under build/
//   node tools/build.mjs --watch    the same again at each change (npm run dev)
//
//   build/kernel.wasm   build/bin/NAME.wasm   build/srv/NAME.wasm   build/lib/wasi.wasm
//   build/initrd.bin    build/system.bin: the initrd, and its programs rewritten
//   build/node/headless.mjs   build/node/cpuWorker.mjs   build/node/diskWorker.mjs   build/node/translate.mjs

import { watch } from "node:fs";
import path from "node:path";
import { compileAll } from "./build/asc.mjs";
import { bundleNode } from "./build/bundle.mjs";
import { writeInitrd } from "./build/initrd.mjs";
import { writeSystem } from "./build/system.mjs";
import { findTargets, root } from "./build/targets.mjs";

export async function build() {
  const targets = findTargets();
  const compiled = await compileAll(targets);
  writeInitrd(targets);
  await bundleNode();
  const packed = await writeSystem();
  return { compiled, packed };
}

async function buildAndReport() {
  const start = performance.now();
  try {
    const { compiled, packed } = await build();
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    console.error(
      `build: ${compiled} modules compiled, system ${Math.round(packed / 1024)} KiB, ${seconds} s`,
    );
    return true;
  } catch (error) {
    console.error(error.message);
    return false;
  }
}

if (process.argv[1] === path.join(root, "tools", "build.mjs")) {
  const ok = await buildAndReport();
  if (process.argv.includes("--watch")) {
    let pending;
    for (const folder of ["abi", "kernel-as", "lib", "srv", "cmd", "machine", "initrd"]) {
      watch(path.join(root, folder), { recursive: true }, () => {
        clearTimeout(pending);
        pending = setTimeout(() => void buildAndReport(), 100);
      });
    }
  } else if (!ok) process.exitCode = 1;
}
