// x86-64 page-table entry bits (Intel SDM 3A 4.5), bit numbers. Bits 9-11 and 52-58 are ours.
//
// Entries that are not present and not 0: SWAPPED has a slot of swap space in the frame field; DEMAND was present before its frame was
// taken away, and what the page shows is found through its map entry. COW and WAS_DIRTY are kept in both.

export const enum PteBit {
  P = 0,
  RW = 1,
  US = 2,
  PWT = 3,
  PCD = 4,
  A = 5,
  D = 6,
  PAT_4K = 7, // in a 4 KiB entry
  PS = 7, // in a PD or PDPT entry
  G = 8,
  COW = 9,
  SWAPPED = 10,
  DEMAND = 11,
  PAT_2M = 12, // in a 2 MiB entry
  WAS_DIRTY = 52, // D was set before the page was evicted
  NX = 63,
}

/** Page-fault error code (Intel SDM 3A 4.7). */
export const enum FaultBit {
  P = 1,
  W = 2,
  U = 4,
  RSVD = 8,
  I = 16,
}

/** Memory types, with the PAT's encoding (Intel SDM 3A 12.12). */
export const enum MemType {
  UC = 0,
  WC = 1,
  WT = 4,
  WP = 5,
  WB = 6,
  UC_MINUS = 7,
}

export const enum Msr {
  PAT = 0x277,
}
