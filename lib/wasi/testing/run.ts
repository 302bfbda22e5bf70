// Runs programs over the library and a FakeKernel.

import { type RewrittenModule, rewrite } from "../../../machine/mmu/rewrite.ts";
import { FlatMachine } from "../../../machine/mmu/testing/flat.ts";
import { ExitStatus, FakeKernel, type FakeOptions, plainMemory } from "./fakeKernel.ts";

export interface Result {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly kernel: FakeKernel;
}

const LIBRARY_VA = 0x40000000;
const STACK_END = 0xc0000000;
const STACK_BYTES = 0x100000;
const LIBRARY_END_PAGES = 16388;

/** A program as it is: it shares its own memory, which is grown until the library's data, at its real address, lies in it. */
export async function runProgram(
  library: WebAssembly.Module,
  program: WebAssembly.Module,
  options: FakeOptions,
): Promise<Result> {
  const kernel = new FakeKernel(options);
  const linked: { wasi: WebAssembly.Exports } = { wasi: {} };
  const instance = await WebAssembly.instantiate(program, importsOf(program, linked));
  const memory = instance.exports["memory"];
  if (!(memory instanceof WebAssembly.Memory)) throw new Error("the program exports no memory");
  memory.grow(LIBRARY_END_PAGES - memory.buffer.byteLength / 65536);
  kernel.memory = plainMemory(memory);
  const env = { memory };
  linked.wasi = (await WebAssembly.instantiate(library, { sys: kernel.sys, env })).exports;
  return finish(instance, kernel);
}

/** Program and library rewritten, over page tables whose neighbouring pages are never neighbours in memory. */
export async function runRewritten(
  library: Uint8Array,
  program: Uint8Array,
  options: FakeOptions,
  frames: number,
): Promise<Result> {
  const kernel = new FakeKernel(options);
  const machine = new FlatMachine({ layout: "scattered", windows: false, frames });
  kernel.memory = machine;
  const mmu = machine.imports();
  const wasi: RewrittenModule = rewrite(library);
  machine.map(LIBRARY_VA, wasi.memoryMinPages * 65536 - LIBRARY_VA, true, true);
  for (const { va, fileOffset, length } of wasi.segments) {
    machine.write(va, library.subarray(fileOffset, fileOffset + length));
  }
  const linked = {
    wasi: (await WebAssembly.instantiate(wasi.bytes, { sys: kernel.sys, mmu })).instance.exports,
  };
  const rewritten = rewrite(program);
  machine.prepare(rewritten, program);
  machine.map(STACK_END - STACK_BYTES, STACK_BYTES, true, true);
  const module = await WebAssembly.compile(rewritten.bytes);
  const instance = await WebAssembly.instantiate(module, { ...importsOf(module, linked), mmu });
  return finish(instance, kernel);
}

/** The program's WASI imports, each calling whatever `linked` then holds. */
function importsOf(
  program: WebAssembly.Module,
  linked: { readonly wasi: WebAssembly.Exports },
): Record<string, Record<string, WebAssembly.ImportValue>> {
  const imports: Record<string, Record<string, WebAssembly.ImportValue>> = {};
  const names = WebAssembly.Module.imports(program).filter(({ module }) => module !== "mmu");
  const isWasmEdge = names.some(({ name }) => name === "sock_open");
  for (const { module, name } of names) {
    const dialect = module === "wasi_unstable" ? "unstable_" : isWasmEdge ? "wasmedge_" : "";
    const table = imports[module] ?? {};
    table[name] = (...args: unknown[]) => {
      const target = linked.wasi[dialect + name] ?? linked.wasi[name];
      if (typeof target !== "function") throw new Error(`the library has no ${module}.${name}`);
      return target(...args);
    };
    imports[module] = table;
  }
  return imports;
}

function finish(instance: WebAssembly.Instance, kernel: FakeKernel): Result {
  const start = instance.exports["_start"];
  if (typeof start !== "function") throw new Error("the program exports no _start");
  let status = 0;
  try {
    start();
  } catch (error) {
    if (!(error instanceof ExitStatus)) throw error;
    status = error.status;
  }
  return { status, stdout: kernel.text(1), stderr: kernel.text(2), kernel };
}
