// CpuPool: the Workers that are this machine's CPUs, on the host's main thread. It starts them, hands them compiled programs, and ends
// those that the kernel has doomed.
//
// Invariants
//   K1  A slot has at most one Worker. A slot is used again only when its state word says OFFLINE: the kernel has reaped it.
//   K2  A Worker is terminated only on MachineRequest.TERMINATE, which the kernel makes after its state went USER -> DOOMED, or at dispose.
//   K3  A doomed CPU is reported dead only after its Worker can run no more instructions.
//   K4  When the kernel asks for a CPU at most STARTING_CPUS Workers are on their way to attach: it asks again while it has too few.

import { CpuBlock, CpuState } from "../../abi/cpu.ts";
import { Limit } from "../../abi/layout.ts";
import { Irq, MachineRequest, MachineWord } from "../../abi/machine.ts";
import type { FromCpu, ProgramKey } from "../cpu/messages.ts";
import { raiseIrq } from "../devices/irq.ts";
import { cpuBlockOffset, memoryPages } from "../layout.ts";
import type { LoadedMemory } from "../memory.ts";
import type { CpuHandle, Host } from "./host.ts";
import type { ProgramStore } from "./programs.ts";

/** The kernel thread and init's CPU: they have the host to themselves until the kernel is up. */
export const BOOT_CPUS = 2;
/** With the CPUs that wait for the next programs: four servers and the shell. */
export const FIRST_CPUS = 7;
const STARTING_CPUS = 2;

export interface CpuPoolEvents {
  request(kind: number, a: number, b: number): void;
  /** Puts an offered file on the ROM card; resolves with why that failed, or undefined. */
  fetchFile(path: string): Promise<string | undefined>;
  crashed(text: string): void;
  progress(label: string, done: number, total: number): void;
}

export class CpuPool {
  readonly #loaded: LoadedMemory;
  readonly #kernel: WebAssembly.Module;
  readonly #host: Host;
  readonly #events: CpuPoolEvents;
  readonly #cpus = new Map<number, CpuHandle>();
  readonly #programs: ProgramStore;
  readonly #powerOnMs = performance.timeOrigin + performance.now();
  readonly #starting = new Set<number>();
  #disposed = false;

  constructor(
    loaded: LoadedMemory,
    kernel: WebAssembly.Module,
    programs: ProgramStore,
    host: Host,
    events: CpuPoolEvents,
  ) {
    this.#loaded = loaded;
    this.#kernel = kernel;
    this.#programs = programs;
    this.#host = host;
    this.#events = events;
  }

  start(): void {
    for (let slot = 0; slot < BOOT_CPUS; slot++) this.#startCpu(slot);
  }

  /** Starts one more CPU, when a slot is free. */
  addCpu(): void {
    if (this.#disposed || this.#starting.size >= STARTING_CPUS) return;
    for (let slot = 1; slot < Limit.CPUS; slot++) {
      if (this.#cpus.has(slot)) continue;
      if (!this.#hasBlock(slot)) {
        if (!this.#growTo(slot)) return;
      } else if (this.#state(slot) !== CpuState.OFFLINE) continue;
      this.#startCpu(slot);
      return;
    }
  }

  /** K3: ends a doomed CPU's Worker, then tells the kernel thread. */
  async terminate(slot: number): Promise<void> {
    const cpu = this.#cpus.get(slot);
    if (cpu === undefined) return;
    await cpu.terminate();
    this.#cpus.delete(slot);
    this.#starting.delete(slot);
    if (this.#disposed) return;
    const word = slot < 32 ? MachineWord.DEAD_CPUS_LOW : MachineWord.DEAD_CPUS_HIGH;
    const words = new Int32Array(this.#loaded.memory.buffer, this.#loaded.layout.machine, 16);
    Atomics.or(words, word >> 2, 1 << (slot & 31));
    raiseIrq(this.#loaded.memory, this.#loaded.layout.machine, Irq.CPU_DEAD);
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    const cpus = [...this.#cpus.values()];
    this.#cpus.clear();
    await Promise.all(cpus.map((cpu) => cpu.terminate()));
  }

  #startCpu(slot: number): void {
    const cpu = this.#host.startCpu(
      (message) => this.#receive(slot, message),
      (text) => {
        if (!this.#disposed) this.#events.crashed(`CPU ${slot}: ${text}`);
      },
    );
    this.#cpus.set(slot, cpu);
    this.#starting.add(slot);
    const { memory } = this.#loaded;
    cpu.post({ type: "attach", slot, memory, kernel: this.#kernel, powerOnMs: this.#powerOnMs });
  }

  #receive(slot: number, message: FromCpu): void {
    if (this.#disposed) return;
    switch (message.type) {
      case "booted":
        this.#starting.delete(slot);
        for (let next = BOOT_CPUS; next < FIRST_CPUS; next++) {
          if (!this.#cpus.has(next)) this.#startCpu(next);
        }
        return;
      case "attached":
        this.#starting.delete(slot);
        return;
      case "request":
        this.#request(message.kind, message.a, message.b);
        return;
      case "wantProgram":
        void this.#sendProgram(slot, message.key);
        return;
      case "wantFile":
        void this.#fetchFile(slot, message.path);
        return;
      case "madeProgram":
        this.#programs.keep(message.key, message.program);
        return;
      case "progress":
        this.#events.progress(message.label, message.done, message.total);
        return;
      case "crashed":
        this.#events.crashed(`CPU ${slot}: ${message.text}`);
    }
  }

  async #sendProgram(slot: number, key: ProgramKey): Promise<void> {
    const program = await this.#programs.find(key);
    this.#cpus.get(slot)?.post({ type: "program", key, program });
  }

  async #fetchFile(slot: number, path: string): Promise<void> {
    const failure = await this.#events.fetchFile(path);
    this.#cpus.get(slot)?.post({ type: "file", path, failure });
  }

  #request(kind: number, a: number, b: number): void {
    if (kind === MachineRequest.NEED_CPU) this.addCpu();
    else if (kind === MachineRequest.TERMINATE) void this.terminate(a);
    else this.#events.request(kind, a, b);
  }

  #hasBlock(slot: number): boolean {
    return (
      memoryPages(this.#loaded.layout, slot + 1) * 0x10000 <= this.#loaded.memory.buffer.byteLength
    );
  }

  /** Grows the memory by the blocks up to this slot's; false when the engine has no more to give. */
  #growTo(slot: number): boolean {
    const { memory, layout } = this.#loaded;
    const missing = memoryPages(layout, slot + 1) - memory.buffer.byteLength / 0x10000;
    try {
      if (missing > 0) memory.grow(missing);
      return true;
    } catch {
      return false; // The kernel sees no new CPU: spawn answers EAGAIN.
    }
  }

  #state(slot: number): number {
    const words = new Int32Array(
      this.#loaded.memory.buffer,
      cpuBlockOffset(this.#loaded.layout, slot),
      64,
    );
    return Atomics.load(words, CpuBlock.STATE >> 2);
  }
}
