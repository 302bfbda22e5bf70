// Compiles a program of this tree with asc, with the options that the product's build uses (lib/asconfig.json).

import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** `entry` is relative to the root, for example "cmd/sh/index.ts". */
export async function buildProgram(entry: string): Promise<WebAssembly.Module> {
  const dir = await mkdtemp(join(tmpdir(), "quire-"));
  const outFile = join(dir, "program.wasm");
  try {
    await promisify(execFile)(
      process.execPath,
      ["node_modules/assemblyscript/bin/asc.js", entry, "--config", "lib/asconfig.json", "-o", outFile],
      { cwd: root },
    );
    return await WebAssembly.compile(await readFile(outFile));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
