// Bus: what a CPU reaches with a physical address outside RAM.
//
// Invariants
//   B1  All device state is in shared memory. A Bus has none, so every CPU's Bus shows the same devices.
//   B2  Which device an address belongs to is decided by the BARs and COMMAND registers at the time of the access.
//   B3  A read that nobody claims is all ones and a write is dropped; each is counted once, as the access the CPU made.
//
// Locks     none. Registers that two CPUs change at the same time change by atomic operations.
// Not here  Posting a store to VRAM as a burst: the kernel does it, under its lock.

import { ConsoleDevice, ConsoleReg, ConsoleRegValue } from "../../abi/console.ts";
import { Frame, PhysFrame } from "../../abi/layout.ts";
import { PciConfig, PciSlot } from "../../abi/pci.ts";
import { Rom } from "../../abi/rom.ts";
import { diskInit, diskRead, diskWrite } from "../devices/disk/registers.ts";
import { displayInit, displayRead, displayWrite } from "../devices/display/registers.ts";
import { type DeviceOffsets, deviceOffsets, HostViews, type SharedMemory } from "./host.ts";
import { type Bar, BusState, PciConfigSpace, pciInit } from "./pci.ts";

const ECAM_BASE = PhysFrame.ECAM * Frame.BYTES;
const ECAM_BUS_BYTES = 0x100000;
const LAPIC_BASE = PhysFrame.LAPIC * Frame.BYTES;
const LAPIC_ID = 0x20;
const LAPIC_VERSION = 0x30;
const LAPIC_VERSION_VALUE = 0x00050014;
const REGISTERS_BYTES = 4096;

const enum Target {
  NONE = 0,
  CONFIG = 1,
  VRAM = 2,
  DISPLAY = 3,
  CONSOLE = 4,
  ROM = 5,
  LAPIC = 6,
  DISK = 7,
}

interface Window {
  readonly target: Target;
  readonly slot: number;
  readonly bar: Bar;
  /** Bytes that exist; the rest of the BAR's window is not claimed. */
  readonly bytes: number;
}

/** Power on of every device of the bus. Called once, before a CPU starts. */
export function busInit(memory: SharedMemory, offsets: DeviceOffsets): void {
  const views = new HostViews(memory);
  pciInit(views, offsets);
  displayInit(views, offsets);
  diskInit(views, offsets);
}

export class Bus {
  readonly #views: HostViews;
  readonly #offsets: DeviceOffsets;
  readonly #config: PciConfigSpace;
  readonly #cpuSlot: number;
  readonly #windows: readonly Window[];
  /** Offset in the target that #find found last. */
  #offset = 0;

