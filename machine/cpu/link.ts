// Linking: which of a program's imports the machine provides, and from where.
//
//   sys.NAME                       the kernel's export sys_NAME, called directly
//   mmu.*                          the rewriter's own
//   wasi_snapshot_preview1.NAME    export NAME of the WASI library, an instance in the same address space
//   wasi_unstable.NAME             export unstable_NAME of the library when there is one, else NAME
//                                  (a program that imports sock_open was built for WasmEdge: wasmedge_NAME when there is one)
// Everything else is refused with a sentence that names the import.

import type { Program } from "./program.ts";

const WASI_MODULES = new Set(["wasi_snapshot_preview1", "wasi_unstable"]);

/** Name of a program's fault handler, (address, access, error bits) -> 0: end the program. */
export const FAULT_HANDLER = "__fault";

export class LinkError extends Error {}

export function needsWasi(program: Program): boolean {
  return WebAssembly.Module.imports(program.module).some((entry) => WASI_MODULES.has(entry.module));
}

/**
 * The import object of `program`. `sys` and `mmu` are tables of kernel functions (with the memory and the cpu global in `mmu`);
 * `wasi` is the exports of the library's instance, if the program needs it.
 */
export function linkImports(
  program: Program,
  sys: WebAssembly.ModuleImports,
  mmu: WebAssembly.ModuleImports,
  wasi: WebAssembly.Exports | undefined,
): WebAssembly.Imports {
  const imports: Record<string, WebAssembly.ModuleImports> = { mmu };
  const wanted = WebAssembly.Module.imports(program.module);
  const isWasmEdge = wanted.some(({ name }) => name === "sock_open");
  for (const { module, name, kind } of wanted) {
    if (module === "mmu") continue;
    const dialect = module === "wasi_unstable" ? "unstable_" : isWasmEdge ? "wasmedge_" : "";
    const value = module === "sys" ? own(sys, name) : find(module, name, dialect, wasi);
    if (value === undefined || kind !== "function") {
      throw new LinkError(`it imports the ${kind} ${module}.${name}, which nothing here provides`);
    }
    const table = imports[module] ?? {};
    table[name] = value;
    imports[module] = table;
  }
  return imports;
}

/** Instantiates a module without a start function: nothing of it runs. */
export function instantiate(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
): WebAssembly.Instance {
  try {
    return new WebAssembly.Instance(module, imports);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new LinkError(`it cannot be linked: ${text.replace(/^WebAssembly\.Instance\(\): /, "")}`);
  }
}

function find(
  module: string,
  name: string,
  dialect: string,
  wasi: WebAssembly.Exports | undefined,
): WebAssembly.ImportValue | undefined {
  if (wasi === undefined || !WASI_MODULES.has(module)) return undefined;
  return own(wasi, dialect + name) ?? own(wasi, name);
}

function own(table: WebAssembly.ModuleImports, name: string): WebAssembly.ImportValue | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
