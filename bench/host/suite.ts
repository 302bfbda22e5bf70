// Suite: metrics that are measured together. A run asks a suite only for names that are wanted.

import type { Agent } from "./agent.ts";
import type { Floors } from "./floors.ts";
import { failedMetric, type Measured, type Metric, metric } from "./metric.ts";
import type { Surroundings } from "./surroundings.ts";

export interface Context {
  readonly around: Surroundings;
  readonly floors: Floors;
  /** The machine of this run; booted when first asked for. */
  agent(): Promise<Agent>;
}

export interface Suite {
  readonly names: readonly string[];
  /** Measures the wanted names, all of this suite's; reports each once. */
  run(
    context: Context,
    wanted: (name: string) => boolean,
    report: (metric: Metric) => void,
  ): Promise<void>;
}

/** A suite of metrics that do not need each other. */
export function suiteOf(measures: Record<string, (context: Context) => Promise<Measured>>): Suite {
  const names = Object.keys(measures);
  return {
    names,
    async run(context, wanted, report) {
      for (const name of names.filter(wanted)) {
        context.around.status(name);
        try {
          report(
            metric(
              name,
              await (measures[name] as (context: Context) => Promise<Measured>)(context),
            ),
          );
        } catch (error) {
          report(failedMetric(name, error));
        }
      }
    },
  };
}