  /** A CPU's view of the bus. The boot block must be in place; `cpuSlot` is what its local APIC page shows. */
  constructor(memory: SharedMemory, cpuSlot: number) {
    this.#views = new HostViews(memory);
    this.#offsets = deviceOffsets(memory);
    this.#config = new PciConfigSpace(this.#views, this.#offsets);
    this.#cpuSlot = cpuSlot;
    const window = (target: Target, slot: number, register: number, bytes: number): Window => {
      return { target, slot, bar: this.#config.bar(slot, register), bytes };
    };
    this.#windows = [
      window(Target.DISPLAY, PciSlot.DISPLAY, PciConfig.BAR2, REGISTERS_BYTES),
      window(Target.VRAM, PciSlot.DISPLAY, PciConfig.BAR0, this.#offsets.vramBytes),
      window(Target.CONSOLE, PciSlot.CONSOLE, PciConfig.BAR0, REGISTERS_BYTES),
      window(Target.ROM, PciSlot.ROM, PciConfig.BAR0, Rom.BYTES),
      window(Target.DISK, PciSlot.DISK, PciConfig.BAR0, REGISTERS_BYTES),
    ];
  }

  /** Reads `width` (1, 2 or 4) bytes at physical address `pa`: little-endian, unsigned. A misaligned read is one read per byte. */
  read(pa: number, width: number): number {
    const target = this.#find(pa >>> 0, width);
    if (target === Target.NONE) {
      this.#views.add(this.#offsets.pci + BusState.UNCLAIMED_READS, 1);
      return allOnes(width);
    }
    const offset = this.#offset;
    if ((offset & (width - 1)) === 0) return this.#readAligned(target, offset, width);
    let value = 0;
    for (let i = 0; i < width; i++) value |= this.#readAligned(target, offset + i, 1) << (8 * i);
    return value >>> 0;
  }

  /** Writes the low `width` bytes of `value`. A misaligned write is one write per byte, in rising order. */
  write(pa: number, width: number, value: number): void {
    const target = this.#find(pa >>> 0, width);
    if (target === Target.NONE) {
      this.#views.add(this.#offsets.pci + BusState.UNCLAIMED_WRITES, 1);
      return;
    }
    const offset = this.#offset;
    if ((offset & (width - 1)) === 0) {
      this.#writeAligned(target, offset, width, value);
      return;
    }
    for (let i = 0; i < width; i++)
      this.#writeAligned(target, offset + i, 1, (value >>> (8 * i)) & 0xff);
  }

  /** Accesses of any CPU, since power on, that no device claimed. */
  counters(): { readonly unclaimedReads: number; readonly unclaimedWrites: number } {
    return {
      unclaimedReads: this.#views.load(this.#offsets.pci + BusState.UNCLAIMED_READS),
      unclaimedWrites: this.#views.load(this.#offsets.pci + BusState.UNCLAIMED_WRITES),
    };
  }

  /** Who claims all of [pa, pa + width), and #offset in it. */
  #find(pa: number, width: number): Target {
    if (this.#within(pa, width, ECAM_BASE, ECAM_BUS_BYTES)) return Target.CONFIG;
    if (this.#within(pa, width, LAPIC_BASE, Frame.BYTES)) return Target.LAPIC;
    for (const window of this.#windows) {
      const base = this.#config.base(window.slot, window.bar);
      if (base >= 0 && this.#within(pa, width, base, window.bytes)) return window.target;
    }
    return Target.NONE;
  }

  #within(pa: number, width: number, base: number, bytes: number): boolean {
    if (pa < base || pa + width > base + bytes) return false;
    this.#offset = pa - base;
    return true;
  }

  #readAligned(target: Target, offset: number, width: number): number {
    switch (target) {
      case Target.VRAM:
        return this.#readBytes(this.#offsets.vram + offset, width);
      case Target.ROM:
        return this.#readBytes(this.#offsets.rom + offset, width);
      case Target.DISPLAY:
        return displayRead(this.#views, this.#offsets, offset, width);
      case Target.CONFIG:
        return lanesOf(this.#config.read(offset & ~3), offset, width);
      case Target.CONSOLE:
        return lanesOf(this.#consoleRegister(offset & ~3), offset, width);
      case Target.DISK:
        return lanesOf(diskRead(this.#views, this.#offsets, offset & ~3), offset, width);
      default:
        return lanesOf(this.#lapicRegister(offset & ~3), offset, width);
    }
  }

  #writeAligned(target: Target, offset: number, width: number, value: number): void {
    switch (target) {
      case Target.VRAM:
        this.#writeBytes(this.#offsets.vram + offset, width, value);
        return;
      case Target.DISPLAY:
        displayWrite(this.#views, this.#offsets, offset, width, value);
        return;
      case Target.CONFIG: {
        const shift = 8 * (offset & 3);
        this.#config.write(offset & ~3, value << shift, allOnes(width) << shift);
        return;
      }
      case Target.DISK: {
        const shift = 8 * (offset & 3);
        const lanes = allOnes(width) << shift;
        diskWrite(this.#views, this.#offsets, offset & ~3, value << shift, lanes);
        return;
      }
      default:
        return; // the ROM, the console's registers and the local APIC page are read-only
    }
  }

  #readBytes(host: number, width: number): number {
    if (width === 4) return Atomics.load(this.#views.words, host >> 2) >>> 0;
    if (width === 2) return Atomics.load(this.#views.halves, host >> 1);
    return Atomics.load(this.#views.bytes, host);
  }

  #writeBytes(host: number, width: number, value: number): void {
    if (width === 4) Atomics.store(this.#views.words, host >> 2, value | 0);
    else if (width === 2) Atomics.store(this.#views.halves, host >> 1, value & 0xffff);
    else Atomics.store(this.#views.bytes, host, value & 0xff);
  }

  #consoleRegister(register: number): number {
    switch (register) {
      case ConsoleReg.ID:
        return ConsoleRegValue.ID;
      case ConsoleReg.VERSION:
        return ConsoleRegValue.VERSION;
      case ConsoleReg.COLUMNS:
        return this.#views.load(this.#offsets.console + ConsoleDevice.COLUMNS);
      case ConsoleReg.ROWS:
        return this.#views.load(this.#offsets.console + ConsoleDevice.ROWS);
      case ConsoleReg.STATE:
        return this.#views.load(this.#offsets.console + ConsoleDevice.STATE);
      default:
        return 0;
    }
  }

  /** Intel SDM 3A 11.4.1: each CPU sees its own page. */
  #lapicRegister(register: number): number {
    if (register === LAPIC_ID) return (this.#cpuSlot << 24) >>> 0;
    return register === LAPIC_VERSION ? LAPIC_VERSION_VALUE : 0;
  }
}

function allOnes(width: number): number {
  return width === 4 ? 0xffffffff : (1 << (8 * width)) - 1;
}

function lanesOf(word: number, offset: number, width: number): number {
  return ((word >>> (8 * (offset & 3))) & allOnes(width)) >>> 0;
}
