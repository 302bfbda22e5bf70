import { expect, test } from "vitest";
import { failedMetric, metric } from "./metric.ts";
import { geomean, median, Rounds } from "./stats.ts";

test("medians, of odd and even counts, of nothing", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(() => median([])).toThrow("no values");
});

test("a ratio is taken round by round: one bad round of both sides does not show", () => {
  const rounds = new Rounds();
  rounds.add(20, 10);
  rounds.add(2000, 1000);
  rounds.add(22, 11);
  expect(rounds.result()).toEqual({ value: 22, floor: 11, ratio: 2 });
  expect(geomean([1, 4])).toBeCloseTo(2);
});

test("a metric is put beside its goal", () => {
  expect(metric("syscall.null", { value: 60, unit: "ns", floor: 2, ratio: 30 })).toMatchObject({
    goal: 25,
    goalOn: "ratio",
    ok: false,
  });
  expect(metric("syscall.null", { value: 40, unit: "ns", floor: 2, ratio: 20 }).ok).toBe(true);
  expect(metric("rewrite.speed", { value: 19, unit: "MB/s" })).toMatchObject({
    goalIs: "at least",
    ok: false,
  });
  expect(metric("rewrite.growth", { value: 2.34567, unit: "x" })).toEqual({
    name: "rewrite.growth",
    value: 2.346,
    unit: "x",
    floor: undefined,
    ratio: undefined,
    ok: true,
  });
  expect(failedMetric("tlb.miss", new Error("no machine"))).toMatchObject({
    ok: false,
    error: "no machine",
  });
});
