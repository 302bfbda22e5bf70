// ConsolePort: the host's end of the console rings (abi/console.ts).
//
// Invariants
//   T1  Only the host advances OUTPUT_TAIL, LOG_TAIL and INPUT_HEAD; the kernel waits on the first two and, having taken input, notifies
//       INPUT_TAIL.
//   T2  Bytes lie in a ring before the position that publishes them moves; they are copied out before the position that frees them does.
//   T3  Bytes given to send() reach the ring in order and none is dropped, however small the ring is.

import { ConsoleDevice } from "../../abi/console.ts";
import { Irq } from "../../abi/machine.ts";
import { HostViews, type SharedMemory } from "../bus/host.ts";
import { irqRaise } from "./irq.ts";
import { type WaitChanged, waitAsync, yieldTask } from "./wait.ts";

/** A ring that the kernel writes: where its positions and its bytes are, from the start of the console's memory. */
interface OutputRing {
  readonly head: number;
  readonly tail: number;
  readonly start: number;
  readonly bytes: number;
}

const OUTPUT: OutputRing = {
  head: ConsoleDevice.OUTPUT_HEAD,
  tail: ConsoleDevice.OUTPUT_TAIL,
  start: ConsoleDevice.OUTPUT,
  bytes: ConsoleDevice.OUTPUT_BYTES,
};

const LOG: OutputRing = {
  head: ConsoleDevice.LOG_HEAD,
  tail: ConsoleDevice.LOG_TAIL,
  start: ConsoleDevice.LOG,
  bytes: ConsoleDevice.LOG_BYTES,
};

/** A listener that returns a promise is not called again until it settles: meanwhile the ring fills and programs wait. */
export type BytesListener = (bytes: Uint8Array<ArrayBuffer>) => void | Promise<void>;

export class ConsolePort {
  readonly #views: HostViews;
  readonly #console: number;
  readonly #machine: number;
  readonly #wait: WaitChanged;
  #sending: Promise<void> = Promise.resolve();
  #unsent = 0;
  #isClosed = false;
  #isDisposed = false;

  constructor(
    memory: SharedMemory,
    consoleHost: number,
    machineHost: number,
    wait: WaitChanged = waitAsync,
  ) {
    this.#views = new HostViews(memory);
    this.#console = consoleHost;
    this.#machine = machineHost;
    this.#wait = wait;
  }

  /** Takes everything programs have printed since the last call, or null. */
  read(): Uint8Array<ArrayBuffer> | null {
    return this.#take(OUTPUT);
  }

  /** The same for the kernel log. */
  readLog(): Uint8Array<ArrayBuffer> | null {
    return this.#take(LOG);
  }

  /** Calls `listener` with all output from now on, until dispose(). Use either this or read(). */
  onOutput(listener: BytesListener): void {
    void this.#deliver(OUTPUT, listener);
  }

  onLog(listener: BytesListener): void {
    void this.#deliver(LOG, listener);
  }

  /** Puts as much input into the ring as fits and returns how much that was; nothing while send() still has bytes to place. */
  write(bytes: Uint8Array): number {
    this.#checkOpen();
    return this.#unsent > 0 ? 0 : this.#put(bytes);
  }

  /** Resolves when the kernel's ring has taken every byte, or at dispose(). Calls keep their order. */
  send(bytes: Uint8Array): Promise<void> {
    this.#checkOpen();
    const copy = bytes.slice();
    this.#unsent += copy.length;
    this.#sending = this.#sending.then(() => this.#pump(copy));
    return this.#sending;
  }

  /** No more input: readers see the end of file after everything sent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#sending;
    this.#views.store(this.#console + ConsoleDevice.INPUT_CLOSED, 1);
    irqRaise(this.#views, this.#machine, Irq.CONSOLE);
  }

  /** Tells the kernel the terminal's size in cells. */
  resize(columns: number, rows: number): void {
    this.#views.store(this.#console + ConsoleDevice.COLUMNS, columns);
    this.#views.store(this.#console + ConsoleDevice.ROWS, rows);
    irqRaise(this.#views, this.#machine, Irq.CONSOLE);
  }

  /** Ends deliveries and gives up unsent input. Output that is in the rings can still be read. */
  dispose(): void {
    this.#isDisposed = true;
    for (const word of [OUTPUT.head, LOG.head, ConsoleDevice.INPUT_TAIL]) {
      Atomics.notify(this.#views.words, (this.#console + word) >> 2);
    }
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new Error("the console's input is closed");
  }

  async #deliver(ring: OutputRing, listener: BytesListener): Promise<void> {
    while (!this.#isDisposed) {
      const head = this.#views.load(this.#console + ring.head);
      const bytes = this.#take(ring);
      if (bytes === null) {
        await this.#wait(this.#views.words, (this.#console + ring.head) >> 2, head | 0);
      } else {
        await listener(bytes);
        await yieldTask(); // a program that never stops printing must not keep the page from its input
      }
    }
  }

  #take(ring: OutputRing): Uint8Array<ArrayBuffer> | null {
    const head = this.#views.load(this.#console + ring.head);
    const tail = this.#views.load(this.#console + ring.tail);
    const count = Math.min((head - tail) >>> 0, ring.bytes);
    if (count === 0) return null;
    const start = this.#console + ring.start;
    const slot = (head - count) & (ring.bytes - 1);
    const first = Math.min(count, ring.bytes - slot);
    const result = new Uint8Array(count);
    result.set(this.#views.bytes.subarray(start + slot, start + slot + first));
    result.set(this.#views.bytes.subarray(start, start + count - first), first);
    this.#views.store(this.#console + ring.tail, head);
    Atomics.notify(this.#views.words, (this.#console + ring.tail) >> 2);
    return result;
  }

  async #pump(bytes: Uint8Array): Promise<void> {
    let done = 0;
    while (done < bytes.length && !this.#isDisposed) {
      const tail = this.#views.load(this.#console + ConsoleDevice.INPUT_TAIL);
      const count = this.#put(bytes.subarray(done));
      done += count;
      this.#unsent -= count;
      if (done === bytes.length) return;
      await this.#wait(
        this.#views.words,
        (this.#console + ConsoleDevice.INPUT_TAIL) >> 2,
        tail | 0,
      );
    }
  }

  #put(bytes: Uint8Array): number {
    const head = this.#views.load(this.#console + ConsoleDevice.INPUT_HEAD);
    const tail = this.#views.load(this.#console + ConsoleDevice.INPUT_TAIL);
    const free = ConsoleDevice.INPUT_BYTES - ((head - tail) >>> 0);
    const count = Math.min(bytes.length, free);
    if (count <= 0) return 0;
    const start = this.#console + ConsoleDevice.INPUT;
    const slot = head & (ConsoleDevice.INPUT_BYTES - 1);
    const first = Math.min(count, ConsoleDevice.INPUT_BYTES - slot);
    this.#views.bytes.set(bytes.subarray(0, first), start + slot);
    this.#views.bytes.set(bytes.subarray(first, count), start);
    this.#views.store(this.#console + ConsoleDevice.INPUT_HEAD, head + count);
    irqRaise(this.#views, this.#machine, Irq.CONSOLE);
    return count;
  }
}
