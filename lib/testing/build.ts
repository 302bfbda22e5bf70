// Compiles a program of this tree with asc, with the options that the product's build uses (lib/asconfig.json).

import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** `entry` is relative to the root, for example "cmd/sh/index.ts". */
export async function buildProgram(entry: string): Promise<WebAssembly.Module> {
  const options = [entry, "--baseDir", root, "--config", "lib/asconfig.json", "-o", "program.wasm"];
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main(options, {
    writeFile: (_name: string, contents: Uint8Array | string) => {
      if (typeof contents !== "string") binary = new Uint8Array(contents);
    },
  });
  if (error || !binary)
    throw new Error(`${entry}: ${error?.message ?? "no output"}\n${stderr.toString()}`);
  return WebAssembly.compile(binary);
}
