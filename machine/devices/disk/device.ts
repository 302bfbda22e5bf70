// DiskDevice: the disk's own side. It sleeps on WAKE, serves what was submitted in order, straight between the store and the frames of RAM,
// and tells each request's waiter and the kernel. Frames that are not adjacent go through a buffer: a request costs the store more than a
// copy does.
//
// Invariants
//   K1  A request that names a block past the end, a frame outside RAM or too many blocks is FAILED, and nothing is touched.
//   K2  A request's number is in the completion ring before its STATE is stored (abi/disk.ts); every request finishes.
//   K3  What the shared memory says is read once and then believed: a hostile kernel can harm nothing but its own RAM and disk.

import {
  DiskIrq,
  DiskLimit,
  DiskOp,
  DiskReason,
  DiskRequest,
  DiskRequestState,
  DiskState,
  DiskStatus,
} from "../../../abi/disk.ts";
import { Frame } from "../../../abi/layout.ts";
import { Irq } from "../../../abi/machine.ts";
import { HostViews, type SharedMemory } from "../../bus/host.ts";
import { irqRaise } from "../irq.ts";
import { type WaitChanged, yieldTask } from "../wait.ts";
import type { DiskStore } from "./store.ts";

/** Where the device's words and the RAM that it may touch lie. A HostLayout is one. */
export interface DiskOffsets {
  readonly disk: number;
  readonly machine: number;
  readonly ramBytes: number;
}

/** Adjacent frames of a request: `count` of them from pfn on, for as many of its blocks. */
interface Piece {
  readonly block: number;
  readonly pfn: number;
  count: number;
}

const STEPS_BEFORE_YIELD = 256;

export class DiskDevice {
  readonly #views: HostViews;
  readonly #offsets: DiskOffsets;
  readonly #store: DiskStore | undefined;
  readonly #blocks: number;
  readonly #failed: (text: string) => void;
  readonly #buffer = new Uint8Array(DiskLimit.FRAMES * Frame.BYTES);
  #hasFailed = false;

  /** `store` undefined: every request fails. `failed` hears the first failure of the store. */
  constructor(
    memory: SharedMemory,
    offsets: DiskOffsets,
    store: DiskStore | undefined,
    blocks: number,
    failed: (text: string) => void,
  ) {
    this.#views = new HostViews(memory);
    this.#offsets = offsets;
    this.#store = store;
    this.#blocks = blocks;
    this.#failed = failed;
  }

