// FlatMachine: the smallest kernel that runs rewritten modules: a page table in a Map, and the imports of abi/mmu.ts in TypeScript.
// For tests and measurements of the rewriter; the kernel proper is in kernel-as.
//
// Invariants
//   F1  A TLB entry exists only for a mapped page, with the rights of the page; host offset and address of a page always differ.
//   F2  A window covers mapped pages whose frames are consecutive, and leaves out the slack at the end of the run.

import { CpuBlock } from "../../../abi/cpu.ts";
import { Access, Trap } from "../../../abi/mmu.ts";
import { WINDOW_SLACK } from "../forms.ts";
import type { RewrittenModule } from "../rewrite.ts";

const PAGE = 4096;
const CPU_OFFSET = 0x100000;
const RAM_OFFSET = 0xa00000;

/** The program touched an address that it may not touch. */
export class MemoryFault extends Error {
  readonly va: number;
  readonly access: Access;
  constructor(va: number, access: Access) {
    super(`fault at 0x${va.toString(16)}, access ${access}`);
    this.va = va;
    this.access = access;
  }
}

/** The program ended with one of the traps of abi/mmu.ts. */
export class ProgramTrap extends Error {
  readonly trap: Trap;
  constructor(trap: Trap) {
    super(`trap ${trap}`);
    this.trap = trap;
  }
}

interface Page {
  readonly frame: number;
  read: boolean;
  write: boolean;
}

export interface FlatOptions {
  /** Frames in address order, or scattered so that no two neighbours are consecutive. */
  readonly layout: "contiguous" | "scattered";
  readonly windows: boolean;
  /** Without it every access is slow. Default true. */
  readonly tlb?: boolean;
  readonly frames?: number;
}

export class FlatMachine {
  readonly memory: WebAssembly.Memory;
  readonly cpu = CPU_OFFSET;
  /** Slow entries so far. */
  misses = 0;
  readonly options: FlatOptions;
  private readonly frames: number;
  private readonly pages = new Map<number, Page>();
  private readonly view: DataView;
  private readonly bytes: Uint8Array;
  private nextFrame = 0;
  private breakBytes = 0;
  private maxBreakPages = 65536;

  constructor(options: FlatOptions) {
    this.options = options;
    this.frames = options.frames ?? 4096;
    const total = RAM_OFFSET + this.frames * PAGE;
    this.memory = new WebAssembly.Memory({
      initial: Math.ceil(total / 65536),
      maximum: 65536,
      shared: true,
    });
    this.view = new DataView(this.memory.buffer);
    this.bytes = new Uint8Array(this.memory.buffer);
  }

  /** Instantiates a rewritten module on this machine: image, heap and break in place. `file` holds its segments. */
  instantiate(
    module: RewrittenModule,
    file: Uint8Array,
    imports: WebAssembly.Imports = {},
  ): WebAssembly.Instance {
    this.prepare(module, file);
    return new WebAssembly.Instance(new WebAssembly.Module(module.bytes), {
      ...imports,
      mmu: this.imports(),
    });
  }

  prepare(module: RewrittenModule, file: Uint8Array): void {
    this.breakBytes = module.memoryMinPages * 65536;
    this.maxBreakPages = module.memoryMaxPages ?? 16384;
    this.map(0, this.breakBytes, true, true);
    for (const { va, fileOffset, length } of module.segments)
      this.write(va, file.subarray(fileOffset, fileOffset + length));
    this.setWord(CpuBlock.BREAK, this.breakBytes);
    this.setWindows();
  }

  /** Maps whole pages, zeroed. */
  map(va: number, bytes: number, read: boolean, write: boolean): void {
    for (let vpn = va / PAGE; vpn < (va + bytes) / PAGE; vpn++) {
      this.pages.set(vpn, { frame: this.takeFrame(), read, write });
    }
    this.setWindows();
  }

  protect(va: number, bytes: number, read: boolean, write: boolean): void {
    for (let vpn = va / PAGE; vpn < (va + bytes) / PAGE; vpn++) {
      const page = this.pages.get(vpn);
      if (page !== undefined) Object.assign(page, { read, write });
    }
    this.flush();
    this.setWindows();
  }

  unmap(va: number, bytes: number): void {
    for (let vpn = va / PAGE; vpn < (va + bytes) / PAGE; vpn++) this.pages.delete(vpn);
    this.flush();
    this.setWindows();
  }

