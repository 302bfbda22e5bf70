// FaultyStore: a store that fails as a test has planned it, in front of a real one.

import type { DiskStore } from "./store.ts";

const BLOCK = 4096;

/** Counts are of requests since the machine was switched on. */
export interface FaultPlan {
  /** Writes succeed so many times, then each fails and changes nothing. */
  readonly writesBeforeFailure?: number | undefined;
  readonly readsBeforeFailure?: number | undefined;
  readonly flushesBeforeFailure?: number | undefined;
  /** Every transfer that touches this block fails. */
  readonly block?: number | undefined;
}

/**
 * Reads a plan: "writes=3,reads=9,flushes=0,block=300". Throws a sentence when it is none.
 */
export function parseFaultPlan(text: string): FaultPlan {
  const numbers = new Map<string, number>();
  for (const part of text.split(",")) {
    const match = /^(writes|reads|flushes|block)=(\d+)$/.exec(part);
    if (match?.[1] === undefined)
      throw new Error(`"${part}" is no disk fault; write writes=N, reads=N, flushes=N or block=N`);
    numbers.set(match[1], Number(match[2]));
  }
  return {
    writesBeforeFailure: numbers.get("writes"),
    readsBeforeFailure: numbers.get("reads"),
    flushesBeforeFailure: numbers.get("flushes"),
    block: numbers.get("block"),
  };
}

export class FaultyStore implements DiskStore {
  readonly #store: DiskStore;
  readonly #plan: FaultPlan;
  #reads = 0;
  #writes = 0;
  #flushes = 0;

  constructor(store: DiskStore, plan: FaultPlan) {
    this.#store = store;
    this.#plan = plan;
  }

  read(at: number, target: Uint8Array): void {
    fail("read", this.#reads++, this.#plan.readsBeforeFailure);
    this.#checkBlock(at, target.length);
    this.#store.read(at, target);
  }

  write(at: number, source: Uint8Array): void {
    fail("write", this.#writes++, this.#plan.writesBeforeFailure);
    this.#checkBlock(at, source.length);
    this.#store.write(at, source);
  }

  flush(): void {
    fail("flush", this.#flushes++, this.#plan.flushesBeforeFailure);
    this.#store.flush();
  }

  close(): void {
    this.#store.close();
  }

  #checkBlock(at: number, bytes: number): void {
    const bad = (this.#plan.block ?? -1) * BLOCK;
    if (bad >= at && bad < at + bytes) throw new Error(`block ${this.#plan.block} is bad`);
  }
}

function fail(what: string, done: number, limit: number | undefined): void {
  if (limit !== undefined && done >= limit) throw new Error(`${what} ${done} fails as planned`);
}