  /** The kernel may use the disk from now on. */
  announce(): void {
    this.#set(DiskState.BLOCKS, this.#blocks);
    setStatus(this.#views, this.#offsets.disk, DiskStatus.READY, DiskReason.NONE);
  }

  /** Serves until stopDisk(), blocking this thread while there is nothing to do. */
  runBlocking(): void {
    for (;;) {
      const wake = this.#get(DiskState.WAKE);
      this.serve();
      if (this.#isStopped()) return;
      Atomics.wait(this.#views.words, (this.#offsets.disk + DiskState.WAKE) >> 2, wake | 0);
    }
  }

  /** Serves until stopDisk(), for a thread that must not block. */
  async run(wait: WaitChanged): Promise<void> {
    let steps = 0;
    while (!this.#isStopped()) {
      const wake = this.#get(DiskState.WAKE);
      this.serve();
      const word = (this.#offsets.disk + DiskState.WAKE) >> 2;
      const sleep = wait(this.#views.words, word, wake | 0);
      steps = sleep === undefined ? steps + 1 : 0;
      if (sleep !== undefined) await sleep;
      else if (steps % STEPS_BEFORE_YIELD === 0) await yieldTask();
    }
  }

  /** Serves everything submitted so far; the number of requests. */
  serve(): number {
    let served = 0;
    for (;;) {
      const tail = this.#get(DiskState.SUBMIT_TAIL);
      if (tail === this.#get(DiskState.SUBMIT_HEAD)) return served;
      const slot = tail & (DiskState.CAPACITY - 1);
      const id = this.#get(DiskState.SUBMIT + slot * 4) & (DiskState.CAPACITY - 1);
      this.#set(DiskState.SUBMIT_TAIL, tail + 1);
      this.#finish(id, this.#perform(id));
      served++;
    }
  }

  /** Takes the place of a device whose thread has died: whatever it had not finished fails. */
  failAll(): void {
    this.#set(DiskState.SUBMIT_TAIL, this.#get(DiskState.SUBMIT_HEAD));
    for (let id = 0; id < DiskState.CAPACITY; id++) {
      if (this.#request(id, DiskRequest.STATE) === DiskRequestState.QUEUED) this.#finish(id, false);
    }
  }

  #perform(id: number): boolean {
    const op = this.#request(id, DiskRequest.OP);
    const block = this.#request(id, DiskRequest.BLOCK);
    const count = this.#request(id, DiskRequest.COUNT);
    if (this.#store === undefined || !this.#isSound(op, block, count)) return false;
    const pieces = op === DiskOp.FLUSH ? [] : this.#pieces(id, op, count);
    if (pieces === undefined) return false;
    try {
      if (op === DiskOp.FLUSH) {
        this.#store.flush();
        this.#count(DiskState.FLUSHES, 1);
        return true;
      }
      this.#transfer(this.#store, op, block * Frame.BYTES, count, pieces);
    } catch (error) {
      this.#tell(error);
      return false;
    }
    this.#count(op === DiskOp.READ ? DiskState.READS : DiskState.WRITES, 1);
    this.#count(op === DiskOp.READ ? DiskState.READ_BLOCKS : DiskState.WRITE_BLOCKS, count);
    return true;
  }

  /** K1 for the disk's side. */
  #isSound(op: number, block: number, count: number): boolean {
    if (op === DiskOp.FLUSH) return true;
    if (op !== DiskOp.READ && op !== DiskOp.WRITE) return false;
    return count >= 1 && count <= DiskLimit.COUNT && block + count <= this.#blocks;
  }

  /** K1 for the RAM's side: the request's frames, adjacent ones together; undefined: one is not RAM. */
  #pieces(id: number, op: number, count: number): Piece[] | undefined {
    const isList = this.#request(id, DiskRequest.LIST) !== 0;
    if (!isList)
      return this.#checked([{ block: 0, pfn: this.#request(id, DiskRequest.PFN), count }]);
    if (count > DiskLimit.FRAMES) return undefined;
    const pieces: Piece[] = [];
    for (let block = 0; block < count; block++) {
      const pfn = this.#request(id, DiskRequest.FRAMES + 4 * block);
      if (pfn === 0 && op === DiskOp.READ) continue;
      const last = pieces.at(-1);
      const follows = last !== undefined && last.block + last.count === block;
      if (follows && last.pfn + last.count === pfn) last.count++;
      else pieces.push({ block, pfn, count: 1 });
    }
    return this.#checked(pieces);
  }

  #checked(pieces: Piece[]): Piece[] | undefined {
    const end = this.#offsets.ramBytes / Frame.BYTES;
    return pieces.some(({ pfn, count }) => pfn + count > end) ? undefined : pieces;
  }

  /** Moves `count` blocks from byte `at` of the store on; in one piece if the frames are. */
  #transfer(
    store: DiskStore,
    op: number,
    at: number,
    count: number,
    pieces: readonly Piece[],
  ): void {
    const [first] = pieces;
    if (first?.count === count) {
      if (op === DiskOp.READ) store.read(at, this.#bytesOf(first));
      else store.write(at, this.#bytesOf(first));
      return;
    }
    const buffer = this.#buffer.subarray(0, count * Frame.BYTES);
    if (op === DiskOp.READ) store.read(at, buffer);
    for (const piece of pieces) {
      const start = piece.block * Frame.BYTES;
      const part = buffer.subarray(start, start + piece.count * Frame.BYTES);
      if (op === DiskOp.READ) this.#bytesOf(piece).set(part);
      else part.set(this.#bytesOf(piece));
    }
    if (op === DiskOp.WRITE) store.write(at, buffer);
  }

  #bytesOf({ pfn, count }: Piece): Uint8Array {
    return this.#views.bytes.subarray(pfn * Frame.BYTES, (pfn + count) * Frame.BYTES);
  }

  /** K2 */
  #finish(id: number, ok: boolean): void {
    const record = this.#record(id);
    const wantsRing = this.#views.load(record + DiskRequest.RING) !== 0;
    if (!ok) this.#count(DiskState.FAILURES, 1);
    if (wantsRing) {
      const head = this.#get(DiskState.DONE_HEAD);
      this.#set(DiskState.DONE + (head & (DiskState.CAPACITY - 1)) * 4, id);
      this.#set(DiskState.DONE_HEAD, head + 1);
    }
    const word = (record + DiskRequest.STATE) >> 2;
    this.#views.store(record, ok ? DiskRequestState.DONE : DiskRequestState.FAILED);
    Atomics.notify(this.#views.words, word);
    if (!wantsRing) return;
    const status = this.#offsets.disk + DiskState.IRQ_STATUS;
    this.#views.merge(status, DiskIrq.DONE, DiskIrq.DONE);
    if ((this.#get(DiskState.IRQ_MASK) & DiskIrq.DONE) !== 0)
      irqRaise(this.#views, this.#offsets.machine, Irq.DISK);
  }

  #isStopped(): boolean {
    return this.#get(DiskState.STOP) !== 0;
  }

  #tell(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#failed(error instanceof Error ? error.message : String(error));
  }

  #record(id: number): number {
    return this.#offsets.disk + DiskState.REQUESTS + id * DiskRequest.BYTES;
  }

  #request(id: number, field: number): number {
    return this.#views.load(this.#record(id) + field);
  }

  #get(offset: number): number {
    return this.#views.load(this.#offsets.disk + offset);
  }

  #set(offset: number, value: number): void {
    this.#views.store(this.#offsets.disk + offset, value);
  }

  #count(counter: DiskState, n: number): void {
    this.#views.add(this.#offsets.disk + counter, n);
  }
}

/** Has the device, wherever it runs, finish what was submitted, and end. */
export function stopDisk(views: HostViews, disk: number): void {
  views.store(disk + DiskState.STOP, 1);
  views.bump(disk + DiskState.WAKE);
}

/** Stores what became of the disk and wakes a kernel that waits for it. */
export function setStatus(
  views: HostViews,
  disk: number,
  status: DiskStatus,
  reason: DiskReason,
): void {
  views.store(disk + DiskState.REASON, reason);
  views.store(disk + DiskState.STATUS, status);
  Atomics.notify(views.words, (disk + DiskState.STATUS) >> 2);
}
