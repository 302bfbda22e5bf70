// PhysicalMemory: creates the machine's shared memory and plays the boot loader: memory map, command line and initrd are put in place
// and described in the boot block (abi/boot.ts) before any CPU starts.

import { BootBlock, BootMagic, MapType } from "../abi/boot.ts";
import { PhysAddr } from "../abi/layout.ts";
import {
  checkInitrd,
  type HostLayout,
  hostLayout,
  initrdAddress,
  memoryPages,
  ramMinimumBytes,
} from "./layout.ts";

const MAXIMUM_PAGES = 65536;
const COMMAND_LINE_BYTES = 4095;
/** The legacy hole below 1 MiB: video memory and firmware, as on a PC. */
const HOLE_START = 0xa0000;
const HOLE_END = 0x100000;

export interface LoadOptions {
  readonly ramBytes: number;
  readonly commandLine: string;
  readonly initrd: Uint8Array;
  /** Real time, ns since 1970. */
  readonly wallNs: bigint;
}

export interface LoadedMemory {
  readonly memory: WebAssembly.Memory;
  readonly layout: HostLayout;
}

/**
 * Makes the memory of a machine that is ready to boot, with room for `cpus` CPU blocks.
 * Throws a RangeError that says what to change when RAM is too small for the initrd or the engine refuses that much memory.
 */
export function loadMemory(options: LoadOptions, cpus: number): LoadedMemory {
  checkInitrd(options.initrd);
  const least = ramMinimumBytes(options.initrd.byteLength);
  if (options.ramBytes < least) {
    throw new RangeError(
      `ram: ${options.ramBytes / 1024}K is too small; this system needs at least ${least / 1024}K`,
    );
  }
  const layout = hostLayout(options.ramBytes);
  const memory = createMemory(memoryPages(layout, cpus));
  const initrdPa = initrdAddress(options.ramBytes);
  new Uint8Array(memory.buffer, initrdPa, options.initrd.byteLength).set(options.initrd);
  writeCommandLine(memory, options.commandLine);
  writeBootBlock(memory, layout, options, initrdPa);
  return { memory, layout };
}

/** Engines differ in how much address space they reserve for a shared memory: ask for all, then for less. */
function createMemory(initial: number): WebAssembly.Memory {
  let refusal: unknown;
  for (const maximum of [MAXIMUM_PAGES, MAXIMUM_PAGES / 2, initial + 1024, initial]) {
    if (maximum < initial) continue;
    try {
      return new WebAssembly.Memory({ initial, maximum, shared: true });
    } catch (error) {
      refusal = error;
    }
  }
  const mebibytes = Math.ceil(initial / 16);
  throw new RangeError(
    `the browser refused ${mebibytes} MiB of shared memory (${refusal}); close other tabs or use less ram=`,
  );
}

function writeCommandLine(memory: WebAssembly.Memory, line: string): void {
  const bytes = new TextEncoder().encode(line);
  if (bytes.length > COMMAND_LINE_BYTES) {
    throw new RangeError(
      `the command line has ${bytes.length} bytes; the limit is ${COMMAND_LINE_BYTES}`,
    );
  }
  new Uint8Array(memory.buffer, PhysAddr.COMMAND_LINE, bytes.length).set(bytes);
}

function writeBootBlock(
  memory: WebAssembly.Memory,
  layout: HostLayout,
  options: LoadOptions,
  initrdPa: number,
): void {
  const block = new DataView(memory.buffer, PhysAddr.BOOT_BLOCK, BootBlock.BYTES);
  const words: [number, number][] = [
    [BootBlock.MAGIC, BootMagic.VALUE],
    [BootBlock.COMMAND_LINE, PhysAddr.COMMAND_LINE],
    [BootBlock.INITRD, initrdPa],
    [BootBlock.INITRD_BYTES, options.initrd.byteLength],
    [BootBlock.RAM_BYTES, options.ramBytes],
    [BootBlock.CPU_BLOCKS, layout.cpuBlocks],
    [BootBlock.VRAM_HOST, layout.vram],
    [BootBlock.VRAM_BYTES, layout.vramBytes],
    [BootBlock.ROM_HOST, layout.rom],
    [BootBlock.DISPLAY_HOST, layout.display],
    [BootBlock.CONSOLE_HOST, layout.console],
    [BootBlock.PCI_HOST, layout.pci],
    [BootBlock.MACHINE_HOST, layout.machine],
    [BootBlock.DISK_HOST, layout.disk],
  ];
  for (const [offset, value] of words) block.setUint32(offset, value, true);
  block.setBigInt64(BootBlock.WALL_NS, options.wallNs, true);
  const map: [number, number, number][] = [
    [0, HOLE_START, MapType.RAM],
    [HOLE_START, HOLE_END - HOLE_START, MapType.RESERVED],
    [HOLE_END, options.ramBytes - HOLE_END, MapType.RAM],
  ];
  block.setUint32(BootBlock.MAP_COUNT, map.length, true);
  for (const [index, [base, bytes, type]] of map.entries()) {
    const at = BootBlock.MAP + index * 24;
    block.setBigUint64(at, BigInt(base), true);
    block.setBigUint64(at + 8, BigInt(bytes), true);
    block.setUint32(at + 16, type, true);
  }
}
