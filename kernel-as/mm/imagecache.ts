// Imagecache: pages of an image that nobody has written to, the same frames for every process that runs the program.
//
// Processes of one program share one image object: same file, same place, same segments. Its index (mm/object.ts) names the frames; each
// page table that names one holds a reference, the index none.
//
// Invariants
//   I1  A CACHED frame is in the index of its owner at page Page.link, and nothing else is; held counts them.
//   I2  A CACHED frame holds the bytes of the file: every leaf that names it has COW, and the last owner's write takes it out first.
//   I3  An index frame is there only while it names something; Page.link of its second level counts what.
//
// Locks     kernel lock.

import { ObjectKind } from "../../abi/syscall";
import { RECORD_BYTES } from "./imagetable";
import { OBJECTS_MAX, Obj, objectAt } from "./object";
import { PageFlag, pageOf } from "./page";
import { pmmAlloc, pmmFree } from "./pmm";
import { wantClear } from "./want";

const INDEX_SHIFT: u32 = 10;
const INDEX_MASK: u32 = 1023;

/** An image object in use of this file at host address `file`, first page, size and segments; null: none. */
export function imageFind(
  file: usize,
  first: u32,
  pages: u32,
  table: usize,
  count: u32,
): Obj | null {
  for (let i: u32 = 0; i < OBJECTS_MAX; i++) {
    const o = objectAt(i);
    if (o.kind != ObjectKind.IMAGE || o.file != file || o.first != first || o.pages != pages)
      continue;
    if (o.tableCount != count) continue;
    if (memory.compare(o.table, table, <usize>(count * RECORD_BYTES)) == 0) return o;
  }
  return null;
}

/** The cached frame of a page of an image, with no reference for the caller; 0 none. */
export function imageCacheGet(object: Obj, page: u32): u32 {
  if (object.index == 0) return 0;
  const leaf = load<u32>(indexSlot(object.index, page >> INDEX_SHIFT));
  return leaf == 0 ? 0 : load<u32>(indexSlot(leaf, page & INDEX_MASK));
}

/** Shows the frame, which holds the file's bytes of a page, to all processes. Without memory for the index it stays private: false. */
export function imageCachePut(object: Obj, page: u32, pfn: u32): bool {
  if (object.index == 0) object.index = pmmAlloc(true);
  if (object.index == 0) {
    wantClear();
    return false;
  }
  const at = indexSlot(object.index, page >> INDEX_SHIFT);
  if (load<u32>(at) == 0) {
    const leaf = pmmAlloc(true);
    if (leaf == 0) {
      wantClear();
      indexPrune(object);
      return false;
    }
    store<u32>(at, leaf);
  }
  const leaf = load<u32>(at);
  store<u32>(indexSlot(leaf, page & INDEX_MASK), pfn);
  pageOf(leaf).link++;
  object.held++;
  const descriptor = pageOf(pfn);
  descriptor.flags |= <u8>PageFlag.CACHED;
  descriptor.link = page;
  return true;
}

/** Takes a CACHED frame out of its image's index. */
export function imageCacheDrop(pfn: u32): void {
  const descriptor = pageOf(pfn);
  const object = changetype<Obj>(descriptor.owner);
  const at = indexSlot(object.index, descriptor.link >> INDEX_SHIFT);
  const leaf = load<u32>(at);
  store<u32>(indexSlot(leaf, descriptor.link & INDEX_MASK), 0);
  descriptor.flags &= ~(<u8>PageFlag.CACHED);
  descriptor.link = 0;
  object.held--;
  const page = pageOf(leaf);
  page.link--;
  if (page.link == 0) {
    store<u32>(at, 0);
    pmmFree(leaf);
  }
  indexPrune(object);
}

function indexPrune(object: Obj): void {
  if (object.held != 0) return;
  pmmFree(object.index);
  object.index = 0;
}

function indexSlot(frame: u32, i: u32): usize {
  return ((<usize>frame) << 12) + ((<usize>i) << 2);
}
