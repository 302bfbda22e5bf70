// QuireMachine: a whole machine as its owner sees it: power on, console, screen, files, dump, power off. Runs on the host's main thread.

import { ConsoleState, Vt } from "../../abi/console.ts";
import { DisplayState } from "../../abi/display.ts";
import { MachineRequest, MachineWord } from "../../abi/machine.ts";
import { busInit } from "../bus/bus.ts";
import { ConsolePort } from "../devices/console.ts";
import type { DiskHandle } from "../devices/disk/client.ts";
import type { Picture } from "../devices/display/scanout.ts";
import { RomCard } from "../devices/rom.ts";
import { initrdAddress, RAM_DEFAULT_BYTES } from "../layout.ts";
import { type LoadedMemory, loadMemory } from "../memory.ts";
import { CpuPool, FIRST_CPUS } from "./cpuPool.ts";
import { dumpFiles } from "./dump.ts";
import type { DisplayHandle, Host, MachineImages } from "./host.ts";
import { ProgramStore } from "./programs.ts";
import type {
  DumpFile,
  Machine,
  MachineEvent,
  MachineListener,
  MachineOptions,
  MachineStats,
} from "./types.ts";

export class QuireMachine implements Machine {
  readonly #loaded: LoadedMemory;
  readonly #images: MachineImages;
  readonly #listeners: MachineListener[] = [];
  readonly #pool: CpuPool;
  readonly #console: ConsolePort;
  readonly #rom: RomCard;
  readonly #display: DisplayHandle;
  readonly #disk: DiskHandle;
  readonly #offers = new Map<string, () => Promise<Uint8Array>>();
  readonly #fetching = new Map<string, Promise<string | undefined>>();
  #stopped = false;

