// app.sqlite, app.quickjs: a real program from its start to its end, both sides already compiled. The value is the ratio of the times.

import type { Agent } from "../host/agent.ts";
import { APPS, type App, LANGS } from "../host/apps.ts";
import type { Measured } from "../host/metric.ts";
import { Rounds } from "../host/stats.ts";
import { type Context, suiteOf } from "../host/suite.ts";
import type { AppRun } from "../host/surroundings.ts";

const ROUNDS = 5;

async function measureApp(context: Context, app: App): Promise<Measured> {
  const agent = await context.agent();
  const bytes = await context.around.file(LANGS + app.module);
  const start = performance.now();
  const first = await inMachine(agent, app);
  const firstMs = performance.now() - start;
  await inMachine(agent, app);
  const note = `the first run, translation included: ${(firstMs / 1000).toFixed(2)} s`;
  const { reference } = context.around;
  const program = await WebAssembly.compile(bytes);
  const args = [app.program, ...app.args];
  const expected = await reference.run(program, args, app.script);
  if (first.output.trim() !== expected.output.trim() || expected.output.trim() === "") {
    throw new Error(
      `it printed ${JSON.stringify(first.output.slice(0, 200))}, elsewhere ${JSON.stringify(expected.output.slice(0, 200))}`,
    );
  }
  const taken = new Rounds();
  for (let i = 0; i < ROUNDS; i++) {
    const outside = await reference.run(program, args, app.script);
    taken.add((await inMachine(agent, app)).ms, outside.ms);
  }
  const { value, floor, ratio } = taken.result();
  return {
    value: ratio,
    unit: "x",
    floor: 1,
    floorName: reference.name,
    ratio,
    note: `${value.toFixed(0)} ms, there ${floor.toFixed(0)} ms; ${note}`,
  };
}

async function inMachine(agent: Agent, app: App): Promise<AppRun> {
  const input = app.scriptPath === undefined ? `/bench/${app.program}.in` : "-";
  const { numbers, text } = await agent.ask(`run ${input} ${[app.program, ...app.args].join(" ")}`);
  const [ns = 0, status = 0] = numbers;
  if (status !== 0)
    throw new Error(`${app.program} ended with status ${status}: ${text.slice(-300)}`);
  return { ms: ns / 1e6, output: text };
}

export const apps = suiteOf(
  Object.fromEntries(
    APPS.map((app) => [app.metric, (context: Context) => measureApp(context, app)]),
  ),
);
