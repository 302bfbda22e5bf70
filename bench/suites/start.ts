// spawn.main, boot.prompt: from nothing to code that runs.

import type { Measured } from "../host/metric.ts";
import { Rounds } from "../host/stats.ts";
import { type Context, suiteOf } from "../host/suite.ts";

const SPAWN_ROUNDS = 5;
const SPAWNS = 5;
const BOOTS = 3;
const BOOT_MS = 30_000;
const PROMPT = "quire$ ";

async function spawnMain(context: Context): Promise<Measured> {
  const agent = await context.agent();
  const [first = 0] = (await agent.ask("spawn 1")).numbers;
  const taken = new Rounds();
  for (let i = 0; i < SPAWN_ROUNDS; i++) {
    const floor = await context.floors.workerStart();
    for (const ns of (await agent.ask(`spawn ${SPAWNS}`)).numbers) taken.add(ns / 1e6, floor);
  }
  const note = `the very first, not yet translated: ${(first / 1e6).toFixed(1)} ms`;
  return { ...taken.result(), unit: "ms", floorName: "start of a Worker", note };
}

async function bootPrompt(context: Context): Promise<Measured> {
  const taken = new Rounds();
  for (let i = 0; i < BOOTS; i++)
    taken.add(await bootOnce(context), await context.floors.workerStart());
  return { ...taken.result(), unit: "ms", floorName: "start of a Worker" };
}

async function bootOnce(context: Context): Promise<number> {
  const start = performance.now();
  const machine = await context.around.boot({ commandLine: "", columns: 80, rows: 25 });
  let text = "";
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await new Promise<number>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new Error(`no prompt; the last lines were: ${text.slice(-300)}`)),
        BOOT_MS,
      );
      const decoder = new TextDecoder();
      machine.on((event) => {
        if (event.type === "panic") reject(new Error(event.text));
        if (event.type !== "output") return;
        text += decoder.decode(event.bytes, { stream: true });
        if (text.includes(PROMPT)) resolve(performance.now() - start);
      });
    });
  } finally {
    clearTimeout(timer);
    machine.dispose();
  }
}

export const start = suiteOf({ "spawn.main": spawnMain, "boot.prompt": bootPrompt });
