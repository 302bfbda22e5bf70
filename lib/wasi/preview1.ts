// The numbers and layouts of WASI (wasi_snapshot_preview1, and wasi_unstable where it differs), as its witx files give them.
// Structures are little-endian; members are byte offsets. `UNSTABLE_` marks the older module's layout.

export const enum WasiErrno {
  SUCCESS = 0,
  BADF = 8,
  EXIST = 20,
  FAULT = 21,
  INVAL = 28,
  IO = 29,
  ISDIR = 31,
  LOOP = 32,
  MFILE = 33,
  NAMETOOLONG = 37,
  NOENT = 44,
  NOSYS = 52,
  NOTDIR = 54,
  NOTEMPTY = 55,
  NOTSOCK = 57,
  NOTSUP = 58,
  PERM = 63,
  RANGE = 68,
  ROFS = 69,
  SPIPE = 70,
  NOTCAPABLE = 76,
}

export const enum WasiFileType {
  UNKNOWN = 0,
  BLOCK_DEVICE = 1,
  CHARACTER_DEVICE = 2,
  DIRECTORY = 3,
  REGULAR_FILE = 4,
  SYMBOLIC_LINK = 7,
}

/** How a path is looked up. */
export const enum WasiLookup {
  SYMLINK_FOLLOW = 1,
}

export const enum WasiFdFlag {
  APPEND = 1,
  DSYNC = 2,
  NONBLOCK = 4,
  RSYNC = 8,
  SYNC = 16,
  ALL = 31,
}

export const enum WasiOpenFlag {
  CREAT = 1,
  DIRECTORY = 2,
  EXCL = 4,
  TRUNC = 8,
}

/** fd_filestat_set_times, path_filestat_set_times */
export const enum WasiTimeFlag {
  ATIM = 1,
  ATIM_NOW = 2,
  MTIM = 4,
  MTIM_NOW = 8,
  ALL = 15,
}

export const enum WasiWhence {
  SET = 0,
  CUR = 1,
  END = 2,
  UNSTABLE_CUR = 0,
  UNSTABLE_END = 1,
  UNSTABLE_SET = 2,
}

/** Bits of a rights mask, and the masks of each kind of descriptor. */
export const enum Right {
  FD_READ = 0x2,
  FD_WRITE = 0x40,
  FD_ALLOCATE = 0x100,
  FD_READDIR = 0x4000,
  PATH_FILESTAT_SET_SIZE = 0x80000,
  FD_FILESTAT_SET_SIZE = 0x400000,
  OPEN_READS = 0x4002, // FD_READ or FD_READDIR
  OPEN_WRITES = 0x400140, // FD_WRITE, FD_ALLOCATE or FD_FILESTAT_SET_SIZE
  FILE = 0x08e001ff, // everything that names an open file, seek and tell too
  STREAM = 0x0820004a, // read, write, set flags, filestat, poll: no seek or tell, by which C libraries know a terminal
  DIRECTORY = 0x0fbffe98,
  INHERIT = 0x0fffffff, // what may be opened below a directory
}

export const enum WasiFdstat {
  FILETYPE = 0, // u8
  FLAGS = 2, // u16
  RIGHTS_BASE = 8, // u64
  RIGHTS_INHERITING = 16, // u64
  BYTES = 24,
}

export const enum WasiFilestat {
  DEV = 0, // u64
  INO = 8, // u64
  FILETYPE = 16, // u8
  NLINK = 24, // u64
  SIZE = 32, // u64
  ATIM = 40, // u64 ns
  MTIM = 48,
  CTIM = 56,
  BYTES = 64,
  UNSTABLE_NLINK = 20, // u32
  UNSTABLE_SIZE = 24,
  UNSTABLE_ATIM = 32,
  UNSTABLE_MTIM = 40,
  UNSTABLE_CTIM = 48,
  UNSTABLE_BYTES = 56,
}

/** A directory entry's header; the name follows it. */
export const enum WasiDirent {
  NEXT = 0, // u64 cookie of the next entry
  INO = 8, // u64
  NAMLEN = 16, // u32
  TYPE = 20, // u8
  BYTES = 24,
}

export const enum WasiPrestat {
  TAG = 0, // u8, 0: directory
  NAME_LENGTH = 4, // u32
  BYTES = 8,
}

export const enum Iovec {
  BUF = 0,
  LEN = 4,
  BYTES = 8,
}

/** poll_oneoff. In wasi_unstable a clock carries one more u64 at the front of its union. */
export const enum Subscription {
  USERDATA = 0, // u64
  TYPE = 8, // u8 EventType
  FD = 16, // u32
  CLOCK_ID = 16, // u32
  TIMEOUT = 24, // u64 ns
  FLAGS = 40, // u16, bit 0: TIMEOUT is a time, not a delay
  BYTES = 48,
  UNSTABLE_CLOCK_SHIFT = 8,
  UNSTABLE_BYTES = 56,
}

export const enum WasiEvent {
  USERDATA = 0, // u64
  ERROR = 8, // u16
  TYPE = 10, // u8 EventType
  NBYTES = 16, // u64
  FLAGS = 24, // u16
  BYTES = 32,
}

export const enum EventType {
  CLOCK = 0,
  FD_READ = 1,
  FD_WRITE = 2,
}

export const enum WasiClock {
  REALTIME = 0,
  MONOTONIC = 1,
  PROCESS_CPU = 2,
  THREAD_CPU = 3,
  COUNT = 4,
}
