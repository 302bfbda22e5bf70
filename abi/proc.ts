// The kernel's generated text files by number: /proc/NAME, and from MAPS on /proc/PID/NAME.

export const enum TextFile {
  MEMINFO = 1,
  PROCESSES = 2,
  MEMTYPES = 3,
  MOUNTS = 4,
  PCI = 5,
  UPTIME = 6,
  COUNTERS = 7,
  CPUINFO = 8,
  CMDLINE = 9,
  FRAMES = 10,
  DISK = 11,
  CONSOLE = 12,
  VMSTAT = 13,
  SWAPS = 14,
  MMCHECK = 15, // root only
  MAPS = 16, // of a process
  STATUS = 17,
  NAMES = 18,
  TABLES = 19,
}
