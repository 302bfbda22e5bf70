// Stepped: a kernel whose CPUs do not sleep. Every memory.atomic.wait32 in it is a call to the host, which decides in the middle of a
// system call what the rest of the machine does meanwhile: every interleaving of processes that ends in the order in which it began
// can be played, in one thread, the same each time.

import wabt from "wabt";
import { kernelBytes } from "./system.ts";

const WAIT = /memory\.atomic\.wait32( align=\d+)?(?= *\n|\))/g;
const TYPE = '(import "machine" "sleep" (func $sleep (param i32 i32 i64) (result i32)))';

/** The kernel as the other tests have it, with its waits replaced. */
export async function steppedKernel(): Promise<WebAssembly.Module> {
  const tools = await wabt();
  const features = { threads: true, simd: true, bulk_memory: true, mutable_globals: true };
  const given = tools.readWasm(kernelBytes(), { readDebugNames: true, ...features });
  given.generateNames();
  given.applyNames();
  const text = given.toText({ foldExprs: false, inlineExport: false });
  given.destroy();
  const waits = text.match(/memory\.atomic\.wait32/g)?.length ?? 0;
  const replaced = text.replace(WAIT, "call $sleep");
  if (waits === 0 || replaced.includes("memory.atomic.wait32"))
    throw new Error(`${waits} waits in the kernel, not all replaced`);
  const at = replaced.indexOf("(import ");
  const parsed = tools.parseWat(
    "kernel.wat",
    `${replaced.slice(0, at)}${TYPE}\n  ${replaced.slice(at)}`,
    features,
  );
  const { buffer } = parsed.toBinary({ write_debug_names: true });
  parsed.destroy();
  return new WebAssembly.Module(buffer.slice() as Uint8Array<ArrayBuffer>);
}
