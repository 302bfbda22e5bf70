// FakeDisk: a disk that serves the kernel's queue (abi/disk.ts) when a test says so, in the test's own thread. It fails as it is told.

import { DiskOp, DiskRequest, DiskRequestState, DiskState, DiskStatus } from "../../abi/disk.ts";

export interface Transfer {
  readonly op: DiskOp;
  readonly block: number;
  readonly count: number;
  readonly frames: readonly number[];
}

export class FakeDisk {
  /** False: requests stay queued. */
  serving = true;
  /** True for a transfer that is to fail. */
  fails: (transfer: Transfer) => boolean = () => false;
  /** Every transfer that was served. */
  readonly served: Transfer[] = [];
  readonly #blocks = new Map<number, Uint8Array>();
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  readonly #host: number;

  constructor(memory: WebAssembly.Memory, host: number, blocks: number) {
    this.#view = new DataView(memory.buffer);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#host = host;
    this.#set(DiskState.STATUS, DiskStatus.READY);
    this.#set(DiskState.BLOCKS, blocks);
  }

  /** Requests that are queued. */
  get queued(): number {
    return this.#get(DiskState.SUBMIT_HEAD) - this.#get(DiskState.SUBMIT_TAIL);
  }

  /** Serves what is queued, at most `most` requests. */
  serve(most = Number.POSITIVE_INFINITY): void {
    if (!this.serving) return;
    for (let n = 0; n < most; n++) {
      const tail = this.#get(DiskState.SUBMIT_TAIL);
      if (tail === this.#get(DiskState.SUBMIT_HEAD)) return;
      const id = this.#get(DiskState.SUBMIT + (tail % DiskState.CAPACITY) * 4);
      this.#set(DiskState.SUBMIT_TAIL, tail + 1);
      this.#finish(id, this.#transfer(DiskState.REQUESTS + id * DiskRequest.BYTES));
    }
  }

  /** The block's bytes, for a test that looks or changes them behind the kernel's back. */
  block(index: number): Uint8Array {
    const bytes = this.#blocks.get(index) ?? new Uint8Array(4096);
    this.#blocks.set(index, bytes);
    return bytes;
  }

  #transfer(at: number): boolean {
    const isList = this.#get(at + DiskRequest.LIST) !== 0;
    const count = this.#get(at + DiskRequest.COUNT);
    const frames = Array.from({ length: count }, (_, i) =>
      isList ? this.#get(at + DiskRequest.FRAMES + 4 * i) : this.#get(at + DiskRequest.PFN) + i,
    );
    const block = this.#get(at + DiskRequest.BLOCK);
    const transfer: Transfer = { op: this.#get(at + DiskRequest.OP), block, count, frames };
    this.served.push(transfer);
    if (this.fails(transfer)) return false;
    for (const [i, pfn] of frames.entries()) {
      const frame = this.#bytes.subarray(pfn * 4096, (pfn + 1) * 4096);
      if (transfer.op === DiskOp.READ && pfn === 0) continue;
      if (transfer.op === DiskOp.READ) frame.set(this.block(block + i));
      else this.block(block + i).set(frame);
    }
    return true;
  }

  #finish(id: number, done: boolean): void {
    const request = DiskState.REQUESTS + id * DiskRequest.BYTES;
    if (this.#get(request + DiskRequest.RING) !== 0) {
      const head = this.#get(DiskState.DONE_HEAD);
      this.#set(DiskState.DONE + (head % DiskState.CAPACITY) * 4, id);
      this.#set(DiskState.DONE_HEAD, head + 1);
    }
    this.#set(request + DiskRequest.STATE, done ? DiskRequestState.DONE : DiskRequestState.FAILED);
  }

  #get(at: number): number {
    return this.#view.getUint32(this.#host + at, true);
  }

  #set(at: number, value: number): void {
    this.#view.setUint32(this.#host + at, value, true);
  }
}
