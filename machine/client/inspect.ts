// Inspection: what the kernel knows, read by an instance of the kernel on the host's main thread, which runs nothing else in it.

import type { LoadedMemory } from "../memory.ts";

/** Records of kernel-as/entry/inspect.ts. */
const RECORD_BYTES = 64;
const RECORD_PID = 4;
const RECORD_CR3 = 8;
const RECORD_NAME_BYTES = 16;
const RECORD_NAME = 20;
/** On a browser's main thread a contended lock cannot be waited for; the kernel holds it for microseconds. */
const ATTEMPTS = 100;

export interface InspectedCpu {
  readonly cpu: number;
  readonly pid: number;
  readonly name: string;
  /** Physical address of the root table. */
  readonly cr3: number;
}

interface InspectExports {
  inspectCpus(dst: number): number;
  inspectPat(): bigint;
}

/** CPUs that run a process, and the PAT that all of them have. */
export async function inspectCpus(
  loaded: LoadedMemory,
  kernel: WebAssembly.Module,
): Promise<{ cpus: InspectedCpu[]; pat: bigint }> {
  const instance = await WebAssembly.instantiate(
    kernel,
    importsWithoutMachine(kernel, loaded.memory),
  );
  const { inspectCpus: list, inspectPat } = instance.exports as unknown as InspectExports;
  const count = await withLock(() => list(loaded.layout.inspection));
  const view = new DataView(loaded.memory.buffer, loaded.layout.inspection, count * RECORD_BYTES);
  const cpus = Array.from({ length: count }, (_, index) => {
    const at = index * RECORD_BYTES;
    const name = new Uint8Array(
      loaded.memory.buffer,
      loaded.layout.inspection + at + RECORD_NAME,
      view.getUint32(at + RECORD_NAME_BYTES, true),
    );
    return {
      cpu: view.getUint32(at, true),
      pid: view.getUint32(at + RECORD_PID, true),
      name: new TextDecoder().decode(name.slice()),
      cr3: view.getUint32(at + RECORD_CR3, true),
    };
  });
  return { cpus, pat: BigInt.asUintN(64, inspectPat()) };
}

async function withLock(work: () => number): Promise<number> {
  for (let attempt = 1; ; attempt++) {
    try {
      return work();
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }
}

/** The memory, and functions that inspection does not call: each throws its own name. */
function importsWithoutMachine(
  kernel: WebAssembly.Module,
  memory: WebAssembly.Memory,
): WebAssembly.Imports {
  const imports: Record<string, WebAssembly.ModuleImports> = {};
  for (const { module, name, kind } of WebAssembly.Module.imports(kernel)) {
    const table = imports[module] ?? {};
    imports[module] = table;
    table[name] =
      kind === "memory"
        ? memory
        : () => {
            throw new Error(`inspection does not call ${module}.${name}`);
          };
  }
  return imports;
}
