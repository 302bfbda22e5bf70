// System: the whole kernel in plain Node, in one thread. Each CPU is an instance of the kernel over one memory; a "program" is the
// test itself, calling the instance's sys_ and mmu_ exports. Only calls that do not block can be made: there is nobody to wake them
// (but see stepped.ts).

import { Initrd, InitrdRecord } from "../../abi/boot.ts";
import { ConsoleDevice, VtWord } from "../../abi/console.ts";
import { Mbr, PartitionType } from "../../abi/disk.ts";
import { Irq, MachineWord } from "../../abi/machine.ts";
import { SysInfo } from "../../abi/syscall.ts";
import { Bus, busInit } from "../../machine/bus/bus.ts";
import type { HostLayout } from "../../machine/layout.ts";
import { loadMemory } from "../../machine/memory.ts";
import { compiledBytes } from "./compiled.ts";
import { FakeDisk } from "./fakeDisk.ts";

type Value = number | bigint;
type Exports = Record<string, (...args: Value[]) => Value>;

const CPUS = 6;
/** Where a test's program keeps its data: its memory has HEAP_PAGES pages of 64 KiB from 0. */
export const DATA = 0x10000;
const HEAP_PAGES = 4;
/** What /dev lists. */
export const DEVICES =
  "console null zero random klog tty urandom vt1 vt2 vt3 stdin stdout stderr".split(" ");

let compiled: WebAssembly.Module | undefined;

/** The whole kernel. */
export function kernelBytes(): Buffer<ArrayBuffer> {
  return compiledBytes("kernel-as/entry/index.ts", "kernel");
}

function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(kernelBytes());
  return compiled;
}

/** An initrd of these files. */
export function makeInitrd(files: Record<string, string>): Uint8Array {
  const names = Object.keys(files);
  const chunks = names.map((name) => new TextEncoder().encode(files[name]));
  let at = (Initrd.RECORDS + names.length * Initrd.RECORD_BYTES + 7) & ~7;
  const total = chunks.reduce((sum, chunk) => (sum + chunk.length + 7) & ~7, at);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  view.setUint32(Initrd.MAGIC, Initrd.MAGIC_VALUE, true);
  view.setUint32(Initrd.COUNT, names.length, true);
  names.forEach((name, i) => {
    const record = Initrd.RECORDS + i * Initrd.RECORD_BYTES;
    const chunk = chunks[i] ?? new Uint8Array();
    bytes.set(new TextEncoder().encode(name), record + InitrdRecord.PATH);
    view.setUint32(record + InitrdRecord.OFFSET, at, true);
    view.setUint32(record + InitrdRecord.LENGTH, chunk.length, true);
    bytes.set(chunk, at);
    at = (at + chunk.length + 7) & ~7;
  });
  return bytes;
}

/** A partition table with one swap partition behind it. */
function swapTable(blocks: number): Uint8Array {
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  view.setUint8(Mbr.ENTRIES + Mbr.TYPE, PartitionType.SWAP);
  view.setUint32(Mbr.ENTRIES + Mbr.FIRST, Mbr.SECTORS_PER_BLOCK, true);
  view.setUint32(Mbr.ENTRIES + Mbr.SECTORS, blocks * Mbr.SECTORS_PER_BLOCK, true);
  view.setUint16(Mbr.SIGNATURE, Mbr.SIGNATURE_VALUE, true);
  return bytes;
}

// Compiled while the file is loaded, so that no test pays for it.
kernelModule();

/** memory.atomic.wait32's result. */
const TIMED_OUT = 2;

const FILES = {
  "bin/init": "init",
  "bin/prog": "prog",
  "etc/motd": "hello\n",
  "etc/deep/file": "x",
};

/** A process on a CPU that has no program yet: the exec calls, and what follows them. */
export interface Embryo {
  readonly pid: number;
  call(name: string, ...args: Value[]): number;
  /** Runs what has been committed. */
  enter(): Program;
  /** Runs a program with a heap and no data. */
  run(): Program;
  fail(errno: number): void;
}

