// Ping: two Workers that hand a word back and forth, spinning or parked: the floor of every answer from another CPU.
//
// Side 0 writes 1 and waits for 0, side 1 the other way round. Runs in a Worker.

export interface PingRequest {
  readonly side: 0 | 1;
  readonly mode: "spin" | "park";
  readonly rounds: number;
  readonly words: Int32Array;
}

/** ns of one round trip. */
export interface PingReply {
  readonly ns: number;
}

export function ping({ side, mode, rounds, words }: PingRequest): PingReply {
  const mine = side === 0 ? 1 : 0;
  const theirs = 1 - mine;
  // Both are there before the clock starts.
  Atomics.add(words, 1, 1);
  while (Atomics.load(words, 1) < 2) Atomics.wait(words, 1, 1, 1);
  const start = performance.now();
  for (let i = 0; i < rounds; i++) {
    if (side === 0) {
      give(words, mine, mode);
      take(words, theirs, mode);
    } else {
      take(words, theirs, mode);
      give(words, mine, mode);
    }
  }
  return { ns: ((performance.now() - start) * 1e6) / rounds };
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
