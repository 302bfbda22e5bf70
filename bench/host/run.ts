// A run: the suites whose metrics are wanted, in an order that lets them share one machine.

import { Agent } from "./agent.ts";
import { APPS, LANGS } from "./apps.ts";
import { Floors } from "./floors.ts";
import { failedMetric, type Metric } from "./metric.ts";
import type { Context, Suite } from "./suite.ts";
import type { Surroundings } from "./surroundings.ts";
import { apps } from "../suites/apps.ts";
import { calls } from "../suites/calls.ts";
import { clone } from "../suites/clone.ts";
import { gpu } from "../suites/gpu.ts";
import { ipc } from "../suites/ipc.ts";
import { mmu } from "../suites/mmu.ts";
import { rewriting } from "../suites/rewrite.ts";
import { start } from "../suites/start.ts";

const SUITES: readonly Suite[] = [rewriting, calls, clone, ipc, start, mmu, apps, gpu];

/** Measures every metric whose name starts with `prefix`, and reports each as soon as it is known. */
export async function runAll(around: Surroundings, prefix: string): Promise<Metric[]> {
  const metrics: Metric[] = [];
  const floors = new Floors(around);
  let agent: Promise<Agent> | undefined;
  const context: Context = {
    around,
    floors,
    agent: () => (agent ??= appFiles(around, prefix).then((files) => Agent.boot(around, files))),
  };
  const wanted = (name: string): boolean => name.startsWith(prefix);
  for (const suite of SUITES) {
    const names = suite.names.filter(wanted);
    if (names.length === 0) continue;
    const report = (metric: Metric): void => {
      metrics.push(metric);
      around.report(metric);
    };
    try {
      await suite.run(context, wanted, report);
    } catch (error) {
      for (const name of names) {
        if (!metrics.some((metric) => metric.name === name)) report(failedMetric(name, error));
      }
    }
  }
  floors.dispose();
  await agent?.then((booted) => booted.dispose(), () => undefined);
  return metrics;
}

/** The programs of the app metrics and their scripts, when those are wanted. */
async function appFiles(around: Surroundings, prefix: string): Promise<{ path: string; bytes: Uint8Array }[]> {
  const files = [];
  for (const app of APPS.filter(({ metric }) => metric.startsWith(prefix))) {
    files.push({ path: `bin/${app.program}`, bytes: await around.file(LANGS + app.module) });
    const path = app.scriptPath?.slice(1) ?? `bench/${app.program}.in`;
    files.push({ path, bytes: new TextEncoder().encode(app.script) });
  }
  return files;
}