export class System {
  readonly memory: WebAssembly.Memory;
  readonly layout: HostLayout;
  readonly requests: [number, number, number][] = [];
  readonly cpu0: Exports;
  nowNs = 0;
  /** The disk, all of it swap space, if there is one. */
  readonly disk: FakeDisk | undefined;
  /** What a sleeping CPU does instead, in a module of stepped.ts. */
  onSleep: (() => void) | undefined;
  readonly #module: WebAssembly.Module;
  #slot = 0;
  /** CPUs without a process. */
  readonly #idle: { slot: number; k: Exports }[] = [];
  #observerExports: Exports | undefined;

  constructor(commandLine = "", module = kernelModule(), swapBlocks = 0, ramBytes = 32 << 20) {
    this.#module = module;
    const loaded = loadMemory(
      { ramBytes, commandLine, initrd: makeInitrd(FILES), wallNs: 1_000_000_000n },
      CPUS,
    );
    this.memory = loaded.memory;
    this.layout = loaded.layout;
    busInit(this.memory, this.layout);
    if (swapBlocks !== 0) {
      this.disk = new FakeDisk(this.memory, this.layout.disk, swapBlocks + 1);
      this.disk.block(0).set(swapTable(swapBlocks));
    }
    this.cpu0 = this.#instance(0);
    this.#call(this.cpu0, "cpuAttach", 0);
    this.#call(this.cpu0, "boot");
  }

  #instance(slot: number): Exports {
    const bus = new Bus(this.memory, slot);
    const machine = {
      memory: this.memory,
      busRead: (pa: number, width: number) => bus.read(pa >>> 0, width),
      busWrite: (pa: number, width: number, value: number) =>
        bus.write(pa >>> 0, width, value >>> 0),
      now: () => this.nowNs,
      random: () => 4,
      stackProbe: () => {},
      sleep: () => {
        if (this.#slot === 0) {
          this.disk?.serve();
          return TIMED_OUT; // boot waits for devices that are not there
        }
        if (this.onSleep === undefined) throw new Error("this call would sleep for ever");
        this.onSleep();
        return 0;
      },
      userFault: () => 0,
      request: (kind: number, a: number, b: number) => this.requests.push([kind, a, b]),
      abort: (line: number) => {
        throw new Error(`abort at line ${line}`);
      },
    };
    const instance = new WebAssembly.Instance(this.#module, { machine, env: machine });
    return instance.exports as unknown as Exports;
  }

