// The table for people: one line a metric.

import type { Metric } from "./metric.ts";

export function tableRow(metric: Metric): string {
  if (metric.error !== undefined) return `${metric.name.padEnd(20)} not measured: ${metric.error}`;
  const floor =
    metric.floor === undefined || metric.unit === "x"
      ? ""
      : `floor ${metric.floor} ${metric.unit} (${metric.floorName})`;
  const ratio = metric.ratio === undefined || metric.unit === "x" ? "" : `${metric.ratio}x`;
  const sign = metric.goalIs === "at least" ? ">=" : "<=";
  const goal =
    metric.goal === undefined
      ? ""
      : `${metric.ok ? "ok  " : "MISS"} ${sign} ${metric.goal}${metric.goalOn === "ratio" ? "x" : ""}`;
  const value = `${metric.value} ${metric.unit}`;
  const columns = [
    metric.name.padEnd(20),
    value.padEnd(14),
    ratio.padEnd(8),
    goal.padEnd(13),
    floor,
  ];
  const line = columns.join(" ").trimEnd();
  return metric.note === undefined ? line : `${line}\n${" ".repeat(21)}${metric.note}`;
}
