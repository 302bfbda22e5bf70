// targets: every AssemblyScript module of the project, found by its folder.

import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..");
export const buildFolder = path.join(root, "build");

/** Compiler options of each kind of module; they are written down in its asconfig.json only. */
const KERNEL_CONFIG = ["--config", "asconfig.json", "--target", "kernel"];
const PROGRAM_CONFIG = ["--config", "lib/asconfig.json"];
const WASI_CONFIG = ["--config", "lib/wasi/asconfig.json"];

/** Other names of programs: the same file. A program sees in its first argument by which it was called. */
const OTHER_NAMES = {
  awk: ["gawk", "mawk", "nawk"],
  edit: ["nano", "pico"],
  grep: ["egrep", "fgrep"],
  less: ["more"],
  man: ["apropos"],
  sh: ["bash"],
  unmount: ["umount"],
};

/** {name, entry, output, flags, paths}: paths are the file's names in the initrd; the kernel has none. */
export function findTargets() {
  const targets = [];
  targets.push({ name: "kernel", entry: "kernel-as/entry/index.ts", output: "kernel.wasm", flags: KERNEL_CONFIG, paths: [] });
  for (const [folder, place] of [
    ["cmd", "bin"],
    ["srv", "srv"],
  ]) {
    for (const name of foldersOf(folder)) {
      const entry = `${folder}/${name}/index.ts`;
      const paths = [name, ...(OTHER_NAMES[name] ?? [])].map((one) => `${place}/${one}`);
      targets.push({ name: `${place}/${name}`, entry, output: `${place}/${name}.wasm`, flags: PROGRAM_CONFIG, paths });
    }
  }
  targets.push({ name: "lib/wasi", entry: "lib/wasi/index.ts", output: "lib/wasi.wasm", flags: WASI_CONFIG, paths: ["lib/wasi.wasm"] });
  return targets.filter((target) => existsSync(path.join(root, target.entry)));
}

function foldersOf(folder) {
  const at = path.join(root, folder);
  if (!existsSync(at)) return [];
  return readdirSync(at, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(path.join(at, entry.name, "index.ts")))
    .map((entry) => entry.name)
    .sort();
}
