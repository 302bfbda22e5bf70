// stamp: whether a compiled module is still what its sources and flags make. A stamp names the files that asc itself read.

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { writeOutput } from "./output.mjs";
import { buildFolder, findTargets, root } from "./targets.mjs";

const compiler = path.join(root, "node_modules", "assemblyscript", "package.json");
const { version } = JSON.parse(readFileSync(compiler, "utf8"));

export function outputFile(target) {
  return path.join(buildFolder, target.output);
}

export function isFresh(target) {
  const at = stampFile(target);
  if (!existsSync(outputFile(target)) || !existsSync(at)) return false;
  const stamp = JSON.parse(readFileSync(at, "utf8"));
  return stamp.digest === digest(target, stamp.files);
}

/** The output has been written, from these files (relative to the root). */
export function writeStamp(target, files) {
  const sorted = [...files].sort();
  writeOutput(stampFile(target), JSON.stringify({ digest: digest(target, sorted), files: sorted }));
}

/** The bytes of what the last build made of an entry; undefined when it is no module of the product, or has changed since. */
export function builtBytes(entry) {
  const target = findTargets().find((one) => one.entry === entry);
  return target !== undefined && isFresh(target) ? readFileSync(outputFile(target)) : undefined;
}

function stampFile(target) {
  return path.join(buildFolder, "stamps", `${target.name.replaceAll("/", "-")}.json`);
}

function digest(target, files) {
  const hash = createHash("sha256").update(JSON.stringify([version, target.flags, target.entry]));
  for (const file of files) {
    const at = path.join(root, file);
    hash.update(file).update(existsSync(at) ? readFileSync(at) : "missing");
  }
  return hash.digest("hex");
}
