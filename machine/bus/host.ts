// HostViews: typed views of the machine's shared memory for devices, and where the devices' words lie in it.
//
// Invariants
//   H1  A view is used only while its buffer is the memory's buffer: the memory can grow, which gives it another buffer.
//   H2  Words that several threads change are reached with Atomics only.

import { BootBlock, BootMagic } from "../../abi/boot.ts";
import { PhysAddr } from "../../abi/layout.ts";

/** A WebAssembly.Memory, or anything else with a current buffer. */
export interface SharedMemory {
  readonly buffer: ArrayBufferLike;
}

/** Host offsets in bytes, each page aligned; a HostLayout is one. */
export interface DeviceOffsets {
  readonly machine: number;
  readonly console: number;
  readonly display: number;
  readonly pci: number;
  readonly disk: number;
  readonly vram: number;
  readonly vramBytes: number;
  readonly rom: number;
}

export class HostViews {
  readonly #memory: SharedMemory;
  #buffer: ArrayBufferLike;
  #bytes: Uint8Array;
  #halves: Uint16Array;
  #words: Int32Array;

  constructor(memory: SharedMemory) {
    this.#memory = memory;
    this.#buffer = memory.buffer;
    this.#bytes = new Uint8Array(this.#buffer);
    this.#halves = new Uint16Array(this.#buffer);
    this.#words = new Int32Array(this.#buffer);
  }

  get bytes(): Uint8Array {
    this.#refresh();
    return this.#bytes;
  }

  get halves(): Uint16Array {
    this.#refresh();
    return this.#halves;
  }

  /** Index with a host offset >> 2. */
  get words(): Int32Array {
    this.#refresh();
    return this.#words;
  }

  /** The u32 at a 4-byte aligned host offset. */
  load(offset: number): number {
    return Atomics.load(this.words, offset >> 2) >>> 0;
  }

  store(offset: number, value: number): void {
    Atomics.store(this.words, offset >> 2, value | 0);
  }

  /** Adds and returns the value before. */
  add(offset: number, value: number): number {
    return Atomics.add(this.words, offset >> 2, value) >>> 0;
  }

  /** Adds 1 and wakes every thread that waits on the word. */
  bump(offset: number): void {
    const words = this.words;
    Atomics.add(words, offset >> 2, 1);
    Atomics.notify(words, offset >> 2);
  }

  /** Replaces the bits of `lanes` by those of `value`, in one step for every other thread. */
  merge(offset: number, value: number, lanes: number): void {
    const words = this.words;
    for (;;) {
      const before = Atomics.load(words, offset >> 2);
      const after = (before & ~lanes) | (value & lanes);
      if (Atomics.compareExchange(words, offset >> 2, before, after) === before) return;
    }
  }

  #refresh(): void {
    if (this.#memory.buffer === this.#buffer) return;
    this.#buffer = this.#memory.buffer;
    this.#bytes = new Uint8Array(this.#buffer);
    this.#halves = new Uint16Array(this.#buffer);
    this.#words = new Int32Array(this.#buffer);
  }
}

/** Reads the boot block. Throws when the loader has not written one. */
export function deviceOffsets(memory: SharedMemory): DeviceOffsets {
  const block = new DataView(memory.buffer, PhysAddr.BOOT_BLOCK, BootBlock.BYTES);
  if (block.getUint32(BootBlock.MAGIC, true) !== BootMagic.VALUE)
    throw new Error("the memory has no boot block");
  const word = (offset: number): number => block.getUint32(offset, true);
  return {
    machine: word(BootBlock.MACHINE_HOST),
    console: word(BootBlock.CONSOLE_HOST),
    display: word(BootBlock.DISPLAY_HOST),
    pci: word(BootBlock.PCI_HOST),
    disk: word(BootBlock.DISK_HOST),
    vram: word(BootBlock.VRAM_HOST),
    vramBytes: word(BootBlock.VRAM_BYTES),
    rom: word(BootBlock.ROM_HOST),
  };
}
