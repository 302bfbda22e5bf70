// A program of this tree: as the product's build has made it, or compiled with the same options (lib/asconfig.json).

import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { builtBytes } from "../../tools/build/stamp.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** `entry` is relative to the root, for example "cmd/sh/index.ts". */
export async function buildProgram(entry: string): Promise<WebAssembly.Module> {
  const built = builtBytes(entry);
  return WebAssembly.compile(built ?? (await compiled(entry)));
}

async function compiled(entry: string): Promise<Uint8Array<ArrayBuffer>> {
  const options = [entry, "--baseDir", root, "--config", "lib/asconfig.json", "-o", "program.wasm"];
  let binary: Uint8Array<ArrayBuffer> | undefined;
  const { error, stderr } = await asc.main(options, {
    writeFile: (_name: string, contents: Uint8Array | string) => {
      if (typeof contents !== "string") binary = new Uint8Array(contents);
    },
  });
  if (error || !binary)
    throw new Error(`${entry}: ${error?.message ?? "no output"}\n${stderr.toString()}`);
  return binary;
}
