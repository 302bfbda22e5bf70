// ProgramStore: compiled programs for all CPUs, by the key of their file. On the host's main thread.
//
// Invariants
//   S1  A program that came with the system is compiled once, when it is first wanted, and kept.
//   S2  Of programs that CPUs have made, PROGRAMS_KEPT are kept: the one used longest ago goes first.

import type { ProgramKey } from "../cpu/messages.ts";
import type { Program } from "../cpu/program.ts";
import type { Translation } from "../cpu/translations.ts";

const PROGRAMS_KEPT = 16;

export class ProgramStore {
  readonly #translations = new Map<ProgramKey, Translation>();
  readonly #system = new Map<ProgramKey, Promise<Program | undefined>>();
  readonly #made = new Map<ProgramKey, Program>();

  /** `initrd` is the host offset of the initrd, from which keys of its files follow. */
  constructor(translations: readonly Translation[], initrd: number) {
    for (const translation of translations)
      this.#translations.set(initrd + translation.file, translation);
  }

  /** The program of a file; undefined: its CPU has to make it. */
  find(key: ProgramKey): Promise<Program | undefined> {
    const translation = this.#translations.get(key);
    if (translation !== undefined) {
      let program = this.#system.get(key);
      if (program === undefined) {
        program = compile(translation);
        this.#system.set(key, program);
      }
      return program;
    }
    const program = this.#made.get(key);
    if (program !== undefined) this.keep(key, program);
    return Promise.resolve(program);
  }

  /** A CPU has made this program. */
  keep(key: ProgramKey, program: Program): void {
    this.#made.delete(key);
    this.#made.set(key, program);
    for (const oldest of this.#made.keys()) {
      if (this.#made.size <= PROGRAMS_KEPT) break;
      this.#made.delete(oldest);
    }
  }
}

/** undefined when the engine refuses it: making it from the file says why. */
async function compile({ bytes, ...shape }: Translation): Promise<Program | undefined> {
  try {
    return { ...shape, module: await WebAssembly.compile(bytes) };
  } catch {
    return undefined;
  }
}
