// Disk: the driver's side of the disk's two rings (abi/disk.ts). Whole blocks to and from whole frames of RAM; nothing is copied here.
//
// Invariants
//   D1  A record that is not FREE belongs to its submitter until diskRelease; the frames it names stay where they are so long.
//   D2  A request's STATE is stored after its number is in the completion ring: so who finds STATE finished finds the number there too.
//   D3  A request always finishes: a device that is lost fails what is queued.
//
// Locks     kernel lock; nothing here sleeps. Waiting for diskRequestWord happens with no lock held, and is woken by the device itself.
import { BootBlock } from "../../abi/boot";
import {
  DiskIrq,
  DiskLimit,
  DiskOp,
  DiskOwner,
  DiskReason,
  DiskRequest,
  DiskRequestState,
  DiskState,
  DiskStatus,
} from "../../abi/disk";
import { PhysAddr } from "../../abi/layout";

/** Whether the machine has a disk that serves requests. */
export function diskPresent(): bool {
  const disk = state();
  return disk != 0 && atomic.load<u32>(disk + DiskState.STATUS) == DiskStatus.READY;
}

/** Whole blocks, 0 without a disk. */
export function diskBlocks(): u32 {
  return diskPresent() ? load<u32>(state(), DiskState.BLOCKS) : 0;
}

export function diskStatus(): DiskStatus {
  const disk = state();
  return disk == 0 ? DiskStatus.ABSENT : <DiskStatus>atomic.load<u32>(disk + DiskState.STATUS);
}

export function diskReason(): DiskReason {
  const disk = state();
  return disk == 0 ? DiskReason.OFF : <DiskReason>load<u32>(disk, DiskState.REASON);
}

/** One of the device's or the driver's counters in the state page; 0 without a disk. */
export function diskCounter(which: DiskState): u32 {
  const disk = state();
  return disk == 0 ? 0 : load<u32>(disk + which);
}

/**
 * Waits until the device Worker has opened its store, or timeoutNs has passed. Only while the machine boots: nobody else waits for the
 * kernel lock then.
 */
export function diskAwaitStart(timeoutNs: i64): void {
  const disk = state();
  if (disk == 0) return;
  atomic.wait<i32>(disk + DiskState.STATUS, DiskStatus.STARTING, timeoutNs);
  store<u32>(disk, DiskIrq.DONE, DiskState.IRQ_MASK);
}

/**
 * Queues one request and rings the device. The request's number (>= 0), or -1: all records are in use.
 * `tag` has a DiskOwner in its high 8 bits. What is out of range comes back FAILED.
 */
export function diskSubmit(op: DiskOp, block: u32, pfn: u32, count: u32, tag: u32): i32 {
  const disk = state();
  if (disk == 0) return -1;
  const id = freeRecord(disk);
  if (id < 0) return -1;
  const request = record(disk, id);
  store<u32>(request, pfn, DiskRequest.PFN);
  store<u32>(request, 0, DiskRequest.LIST);
  queue(disk, id, op, block, count, tag);
  return id;
}

/** As diskSubmit, with frames that need not be adjacent: `count` u32 at `frames`, at most DiskLimit.FRAMES; 0: the block is not to be read. */
export function diskSubmitList(op: DiskOp, block: u32, frames: usize, count: u32, tag: u32): i32 {
  const disk = state();
  if (disk == 0) return -1;
  const id = freeRecord(disk);
  if (id < 0) return -1;
  const request = record(disk, id);
  store<u32>(request, 1, DiskRequest.LIST);
  memory.copy(request + DiskRequest.FRAMES, frames, (<usize>count) << 2);
  queue(disk, id, op, block, count, tag);
  return id;
}

/** True if the next request finds a record. */
export function diskHasRoom(): bool {
  const disk = state();
  return disk != 0 && load<u32>(disk, DiskState.IN_USE) < <u32>DiskState.CAPACITY;
}

export function diskRequestState(id: i32): DiskRequestState {
  return <DiskRequestState>atomic.load<u32>(diskRequestWord(id));
}

export function diskRequestTag(id: i32): u32 {
  return load<u32>(record(state(), id), DiskRequest.TAG);
}

/** The blocks of a request, from diskRequestBlock on. */
export function diskRequestCount(id: i32): u32 {
  return load<u32>(record(state(), id), DiskRequest.COUNT);
}

export function diskRequestBlock(id: i32): u32 {
  return load<u32>(record(state(), id), DiskRequest.BLOCK);
}

