// PCI: the configuration space of bus 0, as words in shared memory (PCI Local Bus 3.0, chapter 6).
//
//   BusState.CONFIG + slot * 256      registers of function 0 of each slot; all zero (vendor 0) where no device is
//
// Invariants
//   C1  Only the bits of writableMask ever change after power on.
//   C2  A BAR's value is a multiple of its size plus its type bits, whatever was written: so writing all ones gives the size mask.
//
// Locks     none; a store changes its word by compare and exchange.
// Not here  what an address inside a BAR does: bus.ts.

import { PhysFrame } from "../../abi/layout.ts";
import { Irq } from "../../abi/machine.ts";
import { PciConfig, PciId, PciSlot } from "../../abi/pci.ts";
import { Rom } from "../../abi/rom.ts";
import type { DeviceOffsets, HostViews } from "./host.ts";

/** The bus's part of host memory, at BootBlock.PCI_HOST. */
export const enum BusState {
  UNCLAIMED_READS = 0x00, // u32 counters
  UNCLAIMED_WRITES = 0x04,
  CONFIG = 0x1000,
  CONFIG_BYTES = 0x100, // of one function
  BYTES = 0x4000,
}

const enum Command {
  MEMORY = 2,
  MASTER = 4,
}

/** Type bits of a memory BAR. */
const enum BarType {
  MEMORY_32 = 0,
  PREFETCHABLE = 8,
  BITS = 15,
}

const COMMAND_WRITABLE = Command.MEMORY | Command.MASTER;
const FUNCTION_SHIFT = 12;
const SLOT_SHIFT = 15;
const EXTENDED_START = 0x100;
const NO_LINE = 0xff;

export interface Bar {
  /** Configuration register that holds it. */
  readonly register: number;
  readonly bytes: number;
  readonly frame: number;
  readonly prefetchable: boolean;
}

interface PciFunction {
  readonly slot: number;
  readonly vendor: number;
  readonly device: number;
  readonly class: number;
  readonly revision: number;
  readonly irq: number | undefined;
  readonly bars: readonly Bar[];
}

/** The devices of this machine. BAR sizes are powers of two; VRAM that is not one has a larger window. */
function pciFunctions(vramBytes: number): readonly PciFunction[] {
  const vram = {
    register: PciConfig.BAR0,
    bytes: powerOfTwo(vramBytes),
    frame: PhysFrame.VRAM,
    prefetchable: true,
  };
  const registers = {
    register: PciConfig.BAR2,
    bytes: 4096,
    frame: PhysFrame.DISPLAY_REGS,
    prefetchable: false,
  };
  const console = {
    register: PciConfig.BAR0,
    bytes: 4096,
    frame: PhysFrame.CONSOLE_REGS,
    prefetchable: false,
  };
  const rom = {
    register: PciConfig.BAR0,
    bytes: Rom.BYTES,
    frame: PhysFrame.ROM,
    prefetchable: true,
  };
  const disk = {
    register: PciConfig.BAR0,
    bytes: 4096,
    frame: PhysFrame.DISK_REGS,
    prefetchable: false,
  };
  return [
    {
      slot: PciSlot.HOST_BRIDGE,
      vendor: PciId.HOST_BRIDGE_VENDOR,
      device: PciId.HOST_BRIDGE_DEVICE,
      class: 0x0600,
      revision: 2,
      irq: undefined,
      bars: [],
    },
    {
      slot: PciSlot.DISPLAY,
      vendor: PciId.DISPLAY_VENDOR,
      device: PciId.DISPLAY_DEVICE,
      class: 0x0380,
      revision: 2,
      irq: Irq.DISPLAY,
      bars: [vram, registers],
    },
    {
      slot: PciSlot.CONSOLE,
      vendor: PciId.QUIRE_VENDOR,
      device: PciId.CONSOLE_DEVICE,
      class: 0x0780,
      revision: 1,
      irq: Irq.CONSOLE,
      bars: [console],
    },
    {
      slot: PciSlot.ROM,
      vendor: PciId.QUIRE_VENDOR,
      device: PciId.ROM_DEVICE,
      class: 0x0580,
      revision: 1,
      irq: Irq.ROM,
      bars: [rom],
    },
    {
      slot: PciSlot.DISK,
      vendor: PciId.QUIRE_VENDOR,
      device: PciId.DISK_DEVICE,
      class: 0x0180,
      revision: 1,
      irq: Irq.DISK,
      bars: [disk],
    },
  ];
}

