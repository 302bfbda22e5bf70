// The physical and virtual address map, as frame numbers (4 KiB): enum members above 0x7fff_ffff would turn negative in asc.

export const enum Frame {
  SHIFT = 12,
  BYTES = 4096,
}

/** Physical address space, in 4 KiB frame numbers. RAM starts at 0 and its physical address is its offset in the shared memory. */
export const enum PhysFrame {
  LOW_END = 0x100, // the first MiB is never allocatable
  ECAM = 0xb0000, // PCIe configuration space, one bus of the 256 MiB window
  ROM = 0xc0000, // BAR0 of the ROM card: host files (added, dropped or downloaded programs), 256 MiB window
  ROM_FRAMES = 0x10000,
  VRAM = 0xe0000, // display BAR0
  DISPLAY_REGS = 0xfe000, // display BAR2, one frame
  DISK_REGS = 0xfe001,
  CONSOLE_REGS = 0xfe002,
  LAPIC = 0xfee00,
}

/** Where the boot block lies, and the kernel's static data. Physical addresses in bytes. */
export const enum PhysAddr {
  BOOT_BLOCK = 0x1000,
  COMMAND_LINE = 0x2000, // NUL-terminated, at most 4095 bytes
  KERNEL_STATIC = 0x100000, // asc memoryBase
  KERNEL_TABLES = 0x180000, // first byte the kernel may use for its own tables
}

/** User virtual address space, in 4 KiB page numbers. */
export const enum UserPage {
  MMAP_START = 0x40000, // also the end of image + heap
  MMAP_END = 0xb0000,
  STACK_START = 0xb0000,
  STACK_TOP = 0xc0000, // one past the last page a program can ever map
  LIBRARY = 0x40000, // fixed base of the WASI library image: the bottom of the mmap area, of WASI programs only
}

/** Limits that the machine and the kernel share. */
export const enum Limit {
  CPUS = 64, // CPU slots, slot 0 is the kernel thread
  PROCESSES = 64,
  PATH_BYTES = 1024,
  ARGV_BYTES = 65536,
  MESSAGE_BYTES = 4096,
  PAYLOAD_BYTES = 65536, // of a T_READ or T_WRITE, once agreed
  PROGRAM_BYTES = 0x8000000, // of a program's file that a server keeps: as much as the ROM card holds
  FDS = 64,
  DEVICE_MAPPINGS = 8,
}
