// Archive: the read-only files of the initrd and of the ROM card, whose newest file of a name wins over older ones and over the initrd.
// Paths are as in the records: without a leading slash.
//
// Invariants
//   A1  A record that names bytes outside its archive does not exist: the host's data is checked here and nowhere else.
//
// Locks     none: records never change once counted.
import { BootBlock, Initrd, InitrdRecord } from "../../abi/boot";
import { PhysAddr } from "../../abi/layout";
import { Rom } from "../../abi/rom";
import { bytesEqual, bytesFind, bytesLength } from "../lib/bytes";

const SLASH: u8 = 47;

/** Whether the initrd's header is right. */
export function archiveValid(): bool {
  return load<u32>(initrd(), Initrd.MAGIC) == Initrd.MAGIC_VALUE;
}

/** Records of the ROM card and of the initrd: indices of archiveRecord, in the order in which they are searched. */
export function archiveCount(): u32 {
  return romCount() + initrdCount();
}

export function initrdCount(): u32 {
  const room =
    (load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.INITRD_BYTES) - Initrd.RECORDS) / Initrd.RECORD_BYTES;
  return min(load<u32>(initrd(), Initrd.COUNT), room);
}

/** The record with this index (the newest of the ROM card first), as a host offset. */
export function archiveRecord(index: u32): usize {
  const count = romCount();
  if (index < count) return rom() + Rom.RECORDS + (count - 1 - index) * Rom.RECORD_BYTES;
  return initrd() + Initrd.RECORDS + (index - count) * Initrd.RECORD_BYTES;
}

export function recordPathBytes(record: usize): u32 {
  return <u32>bytesLength(record + InitrdRecord.PATH, InitrdRecord.PATH_BYTES);
}

/** The file's bytes in host memory, 0 when the record is damaged. */
export function recordHost(record: usize): usize {
  const onCard = inRom(record);
  const base = onCard ? rom() : initrd();
  const bytes = onCard ? <u32>Rom.BYTES : load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.INITRD_BYTES);
  const offset = load<u32>(record, InitrdRecord.OFFSET);
  if (offset > bytes || recordBytes(record) > bytes - offset) return 0;
  return base + offset;
}

export function recordBytes(record: usize): u32 {
  return load<u32>(record, InitrdRecord.LENGTH);
}

/** The host can fetch the file but has not: it has no bytes yet. */
export function recordIsOffered(record: usize): bool {
  return inRom(record) && (load<u32>(record, Rom.RECORD_FLAGS) & Rom.OFFERED) != 0;
}

/** The newest record with this path, or 0. */
export function archiveFind(path: usize, n: u32): usize {
  const count = archiveCount();
  for (let i: u32 = 0; i < count; i++) {
    const record = archiveRecord(i);
    if (recordPathBytes(record) == n && bytesEqual(record, path, n) && recordHost(record) != 0)
      return record;
  }
  return 0;
}

/** A record that lies in the directory `path`, or 0: then there is no such directory. */
export function archiveFindDirectory(path: usize, n: u32): usize {
  const count = archiveCount();
  for (let i: u32 = 0; i < count; i++) {
    if (childBytes(archiveRecord(i), path, n) != 0) return archiveRecord(i);
  }
  return 0;
}

/** Length of the name that the record gives to an entry of the directory (n 0: the root), 0 when it lies elsewhere. */
export function childBytes(record: usize, directory: usize, n: u32): u32 {
  const start: u32 = n == 0 ? 0 : n + 1;
  const length = recordPathBytes(record);
  if (length <= start || !bytesEqual(record, directory, n)) return 0;
  if (n != 0 && load<u8>(record + n) != SLASH) return 0;
  return <u32>bytesFind(record + start, length - start, SLASH);
}

/** True if a record before `index` already gave the directory an entry of this name. */
export function childSeen(index: u32, directory: usize, n: u32, name: usize, nameBytes: u32): bool {
  const start: u32 = n == 0 ? 0 : n + 1;
  for (let i: u32 = 0; i < index; i++) {
    const record = archiveRecord(i);
    if (childBytes(record, directory, n) != nameBytes) continue;
    if (bytesEqual(record + start, name, nameBytes)) return true;
  }
  return false;
}

function initrd(): usize {
  return load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.INITRD);
}

function rom(): usize {
  return load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.ROM_HOST);
}

function inRom(record: usize): bool {
  const card = rom();
  return card != 0 && record >= card && record < card + Rom.FILES;
}

function romCount(): u32 {
  const card = rom();
  return card == 0 ? 0 : min<u32>(atomic.load<u32>(card + Rom.COUNT), Rom.CAPACITY_FILES);
}