/** Power on: every function's registers, with BARs assigned and memory decoding enabled, as firmware leaves them. */
export function pciInit(views: HostViews, offsets: DeviceOffsets): void {
  views.bytes.fill(0, offsets.pci, offsets.pci + BusState.BYTES);
  for (const card of pciFunctions(offsets.vramBytes)) {
    const at = configOffset(offsets, card.slot);
    views.store(at + PciConfig.VENDOR, card.vendor | (card.device << 16));
    views.store(at + PciConfig.COMMAND, card.bars.length > 0 ? Command.MEMORY | Command.MASTER : 0);
    views.store(at + PciConfig.REVISION, card.revision | (card.class << 16));
    views.store(at + PciConfig.SUBSYSTEM_VENDOR, card.vendor | (card.device << 16));
    views.store(at + PciConfig.IRQ_LINE, card.irq === undefined ? NO_LINE : card.irq | (1 << 8));
    for (const bar of card.bars) {
      const type = bar.prefetchable ? BarType.PREFETCHABLE : BarType.MEMORY_32;
      views.store(at + bar.register, bar.frame * 4096 + type);
    }
  }
}

/** Physical addresses of the decoded windows, fixed for the life of the machine except for their base. */
export class PciConfigSpace {
  readonly #views: HostViews;
  readonly #offsets: DeviceOffsets;
  readonly #functions: readonly (PciFunction | undefined)[];

  constructor(views: HostViews, offsets: DeviceOffsets) {
    this.#views = views;
    this.#offsets = offsets;
    const functions: (PciFunction | undefined)[] = new Array(PciSlot.COUNT).fill(undefined);
    for (const card of pciFunctions(offsets.vramBytes)) functions[card.slot] = card;
    this.#functions = functions;
  }

  bar(slot: number, register: number): Bar {
    const bar = this.#functions[slot]?.bars.find((candidate) => candidate.register === register);
    if (bar === undefined) throw new Error(`slot ${slot} has no BAR at ${register}`);
    return bar;
  }

  /** Physical address at which `bar` of `slot` is decoded now, or -1 while memory decoding is off. */
  base(slot: number, bar: Bar): number {
    const at = configOffset(this.#offsets, slot);
    if ((this.#views.load(at + PciConfig.COMMAND) & Command.MEMORY) === 0) return -1;
    return (this.#views.load(at + bar.register) & ~BarType.BITS) >>> 0;
  }

  /** The aligned u32 at `offset` bytes into the configuration space of bus 0; all ones where there is nothing. */
  read(offset: number): number {
    const at = this.#register(offset);
    return at < 0 ? 0xffffffff : this.#views.load(at);
  }

  /** Stores the bits of `lanes` of `value`, as far as the register lets them change. */
  write(offset: number, value: number, lanes: number): void {
    const at = this.#register(offset);
    if (at < 0) return;
    const mask = writableMask(this.#functions[offset >> SLOT_SHIFT], offset & 0xfc);
    this.#views.merge(at, value, lanes & mask);
  }

  /** Host offset of a register, or -1: no such slot or function, or past the first 256 bytes. */
  #register(offset: number): number {
    const slot = offset >> SLOT_SHIFT;
    const register = offset & ((1 << FUNCTION_SHIFT) - 1);
    const isFunction0 = ((offset >> FUNCTION_SHIFT) & 7) === 0;
    if (!isFunction0 || register >= EXTENDED_START || this.#functions[slot] === undefined)
      return -1;
    return configOffset(this.#offsets, slot) + (register & ~3);
  }
}

function configOffset(offsets: DeviceOffsets, slot: number): number {
  return offsets.pci + BusState.CONFIG + slot * BusState.CONFIG_BYTES;
}

function writableMask(card: PciFunction | undefined, register: number): number {
  if (card === undefined) return 0;
  if (register === PciConfig.COMMAND) return card.bars.length > 0 ? COMMAND_WRITABLE : 0;
  if (register === PciConfig.IRQ_LINE) return 0xff;
  const bar = card.bars.find((candidate) => candidate.register === register);
  return bar === undefined ? 0 : ~(bar.bytes - 1);
}

function powerOfTwo(bytes: number): number {
  let size = 4096;
  while (size < bytes) size *= 2;
  return size;
}
