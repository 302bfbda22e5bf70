// mmu.KERNEL: the same module translated and in the machine, and untranslated in the same engine. The value is the ratio of their times.

import type { Agent } from "../host/agent.ts";
import { KERNELS } from "../host/kernels.ts";
import { failedMetric, type Metric, metric } from "../host/metric.ts";
import { geomean, median } from "../host/stats.ts";
import type { Suite } from "../host/suite.ts";
import { loadUntranslated, type Untranslated } from "../host/untranslated.ts";

const ROUNDS = 7;
/** Work of one round, untranslated; and how long both sides run before anything counts, so that the engine has optimised them. */
const ROUND_MS = 12;
const WARM_MS = 150;

export const mmu: Suite = {
  names: [...KERNELS.map((name) => `mmu.${name}`), "mmu.geomean"],
  async run(context, wanted, report) {
    const all = wanted("mmu.geomean");
    const module = await WebAssembly.compile(await context.around.file("build/bench/kernels.wasm"));
    const plain = loadUntranslated(module);
    const agent = await context.agent();
    const ratios: number[] = [];
    for (const [index, name] of KERNELS.entries()) {
      if (!all && !wanted(`mmu.${name}`)) continue;
      context.around.status(`mmu.${name}`);
      const result = await inProcess(agent, () =>
        measureKernel(agent, plain, index, `mmu.${name}`),
      ).catch((error: unknown) => failedMetric(`mmu.${name}`, error));
      if (result.value !== undefined) ratios.push(result.value);
      if (wanted(`mmu.${name}`)) report(result);
    }
    if (!all) return;
    if (ratios.length < KERNELS.length)
      report(failedMetric("mmu.geomean", `only ${ratios.length} of ${KERNELS.length} kernels ran`));
    else
      report(
        metric("mmu.geomean", {
          value: geomean(ratios),
          unit: "x",
          note: `${ratios.length} kernels`,
        }),
      );
  },
};

/** Each kernel has a process of its own, so that its number does not depend on what ran before. */
async function inProcess(agent: Agent, work: () => Promise<Metric>): Promise<Metric> {
  await agent.send("run - benchkernels"); // it answers when benchkernels has ended
  try {
    return await work();
  } finally {
    await agent.ask("q");
  }
}

async function measureKernel(
  agent: Agent,
  plain: Untranslated,
  index: number,
  name: string,
): Promise<Metric> {
  const guest = async (n: number): Promise<{ ms: number; checksum: number }> => {
    const [ns = 0, checksum = 0] = (await agent.ask(`k ${index} ${n}`)).numbers;
    return { ms: ns / 1e6, checksum };
  };
  let n = 1;
  while (plain.measure(index, n) < ROUND_MS / 2) n *= 2;
  for (let spent = 0; spent < WARM_MS; ) spent += Math.max(1, plain.measure(index, n));
  for (let spent = 0; spent < WARM_MS; ) spent += Math.max(1, (await guest(n)).ms);
  n = Math.max(
    1,
    Math.round((n * ROUND_MS) / median([1, 2, 3].map(() => plain.measure(index, n)))),
  );
  const taken: { value: number; floor: number }[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const floor = plain.measure(index, n);
    const { ms, checksum } = await guest(n);
    if (checksum !== plain.checksum())
      throw new Error(`checksums differ: ${checksum}, untranslated ${plain.checksum()}`);
    taken.push({ value: ms, floor });
  }
  const ratio = median(taken.map(({ value, floor }) => value / floor));
  const ms = median(taken.map(({ value }) => value));
  const floor = median(taken.map((round) => round.floor));
  const note = `${ms.toFixed(2)} ms, untranslated ${floor.toFixed(2)} ms, n = ${n}`;
  return metric(name, {
    value: ratio,
    unit: "x",
    floor: 1,
    floorName: "untranslated, same engine",
    ratio,
    note,
  });
}
