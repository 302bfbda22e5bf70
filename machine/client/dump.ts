// Dump: the machine's memory as files, in the format of design 9. The page tables are read where they are: nothing is reconstructed.

import { CpuBlock } from "../../abi/cpu.ts";
import { PhysFrame } from "../../abi/layout.ts";
import { Rom } from "../../abi/rom.ts";
import type { LoadedMemory } from "../memory.ts";
import { Inspection } from "./inspect.ts";
import type { DumpFile } from "./types.ts";

const CR0 = 0x80010001; // PG, WP, PE
const CR4 = 0xa0; // PAE, PGE
const EFER = 0xd00; // NXE, LMA, LME

export async function dumpFiles(
  loaded: LoadedMemory,
  kernel: WebAssembly.Module,
): Promise<DumpFile[]> {
  const { memory, layout } = loaded;
  const inspection = await Inspection.of(loaded, kernel);
  const cpus = await inspection.cpus();
  const machine = {
    ram: { base: 0, size: layout.ramBytes, file: "ram.bin" },
    vram: { base: PhysFrame.VRAM * 4096, size: layout.vramBytes, file: "vram.bin" },
    pat: Number(inspection.pat),
    cpus: cpus.map((cpu) => ({
      cpu: cpu.cpu,
      pid: cpu.pid,
      name: cpu.name,
      cr0: CR0,
      cr3: cpu.cr3,
      cr4: CR4,
      efer: EFER,
    })),
    aperture: { base: PhysFrame.VRAM * 4096, size: layout.vramBytes, hostOffset: layout.vram },
    devices: [
      {
        name: "vram",
        base: PhysFrame.VRAM * 4096,
        size: layout.vramBytes,
        hostOffset: layout.vram,
      },
      { name: "rom", base: PhysFrame.ROM * 4096, size: Rom.BYTES, hostOffset: layout.rom },
      { name: "lapic", base: PhysFrame.LAPIC * 4096, size: 4096 },
    ],
    cpuBlocks: { hostOffset: layout.cpuBlocks, bytes: CpuBlock.BYTES },
    proc: await inspection.texts(cpus.map((cpu) => cpu.pid)),
  };
  return [
    { name: "ram.bin", bytes: new Uint8Array(memory.buffer, 0, layout.ramBytes).slice() },
    {
      name: "vram.bin",
      bytes: new Uint8Array(memory.buffer, layout.vram, layout.vramBytes).slice(),
    },
    {
      name: "machine.json",
      bytes: new TextEncoder().encode(`${JSON.stringify(machine, null, 2)}\n`),
    },
  ];
}
