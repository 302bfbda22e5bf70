// Inspection: what the kernel knows, read by an instance of the kernel on the host's main thread, which runs nothing else in it.

import { Frame } from "../../abi/layout.ts";
import { TextFile } from "../../abi/proc.ts";
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
  inspectText(which: TextFile, pid: number, offset: number, dst: number, room: number): number;
}

/** Of the files in /proc: those of the whole machine, and those of each process. */
const TEXTS: readonly (readonly [string, TextFile])[] = [
  ["meminfo", TextFile.MEMINFO],
  ["frames", TextFile.FRAMES],
  ["memtypes", TextFile.MEMTYPES],
  ["vmstat", TextFile.VMSTAT],
  ["swaps", TextFile.SWAPS],
  ["counters", TextFile.COUNTERS],
  ["mmcheck", TextFile.MMCHECK],
  ["processes", TextFile.PROCESSES],
];
const PROCESS_TEXTS: readonly (readonly [string, TextFile])[] = [
  ["maps", TextFile.MAPS],
  ["pt", TextFile.TABLES],
  ["status", TextFile.STATUS],
  ["ns", TextFile.NAMES],
];

export class Inspection {
  readonly #loaded: LoadedMemory;
  readonly #exports: InspectExports;

  private constructor(loaded: LoadedMemory, exports: InspectExports) {
    this.#loaded = loaded;
    this.#exports = exports;
  }

  static async of(loaded: LoadedMemory, kernel: WebAssembly.Module): Promise<Inspection> {
    const imports = importsWithoutMachine(kernel, loaded.memory);
    const { exports } = await WebAssembly.instantiate(kernel, imports);
    return new Inspection(loaded, exports as unknown as InspectExports);
  }

  /** IA32_PAT, which all CPUs have. */
  get pat(): bigint {
    return BigInt.asUintN(64, this.#exports.inspectPat());
  }

  /** CPUs that run a process. */
  async cpus(): Promise<InspectedCpu[]> {
    const page = this.#loaded.layout.inspection;
    const count = await withLock(() => this.#exports.inspectCpus(page));
    const view = new DataView(this.#loaded.memory.buffer, page, count * RECORD_BYTES);
    return Array.from({ length: count }, (_, index) => {
      const at = index * RECORD_BYTES;
      return {
        cpu: view.getUint32(at, true),
        pid: view.getUint32(at + RECORD_PID, true),
        name: new TextDecoder().decode(
          this.#bytes(at + RECORD_NAME, view.getUint32(at + RECORD_NAME_BYTES, true)),
        ),
        cr3: view.getUint32(at + RECORD_CR3, true),
      };
    });
  }

  /** What the files of /proc that tell of memory say, as lines, by name ("vmstat", "1/maps"). */
  async texts(pids: readonly number[]): Promise<Record<string, string[]>> {
    const texts: Record<string, string[]> = {};
    for (const [name, which] of TEXTS) texts[name] = await this.#lines(which, 0);
    for (const pid of pids) {
      for (const [name, which] of PROCESS_TEXTS)
        texts[`${pid}/${name}`] = await this.#lines(which, pid);
    }
    return texts;
  }

  async #lines(which: TextFile, pid: number): Promise<string[]> {
    const page = this.#loaded.layout.inspection;
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    for (let offset = 0; ; ) {
      const bytes = await withLock(() =>
        this.#exports.inspectText(which, pid, offset, page, Frame.BYTES),
      );
      if (bytes === 0) break;
      pieces.push(this.#bytes(0, bytes));
      offset += bytes;
    }
    const text = await new Blob(pieces).text();
    return text.split("\n").slice(0, -1);
  }

  /** A copy of bytes of the inspection page. */
  #bytes(at: number, bytes: number): Uint8Array<ArrayBuffer> {
    const page = this.#loaded.layout.inspection;
    return new Uint8Array(this.#loaded.memory.buffer, page + at, bytes).slice();
  }
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
