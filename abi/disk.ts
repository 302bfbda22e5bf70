// The disk: registers in BAR0, and the state page that CPUs and the device Worker share.
//
// Every transfer is COUNT whole 4 KiB blocks of the disk, one after the other, to or from COUNT whole frames of RAM, adjacent ones or a list
// of any, done by the device on the shared memory.

/** Register offsets in BAR0 (bytes), 32-bit each. */
export const enum DiskReg {
  ID = 0x00, // reads DiskValue.ID
  VERSION = 0x04,
  BLOCKS = 0x08, // 4 KiB blocks
  STATUS = 0x0c, // DiskStatus
  DOORBELL = 0x10, // write: look at the submission ring
  IRQ_STATUS = 0x14, // DiskIrq; write one to clear
  IRQ_MASK = 0x18, // a one lets the interrupt through
  REASON = 0x1c, // DiskReason
}

export const enum DiskValue {
  ID = 0x4b534451, // "QDSK"
  VERSION = 1,
}

/** READY may become GONE at any time; STARTING becomes one of the others; nothing else changes. */
export const enum DiskStatus {
  ABSENT = 0, // no disk in this machine: see REASON
  STARTING = 1, // the device Worker is opening the store; BLOCKS is not known yet
  READY = 2,
  GONE = 3, // the store is lost: every request fails
}

/** Why there is no disk. */
export const enum DiskReason {
  NONE = 0,
  OFF = 1, // it was not asked for
  NO_STORAGE = 2, // the host has no place to keep it (no OPFS: an old browser, private browsing)
  LOCKED = 3, // another machine (another tab) uses it
  QUOTA = 4, // the host gives it no room
  FAILED = 5, // the host's store failed
}

/**
 * State page. The kernel (under its lock) fills a free record and appends its number to the submission ring; the device finishes the
 * request, appends the number to the completion ring if the record asks for it, and only then stores the record's STATE and notifies
 * it. Rings hold numbers of records; each has room for all, and HEAD and TAIL count entries ever produced and consumed.
 */
export const enum DiskState {
  STATUS = 0x00, // DiskStatus; a futex
  REASON = 0x04, // DiskReason
  BLOCKS = 0x08,
  WAKE = 0x0c, // futex the device waits on: bumped after requests were submitted
  SUBMIT_HEAD = 0x10, // kernel
  SUBMIT_TAIL = 0x14, // device
  DONE_HEAD = 0x18, // device
  DONE_TAIL = 0x1c, // kernel
  IRQ_STATUS = 0x20,
  IRQ_MASK = 0x24,
  CURSOR = 0x28, // kernel: where it looks for a free record first
  IN_USE = 0x2c, // kernel: records that are not free
  READS = 0x30, // device counters, u32: requests served, blocks moved, requests failed
  WRITES = 0x34,
  FLUSHES = 0x38,
  READ_BLOCKS = 0x3c,
  WRITE_BLOCKS = 0x40,
  FAILURES = 0x44,
  STOP = 0x48, // the machine's owner: 1, then WAKE is bumped: the device lets go of its store and ends
  SUBMIT = 0x400, // ring of u32
  DONE = 0x800, // ring of u32
  REQUESTS = 0x1000, // records of DiskRequest
  CAPACITY = 256, // records, and entries of each ring
  BYTES = 0xb000,
}

export const enum DiskRequest {
  STATE = 0x00, // DiskRequestState; a futex
  OP = 0x04, // DiskOp
  BLOCK = 0x08, // first block
  COUNT = 0x0c, // blocks, 1 to DiskLimit.COUNT, with a list to DiskLimit.FRAMES; 0 for FLUSH
  PFN = 0x10, // first frame of RAM; unused with a list
  TAG = 0x14, // the submitter's; DiskOwner in the high 8 bits
  RING = 0x18, // 1: goes to the completion ring when it is finished
  LIST = 0x1c, // 1: the frames are the first COUNT of FRAMES; 0: those from PFN on
  FRAMES = 0x20, // u32 each; for READ 0: the block is passed over
  BYTES = 0xa0,
}

export const enum DiskRequestState {
  FREE = 0,
  QUEUED = 1,
  DONE = 2,
  FAILED = 3,
}

export const enum DiskOp {
  READ = 1,
  WRITE = 2,
  FLUSH = 3, // all writes finished before it was submitted are durable when it is done
}

/** High 8 bits of a tag. Requests of SWAP go to the completion ring; those of FILE are waited for by who submitted them. */
export const enum DiskOwner {
  SWAP = 1,
  FILE = 2,
  SHIFT = 24,
}

export const enum DiskLimit {
  COUNT = 1024, // blocks of one request
  FRAMES = 32, // of them, where the frames are listed
  BLOCKS = 0x1000000, // of a disk: 64 GiB
}

/** Bits of IRQ_STATUS and IRQ_MASK. */
export const enum DiskIrq {
  DONE = 1, // the completion ring has an entry
}

/** Block 0: a master boot record (its first 512 bytes). Partition entries count 512-byte sectors, 8 for each block. */
export const enum Mbr {
  ENTRIES = 446, // 4 of 16 bytes
  ENTRY_BYTES = 16,
  ENTRY_COUNT = 4,
  TYPE = 4, // u8 in an entry: PartitionType
  FIRST = 8, // u32 sectors
  SECTORS = 12, // u32
  SIGNATURE = 510, // u16
  SIGNATURE_VALUE = 0xaa55,
  SECTORS_PER_BLOCK = 8,
}

export const enum PartitionType {
  NONE = 0,
  SWAP = 0x82,
  HOME = 0x83,
}
