// The ROM card: a PCI device whose BAR holds files that the host adds while the machine runs (--add, a dropped file, a download).
// The host appends a file's bytes, then its record, then bumps COUNT with an atomic store: readers need no lock. Records are never
// moved; a file added again under the same path shadows the older one (the search runs from the newest).
//
//   +0      COUNT u32, then CAPACITY_FILES records from +64;  file bytes from FILES on

// A record with OFFERED in its flags has no bytes yet: the host can fetch the file, and does when somebody runs it. The file then comes as
// a newer record of the same path.

export const enum Rom {
  COUNT = 0,
  NEXT = 4, // next free byte, from the start of the card
  RECORDS = 64,
  RECORD_BYTES = 80, // laid out as InitrdRecord; OFFSET is from the start of the card
  RECORD_FLAGS = 76, // of a record: u32
  OFFERED = 1, // a flag
  CAPACITY_FILES = 1024,
  FILES = 0x20000,
  BYTES = 0x8000000, // 128 MiB, host memory that is not touched until used
}
