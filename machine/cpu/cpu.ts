// Cpu: one processor. A Worker that attaches to the shared memory with its own instance of the kernel and then runs one process at a
// time: wait in the kernel for a process, load its program, run it, report how it ended.
//
// Invariants
//   C1  While program code is on the stack the state word is USER or, inside a call into the kernel, KERNEL (the kernel changes it).
//   C2  Every path out of runProcess has called execFail or userLeave exactly once.
//   C3  An error that is not the program's stops the machine with its text; it is never swallowed.

import { BootBlock, InitrdRecord } from "../../abi/boot.ts";
import { CpuBlock } from "../../abi/cpu.ts";
import { Errno } from "../../abi/errno.ts";
import { PhysAddr } from "../../abi/layout.ts";
import { MachineWord } from "../../abi/machine.ts";
import { Bus } from "../bus/bus.ts";
import { EXEC_READ, ExecFile, exportsByPrefix, type KernelExports, TEXT_BYTES } from "./kernel.ts";
import { FAULT_HANDLER, instantiate, LinkError, linkImports, needsWasi } from "./link.ts";
import type { AttachMessage, CpuPort, ProgramKey } from "./messages.ts";
import type { Program } from "./program.ts";
import { contentKey, ExecError, extent, readServerFile, storeSegments } from "./serverFile.ts";
import { makeStackProbe } from "./stackProbe.ts";
import { callStackOf, printable, trapOf } from "./trap.ts";

const NO_MAXIMUM = 0xffffffff;
const PROGRESS_BYTES = 2 * 1024 * 1024;

export class Cpu {
  readonly #port: CpuPort;
  readonly #slot: number;
  readonly #memory: WebAssembly.Memory;
  readonly #instance: WebAssembly.Instance;
  readonly #kernel: KernelExports;
  readonly #sys: WebAssembly.ModuleImports;
  readonly #mmu: WebAssembly.ModuleImports;
  readonly #programs = new Map<number, Program>();
  /** The running program's export __fault. */
  #handler: CallableFunction | undefined;

  constructor(attach: AttachMessage, port: CpuPort) {
    this.#port = port;
    this.#slot = attach.slot;
    this.#memory = attach.memory;
    this.#instance = new WebAssembly.Instance(
      attach.kernel,
      kernelImports(attach, port, (va, access, bits) => this.#handler?.(va, access, bits) ?? 0),
    );
    this.#kernel = this.#instance.exports as unknown as KernelExports;
    this.#sys = exportsByPrefix(this.#instance.exports, "sys_");
    const block = this.#bootWord(BootBlock.CPU_BLOCKS) + attach.slot * CpuBlock.BYTES;
    this.#mmu = {
      ...exportsByPrefix(this.#instance.exports, "mmu_"),
      memory: attach.memory,
      cpu: new WebAssembly.Global({ value: "i32", mutable: false }, block | 0),
    };
  }

  /** Runs until the machine is powered off. Slot 0 boots the kernel and stays its thread. */
  async run(): Promise<void> {
    if (this.#slot === 0) return this.#runKernelThread();
    this.#waitForPower();
    this.#kernel.cpuAttach(this.#slot);
    this.#port.post({ type: "attached" });
    for (;;) {
      const pid = this.#kernel.cpuIdle();
      if (pid === 0) return;
      await this.#runProcess();
    }
  }

  #runKernelThread(): void {
    this.#kernel.cpuAttach(this.#slot);
    this.#kernel.boot();
    Atomics.notify(this.#machineWords(), MachineWord.POWER >> 2);
    this.#port.post({ type: "booted" });
    this.#kernel.kernelThread();
  }

  #waitForPower(): void {
    const words = this.#machineWords();
    while (Atomics.load(words, MachineWord.POWER >> 2) === 0)
      Atomics.wait(words, MachineWord.POWER >> 2, 0);
  }

