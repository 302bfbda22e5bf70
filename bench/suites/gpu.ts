// gpu.frame.syscalls, gpu.frame.bytes: what a frame of gpudemo asks of the kernel and sends to the adapter. Counts, not times.

import { metric } from "../host/metric.ts";
import type { Suite } from "../host/suite.ts";

const FRAMES = [20, 80] as const;

export const gpu: Suite = {
  names: ["gpu.frame.syscalls", "gpu.frame.bytes"],
  async run(context, wanted, report) {
    context.around.status("gpu");
    const agent = await context.agent();
    // Two runs of different length: their difference has neither the program's start nor its end in it.
    const counted: number[][] = [];
    for (const frames of FRAMES) {
      const { numbers: before } = await agent.ask("counters");
      const { numbers, text } = await agent.ask(`run - gpudemo -n ${frames}`);
      if (numbers[1] !== 0)
        throw new Error(`gpudemo ended with status ${numbers[1]}: ${text.slice(-300)}`);
      const { numbers: after } = await agent.ask("counters");
      counted.push(after.map((value, i) => value - (before[i] ?? 0)));
    }
    const perFrame = (i: number): number =>
      ((counted[1]?.[i] ?? 0) - (counted[0]?.[i] ?? 0)) / (FRAMES[1] - FRAMES[0]);
    if (wanted("gpu.frame.syscalls"))
      report(metric("gpu.frame.syscalls", { value: perFrame(0), unit: "calls" }));
    if (wanted("gpu.frame.bytes")) {
      report(
        metric("gpu.frame.bytes", {
          value: perFrame(2),
          unit: "bytes",
          note: `${perFrame(1)} bursts a frame`,
        }),
      );
    }
  },
};
