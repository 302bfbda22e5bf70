// A short grind with every run of the tests; `node tools/grind.mjs` does long ones.
import { beforeAll, expect, it } from "vitest";
import { grind } from "./grind.ts";
import { kernelModule } from "./harness.ts";

beforeAll(() => void kernelModule());

it("random operations agree with the model and break no invariant, and every one of them did something", {
  timeout: 120_000,
}, () => {
  const good = new Map<string, number>();
  for (let seed = 1; seed <= 5; seed++)
    for (const [name, [n]] of grind(seed, 400)) good.set(name, (good.get(name) ?? 0) + n);
  expect(good.size).toBe(28);
  for (const [name, n] of good) expect(n, name).toBeGreaterThan(0);
});

it("a seed replays exactly", { timeout: 120_000 }, () => {
  expect([...grind(7, 200)]).toEqual([...grind(7, 200)]);
});