  async #runProcess(): Promise<void> {
    let start: () => number;
    try {
      const { program, file } = await this.#load(ExecFile.PROGRAM);
      const wasi = needsWasi(program)
        ? (await this.#load(ExecFile.WASI_LIBRARY)).program
        : undefined;
      this.#commit(ExecFile.PROGRAM, program, file);
      if (wasi !== undefined) this.#commit(ExecFile.WASI_LIBRARY, wasi, undefined);
      start = this.#prepare(program, wasi);
    } catch (error) {
      const errno = error instanceof ExecError ? error.errno : Errno.ENOEXEC;
      const text = printable(error instanceof Error ? error.message : String(error));
      this.#kernel.execFail(errno, this.#putText(text));
      return;
    }
    let status = 0;
    try {
      this.#kernel.userEnter();
      status = start();
    } catch (error) {
      this.#kernel.userLeave(trapOf(error), 0, this.#putText(callStackOf(error)));
      return;
    }
    this.#kernel.userLeave(0, status, 0);
  }

  /** The program, and its file when a server keeps that: then nobody but this process has its data. */
  async #load(which: ExecFile): Promise<Loaded> {
    let opened = this.#kernel.execOpen(which);
    if (opened === -Errno.EAGAIN) {
      await this.#fetchFile();
      opened = this.#kernel.execOpen(which);
    }
    if (opened < 0) {
      throw new ExecError(
        -opened,
        which === ExecFile.PROGRAM ? "not found" : "lib/wasi.wasm is missing from the initrd",
      );
    }
    if (opened === EXEC_READ) {
      const file = readServerFile(this.#kernel, this.#memory);
      const key = await contentKey(file);
      return { program: (await this.#fetchShared(key)) ?? (await this.#make(key, file)), file };
    }
    const key = this.#kernel.execKey();
    const bytes = this.#kernel.execFileBytes() >>> 0;
    const known = this.#programs.get(key);
    if (known !== undefined) return { program: known, file: undefined };
    let program = await this.#fetchShared(key);
    if (program === undefined) {
      const at = this.#kernel.execFile() >>> 0;
      program = await this.#make(key, new Uint8Array(this.#memory.buffer, at, bytes).slice());
    }
    this.#programs.set(key, program);
    return { program, file: undefined };
  }

  /** Has the host bring the file whose record execOpen has found. */
  async #fetchFile(): Promise<void> {
    const record = this.#kernel.execFile() >>> 0;
    const bytes = new Uint8Array(this.#memory.buffer, record, InitrdRecord.PATH_BYTES).slice();
    const path = new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
    this.#port.post({ type: "wantFile", path });
    const answer = await this.#port.receive();
    if (answer.type !== "file" || answer.path !== path)
      throw new Error(`CPU ${this.#slot}: unexpected message ${answer.type}`);
    if (answer.failure !== undefined) throw new ExecError(Errno.EIO, answer.failure);
  }

  async #fetchShared(key: ProgramKey): Promise<Program | undefined> {
    this.#port.post({ type: "wantProgram", key });
    const answer = await this.#port.receive();
    if (answer.type !== "program" || answer.key !== key)
      throw new Error(`CPU ${this.#slot}: unexpected message ${answer.type}`);
    return answer.program;
  }

  async #make(key: ProgramKey, file: Uint8Array): Promise<Program> {
    const total = file.length;
    const progress = (done: number): void => {
      if (total >= PROGRESS_BYTES)
        this.#port.post({ type: "progress", label: "translating the program", done, total });
    };
    progress(0);
    try {
      // The rewriter is most of a CPU's code and seldom needed: what the system brings along is rewritten already (client/programs.ts).
      const { makeProgram } = await import("./program.ts");
      const { program } = await makeProgram(file);
      this.#port.post({ type: "madeProgram", key, program });
      return program;
    } finally {
      progress(total);
    }
  }

  /** Lays the image out; with `file`, its data are stored now, else pages are shown from the file as they are touched. */
  #commit(which: ExecFile, program: Program, file: Uint8Array | undefined): void {
    const segments = file === undefined ? program.segments : extent(program.segments);
    const count = segments.length;
    const table = this.#kernel.execTable(count) >>> 0;
    if (table === 0 && count > 0)
      throw new ExecError(Errno.ENOMEM, `out of memory for its ${count} data segments`);
    const words = new Uint32Array(this.#memory.buffer, table, count * 3);
    let at = 0;
    for (const segment of segments) {
      words[at++] = segment.va;
      words[at++] = segment.fileOffset;
      words[at++] = segment.length;
    }
    const result = this.#kernel.execCommit(
      which,
      program.memoryMinPages,
      program.memoryMaxPages ?? NO_MAXIMUM,
      count,
    );
    if (result < 0)
      throw new ExecError(
        -result,
        `no address space: its memory of ${program.memoryMinPages * 64} KiB does not fit`,
      );
    if (file !== undefined) storeSegments(this.#kernel, this.#memory, program.segments, file);
  }

