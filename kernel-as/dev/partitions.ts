// Partitions: the disk's partition table, read once at boot. A partition is known by what it is for: the first of each type counts.
//
// Invariants
//   P1  A partition that the table gives lies on the disk after block 0; one that does not is left out, and the log says so.
//
// Locks     slot 0 while it boots; constant afterwards.
import {
  DiskOp,
  DiskOwner,
  DiskReason,
  DiskRequestState,
  Mbr,
  PartitionType,
} from "../../abi/disk";
import { Frame } from "../../abi/layout";
import {
  diskAwaitStart,
  diskBlocks,
  diskPresent,
  diskReason,
  diskRelease,
  diskRequestState,
  diskRequestWord,
  diskSubmit,
} from "../arch/disk";
import { kprint, kprintDec } from "../lib/klog";
import { Vars } from "../lib/vars";
import { pmmAlloc, pmmFree } from "../mm/pmm";

/** What a block file shows: the whole disk, or one partition. */
export const enum Part {
  DISK = 0,
  HOME = 1,
  SWAP = 2,
  COUNT = 3,
}

/** For each Part: first block, blocks (0: there is none). */
const PARTS: usize = Vars.DEV + 0x200;
/** A disk that is not there after this long is not waited for. */
const START_NS: i64 = 5_000_000_000;

export function partFirst(part: u32): u32 {
  return load<u32>(PARTS + (part << 3));
}

export function partBlocks(part: u32): u32 {
  return load<u32>(PARTS + (part << 3), 4);
}

/** Name of the part's file in /dev. */
export function partName(part: u32): string {
  switch (part) {
    case Part.HOME:
      return "disk-home";
    case Part.SWAP:
      return "disk-swap";
    default:
      return "disk";
  }
}

/** Waits for the disk to start and reads its table. */
export function partitionsRead(): void {
  diskAwaitStart(START_NS);
  if (!diskPresent()) {
    kprint("disk: none: ");
    kprint(reasonText());
    kprint("\n");
    return;
  }
  setPart(Part.DISK, 0, diskBlocks());
  const frame = pmmAlloc(false);
  if (frame == 0 || !readBlock(frame, 0)) kprint("disk: block 0 cannot be read\n");
  else readTable((<usize>frame) << Frame.SHIFT);
  if (frame != 0) pmmFree(frame);
  kprint("disk: ");
  kprintDec(diskBlocks() >>> 8);
  kprint(" MiB, home ");
  kprintDec(partBlocks(Part.HOME) >>> 8);
  kprint(" MiB, swap ");
  kprintDec(partBlocks(Part.SWAP) >>> 8);
  kprint(" MiB\n");
}

export function reasonText(): string {
  switch (diskReason()) {
    case DiskReason.OFF:
      return "switched off";
    case DiskReason.NO_STORAGE:
      return "the browser keeps no files for this page";
    case DiskReason.LOCKED:
      return "another machine uses it";
    case DiskReason.QUOTA:
      return "the browser gives it no room";
    case DiskReason.FAILED:
      return "its file cannot be used";
    default:
      return "it does not answer";
  }
}

function setPart(part: Part, first: u32, blocks: u32): void {
  store<u32>(PARTS + (part << 3), first);
  store<u32>(PARTS + (part << 3), blocks, 4);
}

/** The device needs no lock to finish, and nobody else runs yet: waiting here blocks nothing. */
function readBlock(frame: u32, block: u32): bool {
  const id = diskSubmit(DiskOp.READ, block, frame, 1, DiskOwner.FILE << DiskOwner.SHIFT);
  if (id < 0) return false;
  while (diskRequestState(id) == DiskRequestState.QUEUED)
    atomic.wait<i32>(diskRequestWord(id), DiskRequestState.QUEUED, -1);
  const done = diskRequestState(id) == DiskRequestState.DONE;
  diskRelease(id);
  return done;
}

function readTable(block: usize): void {
  if (load<u16>(block, Mbr.SIGNATURE) != <u16>Mbr.SIGNATURE_VALUE) {
    kprint("disk: no partition table\n");
    return;
  }
  for (let i: u32 = 0; i < <u32>Mbr.ENTRY_COUNT; i++) {
    const entry = block + Mbr.ENTRIES + i * Mbr.ENTRY_BYTES;
    const type = load<u8>(entry, Mbr.TYPE);
    const part = type == PartitionType.HOME ? Part.HOME : Part.SWAP;
    if (type != PartitionType.HOME && type != PartitionType.SWAP) continue;
    const first = load<u32>(entry, Mbr.FIRST) / Mbr.SECTORS_PER_BLOCK;
    const blocks = load<u32>(entry, Mbr.SECTORS) / Mbr.SECTORS_PER_BLOCK;
    const all = diskBlocks();
    if (first == 0 || first >= all || blocks > all - first) {
      kprint("disk: a partition reaches past the end, left out\n");
      continue;
    }
    if (partBlocks(part) == 0) setPart(part, first, blocks);
  }
}
