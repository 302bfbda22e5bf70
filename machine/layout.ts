// HostLayout: where everything lies in the machine's one shared WebAssembly.Memory, as byte offsets.
//
//   0        RAM (physical address = offset)
//   ram      machine page, inspection page, console rings, display state, PCI state, disk state      (never at their physical addresses)
//            VRAM aperture, ROM card, then one CPU block for each CPU slot, grown on demand
//
// Invariants
//   L1  No device's offset equals its physical address.
//   L2  CPU blocks are last, so that the memory can grow by one block when a CPU is added.

import { Initrd } from "../abi/boot.ts";
import { ConsoleDevice } from "../abi/console.ts";
import { CpuBlock } from "../abi/cpu.ts";
import { DiskState } from "../abi/disk.ts";
import { DisplayState } from "../abi/display.ts";
import { Frame, Limit, PhysAddr } from "../abi/layout.ts";
import { Rom } from "../abi/rom.ts";

/** Memory of the PCI configuration state: 32 functions of 256 bytes, and the bus's counters. */
const PCI_STATE_BYTES = 0x4000;
const WASM_PAGE = 0x10000;
const MEBIBYTE = 0x100000;

export const RAM_DEFAULT_BYTES = 64 * MEBIBYTE;
export const RAM_MAXIMUM_BYTES = 1024 * MEBIBYTE;
export const VRAM_BYTES = 32 * MEBIBYTE;

export interface HostLayout {
  readonly ramBytes: number;
  readonly machine: number;
  /** One page for what the kernel tells an inspector. */
  readonly inspection: number;
  readonly console: number;
  readonly display: number;
  readonly pci: number;
  readonly disk: number;
  readonly vram: number;
  readonly vramBytes: number;
  readonly rom: number;
  readonly cpuBlocks: number;
}

function alignUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

export function hostLayout(ramBytes: number): HostLayout {
  const machine = alignUp(ramBytes, WASM_PAGE);
  const inspection = machine + Frame.BYTES;
  const console = inspection + Frame.BYTES;
  const display = console + alignUp(ConsoleDevice.BYTES, Frame.BYTES);
  const pci = display + DisplayState.BYTES;
  const disk = pci + PCI_STATE_BYTES;
  const vram = alignUp(disk + DiskState.BYTES, WASM_PAGE);
  const rom = vram + VRAM_BYTES;
  const cpuBlocks = rom + Rom.BYTES;
  return {
    ramBytes,
    machine,
    inspection,
    console,
    display,
    pci,
    disk,
    vram,
    vramBytes: VRAM_BYTES,
    rom,
    cpuBlocks,
  };
}

/** wasm pages (64 KiB) of memory that `cpus` CPU blocks need. */
export function memoryPages(layout: HostLayout, cpus: number): number {
  return Math.ceil((layout.cpuBlocks + cpus * CpuBlock.BYTES) / WASM_PAGE);
}

export function cpuBlockOffset(layout: HostLayout, slot: number): number {
  if (slot < 0 || slot >= Limit.CPUS) throw new RangeError(`no CPU slot ${slot}`);
  return layout.cpuBlocks + slot * CpuBlock.BYTES;
}

/** Physical address where the loader puts the initrd: past the tables that the kernel needs for this much RAM. */
export function initrdAddress(ramBytes: number): number {
  return alignUp(PhysAddr.KERNEL_TABLES + 3 * MEBIBYTE + ramBytes / 128, Frame.BYTES);
}

/** The least RAM that boots with an initrd of this size: tables, the initrd and 8 MiB to run in. */
export function ramMinimumBytes(initrdBytes: number): number {
  let ram = 8 * MEBIBYTE;
  while (initrdAddress(ram) + initrdBytes + 8 * MEBIBYTE > ram) ram += MEBIBYTE;
  return ram;
}

/**
 * Bytes of RAM from a text such as "64M", "20484K", "1G" or "67108864".
 * Throws a RangeError with a sentence when it is not a multiple of 4 KiB between the minimum and 1 GiB.
 */
export function parseRamBytes(text: string): number {
  const bytes = parseBytes("ram", text);
  if (bytes % Frame.BYTES !== 0) throw new RangeError(`ram: ${text} is not a multiple of 4 KiB`);
  if (bytes > RAM_MAXIMUM_BYTES)
    throw new RangeError(`ram: ${text} is more than the limit of 1 GiB`);
  return bytes;
}

/** Bytes of a size such as "64M". Throws a RangeError with a sentence that begins with `what`. */
export function parseBytes(what: string, text: string): number {
  const match = /^(\d+)([KMG]?)i?B?$/i.exec(text.trim());
  if (!match) throw new RangeError(`${what}: "${text}" is not a size; write 64M, 20484K or 1G`);
  const unit =
    { "": 1, K: 1024, M: MEBIBYTE, G: 1024 * MEBIBYTE }[match[2]?.toUpperCase() ?? ""] ?? 1;
  return Number(match[1]) * unit;
}

/** Throws when `bytes` of an initrd do not start with its magic number. */
export function checkInitrd(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (
    bytes.byteLength < Initrd.RECORDS ||
    view.getUint32(Initrd.MAGIC, true) !== Initrd.MAGIC_VALUE
  ) {
    throw new Error(
      "the initrd is damaged: its magic number is missing; build again with npm run build",
    );
  }
}
