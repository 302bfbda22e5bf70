// System call numbers (for tracing only: programs import the functions of module "sys" by name), flags and the structures calls fill in.
// Structures are little-endian; members give byte offsets.

export const enum Prot {
  NONE = 0,
  READ = 1,
  WRITE = 2,
  EXEC = 4,
}

export const enum MapFlag {
  SHARED = 1,
  PRIVATE = 2,
  FIXED = 0x10,
  ANONYMOUS = 0x20,
  FIXED_NOREPLACE = 0x100000,
  PREFAULT_READ = 0x1000000,
  PREFAULT_WRITE = 0x2000000,
}

export const enum DeviceMapFlag {
  NOCACHE = 1,
  WRITECOMBINE = 2,
  HUGEPAGE = 4,
}

export const enum OpenFlag {
  READ = 0,
  WRITE = 1,
  READWRITE = 2,
  ACCESS = 3,
  CREATE = 0x40,
  EXCLUSIVE = 0x80,
  TRUNCATE = 0x200,
  APPEND = 0x400,
  DIRECTORY = 0x10000,
  NOFOLLOW = 0x20000, // a symbolic link as the last name is opened itself: reading it gives its target. ELOOP with WRITE
}

export const enum Whence {
  SET = 0,
  CURRENT = 1,
  END = 2,
}

export const enum Signal {
  INT = 2,
  ILL = 4,
  FPE = 8,
  KILL = 9,
  SEGV = 11,
  PIPE = 13,
  TERM = 15,
  CHLD = 17, // nothing happens
  CONT = 18,
  STOP = 19, // cannot be caught
  TSTP = 20, // ^Z
  TTIN = 21, // reading the console from the background
  TTOU = 22,
  URG = 23, // nothing happens
  WINCH = 28, // the console's size has changed: nothing happens to who does not catch it
}

/** waitchange */
export const enum WaitFlag {
  POLL = 1, // 0 at once when there is nothing to tell
  STOPS = 2, // tell stops too
}

/** A status that wait stores: an exit status, 128 + a signal, or, of a child that was stopped, STOPPED + the signal. */
export const enum WaitStatus {
  STOPPED = 256,
}

export const enum Clock {
  REALTIME = 0,
  MONOTONIC = 1,
  PROCESS_CPU = 2,
}

export const enum MountFlag {
  REPLACE = 0,
  BEFORE = 1,
  AFTER = 2,
}

/** newns */
export const enum NewNames {
  COPY = 0,
  EMPTY = 1, // nothing is mounted: the kernel's own names
}

/** madvise */
export const enum Advice {
  NORMAL = 0,
  WILLNEED = 3,
  DONTNEED = 4,
  PAGEOUT = 21, // the pages go to swap now; nothing that they show changes
}

export const enum FileType {
  FILE = 1,
  DIRECTORY = 2,
  DEVICE = 3,
  PIPE = 4,
  CHANNEL = 5,
  LINK = 6, // a symbolic link
}

export const enum Stat {
  TYPE = 0, // u32 FileType
  MODE = 4, // u32, Unix permission bits
  SIZE = 8, // u64
  MTIME = 16, // i64 ns since 1970
  INO = 24, // u32
  LINKS = 28, // u32 names that a file has; 0: not told
  BYTES = 32,
  ATIME = 32, // i64 ns: of making it, or as set: reading a file does not change it. fstatx and wstatx only, like what follows
  CTIME = 40, // i64 ns: as MTIME; cannot be set
  LONG_BYTES = 48,
}

/** One readdir record: a header and the name, not padded. */
export const enum DirEntry {
  SIZE = 0, // u32, clamped
  INO = 4, // u32
  TYPE = 8, // u8 FileType
  NAME_BYTES = 9, // u8
  NAME = 10,
}

/** spawn's fdmap: pairs {child fd: i32, parent fd: i32}. With n = 0 the child inherits 0, 1 and 2. */
export const enum FdMap {
  CHILD = 0,
  PARENT = 4,
  BYTES = 8,
}

/** pagequery(pid, addr, *info); pid 0 is the caller. */
export const enum PageInfo {
  PML4E = 0, // u64, raw entries; 0 below a level that is not present
  PDPTE = 8,
  PDE = 16,
  PTE = 24, // u64, 0 when the leaf is the 2 MiB PDE
  PA = 32, // u64, physical address of the byte asked for; all ones when not present
  LEVEL = 40, // u32: 0 not present, 1 a 4 KiB leaf, 2 a 2 MiB leaf
  PAT_INDEX = 44, // u32
  MEMTYPE = 48, // u32 MemType in force
  PAGE_BYTES = 52, // u32
  ENTRY_START = 56, // u32 address of the map entry that covers addr; 0 and 0 when none
  ENTRY_END = 60, // u32, one past; in pages when the low bit would not fit: never, programs end at 0xC000_0000
  PROT = 64, // u32 Prot of the entry
  OBJECT = 68, // u32 ObjectKind
  SHARED = 72, // u32
  CR3 = 80, // u64
  BYTES = 96,
}

export const enum ObjectKind {
  NONE = 0,
  ANON = 1,
  SHARED_ANON = 2,
  IMAGE = 3,
  DEVICE = 4,
  SG = 5,
  GONE = 6, // what the entry showed was revoked
}

/** setlimit */
export const enum ProcessLimit {
  DEVICE_MAPPINGS = 1, // at the same time
  STACK_BYTES = 2,
  ASK = -1, // as a value: changes nothing
}

/** mdirty: one byte for each page, and what to clear. */
export const enum DirtyBit {
  RESIDENT = 1,
  ACCESSED = 2,
  DIRTY = 4,
}

/** mmap_sg: an array of ranges. */
export const enum SgSegment {
  PA = 0, // u64
  LENGTH = 8, // u64
  BYTES = 16,
}

/** mrevoke */
export const enum RevokeFlag {
  KEEP_OWN = 1, // the caller's own mappings stay
}

/** sysinfo(*info): u32 words unless said otherwise. The leak gate compares the first block (offsets below TOTAL_FRAMES). */
export const enum SysInfo {
  FREE_FRAMES = 0,
  PTABLE_FRAMES = 4,
  OBJECT_FRAMES = 8,
  SWAP_SLOTS_USED = 12,
  CHANNELS = 16,
  OBJECTS = 20,
  MEMTYPE_RANGES = 24,
  OPEN_FILES = 28,
  PIPES = 32,
  PROCESSES = 36,
  TOTAL_FRAMES = 64,
  WIRED_FRAMES = 68,
  RESERVED_FRAMES = 72,
  CPUS = 76,
  CPUS_IDLE = 80,
  SWAP_SLOTS = 84,
  UPTIME_NS = 88, // u64
  FAULTS = 96, // u64 counters from here on
  TLB_FILLS = 104,
  TLB_FLUSHES = 112,
  SYSCALLS = 120,
  SHOOTDOWNS = 128,
  BUS_READS = 136,
  BUS_WRITES = 144,
  BUS_UNCLAIMED = 152,
  BURSTS = 160,
  BURST_BYTES = 168,
  UC_READS = 176, // uncached accesses, and stores that write through
  UC_WRITES = 184,
  OWN_BURSTS = 192, // the same four of the caller alone
  OWN_BURST_BYTES = 200,
  OWN_UC_READS = 208,
  OWN_UC_WRITES = 216,
  BYTES = 256,
}
