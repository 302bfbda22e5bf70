// A run: the suites whose metrics are wanted, in an order that lets them share one machine.

import { apps } from "../suites/apps.ts";
import { calls } from "../suites/calls.ts";
import { clone } from "../suites/clone.ts";
import { gpu } from "../suites/gpu.ts";
import { home } from "../suites/home.ts";
import { ipc } from "../suites/ipc.ts";
import { mmu } from "../suites/mmu.ts";
import { rewriting } from "../suites/rewrite.ts";
import { start } from "../suites/start.ts";
import { Agent } from "./agent.ts";
import { APPS, LANGS } from "./apps.ts";
import { Floors } from "./floors.ts";
import { KERNELS } from "./kernels.ts";
import { failedMetric, type Metric, metric } from "./metric.ts";
import { geomean } from "./stats.ts";
import type { Context, Suite } from "./suite.ts";
import type { Surroundings } from "./surroundings.ts";

/** Over every kernel and every real program (design: at most 2.0). It needs all of theirs. */
const TOTAL = "geomean.all";
const TOTAL_PARTS = [...KERNELS.map((name) => `mmu.${name}`), ...APPS.map(({ metric }) => metric)];

const SUITES: readonly Suite[] = [rewriting, calls, clone, ipc, home, start, mmu, apps, gpu];

/** Measures every metric whose name starts with `prefix`, and reports each as soon as it is known. */
export async function runAll(around: Surroundings, prefix: string): Promise<Metric[]> {
  const metrics: Metric[] = [];
  const floors = new Floors(around);
  let agent: Promise<Agent> | undefined;
  const asked = (name: string): boolean => name.startsWith(prefix);
  const wanted = (name: string): boolean =>
    asked(name) || (asked(TOTAL) && TOTAL_PARTS.includes(name));
  const ratios = new Map<string, number>();
  const context: Context = {
    around,
    floors,
    agent: () => (agent ??= appFiles(around, wanted).then((files) => Agent.boot(around, files))),
  };
  for (const suite of SUITES) {
    const names = suite.names.filter(wanted);
    if (names.length === 0) continue;
    const report = (metric: Metric): void => {
      if (metric.value !== undefined && TOTAL_PARTS.includes(metric.name))
        ratios.set(metric.name, metric.value);
      if (!asked(metric.name)) return;
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
  if (asked(TOTAL)) {
    const missing = TOTAL_PARTS.filter((name) => !ratios.has(name));
    const total =
      missing.length > 0
        ? failedMetric(TOTAL, `without ${missing.join(", ")}`)
        : metric(TOTAL, {
            value: geomean([...ratios.values()]),
            unit: "x",
            note: `${ratios.size} kernels and programs`,
          });
    metrics.push(total);
    around.report(total);
  }
  floors.dispose();
  await agent?.then(
    (booted) => booted.dispose(),
    () => undefined,
  );
  return metrics;
}

/** The programs of the app metrics and their scripts, when those are wanted. */
async function appFiles(
  around: Surroundings,
  wanted: (name: string) => boolean,
): Promise<{ path: string; bytes: Uint8Array }[]> {
  const files = [];
  for (const app of APPS.filter(({ metric }) => wanted(metric))) {
    files.push({ path: `bin/${app.program}`, bytes: await around.file(LANGS + app.module) });
    const path = app.scriptPath?.slice(1) ?? `bench/${app.program}.in`;
    files.push({ path, bytes: new TextEncoder().encode(app.script) });
  }
  return files;
}
