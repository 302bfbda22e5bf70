// Ping: two Workers that hand a word back and forth, spinning or parked: the floor of every answer from another CPU.
//
// Side 0 writes 1 and waits for 0, side 1 the other way round. In mode "zero" they only begin together: each zeroes pages of its own half of
// the words after the first page, over and over. Runs in a Worker.

import type { DiskStore } from "../../machine/devices/disk/store.ts";

export interface PingRequest {
  readonly side: 0 | 1;
  /** "store": not a ping: `rounds` times 64 KiB are written to a store (each surroundings' own Worker does that). */
  readonly mode: "spin" | "park" | "zero" | "store";
  readonly rounds: number;
  readonly words: Int32Array;
}

/** ns of one round trip, or of one page. */
export interface PingReply {
  readonly ns: number;
}

/** Words of a page. */
export const PAGE_WORDS = 1024;

export function ping({ side, mode, rounds, words }: PingRequest): PingReply {
  // Both are there before the clock starts.
  Atomics.add(words, 1, 1);
  while (Atomics.load(words, 1) < 2) Atomics.wait(words, 1, 1, 1);
  const start = performance.now();
  if (mode === "zero") zero(words, side, rounds);
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

function zero(words: Int32Array, side: 0 | 1, pages: number): void {
  const half = (words.length - PAGE_WORDS) >> 1;
  const first = PAGE_WORDS + side * half;
  for (let i = 0; i < pages; i++) {
    const at = first + ((i * PAGE_WORDS) % half);
    words.fill(0, at, at + PAGE_WORDS);
  }
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
