// A machine's memory without a machine: boot block and device areas, powered on, as tests of devices need it.

import { BootBlock, BootMagic } from "../../../abi/boot.ts";
import { ConsoleDevice } from "../../../abi/console.ts";
import { DiskState } from "../../../abi/disk.ts";
import { DisplayState } from "../../../abi/display.ts";
import { Frame, PhysAddr } from "../../../abi/layout.ts";
import { MachineWord } from "../../../abi/machine.ts";
import { Rom } from "../../../abi/rom.ts";
import { busInit } from "../../bus/bus.ts";
import { type DeviceOffsets, HostViews } from "../../bus/host.ts";
import { BusState } from "../../bus/pci.ts";

const WASM_PAGE = 0x10000;
const LOW_BYTES = 0x100000;

export interface TestMachine {
  readonly memory: WebAssembly.Memory;
  readonly offsets: DeviceOffsets;
  readonly views: HostViews;
  pendingIrqs(): number;
}

/** A powered-on bus over `vramBytes` of VRAM. Nothing consumes bursts yet. */
export function testMachine(vramBytes = 8 * 0x100000): TestMachine {
  const machine = LOW_BYTES;
  const console = machine + Frame.BYTES;
  const display = console + ConsoleDevice.BYTES;
  const pci = display + DisplayState.BYTES;
  const disk = pci + BusState.BYTES;
  const vram = disk + DiskState.BYTES;
  const rom = vram + Math.ceil(vramBytes / Frame.BYTES) * Frame.BYTES;
  const pages = Math.ceil((rom + Rom.BYTES) / WASM_PAGE);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages + 16, shared: true });
  const offsets = { machine, console, display, pci, disk, vram, vramBytes, rom };
  const block = new DataView(memory.buffer, PhysAddr.BOOT_BLOCK, BootBlock.BYTES);
  block.setUint32(BootBlock.MAGIC, BootMagic.VALUE, true);
  block.setUint32(BootBlock.MACHINE_HOST, machine, true);
  block.setUint32(BootBlock.CONSOLE_HOST, console, true);
  block.setUint32(BootBlock.DISPLAY_HOST, display, true);
  block.setUint32(BootBlock.PCI_HOST, pci, true);
  block.setUint32(BootBlock.DISK_HOST, disk, true);
  block.setUint32(BootBlock.VRAM_HOST, vram, true);
  block.setUint32(BootBlock.VRAM_BYTES, vramBytes, true);
  block.setUint32(BootBlock.ROM_HOST, rom, true);
  busInit(memory, offsets);
  const views = new HostViews(memory);
  return {
    memory,
    offsets,
    views,
    pendingIrqs: () => views.load(machine + MachineWord.PENDING_IRQS),
  };
}

/** What the kernel does to post a burst: fill the descriptor, publish it, ring. */
export function postBurst({ views, offsets }: TestMachine, start: number, bytes: number): void {
  const head = views.load(offsets.display + DisplayState.BURST_HEAD);
  const slot = head & (DisplayState.BURST_CAPACITY - 1);
  const at = offsets.display + DisplayState.BURSTS + slot * 8;
  views.store(at, start);
  views.store(at + 4, bytes);
  views.store(offsets.display + DisplayState.BURST_HEAD, head + 1);
  views.bump(offsets.display + DisplayState.WAKE);
}
