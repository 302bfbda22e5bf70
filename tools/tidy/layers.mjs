// layers: which folder may import which (design 2), and what breaks that. tidy.test.ts runs it over the tree.

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

/** Kernel folders from the lowest up: a file imports its own folder and the ones before it. */
export const KERNEL_ORDER = ["abi", "lib", "arch", "mm", "proc", "ipc", "dev", "sys", "entry"];

/** For each layer, the layers its files may import besides their own. */
export const ALLOWED = {
  abi: [],
  machine: ["abi"],
  lib: ["abi"],
  srv: ["abi", "lib"],
  cmd: ["abi", "lib"],
  web: ["abi", "machine/client"],
};

const IMPORT =
  /^\s*(?:import|export)\b[^"';]*?\bfrom\s*["'](\.[^"']*)["']|^\s*import\s*["'](\.[^"']*)["']/gm;

/** Relative paths that `text` imports. */
export function importsOf(text) {
  return [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2]);
}

/** A sentence when `file` may not import `target` (both from the root, with "/"), else undefined. */
export function breach(file, target) {
  const [layer, part] = file.split("/");
  const [targetLayer, targetPart] = target.split("/");
  if (/\.test\.ts$/.test(file) || file.includes("/testing/") || file.startsWith("kernel-as/tests/"))
    return undefined;
  if (layer === "kernel-as") return kernelBreach(file, part, targetLayer, targetPart, target);
  const allowed = ALLOWED[layer];
  if (allowed === undefined) return undefined;
  if (targetLayer === layer) {
    if ((layer === "srv" || layer === "cmd") && part !== targetPart)
      return `${file} imports ${target}: programs do not import each other`;
    return undefined;
  }
  if (allowed.some((prefix) => target === prefix || target.startsWith(`${prefix}/`)))
    return undefined;
  return `${file} imports ${target}: ${layer} may import ${allowed.join(", ") || "nothing"}`;
}

function kernelBreach(file, part, targetLayer, targetPart, target) {
  const own = KERNEL_ORDER.indexOf(part);
  if (own < 0) return undefined; // rt
  const other =
    targetLayer === "abi" ? 0 : targetLayer === "kernel-as" ? KERNEL_ORDER.indexOf(targetPart) : -1;
  if (other < 0) return `${file} imports ${target}: the kernel imports only itself and abi`;
  if (other > own) return `${file} imports ${target}: ${part} is below ${targetPart}`;
  return undefined;
}

/** Every breach in the tree under `root`, as sentences. */
export function findBreaches(root) {
  const found = [];
  for (const layer of ["abi", "kernel-as", "machine", "lib", "srv", "cmd", "web"]) {
    for (const file of sourcesUnder(root, layer)) {
      for (const target of importsOf(readFileSync(path.join(root, file), "utf8"))) {
        const resolved = path.posix.normalize(path.posix.join(path.posix.dirname(file), target));
        const sentence = breach(file, resolved);
        if (sentence !== undefined) found.push(sentence);
      }
    }
  }
  return found;
}

/** TypeScript sources under a folder, as paths from the root with "/". */
export function sourcesUnder(root, folder) {
  const entries = readdirSync(path.join(root, folder), { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) =>
      path.relative(root, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"),
    )
    .sort();
}
