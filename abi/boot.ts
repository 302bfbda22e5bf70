// The boot block at PhysAddr.BOOT_BLOCK: the loader (the machine) writes it, the kernel reads it once. Byte offsets; u32 unless said.

export const enum BootBlock {
  MAGIC = 0x00, // BootMagic.VALUE
  COMMAND_LINE = 0x04, // physical address of a NUL-terminated line
  INITRD = 0x08, // physical address of the initrd archive, page aligned, in RAM
  INITRD_BYTES = 0x0c,
  RAM_BYTES = 0x10, // multiple of 4 KiB; bytes past the end are other host memory
  CPU_BLOCKS = 0x14, // host offset of CPU slot 0's block; slot n is at + n * CpuBlock.BYTES
  VRAM_HOST = 0x18, // host offset of the VRAM aperture, and its size
  VRAM_BYTES = 0x1c,
  ROM_HOST = 0x20, // host offset of the ROM card (abi/rom.ts)
  DISPLAY_HOST = 0x24, // host offset of the display's state page (abi/display.ts)
  CONSOLE_HOST = 0x28, // host offset of the console rings (abi/console.ts)
  PCI_HOST = 0x2c, // host offset of the PCI configuration state
  MACHINE_HOST = 0x30, // host offset of the machine control page (abi/machine.ts)
  DISK_HOST = 0x34, // host offset of the disk's state page (abi/disk.ts), 0: none
  WALL_NS = 0x38, // i64: real time at boot, ns since 1970
  MAP_COUNT = 0x40, // memory map, at most 32 entries
  MAP = 0x48, // entries {base: u64, bytes: u64, type: u32, reserved: u32}, 24 bytes each
  BYTES = 0x400,
}

export const enum BootMagic {
  VALUE = 0x51554952, // "QUIR"
}

export const enum MapType {
  RAM = 1,
  RESERVED = 2,
}

/** The initrd: a header {magic "QIRD", count}, then count records, then the files, each 8-byte aligned from the archive's start. */
export const enum Initrd {
  MAGIC_VALUE = 0x44524951,
  MAGIC = 0,
  COUNT = 4,
  RECORDS = 8,
  RECORD_BYTES = 80,
}

/** One record. The path is absolute without "/" ("bin/sh"), NUL-padded. */
export const enum InitrdRecord {
  PATH = 0, // 64 bytes
  PATH_BYTES = 64,
  OFFSET = 64, // u32 from the start of the archive
  LENGTH = 68, // u32
  MODE = 72, // u32
  RESERVED = 76,
}
