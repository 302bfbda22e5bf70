import { expect, it } from "vitest";
import { DATA, System } from "./system.ts";

/** Calls that would sleep for ever with nobody to wake them, or end the process or the machine. */
const SLEEPING = new Set([
  "console_wait",
  "exit",
  "ipc_recv",
  "ipc_wait",
  "irq_wait",
  "nanosleep",
  "panic",
  "read",
  "wait",
  "waitchange",
  "write",
  "pwrite",
  "shutdown",
  "panic",
]);
const ROUNDS = 6000;

/** A seeded generator (mulberry32): a failure names the seed that replays it. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

it.each([1, 2, 3])(
  "system calls with any arguments never panic and break no invariant (seed %i)",
  (seed) => {
    const system = new System("quiet");
    const init = system.start();
    const calls = init.calls().filter((name) => !SLEEPING.has(name));
    expect(calls.length).toBeGreaterThan(40);
    const next = generator(seed);
    const interesting = [
      0,
      1,
      2,
      3,
      5,
      63,
      64,
      -1,
      -4096,
      0x7fffffff,
      -0x80000000,
      DATA,
      DATA + 0xffff,
      0x3fffffff,
      0x40000000,
      0xbffff000,
      0xc0000000,
    ];
    const text = new TextEncoder().encode("/tmp/a\0/etc/motd\0prog\0/proc/1/maps\0/");
    for (let round = 0; round < ROUNDS; round++) {
      const name = calls[next() % calls.length] ?? "getpid";
      const args: number[] = [];
      for (let i = 0; i < 6; i++) {
        const kind = next() % 4;
        if (kind === 0) args.push(next() | 0);
        else if (kind === 1) args.push(next() % 8);
        else args.push((interesting[next() % interesting.length] ?? 0) | 0);
      }
      if (round % 50 === 0) init.tryPoke(DATA, text);
      init.tryCall(name, args);
      if (round % 200 === 0) expect(system.check()).toBe(0);
    }
    expect(system.log()).not.toContain("panic");
    expect(system.check()).toBe(0);
  },
);
