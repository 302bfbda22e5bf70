// The disk's image: its sizes, and the partition table in block 0.
//
//   block 0              master boot record
//   block 256            home, type 0x83
//   after it, to the end swap, type 0x82
//
// Swap is last because nothing in it outlives the machine: it can have another size at each start, beside the same home.

import { Mbr, PartitionType } from "../../../abi/disk.ts";
import type { DiskStore } from "./store.ts";

const BLOCK = 4096;
const MEBIBYTE_BLOCKS = 256;
/** Where the first partition starts, as disks usually have it. */
const FIRST_BLOCK = MEBIBYTE_BLOCKS;
const HOME_BLOCKS = 256 * MEBIBYTE_BLOCKS;
const SWAP_MINIMUM = 128 * MEBIBYTE_BLOCKS;
const SWAP_MAXIMUM = 1024 * MEBIBYTE_BLOCKS;
const LEAST_BLOCKS = 16 * MEBIBYTE_BLOCKS;

interface Partition {
  readonly type: number;
  readonly first: number;
  readonly blocks: number;
}

/** Blocks of swap for so much RAM: eight times as much, 128 MiB to 1 GiB. */
export function swapBlocks(ramBytes: number): number {
  return Math.min(Math.max((8 * ramBytes) / BLOCK, SWAP_MINIMUM), SWAP_MAXIMUM);
}

/**
 * Makes the store a disk of this system, or finds that it is one, and returns its blocks. An empty store gets a partition table. One
 * with ours gets a swap partition of the size that fits this machine. Any other partition table is used as it is.
 * `sizeBytes`: the whole disk; half of it, if need be less, is swap.
 * Throws a sentence when the store holds something else, or the size is too small.
 */
export function prepareImage(
  store: DiskStore,
  ramBytes: number,
  sizeBytes: number | undefined,
): number {
  const block = new Uint8Array(BLOCK);
  store.read(0, block);
  const found = readTable(block);
  if (found === undefined && block.some((byte) => byte !== 0))
    throw new Error("it is no disk image: its first block is neither empty nor a partition table");
  const wanted = planned(ramBytes, sizeBytes, found?.[0]);
  if (found !== undefined && !isOurs(found))
    return Math.max(...found.map(({ first, blocks }) => first + blocks));
  const table = writeTable(wanted);
  if (table.some((byte, index) => byte !== block[index])) store.write(0, table);
  return Math.max(...wanted.map(({ first, blocks }) => first + blocks));
}

/** Home keeps its place and size; swap follows. */
function planned(
  ramBytes: number,
  sizeBytes: number | undefined,
  home: Partition | undefined,
): Partition[] {
  let swap = swapBlocks(ramBytes);
  let homeBlocks = home?.blocks ?? HOME_BLOCKS;
  if (sizeBytes !== undefined) {
    const all = Math.floor(sizeBytes / BLOCK);
    if (all < LEAST_BLOCKS) throw new Error(`a disk has at least ${LEAST_BLOCKS / 256} MiB`);
    const room = all - FIRST_BLOCK;
    if (home === undefined) {
      swap = Math.min(swap, Math.floor(room / 2));
      homeBlocks = room - swap;
    } else {
      swap = Math.max(room - homeBlocks, 0);
    }
  }
  const partitions = [{ type: PartitionType.HOME, first: FIRST_BLOCK, blocks: homeBlocks }];
  if (swap > 0)
    partitions.push({ type: PartitionType.SWAP, first: FIRST_BLOCK + homeBlocks, blocks: swap });
  return partitions;
}

function isOurs(table: readonly Partition[]): boolean {
  const [home, swap] = table;
  return (
    home?.type === PartitionType.HOME &&
    home.first === FIRST_BLOCK &&
    home.blocks > 0 &&
    (swap === undefined ||
      (swap.type === PartitionType.SWAP && swap.first === FIRST_BLOCK + home.blocks)) &&
    table.length <= 2
  );
}

/** The partitions in a block 0, or undefined when it has no table. */
export function readTable(block: Uint8Array): Partition[] | undefined {
  const view = new DataView(block.buffer, block.byteOffset, BLOCK);
  if (view.getUint16(Mbr.SIGNATURE, true) !== Mbr.SIGNATURE_VALUE) return undefined;
  const partitions: Partition[] = [];
  for (let i = 0; i < Mbr.ENTRY_COUNT; i++) {
    const at = Mbr.ENTRIES + i * Mbr.ENTRY_BYTES;
    const type = view.getUint8(at + Mbr.TYPE);
    if (type === PartitionType.NONE) continue;
    partitions.push({
      type,
      first: view.getUint32(at + Mbr.FIRST, true) / Mbr.SECTORS_PER_BLOCK,
      blocks: view.getUint32(at + Mbr.SECTORS, true) / Mbr.SECTORS_PER_BLOCK,
    });
  }
  return partitions;
}

export function writeTable(partitions: readonly Partition[]): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const view = new DataView(block.buffer);
  partitions.forEach(({ type, first, blocks }, index) => {
    const at = Mbr.ENTRIES + index * Mbr.ENTRY_BYTES;
    view.setUint8(at + Mbr.TYPE, type);
    view.setUint32(at + Mbr.FIRST, first * Mbr.SECTORS_PER_BLOCK, true);
    view.setUint32(at + Mbr.SECTORS, blocks * Mbr.SECTORS_PER_BLOCK, true);
  });
  view.setUint16(Mbr.SIGNATURE, Mbr.SIGNATURE_VALUE, true);
  return block;
}