  #call(k: Exports, name: string, ...args: Value[]): Value {
    const f = k[name];
    if (f === undefined) throw new Error(`no export ${name}`);
    try {
      return f(...args);
    } catch (error) {
      if (this.log().includes("panic:")) throw new Error(this.log());
      throw error;
    }
  }

  /** Starts the oldest waiting process on an idle CPU or a fresh one: its program is whatever the test calls. */
  start(): Program {
    const embryo = this.embryo();
    const opened = embryo.call("execOpen", 0);
    if (opened < 0) throw new Error(`execOpen: ${opened}`);
    return embryo.run();
  }

  /** The same, before the machine has asked for its file. */
  embryo(): Embryo {
    const { slot, k } = this.#idle.pop() ?? this.#attach(++this.#slot);
    const call = (name: string, ...args: Value[]) => this.#call(k, name, ...args);
    const pid = Number(call("cpuIdle"));
    const enter = () => {
      call("userEnter");
      return new Program(this, call, pid, k, slot);
    };
    return {
      pid,
      call: (name, ...args) => Number(call(name, ...args)),
      enter,
      run: () => {
        call("execTable", 0);
        const committed = Number(call("execCommit", 0, HEAP_PAGES, -1, 0));
        if (committed < 0) throw new Error(`execCommit: ${committed}`);
        return enter();
      },
      fail: (errno) => {
        call("execFail", errno, 0);
        this.idle(slot, k);
      },
    };
  }

  #attach(slot: number): { slot: number; k: Exports } {
    const k = this.#instance(slot);
    this.#call(k, "cpuAttach", slot);
    return { slot, k };
  }

  /** The program has left the CPU. */
  idle(slot: number, k: Exports): void {
    this.#idle.push({ slot, k });
  }

  /** One round of what the kernel thread does for pending interrupts; it never blocks. */
  interrupt(irq: Irq): void {
    const view = new DataView(this.memory.buffer);
    const at = this.layout.machine + MachineWord.PENDING_IRQS;
    view.setUint32(at, view.getUint32(at, true) | (1 << irq), true);
    this.#call(this.cpu0, "interruptPoll");
  }

  /** What a thread needs to be the next CPU of this system. */
  thread(): { memory: WebAssembly.Memory; module: WebAssembly.Module; slot: number } {
    this.#slot++;
    return { memory: this.memory, module: kernelModule(), slot: this.#slot };
  }

  /** mmCheck: 0, or the number of the broken invariant. */
  check(): number {
    return Number(this.#call(this.#observer(), "inspectCheck"));
  }

  #observer(): Exports {
    this.#observerExports ??= this.#instance(0);
    return this.#observerExports;
  }

  /** One round of the kernel thread without a new interrupt. */
  poll(): void {
    this.#call(this.cpu0, "interruptPoll");
  }

  /** The host has terminated the Worker of a CPU. */
  cpuDied(slot: number): void {
    const view = new DataView(this.memory.buffer, this.layout.machine);
    view.setUint32(MachineWord.DEAD_CPUS_LOW, 1 << slot, true);
    this.interrupt(Irq.CPU_DEAD);
    this.#idle.push(this.#attach(slot));
  }

  screenState(): number {
    return this.word(this.layout.console + ConsoleDevice.STATE);
  }

  /** No more will be typed. */
  closeInput(): void {
    const view = new DataView(this.memory.buffer, this.layout.console);
    view.setUint32(ConsoleDevice.INPUT_CLOSED, 1, true);
    this.interrupt(Irq.CONSOLE);
  }

  /** Types on a virtual terminal. */
  type(text: string, vt: 1 | 2 | 3 = 1): void {
    const view = new DataView(this.memory.buffer, this.layout.console);
    const bytes = new TextEncoder().encode(text);
    const words = { 1: 0, 2: ConsoleDevice.WORDS2, 3: ConsoleDevice.WORDS3 }[vt];
    const ring = {
      1: ConsoleDevice.INPUT,
      2: ConsoleDevice.INPUT2,
      3: ConsoleDevice.INPUT3,
    }[vt];
    const head = view.getUint32(words + VtWord.INPUT_HEAD, true);
    bytes.forEach((byte, i) => {
      view.setUint8(ring + ((head + i) & (ConsoleDevice.INPUT_BYTES - 1)), byte);
    });
    view.setUint32(words + VtWord.INPUT_HEAD, head + bytes.length, true);
    this.interrupt(Irq.CONSOLE);
  }

  /** The terminal has another size now. */
  resize(columns: number, rows: number): void {
    const view = new DataView(this.memory.buffer, this.layout.console);
    view.setUint32(ConsoleDevice.COLUMNS, columns, true);
    view.setUint32(ConsoleDevice.ROWS, rows, true);
    this.interrupt(Irq.CONSOLE);
  }

  /** The host has shown all output so far. */
  drain(): void {
    const view = new DataView(this.memory.buffer, this.layout.console);
    const head = view.getUint32(ConsoleDevice.OUTPUT_HEAD, true);
    view.setUint32(ConsoleDevice.OUTPUT_TAIL, head, true);
  }

  /** Everything the console has shown. */
  output(): string {
    return this.#ring(ConsoleDevice.OUTPUT_HEAD, ConsoleDevice.OUTPUT);
  }

  /** The kernel log as the host sees it. */
  log(): string {
    return this.#ring(ConsoleDevice.LOG_HEAD, ConsoleDevice.LOG);
  }

  #ring(head: number, ring: number): string {
    const view = new DataView(this.memory.buffer, this.layout.console);
    const n = view.getUint32(head, true);
    return Buffer.from(
      new Uint8Array(this.memory.buffer, this.layout.console + ring, n).slice(),
    ).toString();
  }

  word(host: number): number {
    return new DataView(this.memory.buffer).getUint32(host, true);
  }
}