  /** Loads the memory and starts the CPUs; everything after that is told by events. Throws a sentence when it cannot be loaded. */
  constructor(images: MachineImages, options: MachineOptions, host: Host) {
    this.#images = images;
    this.#loaded = loadMemory(
      {
        ramBytes: options.ramBytes ?? RAM_DEFAULT_BYTES,
        commandLine: options.commandLine ?? "",
        initrd: images.system.initrd,
        wallNs: BigInt(Date.now()) * 1_000_000n,
      },
      FIRST_CPUS,
    );
    const { memory, layout } = this.#loaded;
    busInit(memory, layout);
    this.#console = new ConsolePort(memory, layout.console, layout.machine);
    this.#console.resize(options.columns, options.rows);
    this.#rom = new RomCard(memory, layout.rom, layout.machine);
    const notice = (text: string): void => void this.#emit({ type: "notice", text });
    this.#disk = host.startDisk(this.#loaded, options, notice);
    this.#display = host.startDisplay(this.#loaded, options, (event) => void this.#emit(event));
    const programs = new ProgramStore(images.system.translations, initrdAddress(layout.ramBytes));
    this.#pool = new CpuPool(this.#loaded, images.kernel, programs, host, {
      request: (kind, a, b) => void this.#request(kind, a, b),
      fetchFile: (path) => this.#fetchOffer(path),
      crashed: (text) => void this.#stop({ type: "panic", text }),
      progress: (label, done, total) => void this.#emit({ type: "progress", label, done, total }),
    });
    for (let vt = Vt.FIRST; vt <= Vt.SHELLS; vt++) {
      this.#console.onOutput(vt, (bytes) => this.#emit({ type: "output", bytes, vt }));
    }
    this.#console.onOutput(Vt.LOG, (bytes) => this.#emit({ type: "log", bytes }));
    for (const { path, fetch } of options.offers ?? []) {
      this.#rom.offer(path);
      this.#offers.set(path, fetch);
    }
    for (const file of options.files ?? []) this.#rom.add(file.path, file.bytes);
    this.#pool.start();
  }

  on(listener: MachineListener): void {
    this.#listeners.push(listener);
  }

  async write(bytes: Uint8Array, vt: number = Vt.FIRST): Promise<void> {
    await this.#console.send(bytes, vt);
  }

  show(vt: number): void {
    this.#console.show(vt);
  }

  transcript(vt: number): Uint8Array {
    return this.#console.transcript(vt);
  }

  closeInput(): void {
    void this.#console.close();
  }

  resize(columns: number, rows: number): void {
    this.#console.resize(columns, rows);
  }

  async addFile(path: string, bytes: Uint8Array): Promise<void> {
    this.#rom.add(path, bytes);
  }

  stats(): MachineStats {
    const words = new Uint32Array(this.#loaded.memory.buffer, this.#loaded.layout.display, 32);
    const word = (offset: number): number => words[offset >> 2] ?? 0;
    return {
      presented: word(DisplayState.PRESENTED),
      uploads: word(DisplayState.UPLOADS),
      uploadBytes: word(DisplayState.UPLOAD_BYTES) + word(DisplayState.UPLOAD_BYTES + 4) * 2 ** 32,
    };
  }

  dump(): Promise<DumpFile[]> {
    return dumpFiles(this.#loaded, this.#images.kernel);
  }

  pixels(): Promise<Picture | undefined> {
    return this.#display.pixels();
  }

  dispose(): void {
    this.#stopped = true;
    this.#console.dispose();
    this.#display.dispose();
    this.#disk.dispose();
    void this.#pool.dispose();
  }

  /** Settles when every listener has taken the event: the console's ring is not read on before. */
  async #emit(event: MachineEvent): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener(event)));
  }

  /** Delivers what is left in the rings. */
  #flushConsole(): void {
    for (let vt = Vt.FIRST; vt <= Vt.SHELLS; vt++) {
      const bytes = this.#console.read(vt);
      if (bytes !== null) void this.#emit({ type: "output", bytes, vt });
    }
    const log = this.#console.read(Vt.LOG);
    if (log !== null) void this.#emit({ type: "log", bytes: log });
  }

  /** Fetches an offered file once, however many want it at the same time; a failure may be tried again. */
  #fetchOffer(path: string): Promise<string | undefined> {
    const pending = this.#fetching.get(path);
    if (pending !== undefined) return pending;
    const work = async (): Promise<string | undefined> => {
      try {
        const bytes = await this.#offers.get(path)?.();
        if (bytes === undefined) return "nobody offers it any more";
        this.#rom.add(path, bytes);
        return undefined;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      } finally {
        this.#fetching.delete(path);
      }
    };
    const started = work();
    this.#fetching.set(path, started);
    return started;
  }

  async #request(kind: number, a: number, b: number): Promise<void> {
    switch (kind) {
      case MachineRequest.SCREEN:
        void this.#emit({ type: "screen", state: screenName(a), limit: this.#console.limit });
        return;
      case MachineRequest.VT:
        void this.#emit({ type: "vt", vt: this.#console.shown });
        return;
      case MachineRequest.HALTED:
        return this.#stop({ type: "halted", code: a });
      case MachineRequest.PANIC:
        return this.#stop({
          type: "panic",
          text: `kernel panic: ${this.#console.lastWords() || `${a} (argument 0x${(b >>> 0).toString(16)})`}`,
        });
    }
  }

  /** The machine has stopped by itself: what it said last is delivered before the event. */
  #stop(event: MachineEvent): void {
    if (this.#stopped) return;
    this.#stopped = true;
    const words = new Int32Array(this.#loaded.memory.buffer, this.#loaded.layout.machine, 16);
    Atomics.notify(words, MachineWord.EVENT >> 2);
    this.#flushConsole();
    void this.#emit(event);
  }
}

function screenName(state: number): "kernel" | "taking" | "server" {
  if (state === ConsoleState.SERVER) return "server";
  return state === ConsoleState.TAKING ? "taking" : "kernel";
}
