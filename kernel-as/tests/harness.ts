// Harness: the kernel's memory management in plain Node. Compiles tests/mm.ts with asc, gives it a shared memory laid out as the machine
// does it, and a bus that records. Everything is deterministic.

import { BootBlock, BootMagic, MapType } from "../../abi/boot.ts";
import { CpuBlock, CpuState } from "../../abi/cpu.ts";
import { DiskState } from "../../abi/disk.ts";
import { DisplayState } from "../../abi/display.ts";
import { PhysAddr } from "../../abi/layout.ts";
import { compiledBytes } from "./compiled.ts";
import { FakeDisk } from "./fakeDisk.ts";

type Value = number | bigint;
export type Exports = Record<string, (...args: Value[]) => Value>;

export interface Options {
  ramBytes?: number;
  vramBytes?: number;
  /** Ranges of RAM that the memory map reserves. */
  holes?: [number, number][];
  initrd?: [number, number];
  /** A disk of so many blocks, all of it swap space that is in use. */
  swapBlocks?: number;
}

export interface BusAccess {
  pa: number;
  width: number;
  value?: number;
}

const CPUS = 3;
let compiled: WebAssembly.Module | undefined;

/** The test kernel. */
export function kernelModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(compiledBytes("kernel-as/tests/mm.ts", "mm"));
  return compiled;
}

/** A machine with a booted mm and one attached CPU (slot 0). Slot 1 has a block. */
export class Machine {
  readonly memory: WebAssembly.Memory;
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly k: Exports;
  readonly ramBytes: number;
  readonly vramHost: number;
  readonly displayHost: number;
  readonly diskHost: number;
  readonly blocks: number;
  readonly disk: FakeDisk | undefined;
  /** Nanoseconds since power on. */
  nowNs = 0;
  /** Called, with the lock held, when the kernel reads the clock: before it sleeps. */
  onSleep: (() => void) | undefined;
  readonly bus: BusAccess[] = [];
  readonly busValues = new Map<number, number>();
  panicked: [number, number] | undefined;
  /** The program's fault handler (testHandler makes the kernel ask it). */
  onFault: ((va: number, access: number, bits: number) => number) | undefined;

  constructor(options: Options = {}) {
    this.ramBytes = options.ramBytes ?? 16 << 20;
    const vramBytes = options.vramBytes ?? 1 << 20;
    this.vramHost = (this.ramBytes + 0xffff) & ~0xffff;
    this.displayHost = this.vramHost + vramBytes;
    this.diskHost = this.displayHost + 0x10000;
    this.blocks = this.diskHost + DiskState.BYTES;
    const total = this.blocks + CPUS * CpuBlock.BYTES + 0x10000;
    this.memory = new WebAssembly.Memory({
      initial: Math.ceil(total / 65536),
      maximum: 65536,
      shared: true,
    });
    this.view = new DataView(this.memory.buffer);
    this.bytes = new Uint8Array(this.memory.buffer);
    if (options.swapBlocks !== undefined)
      this.disk = new FakeDisk(this.memory, this.diskHost, options.swapBlocks);
    const b = PhysAddr.BOOT_BLOCK;
    const word = (offset: number, value: number) => this.view.setUint32(b + offset, value, true);
    word(BootBlock.MAGIC, BootMagic.VALUE);
    word(BootBlock.COMMAND_LINE, PhysAddr.COMMAND_LINE);
    word(BootBlock.INITRD, options.initrd?.[0] ?? 0);
    word(BootBlock.INITRD_BYTES, options.initrd?.[1] ?? 0);
    word(BootBlock.RAM_BYTES, this.ramBytes);
    word(BootBlock.CPU_BLOCKS, this.blocks);
    word(BootBlock.VRAM_HOST, this.vramHost);
    word(BootBlock.VRAM_BYTES, vramBytes);
    word(BootBlock.DISPLAY_HOST, this.displayHost);
    word(BootBlock.DISK_HOST, this.disk === undefined ? 0 : this.diskHost);
    const map: [number, number, number][] = [[0, this.ramBytes, MapType.RAM]];
    for (const [base, bytes] of options.holes ?? []) map.push([base, bytes, MapType.RESERVED]);
    word(BootBlock.MAP_COUNT, map.length);
    map.forEach(([base, bytes, type], i) => {
      const at = b + BootBlock.MAP + i * 24;
      this.view.setBigUint64(at, BigInt(base), true);
      this.view.setBigUint64(at + 8, BigInt(bytes), true);
      this.view.setUint32(at + 16, type, true);
    });
    this.bytes.set([0x74, 0x65, 0x73, 0x74], 0x3000);
    this.k = this.attach(0);
    this.call("testLock");
    this.call("testBoot");
    if (options.swapBlocks !== undefined && this.call("swapEnter", 0, options.swapBlocks) !== 0)
      throw new Error("no swap space");
    this.call("testUnlock");
  }

