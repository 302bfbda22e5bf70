// Metric: one number that we defend, as `npm run -s bench -- --json` prints it.

import { GOALS } from "./goals.ts";

export interface Metric {
  readonly name: string;
  /** undefined when it could not be measured; `error` then says why. */
  readonly value?: number;
  readonly unit: string;
  /** What the engine or the machine charges anybody for the same thing, measured in the same run, in the same unit. */
  readonly floor?: number;
  readonly floorName?: string;
  /** value / floor, from rounds that lay side by side; floor / value where more is better. 1 is perfect. */
  readonly ratio?: number;
  readonly goal?: number;
  /** What the goal is about, and in which direction. */
  readonly goalOn?: "value" | "ratio";
  readonly goalIs?: "at most" | "at least";
  readonly ok: boolean;
  /** What else was seen in the same measurement. */
  readonly note?: string;
  readonly error?: string;
}

export interface Measured {
  readonly value: number;
  readonly unit: string;
  readonly floor?: number;
  readonly floorName?: string;
  readonly ratio?: number;
  readonly note?: string;
}

/** Puts a measurement beside its goal, if it has one. */
export function metric(name: string, measured: Measured): Metric {
  const rounded = {
    ...measured,
    value: significant(measured.value),
    floor: measured.floor === undefined ? undefined : significant(measured.floor),
    ratio: measured.ratio === undefined ? undefined : significant(measured.ratio),
  };
  const goal = GOALS.get(name);
  if (goal === undefined) return { name, ...rounded, ok: true };
  const compared = goal.on === "ratio" ? measured.ratio : measured.value;
  const ok =
    compared !== undefined &&
    (goal.is === "at most" ? compared <= goal.limit : compared >= goal.limit);
  return { name, ...rounded, goal: goal.limit, goalOn: goal.on, goalIs: goal.is, ok };
}

export function failedMetric(name: string, error: unknown): Metric {
  return {
    name,
    unit: "",
    ok: false,
    error: error instanceof Error ? error.message : String(error),
  };
}

/** Four digits say all that a shared machine can tell. */
function significant(value: number): number {
  return Number(value.toPrecision(4));
}
