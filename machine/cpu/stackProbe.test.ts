import { expect, test } from "vitest";
import { makeStackProbe } from "./stackProbe.ts";

/** Recurses until the engine refuses, calling the probe on the way down; returns the depths where each of the two first failed. */
function depths(probe: () => void): { probe: number; engine: number } {
  let probeFailed = 0;
  let deepest = 0;
  const descend = (depth: number): void => {
    deepest = depth;
    if (probeFailed === 0) {
      try {
        probe();
      } catch {
        probeFailed = depth;
      }
    }
    descend(depth + 1);
  };
  try {
    descend(1);
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
  }
  return { probe: probeFailed, engine: deepest };
}

test("the probe fails well before the engine's stack is exhausted, compiled by either compiler", () => {
  const probe = makeStackProbe() as () => void;
  const cold = depths(probe);
  for (let i = 0; i < 200_000; i++) probe(); // the engine's optimising compiler has it now
  const hot = depths(probe);
  for (const { probe: failed, engine } of [cold, hot]) {
    expect(failed).toBeGreaterThan(0);
    expect(engine - failed).toBeGreaterThan(50); // frames of this small function: the rest is what a kernel entry may use
  }
});
