// ConsolePort: the host's end of the console rings (abi/console.ts): one pair for each virtual terminal, of VT 4, the kernel log, output only.
//
// Invariants
//   T1  Only the host advances output tails and input heads; the kernel waits on the first and, having taken input, notifies INPUT_TAIL.
//   T2  Bytes lie in a ring before the position that publishes them moves; they are copied out before the position that frees them does.
//   T3  Bytes given to send() reach the ring in order and none is dropped, however small the ring is.

import { ConsoleDevice, Vt, VtWord } from "../../abi/console.ts";
import { Irq } from "../../abi/machine.ts";
import { HostViews, type SharedMemory } from "../bus/host.ts";
import { irqRaise } from "./irq.ts";
import { type WaitChanged, waitAsync, yieldTask } from "./wait.ts";

/** The rings of a virtual terminal, from the start of the console's memory. */
interface VtRings {
  readonly words: number;
  readonly output: number;
  readonly input: number;
}

const VTS: readonly VtRings[] = [
  { words: 0, output: ConsoleDevice.OUTPUT, input: ConsoleDevice.INPUT },
  { words: ConsoleDevice.WORDS2, output: ConsoleDevice.OUTPUT2, input: ConsoleDevice.INPUT2 },
  { words: ConsoleDevice.WORDS3, output: ConsoleDevice.OUTPUT3, input: ConsoleDevice.INPUT3 },
];
const LOG: VtRings = { words: ConsoleDevice.LOG_HEAD, output: ConsoleDevice.LOG, input: 0 };

function ringsOf(vt: number): VtRings {
  const rings = vt === Vt.LOG ? LOG : VTS[vt - Vt.FIRST];
  if (rings === undefined) throw new Error(`there is no virtual terminal ${vt}`);
  return rings;
}

/** A listener that returns a promise is not called again until it settles: meanwhile the ring fills and programs wait. */
export type BytesListener = (bytes: Uint8Array<ArrayBuffer>) => void | Promise<void>;

export class ConsolePort {
  readonly #views: HostViews;
  readonly #console: number;
  readonly #machine: number;
  readonly #wait: WaitChanged;
  /** Input that waits for room, by virtual terminal. */
  readonly #queues = VTS.map(() => ({ sending: Promise.resolve(), unsent: 0 }));
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

  /** Takes everything that was printed on a virtual terminal since the last call, or null. */
  read(vt: number = Vt.FIRST): Uint8Array<ArrayBuffer> | null {
    return this.#take(ringsOf(vt));
  }

  /** What a virtual terminal's ring still holds of its output, read or not: as much as shows a screenful again. */
  transcript(vt: number): Uint8Array<ArrayBuffer> {
    const rings = ringsOf(vt);
    const head = this.#word(rings, VtWord.OUTPUT_HEAD);
    return this.#copy(rings, head, Math.min(head, ConsoleDevice.OUTPUT_BYTES));
  }

  /** Calls `listener` with all output of a virtual terminal from now on, until dispose(). Use either this or read(). */
  onOutput(vt: number, listener: BytesListener): void {
    void this.#deliver(ringsOf(vt), listener);
  }

