// The race of arch/shootdown.ts on two real CPUs: one clears a translation and reads the other's state, the other stores USER and looks the
// translation up. At least one must see what the other did: never may the user find the translation and the kernel not wait for it. Without the fence
// between clearing and reading this fails within seconds on most machines with two cores; it cannot fail with it.

import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { CpuBlock, CpuState } from "../../abi/cpu.ts";
import { Machine } from "./harness.ts";

const ROUNDS = 10_000;
/** Loads before a CPU lets others run: on a machine that is busy the two take turns. */
const SPINS = 3000;
const TURN = 0x3f00;
const SEEN = 0x3f40;
const VPN = 0x20;

it("a translation that a user finds is one that its shootdown waits for", async () => {
  const m = new Machine({ ramBytes: 8 << 20 });
  m.attach(1);
  const process = m.locked("testProcess", 9);
  const space = m.call("testSpace", process);
  const block = m.blocks + CpuBlock.BYTES;
  m.locked("testPretendRun", space, 1, block);
  const words = new Int32Array(m.memory.buffer);
  const entry = (block + CpuBlock.TLB + VPN * 8) >> 2;
  const state = (block + CpuBlock.STATE) >> 2;
  m.view.setUint32(block + CpuBlock.TOUCHED, ~0, true);
  const worker = new Worker(new URL("litmusWorker.mjs", import.meta.url), {
    workerData: {
      buffer: m.memory.buffer,
      state: block + CpuBlock.STATE,
      entry: block + CpuBlock.TLB + VPN * 8,
      turn: TURN,
      seen: SEEN,
      rounds: ROUNDS,
      spins: SPINS,
      user: CpuState.USER,
    },
  });
  const shoot = m.k["testShootdown"] as (slot: number, vpn: number) => number;
  const acknowledge = m.k["testAcknowledged"] as (slot: number) => void;
  let missed = 0;
  let waited = 0;
  m.call("testLock");
  for (let round = 1; round <= ROUNDS; round++) {
    words[entry] = 1;
    Atomics.store(words, state, CpuState.KERNEL);
    acknowledge(1);
    Atomics.store(words, TURN >> 2, round);
    // From nothing to some tens of loads: so that the two stores and the two loads meet in every order.
    for (let i = round % 61; i > 0; i--) Atomics.load(words, SEEN >> 2);
    const inFlight = shoot(1, VPN) !== 0;
    for (let spins = 0; Atomics.load(words, (TURN >> 2) + 1) !== round; spins++) {
      if (spins > SPINS) Atomics.wait(words, (TURN >> 2) + 1, round - 1, 1);
    }
    const sawIt = words[SEEN >> 2] !== 0;
    if (inFlight) waited++;
    if (sawIt && !inFlight) missed++;
  }
  m.call("testUnlock");
  await worker.terminate();
  expect(missed).toBe(0);
  expect(waited).toBeGreaterThan(0);
});