  /** Clears the TLB and the windows, as an interrupt does. */
  flush(): void {
    this.bytes.fill(0, this.cpu + CpuBlock.TLB, this.cpu + CpuBlock.TLB_END);
    this.setWord(CpuBlock.READ_LEN, 0);
    this.setWord(CpuBlock.WRITE_LEN, 0);
  }

  /** The program's bytes at va; every page must be mapped. */
  read(va: number, length: number): Uint8Array {
    const result = new Uint8Array(length);
    for (let i = 0; i < length; i++) result[i] = this.bytes[this.hostOf(va + i)] as number;
    return result;
  }

  write(va: number, source: Uint8Array): void {
    for (let i = 0; i < source.length; ) {
      const chunk = Math.min(source.length - i, PAGE - ((va + i) % PAGE));
      this.bytes.set(source.subarray(i, i + chunk), this.hostOf(va + i));
      i += chunk;
    }
  }

  imports(): WebAssembly.ModuleImports {
    const load =
      (size: number) =>
      (a: number, k: number): number =>
        Number(this.loadSlow(a, k, size));
    const store =
      (size: number) =>
      (a: number, k: number, v: number): void =>
        this.storeSlow(a, k, size, BigInt.asUintN(32, BigInt(v)));
    return {
      memory: this.memory,
      cpu: this.cpu,
      load8: load(1),
      load16: load(2),
      load32: load(4),
      load64: (a: number, k: number) => this.loadSlow(a, k, 8),
      load128: (a: number, k: number) => {
        const low = this.loadSlow(a, k, 16);
        this.view.setBigUint64(this.cpu + CpuBlock.SCRATCH, low & 0xffffffffffffffffn, true);
        this.view.setBigUint64(this.cpu + CpuBlock.SCRATCH + 8, low >> 64n, true);
      },
      store8: store(1),
      store16: store(2),
      store32: store(4),
      store64: (a: number, k: number, v: bigint) => this.storeSlow(a, k, 8, BigInt.asUintN(64, v)),
      store128: (a: number, k: number, low: bigint, high: bigint) =>
        this.storeSlow(a, k, 16, BigInt.asUintN(64, low) | (BigInt.asUintN(64, high) << 64n)),
      translate: (a: number, k: number, size: number, access: Access) => {
        const va = this.sum(a, k);
        this.checkPages(va, size, access);
        this.fill(va, access);
        return this.hostOf(va) | 0;
      },
      size: () => this.breakBytes / 65536,
      grow: (pages: number) => this.grow(pages >>> 0),
      copy: (d: number, s: number, n: number) => this.copy(d >>> 0, s >>> 0, n >>> 0),
      fill: (d: number, value: number, n: number) => {
        this.check(d >>> 0, n >>> 0, Access.WRITE);
        this.write(d >>> 0, new Uint8Array(n >>> 0).fill(value & 255));
      },
      check: (a: number, n: number, access: Access) => this.check(a >>> 0, n >>> 0, access),
      wait32: (a: number, k: number, expected: number, timeout: bigint) =>
        waited(
          Atomics.wait(
            new Int32Array(this.memory.buffer),
            this.wordHost(a, k, 4) / 4,
            expected,
            milliseconds(timeout),
          ),
        ),
      wait64: (a: number, k: number, expected: bigint, timeout: bigint) =>
        waited(
          Atomics.wait(
            new BigInt64Array(this.memory.buffer),
            this.wordHost(a, k, 8) / 8,
            expected,
            milliseconds(timeout),
          ),
        ),
      notify: (a: number, k: number, count: number) =>
        Atomics.notify(new Int32Array(this.memory.buffer), this.wordHost(a, k, 4) / 4, count >>> 0),
      trap: (kind: Trap) => {
        throw new ProgramTrap(kind);
      },
    };
  }

  private takeFrame(): number {
    if (this.nextFrame >= this.frames) throw new Error("out of frames");
    const index = this.nextFrame++;
    // Reversed, so that neighbours in address order are never consecutive.
    return this.options.layout === "contiguous" ? index : this.frames - 1 - index;
  }