  /** Puts as much input into the ring as fits and returns how much that was; nothing while send() still has bytes to place. */
  write(bytes: Uint8Array, vt: number = Vt.FIRST): number {
    this.#checkOpen();
    return (this.#queue(vt)?.unsent ?? 0) > 0 ? 0 : this.#put(ringsOf(vt), bytes);
  }

  /** Resolves when the kernel's ring has taken every byte, or at dispose(). Calls keep their order. The log takes no input. */
  send(bytes: Uint8Array, vt: number = Vt.FIRST): Promise<void> {
    this.#checkOpen();
    const queue = this.#queue(vt);
    if (queue === undefined) return Promise.resolve();
    const copy = bytes.slice();
    queue.unsent += copy.length;
    queue.sending = queue.sending.then(() => this.#pump(ringsOf(vt), copy, queue));
    return queue.sending;
  }

  /** No more input: readers see the end of file after everything sent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#queues.map((queue) => queue.sending));
    this.#views.store(this.#console + ConsoleDevice.INPUT_CLOSED, 1);
    irqRaise(this.#views, this.#machine, Irq.CONSOLE);
  }

  /** Tells the kernel the terminal's size in cells. */
  resize(columns: number, rows: number): void {
    this.#views.store(this.#console + ConsoleDevice.COLUMNS, columns);
    this.#views.store(this.#console + ConsoleDevice.ROWS, rows);
    irqRaise(this.#views, this.#machine, Irq.CONSOLE);
  }

  /** The virtual terminal that is shown. */
  get shown(): number {
    return this.#views.load(this.#console + ConsoleDevice.SHOWN) || Vt.FIRST;
  }

  /** Shows another one: the kernel, and through it a console server, hears of it. */
  show(vt: number): void {
    ringsOf(vt);
    this.#views.store(this.#console + ConsoleDevice.SHOWN, vt);
    irqRaise(this.#views, this.#machine, Irq.CONSOLE);
  }

  /** Most cells that the screen can show while a server shows text there; undefined: there is no such limit. */
  get limit(): { columns: number; rows: number } | undefined {
    const columns = this.#views.load(this.#console + ConsoleDevice.SCREEN_COLUMNS);
    const rows = this.#views.load(this.#console + ConsoleDevice.SCREEN_ROWS);
    return columns === 0 || rows === 0 ? undefined : { columns, rows };
  }

  /** The reason that the kernel wrote down before it stopped; empty when it has not. */
  lastWords(): string {
    const at = this.#console + ConsoleDevice.PANIC_TEXT;
    const n = Math.min(
      this.#views.load(this.#console + ConsoleDevice.PANIC_BYTES),
      ConsoleDevice.PANIC_ROOM,
    );
    return new TextDecoder().decode(this.#views.bytes.slice(at, at + n));
  }

  /** Ends deliveries and gives up unsent input. Output that is in the rings can still be read. */
  dispose(): void {
    this.#isDisposed = true;
    for (const { words } of [...VTS, LOG]) {
      for (const word of [VtWord.OUTPUT_HEAD, VtWord.INPUT_TAIL])
        Atomics.notify(this.#views.words, (this.#console + words + word) >> 2);
    }
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new Error("the console's input is closed");
  }

  #queue(vt: number): { sending: Promise<void>; unsent: number } | undefined {
    return this.#queues[vt - Vt.FIRST];
  }

  #word(rings: VtRings, word: VtWord): number {
    return this.#views.load(this.#console + rings.words + word);
  }

  async #deliver(rings: VtRings, listener: BytesListener): Promise<void> {
    while (!this.#isDisposed) {
      const head = this.#word(rings, VtWord.OUTPUT_HEAD);
      const bytes = this.#take(rings);
      if (bytes === null) {
        const at = this.#console + rings.words + VtWord.OUTPUT_HEAD;
        await this.#wait(this.#views.words, at >> 2, head | 0);
      } else {
        await listener(bytes);
        await yieldTask(); // a program that never stops printing must not keep the page from its input
      }
    }
  }

  #take(rings: VtRings): Uint8Array<ArrayBuffer> | null {
    const head = this.#word(rings, VtWord.OUTPUT_HEAD);
    const tail = this.#word(rings, VtWord.OUTPUT_TAIL);
    const count = Math.min((head - tail) >>> 0, ConsoleDevice.OUTPUT_BYTES);
    if (count === 0) return null;
    const result = this.#copy(rings, head, count);
    const at = this.#console + rings.words + VtWord.OUTPUT_TAIL;
    this.#views.store(at, head);
    Atomics.notify(this.#views.words, at >> 2);
    return result;
  }

  /** The `count` bytes of output before a position. */
  #copy(rings: VtRings, head: number, count: number): Uint8Array<ArrayBuffer> {
    const start = this.#console + rings.output;
    const slot = (head - count) & (ConsoleDevice.OUTPUT_BYTES - 1);
    const first = Math.min(count, ConsoleDevice.OUTPUT_BYTES - slot);
    const result = new Uint8Array(count);
    result.set(this.#views.bytes.subarray(start + slot, start + slot + first));
    result.set(this.#views.bytes.subarray(start, start + count - first), first);
    return result;
  }

  async #pump(rings: VtRings, bytes: Uint8Array, queue: { unsent: number }): Promise<void> {
    let done = 0;
    while (done < bytes.length && !this.#isDisposed) {
      const tail = this.#word(rings, VtWord.INPUT_TAIL);
      const count = this.#put(rings, bytes.subarray(done));
      done += count;
      queue.unsent -= count;
      if (done === bytes.length) return;
      const at = this.#console + rings.words + VtWord.INPUT_TAIL;
      await this.#wait(this.#views.words, at >> 2, tail | 0);
    }
  }

  #put(rings: VtRings, bytes: Uint8Array): number {
    const head = this.#word(rings, VtWord.INPUT_HEAD);
    const tail = this.#word(rings, VtWord.INPUT_TAIL);
    const free = ConsoleDevice.INPUT_BYTES - ((head - tail) >>> 0);
    const count = Math.min(bytes.length, free);
    if (count <= 0) return 0;
    const start = this.#console + rings.input;
    const slot = head & (ConsoleDevice.INPUT_BYTES - 1);
    const first = Math.min(count, ConsoleDevice.INPUT_BYTES - slot);
    this.#views.bytes.set(bytes.subarray(0, first), start + slot);
    this.#views.bytes.set(bytes.subarray(first, count), start);
    this.#views.store(this.#console + rings.words + VtWord.INPUT_HEAD, head + count);
    irqRaise(this.#views, this.#machine, Irq.CONSOLE);
    return count;
  }
}
