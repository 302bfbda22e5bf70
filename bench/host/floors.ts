// Floors: what the engine charges anybody. Each is measured anew next to the round it belongs to.

import type { PingWorker, Surroundings } from "./surroundings.ts";

const PAGE_SHIFT = 12;
const WASM_PAGE_SHIFT = 16;

interface CallerExports {
  calls(n: number): number;
  zeroes(n: number): number;
}

export class Floors {
  readonly #around: Surroundings;
  #caller: CallerExports | undefined;
  #pings: [PingWorker, PingWorker] | undefined;
  #zeroes: { memory: WebAssembly.Memory; module: WebAssembly.Module } | undefined;
  #store: PingWorker | undefined;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** ns of a call from one wasm instance into another. */
  async crossCall(n: number): Promise<number> {
    const caller = await this.#loadCaller();
    return timePer(n, () => caller.calls(n));
  }

  /** ns to zero 4096 bytes of wasm memory. */
  async zeroPage(n: number): Promise<number> {
    const caller = await this.#loadCaller();
    return timePer(n, () => caller.zeroes(n));
  }

  /** ns of a round trip between two Workers. */
  async pingPong(mode: "spin" | "park", rounds: number): Promise<number> {
    this.#pings ??= [await this.#around.startPing(), await this.#around.startPing()];
    const words = new Int32Array(new SharedArrayBuffer(64));
    const [reply] = await Promise.all([
      this.#pings[0].ask({ side: 0, mode, rounds, words }),
      this.#pings[1].ask({ side: 1, mode, rounds, words }),
    ]);
    return reply.ns;
  }

  /** How many times as many pages two Workers zero in the same time as one. The same number at each call. */
  async zeroTwo(pages: number): Promise<number> {
    this.#pings ??= [await this.#around.startPing(), await this.#around.startPing()];
    const pings = this.#pings;
    const initial = (2 * pages) >> (WASM_PAGE_SHIFT - PAGE_SHIFT);
    this.#zeroes ??= {
      memory: new WebAssembly.Memory({ initial, maximum: initial, shared: true }),
      module: await WebAssembly.compile(await this.#around.file("build/bench/zero.wasm")),
    };
    const zeroes = this.#zeroes;
    const words = new Int32Array(new SharedArrayBuffer(64));
    const ask = (side: 0 | 1) =>
      pings[side].ask({ side, mode: "zero", rounds: pages, words, zeroes });
    words[1] = 1; // the other side counts as there
    const one = await ask(0);
    words[1] = 0;
    const two = await Promise.all([ask(0), ask(1)]);
    return (2 * one.ns) / Math.max(two[0].ns, two[1].ns);
  }

  /** ns to write 64 KiB to a store like the machine's disk, durable at the end of `chunks` of them. */
  async storeWrite(chunks: number): Promise<number> {
    this.#store ??= await this.#around.startPing();
    const words = new Int32Array(new SharedArrayBuffer(64));
    return (await this.#store.ask({ side: 0, mode: "store", rounds: chunks, words })).ns;
  }

  /** ms until a new Worker has answered its first message. */
  async workerStart(): Promise<number> {
    const start = performance.now();
    const worker = await this.#around.startPing();
    const words = new Int32Array(new SharedArrayBuffer(64));
    words[1] = 1; // the other side counts as there
    await worker.ask({ side: 0, mode: "spin", rounds: 0, words });
    const ms = performance.now() - start;
    worker.stop();
    return ms;
  }

  dispose(): void {
    for (const worker of this.#pings ?? []) worker.stop();
    this.#pings = undefined;
  }

  async #loadCaller(): Promise<CallerExports> {
    if (this.#caller === undefined) {
      const callee = await WebAssembly.instantiate(
        await this.#around.file("build/bench/callee.wasm"),
      );
      const caller = await WebAssembly.instantiate(
        await this.#around.file("build/bench/caller.wasm"),
        {
          callee: callee.instance.exports,
        },
      );
      this.#caller = caller.instance.exports as unknown as CallerExports;
      // Until the engine has optimised both.
      for (let i = 0; i < 30; i++) {
        this.#caller.calls(100_000);
        this.#caller.zeroes(1000);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    }
    return this.#caller;
  }
}

function timePer(n: number, work: () => void): number {
  const start = performance.now();
  work();
  return ((performance.now() - start) * 1e6) / n;
}