  private hostOf(va: number): number {
    const page = this.pages.get(Math.floor(va / PAGE));
    if (page === undefined) throw new Error(`address 0x${va.toString(16)} is not mapped`);
    return RAM_OFFSET + page.frame * PAGE + (va % PAGE);
  }

  private setWord(offset: number, value: number): void {
    this.view.setUint32(this.cpu + offset, value >>> 0, true);
  }

  /** The longest run of consecutive frames at the lowest mapped page. */
  private setWindows(): void {
    if (!this.options.windows) return;
    for (const [right, start, len, delta] of [
      ["read", CpuBlock.READ_START, CpuBlock.READ_LEN, CpuBlock.READ_DELTA],
      ["write", CpuBlock.WRITE_START, CpuBlock.WRITE_LEN, CpuBlock.WRITE_DELTA],
    ] as const) {
      let first = 0;
      while (first < 16 && !this.pages.get(first)?.[right]) first++;
      const frame = this.pages.get(first)?.frame ?? 0;
      let end = first;
      for (
        let page = this.pages.get(end);
        page?.[right] && page.frame === frame + (end - first);
        page = this.pages.get(end)
      )
        end++;
      this.setWord(len, Math.max(0, (end - first) * PAGE - WINDOW_SLACK));
      this.setWord(start, first * PAGE);
      this.setWord(delta, RAM_OFFSET + (frame - first) * PAGE);
    }
  }

  private sum(a: number, k: number): number {
    const va = (a >>> 0) + (k >>> 0);
    if (va > 0xffffffff) throw new ProgramTrap(Trap.OFFSET_OVERFLOW);
    this.misses++;
    return va;
  }

  private checkPages(va: number, size: number, access: Access): void {
    for (let vpn = Math.floor(va / PAGE); vpn <= Math.floor((va + size - 1) / PAGE); vpn++) {
      const page = this.pages.get(vpn);
      if (!(access === Access.WRITE ? page?.write : page?.read))
        throw new MemoryFault(Math.max(va, vpn * PAGE), access);
    }
  }

  private fill(va: number, access: Access): void {
    if (this.options.tlb === false) return;
    const vpn = Math.floor(va / PAGE);
    const delta = this.hostOf(vpn * PAGE) - vpn * PAGE;
    this.setWord(CpuBlock.TLB + vpn * 8 + (access === Access.WRITE ? 4 : 0), (delta - PAGE) | 1);
  }

  private loadSlow(a: number, k: number, size: number): bigint {
    const va = this.sum(a, k);
    this.checkPages(va, size, Access.READ);
    this.fill(va, Access.READ);
    let value = 0n;
    this.read(va, size).forEach((byte, i) => {
      value |= BigInt(byte) << BigInt(8 * i);
    });
    return size <= 4 ? BigInt.asIntN(32, value) : value;
  }

  private storeSlow(a: number, k: number, size: number, value: bigint): void {
    const va = this.sum(a, k);
    this.checkPages(va, size, Access.WRITE);
    this.fill(va, Access.WRITE);
    this.write(
      va,
      Uint8Array.from({ length: size }, (_, i) => Number((value >> BigInt(8 * i)) & 255n)),
    );
  }

  private check(a: number, n: number, access: Access): void {
    if (n === 0) {
      if (a > this.breakBytes) throw new ProgramTrap(Trap.MEMORY_BOUNDS);
      return;
    }
    this.checkPages(a, n, access);
  }

  private copy(d: number, s: number, n: number): void {
    this.check(d, n, Access.WRITE);
    this.check(s, n, Access.READ);
    this.write(d, this.read(s, n));
  }

  private grow(pages: number): number {
    const old = this.breakBytes / 65536;
    if (old + pages > this.maxBreakPages || this.nextFrame + pages * 16 > this.frames) return -1;
    this.breakBytes += pages * 65536;
    this.map(old * 65536, pages * 65536, true, true);
    this.setWord(CpuBlock.BREAK, this.breakBytes);
    return old;
  }

  private wordHost(a: number, k: number, size: number): number {
    const va = this.sum(a, k);
    this.checkPages(va, size, Access.READ);
    return this.hostOf(va);
  }
}

function waited(result: string): number {
  return result === "ok" ? 0 : result === "not-equal" ? 1 : 2;
}

function milliseconds(timeout: bigint): number {
  return timeout < 0n ? Number.POSITIVE_INFINITY : Number(timeout) / 1e6;
}