/** Frame i of a request with a list. */
export function diskRequestFrame(id: i32, i: u32): u32 {
  return load<u32>(record(state(), id) + ((<usize>i) << 2), DiskRequest.FRAMES);
}

/** Host address of the STATE word: a futex that holds QUEUED until the device has finished, and is notified then. */
export function diskRequestWord(id: i32): usize {
  return record(state(), id) + DiskRequest.STATE;
}

/** The next finished request of the completion ring, or -1. The caller handles it and then releases it. */
export function diskNextDone(): i32 {
  const disk = state();
  if (disk == 0) return -1;
  const tail = load<u32>(disk, DiskState.DONE_TAIL);
  if (atomic.load<u32>(disk + DiskState.DONE_HEAD) == tail) return -1;
  const id = load<u32>(disk + DiskState.DONE + ((tail & (DiskState.CAPACITY - 1)) << 2));
  if (diskRequestState(id) == DiskRequestState.QUEUED) return -1; // its STATE is about to be stored, and the interrupt raised after
  store<u32>(disk, tail + 1, DiskState.DONE_TAIL);
  return id;
}

/** The record is free again. */
export function diskRelease(id: i32): void {
  const disk = state();
  atomic.store<u32>(record(disk, id) + DiskRequest.STATE, DiskRequestState.FREE);
  store<u32>(disk, load<u32>(disk, DiskState.IN_USE) - 1, DiskState.IN_USE);
}

/** Acknowledges Irq.DISK; to be called before the completion ring is drained. */
export function diskAcknowledge(): void {
  const disk = state();
  if (disk != 0) atomic.and<u32>(disk + DiskState.IRQ_STATUS, ~(<u32>DiskIrq.DONE));
}

/** Fills the rest of a record whose frames are known, and rings the device. */
function queue(disk: usize, id: i32, op: DiskOp, block: u32, count: u32, tag: u32): void {
  const request = record(disk, id);
  store<u32>(request, op, DiskRequest.OP);
  store<u32>(request, block, DiskRequest.BLOCK);
  store<u32>(request, count, DiskRequest.COUNT);
  store<u32>(request, tag, DiskRequest.TAG);
  store<u32>(request, <u32>(tag >>> DiskOwner.SHIFT == DiskOwner.SWAP), DiskRequest.RING);
  atomic.store<u32>(request + DiskRequest.STATE, DiskRequestState.QUEUED);
  store<u32>(disk, load<u32>(disk, DiskState.IN_USE) + 1, DiskState.IN_USE);
  const head = load<u32>(disk, DiskState.SUBMIT_HEAD);
  store<u32>(disk + DiskState.SUBMIT + ((head & (DiskState.CAPACITY - 1)) << 2), id);
  atomic.store<u32>(disk + DiskState.SUBMIT_HEAD, head + 1);
  atomic.add<u32>(disk + DiskState.WAKE, 1);
  atomic.notify(disk + DiskState.WAKE, -1);
}

/** A free record's number, or -1. */
function freeRecord(disk: usize): i32 {
  if (load<u32>(disk, DiskState.IN_USE) >= <u32>DiskState.CAPACITY) return -1;
  const cursor = load<u32>(disk, DiskState.CURSOR);
  for (let i: u32 = 0; i < <u32>DiskState.CAPACITY; i++) {
    const id = (cursor + i) & (DiskState.CAPACITY - 1);
    if (atomic.load<u32>(record(disk, id) + DiskRequest.STATE) != DiskRequestState.FREE) continue;
    store<u32>(disk, (id + 1) & (DiskState.CAPACITY - 1), DiskState.CURSOR);
    return id;
  }
  return -1;
}

function record(disk: usize, id: i32): usize {
  return disk + DiskState.REQUESTS + <usize>id * DiskRequest.BYTES;
}

function state(): usize {
  return load<u32>(PhysAddr.BOOT_BLOCK, BootBlock.DISK_HOST);
}

if (<u32>DiskRequest.FRAMES + <u32>DiskLimit.FRAMES * 4 != <u32>DiskRequest.BYTES)
  ERROR("the list does not fit its record");
if (
  <u32>DiskState.REQUESTS + <u32>DiskState.CAPACITY * <u32>DiskRequest.BYTES >
  <u32>DiskState.BYTES
)
  ERROR("the records do not fit");
if (<u32>DiskLimit.COUNT * 4096 > 0x1000000) ERROR("a request is larger than 16 MiB");