  /** A kernel instance for a CPU slot. */
  attach(slot: number): Exports {
    const instance = new WebAssembly.Instance(kernelModule(), {
      env: { memory: this.memory },
      machine: {
        busRead: (pa: number, width: number) => {
          this.bus.push({ pa: pa >>> 0, width });
          return this.busValues.get(pa >>> 0) ?? -1;
        },
        busWrite: (pa: number, width: number, value: number) => {
          this.bus.push({ pa: pa >>> 0, width, value });
        },
        // The kernel reads the clock before it sleeps: the device has done its work by then.
        now: () => {
          this.disk?.serve();
          this.onSleep?.();
          return this.nowNs;
        },
        random: () => 4,
        stackProbe: () => {},
        userFault: (va: number, access: number, bits: number) =>
          this.onFault?.(va >>> 0, access, bits) ?? 0,
        request: (kind: number, a: number, b2: number) => {
          if (kind === 4) this.panicked = [a, b2];
        },
        abort: () => {},
      },
    });
    const exports = instance.exports as unknown as Exports;
    (exports["testAttach"] as (slot: number, blocks: number) => void)(slot, this.blocks);
    return exports;
  }

  /** Calls an export, without the lock. */
  call(name: string, ...args: Value[]): number {
    const f = this.k[name];
    if (!f) throw new Error(`no export ${name}`);
    try {
      return Number(f(...args));
    } catch (error) {
      throw new Error(
        `${name}: ${error}; ${(error as Error).stack?.split("\n").slice(1, 6).join(" ")}; ${this.log().split("\n").slice(-4).join(" / ")}`,
      );
    }
  }

  /** Calls an mmu export that must end the program; the CPU is back in user mode afterwards. True: it did. */
  dies(name: string, ...args: Value[]): boolean {
    try {
      this.call(name, ...args);
      return false;
    } catch {
      Atomics.store(
        new Int32Array(this.memory.buffer),
        (this.blocks + CpuBlock.STATE) >> 2,
        CpuState.USER,
      );
      return true;
    }
  }

  /** Calls an export as the kernel does: with the lock. The result as a signed 32-bit number. */
  locked(name: string, ...args: Value[]): number {
    this.call("testLock");
    const result = this.call(name, ...args);
    this.call("testUnlock");
    return result;
  }

  /** A u64 result. */
  big(name: string, ...args: Value[]): bigint {
    const f = this.k[name];
    if (!f) throw new Error(`no export ${name}`);
    return BigInt.asUintN(64, f(...args) as bigint);
  }

  /** A process that runs on CPU 0: [process, space]. */
  process(pid = 7): [number, number] {
    const process = this.locked("testProcess", pid);
    this.locked("testRun", process);
    return [process, this.call("testSpace", process)];
  }

  /** Panics if mmCheck finds anything. */
  check(): void {
    const broken = this.locked("mmCheck");
    if (broken !== 0) throw new Error(`mmCheck: invariant ${broken}; ${this.log()}`);
  }

  /** The kernel log. */
  log(): string {
    const head = this.view.getUint32(0x160000, true);
    return Buffer.from(this.bytes.slice(0x150000, 0x150000 + Math.min(head, 0x10000))).toString(
      "latin1",
    );
  }

  /** TLB entry of a page: [read, write]. */
  tlb(vpn: number, slot = 0): [number, number] {
    const at = this.blocks + slot * CpuBlock.BYTES + CpuBlock.TLB + vpn * 8;
    return [this.view.getUint32(at, true), this.view.getUint32(at + 4, true)];
  }

  /** A word of CPU slot's block. */
  block(offset: number, slot = 0): number {
    return this.view.getUint32(this.blocks + slot * CpuBlock.BYTES + offset, true);
  }

  /** Bursts ever posted: [offset, length]. */
  bursts(): [number, number][] {
    const head = this.view.getUint32(this.displayHost + DisplayState.BURST_HEAD, true);
    const list: [number, number][] = [];
    for (let i = 0; i < head; i++) {
      const at = this.displayHost + DisplayState.BURSTS + (i % DisplayState.BURST_CAPACITY) * 8;
      list.push([this.view.getUint32(at, true), this.view.getUint32(at + 4, true)]);
    }
    return list;
  }

  /** The device has consumed every burst so far. */
  consume(): void {
    const head = this.view.getUint32(this.displayHost + DisplayState.BURST_HEAD, true);
    this.view.setUint32(this.displayHost + DisplayState.BURST_TAIL, head, true);
  }

  /** Free, object, table frames, objects, reservations: what must not leak. */
  counts(): number[] {
    return [
      "pmmFreeFrames",
      "pmmObjectFrames",
      "pmmTableFrames",
      "pmmWiredFrames",
      "objectCount",
      "memtypeCount",
    ].map((n) => this.call(n));
  }
}

/** A small deterministic generator (xorshift32). */
export function seeded(seed: number): (n: number) => number {
  let x = seed | 1;
  return (n) => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return (x >>> 0) % n;
  };
}