  /**
   * Everything that can fail before program code runs; the function that comes back runs it and returns its exit status: what main
   * returns, or 0. A module with a start function runs code as soon as it is instantiated, so that is left to the function.
   */
  #prepare(program: Program, wasi: Program | undefined): () => number {
    const { main, initialize, handler } = program.entry;
    const library = wasi && instantiate(wasi.module, this.#imports(wasi, undefined));
    const imports = this.#imports(program, library?.exports);
    if (main === undefined)
      throw new LinkError("it exports neither _start nor main, so there is nothing to run");
    const quiet = program.hasStart ? program.linkage : program.module;
    const early = quiet && instantiate(quiet, imports);
    return () => {
      this.#handler = undefined;
      const instance =
        early === undefined || program.hasStart
          ? new WebAssembly.Instance(program.module, imports)
          : early;
      const exports = instance.exports as Record<string, CallableFunction>;
      if (handler) {
        this.#handler = exports[FAULT_HANDLER];
        this.#kernel.userHandler(1);
      }
      if (initialize) exports._initialize?.();
      const result: unknown = exports[main]?.();
      return typeof result === "number" ? result : 0;
    };
  }

  #imports(program: Program, wasi: WebAssembly.Exports | undefined): WebAssembly.Imports {
    return linkImports(program, this.#sys, this.#mmu, wasi);
  }

  /** Puts a text into this CPU's buffer for the kernel, shortened if need be; its bytes come back. */
  #putText(text: string): number {
    const buffer = new Uint8Array(this.#memory.buffer, this.#kernel.textBuffer() >>> 0, TEXT_BYTES);
    const bytes = new TextEncoder().encode(text).subarray(0, TEXT_BYTES);
    buffer.set(bytes);
    return bytes.length;
  }

  #bootWord(offset: number): number {
    return new DataView(this.#memory.buffer).getUint32(PhysAddr.BOOT_BLOCK + offset, true);
  }

  #machineWords(): Int32Array {
    return new Int32Array(this.#memory.buffer, this.#bootWord(BootBlock.MACHINE_HOST), 1024);
  }
}

interface Loaded {
  readonly program: Program;
  readonly file: Uint8Array | undefined;
}

function kernelImports(
  attach: AttachMessage,
  port: CpuPort,
  userFault: (va: number, access: number, bits: number) => number,
): WebAssembly.Imports {
  const bus = new Bus(attach.memory, attach.slot);
  const sincePowerOn = performance.timeOrigin - attach.powerOnMs;
  const words = new Uint32Array(256);
  let unused = 0;
  const machine = {
    memory: attach.memory,
    busRead: (pa: number, width: number): number => bus.read(pa >>> 0, width),
    busWrite: (pa: number, width: number, value: number): void =>
      bus.write(pa >>> 0, width, value >>> 0),
    now: (): number => (sincePowerOn + performance.now()) * 1e6,
    random: (): number => {
      if (unused === 0) {
        crypto.getRandomValues(words);
        unused = words.length;
      }
      return words[--unused] ?? 0;
    },
    stackProbe: makeStackProbe() as WebAssembly.ImportValue,
    userFault,
    request: (kind: number, a: number, b: number): void =>
      port.post({ type: "request", kind, a, b }),
    abort: (line: number): void => {
      throw new Error(`kernel assertion failed at line ${line}`);
    },
  };
  return { machine, env: machine };
}

/** A Worker's whole life: waits for "attach", then is a CPU. Errors that are not a program's reach the main thread as "crashed". */
export async function serveCpu(port: CpuPort): Promise<void> {
  try {
    const message = await port.receive();
    if (message.type !== "attach")
      throw new Error(`a CPU Worker expected attach, got ${message.type}`);
    await new Cpu(message, port).run();
  } catch (error) {
    port.post({
      type: "crashed",
      text: error instanceof Error ? `${error.message}\n${error.stack ?? ""}` : String(error),
    });
  }
}