/** Indices of 64-bit parameters. */
const BIG_PARAMETERS: Record<string, readonly number[]> = {
  console_wait: [1],
  ipc_wait: [2],
  mmap: [5],
  mmap_device: [0, 1],
  nanosleep: [0],
  pread: [3],
  pwrite: [3],
  seek: [1],
  truncate: [1],
};

/** A process in program code: system calls with arguments put into its memory. */
export class Program {
  readonly #system: System;
  readonly #call: (name: string, ...args: Value[]) => Value;
  readonly #exports: Exports;
  readonly pid: number;
  readonly slot: number;

  constructor(
    system: System,
    call: (name: string, ...args: Value[]) => Value,
    pid: number,
    exports: Exports,
    slot: number,
  ) {
    this.slot = slot;
    this.#system = system;
    this.#call = call;
    this.#exports = exports;
    this.pid = pid;
  }

  /** Names of all system calls. */
  calls(): string[] {
    return Object.keys(this.#exports)
      .filter((name) => name.startsWith("sys_"))
      .map((name) => name.slice(4));
  }

  /** A system call with numbers for whatever types its parameters have. */
  tryCall(name: string, args: readonly number[]): void {
    const types = BIG_PARAMETERS[name] ?? [];
    this.#call(`sys_${name}`, ...args.map((arg, i) => (types.includes(i) ? BigInt(arg) : arg)));
  }

  /** Writes where the program may still write; memory that it has unmapped or protected is left alone. */
  tryPoke(va: number, bytes: Uint8Array): void {
    if (this.sys("pagequery", 0, va, va) === 0) this.poke(va, bytes);
  }

  /** A system call; strings are put into memory and passed as address and length. */
  sys(name: string, ...args: (Value | string)[]): number {
    let at = DATA;
    const flat: Value[] = [];
    for (const arg of args) {
      if (typeof arg !== "string") {
        flat.push(arg);
        continue;
      }
      const bytes = new TextEncoder().encode(arg);
      this.poke(at, bytes);
      flat.push(at, bytes.length);
      at += (bytes.length + 15) & ~15;
    }
    return Number(this.#call(`sys_${name}`, ...flat));
  }

  poke(va: number, bytes: Uint8Array): void {
    for (const [i, byte] of bytes.entries()) this.#call("mmu_store8", va + i, 0, byte);
  }

  peek(va: number, n: number): string {
    const bytes = new Uint8Array(n);
    for (let i = 0; i < n; i++) bytes[i] = Number(this.#call("mmu_load8", va + i, 0));
    return Buffer.from(bytes).toString();
  }

  word(va: number): number {
    return Number(this.#call("mmu_load32", va, 0));
  }

  /** Reads a whole descriptor. */
  readAll(fd: number): string {
    let text = "";
    for (;;) {
      const n = this.sys("read", fd, DATA + 0x8000, 512);
      if (n < 0) throw new Error(`read: ${n}`);
      if (n === 0) return text;
      text += this.peek(DATA + 0x8000, n);
    }
  }

  readFile(path: string): string {
    const fd = this.sys("open", path, 0);
    if (fd < 0) throw new Error(`open ${path}: ${fd}`);
    const text = this.readAll(fd);
    this.sys("close", fd);
    return text;
  }

  /** The counts that must be the same before and after whatever is balanced. */
  counts(): number[] {
    if (this.sys("sysinfo", DATA) < 0) throw new Error("sysinfo");
    const list: number[] = [];
    for (let at = 0; at <= SysInfo.PROCESSES; at += 4) list.push(this.word(DATA + at));
    return list;
  }

  /** Calls that end the process: the trap is the engine's, and then the CPU leaves. */
  ends(body: () => void, text = ""): void {
    let trapped = false;
    try {
      body();
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      trapped = true;
    }
    const host = Number(this.#call("textBuffer"));
    const bytes = new TextEncoder().encode(text);
    new Uint8Array(this.#system.memory.buffer, host, bytes.length).set(bytes);
    this.#call("userLeave", trapped ? 1 : 0, 0, bytes.length);
    this.#system.idle(this.slot, this.#exports);
  }

  load(va: number): number {
    return Number(this.#call("mmu_load32", va, 0));
  }

  store(va: number, value: number): void {
    this.#call("mmu_store32", va, 0, value);
  }
}
