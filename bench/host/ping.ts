// Ping: two Workers that hand a word back and forth, spinning or parked: the floor of every answer from another CPU.
//
// Side 0 writes 1 and waits for 0, side 1 the other way round. In mode "zero" they only begin together: each zeroes pages of its own. Runs in a
// Worker.

import type { DiskStore } from "../../machine/devices/disk/store.ts";

export interface PingRequest {
  readonly side: 0 | 1;
  /** "store": not a ping: `rounds` times 64 KiB are written to a store (each surroundings' own Worker does that). */
  readonly mode: "spin" | "park" | "zero" | "store";
  readonly rounds: number;
  readonly words: Int32Array;
  /** "zero": where, and floors/zero.ts compiled. Side 0 has the first `rounds` pages, side 1 those behind them. */
  readonly zeroes?: { readonly memory: WebAssembly.Memory; readonly module: WebAssembly.Module };
}

/** ns of one round trip, or of one page. */
export interface PingReply {
  readonly ns: number;
}

const PAGE_BYTES = 4096;

export function ping({ side, mode, rounds, words, zeroes }: PingRequest): PingReply {
  const env = { memory: zeroes?.memory as WebAssembly.ImportValue };
  const fill = zeroes && new WebAssembly.Instance(zeroes.module, { env }).exports.zero;
  // Both are there before the clock starts.
  Atomics.add(words, 1, 1);
  while (Atomics.load(words, 1) < 2) Atomics.wait(words, 1, 1, 1);
  const start = performance.now();
  if (mode === "zero") (fill as CallableFunction)(side * rounds * PAGE_BYTES, rounds);
  else if (mode !== "store") trips(words, side, rounds, mode);
  return { ns: ((performance.now() - start) * 1e6) / rounds };
}

const CHUNK_BYTES = 65_536;

/** Writes the request's chunks to the store, from shared memory as the disk does, and makes them durable; ns of a chunk. */
export function writeStore(store: DiskStore, { rounds }: PingRequest): PingReply {
  const chunk = new Uint8Array(new SharedArrayBuffer(CHUNK_BYTES));
  const start = performance.now();
  for (let i = 0; i < rounds; i++) {
    chunk.fill(i);
    store.write(i * CHUNK_BYTES, chunk);
  }
  store.flush();
  return { ns: ((performance.now() - start) * 1e6) / rounds };
}

function trips(words: Int32Array, side: 0 | 1, rounds: number, mode: "spin" | "park"): void {
  const mine = side === 0 ? 1 : 0;
  const theirs = 1 - mine;
  for (let i = 0; i < rounds; i++) {
    if (side === 0) {
      give(words, mine, mode);
      take(words, theirs, mode);
    } else {
      take(words, theirs, mode);
      give(words, mine, mode);
    }
  }
}

function give(words: Int32Array, value: number, mode: "spin" | "park"): void {
  Atomics.store(words, 0, value);
  if (mode === "park") Atomics.notify(words, 0, 1);
}

function take(words: Int32Array, value: number, mode: "spin" | "park"): void {
  while (Atomics.load(words, 0) !== value) {
    if (mode === "park") Atomics.wait(words, 0, 1 - value);
  }
}
